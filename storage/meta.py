"""Facts about the database itself, by name."""

from __future__ import annotations

from sqlalchemy import select

from storage import tables
from storage.repository import Repository


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
