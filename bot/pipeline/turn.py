"""Whose turn it is: the message that leaves next, when it may, as it is to be said by then, and what goes with it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from datetime import datetime

from bot.clock import Clock
from bot.pipeline.budget import Budget, Manner
from bot.pipeline.crowding import hour_of, in_turn, summarised
from bot.pipeline.notice import SUPERVISION
from bot.pipeline.patience import PatientStorage
from bot.pipeline.second_thoughts import put_right
from bot.pipeline.summary import LONGEST_TEXT, Summary
from storage.records import Outgoing
from storage.session import UnitOfWork

Reconsider = Callable[[UnitOfWork, Outgoing, datetime], Awaitable[Outgoing | None]]

HEADS = 500
TOGETHER = 20
IN_A_SUMMARY = 60
PRESSING = frozenset({"notice", "urgent", "alert", "report"})


class Turn:
    """Chooses among what is due.

    Args:
        supervision: gives the gateway id of the supervision room, empty while there is none.
        reconsider: a row as it is to be said now, ``None`` if it is not any more.
    """

    def __init__(
        self,
        storage: PatientStorage,
        manner: Manner,
        supervision: Callable[[], str],
        reconsider: Reconsider,
        summary: Summary,
        clock: Clock,
    ) -> None:
        self._storage = storage
        self._supervision = supervision
        self._reconsider = reconsider
        self._summary = summary
        self._clock = clock
        self.manner = manner
        self.budget = Budget(manner.limits)

    def adopt(self, manner: Manner) -> None:
        """Choose like this from now on."""
        self.manner = manner
        self.budget.adopt(manner.limits)

    async def heads(self, without: Collection[str] = ()) -> list[Outgoing]:
        """The one message for each target that should leave first, in the order to leave in."""
        now = self._clock.now()
        skipped = {*without, *self._unreachable()}
        return await self._storage.read(lambda unit: unit.outbox.heads(now, HEADS, without=skipped))

    async def next_due(self) -> datetime | None:
        """When the next message is due; ``None`` if none is pending that could leave."""
        return await self._storage.read(lambda unit: unit.outbox.next_due(without=self._unreachable()))

    def spent(self, row: Outgoing, jitter: float) -> None:
        """Book a message that has just left."""
        self.budget.spent(self._room(row), self._clock.monotonic(), jitter)

    def first(self, heads: list[Outgoing], suspects: Collection[str]) -> tuple[Outgoing, float]:
        """The row among these that may leave first, and in how many seconds; suspects after all others."""
        now = self._clock.monotonic()
        free = [self._free_at(row, now) for row in heads]
        order = min(
            range(len(heads)), key=lambda at: (free[at] > now, heads[at].target in suspects, free[at], at)
        )
        return heads[order], free[order] - now

    async def untimely(self, row: Outgoing) -> bool:
        """Put right what is not to be said, or not like this, now that its time has come; whether anything was."""
        now = self._clock.now()

        async def look(unit: UnitOfWork) -> Outgoing | None:
            seen = await self._reconsider(unit, row, now)
            if seen != row or not self.manner.limits.pacing:
                return seen
            return await in_turn(unit, row, self.manner.notices_per_hour, now)

        seen = await self._storage.read(look)
        if seen == row:
            return False
        await self._storage.write(lambda unit: put_right(unit, row, seen))
        return True

    async def together(self, first: Outgoing) -> list[Outgoing]:
        """The row itself and later notices to the same room that fit into one message with it, as they are said."""
        if not first.merge or not self.manner.limits.pacing:
            return [first]
        if summarised(first):
            rows = await self._others(first, IN_A_SUMMARY)
            return await self._storage.read(lambda unit: self._summary.page(unit, [first, *rows]))
        if first.attempts:
            return [first]
        now, most = self._clock.now(), self.manner.notices_per_hour
        hour = await self._storage.read(lambda unit: hour_of(unit, first.target, now))
        group, length = [first], len(first.text)
        for row in await self._others(first, min(TOGETHER, hour.free(most))):
            if len(group) < hour.free(most) and length + len(row.text) + 1 <= LONGEST_TEXT:
                group.append(row)
                length += len(row.text) + 1
        return group

    async def _others(self, first: Outgoing, limit: int) -> list[Outgoing]:
        """What is due with a row under its key, has been tried as often, and is still to be said."""
        now = self._clock.now()
        rows = await self._storage.read(
            lambda unit: unit.outbox.together(first.target, first.merge, now, limit=limit)
        )
        return [
            row
            for row in rows
            if row.id != first.id and row.attempts == first.attempts and not await self.untimely(row)
        ]

    def _unreachable(self) -> Collection[str]:
        """What is for the supervisors waits until there is a room for it; it never goes anywhere else."""
        return () if self._supervision() else (SUPERVISION,)

    def _room(self, row: Outgoing) -> str:
        """Where a message is heard: alerts and answers in the supervisors' room share its budget."""
        return self._supervision() if row.target == SUPERVISION else row.target

    def _free_at(self, row: Outgoing, now: float) -> float:
        """When this row may leave, in the clock's monotonic seconds; ``now`` if at once."""
        moment = self.budget.allowed_at(self._room(row), now, reserved=row.kind in PRESSING)
        if row.merge and self.manner.limits.pacing:
            age = (self._clock.now() - max(row.created_at, row.due_at)).total_seconds()
            if age >= 0:  # else the clock was put back since
                moment = max(moment, now + self.manner.merge_seconds - age)
        return moment
