"""From when to when a digest reaches: from the digest before it to its own due time, without gap or overlap."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from bot.pipeline.presence import FIRST_START
from rules.core.worktime import WorkCalendar
from storage.records import JobRun
from storage.session import UnitOfWork

JOB = "digest"
"""Name of the digest's job-run rows."""

LOOK_BACK = timedelta(days=60)


def unique(day: date) -> str:
    """What makes the digest of a day one of a kind in the outbox; its further pages and rooms begin alike."""
    return f"{JOB} {day.isoformat()}"


async def start_of(unit: UnitOfWork, until: datetime, calendar: WorkCalendar) -> datetime:
    """Where a digest that ends at ``until`` begins.

    That is the due time before it; without one, the same time on the working day before, or the first start.
    """
    earlier = [run for run in await unit.jobs.runs(JOB, until - LOOK_BACK) if run.due_at < until]
    if earlier:
        return earlier[-1].due_at
    usual = calendar.add_workdays(calendar.local(until), -1)
    first = await unit.meta.get(FIRST_START)
    return usual if first is None else min(max(usual, datetime.fromisoformat(first)), until)


async def run_on(unit: UnitOfWork, day: date, calendar: WorkCalendar) -> JobRun | None:
    """The digest's run of a local day; ``None`` if there was none."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=calendar.zone)
    for run in await unit.jobs.runs(JOB, midnight):
        if calendar.local(run.due_at).date() == day:
            return run
    return None
