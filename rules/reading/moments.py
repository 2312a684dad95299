"""One time as people type it: a day, a part of a day, a time of the day, in digits or Chinese numerals.

What can be meant in two ways is not read at all. Pure; all of it in the zone of ``now``.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

DAY = timedelta(days=1)
LONGEST = timedelta(days=3660)
LONGEST_TEXT = 80


class Why(StrEnum):
    """What is wrong with a time."""

    UNREADABLE = "unreadable"
    NO_SUCH_DAY = "no_such_day"
    PAST = "past"
    BACKWARDS = "backwards"


class Mistimed(Exception):
    """A time that can't be taken; ``why`` says what is wrong with it."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why


@dataclass(frozen=True, slots=True)
class Stretch:
    """What a time expression covers: a day, an afternoon; a clock time covers nothing (start = end).

    Attributes:
        dated: a day was named; a bare clock time means today.
    """

    start: datetime
    end: datetime
    dated: bool


_FORMS = str.maketrans("點號時鐘週後個禮兩两〇零－—–～", "点号时钟周后个礼2200----")
_NUMERAL = re.compile(r"[一二三四五六七八九十]+")
_DIGITS = {sign: number for number, sign in enumerate("一二三四五六七八九", 1)}

_UNITS = {
    "分": timedelta(minutes=1),
    "刻": timedelta(minutes=15),
    "时": timedelta(hours=1),
    "天": DAY,
    "周": 7 * DAY,
    "月": 30 * DAY,
    "年": 365 * DAY,
}
_UNIT_WORDS = {
    "分钟": "分", "分": "分", "minutes": "分", "minute": "分", "mins": "分", "min": "分", "m": "分",
    "刻钟": "刻", "刻": "刻",
    "小时": "时", "钟头": "时", "hours": "时", "hour": "时", "h": "时",
    "天": "天", "days": "天", "day": "天", "d": "天",
    "周": "周", "星期": "周", "礼拜": "周", "weeks": "周", "week": "周", "w": "周",
    "月": "月", "年": "年",
}  # fmt: skip
_UNIT = "|".join(sorted(_UNIT_WORDS, key=len, reverse=True))
_PIECE = re.compile(
    rf"(?P<many>\d{{1,4}}(?:\.\d)?)?(?P<half>半)?(?:个|(?!月))(?P<half_of>半)?(?P<unit>{_UNIT})(?P<and_half>半)?"
)

_WEEK = r"(?:周|星期|礼拜)"
_DATE = re.compile(
    r"(?:(?P<year>\d{4})[-/.年])?(?P<month>\d{1,2})[-/.月](?P<day>\d{1,2})(?:[日号]|(?![\d:]))"
    r"|(?P<near>大后天|今天|今日|明天|明日|后天|(?=今晚|今早)今|(?=明晚|明早)明)"
    rf"|(?P<which>本|这个?|下下|下个?)?{_WEEK}(?P<weekday>[1-7日天末])"
    r"|(?P<week>本周|这周|下周|下星期|本星期)(?![1-7日天末])"
    r"|(?P<next_month>下个?月|本月)?(?P<month_day>\d{1,2})[日号]"
    r"|(?P<last>本?月底|今?年底)"
)
_CLOCK = re.compile(
    r"(?P<part>凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|早|晚)?\s*"
    r"(?:(?P<hour>\d{1,2})(?::(?P<minute>\d{2})(?::(?P<second>\d{2}))?"
    r"|[点时](?:(?P<half>半)|(?P<quarters>[13])刻|(?P<spoken>\d{1,2})分?|整|钟)?))?"
    r"\s*(?P<noon>am|pm)?"
)
_OF = re.compile(r"\s*的?\s*")
_NEAR_DAYS = {"今": 0, "今天": 0, "今日": 0, "明": 1, "明天": 1, "明日": 1, "后天": 2, "大后天": 3}
_PARTS = {
    "凌晨": (0, 6), "清晨": (5, 9), "早上": (6, 12), "早晨": (6, 12), "早": (6, 12), "上午": (6, 12),
    "中午": (11, 14), "下午": (12, 18), "傍晚": (17, 20), "晚上": (18, 24), "晚": (18, 24),
}  # fmt: skip


def plain(text: str) -> str:
    """A text with every character read as what it stands for: half-width, simplified, digits for numerals."""
    folded = unicodedata.normalize("NFKC", text[:LONGEST_TEXT]).casefold().translate(_FORMS)
    return _NUMERAL.sub(_number, " ".join(folded.split()))


def _number(match: re.Match[str]) -> str:
    """Chinese numerals up to 99; anything else stays as it is."""
    tens, ten, ones = match[0].rpartition("十")
    if not ten:
        return "".join(str(_DIGITS[sign]) for sign in match[0])
    if len(tens) > 1 or len(ones) > 1 or "十" in tens:
        return match[0]
    return str((_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0))


def duration(text: str) -> timedelta | None:
    """A length such as ``2小时``, ``一个半小时``, ``3天``, ``半天``, ``1h30m``; a month is 30 days, a year 365.

    ``None`` if it is none, or nothing at all, or longer than ten years.
    """
    text = plain(text).replace(" ", "")
    total, place = timedelta(), 0
    while place < len(text):
        piece = _PIECE.match(text, place)
        if piece is None:
            return None
        halves = sum(1 for part in ("half", "half_of", "and_half") if piece[part])
        if halves > 1 or (piece["many"] is None and (not halves or piece["and_half"])):
            return None
        amount = float(piece["many"] or 0) + halves / 2
        total += amount * _UNITS[_UNIT_WORDS[piece["unit"]]]
        place = piece.end()
    return total if timedelta() < total <= LONGEST else None


