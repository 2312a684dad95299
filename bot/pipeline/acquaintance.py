"""Rooms and people the path has met lately, so that ordinary talk costs no look-up.

Only what is committed is remembered here. A name or topic that changed, and a while gone by, ask storage again;
whoever is about to get a case or types a command is asked for anew in any case.
"""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta

from bot.gateway.port import IncomingMessage
from storage.records import Person, Room

Met = tuple[Room | None, Person]
Names = tuple[str | None, str, str | None]

REMEMBERED = 20_000
FRESH = timedelta(minutes=10)


class Acquaintance:
    """Who was met where, by the gateway's ids."""

    def __init__(self) -> None:
        self._met: OrderedDict[tuple[str, str], tuple[Names, datetime, Met]] = OrderedDict()

    def of(self, message: IncomingMessage, now: datetime) -> Met | None:
        """Room and person of a message, if both are known under the names they have now."""
        known = self._met.get((message.room_id, message.sender_id))
        if known is None or known[0] != _names(message) or not timedelta() <= now - known[1] < FRESH:
            return None
        return known[2]

    def remember(self, message: IncomingMessage, met: Met, now: datetime) -> None:
        """Keep what storage said of a message's room and person."""
        key = message.room_id, message.sender_id
        self._met[key] = _names(message), now, met
        self._met.move_to_end(key)
        if len(self._met) > REMEMBERED:
            self._met.popitem(last=False)

    def forget(self) -> None:
        """Forget everybody: ids may mean others now."""
        self._met.clear()


def _names(message: IncomingMessage) -> Names:
    return message.room_topic, message.sender_name, message.sender_alias
