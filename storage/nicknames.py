"""Nicknames that break policy 2.2: who wears which since when, how often they were reminded, and the case."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, case, delete, func, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.errors import Conflict, NotFound
from storage.names import fingerprint
from storage.records import NicknameNote
from storage.repository import Repository
from storage.tables import members, nicknames
from storage.types import UtcTime

_COLUMNS = (
    nicknames.c.person_key,
    nicknames.c.alias,
    nicknames.c.room_key,
    nicknames.c.contact_id,
    nicknames.c.tier,
    nicknames.c.category,
    nicknames.c.clause,
    nicknames.c.points,
    nicknames.c.reason,
    nicknames.c.signs,
    nicknames.c.since,
    nicknames.c.first_reminded_at,
    nicknames.c.reminded_at,
    nicknames.c.reminders,
    nicknames.c.number,
    nicknames.c.cleared_at,
)
# What a later sight of the same nickname brings up to date.
_REFRESHED = ("alias", "room_key", "contact_id", "tier", "category", "clause", "points", "reason", "signs")


class Nicknames(Repository):
    """One note per person and nickname (case, width and outer space aside).

    In a unit that writes, a note that was read stays this unit's to its end: another process that reads it
    waits, and then sees what came of it. So no two can open a case for one.
    """

    def __init__(self, connection: AsyncConnection, *, read_only: bool = False) -> None:
        super().__init__(connection)
        self._locks = not read_only and not self._sqlite

    async def get(self, person_key: str, alias: str) -> NicknameNote | None:
        """The note of a person's nickname, cleared or not; ``None`` if it was never noted."""
        query = select(*_COLUMNS).where(
            nicknames.c.person_key == person_key, nicknames.c.alias_key == fingerprint(alias)
        )
        row = (await self._connection.execute(query.with_for_update() if self._locks else query)).first()
        return None if row is None else NicknameNote(**row._mapping)

    async def note(self, note: NicknameNote) -> NicknameNote:
        """Keep a note, or bring the one of this person and nickname up to date and open it again.

        Returns it as it stands: ``since``, reminders and the case are those of the first time; after it was
        cleared its wearer is to be told anew. Decide by what is returned, since another process may have noted
        the same just before.

        Raises:
            NotFound: there is no such person.
        """
        await self._require_person(note.person_key)
        values = {name: getattr(note, name) for name in _REFRESHED}
        insert = self._insert(nicknames).values(
            person_key=note.person_key,
            alias_key=fingerprint(note.alias),
            since=note.since,
            first_reminded_at=note.first_reminded_at,
            reminded_at=note.reminded_at,
            reminders=note.reminders,
            number=note.number,
            **values,
        )
        anew = {
            column.name: case((nicknames.c.cleared_at.is_(None), column), else_=None)
            for column in (nicknames.c.first_reminded_at, nicknames.c.reminded_at)
        }
        kept = await self._connection.execute(
            insert.on_conflict_do_update(
                index_elements=["person_key", "alias_key"], set_={**values, **anew, "cleared_at": None}
            ).returning(*_COLUMNS)
        )
        return NicknameNote(**kept.one()._mapping)

    async def clear(
        self,
        person_key: str,
        contact_id: str,
        now: datetime,
        room_key: int | None = None,
        *,
        worn: str | None = None,
    ) -> int:
        """A nickname is fine now: open notes of the person, or of the contact id, are cleared; returns how many.

        With ``room_key`` only those last seen in that room: elsewhere the person may go by another nickname.
        With ``worn`` all but the note of that nickname.
        """
        conditions = [
            or_(nicknames.c.person_key == person_key, nicknames.c.contact_id == contact_id),
            nicknames.c.cleared_at.is_(None),
        ]
        if room_key is not None:
            conditions.append(nicknames.c.room_key == room_key)
        if worn is not None:
            conditions.append(nicknames.c.alias_key != fingerprint(worn))
        cleared = await self._connection.execute(update(nicknames).where(*conditions).values(cleared_at=now))
        return cleared.rowcount

    async def open(self) -> list[NicknameNote]:
        """Every note that is not cleared, oldest first."""
        query = select(*_COLUMNS).where(nicknames.c.cleared_at.is_(None)).order_by(nicknames.c.id)
        found = await self._connection.execute(query.with_for_update() if self._locks else query)
        return [NicknameNote(**row._mapping) for row in found]

    async def reminded(self, person_key: str, alias: str, now: datetime) -> None:
        """Count a reminder, given at ``now``.

        Raises:
            NotFound: there is no such note.
        """
        await self._touch(
            person_key,
            alias,
            first_reminded_at=func.coalesce(nicknames.c.first_reminded_at, literal(now, UtcTime)),
            reminded_at=now,
            reminders=nicknames.c.reminders + 1,
        )

    async def pause(self, person_key: str, alias: str) -> None:
        """Let the time of grace begin anew: its wearer is away, or the bot is asked to be quiet.

        Raises:
            NotFound: there is no such note.
        """
        await self._touch(person_key, alias, first_reminded_at=None, reminded_at=None)

    async def settled(self, person_key: str, alias: str, number: str) -> None:
        """Keep the number of the case that was opened.

        Raises:
            NotFound: there is no such note.
            Conflict: it has another case already; ``present`` is its number.
        """
        note = await self.get(person_key, alias)
        if note is not None and note.number not in ("", number):
            raise Conflict("there is a case for this nickname already", present=note.number)
        await self._touch(person_key, alias, number=number)

    async def _touch(self, person_key: str, alias: str, **values: object) -> None:
        touched = await self._connection.execute(
            update(nicknames)
            .where(nicknames.c.person_key == person_key, nicknames.c.alias_key == fingerprint(alias))
            .values(**values)
        )
        if not touched.rowcount:
            raise NotFound("this nickname was never noted")

    async def purge(self, before: datetime) -> int:
        """Erase notes that were cleared before ``before``; returns how many (nicknames are personal data).

        Notes that old of whoever is in no room any more go, too: nobody will see them wear another.
        """
        present = (
            select(members.c.contact_id)
            .where(members.c.contact_id == nicknames.c.contact_id, members.c.left_at.is_(None))
            .exists()
        )
        gone = await self._connection.execute(
            delete(nicknames).where(
                or_(nicknames.c.cleared_at < before, and_(nicknames.c.since < before, ~present))
            )
        )
        return gone.rowcount
