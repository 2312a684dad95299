"""How much the bot's processes held, and whether the last one stayed flat."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from soaking.keeper import Life, Sample

MIB = 1 << 20
WARM_FROM, WARM_UNTIL = 0.3, 0.45  # of the last process's life
GROWTH, SLACK = 1.25, 16 * MIB  # what is used for the first time late in the day is loaded late
LONG_ENOUGH = 60.0
TASKS_MORE = 4
AT_REST = 8  # samples; the day is over only once it has been quiet for longer


@dataclass(frozen=True, slots=True)
class Size:
    """What the bot's processes held: bytes of memory and asyncio tasks.

    Attributes:
        warm, final: of the last process, after its warm-up and at its end.
        idle_tasks: before the day began.
        lived: seconds that the last process was on guard.
    """

    peak: int = 0
    warm: int = 0
    final: int = 0
    idle_tasks: int = 0
    final_tasks: int = 0
    lived: float = 0.0

    @property
    def told(self) -> bool:
        """Whether the last process lived long enough to tell warming up from growing."""
        return self.lived >= LONG_ENOUGH

    @property
    def bound(self) -> int:
        """What the last process may hold at its end."""
        return int(self.warm * GROWTH) + SLACK

    @classmethod
    def of(cls, lives: Sequence[Life], idle_tasks: int) -> Size:
        """Out of everything that the processes said of themselves."""
        everything = [sample for life in lives for sample in life.samples]
        last = next(life.samples for life in reversed(lives) if life.samples)
        long = last[-1].at
        warm = [one for one in last if WARM_FROM * long <= one.at <= WARM_UNTIL * long] or list(last)
        return cls(
            peak=max(sample.memory for sample in everything),
            warm=_memory(warm),
            final=_memory(last[-5:]),
            idle_tasks=idle_tasks,
            # At rest there is a minute's duty now and then; what leaks is there all the time.
            final_tasks=min(sample.tasks for sample in last[-AT_REST:]),
            lived=long,
        )


def _memory(samples: Sequence[Sample]) -> int:
    return int(statistics.median(sample.memory for sample in samples))
