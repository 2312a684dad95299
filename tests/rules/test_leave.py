"""Days of leave count for no deadline (policy 3.2b, 6.1b, 6.3), and when the time for an appeal begins."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.core.load import load_calendar
from rules.core.options import WorkOptions
from rules.core.rota import Rota, Shift, ShiftKind
from rules.procedure.appeal import runs_from, window
from rules.procedure.deadlines import last_day, on_leave, put_off

CALENDAR = load_calendar(WorkOptions(), "Asia/Shanghai")
SHANGHAI = ZoneInfo("Asia/Shanghai")
MOMENTS = st.datetimes(
    datetime.fromisoformat("2025-12-01"), datetime.fromisoformat("2027-03-01"), timezones=st.just(UTC)
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def leave(start: str, end: str, kind: ShiftKind = ShiftKind.LEAVE) -> Rota:
    return Rota((Shift("e1001", at(start), at(end), kind),))


@pytest.mark.parametrize(
    ("start", "end", "away"),
    [
        ("2026-10-14 00:00", "2026-10-15 00:00", ["10-14"]),  # a whole day ends where the next begins
        ("2026-10-14 13:30", "2026-10-14 18:00", ["10-14"]),  # half a day counts for none
        ("2026-10-14 18:00", "2026-10-15 09:00", []),  # an evening is nobody's working time
        ("2026-10-14 17:59", "2026-10-16 09:01", ["10-14", "10-15", "10-16"]),
    ],
)
def test_a_day_with_leave_in_its_working_time_is_a_day_away(start: str, end: str, away: list[str]) -> None:
    told = on_leave(("p1", "E1001"), leave(start, end), CALENDAR)
    days = [date(2026, 10, day) for day in range(13, 18)]
    assert [f"{day:%m-%d}" for day in days if told(day)] == away
    assert not any(map(on_leave(("p2",), leave(start, end), CALENDAR), days))
    assert not any(map(on_leave(("E1001",), leave(start, end, ShiftKind.DUTY), CALENDAR), days))


def test_a_window_counts_days_at_work_alone() -> None:
    away = on_leave(("E1001",), leave("2026-10-14 00:00", "2026-10-17 00:00"), CALENDAR)
    assert window(at("2026-10-13 10:00"), CALENDAR, 3, away).last_day == date(2026, 10, 21)
    assert window(at("2026-10-15 10:00"), CALENDAR, 3, away).last_day == date(2026, 10, 21)
    assert window(at("2026-10-09 10:00"), CALENDAR, 3, away).last_day == date(2026, 10, 13), (
        "leave comes later"
    )


@pytest.mark.parametrize(
    ("asked", "due", "later"),
    [
        ("2026-10-13 10:00", "2026-10-15 18:00", "2026-10-20 18:00"),  # two days away: two more at work
        ("2026-10-12 10:00", "2026-10-13 12:00", "2026-10-13 12:00"),  # before the leave
        ("2026-10-14 10:00", "2026-10-14 12:00", "2026-10-19 18:00"),  # for today, by one who is away
        ("2026-10-13 10:00", "2026-10-19 10:00", "2026-10-22 18:00"),  # who is back has the whole of the day
        ("2026-10-16 17:00", "2026-10-19 18:00", "2026-10-19 18:00"),  # the day of asking never counts
    ],
)
def test_a_deadline_is_put_off_by_the_days_away(asked: str, due: str, later: str) -> None:
    away = on_leave(("E1001",), leave("2026-10-14 00:00", "2026-10-17 00:00"), CALENDAR)
    assert put_off(at(asked), at(due), CALENDAR, away) == at(later)


@settings(deadline=None)
@given(MOMENTS, st.integers(0, 20), st.sets(st.integers(-5, 40)))
def test_leave_never_shortens_a_time(since: datetime, days: int, gone: set[int]) -> None:
    first = CALENDAR.local(since).date()
    away = {first + timedelta(days=day) for day in gone}.__contains__
    due = since + timedelta(days=days)
    later = put_off(since, due, CALENDAR, away)
    assert later >= due
    day = CALENDAR.local(later).date()
    assert later == due or (CALENDAR.is_workday(day) and not away(day))
    assert not away(last_day(since, days + 1, CALENDAR, away))


def test_the_time_for_an_appeal_runs_once_its_subject_was_reached() -> None:
    published_at, reached, admitted = at("2026-11-02 10:00"), at("2026-11-04 10:00"), at("2026-11-20 10:00")
    assert runs_from(None, None) is None
    assert runs_from(published_at, None) is None
    assert runs_from(published_at, None, admitted) is None
    assert runs_from(published_at, reached) == reached
    assert runs_from(reached, published_at) == reached
    assert runs_from(published_at, reached, admitted) == admitted
