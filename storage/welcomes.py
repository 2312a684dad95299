"""Which newcomers were told the policy (policy 2.1c)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select

from storage.records import Welcome
from storage.repository import Repository
from storage.tables import bindings, members, welcomes


class Welcomes(Repository):
    """Welcomes by person and room; each is told once."""

    async def note(self, person_key: str, room_key: int, now: datetime) -> bool:
        """Note that a newcomer is told the policy; ``False`` if they were told in this room before.

        Raises:
            NotFound: there is no such person.
        """
        await self._require_person(person_key)
        made = await self._connection.execute(
            self._insert(welcomes)
            .values(person_key=person_key, room_key=room_key, at=now)
            .on_conflict_do_nothing(index_elements=["person_key", "room_key"])
            .returning(welcomes.c.at)
        )
        return made.first() is not None

    async def of_person(self, person_key: str) -> list[Welcome]:
        """In which rooms a person was told, first time first."""
        found = await self._connection.execute(
            select(welcomes)
            .where(welcomes.c.person_key == person_key)
            .order_by(welcomes.c.at, welcomes.c.room_key)
        )
        return [Welcome(**row._mapping) for row in found]

    async def purge(self, before: datetime) -> int:
        """Forget who was told before ``before`` and is in that room no longer; returns how many."""
        there = (
            select(members.c.contact_id)
            .join(bindings, bindings.c.contact_id == members.c.contact_id)
            .where(
                bindings.c.person_key == welcomes.c.person_key,
                bindings.c.until.is_(None),
                members.c.room_key == welcomes.c.room_key,
                members.c.left_at.is_(None),
            )
            .exists()
        )
        gone = await self._connection.execute(delete(welcomes).where(welcomes.c.at < before, ~there))
        return gone.rowcount
