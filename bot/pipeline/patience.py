"""Storage that is busy or away is waited for: a locked file or a restarting server must not end the run.

The gateway replays nothing, so whoever holds messages keeps them and tries again. Anything else that storage says
is a failure for good, and goes on as it is.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from structlog.typing import FilteringBoundLogger

from bot.clock import Clock
from storage.errors import Busy, Unavailable
from storage.session import Storage, UnitOfWork

T = TypeVar("T")

FIRST_SECONDS = 0.2
LONGEST_SECONDS = 5.0


async def patiently(work: Callable[[], Awaitable[T]], clock: Clock, log: FilteringBoundLogger) -> T:
    """Do ``work`` (a whole unit of work), again and again while storage is busy or away; told once in the log."""
    wait = FIRST_SECONDS
    while True:
        try:
            result = await work()
        except (Busy, Unavailable) as failure:
            if wait == FIRST_SECONDS:
                log.error("the database is busy or away, waiting for it", failure=str(failure))
            await clock.sleep(wait)
            wait = min(wait * 2, LONGEST_SECONDS)
        else:
            if wait > FIRST_SECONDS:
                log.info("the database is back")
            return result


@dataclass(frozen=True, slots=True)
class PatientStorage:
    """A database that is waited for: whoever asks gets an answer, however late."""

    storage: Storage
    clock: Clock
    log: FilteringBoundLogger

    async def read(self, ask: Callable[[UnitOfWork], Awaitable[T]]) -> T:
        """What ``ask`` finds in one view."""

        async def once() -> T:
            async with self.storage.view() as unit:
                return await ask(unit)

        return await patiently(once, self.clock, self.log)

    async def write(self, work: Callable[[UnitOfWork], Awaitable[object]]) -> None:
        """Do ``work`` in one unit."""

        async def once() -> None:
            async with self.storage.unit() as unit:
                await work(unit)

        await patiently(once, self.clock, self.log)
