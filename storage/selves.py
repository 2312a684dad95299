"""Which rows are one person's: their records, their contact ids and the names they go by."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import merging
from storage.errors import NotFound
from storage.records import Binding
from storage.tables import bindings, members, people, violations

# A roster name of one character is in every other nickname.
_SHORTEST = 2


@dataclass(frozen=True, slots=True)
class Selves:
    """One person, as far as it is sure.

    Attributes:
        keys: their record, those that were put to it, and records off the roster that were never anybody else's.
        contact_ids: bound to one of them now.
        names: what the roster calls them, and nicknames that hold it (人力资源部张三).
        nicknames: what else they go by or went by; people choose it, and it may be any word.
        employee_nos: those that they have, and had under another record.
    """

    keys: tuple[str, ...]
    contact_ids: tuple[str, ...]
    names: tuple[str, ...]
    nicknames: tuple[str, ...]
    employee_nos: tuple[str, ...]


async def of(connection: AsyncConnection, person_key: str, *, guesses: bool) -> Selves:
    """Who a person is; with ``guesses`` by contact ids, too, that are only taken to be theirs.

    Raises:
        NotFound: there is no such person.
    """
    if await connection.scalar(select(people.c.key).where(people.c.key == person_key)) is None:
        raise NotFound("there is no such person")
    theirs = select(bindings.c.contact_id).where(
        bindings.c.person_key == person_key, bindings.c.until.is_(None)
    )
    if not guesses:
        theirs = theirs.where(bindings.c.level != Binding.PROBABLE)
    ids = tuple(await connection.scalars(theirs.order_by(bindings.c.id)))
    together = await merging.put_to(connection, (person_key,))
    earlier = await _earlier(connection, person_key, ids)
    keys = (person_key, *sorted({*earlier, *together} - {person_key}))
    called = await connection.scalars(
        select(people.c.name)
        .where(people.c.key.in_(keys))
        .union(
            select(members.c.name).where(members.c.contact_id.in_(ids)),
            select(members.c.alias).where(members.c.contact_id.in_(ids)),
            select(violations.c.sender_name).where(violations.c.person_key.in_(keys)),
        )
    )
    listed = set(
        await connection.scalars(
            select(people.c.name).where(people.c.key.in_(keys), people.c.employee_no.is_not(None))
        )
    )
    all_names = sorted(set(called) - {""})
    names = tuple(name for name in all_names if _vouched(name, listed))
    nicknames = tuple(name for name in all_names if name not in names)
    numbers = await connection.scalars(
        select(people.c.employee_no).where(people.c.key.in_(together), people.c.employee_no.is_not(None))
    )
    return Selves(keys, ids, names, nicknames, tuple(sorted(filter(None, numbers))))


def _vouched(name: str, listed: set[str]) -> bool:
    return any(len(one) >= _SHORTEST and one in name for one in listed)


async def _earlier(connection: AsyncConnection, person_key: str, ids: tuple[str, ...]) -> list[str]:
    """Records off the roster that were these contact ids' and never another's."""
    others = bindings.alias()
    shared = (
        select(others.c.id)
        .where(others.c.person_key == bindings.c.person_key, others.c.contact_id.not_in(ids))
        .exists()
    )
    found = await connection.scalars(
        select(bindings.c.person_key)
        .distinct()
        .join(people, people.c.key == bindings.c.person_key)
        .where(
            bindings.c.contact_id.in_(ids),
            bindings.c.person_key != person_key,
            people.c.employee_no.is_(None),
            ~shared,
        )
        .order_by(bindings.c.person_key)
    )
    return list(found)
