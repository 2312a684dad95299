"""Working time over the real calendar of 2026, in other zones, and as properties (policy 3.2, 6.3)."""

from __future__ import annotations

import time as machine
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.core.load import load_calendar
from rules.core.options import WorkOptions
from rules.core.worktime import WorkCalendar

CALENDAR = load_calendar(WorkOptions(), "Asia/Shanghai")
SHANGHAI = ZoneInfo("Asia/Shanghai")

# The State Council's arrangement for 2026, written down by hand from the notice.
MAKE_UP_2026 = ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"]
DAYS_OFF_2026 = [
    *["01-01", "01-02", "01-03"],
    *["02-15", "02-16", "02-17", "02-18", "02-19", "02-20", "02-21", "02-22", "02-23"],
    *["04-04", "04-05", "04-06"],
    *["05-01", "05-02", "05-03", "05-04", "05-05"],
    *["06-19", "06-20", "06-21"],
    *["09-25", "09-26", "09-27"],
    *["10-01", "10-02", "10-03", "10-04", "10-05", "10-06", "10-07"],
]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def test_every_make_up_day_of_2026_is_a_working_day() -> None:
    for day in MAKE_UP_2026:
        made_up = date.fromisoformat(f"2026-{day}")
        assert made_up.isoweekday() in (6, 7), day
        assert CALENDAR.is_workday(made_up), day


def test_every_statutory_day_off_of_2026_is_off() -> None:
    assert [day for day in DAYS_OFF_2026 if CALENDAR.is_workday(date.fromisoformat(f"2026-{day}"))] == []


def test_every_other_day_of_2026_goes_by_weekday() -> None:
    special = {date.fromisoformat(f"2026-{day}") for day in MAKE_UP_2026 + DAYS_OFF_2026}
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    assert [d for d in days if d not in special and CALENDAR.is_workday(d) != (d.isoweekday() <= 5)] == []
    assert sum(map(CALENDAR.is_workday, days)) == 248


@pytest.mark.parametrize(
    ("moment", "working"),
    [
        ("2026-10-09 08:59:59", False),
        ("2026-10-09 09:00:00", True),
        ("2026-10-09 12:30:00", True),  # lunch is working time
        ("2026-10-09 18:00:00", True),
        ("2026-10-09 18:00:01", False),
        ("2026-10-10 10:00:00", True),  # a Saturday, make-up day
        ("2026-10-11 10:00:00", False),
        ("2026-10-07 10:00:00", False),  # a Wednesday, National Day
        ("2026-02-14 17:59:59", True),
        ("2026-02-23 10:00:00", False),  # a Monday, Spring Festival
        ("2026-01-04 09:00:00", True),  # a Sunday, make-up day
    ],
)
def test_working_hours_in_shanghai(moment: str, working: bool) -> None:
    assert CALENDAR.is_working(at(moment)) is working
    assert CALENDAR.is_working(at(moment).astimezone(UTC)) is working
    assert CALENDAR.is_working(at(moment).astimezone(timezone(timedelta(hours=-11)))) is working


@pytest.mark.parametrize(
    ("moment", "opening"),
    [
        ("2026-10-09 10:30:00", "2026-10-09 10:30:00"),
        ("2026-10-09 18:00:00", "2026-10-09 18:00:00"),
        ("2026-10-09 07:00:00", "2026-10-09 09:00:00"),
        ("2026-10-09 18:00:01", "2026-10-10 09:00:00"),  # into the make-up Saturday
        ("2026-10-10 20:00:00", "2026-10-12 09:00:00"),
        ("2026-09-30 23:00:00", "2026-10-08 09:00:00"),  # over National Day
        ("2026-02-14 18:30:00", "2026-02-24 09:00:00"),  # over Spring Festival
        ("2026-12-31 19:00:00", "2027-01-04 09:00:00"),  # nobody has published 2027, but New Year is law
    ],
)
def test_next_opening(moment: str, opening: str) -> None:
    assert CALENDAR.next_opening(at(moment)) == at(opening)


