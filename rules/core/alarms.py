"""When a room was last called upon, by an emergency or a question: what tells an answer from other talk (policy 3.2a).

It is remembered longer than the windows see, and in bounded memory: a few moments a room, in order of arrival.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from datetime import datetime, timedelta
from typing import Final

ALARM_SPAN: Final = timedelta(hours=4)
"""How long it is remembered that somebody spoke of an emergency."""

QUESTION_SPAN: Final = timedelta(hours=2)
"""How long it is remembered that somebody wanted something of the others."""

MOMENTS: Final = 32
ROOMS: Final = 4_096

_ZERO = timedelta()


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

    def last(self, room: str, now: datetime, *, but: str | None = None) -> datetime | None:
        """When somebody last did, at most the span before ``now`` and not after it.

        Args:
            but: whose own calls don't count.
        """
        moments = self._rooms.get(room)
        if moments is None:
            return None
        heard = (moment for moment, by in moments if by != but and _ZERO <= now - moment <= self._span)
        return max(heard, default=None)
