"""Time that runs faster: one pace, shared by the world, its people and every process of the bot."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from bot.clock import SystemClock

LEAST_SLEEP = 0.01  # a pause of a second must not become a busy loop
SLICE = 0.2  # whoever sleeps notices a change of pace after so long

_MACHINE = SystemClock()


@dataclass(frozen=True, slots=True)
class Pace:
    """How simulated time runs beside the machine's.

    Attributes:
        start: the simulated moment at which everything began.
        real: when this pace was set, in the machine's monotonic seconds, which all processes of a machine share.
        lived: simulated seconds from ``start`` to then.
        speed: simulated seconds per second since then.
        shift: by how many seconds a clock is wrong.
    """

    start: datetime
    real: float
    lived: float
    speed: float
    shift: float = 0.0

    @classmethod
    def beginning(cls, start: datetime, speed: float) -> Pace:
        """A pace that begins now."""
        return cls(start.astimezone(UTC), _MACHINE.monotonic(), 0.0, speed)

    def at_speed(self, speed: float) -> Pace:
        """The same time going on at another speed from now on."""
        real = _MACHINE.monotonic()
        return replace(self, real=real, lived=self.elapsed(real), speed=speed)

    def elapsed(self, real: float) -> float:
        """Simulated seconds since the start, whatever the clock shows."""
        return self.lived + (real - self.real) * self.speed

    def line(self) -> str:
        """As text, for another process."""
        return json.dumps([self.start.isoformat(), self.real, self.lived, self.speed, self.shift])

    @classmethod
    def of(cls, line: str) -> Pace:
        """A pace from its :meth:`line`."""
        start, real, lived, speed, shift = json.loads(line)
        return cls(datetime.fromisoformat(start), real, lived, speed, shift)


class PacedClock:
    """A :class:`bot.clock.Clock` that keeps to a pace, which may change while somebody sleeps."""

    def __init__(self, pace: Pace) -> None:
        self.pace = pace

    def now(self) -> datetime:
        """What this clock shows; wrong by the pace's shift."""
        elapsed = self.pace.elapsed(_MACHINE.monotonic())
        return self.pace.start + timedelta(seconds=elapsed + self.pace.shift)

    def monotonic(self) -> float:
        """Simulated seconds; a clock that is put forward or back changes nothing about them."""
        return self.pace.elapsed(_MACHINE.monotonic())

    async def sleep(self, seconds: float) -> None:
        """Wait until so much simulated time has passed."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        until = self.monotonic() + seconds
        await asyncio.sleep(min(SLICE, max(LEAST_SLEEP, seconds / self.pace.speed)))
        while (left := until - self.monotonic()) > 0:  # noqa: ASYNC110 - a pace may change without a word
            await asyncio.sleep(min(SLICE, left / self.pace.speed))
