"""Everything the bot has decided to say, until it is said, given up or recalled."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, case, delete, exists, func, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.pending import DEAD, DROPPED, PENDING, SENT, WAITING, WITHHELD, Pending, outgoing
from storage.records import SECRET, CaseState, Outgoing
from storage.repository import AnyRow
from storage.results import DeadLetter, Fate, OutboxCounts
from storage.tables import outbox, violations
from storage.types import Words

# A one-time code is nothing to keep once it was told.
_WORDS_LEFT = case((outbox.c.kind == SECRET, ""), else_=outbox.c.text)


class Outbox(Pending):
    """Rows are ``pending``, ``waiting`` for a friendship, ``sent``, ``dropped``, ``dead`` or ``withheld``."""

    def __init__(self, connection: AsyncConnection, *, withholding: bool = False) -> None:
        super().__init__(connection)
        self._withholding = withholding

    async def add(self, rows: Sequence[Outgoing]) -> list[Outgoing]:
        """Keep messages to be sent; returns them with ids, but none whose ``unique`` is there already.

        In a database that was opened to withhold they are kept to be looked at, and never become due.
        """
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
                    "unique_key": self._key(row),
                    "asked_in": row.asked_in,
                    "state": WITHHELD if self._withholding else PENDING,
                    "due_at": row.due_at,
                    "created_at": row.created_at,
                    "attempts": row.attempts,
                    "error": "",
                    "gateway_message_id": "",
                }
                for row in rows
            ],
        )
        return sorted(map(outgoing, added), key=lambda row: row.id)

    def _key(self, row: Outgoing) -> str | None:
        """What was withheld must not stand in the way of the same word when it is to be said."""
        return (f"{WITHHELD} {row.unique}" if self._withholding else row.unique) if row.unique else None

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
        await self._set(ids, state=SENT, error="", attempts=attempts, text=_WORDS_LEFT, **left)
        late = await self._connection.execute(
            update(outbox)
            .where(outbox.c.id.in_(ids), outbox.c.state == DROPPED)
            .values(**left)
            .returning(*outbox.c)
        )
        return sorted(map(outgoing, late), key=lambda row: (row.due_at, row.id))

    async def recast(self, row_id: int, kind: str) -> None:
        """Let a message leave as another kind; that counts as no attempt."""
        await self._set([row_id], kind=kind)

    async def retry(self, row_id: int, at: datetime, error: str) -> None:
        """A failed attempt; the next one is due ``at``."""
        await self._set([row_id], due_at=at, error=error, attempts=outbox.c.attempts + 1)

    async def dead(self, row_id: int, error: str) -> None:
        """Give a message up; it stays visible in :meth:`dead_letters`."""
        await self._set([row_id], state=DEAD, error=error, attempts=outbox.c.attempts + 1)

    async def postpone(self, ids: Sequence[int], at: datetime) -> None:
        """Messages that are due ``at`` instead, through no fault of theirs: no attempt is counted."""
        await self._set(ids, due_at=at, error="the gateway is away")

    async def rewrite(self, row: Outgoing) -> None:
        """Let a row that has not left go to another target, in other words, or later."""
        changed = {name: getattr(row, name) for name in ("target", "text", "private", "merge", "due_at")}
        await self._set([row.id], mentions=json.dumps(row.mentions), **changed)

    async def discard(self, row_id: int, reason: str) -> None:
        """Never send a message that nobody waits for any more."""
        await self._set([row_id], state=DROPPED, error=reason, text=_WORDS_LEFT)

    async def forgo(self, unique: str, reason: str) -> bool:
        """Never send the message with this ``unique``, if it has not left; returns whether there was one."""
        dropped = await self._connection.execute(
            update(outbox)
            .where(outbox.c.unique_key == unique, outbox.c.state.in_((PENDING, WAITING)))
            .values(state=DROPPED, error=reason)
        )
        return dropped.rowcount > 0

    async def hold(self, row_id: int) -> None:
        """Let a private message wait until its contact is a friend."""
        await self._set([row_id], state=WAITING)

    async def _set(self, ids: Sequence[int], **values: Any) -> None:
        """Change pending rows only: what was dropped while it was on its way must not come to life again."""
        if ids:
            await self._connection.execute(
                update(outbox).where(outbox.c.id.in_(ids), outbox.c.state == PENDING).values(**values)
            )

    async def release(self, contact_id: str, now: datetime) -> int:
        """Make what waited for this contact's friendship due; returns how many."""
        freed = await self._connection.execute(
            update(outbox)
            .where(outbox.c.state == WAITING, outbox.c.target == contact_id)
            .values(state=PENDING, due_at=now)
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
                outbox.c.state.in_((PENDING, WAITING)),
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
            .where(outbox.c.unique_key == unique, outbox.c.state == DROPPED)
            .values(state=PENDING, due_at=at, error="")
        )
        return revived.rowcount > 0

    async def drop(self, case: str, reason: str, *, unique_prefix: str = "") -> int:
        """Never send what has not left yet of a case; returns how many.

        ``unique_prefix`` narrows that to messages whose ``unique`` begins with it (its notice, say, while
        what people were told stays).
        """
        if not case:
            return 0
        conditions = [outbox.c.case == case, outbox.c.state.in_((PENDING, WAITING))]
        if unique_prefix:
            # No LIKE: on SQLite it takes upper and lower case for the same.
            start = func.substr(outbox.c.unique_key, 1, len(unique_prefix), type_=Words)
            conditions.append(start == unique_prefix)
        dropped = await self._connection.execute(
            update(outbox).where(*conditions).values(state=DROPPED, error=reason)
        )
        return dropped.rowcount

    async def counts(self) -> OutboxCounts:
        """How many wait, how many were given up, and since when the longest due one is due."""
        found = await self._connection.execute(
            select(outbox.c.state, func.count().label("many"))
            .where(outbox.c.state.in_((PENDING, WAITING, DEAD, WITHHELD)))
            .group_by(outbox.c.state)
        )
        by_state = {row.state: row.many for row in found}
        return OutboxCounts(
            pending=by_state.get(PENDING, 0),
            waiting=by_state.get(WAITING, 0),
            dead=by_state.get(DEAD, 0),
            withheld=by_state.get(WITHHELD, 0),
            oldest_due=await self.next_due(),
        )

    async def dead_letters(self, limit: int) -> list[DeadLetter]:
        """The newest messages that were given up, with the last error."""
        found = await self._connection.execute(
            select(outbox).where(outbox.c.state == DEAD).order_by(outbox.c.id.desc()).limit(limit)
        )
        return [DeadLetter(outgoing(row), row.error) for row in found]

    async def kept(self, unique_prefix: str, *, unsent: bool = False, limit: int = 50) -> list[Outgoing]:
        """The newest messages whose ``unique`` begins like this, oldest first; ``unsent``: those still to leave."""
        start = func.substr(outbox.c.unique_key, 1, len(unique_prefix), type_=Words)
        conditions = [start == unique_prefix]
        if unsent:
            conditions.append(outbox.c.state == PENDING)
        found = await self._connection.execute(
            select(outbox).where(*conditions).order_by(outbox.c.id.desc()).limit(limit)
        )
        return [outgoing(row) for row in found][::-1]

    async def fates(self, unique_prefix: str) -> list[Fate]:
        """What became of the messages whose ``unique`` begins like this, in the order in which they were added."""
        start = func.substr(outbox.c.unique_key, 1, len(unique_prefix), type_=Words)
        found = await self._connection.execute(
            select(outbox).where(start == unique_prefix).order_by(outbox.c.id)
        )
        return [Fate(outgoing(row), row.state, row.sent_at, row.gateway_message_id) for row in found]

    async def purge(self, before: datetime) -> int:
        """Forget what was made before ``before`` and is not about to be sent; returns how many.

        That includes private messages that still wait for a friendship by then. The notice of a case that is not
        settled stays: only by it is it known whether the group heard what may have to be taken back.
        """
        unsettled = exists().where(
            violations.c.number == outbox.c.case,
            outbox.c.unique_key == literal("notice ", Words) + violations.c.number,
            or_(
                violations.c.state.in_((CaseState.PROVISIONAL, CaseState.APPEALED)),
                and_(violations.c.state == CaseState.CONFIRMED, violations.c.published_at.is_(None)),
            ),
        )
        gone = await self._connection.execute(
            delete(outbox).where(outbox.c.created_at < before, outbox.c.state != PENDING, ~unsettled)
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
