"""When a duty is due: a pure function of now, the company's calendar and what ran before."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from fakes.shipped import shipped
from hypothesis import given
from hypothesis import strategies as st

from bot.jobs.schedule import AGAIN_AFTER, Days, Schedule, due_times
from rules.core.worktime import WorkCalendar
from storage.records import JobRun

ZONE = ZoneInfo("Asia/Shanghai")
DIGEST = Schedule(time(17, 30), Days.WORKING, catch_up=10)
NIGHTLY = Schedule(time(3, 30))
YEAR = datetime(2026, 1, 1, tzinfo=ZONE)


def calendar() -> WorkCalendar:
    """The company's calendar as shipped, with the statutory days of 2026."""
    return shipped().calendar


def at(moment: str) -> datetime:
    return datetime.fromisoformat(f"2026-{moment}").replace(tzinfo=ZONE)


def done(due: datetime) -> JobRun:
    return JobRun("digest", due.astimezone(UTC), due, due, "")


def days(found: tuple[datetime, ...]) -> list[str]:
    return [f"{due.astimezone(ZONE):%m-%d}" for due in found]


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("10-13 17:29", "10-12"),  # a Tuesday, just before
        ("10-13 17:30", "10-13"),
        ("10-10 17:30", "10-10"),  # a make-up Saturday
        ("10-11 23:00", "10-10"),
        ("10-07 23:59", "09-30"),  # the holidays
        ("10-08 17:30", "10-08"),
        ("09-20 17:30", "09-20"),  # a make-up Sunday
        ("09-25 17:30", "09-24"),  # mid-autumn
        ("02-24 17:30", "02-24"),  # after the spring festival
        ("02-23 23:59", "02-14"),  # a make-up Saturday before it
        ("01-04 17:30", "01-04"),  # a make-up Sunday
        ("05-09 18:00", "05-09"),
    ],
)
def test_the_latest_due_time_by_the_years_calendar(now: str, due: str) -> None:
    latest = Schedule(DIGEST.at, Days.WORKING)
    assert days(due_times(latest, at(now), calendar(), YEAR - timedelta(days=30), [])) == [due]


def test_every_day_means_holidays_too() -> None:
    assert days(due_times(NIGHTLY, at("10-04 03:30"), calendar(), YEAR, [])) == ["10-04"]


def test_missed_ones_come_oldest_first_and_no_more_than_are_made_up_for() -> None:
    now = at("10-13 18:00")
    three = Schedule(DIGEST.at, Days.WORKING, catch_up=3)
    assert days(due_times(three, now, calendar(), YEAR, [])) == ["10-09", "10-10", "10-12", "10-13"]
    ran = [done(at("10-10 17:30"))]
    assert days(due_times(three, now, calendar(), YEAR, ran)) == ["10-09", "10-12", "10-13"]


def test_nothing_is_due_before_the_first_start() -> None:
    now = at("10-13 17:40")
    assert due_times(DIGEST, now, calendar(), at("10-13 17:31"), []) == ()
    assert days(due_times(DIGEST, now, calendar(), at("10-13 17:30"), [])) == ["10-13"]
    assert due_times(DIGEST, now, calendar(), at("10-14 09:00"), []) == ()  # the clock ran back


def test_an_unfinished_run_is_due_again_after_a_while() -> None:
    due = at("10-13 17:30")
    taken = JobRun("digest", due.astimezone(UTC), due, None, "")
    early, late = due + AGAIN_AFTER - timedelta(seconds=1), due + AGAIN_AFTER
    assert due_times(Schedule(DIGEST.at, Days.WORKING), early, calendar(), YEAR, [taken]) == ()
    assert due_times(Schedule(DIGEST.at, Days.WORKING), late, calendar(), YEAR, [taken]) == (due,)


def test_another_time_of_day_makes_no_day_due_again() -> None:
    ran = [done(at(f"10-{day} 17:30")) for day in ("08", "09", "10", "12", "13")]
    earlier = Schedule(time(9), Days.WORKING, catch_up=4)
    assert due_times(earlier, at("10-13 18:00"), calendar(), YEAR, ran) == ()
    unfinished = JobRun("digest", ran[-1].due_at, ran[-1].due_at, None, "")
    again = due_times(earlier, at("10-13 18:00"), calendar(), YEAR, [*ran[:-1], unfinished])
    assert again == (ran[-1].due_at,), "under its own time: another one would be a second run"


def test_other_zones_and_their_summer_time() -> None:
    berlin = WorkCalendar(zone=ZoneInfo("Europe/Berlin"))
    half_past_two = Schedule(time(2, 30), catch_up=3)
    for month, day in ((3, 29), (10, 25)):  # the hour that is not there, and the one that is there twice
        now = datetime(2026, month, day, 23, tzinfo=berlin.zone)
        found = due_times(half_past_two, now, berlin, now - timedelta(days=40), [])
        assert len(found) == 4
        assert {due.astimezone(berlin.zone).date().day for due in found} == {day, day - 1, day - 2, day - 3}


moments = st.integers(min_value=0, max_value=20 * 24 * 60).map(
    lambda minutes: at("09-25 00:00") + timedelta(minutes=minutes)
)


@given(start=moments, ticks=st.lists(moments, min_size=1, max_size=40))
def test_whatever_the_clock_does_no_day_runs_twice_and_none_is_forgotten(
    start: datetime, ticks: list[datetime]
) -> None:
    plenty = Schedule(DIGEST.at, Days.WORKING, catch_up=20)
    runs: list[JobRun] = []
    for now in ticks:
        for due in due_times(plenty, now, calendar(), start, runs):
            assert start <= due <= now
            assert not any(run.due_at == due for run in runs)
            runs.append(done(due))
    latest = max(ticks)
    expected = {
        day
        for offset in range(21)
        if calendar().is_workday(day := date(2026, 9, 25) + timedelta(days=offset))
        and start <= datetime.combine(day, DIGEST.at, ZONE) <= latest
    }
    ran = [run.due_at.astimezone(ZONE).date() for run in runs]
    assert sorted(ran) == sorted(expected)
