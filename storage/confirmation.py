"""A contact id becomes a person's for certain: what a redeemed code means for bindings."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import belongings, reidentify
from storage.records import Binding
from storage.tables import bindings, people


async def as_person(
    connection: AsyncConnection, contact_id: str, person_key: str, by: str, now: datetime
) -> tuple[str, ...]:
    """Confirm a contact id as a person; returns the ids that were only guessed to be them, now undone."""
    guessed = (
        await connection.scalars(
            select(bindings.c.contact_id)
            .where(
                bindings.c.person_key == person_key,
                bindings.c.contact_id != contact_id,
                bindings.c.level == Binding.PROBABLE,
                bindings.c.until.is_(None),
            )
            .order_by(bindings.c.id)
        )
    ).all()
    for other in guessed:
        await reidentify.detach(connection, other, Binding.NONE, "contested", now)
    await belongings.carry(connection, contact_id, person_key)
    await reidentify.bind(connection, contact_id, person_key, Binding.CONFIRMED, by, now)
    return tuple(guessed)


async def as_themselves(connection: AsyncConnection, contact_id: str, by: str, now: datetime) -> None:
    """Confirm a contact id as its own record; what it was only guessed to be, or only put to, stays behind."""
    others = bindings.alias()
    shared = (
        select(others.c.id)
        .where(
            others.c.person_key == bindings.c.person_key,
            others.c.contact_id != contact_id,
            # Whoever was only guessed to be this record takes nothing from whose it is.
            others.c.level != Binding.PROBABLE,
        )
        .exists()
    )
    present = (
        await connection.execute(
            select(
                bindings.c.person_key,
                bindings.c.level,
                or_(people.c.employee_no.is_not(None), shared).label("anothers"),
            )
            .join(people, people.c.key == bindings.c.person_key)
            .where(bindings.c.contact_id == contact_id, bindings.c.until.is_(None))
        )
    ).first()
    # A code that names nobody proves nothing about a record that is more than this id's own.
    unproven = present is not None and present.level == Binding.NONE and present.anothers
    if present is None or present.level == Binding.PROBABLE or unproven:
        await reidentify.detach(connection, contact_id, Binding.CONFIRMED, by, now)
    else:
        await reidentify.bind(connection, contact_id, present.person_key, Binding.CONFIRMED, by, now)