@pytest.mark.parametrize(
    ("day", "days", "result"),
    [
        ("2026-10-09", 0, "2026-10-09"),
        ("2026-10-09", 1, "2026-10-10"),
        ("2026-10-09", 3, "2026-10-13"),
        ("2026-09-30", 3, "2026-10-10"),
        ("2026-10-05", 1, "2026-10-08"),  # from a day off
        ("2026-02-13", 3, "2026-02-25"),
        ("2026-10-13", -3, "2026-10-09"),
        ("2026-10-08", -1, "2026-09-30"),
    ],
)
def test_three_working_days_and_the_like(day: str, days: int, result: str) -> None:
    assert CALENDAR.add_workdays(date.fromisoformat(day), days) == date.fromisoformat(result)
    assert CALENDAR.add_workdays(at(f"{day} 15:20"), days) == at(f"{result} 15:20")


@pytest.mark.parametrize(
    ("begin", "finish", "hours"),
    [
        ("2026-10-09 10:00", "2026-10-09 12:30", 2.5),
        ("2026-10-09 17:00", "2026-10-10 10:00", 2),
        ("2026-09-30 17:00", "2026-10-08 10:00", 2),
        ("2026-10-03 10:00", "2026-10-04 10:00", 0),
        ("2026-10-09 19:00", "2026-10-10 08:00", 0),
        ("2026-10-05 00:00", "2026-10-12 00:00", 27),  # Thursday, Friday and the make-up Saturday
        ("2026-10-10 10:00", "2026-10-09 17:00", -2),
    ],
)
def test_working_time_between(begin: str, finish: str, hours: float) -> None:
    assert CALENDAR.working_time_between(at(begin), at(finish)) == timedelta(hours=hours)


def test_a_year_that_is_not_published_is_provisional_and_goes_by_weekday() -> None:
    assert not CALENDAR.provisional(date(2026, 12, 31))
    assert CALENDAR.provisional(date(2027, 1, 4))
    assert CALENDAR.provisional(date(2003, 6, 2))
    assert CALENDAR.is_workday(
        date(2027, 2, 8)
    )  # a Monday of the week of Spring Festival; nobody knows better yet
    assert not CALENDAR.is_workday(date(2027, 1, 2))


@pytest.mark.parametrize("day", ["01-01", "05-01", "05-02", "10-01", "10-02", "10-03"])
@pytest.mark.parametrize("year", [2027, 2028, 2031])
def test_holidays_that_the_law_fixes_by_date_are_off_in_years_that_are_not_published(
    year: int, day: str
) -> None:
    holiday = date.fromisoformat(f"{year}-{day}")
    assert not CALENDAR.is_workday(holiday)
    assert not CALENDAR.provisional(holiday)
    assert not CALENDAR.is_working(at(f"{holiday} 10:00"))
    own = load_calendar(WorkOptions(workdays=(holiday,)), "Asia/Shanghai")
    assert own.is_workday(holiday)


@pytest.mark.parametrize("day", ["2027-01-04", "2027-05-03", "2027-10-04", "2027-02-05", "2028-09-29"])
def test_days_around_them_stay_provisional(day: str) -> None:
    assert CALENDAR.provisional(date.fromisoformat(day))
    assert CALENDAR.is_workday(date.fromisoformat(day))


def test_overrides_of_the_company_beat_the_statutory_calendar_and_are_not_provisional() -> None:
    options = WorkOptions(
        holidays=(date(2026, 10, 10), date(2027, 1, 1)), workdays=(date(2026, 10, 7), date(2027, 1, 3))
    )
    calendar = load_calendar(options, "Asia/Shanghai")
    assert not calendar.is_workday(date(2026, 10, 10))
    assert calendar.is_workday(date(2026, 10, 7))
    assert not calendar.is_workday(date(2027, 1, 1))
    assert calendar.is_workday(date(2027, 1, 3))
    assert not calendar.provisional(date(2027, 1, 1))
    assert calendar.provisional(date(2027, 1, 2))


def test_a_six_day_week_keeps_its_statutory_saturdays_off() -> None:
    calendar = load_calendar(WorkOptions(weekdays=(1, 2, 3, 4, 5, 6)), "Asia/Shanghai")
    assert calendar.is_workday(date(2026, 10, 17))
    assert not calendar.is_workday(date(2026, 10, 3))


