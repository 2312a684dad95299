"""What is due now: all that the scheduler calls, once a minute. Demo and tests call it with their own clock.

Small duties run with every tick. A scheduled duty runs once for each due time, over restarts and several
processes, in one of two ways. One that acts for itself claims its run first: if its process dies in the middle,
the run is taken up again later. One that only writes to storage does so in the very unit of work that claims and
finishes the run, so that it happens exactly once whatever dies. A duty that fails stops no other, and is tried again.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from structlog.typing import FilteringBoundLogger

from bot.jobs.schedule import AGAIN_AFTER, Days, Schedule, due_times, latest_due
from bot.pipeline.presence import FIRST_START
from rules.core.worktime import WorkCalendar
from storage.records import JobRun
from storage.session import Storage, UnitOfWork

Act = Callable[[datetime], Awaitable[object]]
"""Does something by itself, at a moment; what it returns stands in the job-run row."""

Within = Callable[[UnitOfWork, datetime, datetime], Awaitable[object]]
"""Does something inside a unit of work, for a due time, at a moment; it may be run again from the start."""

Draft = Callable[[datetime, datetime], Awaitable[Within]]
"""Works out beforehand, for a due time at a moment and without any effect, what to do within the unit."""

TRIES = 6
SOON_SECONDS = 1.0
"""So long a tick waits for what goes on beside it: mostly that is done by then."""
NEW_DUTY = timedelta(days=1)
"""How far back a duty is due that an older database does not know yet."""

_FAILED = re.compile(r"failed (\d+)\b")


@dataclass(frozen=True, slots=True)
class Duty:
    """Something to do regularly: exactly one of ``act``, ``within`` and ``draft`` says what.

    Attributes:
        name: stands in the job-run row and the log; never changes.
        act: for what has effects of its own.
        at: the local time of day, or what tells it while the bot runs; ``None`` for what runs with every tick.
        days: on which days it is due at that time.
        catch_up: how many missed due times are made up for, oldest first; 0 means the latest only.
        within: for what only writes to storage.
        draft: the same, where working it out takes too long for a unit that others wait for.
        aside: it may take minutes: what is due after it, and the next ticks, do not wait for its end.

    Raises:
        ValueError: it does not say what to do, or more than one thing, or ``within`` without a time.
    """

    name: str
    act: Act | None = None
    at: time | Callable[[], time] | None = None
    days: Days = Days.EVERY
    catch_up: int = 0
    within: Within | None = None
    draft: Draft | None = None
    aside: bool = False

    def __post_init__(self) -> None:
        given = [one for one in (self.act, self.within, self.draft) if one is not None]
        if len(given) != 1 or (self.at is None and self.act is None):
            raise ValueError(
                f"duty {self.name}: give one of act, within and draft; the latter two need a time"
            )

    @property
    def schedule(self) -> Schedule | None:
        """When it is due; ``None`` for every tick."""
        if self.at is None:
            return None
        return Schedule(self.at() if callable(self.at) else self.at, self.days, self.catch_up)


class Tick:
    """Runs whatever is due.

    Args:
        calendar: gives the company's calendar, which may change while the bot runs.

    Raises:
        ValueError: two duties have one name.
    """

    def __init__(
        self,
        storage: Storage,
        calendar: Callable[[], WorkCalendar],
        duties: Sequence[Duty],
        log: FilteringBoundLogger,
    ) -> None:
        self._storage = storage
        self._calendar = calendar
        self._duties = tuple(duties)
        self._log = log
        self._since: dict[str, datetime] = {}
        self._aside: dict[str, asyncio.Task[None]] = {}
        if len({duty.name for duty in duties}) < len(duties):
            raise ValueError("two duties have one name")

    async def __call__(self, now: datetime) -> None:
        """Do what is due at ``now``."""
        for duty in self._duties:
            if duty.aside:
                await self._beside(duty, now)
            else:
                await self._try(duty, now)

    @property
    def aside(self) -> tuple[asyncio.Task[None], ...]:
        """What goes on beside the ticks."""
        return tuple(task for task in self._aside.values() if not task.done())

    async def _beside(self, duty: Duty, now: datetime) -> None:
        """Begin a duty unless it is still going on, and wait for it only for a moment."""
        going = self._aside.get(duty.name)
        if going is None or going.done():
            task = asyncio.create_task(self._try(duty, now), name=duty.name)
            self._aside[duty.name] = task
            await asyncio.wait([task], timeout=SOON_SECONDS)

    async def _try(self, duty: Duty, now: datetime) -> None:
        try:
            await self._look(duty, now)
        except Exception as failure:  # noqa: BLE001 - one duty must not stop the others; told in the log
            self._tell(duty, failure)

    async def _look(self, duty: Duty, now: datetime) -> None:
        if (schedule := duty.schedule) is None:
            if duty.act is not None:
                await duty.act(now)
            return
        if duty.name not in self._since:
            await self._follow(now)
        since, calendar = self._since[duty.name], self._calendar()
        latest = latest_due(schedule, now, calendar, since)
        if not latest:
            return
        async with self._storage.view() as unit:
            runs = await unit.jobs.runs(duty.name, latest[0] - timedelta(days=1))
        for due in due_times(schedule, now, calendar, since, runs):
            try:
                await self._run(duty, due, now)
            except Exception as failure:  # noqa: BLE001 - nor must one due time stop the next; told in the log
                self._tell(duty, failure)
                await self._failed(duty, due, now, failure)

    async def _follow(self, now: datetime) -> None:
        """Note since when each duty counts: a new database has missed nothing, nor has an old one a new duty."""
        scheduled = [duty.name for duty in self._duties if duty.at is not None]

        async def settle(unit: UnitOfWork) -> dict[str, datetime]:
            first = await unit.meta.get(FIRST_START)
            start = now if first is None else datetime.fromisoformat(first)
            known = await unit.meta.all("duty ")
            ran = [name for name in scheduled if await unit.jobs.last(name) is not None]
            since = max(start, now - NEW_DUTY) if known or ran else start
            return {
                name: datetime.fromisoformat(await unit.meta.settle(f"duty {name}", since.isoformat()))
                for name in scheduled
            }

        self._since = await self._storage.run(settle)

    async def _run(self, duty: Duty, due: datetime, now: datetime) -> None:
        """Claim one run, do it and finish it, unless somebody else has it."""
        if duty.act is not None:
            act = duty.act

            async def claim(unit: UnitOfWork) -> bool:
                return await unit.jobs.claim(duty.name, due, now, AGAIN_AFTER)

            if await self._storage.run(claim):
                result = str(await act(now))
                await self._storage.run(lambda unit: unit.jobs.finish(duty.name, due, now, result))
            return
        within = duty.within or (await duty.draft(due, now) if duty.draft else None)
        if within is None:
            raise ValueError(f"duty {duty.name} says nothing of what to do")

        async def whole(unit: UnitOfWork) -> None:
            if await unit.jobs.claim(duty.name, due, now, AGAIN_AFTER):
                await unit.jobs.finish(duty.name, due, now, str(await within(unit, due, now)))

        await self._storage.run(whole)

    async def _failed(self, duty: Duty, due: datetime, now: datetime, failure: Exception) -> None:
        """Keep that a try failed, so that there are not too many; after the last one the run counts as done."""

        async def note(unit: UnitOfWork) -> int:
            runs = await unit.jobs.runs(duty.name, due)
            run = next((run for run in runs if run.due_at == due), None)
            if run is not None and run.finished_at is not None:
                return 0  # somebody else has done it
            tries = 1 + (0 if run is None else failures(run))
            result = f"failed {tries}: {type(failure).__name__}"
            await unit.jobs.fail(duty.name, due, now, result)
            if tries >= TRIES:
                await unit.jobs.finish(duty.name, due, now, result)
            return tries

        if await self._storage.run(note) >= TRIES:
            self._log.error("a duty was given up for one due time", duty=duty.name, due=due.isoformat())

    def _tell(self, duty: Duty, failure: Exception) -> None:
        self._log.error("a duty failed", duty=duty.name, failure=type(failure).__name__, exc_info=failure)


def failures(run: JobRun) -> int:
    """How often a run has failed so far."""
    match = _FAILED.match(run.result)
    return int(match[1]) if match else 0
