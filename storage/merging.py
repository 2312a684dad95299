"""Which records stand for others: the ones that people put together, as every reader of people has to know."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.tables import mergers

PUT_AWAY = select(mergers.c.merged_key).where(mergers.c.split_at.is_(None))
"""Keys of records that hold nothing now, since everything of theirs was put to another."""


async def holder(connection: AsyncConnection, person_key: str) -> str:
    """The record that has what belonged to this one; the record itself if it was not put to another."""
    key: str | None = person_key
    gone: set[str] = set()
    while key is not None and key not in gone:
        person_key = key
        gone.add(key)
        key = await connection.scalar(
            select(mergers.c.kept_key).where(mergers.c.merged_key == person_key, mergers.c.split_at.is_(None))
        )
    return person_key


async def put_to(connection: AsyncConnection, keys: Collection[str]) -> set[str]:
    """These records, and all that were put to them and are still."""
    return await _spread(connection, keys, split=False)


async def ever_together(connection: AsyncConnection, keys: Collection[str]) -> set[str]:
    """These records, and all that were put together with them, in either direction, if only for a time."""
    return await _spread(connection, keys, split=True)


async def _spread(connection: AsyncConnection, keys: Collection[str], *, split: bool) -> set[str]:
    known: set[str] = set()
    fresh = set(keys)
    while fresh:
        known |= fresh
        into = mergers.c.kept_key.in_(fresh)
        query = select(mergers.c.merged_key, mergers.c.kept_key).where(
            or_(into, mergers.c.merged_key.in_(fresh)) if split else into & mergers.c.split_at.is_(None)
        )
        found = await connection.execute(query)
        fresh = {key for row in found for key in (row.merged_key, row.kept_key)} - known
    return known
