"""Times as people type them, in the company's time zone."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.times import Mistimed, Why, duration, leading_until, span, until
from rules.reading.moments import LONGEST, plain, read

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 10, 13, 10, 0, tzinfo=ZONE)  # a Tuesday
NEW_YEARS_EVE = datetime(2026, 12, 28, 10, 0, tzinfo=ZONE)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def moment(text: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """The beginning of what a text names; ``None`` if it can't be read."""
    try:
        found = read(plain(text), now.astimezone(zone))
    except Mistimed:
        return None
    return found.start if found else None


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("typed", "length"),
    [
        ("2小时", 2 * HOUR),
        ("２小时", 2 * HOUR),
        ("两个小时", 2 * HOUR),
        ("兩個小時", 2 * HOUR),
        ("30分钟", 30 * MINUTE),
        ("三十分钟", 30 * MINUTE),
        ("3天", 3 * DAY),
        ("1周", 7 * DAY),
        ("一星期", 7 * DAY),
        ("半天", 12 * HOUR),
        ("半小时", 30 * MINUTE),
        ("半个小时", 30 * MINUTE),
        ("一个半小时", 90 * MINUTE),
        ("1.5小时", 90 * MINUTE),
        ("1小时30分", 90 * MINUTE),
        ("1小时半", 90 * MINUTE),
        ("2h", 2 * HOUR),
        ("2H", 2 * HOUR),
        ("1h30m", 90 * MINUTE),
        ("一刻钟", 15 * MINUTE),
        ("3个月", 90 * DAY),
        ("半个月", 15 * DAY),
        ("1年", 365 * DAY),
        ("十五天", 15 * DAY),
        ("2 天", 2 * DAY),
    ],
)
def test_lengths(typed: str, length: timedelta) -> None:
    assert duration(typed) == length


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "0小时",
        "小时",
        "2",
        "-2小时",
        "两",
        "半半小时",
        "99年",
        "2小时吧",
        "下周",
        "10-08",
        "天半",
        "4月",
        "10月8日",
        "3日",
    ],
)
def test_what_is_no_length(typed: str) -> None:
    assert duration(typed) is None


@pytest.mark.parametrize(
    ("typed", "when"),
    [
        ("10-15 09:00", "2026-10-15 09:00"),
        ("10-15", "2026-10-15 00:00"),
        ("１０－１５　０９：００", "2026-10-15 09:00"),
        ("10/15 9:00", "2026-10-15 09:00"),
        ("10月15日9点", "2026-10-15 09:00"),
        ("10月15號9點", "2026-10-15 09:00"),
        ("十月十五日九点", "2026-10-15 09:00"),
        ("10月15日下午3点半", "2026-10-15 15:30"),
        ("10月15日 15时30分", "2026-10-15 15:30"),
        ("10月15日上午9点一刻", "2026-10-15 09:15"),
        ("2026-10-15", "2026-10-15 00:00"),
        ("2026-10-15T09:30", "2026-10-15 09:30"),
        ("2027年1月5日 18:00", "2027-01-05 18:00"),
        ("明天 9:00", "2026-10-14 09:00"),
        ("明天9点", "2026-10-14 09:00"),
        ("后天中午12点", "2026-10-15 12:00"),
        ("大后天", "2026-10-16 00:00"),
        ("今晚", "2026-10-13 18:00"),
        ("今晚8点", "2026-10-13 20:00"),
        ("今晚十二点", "2026-10-14 00:00"),
        ("明早8点", "2026-10-14 08:00"),
        ("下周一", "2026-10-19 00:00"),
        ("下週一 9:00", "2026-10-19 09:00"),
        ("下星期天", "2026-10-25 00:00"),
        ("下下周三", "2026-10-28 00:00"),
        ("本周五 18:00", "2026-10-16 18:00"),
        ("周五", "2026-10-16 00:00"),
        ("周一", "2026-10-19 00:00"),  # this week's is over
        ("周二", "2026-10-13 00:00"),  # today
        ("18:00", "2026-10-13 18:00"),
        ("18：00", "2026-10-13 18:00"),
        ("下午6点", "2026-10-13 18:00"),
        ("3:00 pm", "2026-10-13 15:00"),
        ("24:00", "2026-10-14 00:00"),
        ("20号", "2026-10-20 00:00"),
        ("下月5号", "2026-11-05 00:00"),
        ("月底", "2026-10-31 00:00"),
        ("年底", "2026-12-31 00:00"),
        ("3天后", "2026-10-16 10:00"),
        ("2小时后", "2026-10-13 12:00"),
        # what can't be told
        ("今晚1点", None),
        ("25:00", None),
        ("9:75", None),
        ("24:01", None),
        ("2-30", None),
        ("13-01", None),
        ("2026-02-29", None),
        ("32号", None),
        ("九", None),
        ("", None),
        ("张三", None),
        ("10-08-09", None),
        ("1.5", "2027-01-05 00:00"),
    ],
)
def test_moments(typed: str, when: str | None) -> None:
    assert moment(typed, NOW, ZONE) == (at(when) if when else None)


