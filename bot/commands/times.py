"""Times as people type them: lengths (半小时), moments (10月8日下午3点半), stretches (明天 9:00 至 18:00), months.

Everything is read in the company's time zone. Full-width digits and punctuation, Chinese numerals and traditional
forms are read as what they stand for. Pure.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.texts import Texts
from rules.reading.moments import DAY, Mistimed, Why, duration, plain, read

__all__ = [
    "Mistimed",
    "Why",
    "complaint",
    "duration",
    "leading_until",
    "named_month",
    "span",
    "stamp",
    "until",
]

WORDS_OF_A_MOMENT = 4

_MONTH = re.compile(r"(?:(?P<year>[0-9]{4})[-年/.]?)?(?P<month>0?[1-9]|1[0-2])月?")
_LAST, _THIS = frozenset({"上月", "上个月", "last"}), frozenset({"本月", "这个月", "this"})
_BETWEEN = re.compile(r"\s*(?:至|到|~|-+)\s*")
_EDGES = re.compile(r"^(?:直到|截至|截止|从|自|到|至)\s*|\s*(?:为止|截止|止|起|之前|前)$")


def until(text: str, now: datetime, zone: ZoneInfo) -> datetime:
    """The end that is meant by a length from now on, by a moment, or by a day (its last minute included).

    Raises:
        Mistimed: it can't be read, there is no such day, or it is over.
    """
    length = duration(text)
    if length is not None:
        return now + length
    found = read(_EDGES.sub("", _EDGES.sub("", plain(text))), now.astimezone(zone))
    if found is None:
        raise Mistimed(Why.UNREADABLE)
    if found.end <= now:
        raise Mistimed(Why.PAST)
    return found.end


def leading_until(words: Sequence[str], now: datetime, zone: ZoneInfo) -> tuple[datetime | None, int]:
    """The end that the first words name, and how many words that takes; ``(None, 0)`` if they name none.

    Raises:
        Mistimed: they name one that can't be meant: no such day, or over.
    """
    fault: Mistimed | None = None
    for count in range(min(WORDS_OF_A_MOMENT, len(words)), 0, -1):
        try:
            return until(" ".join(words[:count]), now, zone), count
        except Mistimed as mistimed:
            if mistimed.why is not Why.UNREADABLE:
                fault = mistimed
    if fault is not None:
        raise fault
    return None, 0


def span(words: Sequence[str], now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """A stretch: ``10-08 09:00 至 18:00``, ``明天``, ``下周一到下周三``, ``10-08 9点 2小时``, ``3天`` from now on.

    An end that is only a clock time belongs to the day of the start, or to the day after if it lies before it.

    Raises:
        Mistimed: it can't be read, there is no such day, it is over, or ends before it starts.
    """
    text = plain(" ".join(words))
    local = now.astimezone(zone)
    length = duration(text)
    if length is not None:
        return now, now + length
    start, end = _span(text, local)
    if end <= start:
        raise Mistimed(Why.BACKWARDS)
    if end <= now:
        raise Mistimed(Why.PAST)
    return start, end


def _span(text: str, now: datetime) -> tuple[datetime, datetime]:
    fault = Why.UNREADABLE
    for left, right, lasts in _cuts(text):
        try:
            found = _lasting(left, right, now) if lasts else _both(left, right, now)
        except Mistimed as mistimed:
            fault = mistimed.why
            continue
        if found is not None:
            return found
    whole = read(_EDGES.sub("", text), now)
    if whole is None or whole.start == whole.end:
        raise Mistimed(fault)
    return whole.start, whole.end


def _cuts(text: str) -> Iterator[tuple[str, str, bool]]:
    """Every way to take a text for "from … to …", and then for a beginning and how long it lasts."""
    for cut in _BETWEEN.finditer(text):
        yield text[: cut.start()], text[cut.end() :], False
    for cut in re.finditer(r"\s*起\s*|\s+", text):
        yield text[: cut.start()], text[cut.end() :], True


def _lasting(left: str, right: str, now: datetime) -> tuple[datetime, datetime] | None:
    start, length = read(_EDGES.sub("", left), now), duration(right)
    return None if start is None or length is None else (start.start, start.start + length)


def _both(left: str, right: str, now: datetime) -> tuple[datetime, datetime] | None:
    start = read(_EDGES.sub("", left), now)
    if start is None or not right:
        return None
    end = read(_EDGES.sub("", right), now)
    if end is None:
        return None
    if end.dated:
        return start.start, end.end
    # Midnight at the end of a day is the start of the next one.
    clock = end.end - datetime.combine(now.date(), time(), now.tzinfo)
    closing = datetime.combine(start.start.date(), time(), now.tzinfo) + clock
    return start.start, closing if closing > start.start else closing + DAY


def named_month(word: str, now: datetime, zone: ZoneInfo) -> str | None:
    """The month that a word names, such as ``2026-10``, whether it has begun or not; ``None`` if it names none.

    A month without a year is the last one of that name that has begun.
    """
    text = unicodedata.normalize("NFKC", word).casefold()
    local = now.astimezone(zone)
    if text in _LAST:
        return f"{local.replace(day=1) - timedelta(days=1):%Y-%m}"
    if text in _THIS:
        return f"{local:%Y-%m}"
    match = _MONTH.fullmatch(text)
    if match is None:
        return None
    number = int(match["month"])
    year = int(match["year"] or local.year - (number > local.month))
    return f"{year:04}-{number:02}"


def stamp(when: datetime, now: datetime, zone: ZoneInfo) -> str:
    """A moment as people here read it, with the year only where it is not this one."""
    there, here = when.astimezone(zone), now.astimezone(zone)
    return there.strftime("%m-%d %H:%M" if there.year == here.year else "%Y-%m-%d %H:%M")


def complaint(texts: Texts, fault: Mistimed) -> str:
    """What is wrong with a time, and how to write it."""
    return texts.render(f"times.{fault.why.value}")
