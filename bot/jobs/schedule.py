"""When a duty is due: a pure function of now, the company's calendar and what ran before.

A day counts as done once there is a run for it, at whatever time of that day: neither a clock that jumps nor a
changed time of day makes anything run twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from rules.core.worktime import WorkCalendar
from storage.records import JobRun

AGAIN_AFTER = timedelta(minutes=15)
"""A run that failed, or whose process died, is taken up again so long after it was taken."""

_DAY = timedelta(days=1)


class Days(StrEnum):
    """On which days a duty is due."""

    EVERY = "every day"
    WORKING = "working days"


@dataclass(frozen=True, slots=True)
class Schedule:
    """Once a day at a time.

    Attributes:
        at: local time of day, in the calendar's zone.
        days: on which days; working days are the company's own.
        catch_up: how many missed due times are made up for, besides the latest.
    """

    at: time
    days: Days = Days.EVERY
    catch_up: int = 0

    def at_day(self, day: date, calendar: WorkCalendar) -> datetime | None:
        """The due time (UTC) on a day; ``None`` on a day off."""
        if self.days is Days.WORKING and not calendar.is_workday(day):
            return None
        return datetime.combine(day, self.at, calendar.zone).astimezone(UTC)


def latest_due(
    schedule: Schedule, now: datetime, calendar: WorkCalendar, since: datetime
) -> tuple[datetime, ...]:
    """The due times (UTC) that a bot at ``now`` still cares for, done or not, oldest first.

    They are the latest one and those it makes up for, none of them before ``since``.
    """
    found: list[datetime] = []
    for due in _backwards(schedule, now, calendar, since):
        found.append(due)
        if len(found) > schedule.catch_up:
            break
    return tuple(reversed(found))


def due_times(
    schedule: Schedule, now: datetime, calendar: WorkCalendar, since: datetime, runs: Sequence[JobRun]
) -> tuple[datetime, ...]:
    """What is to be run at ``now``, as due times (UTC), oldest first.

    Args:
        since: nothing was due before; a new database has missed nothing.
        runs: what ran before: a day on which a run finished is done, one that was taken and not finished is
            due again after :data:`AGAIN_AFTER`.
    """
    taken = {calendar.local(run.due_at).date(): run for run in runs}
    found: list[datetime] = []
    for due in latest_due(schedule, now, calendar, since):
        run = taken.get(calendar.local(due).date())
        if run is None:
            found.append(due)
        elif run.finished_at is None and run.claimed_at <= now - AGAIN_AFTER:
            found.append(run.due_at)  # under its own time, or it would be a second run of that day
    return tuple(found)


def _backwards(
    schedule: Schedule, now: datetime, calendar: WorkCalendar, since: datetime
) -> Iterator[datetime]:
    day, first = calendar.local(now).date(), calendar.local(since).date()
    while day >= first:
        due = schedule.at_day(day, calendar)
        if due is not None and since <= due <= now:
            yield due
        day -= _DAY
