"""When an emergency was last spoken of in a room: what tells an answer to it from other talk (policy 3.2a).

It is remembered longer than the windows see, and in bounded memory: a few moments a room, in order of arrival.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from datetime import datetime, timedelta
from typing import Final

ALARM_SPAN: Final = timedelta(hours=4)
"""How long it is remembered that somebody spoke of an emergency."""

MOMENTS: Final = 32
ROOMS: Final = 4_096

_ZERO = timedelta()


class Alarms:
    """The moments, in UTC, at which an emergency was spoken of, by room."""

    def __init__(self) -> None:
        self._rooms: OrderedDict[str, deque[datetime]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._rooms)

    def raised(self, room: str, now: datetime) -> None:
        """Somebody spoke of an emergency at ``now``."""
        moments = self._rooms.get(room)
        if moments is None:
            moments = self._rooms[room] = deque(maxlen=MOMENTS)
        self._rooms.move_to_end(room)
        moments.append(now)
        # At most two rooms a time: enough to keep up, and a jump of the clock can't sweep everything away.
        for _ in range(2):
            oldest = next(iter(self._rooms.values()))
            if len(self._rooms) < 2 or (len(self._rooms) <= ROOMS and now - max(oldest) <= ALARM_SPAN):
                return
            self._rooms.popitem(last=False)

    def last(self, room: str, now: datetime) -> datetime | None:
        """When one was last spoken of, at most :data:`ALARM_SPAN` before ``now`` and not after it."""
        moments = self._rooms.get(room)
        if moments is None:
            return None
        return max((moment for moment in moments if _ZERO <= now - moment <= ALARM_SPAN), default=None)
