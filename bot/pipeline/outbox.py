"""Sends what was decided: one message in flight per account, within the budgets, retried, never lost.

A row is marked as sent only after the gateway took it, so a crash in between repeats at most that one
message. A private answer waits until its reader is a friend of the account; the group then gets one line
without content.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from structlog.typing import FilteringBoundLogger

from bot.clock import Clock
from bot.errors import GatewayError, GatewayRefused
from bot.gateway.port import Gateway
from bot.pipeline.budget import Budget, Limits
from bot.pipeline.notice import addressed
from bot.texts import Texts
from storage.records import Outgoing
from storage.session import Storage

LOOK_AHEAD = 100
LONGEST_TEXT = 1_800
IDLE_SECONDS = 30.0
RETRY_SECONDS = 2.0
RETRY_AT_MOST_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Manner:
    """How the outbox behaves: budgets, how long notices gather before they leave, how often it tries."""

    limits: Limits
    merge_seconds: float
    max_attempts: int


class Outbox:
    """Speaks for the bot; nothing else does.

    Args:
        chance: a source of numbers in 0..1 for the jitter.
    """

    def __init__(
        self,
        storage: Storage,
        gateway: Gateway,
        manner: Manner,
        texts: Texts,
        clock: Clock,
        log: FilteringBoundLogger,
        chance: Callable[[], float],
    ) -> None:
        self._storage = storage
        self._gateway = gateway
        self._manner = manner
        self._texts = texts
        self._clock = clock
        self._log = log
        self._chance = chance
        self._budget = Budget(manner.limits)
        self._wake = asyncio.Event()
        self.online = asyncio.Event()

    def wake(self) -> None:
        """There may be something new to send."""
        self._wake.set()

    async def run(self) -> None:
        """Send what becomes due, for as long as the bot runs."""
        while True:
            await self.online.wait()
            self._wake.clear()
            wait = await self.send_next()
            if wait > 0:
                await self._rest(wait)

    async def drain(self) -> int:
        """Send every decided message that is due now, without budgets; returns how many rows are still unsent."""
        if not self.online.is_set():
            return len(await self._due())
        for _ in range(LOOK_AHEAD):
            rows = await self._due()
            if not rows:
                return 0
            if not await self._deliver(self._merged(rows[0], rows)):
                break
        return len(await self._due())

    async def send_next(self) -> float:
        """Send the next row that may go, with those that merge into it; returns seconds to wait (0: look again)."""
        rows = await self._due()
        if not rows:
            async with self._storage.unit() as unit:
                due = await unit.outbox.next_due()
            if due is None:
                return IDLE_SECONDS
            return min(max((due - self._clock.now()).total_seconds(), 0.05), IDLE_SECONDS)
        now = self._clock.monotonic()
        waits = [(self._free_at(row, now), order) for order, row in enumerate(rows)]
        moment, order = min(waits)
        if moment > now:
            return moment - now
        await self._deliver(self._merged(rows[order], rows))
        return 0.0

    async def _due(self) -> list[Outgoing]:
        async with self._storage.unit() as unit:
            return list(await unit.outbox.due(self._clock.now(), LOOK_AHEAD))

    def _free_at(self, row: Outgoing, now: float) -> float:
        """When this row may leave, in the clock's monotonic seconds; ``now`` if at once."""
        moment = self._budget.allowed_at(row.target, now)
        if row.merge and self._manner.limits.pacing:
            age = (self._clock.now() - max(row.created_at, row.due_at)).total_seconds()
            moment = max(moment, now + self._manner.merge_seconds - age)
        return moment

    def _merged(self, first: Outgoing, rows: list[Outgoing]) -> list[Outgoing]:
        """The row itself and later notices to the same room that fit into one message with it."""
        if not first.merge or not self._manner.limits.pacing:
            return [first]
        group, length = [first], len(first.text)
        for row in rows:
            same = row.target == first.target and row.merge == first.merge and row.id != first.id
            if same and length + len(row.text) + 1 <= LONGEST_TEXT:
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
            sent_id = await self._act(group)
        except GatewayError as failure:
            await self._failed(group, failure)
            return False
        self._budget.spent(first.target, self._clock.monotonic(), self._chance())
        now = self._clock.now()
        async with self._storage.unit() as unit:
            await unit.outbox.sent([row.id for row in group], now, sent_id)
            for row in group:
                if row.kind == "notice" and row.case:
                    await unit.cases.noticed(row.case, now)
        return True

    async def _act(self, group: list[Outgoing]) -> str:
        """Do what the rows say; returns the id of the message that was sent, if any."""
        if group[0].kind == "friend":
            await self._gateway.accept_friend(group[0].target)
            return ""
        mentions = tuple(dict.fromkeys(contact for row in group for contact in row.mentions))
        return await self._gateway.say(group[0].target, "\n".join(row.text for row in group), mentions)

    async def _reachable(self, row: Outgoing) -> bool:
        contact = await self._gateway.member("", row.target)
        return contact is not None and contact.is_friend

    async def _hold(self, row: Outgoing) -> None:
        """Keep a private answer until its reader is a friend, and say so where it was asked for, without content."""
        contact = await self._gateway.member(row.asked_in, row.target) if row.asked_in else None
        name = (contact.alias or contact.name) if contact else ""
        now = self._clock.now()
        async with self._storage.unit() as unit:
            await unit.outbox.hold(row.id)
            if row.asked_in:
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
                await unit.outbox.add([line])

    async def _failed(self, group: list[Outgoing], failure: GatewayError) -> None:
        now = self._clock.now()
        async with self._storage.unit() as unit:
            for row in group:
                tries = row.attempts + 1
                if tries >= self._manner.max_attempts:
                    await unit.outbox.dead(row.id, str(failure))
                    self._log.error("message given up", row=row.id, kind=row.kind, attempts=tries)
                    continue
                if row.private and isinstance(failure, GatewayRefused):
                    # The gateway thinks better of the friendship than WeChat does: wait for a real one.
                    await unit.outbox.hold(row.id)
                    continue
                wait = min(RETRY_SECONDS * 2 ** min(row.attempts, 10), RETRY_AT_MOST_SECONDS)
                await unit.outbox.retry(row.id, now + timedelta(seconds=wait), str(failure))
        self._log.warning(
            "sending failed, will be tried again", rows=len(group), failure=type(failure).__name__
        )

    async def _rest(self, seconds: float) -> None:
        """Wait, but no longer than until somebody wakes the outbox."""
        waits = [
            asyncio.ensure_future(self._wake.wait()),
            asyncio.ensure_future(self._clock.sleep(seconds)),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)
