"""What the bot does to a group's members, tried a few times and then left to people: each try once, over restarts.

A try is a claimed job run, so that of several processes one makes it and a crash repeats none. Whether it had an
effect is never taken from the gateway's word: some say yes and do nothing, and an invitation may wait for its
reader. So nothing here is done before the members of the room show it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from structlog.typing import FilteringBoundLogger

from bot.errors import GatewayError, GatewayUncertain
from storage.records import JobRun
from storage.session import Storage

ASKED = "asked"
AGAIN_AFTER = (timedelta(minutes=5), timedelta(minutes=30))
"""How long after each failure it is tried again; after the last one people are asked."""

UNSEEN_AFTER = timedelta(minutes=15)
"""So long after the gateway took it without a complaint it should show."""


class Next(StrEnum):
    """What is to be done about a deed now."""

    TRY = "try"
    WAIT = "wait"
    REFUSED = "refused"  # left to people: the gateway would not
    UNSEEN = "unseen"  # left to people: the gateway would, and nothing happened


def next_step(runs: Sequence[JobRun], now: datetime) -> Next:
    """What is to be done after these tries, oldest first. One that never ended may have had its effect."""
    if not runs:
        return Next.TRY
    asked = [run for run in runs if run.finished_at is None or run.result == ASKED]
    if asked:
        return Next.UNSEEN if now - asked[-1].claimed_at >= UNSEEN_AFTER else Next.WAIT
    if len(runs) > len(AGAIN_AFTER):
        return Next.REFUSED
    return Next.TRY if now - runs[-1].claimed_at >= AGAIN_AFTER[len(runs) - 1] else Next.WAIT


@dataclass(frozen=True, slots=True)
class Deed:
    """Something to be done to a room's members: ``name`` is its own, ``since`` when it was decided on."""

    name: str
    since: datetime
    act: Callable[[], Awaitable[None]]


class Deeds:
    """Makes tries and remembers them."""

    def __init__(self, storage: Storage, log: FilteringBoundLogger) -> None:
        self._storage = storage
        self._log = log

    async def go_on(self, deed: Deed, now: datetime) -> Next:
        """Make the next try if one is due; returns where the deed stands after it."""
        async with self._storage.view() as unit:
            runs = await unit.jobs.runs(deed.name, deed.since)
        step = next_step(runs, now)
        if step is not Next.TRY:
            return step
        # Every process counts the same tries, so that two of them claim the same one.
        due = deed.since + timedelta(seconds=len(runs))
        if not await self._storage.run(lambda unit: unit.jobs.claim(deed.name, due, now)):
            return Next.WAIT
        result = await self._try(deed)
        await self._storage.run(lambda unit: unit.jobs.finish(deed.name, due, now, result))
        return Next.WAIT

    async def _try(self, deed: Deed) -> str:
        try:
            await deed.act()
        except GatewayUncertain:
            return ASKED  # it may have had its effect: the members will show
        except GatewayError as failure:
            self._log.warning(
                "the gateway would not change a room's members",
                deed=deed.name,
                failure=type(failure).__name__,
            )
            return f"failed: {type(failure).__name__}"
        return ASKED
