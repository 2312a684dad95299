"""People: a random key stays, contact ids are bindings, and how sure each binding is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select, update
from sqlalchemy.sql import Select

from storage import confirmation, doubt, merging, reidentify, roster
from storage.authority import BOUND, MAYBE_BOUND, Authority, as_person
from storage.errors import Conflict, NotFound
from storage.names import folded, joined
from storage.records import Binding, Person, RosterRow
from storage.repository import AnyRow
from storage.results import Confirmed, Contested, PeopleReconciliation, RosterDiff
from storage.tables import audit, bindings, members, people

_KINDS = frozenset({"employee", "external"})


class People(Authority):
    """People by key, contact id, name and role.

    A :class:`Person` shows roles only where its contact id is confirmed: a likeness gives no authority.
    """

    async def seen(
        self,
        contact_id: str,
        name: str,
        alias: str | None,
        room_key: int,
        now: datetime,
        kind: str | None = None,
    ) -> Person:
        """The person behind a contact id; on first sight the one matching roster entry or a new record.

        ``room_key`` 0 stands for a private chat. Empty names never replace known ones; an empty ``alias``
        does, since it means that the nickname was taken off. ``None`` means that it could not be read. ``kind``
        never replaces what somebody told.

        What was only guessed ends when the nickname it was guessed by does, and when a second id goes by the
        same roster nickname (see :meth:`contested_since`): the id then has a record of its own.
        """
        row = await self._recognised(contact_id, name, alias, room_key, now, kind)
        if row.kind_told:
            kind = None
        if (name and name != row.name and not row.employee_no) or (kind and kind != row.kind):
            changed = {} if row.employee_no or not name else {"name": name, "name_key": folded(name)}
            await self._connection.execute(
                update(people).where(people.c.key == row.key).values(kind=kind or row.kind, **changed)
            )
            row = await self._look(contact_id, room_key) or row
        if alias is None:
            alias = row.alias or ""
        if room_key and (
            row.last_seen is None
            or row.left_at is not None
            or row.alias != alias
            or (name and row.member_name != name)
            or (now - row.last_seen).total_seconds() > 3600
        ):
            await self._note_member(room_key, contact_id, name or row.member_name or row.name, alias, now)
        return as_person(row)

    async def _recognised(
        self, contact_id: str, name: str, alias: str | None, room_key: int, now: datetime, kind: str | None
    ) -> AnyRow:
        """How storage remembers a contact, once what it goes by now was compared with what was believed."""
        row = await self._look(contact_id, room_key)
        known_alias, known_name = (row.alias or "", row.member_name or "") if row else ("", "")
        goes_by = known_alias if alias is None else alias, name or known_name
        if row is None or (room_key and (row.left_at is not None or goes_by != (known_alias, known_name))):
            await self._serialise("people")
            row = await self._look(contact_id, room_key)
            if row is not None and await doubt.ended(self._connection, row, room_key, name, alias):
                await doubt.end(self._connection, contact_id, now)
            if room_key:
                await doubt.contest(self._connection, contact_id, goes_by[0] or goes_by[1], now)
            if row is None:
                await doubt.welcome(self._connection, contact_id, name, alias or "", now, kind)
            row = await self._look(contact_id, room_key)
        if row is None:
            raise NotFound("a contact that was just bound is gone")
        return row

    async def _look(self, contact_id: str, room_key: int) -> AnyRow | None:
        query = (
            BOUND.add_columns(
                members.c.alias, members.c.name.label("member_name"), members.c.last_seen, members.c.left_at
            )
            .outerjoin(
                members,
                and_(members.c.contact_id == bindings.c.contact_id, members.c.room_key == room_key),
            )
            .where(bindings.c.contact_id == contact_id)
        )
        return (await self._connection.execute(query)).first()

    async def _note_member(
        self, room_key: int, contact_id: str, name: str, alias: str, now: datetime
    ) -> None:
        values = {
            "name": name,
            "name_key": folded(name),
            "alias": alias,
            "alias_key": folded(alias),
            "last_seen": now,
            "left_at": None,
        }
        insert = self._insert(members).values(
            room_key=room_key, contact_id=contact_id, first_seen=now, **values
        )
        await self._connection.execute(
            insert.on_conflict_do_update(index_elements=["room_key", "contact_id"], set_=values)
        )

    async def left(self, room_key: int, contact_id: str, now: datetime) -> None:
        """Note that a contact is no longer in a room; being seen there again takes it back."""
        await self._connection.execute(
            update(members)
            .where(members.c.room_key == room_key, members.c.contact_id == contact_id)
            .values(left_at=now)
        )

    async def get(self, key: str) -> Person | None:
        """The person with a key, under the newest contact id."""
        return await self._first(MAYBE_BOUND.where(people.c.key == key))

    async def by_contact(self, contact_id: str) -> Person | None:
        """The person behind a contact id; ``None`` if it was never seen."""
        return await self._first(BOUND.where(bindings.c.contact_id == contact_id))

    async def by_employee_no(self, employee_no: str) -> Person | None:
        """The roster entry with this number, or the record that it was put to, under the newest contact id if any."""
        person = await self._first(MAYBE_BOUND.where(people.c.employee_no == employee_no))
        if person is None or (key := await merging.holder(self._connection, person.key)) == person.key:
            return person
        return await self.get(key)

    async def _first(self, query: Select[*tuple[Any, ...]]) -> Person | None:
        row = (await self._connection.execute(query.order_by(bindings.c.id.desc()).limit(1))).first()
        return None if row is None else as_person(row)

    async def bind(self, contact_id: str, person_key: str, level: Binding, by: str, now: datetime) -> Person:
        """Bind a contact id to a person; the binding before it stays as a closed row.

        Raises:
            NotFound: there is no such person.
        """
        if await self.get(person_key) is None:
            raise NotFound("there is no such person")
        await self._serialise("people")
        await reidentify.bind(self._connection, contact_id, person_key, level, by, now)
        return await self._just_bound(contact_id)

    async def confirm(self, contact_id: str, person_key: str | None, by: str, now: datetime) -> Confirmed:
        """Bind a contact id for certain: to a person, or with ``None`` to its own record.

        With a person, other ids that were only guessed to be them are undone, and what belongs to this id goes
        with it: cases, notes on nicknames, and the exemptions and shifts of a record of its own. With ``None`` a
        guess is not lifted: the id gets a record of its own.

        Raises:
            NotFound: there is no such person.
        """
        if person_key is not None and await self.get(person_key) is None:
            raise NotFound("there is no such person")
        await self._serialise("people")
        undone: tuple[str, ...] = ()
        if person_key is None:
            await confirmation.as_themselves(self._connection, contact_id, by, now)
        else:
            undone = await confirmation.as_person(self._connection, contact_id, person_key, by, now)
        return Confirmed(await self._just_bound(contact_id), undone)

    async def unbind(self, contact_id: str, by: str, now: datetime) -> Person:
        """Give a contact id a record of its own; the person it was bound to keeps their cases and orders.

        Where it was only guessed to be them, the cases of its messages go with it.

        Raises:
            NotFound: the contact id was never seen.
        """
        if await self.by_contact(contact_id) is None:
            raise NotFound("this contact was never seen")
        await self._serialise("people")
        await reidentify.detach(self._connection, contact_id, Binding.NONE, by, now)
        return await self._just_bound(contact_id)

    async def set_kind(self, person_key: str, kind: str, by: str, now: datetime) -> Person:
        """Note what somebody told of a person: ``employee`` or ``external``. It stands in the audit.

        Raises:
            NotFound: there is no such person.
            Conflict: the roster says that they are an employee.
            ValueError: there is no such kind.
        """
        if kind not in _KINDS:
            raise ValueError(f"a person is employee or external, not {kind!r}")
        person = await self.get(person_key)
        if person is None:
            raise NotFound("there is no such person")
        if person.employee_no and kind != "employee":
            raise Conflict("they are on the roster", present=person.kind)
        await self._connection.execute(
            update(people).where(people.c.key == person_key).values(kind=kind, kind_told=True)
        )
        await self._connection.execute(
            audit.insert().values(at=now, actor=by, action="person kind", target=person_key, detail=kind)
        )
        return replace(person, kind=kind, kind_told=True)

    async def _just_bound(self, contact_id: str) -> Person:
        bound = await self.by_contact(contact_id)
        if bound is None:
            raise NotFound("a contact that was just bound is gone")
        return bound

    async def contested_since(self, since: datetime) -> list[Contested]:
        """Doubts that :meth:`seen` found from ``since`` on, oldest first; they are in the audit, too."""
        return await doubt.contested_since(self._connection, since)

    async def find(self, name: str) -> list[Person]:
        """Everybody whose nickname in some room, own name, roster name or employee number is ``name``."""
        wanted = folded(name)
        if not wanted:
            return []
        labelled = select(bindings.c.person_key).where(
            bindings.c.until.is_(None),
            bindings.c.contact_id.in_(
                select(members.c.contact_id).where(
                    or_(members.c.alias_key == wanted, members.c.name_key == wanted)
                )
            ),
        )
        found = await self._connection.execute(
            MAYBE_BOUND.where(
                people.c.key.not_in(merging.PUT_AWAY),
                or_(
                    people.c.key.in_(labelled),
                    people.c.name_key == wanted,
                    and_(people.c.roster_key != "", people.c.roster_key == joined(name)),
                    people.c.employee_no == name.strip(),
                ),
            ).order_by(people.c.created_at, people.c.key, bindings.c.id)
        )
        # Of several contact ids of one person the newest stands last, and stays.
        return list({row.key: as_person(row) for row in found}.values())

    async def in_room(self, room_key: int) -> list[Person]:
        """Who is known to be in a room, each under the contact id that is there."""
        found = await self._connection.execute(
            BOUND.join(members, and_(members.c.contact_id == bindings.c.contact_id))
            .where(members.c.room_key == room_key, members.c.left_at.is_(None))
            .order_by(members.c.first_seen)
        )
        return [as_person(row) for row in found]

    async def members(self, room_key: int) -> list[tuple[Person, str, str]]:
        """Who is known to be in a room: the person under the contact id that is there, name and nickname there."""
        found = await self._connection.execute(
            BOUND.join(members, members.c.contact_id == bindings.c.contact_id)
            .add_columns(members.c.name.label("member_name"), members.c.alias)
            .where(members.c.room_key == room_key, members.c.left_at.is_(None))
            .order_by(members.c.first_seen, members.c.contact_id)
        )
        return [(as_person(row), row.member_name, row.alias) for row in found]

    async def reconcile_room(
        self, room_key: int, current: Sequence[tuple[str, str, str | None]], now: datetime
    ) -> PeopleReconciliation:
        """Recognise people after a new login; ``current`` is who is in the room: id, name, nickname.

        A nickname of ``None`` could not be read: a known id keeps the one it had.

        An unknown id with the nickname (or name, if none) of exactly one known member who is not there under
        another id becomes ``probable``. Where two could be meant, nobody is taken for anybody, bindings that
        were only ``probable`` are undone, and the case is in the result for HR. Confirmed bindings stay.
        """
        await self._serialise("people")
        plan = reidentify.plan(await reidentify.known(self._connection, room_key), current)
        await reidentify.carry_out(self._connection, room_key, plan, current, now)
        matched = []
        for contact_id, name, alias in current:
            person = await self.seen(contact_id, name, alias, room_key, now)
            if contact_id in plan.matches:
                matched.append(person)
        return PeopleReconciliation(tuple(matched), plan.contested)

    async def on_roster(self, name_or_alias: str) -> bool:
        """Whether an active roster entry has this name, or department and name (policy 2.2a)."""
        return await roster.names(self._connection, name_or_alias)

    async def import_roster(self, rows: Sequence[RosterRow], now: datetime) -> RosterDiff:
        """Take a roster over, by employee number; who is not in it is reported and left as they are."""
        await self._serialise("people")
        return await roster.take_over(self._connection, rows, now)

    async def roster(self) -> list[RosterRow]:
        """Every roster entry, employed or not, in order of employee number."""
        return await roster.known(self._connection)

    async def preview_roster(self, rows: Sequence[RosterRow]) -> RosterDiff:
        """What :meth:`import_roster` would do now; nothing is written."""
        return roster.diff(await roster.known(self._connection), rows)
