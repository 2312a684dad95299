"""How much the account may say: per minute, per room, never two messages right behind each other.

WeChat throttles accounts that send quickly, and a group dislikes a bot that chatters. Pure bookkeeping over a
clock's seconds; randomness comes in as a number.
"""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass

from bot.pipeline.breaker import Tolerance
from bot.settings import NoticeSettings, OutboxSettings


@dataclass(frozen=True, slots=True)
class Limits:
    """Budgets in messages, times in seconds; ``pacing`` off lifts all of them (load tests)."""

    account_per_minute: int
    room_per_minute: int
    room_per_hour: int
    min_gap: float
    jitter: float
    pacing: bool = True


@dataclass(frozen=True, slots=True)
class Manner:
    """How the outbox behaves: budgets, how long notices gather before they leave, how often it tries.

    Attributes:
        notices_per_hour: so many notices of cases one room hears in an hour at most; the rest goes into a summary.
        tolerance: after which failures it pauses, and for how long.
    """

    limits: Limits
    merge_seconds: float
    max_attempts: int
    notices_per_hour: int
    tolerance: Tolerance

    @classmethod
    def of(cls, outbox: OutboxSettings, notices: NoticeSettings) -> Manner:
        """What these settings ask for."""
        limits = Limits(
            account_per_minute=outbox.account_per_minute,
            room_per_minute=outbox.room_per_minute,
            room_per_hour=outbox.room_per_hour,
            min_gap=outbox.min_gap_seconds,
            jitter=outbox.jitter_seconds,
            pacing=outbox.pacing,
        )
        tolerance = Tolerance(
            failures=outbox.failures_in_a_row,
            first=outbox.pause_seconds,
            longest=outbox.pause_at_most_minutes * 60.0,
        )
        return cls(limits, outbox.merge_seconds, outbox.max_attempts, notices.per_room_hour, tolerance)


class Budget:
    """Remembers what was sent lately and says when the next message may go."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._account: deque[float] = deque(maxlen=max(1, limits.account_per_minute))
        self._minute: dict[str, deque[float]] = defaultdict(
            lambda: deque(maxlen=max(1, self._limits.room_per_minute))
        )
        self._hour: dict[str, deque[float]] = defaultdict(
            lambda: deque(maxlen=max(1, self._limits.room_per_hour))
        )
        self._last = float("-inf")
        self._gap = 0.0

    def adopt(self, limits: Limits) -> None:
        """Keep to other limits from now on; what was sent lately counts towards them."""
        self._limits = limits
        self._account = deque(self._account, maxlen=max(1, limits.account_per_minute))
        for book, most in ((self._minute, limits.room_per_minute), (self._hour, limits.room_per_hour)):
            for target, sent in book.items():
                book[target] = deque(sent, maxlen=max(1, most))

    def allowed_at(self, target: str, now: float, *, reserved: bool = False) -> float:
        """The moment from which a message to this room or contact is within every budget (maybe ``now``).

        Half of each budget is ``reserved`` for notices and alerts: whoever floods the bot with questions must
        not keep it from speaking.
        """
        if not self._limits.pacing:
            return now
        waits = [now, self._last + self._gap]
        for sent, span in (
            (self._account, 60.0),
            (self._minute.get(target), 60.0),
            (self._hour.get(target), 3600.0),
        ):
            if sent is None or sent.maxlen is None:
                continue
            most = sent.maxlen if reserved else max(1, sent.maxlen // 2)
            if len(sent) >= most:
                waits.append(sent[-most] + span)
        return max(waits)

    def spent(self, target: str, now: float, chance: float) -> None:
        """Book one message; ``chance`` in 0..1 sets how much longer than the least gap the next one waits."""
        self._account.append(now)
        self._minute[target].append(now)
        self._hour[target].append(now)
        self._last = now
        self._gap = self._limits.min_gap + self._limits.jitter * chance
        if len(self._minute) > 1_000:
            self._forget(now)

    def _forget(self, now: float) -> None:
        for book, span in ((self._minute, 60.0), (self._hour, 3600.0)):
            for target in [target for target, sent in book.items() if now - sent[-1] > span]:
                del book[target]
