"""Facts about the database itself, by name."""

from __future__ import annotations

from sqlalchemy import delete, func, select

from storage import tables
from storage.repository import Repository
from storage.types import Words


class Meta(Repository):
    """Small named texts."""

    async def get(self, key: str) -> str | None:
        """The text under ``key``; ``None`` if there is none."""
        found: str | None = await self._connection.scalar(
            select(tables.meta.c.value).where(tables.meta.c.key == key)
        )
        return found

    async def set(self, key: str, value: str) -> None:
        """Keep ``value`` under ``key``, in place of what was there."""
        insert = self._insert(tables.meta).values(key=key, value=value)
        await self._connection.execute(
            insert.on_conflict_do_update(index_elements=["key"], set_={"value": value})
        )

    async def settle(self, key: str, value: str) -> str:
        """The text under ``key``; ``value`` becomes it if there is none yet. All processes see the same."""
        insert = self._insert(tables.meta).values(key=key, value=value)
        await self._connection.execute(insert.on_conflict_do_nothing(index_elements=["key"]))
        return await self.get(key) or value

    async def all(self, prefix: str) -> dict[str, str]:
        """Every text whose key begins with ``prefix``, by key in order."""
        # No LIKE: on SQLite it takes upper and lower case for the same.
        start = func.substr(tables.meta.c.key, 1, len(prefix), type_=Words)
        found = await self._connection.execute(
            select(tables.meta.c.key, tables.meta.c.value).where(start == prefix)
        )
        return dict(sorted((row.key, row.value) for row in found))

    async def delete(self, key: str) -> None:
        """Forget the text under ``key``, if there is one."""
        await self._connection.execute(delete(tables.meta).where(tables.meta.c.key == key))
