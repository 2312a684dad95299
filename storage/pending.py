"""What of the outbox is still to leave, and in which order; and what a room has heard of late."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, case, func, or_, select

from storage.lateness import due_by
from storage.records import Outgoing
from storage.repository import AnyRow, Repository
from storage.tables import outbox, room_bindings
from storage.types import Words

PENDING, WAITING, SENT, DROPPED, DEAD = "pending", "waiting", "sent", "dropped", "dead"
WITHHELD = "withheld"
# What people wait for, or have to act on, leaves before answers, lines and reports.
_PRESSING = ("notice", "urgent", "alert")
_RANK = (case((outbox.c.kind.in_(_PRESSING), 0), else_=1), outbox.c.due_at, outbox.c.id)


def outgoing(row: AnyRow) -> Outgoing:
    """A row as the rest of the program holds it."""
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


class Pending(Repository):
    """The part of the outbox that chooses."""

    async def heads(self, now: datetime, limit: int, *, without: Collection[str] = ()) -> list[Outgoing]:
        """For every target the one message due by ``now`` that should leave first, in the order to leave in.

        Notices and alerts come before everything else, then what has been due longest. However much is due
        for one target, it takes one place. ``without`` names targets that can take nothing now.
        """
        place = func.row_number().over(partition_by=outbox.c.target, order_by=_RANK)
        due = (
            select(outbox.c.id, place.label("place"))
            .where(outbox.c.state == PENDING, due_by(now), outbox.c.target.not_in(without))
            .subquery()
        )
        found = await self._connection.execute(
            select(outbox)
            .join(due, due.c.id == outbox.c.id)
            .where(due.c.place == 1)
            .order_by(*_RANK)
            .limit(limit)
        )
        return [outgoing(row) for row in found]

    async def together(self, target: str, merge: str, now: datetime, limit: int) -> list[Outgoing]:
        """What is due for one target under one merge key, longest due first; nothing merges under an empty key."""
        if not merge:
            return []
        return await self._select(
            outbox.c.state == PENDING,
            outbox.c.target == target,
            outbox.c.merge == merge,
            due_by(now),
            limit=limit,
        )

    async def by_unique(self, unique: str) -> Outgoing | None:
        """The row with this ``unique``, whatever became of it; ``None`` if there is none (any more)."""
        return next(iter(await self._select(outbox.c.unique_key == unique, limit=1)), None)

    async def newest_for(self, target: str, limit: int) -> list[Outgoing]:
        """The newest messages that are still to leave for one target, oldest first."""
        found = await self._connection.execute(
            select(outbox)
            .where(outbox.c.state == PENDING, outbox.c.target == target)
            .order_by(outbox.c.id.desc())
            .limit(limit)
        )
        return [outgoing(row) for row in found][::-1]

    async def waiting_private(self, contact_id: str) -> list[Outgoing]:
        """Private messages that wait until this contact is a friend."""
        return await self._select(outbox.c.state == WAITING, outbox.c.target == contact_id)

    async def waiting_targets(self) -> list[str]:
        """The contacts for whose friendship something waits, longest waiting first."""
        found = await self._connection.scalars(
            select(outbox.c.target)
            .where(outbox.c.state == WAITING)
            .group_by(outbox.c.target)
            .order_by(func.min(outbox.c.id))
        )
        return list(found)

    async def _select(self, *conditions: ColumnElement[bool], limit: int | None = None) -> list[Outgoing]:
        found = await self._connection.execute(
            select(outbox).where(*conditions).order_by(outbox.c.due_at, outbox.c.id).limit(limit)
        )
        return [outgoing(row) for row in found]

    async def next_due(self, *, without: Collection[str] = ()) -> datetime | None:
        """When the next message is due, those to the targets in ``without`` aside; ``None`` if none is pending."""
        found: datetime | None = await self._connection.scalar(
            select(outbox.c.due_at)
            .where(outbox.c.state == PENDING, outbox.c.target.not_in(without))
            .order_by(outbox.c.due_at, outbox.c.id)
            .limit(1)
        )
        return found

    async def heard(self, room_id: str, since: datetime) -> list[tuple[str, datetime]]:
        """What a room has heard of what may be merged since a moment: merge key and time, oldest first.

        The room counts under every gateway id it has had.
        """
        same = select(room_bindings.c.room_key).where(room_bindings.c.gateway_id == room_id)
        ids = select(room_bindings.c.gateway_id).where(room_bindings.c.room_key.in_(same))
        found = await self._connection.execute(
            select(outbox.c.merge, outbox.c.sent_at)
            .where(
                outbox.c.state.in_((SENT, DROPPED)),  # what was dropped on its way was heard all the same
                or_(outbox.c.target == room_id, outbox.c.target.in_(ids)),
                outbox.c.sent_at > since,
                outbox.c.merge != "",
            )
            .order_by(outbox.c.sent_at, outbox.c.id)
        )
        return [(row.merge, row.sent_at) for row in found]

    async def gathered(self, target: str, merge_prefix: str) -> Outgoing | None:
        """The first pending message for a target whose merge key begins like this; ``None`` if there is none."""
        start = func.substr(outbox.c.merge, 1, len(merge_prefix), type_=Words)
        pending = (outbox.c.state == PENDING, outbox.c.target == target, start == merge_prefix)
        return next(iter(await self._select(*pending, limit=1)), None)
