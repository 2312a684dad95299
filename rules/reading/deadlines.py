"""Times in running text: by when something is asked for, and when somebody promises it (policy 4.1a).

请于周五17:00前回复 sets a deadline; 明天上午完成 promises. A day means its working hours, and whoever is asked gets
the benefit of the doubt: 周五前 lasts until work ends on Friday. What is over, or can't be read, is no time at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, time, timedelta

from rules.core.worktime import WorkCalendar
from rules.reading.moments import Stretch, duration, leading, plain

LONGEST = 600
"""Code points of a text that are looked at."""

CLAUSES = 24
"""Clauses of a text that are looked at."""

_BREAK = re.compile(r"[。！？；，!?;,\n\r]+")
_BEGINS = re.compile(r"[0-9今明后大本这下周星礼月年凌清早上中傍晚]")
_ROUGHLY = re.compile(r"[一二两三四五六七八](?=[二两三四五六七八九](?:个|天|小时|周|分|日))")
_UNTIL = re.compile(r"\s*(?:之前|以前|前(?![台端后往辈任面天期])|为止|截止|之内|以内|内(?![部容网存]))")
_LATEST = re.compile(r"(?:截止|截至|最晚|最迟|不晚于|不迟于|期限)(?:时间|日期)?(?:是|为|到|至|于|在)?[:\s]*$")
_ASKED = re.compile(r"\s*(?:统一|务必|给我?|再|就)?\s*(?:回复|答复|反馈|确认|提交|上报|交齐|交上来|完成)")
_PROMISED = re.compile(
    r"\s*(?:左右|一定|肯定|应该|可以|能够?|会|就|再|给|统一|我|您|你|出|才|回来|回去|过来|到公司|上班|后|把.{1,8}){0,5}\s*"
    r"(?:完成|给|交|发|提交|搞定|弄|做|处理|回复|反馈|答复|出具|上线|解决|到|可以|能$|办|上传|汇报|上报|开始|安排|回|看|前|内)"
)
_EXPECTED = re.compile(
    r"(?:预计|预期|大概|大约|估计|争取|最晚|最迟|可能|要到|得到|等到|需要?到|计划|约|到)\s*$"
)
_LENGTH = r"(?:\d{1,3}(?:\.\d)?个?半?|半个?|\d{1,3}个半)(?:分钟|小时|钟头|刻钟|天|周|星期|日(?!\d))"
_WITHIN = re.compile(rf"({_LENGTH})(?:之|以)?内")
_WORKDAYS = re.compile(r"(\d{1,2})个?工作日(?:之|以)?内")
_LATER = re.compile(
    rf"({_LENGTH})(?:之|以)?(?:后|内)|(?:要|需|得|再给我)(?:大概|大约|约|差不多)?({_LENGTH})|再有({_LENGTH})"
)
_FORMS = str.maketrans(
    "給發報處辦確認內預計爭於開饋遲還應該會將統務復達", "给发报处办确认内预计争于开馈迟还应该会将统务复达"
)
_PART = re.compile(r"[凌清早晚傍]|上午|中午|下午|[ap]m")
_ON_THE_HOUR = re.compile(r"下班|上班")


def deadline(text: str, now: datetime, calendar: WorkCalendar) -> datetime | None:
    """By when a text asks for something, in the company's zone; ``None`` if it does not say.

    Args:
        text: as it was typed.
        now: when it was typed.
        calendar: lengths in hours (两小时内) are of working time.
    """
    return next((found for clause in clauses(text) if (found := _asked(clause, now, calendar))), None)


def promised(text: str, now: datetime, calendar: WorkCalendar) -> datetime | None:
    """When a text promises something, in the company's zone; ``None`` if it does not say."""
    return next((found for clause in clauses(text) if (found := _said(clause, now, calendar))), None)


def clauses(text: str) -> list[str]:
    """A text as punctuation divides it; commas count, colons do not."""
    return [part for part in _BREAK.split(text[:LONGEST]) if part.strip()][:CLAUSES]


def _asked(clause: str, now: datetime, calendar: WorkCalendar) -> datetime | None:
    text = _plain(clause, calendar)
    if (days := _WORKDAYS.search(text)) is not None:
        day = calendar.add_workdays(calendar.local(now).date(), int(days[1]))
        return datetime.combine(day, calendar.end, calendar.zone)
    if (within := _WITHIN.search(text)) is not None and (length := duration(_of_days(within[1]))):
        return _after(length, now, calendar)
    for stretch, start, end in _times(text, now, calendar):
        if _UNTIL.match(text, end) or _LATEST.search(text[:start]) or _ASKED.match(text, end):
            found = _end(stretch, text[start:end], now, calendar)
            if found is not None:
                return found
    return None


def _said(clause: str, now: datetime, calendar: WorkCalendar) -> datetime | None:
    text = _plain(clause, calendar)
    if (later := _LATER.search(text)) is not None:
        length = duration(_of_days(next(part for part in later.groups() if part)))
        if length:
            return calendar.local(now + length)
    for stretch, start, end in _times(text, now, calendar):
        alone = len(text[:start].strip()) + len(text[end:].strip()) <= 1
        if alone or _PROMISED.match(text, end) or _EXPECTED.search(text[:start]) or _UNTIL.match(text, end):
            found = _end(stretch, text[start:end], now, calendar)
            if found is not None:
                return found
    return None


def _plain(clause: str, calendar: WorkCalendar) -> str:
    """A clause with every time in digits; going home and coming to work are times, too."""
    text = plain(_ROUGHLY.sub("", clause)).translate(_FORMS)
    return _ON_THE_HOUR.sub(
        lambda found: f"{calendar.end if found[0] == '下班' else calendar.start:%H:%M}", text
    )


def _of_days(length: str) -> str:
    return length[:-1] + "天" if length.endswith("日") else length


def _times(text: str, now: datetime, calendar: WorkCalendar) -> Iterator[tuple[Stretch, int, int]]:
    """Every time in a plain text, from left to right, with where it begins and ends."""
    local, place = calendar.local(now), 0
    while (begins := _BEGINS.search(text, place)) is not None:
        place = begins.start()
        inside = (
            place > 0 and text[place].isdigit() and (text[place - 1].isdigit() or text[place - 1] in ".月")
        )
        found = None if inside else leading(text, place, local)
        if found is None:
            place += 1
            continue
        yield found[0], place, found[1]
        place = found[1]


def _after(length: timedelta, now: datetime, calendar: WorkCalendar) -> datetime:
    if length < timedelta(days=1):
        return calendar.add_working_time(now, length)
    day = calendar.local(now + length).date()
    closing = datetime.combine(day, calendar.end, calendar.zone)
    return max(closing, calendar.local(now + length))


def _end(stretch: Stretch, words: str, now: datetime, calendar: WorkCalendar) -> datetime | None:
    """The last moment that is meant; ``None`` if it is over."""
    local, end = calendar.local(now), stretch.end
    if stretch.start == stretch.end:
        bare = _PART.search(words) is None
        # 3点 is in the afternoon unless somebody says that it is not.
        if bare and (1 <= end.hour <= 6 or (end.hour < 12 and not stretch.dated and end <= local)):
            end += timedelta(hours=12)
    elif end.time() == time():
        closing = calendar.closing_before(end)
        if closing > max(local, stretch.start):
            end = closing
    return end if end > local else None
