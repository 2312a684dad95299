"""When sends fail one after the other the account may be throttled: then nothing leaves for a while, longer each time.

Pure: frozen values, and what becomes of them. Times in here are seconds of a clock that never runs backwards.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from storage.audit import SENDING_RESUMED

PAUSED = "sending_paused"
"""Under this name the database keeps a :class:`Pause` while there is one."""

PAUSE_BEGAN, PAUSE_ENDED = "sending paused", SENDING_RESUMED
"""The audit's words for it; the detail of the latter is when it began."""

_DOUBLINGS = 30


@dataclass(frozen=True, slots=True)
class Tolerance:
    """After how many different messages that failed in a row it pauses; the first and the longest pause in seconds."""

    failures: int
    first: float
    longest: float

    def pause(self, number: int) -> float:
        """How long the pause of this number lasts, the first being 1."""
        return float(min(self.first * 2 ** min(number - 1, _DOUBLINGS), self.longest))


@dataclass(frozen=True, slots=True)
class Breaker:
    """Closed while all is well; open while nothing may leave; half open for one message on trial.

    Attributes:
        failed: ids of the messages that have failed since the last one that left. A message that fails again and
            again says nothing about the account, so each counts once.
        pauses: how many pauses there have been since it was closed; 0 while it is.
        until: the end of the present pause.
    """

    failed: frozenset[int] = frozenset()
    pauses: int = 0
    until: float = 0.0

    @property
    def closed(self) -> bool:
        """Whether messages leave as usual."""
        return self.pauses == 0

    def wait(self, now: float) -> float:
        """How many seconds nothing may leave from now; 0 if it is closed, or half open."""
        return 0.0 if self.closed else max(0.0, self.until - now)

    def after_failure(self, row_id: int, now: float, tolerance: Tolerance) -> Breaker:
        """What it is after a message failed that was allowed to leave."""
        failed = self.failed | {row_id}
        if self.closed and len(failed) < tolerance.failures:
            return replace(self, failed=failed)
        pauses = self.pauses + 1
        return Breaker(failed, pauses, now + tolerance.pause(pauses))


@dataclass(frozen=True, slots=True)
class Pause:
    """A pause as it is stored: since when sending fails, until when nothing is tried, and the how-manieth it is."""

    since: datetime
    until: datetime
    number: int

    def __str__(self) -> str:
        return f"{self.since.isoformat()} {self.until.isoformat()} {self.number}"

    @classmethod
    def read(cls, text: str | None) -> Pause | None:
        """What is stored; ``None`` if there is no pause."""
        if not text:
            return None
        since, until, number = text.split()
        return cls(datetime.fromisoformat(since), datetime.fromisoformat(until), int(number))
