"""Everything the bot has decided to say, until it is said, given up or recalled."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, case, delete, func, or_, select, update

from storage.records import SECRET, Outgoing
from storage.repository import AnyRow, Repository
from storage.results import DeadLetter, Fate, OutboxCounts
from storage.tables import outbox
from storage.types import Words

_PENDING, _WAITING, _SENT, _DROPPED, _DEAD = "pending", "waiting", "sent", "dropped", "dead"
# What people wait for, or have to act on, leaves before answers, lines and reports.
_PRESSING = ("notice", "urgent", "alert")
# A one-time code is nothing to keep once it was told.
_WORDS_LEFT = case((outbox.c.kind == SECRET, ""), else_=outbox.c.text)
_RANK = (case((outbox.c.kind.in_(_PRESSING), 0), else_=1), outbox.c.due_at, outbox.c.id)


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

    async def heads(self, now: datetime, limit: int, *, without: Collection[str] = ()) -> list[Outgoing]:
        """For every target the one message due by ``now`` that should leave first, in the order to leave in.

        Notices and alerts come before everything else, then what has been due longest. However much is due
        for one target, it takes one place. ``without`` names targets that can take nothing now.
        """
        place = func.row_number().over(partition_by=outbox.c.target, order_by=_RANK)
        due = (
            select(outbox.c.id, place.label("place"))
            .where(outbox.c.state == _PENDING, outbox.c.due_at <= now, outbox.c.target.not_in(without))
            .subquery()
        )
        found = await self._connection.execute(
            select(outbox)
            .join(due, due.c.id == outbox.c.id)
            .where(due.c.place == 1)
            .order_by(*_RANK)
            .limit(limit)
        )
        return [_outgoing(row) for row in found]

    async def together(self, target: str, merge: str, now: datetime, limit: int) -> list[Outgoing]:
        """What is due for one target under one merge key, longest due first; nothing merges under an empty key."""
        if not merge:
            return []
        return await self._select(
            outbox.c.state == _PENDING,
            outbox.c.target == target,
            outbox.c.merge == merge,
            outbox.c.due_at <= now,
            limit=limit,
        )

    async def by_unique(self, unique: str) -> Outgoing | None:
        """The row with this ``unique``, whatever became of it; ``None`` if there is none (any more)."""
        return next(iter(await self._select(outbox.c.unique_key == unique, limit=1)), None)

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

    async def next_due(self, *, without: Collection[str] = ()) -> datetime | None:
        """When the next message is due, those to the targets in ``without`` aside; ``None`` if none is pending."""
        found: datetime | None = await self._connection.scalar(
            select(outbox.c.due_at)
            .where(outbox.c.state == _PENDING, outbox.c.target.not_in(without))
            .order_by(outbox.c.due_at, outbox.c.id)
            .limit(1)
        )
        return found

    async def sent(self, ids: Sequence[int], at: datetime, gateway_message_id: str = "") -> list[Outgoing]:
        """Messages that left, together if there are several.

        Returns those among them that were dropped while they were on their way (the message was recalled, the
        case dismissed): they stay dropped, and what was said has to be taken back. Saying it again changes
        nothing, so that a unit may be run twice.
        """
        if not ids:
            return []
        left = {"sent_at": at, "gateway_message_id": gateway_message_id}
        attempts = outbox.c.attempts + 1
        await self._set(ids, state=_SENT, error="", attempts=attempts, text=_WORDS_LEFT, **left)
        late = await self._connection.execute(
            update(outbox)
            .where(outbox.c.id.in_(ids), outbox.c.state == _DROPPED)
            .values(**left)
            .returning(*outbox.c)
        )
        return sorted(map(_outgoing, late), key=lambda row: (row.due_at, row.id))

    async def recast(self, row_id: int, kind: str) -> None:
        """Let a message leave as another kind; that counts as no attempt."""
        await self._set([row_id], kind=kind)

    async def retry(self, row_id: int, at: datetime, error: str) -> None:
        """A failed attempt; the next one is due ``at``."""
        await self._set([row_id], due_at=at, error=error, attempts=outbox.c.attempts + 1)

    async def dead(self, row_id: int, error: str) -> None:
        """Give a message up; it stays visible in :meth:`dead_letters`."""
        await self._set([row_id], state=_DEAD, error=error, attempts=outbox.c.attempts + 1)

    async def postpone(self, ids: Sequence[int], at: datetime) -> None:
        """Messages that are due ``at`` instead, through no fault of theirs: no attempt is counted."""
        await self._set(ids, due_at=at)

    async def rewrite(self, row: Outgoing) -> None:
        """Let a row that has not left go to another target, in other words, or later."""
        changed = {name: getattr(row, name) for name in ("target", "text", "private", "merge", "due_at")}
        await self._set([row.id], mentions=json.dumps(row.mentions), **changed)

    async def discard(self, row_id: int, reason: str) -> None:
        """Never send a message that nobody waits for any more."""
        await self._set([row_id], state=_DROPPED, error=reason, text=_WORDS_LEFT)

    async def hold(self, row_id: int) -> None:
        """Let a private message wait until its contact is a friend."""
        await self._set([row_id], state=_WAITING)

    async def _set(self, ids: Sequence[int], **values: Any) -> None:
        """Change pending rows only: what was dropped while it was on its way must not come to life again."""
        if ids:
            await self._connection.execute(
                update(outbox).where(outbox.c.id.in_(ids), outbox.c.state == _PENDING).values(**values)
            )

    async def release(self, contact_id: str, now: datetime) -> int:
        """Make what waited for this contact's friendship due; returns how many."""
        freed = await self._connection.execute(
            update(outbox)
            .where(outbox.c.state == _WAITING, outbox.c.target == contact_id)
            .values(state=_PENDING, due_at=now)
        )
        return freed.rowcount

    async def readdress(self, old: str, new: str) -> int:
        """In what is not sent yet, put a room's or contact's new id in place of the old one.

        That is the target, every mention, and the room in which an answer was asked for; returns how many
        messages that changed. A private message keeps its target: whoever only looks like the person it was
        meant for must not receive it.
        """
        if not old or old == new:
            return 0
        mentioned = outbox.c.mentions.contains(json.dumps(old), autoescape=True)
        found = await self._connection.execute(
            select(outbox.c.id, outbox.c.target, outbox.c.private, outbox.c.asked_in, outbox.c.mentions)
            .where(
                outbox.c.state.in_((_PENDING, _WAITING)),
                or_(outbox.c.target == old, outbox.c.asked_in == old, mentioned),
            )
            .with_for_update()
        )
        # SQLite's LIKE takes upper and lower case for the same, ids do not: so compared once more.
        changed = [after for row in found if (after := _readdressed(row, old, new)) is not None]
        if changed:
            await self._connection.execute(update(outbox).where(outbox.c.id == bindparam("of")), changed)
        return len(changed)

    async def revive(self, unique: str, at: datetime) -> bool:
        """Make a dropped message with this ``unique`` due again; returns whether there was one."""
        revived = await self._connection.execute(
            update(outbox)
            .where(outbox.c.unique_key == unique, outbox.c.state == _DROPPED)
            .values(state=_PENDING, due_at=at, error="")
        )
        return revived.rowcount > 0

    async def drop(self, case: str, reason: str, *, unique_prefix: str = "") -> int:
        """Never send what has not left yet of a case; returns how many.

        ``unique_prefix`` narrows that to messages whose ``unique`` begins with it (its notice, say, while
        what people were told stays).
        """
        if not case:
            return 0
        conditions = [outbox.c.case == case, outbox.c.state.in_((_PENDING, _WAITING))]
        if unique_prefix:
            # No LIKE: on SQLite it takes upper and lower case for the same.
            start = func.substr(outbox.c.unique_key, 1, len(unique_prefix), type_=Words)
            conditions.append(start == unique_prefix)
        dropped = await self._connection.execute(
            update(outbox).where(*conditions).values(state=_DROPPED, error=reason)
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

    async def kept(self, unique_prefix: str, *, unsent: bool = False, limit: int = 50) -> list[Outgoing]:
        """The newest messages whose ``unique`` begins like this, oldest first; ``unsent``: those still to leave."""
        start = func.substr(outbox.c.unique_key, 1, len(unique_prefix), type_=Words)
        conditions = [start == unique_prefix]
        if unsent:
            conditions.append(outbox.c.state == _PENDING)
        found = await self._connection.execute(
            select(outbox).where(*conditions).order_by(outbox.c.id.desc()).limit(limit)
        )
        return [_outgoing(row) for row in found][::-1]

    async def fates(self, unique_prefix: str) -> list[Fate]:
        """What became of the messages whose ``unique`` begins like this, in the order in which they were added."""
        start = func.substr(outbox.c.unique_key, 1, len(unique_prefix), type_=Words)
        found = await self._connection.execute(
            select(outbox).where(start == unique_prefix).order_by(outbox.c.id)
        )
        return [Fate(_outgoing(row), row.state, row.sent_at, row.gateway_message_id) for row in found]

    async def purge(self, before: datetime) -> int:
        """Forget what was made before ``before`` and is not about to be sent; returns how many.

        That includes private messages that still wait for a friendship by then.
        """
        gone = await self._connection.execute(
            delete(outbox).where(outbox.c.created_at < before, outbox.c.state != _PENDING)
        )
        return gone.rowcount


def _readdressed(row: AnyRow, old: str, new: str) -> dict[str, object] | None:
    """The changed columns of a row, and its id as ``of``; ``None`` if ``old`` does not stand in it."""
    mentions = json.loads(row.mentions)
    target = new if row.target == old and not row.private else row.target
    if target == row.target and old not in (row.asked_in, *mentions):
        return None
    swapped = [new if one == old else one for one in mentions]
    return {
        "of": row.id,
        "target": target,
        "asked_in": new if row.asked_in == old else row.asked_in,
        "mentions": json.dumps(list(dict.fromkeys(swapped))),
    }
