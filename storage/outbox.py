"""Everything the bot has decided to say, until it is said, given up or recalled."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, update

from storage.records import Outgoing
from storage.repository import AnyRow, Repository
from storage.results import DeadLetter, OutboxCounts
from storage.tables import outbox

_PENDING, _WAITING, _SENT, _DROPPED, _DEAD = "pending", "waiting", "sent", "dropped", "dead"


def _outgoing(row: AnyRow) -> Outgoing:
    return Outgoing(
        target=row.target,
        text=row.text,
        due_at=row.due_at,
        created_at=row.created_at,
        kind=row.kind,
        private=row.private,
        mentions=tuple(json.loads(row.mentions)),
        case=row.case,
        merge=row.merge,
        unique=row.unique_key or "",
        asked_in=row.asked_in,
        id=row.id,
        attempts=row.attempts,
    )


class Outbox(Repository):
    """Rows are ``pending``, ``waiting`` (private, not a friend yet), ``sent``, ``dropped`` or ``dead``."""

    async def add(self, rows: Sequence[Outgoing]) -> list[Outgoing]:
        """Keep messages to be sent; returns them with ids, but none whose ``unique`` is there already."""
        if not rows:
            return []
        insert = self._insert(outbox).on_conflict_do_nothing(index_elements=["unique_key"])
        added = await self._connection.execute(
            insert.returning(*outbox.c),
            [
                {
                    "target": row.target,
                    "text": row.text,
                    "kind": row.kind,
                    "private": row.private,
                    "mentions": json.dumps(row.mentions),
                    "case": row.case,
                    "merge": row.merge,
                    "unique_key": row.unique or None,
                    "asked_in": row.asked_in,
                    "state": _PENDING,
                    "due_at": row.due_at,
                    "created_at": row.created_at,
                    "attempts": row.attempts,
                    "error": "",
                    "gateway_message_id": "",
                }
                for row in rows
            ],
        )
        return sorted(map(_outgoing, added), key=lambda row: row.id)

    async def due(self, now: datetime, limit: int) -> list[Outgoing]:
        """What should leave by ``now``, longest due first."""
        return await self._select(outbox.c.state == _PENDING, outbox.c.due_at <= now, limit=limit)

    async def waiting_private(self, contact_id: str) -> list[Outgoing]:
        """Private messages that wait until this contact is a friend."""
        return await self._select(outbox.c.state == _WAITING, outbox.c.target == contact_id)

    async def waiting_targets(self) -> list[str]:
        """The contacts for whose friendship something waits, longest waiting first."""
        found = await self._connection.scalars(
            select(outbox.c.target)
            .where(outbox.c.state == _WAITING)
            .group_by(outbox.c.target)
            .order_by(func.min(outbox.c.id))
        )
        return list(found)

    async def _select(self, *conditions: ColumnElement[bool], limit: int | None = None) -> list[Outgoing]:
        found = await self._connection.execute(
            select(outbox).where(*conditions).order_by(outbox.c.due_at, outbox.c.id).limit(limit)
        )
        return [_outgoing(row) for row in found]

    async def next_due(self) -> datetime | None:
        """When the next message is due; ``None`` if none is pending."""
        found: datetime | None = await self._connection.scalar(
            select(outbox.c.due_at)
            .where(outbox.c.state == _PENDING)
            .order_by(outbox.c.due_at, outbox.c.id)
            .limit(1)
        )
        return found

    async def sent(self, ids: Sequence[int], at: datetime, gateway_message_id: str = "") -> None:
        """Messages that left, together if there are several."""
        await self._set(
            ids,
            state=_SENT,
            sent_at=at,
            gateway_message_id=gateway_message_id,
            error="",
            attempts=outbox.c.attempts + 1,
        )

    async def retry(self, row_id: int, at: datetime, error: str) -> None:
        """A failed attempt; the next one is due ``at``."""
        await self._set([row_id], due_at=at, error=error, attempts=outbox.c.attempts + 1)

    async def dead(self, row_id: int, error: str) -> None:
        """Give a message up; it stays visible in :meth:`dead_letters`."""
        await self._set([row_id], state=_DEAD, error=error, attempts=outbox.c.attempts + 1)

    async def hold(self, row_id: int) -> None:
        """Let a private message wait until its contact is a friend."""
        await self._set([row_id], state=_WAITING)

    async def _set(self, ids: Sequence[int], **values: Any) -> None:
        if ids:
            await self._connection.execute(update(outbox).where(outbox.c.id.in_(ids)).values(**values))

    async def release(self, contact_id: str, now: datetime) -> int:
        """Make what waited for this contact's friendship due; returns how many."""
        freed = await self._connection.execute(
            update(outbox)
            .where(outbox.c.state == _WAITING, outbox.c.target == contact_id)
            .values(state=_PENDING, due_at=now)
        )
        return freed.rowcount

    async def readdress(self, old: str, new: str) -> int:
        """Send what is not sent yet to the contact's new id; returns how many messages that were."""
        moved = await self._connection.execute(
            update(outbox)
            .where(outbox.c.target == old, outbox.c.state.in_((_PENDING, _WAITING)))
            .values(target=new)
        )
        return moved.rowcount

    async def drop(self, case: str, reason: str) -> int:
        """Never send what has not left yet of a case (its message was recalled); returns how many."""
        dropped = await self._connection.execute(
            update(outbox)
            .where(outbox.c.case == case, outbox.c.case != "", outbox.c.state.in_((_PENDING, _WAITING)))
            .values(state=_DROPPED, error=reason)
        )
        return dropped.rowcount

    async def counts(self) -> OutboxCounts:
        """How many wait, how many were given up, and since when the longest due one is due."""
        found = await self._connection.execute(
            select(outbox.c.state, func.count().label("many"))
            .where(outbox.c.state.in_((_PENDING, _WAITING, _DEAD)))
            .group_by(outbox.c.state)
        )
        by_state = {row.state: row.many for row in found}
        return OutboxCounts(
            pending=by_state.get(_PENDING, 0),
            waiting=by_state.get(_WAITING, 0),
            dead=by_state.get(_DEAD, 0),
            oldest_due=await self.next_due(),
        )

    async def dead_letters(self, limit: int) -> list[DeadLetter]:
        """The newest messages that were given up, with the last error."""
        found = await self._connection.execute(
            select(outbox).where(outbox.c.state == _DEAD).order_by(outbox.c.id.desc()).limit(limit)
        )
        return [DeadLetter(_outgoing(row), row.error) for row in found]

    async def purge(self, before: datetime) -> int:
        """Forget what was made before ``before`` and has been sent, dropped or given up; returns how many."""
        gone = await self._connection.execute(
            delete(outbox).where(outbox.c.created_at < before, outbox.c.state.in_((_SENT, _DROPPED, _DEAD)))
        )
        return gone.rowcount
