"""In which rooms the bot says nothing for a while."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select

from storage.records import MutedRoom
from storage.repository import Repository
from storage.tables import silences


class Silences(Repository):
    """At most one silence a room; ``room_key`` 0 stands for every room."""

    async def mute(self, room_key: int, until: datetime, by: str, now: datetime) -> None:
        """Keep the bot silent in a room before ``until``; a silence that is there is replaced."""
        values = {"until": until, "muted_by": by, "muted_at": now}
        insert = self._insert(silences).values(room_key=room_key, **values)
        await self._connection.execute(insert.on_conflict_do_update(index_elements=["room_key"], set_=values))

    async def unmute(self, room_key: int, now: datetime) -> bool:
        """End a silence; returns whether one was in force."""
        ended = await self._connection.execute(
            delete(silences).where(silences.c.room_key == room_key).returning(silences.c.until)
        )
        return any(until > now for until in ended.scalars())

    async def active(self, now: datetime) -> list[MutedRoom]:
        """The rooms that are muted at ``now``, in order of key."""
        found = await self._connection.execute(
            select(silences.c.room_key, silences.c.until, silences.c.muted_by, silences.c.muted_at)
            .where(silences.c.until > now)
            .order_by(silences.c.room_key)
        )
        return [MutedRoom(*row) for row in found]

    async def purge(self, before: datetime) -> int:
        """Forget silences that ended before ``before``; returns how many."""
        gone = await self._connection.execute(delete(silences).where(silences.c.until < before))
        return gone.rowcount
