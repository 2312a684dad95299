"""Who is exempt from which rule, where and until when."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, or_, select, update

from storage.records import Exemption
from storage.repository import Repository
from storage.tables import exemptions

_COLUMNS = (
    exemptions.c.id,
    exemptions.c.person_key,
    exemptions.c.rule,
    exemptions.c.room_key,
    exemptions.c.until,
    exemptions.c.reason,
    exemptions.c.granted_by.label("by"),
    exemptions.c.granted_at.label("at"),
)


class Exemptions(Repository):
    """Exemptions by id; a revoked one stays as a row until its time is over."""

    async def add(
        self,
        person_key: str,
        rule: str,
        room_key: int,
        until: datetime | None,
        reason: str,
        by: str,
        now: datetime,
    ) -> Exemption:
        """Exempt a person from a rule (empty: every rule) in a room (0: every room), for good without ``until``.

        Raises:
            NotFound: there is no such person.
        """
        await self._require_person(person_key)
        made = await self._connection.execute(
            exemptions.insert()
            .values(
                person_key=person_key,
                rule=rule,
                room_key=room_key,
                until=until,
                reason=reason,
                granted_by=by,
                granted_at=now,
            )
            .returning(*_COLUMNS)
        )
        return Exemption(**made.one()._mapping)

    async def revoke(self, id: int, by: str, now: datetime) -> Exemption | None:  # noqa: A002 - what it is called
        """End an exemption; returns it, or ``None`` if there is none of this id that is in force."""
        ended = await self._connection.execute(
            update(exemptions)
            .where(
                exemptions.c.id == id,
                exemptions.c.revoked_at.is_(None),
                or_(exemptions.c.until.is_(None), exemptions.c.until > now),
            )
            .values(revoked_by=by, revoked_at=now)
            .returning(*_COLUMNS)
        )
        row = ended.first()
        return None if row is None else Exemption(**row._mapping)

    async def active(self, now: datetime) -> list[Exemption]:
        """Exemptions that are in force at ``now``, oldest first; ``until`` itself is outside."""
        found = await self._connection.execute(
            select(*_COLUMNS)
            .where(
                exemptions.c.revoked_at.is_(None),
                or_(exemptions.c.until.is_(None), exemptions.c.until > now),
            )
            .order_by(exemptions.c.id)
        )
        return [Exemption(**row._mapping) for row in found]

    async def purge(self, before: datetime) -> int:
        """Forget what was revoked, or ran out, before ``before``; returns how many."""
        gone = await self._connection.execute(
            delete(exemptions).where(or_(exemptions.c.revoked_at < before, exemptions.c.until < before))
        )
        return gone.rowcount
