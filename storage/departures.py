"""Who has left the company and was still in which room (policy 2.1b)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, text, update

from storage.records import Departure
from storage.repository import Repository
from storage.tables import departures

_COLUMNS = (
    departures.c.person_key,
    departures.c.room_key,
    departures.c.contact_id,
    departures.c.noted_at,
    departures.c.done_at,
    departures.c.how,
)
_STANDING = text("done_at IS NULL")


class Departures(Repository):
    """Departures by person, room and contact id; one stands at a time, and a later one is another row."""

    async def note(self, person_key: str, room_key: int, contact_id: str, now: datetime) -> bool:
        """Note that somebody who has left is still in a room; ``False`` if that is noted already.

        Raises:
            NotFound: there is no such person.
        """
        await self._require_person(person_key)
        made = await self._connection.execute(
            self._insert(departures)
            .values(person_key=person_key, room_key=room_key, contact_id=contact_id, noted_at=now, how="")
            .on_conflict_do_nothing(
                index_elements=["person_key", "room_key", "contact_id"], index_where=_STANDING
            )
            .returning(departures.c.id)
        )
        return made.first() is not None

    async def open(self, room_key: int | None = None) -> list[Departure]:
        """Departures that nobody has seen to, in one room or in all, oldest first."""
        here = [] if room_key is None else [departures.c.room_key == room_key]
        return await self._select(departures.c.done_at.is_(None), *here)

    async def of_person(self, person_key: str) -> list[Departure]:
        """Every departure of a person, seen to or not, oldest first."""
        return await self._select(departures.c.person_key == person_key)

    async def done(self, person_key: str, room_key: int, contact_id: str, how: str, now: datetime) -> bool:
        """Note that somebody is out of a room (or may stay), and ``how``; ``False`` if nothing was open."""
        ended = await self._connection.execute(
            update(departures)
            .where(
                departures.c.person_key == person_key,
                departures.c.room_key == room_key,
                departures.c.contact_id == contact_id,
                departures.c.done_at.is_(None),
            )
            .values(done_at=now, how=how)
        )
        return ended.rowcount > 0

    async def purge(self, before: datetime) -> int:
        """Forget departures that were seen to before ``before``; returns how many."""
        gone = await self._connection.execute(delete(departures).where(departures.c.done_at < before))
        return gone.rowcount

    async def _select(self, *conditions: Any) -> list[Departure]:
        found = await self._connection.execute(select(*_COLUMNS).where(*conditions).order_by(departures.c.id))
        return [Departure(**row._mapping) for row in found]
