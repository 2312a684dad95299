"""What is due now: all that the scheduler calls, once a minute. Demo and tests call it with their own clock.

Small duties run with every tick. A daily duty runs once a day, over restarts and several processes: whoever
writes its job-run row first does it. A duty that fails is logged and stops no other.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from structlog.typing import FilteringBoundLogger

from storage.session import Storage

Act = Callable[[datetime], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Duty:
    """Something to do regularly.

    Attributes:
        name: stands in the job-run row and the log.
        at: the local time of day for a daily duty; ``None`` for one that runs with every tick.
    """

    name: str
    act: Act
    at: time | None = None


def due_moment(now: datetime, at: time, zone: ZoneInfo) -> datetime | None:
    """The moment (UTC) at which today's run of a daily duty was due; ``None`` before that time of day."""
    local = now.astimezone(zone)
    due = datetime.combine(local.date(), at, zone)
    return due.astimezone(UTC) if local >= due else None


class Tick:
    """Runs whatever is due."""

    def __init__(
        self, storage: Storage, zone: ZoneInfo, duties: Sequence[Duty], log: FilteringBoundLogger
    ) -> None:
        self._storage = storage
        self._zone = zone
        self._duties = tuple(duties)
        self._log = log

    async def __call__(self, now: datetime) -> None:
        """Do what is due at ``now``."""
        for duty in self._duties:
            try:
                await self._once(duty, now)
            except Exception as failure:  # noqa: BLE001 - one duty must not stop the others; told in the log
                self._log.error(
                    "a duty failed", duty=duty.name, failure=type(failure).__name__, exc_info=failure
                )

    async def _once(self, duty: Duty, now: datetime) -> None:
        if duty.at is None:
            await duty.act(now)
            return
        due = due_moment(now, duty.at, self._zone)
        if due is None:
            return
        async with self._storage.unit() as unit:
            mine = await unit.jobs.claim(duty.name, due, now)
        if mine:
            result = await duty.act(now)
            async with self._storage.unit() as unit:
                await unit.jobs.finish(duty.name, due, now, str(result))
