"""When a room was last called upon, by an emergency or a question: what tells an answer from other talk (policy 3.2a).

It is remembered longer than the windows see, and in bounded memory: a few moments a room, in order of arrival.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Final

ALARM_SPAN: Final = timedelta(hours=4)
"""How long it is remembered that somebody spoke of an emergency."""

QUESTION_SPAN: Final = timedelta(hours=2)
"""How long it is remembered that somebody wanted something of the others."""

MOMENTS: Final = 32
ROOMS: Final = 4_096

_ZERO = timedelta()


class Alert(Enum):
    """How an emergency was spoken of."""

    TOLD = auto()  # what happened was said
    CLAIMED = auto()  # it was marked as urgent, and no more


@dataclass(frozen=True, slots=True)
class Calls:
    """When a room was last called upon, as whoever writes there now sees it; each only if it is recent.

    Attributes:
        told: when somebody else told of an emergency.
        claimed: when somebody else marked something as urgent without saying what happened.
        asked: when somebody else wanted something of people (a question, an order, a name that was called).
        own_told, own_claimed: the same of the sender: nobody's own alarm makes everything they write urgent.
    """

    told: datetime | None = None
    claimed: datetime | None = None
    asked: datetime | None = None
    own_told: datetime | None = None
    own_claimed: datetime | None = None


NO_CALLS = Calls()


class Alarms:
    """The moments, in UTC, at which people were called upon, and by whom, by room.

    Args:
        span: how long they are remembered.
    """

    def __init__(self, span: timedelta = ALARM_SPAN) -> None:
        self._rooms: OrderedDict[str, deque[tuple[datetime, str]]] = OrderedDict()
        self._span = span

    def __len__(self) -> int:
        return len(self._rooms)

    def raised(self, room: str, now: datetime, by: str = "") -> None:
        """Somebody (``by``, if it is known who) called upon the room at ``now``."""
        moments = self._rooms.get(room)
        if moments is None:
            moments = self._rooms[room] = deque(maxlen=MOMENTS)
        self._rooms.move_to_end(room)
        moments.append((now, by))
        # At most two rooms a time: enough to keep up, and a jump of the clock can't sweep everything away.
        for _ in range(2):
            oldest = next(iter(self._rooms.values()))
            if len(self._rooms) < 2 or (len(self._rooms) <= ROOMS and now - max(oldest)[0] <= self._span):
                return
            self._rooms.popitem(last=False)

    def last(
        self, room: str, now: datetime, *, but: str | None = None, by: str | None = None
    ) -> datetime | None:
        """When somebody last did, at most the span before ``now`` and not after it.

        Args:
            but: whose own calls don't count.
            by: whose calls alone count; everybody's without it.
        """
        moments = self._rooms.get(room)
        if moments is None:
            return None
        heard = (
            moment
            for moment, who in moments
            if who != but and by in (None, who) and _ZERO <= now - moment <= self._span
        )
        return max(heard, default=None)
