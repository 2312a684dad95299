"""Looks again at a notice whose time has come: much may have changed since it was written, overnight for instance.

A rule that was switched off since, somebody who was exempted, a room in which the bot was asked to be quiet, a
leave that was entered late: what was right to say then may be wrong to say now. The case stays what it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.pipeline.leave import on_leave
from bot.pipeline.policy import Policy
from storage.records import SECRET, Outgoing
from storage.session import UnitOfWork

MENTION_END = "\u2005"
ANSWERS_KEEP = timedelta(minutes=3)
CODES_LIVE = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class SecondThoughts:
    """What is in force now, and when a notice may be spoken at the earliest, seen from a moment."""

    policy: Policy
    courteous: Callable[[datetime], datetime]

    async def __call__(self, unit: UnitOfWork, row: Outgoing, now: datetime) -> Outgoing | None:
        """The row as it is to be said, perhaps later or to its reader alone; ``None`` if it is not to be said.

        Results and corrections are owed whatever has changed: only first notices of cases are asked about.
        """
        if row.kind == "notice" and (later := self.courteous(now)) > now:
            return replace(row, due_at=later)
        if row.kind in ("answer", "line") and not row.private and now - row.due_at > ANSWERS_KEEP:
            return None  # nobody waits for it any more
        if row.kind == SECRET and now - row.created_at > CODES_LIVE:
            return None
        if row.kind in ("notice", "urgent") and row.case and row.unique.startswith(f"notice {row.case}"):
            return await self._first_notice(unit, row, now)
        return row

    async def _first_notice(self, unit: UnitOfWork, row: Outgoing, now: datetime) -> Outgoing | None:
        case = await unit.cases.get(row.case)
        room = await unit.rooms.get(case.room_key) if case is not None else None
        if case is None or room is None:
            return row
        book = self.policy.of(room)
        entry = next((entry for entry in book.entries if entry.rule.id == case.rule), None)
        if entry is not None and (not entry.enabled or entry.shadow):
            return None
        if case.rule in self.policy.exempt(case.person_key, case.room_key, now):
            return None
        deferred = entry is not None and entry.rule.deferred
        if deferred and await on_leave(unit, case.person_key, book, now):
            return replace(row, due_at=book.calendar.opening_after(now))
        if not row.private and self.policy.muted(case.room_key, now):
            return replace(row, target=case.sender_id, text=_alone(row), private=True, mentions=(), merge="")
        return row


async def put_right(unit: UnitOfWork, row: Outgoing, seen: Outgoing | None) -> None:
    """Write down what became of a row on second thoughts."""
    if seen is None:
        await unit.outbox.discard(row.id, "not to be said any more")
    else:
        await unit.outbox.rewrite(seen)


def _alone(row: Outgoing) -> str:
    """A notice's words without the mention that they began with in the group."""
    return row.text.partition(MENTION_END)[2] or row.text
