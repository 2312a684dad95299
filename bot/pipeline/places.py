"""Where a message was written, as far as the bot's manners depend on it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum


class Place(StrEnum):
    """The four kinds of places; only in a guarded room is anything judged."""

    PRIVATE = "private"
    SUPERVISION = "supervision"
    GUARDED = "guarded"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True)
class Places:
    """Which rooms are guarded and which one is the supervision room, by topic or gateway id.

    Attributes:
        guard_all: every room is guarded, apart from the supervision room.
        listed: topics or ids of the guarded rooms otherwise.
        supervision: topic or id of the supervision room; empty for none.
    """

    guard_all: bool
    listed: Collection[str] = frozenset()
    supervision: str = ""

    def of(self, room_id: str, topic: str) -> Place:
        """The kind of a place; an empty ``room_id`` is a private chat."""
        if not room_id:
            return Place.PRIVATE
        if self.supervision and self.supervision in (room_id, topic):
            return Place.SUPERVISION
        if self.guard_all or room_id in self.listed or (topic and topic in self.listed):
            return Place.GUARDED
        return Place.ELSEWHERE