def read(text: str, now: datetime) -> Stretch | None:
    """What a plain text covers; ``None`` if it is no time.

    Raises:
        Mistimed: it names a day or an hour that does not exist.
    """
    text = text.strip()
    if text.endswith("后") and (length := duration(text[:-1])) is not None:
        return Stretch(now + length, now + length, dated=True)
    named = _DATE.match(text)
    first, last = _days(named, now.date()) if named else (now.date(), now.date())
    rest = text[named.end() :].removeprefix("t").removeprefix("的").strip() if named else text
    clock = _CLOCK.fullmatch(rest)
    if clock is None or not (named or rest):
        return None
    if not rest:
        return Stretch(_at(first, 0, now), _at(last, 24 * 60, now), dated=True)
    if first != last:
        return None
    hours = _hours(clock)
    if hours is None:
        return None
    return Stretch(_at(first, hours[0], now), _at(first, hours[1], now), dated=named is not None)


def leading(text: str, place: int, now: datetime) -> tuple[Stretch, int] | None:
    """What the time that begins at a place of a plain text covers, and where it ends; ``None`` if none begins there.

    In running text a date needs its words: 3-5 may be a score and 1.5 a price, 10月8日 is a day.
    """
    named = _DATE.match(text, place)
    if named is not None and named["month"] and not named["year"] and "月" not in named[0]:
        named = None
    middle = named.end() if named else place
    rest = _OF.match(text, middle)
    clock = _CLOCK.match(text, rest.end() if named and rest else place)
    ends = [clock.end()] if clock is not None and clock[0].strip() else []
    if named is not None:
        ends.append(middle)
    for end in ends:
        try:
            found = read(text[place:end], now)
        except Mistimed:
            continue
        if found is not None:
            return found, end
    return None


def _at(day: date, minutes: int, now: datetime) -> datetime:
    return datetime.combine(day, time(), now.tzinfo) + timedelta(minutes=minutes)


def _hours(clock: re.Match[str]) -> tuple[int, int] | None:
    """Minutes of the day at which it begins and ends; ``None`` if it is no time of the day, or could be two."""
    part, noon = clock["part"], clock["noon"]
    if clock["hour"] is None:
        if part is None or noon:
            return None
        return _PARTS[part][0] * 60, _PARTS[part][1] * 60
    hour = int(clock["hour"])
    minute = int(clock["minute"] or clock["spoken"] or 0)
    minute += 30 if clock["half"] else 15 * int(clock["quarters"] or 0)
    if noon:
        if not 1 <= hour <= 12 or part:
            return None
        hour = hour % 12 + (12 if noon == "pm" else 0)
    elif part and hour <= 12:
        read = _in_part(part, hour)
        if read is None:
            return None
        hour = read
    if minute > 59 or int(clock["second"] or 0) > 59 or hour > 24 or (hour == 24 and minute):
        raise Mistimed(Why.UNREADABLE)
    return hour * 60 + minute, hour * 60 + minute


def _in_part(part: str, hour: int) -> int | None:
    """An hour up to 12 as it is meant in a part of the day; ``None`` if it does not belong there."""
    if part in ("下午", "傍晚"):
        return hour % 12 + 12
    if part in ("晚上", "晚"):  # one o'clock of an evening: nobody knows of which day
        return None if hour < 5 else 12 + hour
    if part == "中午":
        return hour + 12 if hour in (1, 2) else hour
    return 0 if part == "凌晨" and hour == 12 else hour


def _days(named: re.Match[str], today: date) -> tuple[date, date]:
    """The first and the last day that are named."""
    if named["near"]:
        day = today + _NEAR_DAYS[named["near"]] * DAY
    elif named["weekday"]:
        return _weekday(named["which"], named["weekday"], today)
    elif named["week"]:
        monday = today - today.weekday() * DAY + (7 * DAY if named["week"].startswith("下") else timedelta())
        return monday, monday + 6 * DAY
    elif named["last"]:
        year, month = (today.year, 12) if "年" in named["last"] else (today.year, today.month)
        day = date(year + month // 12, month % 12 + 1, 1) - DAY
    elif named["month_day"]:
        day = _day_of_month(named["next_month"] or "", int(named["month_day"]), today)
    else:
        day = _dated(named["year"], int(named["month"]), int(named["day"]), today)
    return day, day


def _weekday(which: str | None, name: str, today: date) -> tuple[date, date]:
    """Without "this" or "next" the coming one is meant, today included."""
    monday = today - today.weekday() * DAY
    offset = 5 if name == "末" else 6 if name in "日天" else int(name) - 1
    weeks = 0 if which is None else which.count("下")
    day = monday + (7 * weeks + offset) * DAY
    last = day + DAY if name == "末" else day
    if which is None and last < today:
        day, last = day + 7 * DAY, last + 7 * DAY
    return day, last


def _day_of_month(which: str, day: int, today: date) -> date:
    month = today.month - 1 + which.startswith("下")
    return _exactly(today.year + month // 12, month % 12 + 1, day)


def _dated(year: str | None, month: int, day: int, today: date) -> date:
    """Without a year the nearest such day is meant: in December, January is next year's."""
    if year is not None:
        return _exactly(int(year), month, day)
    near = []
    for candidate in (today.year - 1, today.year, today.year + 1):
        try:
            near.append(date(candidate, month, day))
        except ValueError:
            continue
    if not near:
        raise Mistimed(Why.NO_SUCH_DAY)
    return min(near, key=lambda one: abs(one - today))


def _exactly(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise Mistimed(Why.NO_SUCH_DAY) from None
