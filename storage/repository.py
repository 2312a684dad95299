"""What every repository stands on: one connection inside one unit, and the few words both databases share."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Row, Select, Table, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import numbers
from storage.errors import NotFound, StorageError
from storage.tables import people

AnyRow = Row[*tuple[Any, ...]]


class Repository:
    """One group of tables inside one unit of work."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._sqlite = connection.dialect.name == "sqlite"

    def _insert(self, table: Table) -> sqlite.Insert | postgresql.Insert:
        """An INSERT that knows ON CONFLICT."""
        return sqlite.insert(table) if self._sqlite else postgresql.insert(table)

    async def _require_person(self, key: str) -> None:
        """Refuse what would belong to nobody.

        Raises:
            NotFound: there is no such person.
        """
        if await self._connection.scalar(select(people.c.key).where(people.c.key == key)) is None:
            raise NotFound("there is no such person")

    async def _fresh_number(self, column: Column[str], letter: str) -> str:
        """A number under ``letter`` that stands in no row of the column yet; until the unit ends it is ours alone.

        Raises:
            StorageError: none was found, for there are that many.
        """
        await self._serialise(f"numbers {letter}")
        for _ in range(20):
            number = numbers.fresh(letter)
            if await self._connection.scalar(select(column).where(column == number)) is None:
                return number
        raise StorageError(f"no free number {letter}-… was found", "let retention erase what is old")

    async def _locked(self, query: Select[*tuple[Any, ...]]) -> AnyRow | None:
        """The one row of a query, which is this unit's until its end: whoever else wants to change it waits."""
        found = await self._connection.execute(query if self._sqlite else query.with_for_update())
        return found.first()

    async def _serialise(self, scope: str) -> None:
        """Wait until no other unit is between this call with the same ``scope`` and its end.

        SQLite has one writer at a time anyway; PostgreSQL's lock ends with the transaction.
        """
        if not self._sqlite:
            await self._connection.execute(
                text("SELECT pg_advisory_xact_lock(hashtextextended(:scope, 0))"), {"scope": scope}
            )