def test_moments_are_the_companys_whatever_zone_now_comes_in() -> None:
    early = datetime.fromisoformat("2026-10-12T17:00:00+00:00")  # one o'clock on the 13th in Shanghai
    assert moment("明天 9:00", early, ZONE) == at("2026-10-14 09:00")


@pytest.mark.parametrize(
    ("typed", "when"),
    [
        ("1-5", "2027-01-05 00:00"),
        ("1月5日 9:00", "2027-01-05 09:00"),
        ("12-31", "2026-12-31 00:00"),
        ("12-20", "2026-12-20 00:00"),
        ("下周一", "2027-01-04 00:00"),
        ("下月5号", "2027-01-05 00:00"),
        ("年底", "2026-12-31 00:00"),
    ],
)
def test_in_december_january_is_next_years(typed: str, when: str) -> None:
    assert moment(typed, NEW_YEARS_EVE, ZONE) == at(when)


def test_the_29th_of_february_is_in_the_nearest_leap_year() -> None:
    assert moment("2-29", at("2027-12-20 10:00"), ZONE) == at("2028-02-29 00:00")
    assert moment("2-29", at("2026-01-10 10:00"), ZONE) is None


@pytest.mark.parametrize(
    ("typed", "when"),
    [
        ("2小时", "2026-10-13 12:00"),
        ("至 10-15", "2026-10-16 00:00"),
        ("到10月15日", "2026-10-16 00:00"),
        ("10月15日为止", "2026-10-16 00:00"),
        ("10-15 18:00", "2026-10-15 18:00"),
        ("今天", "2026-10-14 00:00"),
        ("今晚", "2026-10-14 00:00"),
        ("下周", "2026-10-26 00:00"),
        ("月底", "2026-11-01 00:00"),
        ("18:00", "2026-10-13 18:00"),
    ],
)
def test_ends_count_their_whole_day(typed: str, when: str) -> None:
    assert until(typed, NOW, ZONE) == at(when)


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("10-08", Why.PAST),
        ("9:00", Why.PAST),
        ("昨天", Why.UNREADABLE),
        ("2-30", Why.NO_SUCH_DAY),
        ("4月31日", Why.NO_SUCH_DAY),
        ("回头再说", Why.UNREADABLE),
        ("2025-10-15", Why.PAST),
    ],
)
def test_ends_that_are_refused(typed: str, why: Why) -> None:
    with pytest.raises(Mistimed) as refused:
        until(typed, NOW, ZONE)
    assert refused.value.why is why


