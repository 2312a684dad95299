"""The text of messages, for a stated time only: quotes, windows after a restart, review."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select

from storage.names import LONGEST
from storage.records import StoredMessage
from storage.repository import Repository
from storage.results import Stretch
from storage.tables import inbox, messages
from storage.types import storable

_COLUMNS = (
    messages.c.message_id,
    messages.c.room_key,
    messages.c.person_key,
    messages.c.sender_name,
    messages.c.type,
    messages.c.text,
    messages.c.sent_at,
)


class Messages(Repository):
    """Messages by id, room and order of receipt."""

    async def add(self, many: Sequence[StoredMessage]) -> None:
        """Keep messages in order of receipt; one that is there already stays as it is.

        Of a name that is too long for an index the beginning is kept.
        """
        if not many:
            return
        await self._connection.execute(
            self._insert(messages).on_conflict_do_nothing(index_elements=["message_id"]),
            [
                {
                    "message_id": message.message_id,
                    "room_key": message.room_key,
                    "person_key": message.person_key,
                    "sender_name": message.sender_name[:LONGEST],
                    "type": message.type,
                    "text": message.text,
                    "sent_at": message.sent_at,
                }
                for message in many
            ],
        )

    async def since(self, when: datetime, limit: int) -> list[StoredMessage]:
        """The newest ``limit`` messages sent at or after ``when``, in order of receipt."""
        found = await self._connection.execute(
            select(*_COLUMNS).where(messages.c.sent_at >= when).order_by(messages.c.seq.desc()).limit(limit)
        )
        return [StoredMessage(*row) for row in reversed(found.all())]

    async def get(self, message_id: str) -> StoredMessage | None:
        """One message; ``None`` if it was never kept or is gone."""
        found = await self._connection.execute(select(*_COLUMNS).where(messages.c.message_id == message_id))
        row = found.first()
        return None if row is None else StoredMessage(*row)

    async def quoted(
        self, room_key: int, sender_name: str, beginning: str, limit: int = 10
    ) -> list[StoredMessage]:
        """Messages of ``sender_name`` in a room whose text starts with ``beginning``, newest first."""
        beginning = storable(beginning)
        found = await self._connection.execute(
            select(*_COLUMNS)
            .where(
                messages.c.room_key == room_key,
                messages.c.sender_name == sender_name[:LONGEST],
                func.substr(messages.c.text, 1, len(beginning)) == beginning,
            )
            .order_by(messages.c.seq.desc())
            .limit(limit)
        )
        return [StoredMessage(*row) for row in found]

    async def texts(
        self, since: datetime, until: datetime, limit: int, room_key: int | None = None
    ) -> list[StoredMessage]:
        """The newest ``limit`` messages sent in ``[since, until)``, in one room or in all, newest first."""
        query = select(*_COLUMNS).where(messages.c.sent_at >= since, messages.c.sent_at < until)
        if room_key is not None:
            query = query.where(messages.c.room_key == room_key)
        found = await self._connection.execute(
            query.order_by(messages.c.sent_at.desc(), messages.c.seq.desc()).limit(limit)
        )
        return [StoredMessage(*row) for row in found]

    async def around(
        self, room_key: int, since: datetime, until: datetime, limit: int = 1000
    ) -> list[StoredMessage]:
        """What was said in a room in ``[since, until)``, oldest first; of a flood the newest ``limit``."""
        return (await self.texts(since, until, limit, room_key))[::-1]

    async def judged(self, since: datetime, until: datetime, limit: int) -> list[tuple[StoredMessage, str]]:
        """The newest ``limit`` messages sent in ``[since, until)``, each with what the rules said; newest first."""
        found = await self._connection.execute(
            select(*_COLUMNS, inbox.c.outcomes)
            .join(inbox, inbox.c.message_id == messages.c.message_id)
            .where(messages.c.sent_at >= since, messages.c.sent_at < until)
            .order_by(messages.c.sent_at.desc(), messages.c.seq.desc())
            .limit(limit)
        )
        return [(StoredMessage(*row[:-1]), row.outcomes) for row in found]

    async def counts(self, since: datetime, until: datetime) -> dict[int, int]:
        """How many messages were sent in ``[since, until)``, by room key (absent: none)."""
        found = await self._connection.execute(
            select(messages.c.room_key, func.count().label("many"))
            .where(messages.c.sent_at >= since, messages.c.sent_at < until)
            .group_by(messages.c.room_key)
        )
        return {row.room_key: row.many for row in found}

    async def stretch(self, since: datetime, until: datetime, limit: int) -> Stretch:
        """The newest ``limit`` messages sent in ``[since, until)``, to be read page by page."""
        sent = messages.c.sent_at >= since, messages.c.sent_at < until
        newest = (
            select(messages.c.seq, messages.c.sent_at)
            .where(*sent)
            .order_by(messages.c.seq.desc())
            .limit(limit)
            .subquery()
        )
        found = await self._connection.execute(
            select(
                func.count(),
                func.min(newest.c.seq),
                func.max(newest.c.seq),
                func.min(newest.c.sent_at, type_=newest.c.sent_at.type),
            )
        )
        count, first, last, oldest = found.one()
        every = await self._connection.scalar(select(func.count()).select_from(messages).where(*sent)) or 0
        return Stretch(first or 0, last or 0, count, every - count, oldest)

    async def page(
        self, since: datetime, until: datetime, after: int, last: int, limit: int
    ) -> list[tuple[int, StoredMessage]]:
        """The first ``limit`` messages received above ``after``, up to ``last``, and sent in ``[since, until)``.

        In order of receipt, each with its number in that order.
        """
        found = await self._connection.execute(
            select(messages.c.seq, *_COLUMNS)
            .where(
                messages.c.sent_at >= since,
                messages.c.sent_at < until,
                messages.c.seq > after,
                messages.c.seq <= last,
            )
            .order_by(messages.c.seq)
            .limit(limit)
        )
        return [(row[0], StoredMessage(*row[1:])) for row in found]

    async def purge(self, before: datetime) -> int:
        """Erase messages sent before ``before``; returns how many (policy: 30 days)."""
        gone = await self._connection.execute(delete(messages).where(messages.c.sent_at < before))
        return gone.rowcount
