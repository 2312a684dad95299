"""Messages kept for later, and their full-text search (policy 2.3d)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, text

from storage import numbers
from storage.errors import Conflict
from storage.names import LONGEST
from storage.records import Archived
from storage.repository import AnyRow, Repository
from storage.searching import matching, stems
from storage.tables import archive
from storage.types import storable

ArchivedList = list[Archived]
_LIKE = text("archive.id IN (SELECT rowid FROM archive_words WHERE archive_words MATCH :asked)")
_VECTOR = text("archive.id IN (SELECT id FROM archive_words WHERE words @@ CAST(:asked AS tsquery))")


def _archived(row: AnyRow) -> Archived:
    values = dict(row._mapping)
    del values["id"]
    return Archived(**values | {"tags": tuple(json.loads(row.tags))})


class Archive(Repository):
    """Archived messages by number; a message is kept once.

    Words come from the caller, who knows how to cut Chinese into them; storage only compares them, case and
    width aside. A tag is found like a word.
    """

    async def add(self, archived: Archived, words: Sequence[str]) -> Archived:
        """Keep a message under a fresh number, which replaces ``archived.number``; ``words`` are what it is found by.

        Raises:
            Conflict: the message is in the archive already; ``present`` is its number.
        """
        await self._serialise("archive")
        held = await self._connection.scalar(
            select(archive.c.number).where(archive.c.message_id == storable(archived.message_id))
        )
        if held is not None:
            raise Conflict("the message is in the archive already", present=held)
        number = await self._fresh_number(archive.c.number, numbers.ARCHIVED)
        archived = replace(archived, number=number, sender_name=archived.sender_name[:LONGEST])
        values = {column.name: getattr(archived, column.name) for column in archive.c if column.name != "id"}
        kept = await self._connection.execute(
            archive.insert().values(**values | {"tags": json.dumps(archived.tags)}).returning(*archive.c)
        )
        row = kept.one()
        found_by = stems([*words, *archived.tags])
        if self._sqlite:
            await self._connection.execute(
                text("INSERT INTO archive_words (rowid, words) VALUES (:id, :words)"),
                {"id": row.id, "words": " ".join(found_by)},
            )
        else:
            await self._connection.execute(
                text(
                    "INSERT INTO archive_words (id, words) "
                    "VALUES (:id, array_to_tsvector(CAST(:words AS text[])))"
                ),
                {"id": row.id, "words": found_by},
            )
        return _archived(row)

    async def get(self, number: str) -> Archived | None:
        """The archived message with a number, however it was typed; ``None`` if there is none."""
        found = await self._select(archive.c.number == numbers.normal(number, numbers.ARCHIVED))
        return next(iter(found), None)

    async def search(
        self,
        words: Sequence[str],
        room_key: int | None = None,
        since: datetime | None = None,
        limit: int = 20,
    ) -> ArchivedList:
        """Messages that hold every one of ``words``, newest first; without words every one.

        A word is found by its beginning, too: 考勤 finds 考勤制度.

        Args:
            words: cut as those of :meth:`add` were.
            room_key: only those of this room.
            since: only those sent at or after this.
            limit: how many at most.
        """
        conditions: list[Any] = []
        asked = stems(words)
        if words and not asked:
            return []
        if asked:
            query = matching(asked, sqlite=self._sqlite)
            conditions.append((_LIKE if self._sqlite else _VECTOR).bindparams(asked=query))
        if room_key is not None:
            conditions.append(archive.c.room_key == room_key)
        if since is not None:
            conditions.append(archive.c.sent_at >= since)
        return await self._select(*conditions, limit=limit)

    async def remove(self, number: str) -> bool:
        """Take a message out of the archive; whether it was there."""
        gone = await self._connection.execute(
            delete(archive).where(archive.c.number == numbers.normal(number, numbers.ARCHIVED))
        )
        return gone.rowcount > 0

    async def purge(self, before: datetime) -> int:
        """Forget what was archived before ``before``; returns how many."""
        return (await self._connection.execute(delete(archive).where(archive.c.at < before))).rowcount

    async def _select(self, *conditions: Any, limit: int | None = None) -> ArchivedList:
        found = await self._connection.execute(
            select(archive)
            .where(*conditions)
            .order_by(archive.c.sent_at.desc(), archive.c.id.desc())
            .limit(limit)
        )
        return [_archived(row) for row in found]