def test_summer_time_changes_neither_hours_nor_durations() -> None:
    berlin = WorkCalendar(zone=ZoneInfo("Europe/Berlin"), start=time(1), end=time(5), weekdays=frozenset({7}))
    changeover = date(2026, 3, 29)  # the clock jumps from 02:00 to 03:00
    begin = datetime.combine(changeover, time(0), tzinfo=berlin.zone)
    assert berlin.working_time_between(begin, begin + timedelta(days=1)) == timedelta(hours=3)
    assert berlin.is_working(datetime(2026, 3, 29, 3, 0, tzinfo=UTC))  # 05:00 in summer
    assert not berlin.is_working(datetime(2026, 3, 29, 4, 0, tzinfo=UTC))


def test_a_western_zone_has_its_own_days() -> None:
    calendar = WorkCalendar(zone=ZoneInfo("America/New_York"))
    assert calendar.is_working(datetime(2026, 10, 9, 22, 0, tzinfo=UTC))  # 18:00
    assert not calendar.is_working(datetime(2026, 10, 9, 22, 0, 1, tzinfo=UTC))
    assert calendar.next_opening(datetime(2026, 10, 10, 1, 0, tzinfo=UTC)).date() == date(2026, 10, 12)


def test_the_zone_of_the_machine_never_matters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    machine.tzset()
    try:
        assert CALENDAR.is_working(datetime(2026, 10, 9, 1, 0, tzinfo=UTC))
        assert not CALENDAR.is_working(datetime(2026, 10, 9, 13, 0, tzinfo=UTC))
        assert CALENDAR.next_opening(at("2026-10-09 18:00:01")) == at("2026-10-10 09:00")
        assert CALENDAR.add_workdays(at("2026-10-09 23:30"), 1) == at("2026-10-10 23:30")
    finally:
        monkeypatch.undo()
        machine.tzset()


def test_the_ends_of_time_do_not_break_it() -> None:
    for moment in (
        datetime.max.replace(tzinfo=UTC),
        datetime.min.replace(tzinfo=timezone(timedelta(hours=14))),
    ):
        assert CALENDAR.is_working(moment) in (True, False)


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        CALENDAR.is_working(datetime(2026, 10, 9, 10))  # noqa: DTZ001 - the point of the test


@pytest.mark.parametrize("wrong", [{"weekdays": frozenset()}, {"weekdays": frozenset({0})}, {"end": time(9)}])
def test_a_calendar_without_any_working_time_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"weekdays|end after"):
        replace(CALENDAR, **wrong)


DAYS = st.dates(date(2024, 1, 1), date(2028, 12, 31))
MOMENTS = st.datetimes(
    datetime.fromisoformat("2025-06-01"),
    datetime.fromisoformat("2027-06-01"),
    timezones=st.sampled_from([UTC, SHANGHAI]),
)


@settings(deadline=None)
@given(DAYS, st.integers(0, 60))
def test_going_back_as_many_working_days_returns(day: date, days: int) -> None:
    day = CALENDAR.add_workdays(day, 1)  # a working day
    assert CALENDAR.add_workdays(CALENDAR.add_workdays(day, days), -days) == day
    assert CALENDAR.add_workdays(CALENDAR.add_workdays(day, -days), days) == day


@settings(deadline=None)
@given(DAYS, st.integers(1, 60))
def test_working_days_add_up_one_by_one(day: date, days: int) -> None:
    target = CALENDAR.add_workdays(day, days)
    between = [day + timedelta(days=n) for n in range(1, (target - day).days + 1)]
    assert sum(map(CALENDAR.is_workday, between)) == days
    assert CALENDAR.is_workday(target)


@settings(deadline=None)
@given(st.lists(MOMENTS, min_size=3, max_size=3).map(sorted))
def test_working_time_is_monotone_and_adds_up(moments: list[datetime]) -> None:
    a, b, c = moments
    assert timedelta() <= CALENDAR.working_time_between(a, b) <= CALENDAR.working_time_between(a, c)
    split = CALENDAR.working_time_between(a, b) + CALENDAR.working_time_between(b, c)
    assert split == CALENDAR.working_time_between(a, c)


@settings(deadline=None)
@given(MOMENTS, MOMENTS)
def test_the_next_opening_is_working_time_and_never_earlier(a: datetime, b: datetime) -> None:
    opening = CALENDAR.next_opening(a)
    assert opening >= a
    assert CALENDAR.is_working(opening)
    assert CALENDAR.working_time_between(a, opening) == timedelta()
    if a <= b:
        assert opening <= CALENDAR.next_opening(b)
