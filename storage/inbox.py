"""Every message id that arrived, in order of receipt: what has been handled, what has not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, delete, func, literal_column, or_, select, update

from storage.records import Arrival
from storage.repository import Repository
from storage.results import InboxCounts
from storage.tables import inbox, messages

_NEW, _UNREAD, _DONE = "new", "unread", "done"
# Literal, because a partial index only serves a condition that the planner can read.
_OPEN = inbox.c.state != literal_column("'done'")
_COLUMNS = (inbox.c.message_id, inbox.c.received_at, inbox.c.seq, inbox.c.attempts)


class Inbox(Repository):
    """Ids are committed before any payload is asked for, and each is kept once, over restarts too."""

    async def add(self, arrivals: Sequence[Arrival]) -> list[Arrival]:
        """Keep the ids that were never seen; returns exactly those, in order, with their ``seq``."""
        if not arrivals:
            return []
        insert = self._insert(inbox).on_conflict_do_nothing(index_elements=["message_id"])
        kept = await self._connection.execute(
            insert.returning(*_COLUMNS),
            [
                {
                    "message_id": arrival.message_id,
                    "received_at": arrival.received_at,
                    "state": _NEW,
                    "attempts": 0,
                    "outcomes": "",
                }
                for arrival in arrivals
            ],
        )
        return sorted((Arrival(*row) for row in kept), key=lambda arrival: arrival.seq)

    async def pending(self, limit: int, after: int = 0, until: int | None = None) -> list[Arrival]:
        """The first ``limit`` arrivals above ``after``, up to ``until``, that were neither settled nor set aside."""
        query = select(*_COLUMNS).where(_OPEN, inbox.c.state == _NEW, inbox.c.seq > after)
        if until is not None:
            query = query.where(inbox.c.seq <= until)
        found = await self._connection.execute(query.order_by(inbox.c.seq).limit(limit))
        return [Arrival(*row) for row in found]

    async def last_seq(self) -> int:
        """The number of the newest arrival that is kept; 0 if none is."""
        return await self._connection.scalar(select(func.max(inbox.c.seq))) or 0

    async def settle(self, items: Sequence[tuple[int, str]]) -> None:
        """Mark as handled, each ``(seq, outcomes)`` with what the rules said in one compact text."""
        if not items:
            return
        await self._connection.execute(
            update(inbox)
            .where(inbox.c.seq == bindparam("of"))
            .values(state=_DONE, retry_at=None, outcomes=bindparam("said")),
            [{"of": seq, "said": outcomes} for seq, outcomes in items],
        )

    async def settled(self, seqs: Sequence[int]) -> frozenset[int]:
        """Which of these were handled already."""
        query = select(inbox.c.seq).where(inbox.c.seq.in_(seqs), inbox.c.state == _DONE)
        return frozenset(await self._connection.scalars(query))

    async def unread(self, seqs: Sequence[int], retry_at: datetime) -> None:
        """Set aside until ``retry_at``: their payload did not come."""
        if not seqs:
            return
        await self._connection.execute(
            update(inbox)
            .where(inbox.c.seq.in_(seqs), inbox.c.state != _DONE)
            .values(state=_UNREAD, retry_at=retry_at, attempts=inbox.c.attempts + 1)
        )

    async def unread_due(self, now: datetime, limit: int) -> list[Arrival]:
        """What was set aside and should be tried again by ``now``, longest waiting first."""
        found = await self._connection.execute(
            select(*_COLUMNS)
            .where(_OPEN, inbox.c.state == _UNREAD, inbox.c.retry_at <= now)
            .order_by(inbox.c.retry_at, inbox.c.seq)
            .limit(limit)
        )
        return [Arrival(*row) for row in found]

    async def counts(self) -> InboxCounts:
        """How many wait, are set aside and are done, and since when the oldest has been waiting."""
        found = await self._connection.execute(
            select(
                inbox.c.state, func.count(), func.min(inbox.c.received_at, type_=inbox.c.received_at.type)
            ).group_by(inbox.c.state)
        )
        by_state = {state: (count, oldest) for state, count, oldest in found}
        return InboxCounts(
            pending=by_state.get(_NEW, (0, None))[0],
            unread=by_state.get(_UNREAD, (0, None))[0],
            done=by_state.get(_DONE, (0, None))[0],
            oldest_pending=by_state.get(_NEW, (0, None))[1],
        )

    async def backlog(self) -> InboxCounts:
        """What :meth:`counts` tells, without what is done: that is not counted, however much it is."""
        found = await self._connection.execute(
            select(inbox.c.state, func.count(), func.min(inbox.c.received_at, type_=inbox.c.received_at.type))
            .where(_OPEN)
            .group_by(inbox.c.state)
        )
        by_state = {state: (count, oldest) for state, count, oldest in found}
        pending, oldest = by_state.get(_NEW, (0, None))
        return InboxCounts(pending, by_state.get(_UNREAD, (0, None))[0], done=0, oldest_pending=oldest)

    async def outcomes(self, message_id: str) -> str | None:
        """What the rules said of a message; ``None`` if it never arrived or is not handled yet."""
        found: str | None = await self._connection.scalar(
            select(inbox.c.outcomes).where(inbox.c.message_id == message_id, inbox.c.state == _DONE)
        )
        return found

    async def noted(self, mark: str, since: datetime, until: datetime) -> list[str]:
        """What the rules said of the messages that arrived in ``[since, until)``, where ``mark`` stands in it."""
        found = await self._connection.scalars(
            select(inbox.c.outcomes)
            .where(
                inbox.c.received_at >= since,
                inbox.c.received_at < until,
                inbox.c.outcomes.contains(mark, autoescape=True),
            )
            .order_by(inbox.c.seq)
        )
        return list(found)

    async def erased(self, since: datetime, until: datetime) -> int:
        """How many messages that arrived in ``[since, until)`` were judged, and have no text any more."""
        judged = or_(
            inbox.c.outcomes == "", inbox.c.outcomes.contains("="), inbox.c.outcomes.endswith("clean")
        )
        found = await self._connection.scalar(
            select(func.count())
            .select_from(inbox.outerjoin(messages, messages.c.message_id == inbox.c.message_id))
            .where(
                inbox.c.state == _DONE,
                inbox.c.received_at >= since,
                inbox.c.received_at < until,
                messages.c.message_id.is_(None),
                judged,
            )
        )
        return found or 0

    async def purge(self, before: datetime) -> int:
        """Forget handled ids that arrived before ``before``; returns how many.

        A gateway that replays one of them afterwards brings it as new.
        """
        gone = await self._connection.execute(
            delete(inbox).where(inbox.c.state == _DONE, inbox.c.received_at < before)
        )
        return gone.rowcount
