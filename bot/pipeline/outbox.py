"""Sends what was decided: one message in flight per account, within the budgets, retried, never lost.

A row is marked as sent only after the gateway took it, so a crash in between repeats at most that one message.
A private answer waits until its reader is a friend of the account; the group then gets one line without content.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from structlog.typing import FilteringBoundLogger

from bot.clock import Clock
from bot.errors import GatewayError, GatewayRefused, GatewayUnavailable, GatewayUncertain
from bot.gateway.port import Gateway
from bot.pipeline.budget import Budget, Manner
from bot.pipeline.notice import SUPERVISION, addressed
from bot.pipeline.patience import patiently
from bot.pipeline.second_thoughts import put_right
from bot.pipeline.speaking import instead, speak
from bot.texts import Texts
from storage.records import Outgoing
from storage.session import Storage, UnitOfWork

T = TypeVar("T")
Reconsider = Callable[[UnitOfWork, Outgoing, datetime], Awaitable[Outgoing | None]]

HEADS = 500
TOGETHER = 20
LONGEST_TEXT = 1_800
IDLE_SECONDS = 5.0
PRESSING = frozenset({"notice", "urgent", "alert", "report"})
AWAY_SECONDS = 5.0
RETRY_SECONDS = 2.0
RETRY_FACTOR = 4
RETRY_AT_MOST_SECONDS = 1_800.0


class Outbox:
    """Speaks for the bot; nothing else does.

    Args:
        supervision: gives the gateway id of the supervision room, empty while there is none.
        reconsider: a row as it is to be said now, ``None`` if it is not any more.
        chance: a source of numbers in 0..1 for the jitter.
    """

    def __init__(
        self,
        storage: Storage,
        gateway: Gateway,
        manner: Manner,
        texts: Texts,
        supervision: Callable[[], str],
        reconsider: Reconsider,
        clock: Clock,
        log: FilteringBoundLogger,
        chance: Callable[[], float],
    ) -> None:
        self._storage = storage
        self._gateway = gateway
        self._manner = manner
        self._texts = texts
        self._supervision = supervision
        self._reconsider = reconsider
        self._clock = clock
        self._log = log
        self._chance = chance
        self._budget = Budget(manner.limits)
        self._wake = asyncio.Event()
        self._stopping = False
        self._lying_down = False
        self.online = asyncio.Event()
        self.left = self.failures = 0  # messages that left, and attempts that failed, since the start

    def adopt(self, manner: Manner) -> None:
        """Behave like this from now on."""
        self._manner = manner
        self._budget.adopt(manner.limits)

    def wake(self) -> None:
        """There may be something new to send."""
        self._wake.set()

    @property
    def resting(self) -> bool:
        """Whether it waits for time to pass, and for nothing else."""
        return self._lying_down and not self._wake.is_set()

    async def run(self) -> None:
        """Send what becomes due until :meth:`stop`; what is in flight then is finished."""
        while not self._stopping:
            await self.online.wait()
            self._wake.clear()
            if self._stopping:
                return
            wait = await self.send_next()
            if wait > 0 and not self._stopping:
                await self._rest(wait)

    def stop(self) -> None:
        """Send nothing more after what is in flight."""
        self._stopping = True
        self.online.set()
        self._wake.set()

    async def drain(self) -> int:
        """Try every message that is due now once, without budgets; returns how many targets still wait."""
        tried: set[str] = set()
        while heads := await self._heads(tried):
            for row in heads:
                if await self._untimely(row):
                    continue
                if not await self._deliver(await self._merged(row)):
                    tried.add(row.target)
        return len(tried)

    async def send_next(self) -> float:
        """Send the next row that may go, with those that merge into it; returns seconds to wait (0: look again)."""
        heads = await self._heads()
        if not heads:
            due = await self._read(lambda unit: unit.outbox.next_due(without=self._unreachable()))
            if due is None:
                return IDLE_SECONDS
            return min(max((due - self._clock.now()).total_seconds(), 0.05), IDLE_SECONDS)
        now = self._clock.monotonic()
        moment, order = min((self._free_at(row, now), order) for order, row in enumerate(heads))
        if moment > now:
            return moment - now
        row = heads[order]
        if not await self._untimely(row):
            await self._deliver(await self._merged(row))
        return 0.0

    async def _heads(self, without: Collection[str] = ()) -> list[Outgoing]:
        now = self._clock.now()
        skipped = {*without, *self._unreachable()}
        return await self._read(lambda unit: unit.outbox.heads(now, HEADS, without=skipped))

    def _unreachable(self) -> Collection[str]:
        """What is for the supervisors waits until there is a room for it; it never goes anywhere else."""
        return () if self._supervision() else (SUPERVISION,)

    def _free_at(self, row: Outgoing, now: float) -> float:
        """When this row may leave, in the clock's monotonic seconds; ``now`` if at once."""
        moment = self._budget.allowed_at(row.target, now, reserved=row.kind in PRESSING)
        if row.merge and self._manner.limits.pacing:
            age = (self._clock.now() - max(row.created_at, row.due_at)).total_seconds()
            moment = max(moment, now + self._manner.merge_seconds - age)
        return moment

    async def _untimely(self, row: Outgoing) -> bool:
        """Put right what is not to be said, or not like this, now that its time has come; whether anything was."""
        now = self._clock.now()
        seen = await self._read(lambda unit: self._reconsider(unit, row, now))
        if seen == row:
            return False
        await self._write(lambda unit: put_right(unit, row, seen))
        return True

    async def _merged(self, first: Outgoing) -> list[Outgoing]:
        """The row itself and later notices to the same room that fit into one message with it."""
        if not first.merge or first.attempts or not self._manner.limits.pacing:
            return [first]
        now = self._clock.now()
        rows = await self._read(
            lambda unit: unit.outbox.together(first.target, first.merge, now, limit=TOGETHER)
        )
        group, length = [first], len(first.text)
        for row in rows:
            if row.id == first.id or row.attempts or length + len(row.text) + 1 > LONGEST_TEXT:
                continue
            if not await self._untimely(row):
                group.append(row)
                length += len(row.text) + 1
        return group

    async def _deliver(self, group: list[Outgoing]) -> bool:
        """Send one message for a group of rows; ``False`` if it did not leave."""
        first = group[0]
        try:
            if first.private and not await self._reachable(first):
                await self._hold(first)
                return True
            target = self._supervision() if first.target == SUPERVISION else first.target
            sent_id = await speak(self._gateway, group, target)
        except GatewayError as failure:
            if kind := instead(first, failure):
                self._log.warning(
                    "the group announcement can't be set, sent as a message", reason=str(failure)
                )
                await self._write(lambda unit: unit.outbox.recast(first.id, kind))
                return True
            return await self._failed(group, failure)
        except Exception as failure:  # noqa: BLE001 - what nobody foresaw costs one message an attempt; told here
            self._log.error("sending broke", failure=type(failure).__name__, exc_info=failure)
            return await self._failed(group, GatewayError(type(failure).__name__))
        self.left += 1
        self._budget.spent(first.target, self._clock.monotonic(), self._chance())
        await self._sent(group, sent_id)
        return True

    async def _sent(self, group: list[Outgoing], sent_id: str) -> None:
        now = self._clock.now()

        async def mark(unit: UnitOfWork) -> None:
            dropped = await unit.outbox.sent([row.id for row in group], now, sent_id)
            for row in group:
                if row.case and row.unique.startswith(f"notice {row.case}"):
                    await unit.cases.noticed(row.case, now)
            # Recalled or dismissed while it was on its way: what was said is taken back.
            accused = [row for row in dropped if row.case and row.unique.startswith(f"notice {row.case}")]
            await unit.outbox.add([self._taken_back(row, now) for row in accused])

        await self._write(mark)

    def _taken_back(self, row: Outgoing, now: datetime) -> Outgoing:
        text = self._texts.render("notice.taken_back", number=row.case)
        return replace(
            row,
            id=0,
            text=text,
            due_at=now,
            created_at=now,
            merge="",
            unique=f"taken back {row.id}",
            attempts=0,
        )

    async def _reachable(self, row: Outgoing) -> bool:
        contact = await self._gateway.member("", row.target)
        return contact is not None and contact.is_friend

    async def _hold(self, row: Outgoing) -> None:
        """Keep a private answer until its reader is a friend, and say so where it was asked for, without content."""
        contact = await self._gateway.member(row.asked_in, row.target) if row.asked_in else None
        name = (contact.alias or contact.name) if contact else ""
        now = self._clock.now()
        line = replace(
            row,
            id=0,
            target=row.asked_in,
            text=addressed(name, self._texts.render("answer.befriend")),
            due_at=now,
            created_at=now,
            kind="line",
            private=False,
            mentions=(row.target,),
            asked_in="",
            attempts=0,
            unique=f"befriend {row.target} {row.asked_in} {now:%Y-%m-%dT%H}",
        )

        async def hold(unit: UnitOfWork) -> None:
            await unit.outbox.hold(row.id)
            if row.asked_in:
                await unit.outbox.add([line])

        await self._write(hold)

    async def _failed(self, group: list[Outgoing], failure: GatewayError) -> bool:
        """Decide what becomes of rows that did not leave; returns whether they count as sent all the same."""
        self.failures += 1
        now = self._clock.now()
        ids = [row.id for row in group]
        if isinstance(failure, GatewayUncertain) and all(row.attempts for row in group):
            # Nobody knows whether it arrived, twice already: better one too few than the same word again and again.
            self._log.warning("sent, as far as anybody can tell", rows=len(group))
            await self._sent(group, "")
            return True
        self._log.warning(
            "sending failed, will be tried again", rows=len(group), failure=type(failure).__name__
        )
        if type(failure) is GatewayUnavailable:  # none of its more particular kinds
            # It never left, and the gateway is away: that is no fault of the message, and does not count.
            await self._write(lambda unit: unit.outbox.postpone(ids, now + timedelta(seconds=AWAY_SECONDS)))
            return False

        async def put_off(unit: UnitOfWork) -> None:
            for row in group:
                if row.attempts + 1 >= self._manner.max_attempts and row.target != SUPERVISION:
                    await unit.outbox.dead(row.id, str(failure))
                    self._log.error("message given up", row=row.id, kind=row.kind, attempts=row.attempts + 1)
                elif row.private and isinstance(failure, GatewayRefused):
                    # The gateway thinks better of the friendship than WeChat does: wait for a real one.
                    await unit.outbox.retry(row.id, now, str(failure))
                    await unit.outbox.hold(row.id)
                else:
                    wait = min(RETRY_SECONDS * RETRY_FACTOR ** min(row.attempts, 10), RETRY_AT_MOST_SECONDS)
                    await unit.outbox.retry(row.id, now + timedelta(seconds=wait), str(failure))

        await self._write(put_off)
        return False

    async def _read(self, ask: Callable[[UnitOfWork], Awaitable[T]]) -> T:
        async def once() -> T:
            async with self._storage.view() as unit:
                return await ask(unit)

        return await patiently(once, self._clock, self._log)

    async def _write(self, work: Callable[[UnitOfWork], Awaitable[object]]) -> None:
        async def once() -> None:
            async with self._storage.unit() as unit:
                await work(unit)

        await patiently(once, self._clock, self._log)

    async def _rest(self, seconds: float) -> None:
        """Wait, but no longer than until somebody wakes the outbox."""
        waits = [
            asyncio.ensure_future(self._wake.wait()),
            asyncio.ensure_future(self._clock.sleep(seconds)),
        ]
        self._lying_down = True
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._lying_down = False
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)