@pytest.mark.parametrize(
    ("words", "start", "end"),
    [
        ("10-15 09:00 至 10-16 18:00", "2026-10-15 09:00", "2026-10-16 18:00"),
        ("10-15 09:00 到 18:00", "2026-10-15 09:00", "2026-10-15 18:00"),
        ("10-15 09:00-18:00", "2026-10-15 09:00", "2026-10-15 18:00"),
        ("10-15 09:00 － 18:00", "2026-10-15 09:00", "2026-10-15 18:00"),
        ("10-15 22:00~08:00", "2026-10-15 22:00", "2026-10-16 08:00"),
        ("10-15 22:00～08:00", "2026-10-15 22:00", "2026-10-16 08:00"),
        ("10-15 18:00 至 24:00", "2026-10-15 18:00", "2026-10-16 00:00"),
        ("10-15 至 10-17", "2026-10-15 00:00", "2026-10-18 00:00"),
        ("10-15-10-17", "2026-10-15 00:00", "2026-10-18 00:00"),
        ("2026-10-15至2026-10-17", "2026-10-15 00:00", "2026-10-18 00:00"),
        ("10月15日到10月17日", "2026-10-15 00:00", "2026-10-18 00:00"),
        ("从10月15日9点到18点", "2026-10-15 09:00", "2026-10-15 18:00"),
        ("明天", "2026-10-14 00:00", "2026-10-15 00:00"),
        ("明天下午", "2026-10-14 12:00", "2026-10-14 18:00"),
        ("今晚", "2026-10-13 18:00", "2026-10-14 00:00"),
        ("今晚 至 明天 8:00", "2026-10-13 18:00", "2026-10-14 08:00"),
        ("下周一到下周三", "2026-10-19 00:00", "2026-10-22 00:00"),
        ("下周", "2026-10-19 00:00", "2026-10-26 00:00"),
        ("周末", "2026-10-17 00:00", "2026-10-19 00:00"),
        ("10-15 9点 2小时", "2026-10-15 09:00", "2026-10-15 11:00"),
        ("10-15起3天", "2026-10-15 00:00", "2026-10-18 00:00"),
        ("3天", "2026-10-13 10:00", "2026-10-16 10:00"),
        ("12:00 至 14:00", "2026-10-13 12:00", "2026-10-13 14:00"),
        ("今天 至 明天", "2026-10-13 00:00", "2026-10-15 00:00"),
        ("9:00 至 18:00", "2026-10-13 09:00", "2026-10-13 18:00"),
    ],
)
def test_stretches(words: str, start: str, end: str) -> None:
    assert span(words.split(), NOW, ZONE) == (at(start), at(end))


def test_a_stretch_over_new_year() -> None:
    assert span(["12-31", "18:00", "至", "1-1", "09:00"], NEW_YEARS_EVE, ZONE) == (
        at("2026-12-31 18:00"),
        at("2027-01-01 09:00"),
    )


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("", Why.UNREADABLE),
        ("10-15 9:00", Why.UNREADABLE),  # no end
        ("10-15 至", Why.UNREADABLE),
        ("10-17 至 10-15", Why.BACKWARDS),
        ("10-01 至 10-03", Why.PAST),
        ("10-15 至 2-30", Why.NO_SUCH_DAY),
        ("2-30 至 3-2", Why.NO_SUCH_DAY),
        ("一会儿 至 等会儿", Why.UNREADABLE),
    ],
)
def test_stretches_that_are_refused(words: str, why: Why) -> None:
    with pytest.raises(Mistimed) as refused:
        span(words.split(), NOW, ZONE)
    assert refused.value.why is why


@pytest.mark.parametrize(
    ("words", "when", "used"),
    [
        ("3天 出差", "2026-10-16 10:00", 1),
        ("10-15 18:00 项目上线", "2026-10-15 18:00", 2),
        ("至 10-15 18:00 项目上线", "2026-10-15 18:00", 3),
        ("下周五 客户驻场", "2026-10-24 00:00", 1),
    ],
)
def test_an_end_is_found_before_the_reason(words: str, when: str, used: int) -> None:
    assert leading_until(words.split(), NOW, ZONE) == (at(when), used)


def test_no_end_before_the_reason() -> None:
    assert leading_until(["项目上线"], NOW, ZONE) == (None, 0)
    with pytest.raises(Mistimed):
        leading_until(["10-08", "项目上线"], NOW, ZONE)


@given(st.text(alphabet="0123456789-/:.年月日号点时分半周天上下午晚今明后至到~小 个一二十", max_size=24))
def test_nothing_typed_breaks_the_reading(text: str) -> None:
    length = duration(text)
    assert length is None or timedelta() < length <= LONGEST
    moment(text, NOW, ZONE)
    try:
        start, end = span(text.split(), NOW, ZONE)
    except Mistimed:
        return
    assert start < end
    assert end > NOW
