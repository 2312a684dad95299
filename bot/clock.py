"""The one place that reads real time.

Everything else is handed a :class:`Clock`, so that demo, journeys and tests can run a working day in seconds.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What the bot needs of time."""

    def now(self) -> datetime:
        """The present as an aware datetime in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never run backwards; for durations only."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait until this clock has moved on by ``seconds``."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds))


class ManualClock:
    """A clock that stands still until it is told to move: for the demo, journeys and tests.

    ``sleep`` returns once :meth:`advance_to` has moved past its deadline; sleepers wake in order of deadline.
    """

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError("a clock needs an aware start")
        self._now = start.astimezone(UTC)
        self._origin = self._now
        self._sleepers: list[tuple[datetime, int, asyncio.Future[None]]] = []
        self._count = 0

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return (self._now - self._origin).total_seconds()

    async def sleep(self, seconds: float) -> None:
        from datetime import timedelta

        if seconds <= 0:
            await asyncio.sleep(0)
            return
        self._count += 1
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        entry = (self._now + timedelta(seconds=seconds), self._count, future)
        self._sleepers.append(entry)
        try:
            await future
        finally:
            if entry in self._sleepers:
                self._sleepers.remove(entry)

    def next_deadline(self) -> datetime | None:
        """When the earliest sleeper wants to wake; ``None`` if nobody sleeps."""
        return min((when for when, _, _ in self._sleepers), default=None)

    def advance_to(self, moment: datetime) -> None:
        """Move to ``moment`` (never backwards) and wake whoever is due."""
        moment = moment.astimezone(UTC)
        self._now = max(self._now, moment)
        for entry in sorted(entry for entry in self._sleepers if entry[0] <= self._now):
            self._sleepers.remove(entry)
            if not entry[2].done():
                entry[2].set_result(None)

    def advance(self, seconds: float) -> None:
        """Move on by ``seconds``."""
        from datetime import timedelta

        self.advance_to(self._now + timedelta(seconds=seconds))
