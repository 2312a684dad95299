"""Deadlines over the real calendar of 2026: until when to appeal, by when to decide, when to remind (6.1b, 6.3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.core.load import load_calendar
from rules.core.options import WorkOptions
from rules.core.worktime import WorkCalendar
from rules.procedure import rectification
from rules.procedure.appeal import (
    Move,
    Refusal,
    Standing,
    State,
    consider,
    decision_due,
    window,
)
from rules.procedure.deadlines import (
    Step,
    Watch,
    end_of_day,
    end_of_work,
    fair_due,
    last_day,
    next_step,
)

CALENDAR = load_calendar(WorkOptions(), "Asia/Shanghai")
SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("day", "last"),
    [
        ("2026-10-13 09:00", "2026-10-16"),  # a Tuesday
        ("2026-10-16 21:40", "2026-10-21"),  # a Friday evening
        ("2026-10-09 18:30", "2026-10-13"),  # a Friday evening before the make-up Saturday
        ("2026-10-10 10:00", "2026-10-14"),  # the make-up Saturday
        ("2026-09-30 17:59", "2026-10-10"),  # over National Day, the make-up Saturday included
        ("2026-10-03 12:00", "2026-10-10"),  # on a holiday
        ("2026-02-13 09:00", "2026-02-25"),  # over Spring Festival: 02-14 is worked
        ("2026-02-17 00:00", "2026-02-26"),  # New Year's Day itself
        ("2026-05-08 12:00", "2026-05-12"),
        ("2026-12-30 12:00", "2027-01-05"),  # New Year is law; the rest of 2027 is not published yet
    ],
)
def test_three_working_days_after_publication(day: str, last: str) -> None:
    found = window(at(day), CALENDAR)
    assert found.last_day == date.fromisoformat(last)
    assert found == window(at(day).astimezone(UTC), CALENDAR) == window(at(day).date(), CALENDAR)
    assert found.closes + timedelta(microseconds=1) == at(f"{last} 00:00") + timedelta(days=1)
    assert f"{found.closes:%m-%d %H:%M}" == f"{last[5:]} 23:59"


@pytest.mark.parametrize(
    ("filed", "outcome"),
    [
        ("2026-10-09 20:00", State.OPEN),  # the day itself
        ("2026-10-11 03:00", State.OPEN),  # a Sunday night is as good
        ("2026-10-13 23:59", State.OPEN),
        ("2026-10-13 23:59:59.999999", State.OPEN),
        ("2026-10-14 00:00", Refusal.TOO_LATE),
        ("2026-10-14 00:01", Refusal.TOO_LATE),
    ],
)
def test_late_by_a_minute_is_late(filed: str, outcome: State | Refusal) -> None:
    closes = window(at("2026-10-09 18:30"), CALENDAR).closes
    standing = Standing(State.NONE, "confirmed", "P1", frozenset(), closes)
    assert consider(standing, Move.FILE, "P1", at(filed).astimezone(UTC)) is outcome


def test_the_day_of_publication_is_the_companys_not_the_machines() -> None:
    late_evening_elsewhere = datetime(2026, 10, 12, 17, 0, tzinfo=UTC)  # 01:00 of the 13th in Shanghai
    assert window(late_evening_elsewhere, CALENDAR).last_day == date(2026, 10, 16)
    new_york = replace(CALENDAR, zone=ZoneInfo("America/New_York"))
    assert window(late_evening_elsewhere, new_york).last_day == date(2026, 10, 15)


def test_a_company_day_off_moves_the_end() -> None:
    off = replace(CALENDAR, holidays=CALENDAR.holidays | {date(2026, 10, 15)})
    assert window(at("2026-10-13 09:00"), off).last_day == date(2026, 10, 19)


@pytest.mark.parametrize(
    ("filed", "due"),
    [
        ("2026-10-13 10:00", "2026-10-20"),
        ("2026-10-11 10:00", "2026-10-16"),  # on a Sunday
        ("2026-09-29 10:00", "2026-10-12"),  # over National Day
    ],
)
def test_hr_has_five_working_days(filed: str, due: str) -> None:
    assert decision_due(at(filed), CALENDAR) == end_of_day(date.fromisoformat(due), CALENDAR)


@pytest.mark.parametrize(
    ("asked", "days", "due"),
    [
        ("2026-10-13 10:00", 1, "2026-10-14 18:00"),
        ("2026-10-09 17:00", 1, "2026-10-10 18:00"),  # the make-up Saturday
        ("2026-09-30 19:00", 2, "2026-10-09 18:00"),
    ],
)
def test_what_is_asked_for_is_due_at_the_end_of_work(asked: str, days: int, due: str) -> None:
    assert rectification.due(at(asked), days, CALENDAR) == at(due)


@pytest.mark.parametrize(
    ("wanted", "due"),
    [
        (date(2026, 10, 14), "2026-10-14 18:00"),
        (date(2026, 10, 10), "2026-10-10 18:00"),  # a Saturday, worked
        (date(2026, 10, 11), "2026-10-12 18:00"),  # a Sunday
        (date(2026, 10, 1), "2026-10-08 18:00"),
        (at("2026-10-14 15:30"), "2026-10-14 15:30"),
        (at("2026-10-14 20:00"), "2026-10-15 09:00"),
        (at("2026-10-11 12:00"), "2026-10-12 09:00"),
    ],
)
def test_a_deadline_somebody_named_moves_into_working_time(wanted: date, due: str) -> None:
    assert fair_due(wanted, CALENDAR) == at(due)


DUE = end_of_day(date(2026, 10, 13), CALENDAR)  # a Tuesday; the working day before is Monday the 12th


@pytest.mark.parametrize(
    ("now", "reminded", "escalated", "step"),
    [
        ("2026-10-10 10:00", None, None, Step.WAIT),
        ("2026-10-12 08:59", None, None, Step.WAIT),
        ("2026-10-12 09:00", None, None, Step.REMIND),
        ("2026-10-13 11:00", None, None, Step.REMIND),
        ("2026-10-13 11:00", "2026-10-12 09:00", None, Step.WAIT),
        ("2026-10-13 20:00", None, None, Step.WAIT),  # nobody is disturbed in the evening
        ("2026-10-14 00:00", "2026-10-12 09:00", None, Step.WAIT),
        ("2026-10-14 09:00", "2026-10-12 09:00", None, Step.ESCALATE),
        ("2026-10-14 09:05", "2026-10-12 09:00", "2026-10-14 09:00", Step.WAIT),
        ("2026-10-15 09:00", "2026-10-12 09:00", "2026-10-14 09:00", Step.REMIND),
        ("2026-10-15 09:05", "2026-10-15 09:00", "2026-10-14 09:00", Step.WAIT),
        ("2026-10-17 10:00", "2026-10-16 09:00", "2026-10-14 09:00", Step.WAIT),  # a Saturday
        ("2026-10-19 09:00", "2026-10-16 09:00", "2026-10-14 09:00", Step.REMIND),
    ],
)
def test_reminders_before_the_end_and_word_to_those_above_after_it(
    now: str, reminded: str | None, escalated: str | None, step: Step
) -> None:
    watch = Watch(DUE, at(reminded) if reminded else None, at(escalated) if escalated else None)
    assert next_step(watch, at(now), CALENDAR) is step


def test_a_reminder_may_come_earlier_or_on_the_last_day_only() -> None:
    assert next_step(Watch(DUE), at("2026-10-09 09:00"), CALENDAR, lead=3) is Step.REMIND
    assert next_step(Watch(DUE), at("2026-10-12 09:00"), CALENDAR, lead=0) is Step.WAIT
    assert next_step(Watch(DUE), at("2026-10-13 09:00"), CALENDAR, lead=0) is Step.REMIND


@pytest.mark.parametrize("days", [0, -1])
def test_a_time_limit_of_no_days_is_refused(days: int) -> None:
    with pytest.raises(ValueError, match="at least one"):
        last_day(date(2026, 10, 13), days, CALENDAR)


def test_a_naive_moment_of_publication_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        window(datetime(2026, 10, 13, 9), CALENDAR)  # noqa: DTZ001 - the point of the test


ZONES = st.sampled_from([ZoneInfo(name) for name in ("Asia/Shanghai", "America/New_York", "Pacific/Apia")])
CALENDARS = ZONES.map(lambda zone: replace(CALENDAR, zone=zone))
MOMENTS = st.datetimes(
    datetime.fromisoformat("2025-12-01"), datetime.fromisoformat("2027-03-01"), timezones=st.just(UTC)
)
DAYS = st.integers(1, 30)


@settings(deadline=None)
@given(MOMENTS, MOMENTS, DAYS, CALENDARS)
def test_deadlines_are_monotone_and_never_on_a_day_off(
    a: datetime, b: datetime, days: int, calendar: WorkCalendar
) -> None:
    a, b = sorted((a, b))
    assert window(a, calendar, days).closes <= window(b, calendar, days).closes
    assert window(a, calendar, days).closes < window(a, calendar, days + 1).closes
    for end in (
        window(a, calendar, days).closes,
        decision_due(a, calendar, days),
        rectification.due(a, days, calendar),
    ):
        assert end > a
        assert calendar.is_workday(calendar.local(end).date())


@settings(deadline=None)
@given(MOMENTS, DAYS)
def test_a_window_holds_as_many_whole_working_days_as_it_promises(published_at: datetime, days: int) -> None:
    end = window(published_at, CALENDAR, days).closes
    first, last = CALENDAR.local(published_at).date(), CALENDAR.local(end).date()
    inside = [first + timedelta(days=n) for n in range(1, (last - first).days + 1)]
    assert sum(map(CALENDAR.is_workday, inside)) == days


@settings(deadline=None)
@given(MOMENTS | MOMENTS.map(lambda moment: moment.date()), st.data())
def test_a_named_deadline_never_comes_earlier_and_never_on_a_day_off(
    wanted: date, data: st.DataObject
) -> None:
    due = fair_due(wanted, CALENDAR)
    assert CALENDAR.is_workday(due.date())
    assert CALENDAR.is_working(due)
    assert due >= (wanted if isinstance(wanted, datetime) else end_of_work(wanted, CALENDAR))
    later = wanted + timedelta(days=data.draw(st.integers(0, 20)))
    assert fair_due(later, CALENDAR) >= due


@settings(deadline=None)
@given(MOMENTS, MOMENTS, st.none() | MOMENTS, st.none() | MOMENTS)
def test_nobody_is_reminded_outside_working_time(
    due: datetime, now: datetime, reminded: datetime | None, escalated: datetime | None
) -> None:
    step = next_step(Watch(due, reminded, escalated), now, CALENDAR)
    assert step is Step.WAIT or CALENDAR.is_working(now)
    assert step is not Step.ESCALATE or (now > due and escalated is None)
