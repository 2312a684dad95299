"""People as they are read, and the roles they hold: a likeness gives no authority."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, select, update

from storage import merging
from storage.records import Binding, Ever, Person, Role
from storage.repository import AnyRow, Repository
from storage.tables import bindings, people, roles

_ROLES = (
    select(func.aggregate_strings(roles.c.role, ","))
    .where(roles.c.person_key == people.c.key, roles.c.revoked_at.is_(None))
    .correlate(people)
    .scalar_subquery()
)
_COLUMNS = (
    people.c.key,
    people.c.name,
    people.c.kind,
    people.c.kind_told,
    people.c.employee_no,
    people.c.is_head,
    people.c.department,
    people.c.status,
    bindings.c.contact_id,
    bindings.c.level,
    bindings.c.guessed_nickname,
    bindings.c.guessed_name,
    people.c.roster_key,
    _ROLES.label("roles"),
)
BOUND = (
    select(*_COLUMNS).join(bindings, bindings.c.person_key == people.c.key).where(bindings.c.until.is_(None))
)
MAYBE_BOUND = select(*_COLUMNS).outerjoin(
    bindings, and_(bindings.c.person_key == people.c.key, bindings.c.until.is_(None))
)


def as_person(row: AnyRow) -> Person:
    """The person of one row of :data:`BOUND` or :data:`MAYBE_BOUND`; roles show under a confirmed id only."""
    binding = Binding(row.level or Binding.NONE)
    confirmed = binding is Binding.CONFIRMED and row.roles
    return Person(
        key=row.key,
        contact_id=row.contact_id or "",
        name=row.name,
        binding=binding,
        kind=row.kind,
        employee_no=row.employee_no or "",
        is_head=row.is_head,
        roles=frozenset(map(Role, row.roles.split(","))) if confirmed else frozenset(),
        department=row.department,
        status=row.status,
        holds_role=bool(row.roles),
        kind_told=row.kind_told,
    )


class Authority(Repository):
    """Roles by person; a role shows once a contact id of the person is confirmed."""

    async def grant(self, person_key: str, role: Role, by: str, now: datetime) -> bool:
        """Give a role; returns whether it is new to the person. It shows once a contact id is confirmed."""
        insert = self._insert(roles).values(person_key=person_key, role=role, granted_by=by, granted_at=now)
        given = await self._connection.execute(insert.on_conflict_do_nothing().returning(roles.c.id))
        return given.first() is not None

    async def revoke(self, person_key: str, role: Role, by: str, now: datetime) -> bool:
        """Take a role back; returns whether the person had it."""
        taken = await self._connection.execute(
            update(roles)
            .where(roles.c.person_key == person_key, roles.c.role == role, roles.c.revoked_at.is_(None))
            .values(revoked_by=by, revoked_at=now)
        )
        return taken.rowcount > 0

    async def with_role(self, role: Role) -> list[Person]:
        """Everybody who holds a role under a confirmed contact id, with the newest such id."""
        found = await self._connection.execute(
            BOUND.join(roles, and_(roles.c.person_key == people.c.key, roles.c.revoked_at.is_(None)))
            .where(roles.c.role == role, bindings.c.level == Binding.CONFIRMED)
            .order_by(bindings.c.id)
        )
        return list({row.key: as_person(row) for row in found}.values())

    async def unconfirmed_roles(self) -> list[Person]:
        """Who holds a role that nobody can use: none of their contact ids is confirmed. In order of grant."""
        confirmed = exists().where(
            bindings.c.person_key == people.c.key,
            bindings.c.until.is_(None),
            bindings.c.level == Binding.CONFIRMED,
        )
        held = await self._held(~confirmed.correlate(people))
        return list({person.key: person for person, *_ in held}.values())

    async def roles_held(self) -> list[tuple[Person, Role, str, datetime]]:
        """Every role that is held, in order of grant: the holder, the role, who gave it and when.

        The holder stands under a confirmed contact id if there is one.
        """
        return await self._held()

    async def _held(self, *conditions: ColumnElement[bool]) -> list[tuple[Person, Role, str, datetime]]:
        found = await self._connection.execute(
            MAYBE_BOUND.join(roles, and_(roles.c.person_key == people.c.key, roles.c.revoked_at.is_(None)))
            .add_columns(roles.c.id.label("grant"), roles.c.role, roles.c.granted_by, roles.c.granted_at)
            .where(*conditions)
            .order_by(roles.c.id, bindings.c.level == Binding.CONFIRMED, bindings.c.id)
        )
        # Of several contact ids of one person the newest stands last, and stays; a confirmed one before others.
        held = {row.grant: (as_person(row), Role(row.role), row.granted_by, row.granted_at) for row in found}
        return list(held.values())

    async def ever(self, person_key: str) -> Ever:
        """Everybody this person has been: nobody decides a case that was theirs under another record.

        Closed bindings count, and wrong ones too, and records that were ever put together: better one decision
        too many left to somebody else.
        """
        ids = select(bindings.c.contact_id).where(bindings.c.person_key == person_key)
        found = await self._connection.execute(
            select(bindings.c.contact_id, bindings.c.person_key).where(bindings.c.contact_id.in_(ids))
        )
        pairs = found.all()
        keys = {person_key, *(row.person_key for row in pairs)}
        return Ever(
            contact_ids=frozenset(row.contact_id for row in pairs),
            person_keys=frozenset(await merging.ever_together(self._connection, keys)),
        )
