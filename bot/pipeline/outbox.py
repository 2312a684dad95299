"""Sends what was decided: one message in flight per account, within the budgets, retried, never lost.

Read :meth:`Outbox.send_next` from top to bottom: a pause, the row whose turn it is, second thoughts, what goes with
it, the delivery, and what becomes of a failure.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from structlog.typing import FilteringBoundLogger

from bot.clock import Clock
from bot.errors import GatewayError, GatewayUncertain
from bot.pipeline.budget import Manner
from bot.pipeline.circuit import Circuit
from bot.pipeline.delivery import Delivery
from bot.pipeline.failing import AWAY, Fate, fate, gone_out, of_the_account, patience
from bot.pipeline.patience import PatientStorage
from bot.pipeline.turn import Turn
from storage.records import Outgoing
from storage.session import UnitOfWork

IDLE_SECONDS = 5.0


class Outbox:
    """Speaks for the bot; nothing else does.

    Args:
        chance: a source of numbers in 0..1 for the jitter.

    Attributes:
        online: set while the account is logged in.
        left, failures: messages that left, and attempts that failed, since the start.
    """

    def __init__(
        self,
        storage: PatientStorage,
        turn: Turn,
        delivery: Delivery,
        circuit: Circuit,
        clock: Clock,
        log: FilteringBoundLogger,
        chance: Callable[[], float],
    ) -> None:
        self._storage = storage
        self._turn = turn
        self._delivery = delivery
        self._circuit = circuit
        self._clock = clock
        self._log = log
        self._chance = chance
        self._wake = asyncio.Event()
        self._stopping = False
        self._lying_down = False
        self.online = asyncio.Event()
        self.left = self.failures = 0

    def adopt(self, manner: Manner) -> None:
        """Behave like this from now on."""
        self._turn.adopt(manner)
        self._circuit.tolerance = manner.tolerance

    def wake(self) -> None:
        """There may be something new to send."""
        self._wake.set()

    @property
    def resting(self) -> bool:
        """Whether it waits for time to pass, and for nothing else."""
        return self._lying_down and not self._wake.is_set()

    @property
    def paused(self) -> bool:
        """Whether nothing is sent, or one message on trial, because too many failed."""
        return self._circuit.paused

    async def run(self) -> None:
        """Send what becomes due until :meth:`stop`; what is in flight then is finished."""
        await self._circuit.restore()
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
        """Try every message that is due now once, without budgets; returns how many targets still wait.

        A pause is kept: what waits for its end waits for the next start.
        """
        tried: set[str] = set()
        while heads := await self._turn.heads(tried):
            for row in heads:
                if self._circuit.wait > 0:
                    return len(tried) + len(heads)
                if await self._turn.untimely(row):
                    continue
                if not await self._deliver(await self._turn.together(row)):
                    tried.add(row.target)
        return len(tried)

    async def send_next(self) -> float:
        """Send the next row that may go, with those that merge into it; returns seconds to wait (0: look again)."""
        if (pause := self._circuit.wait) > 0:
            return pause
        heads = await self._turn.heads()
        if not heads:
            due = await self._turn.next_due()
            if due is None:
                return IDLE_SECONDS
            return min(max((due - self._clock.now()).total_seconds(), 0.05), IDLE_SECONDS)
        row, wait = self._turn.first(heads, self._circuit.suspects)
        if wait > 0:
            return wait
        if not await self._turn.untimely(row):
            await self._deliver(await self._turn.together(row))
        return 0.0

    async def _deliver(self, group: Sequence[Outgoing]) -> bool:
        """Send one message for a group of rows; ``False`` if it did not leave, and is still to."""
        try:
            if not await self._delivery.attempt(group):
                return True
        except GatewayError as failure:
            return await self._failed(group, failure)
        self.left += 1
        self._turn.budget.spent(group[0].target, self._clock.monotonic(), self._chance())
        await self._circuit.passed()
        return True

    async def _failed(self, group: Sequence[Outgoing], failure: GatewayError) -> bool:
        """Decide what becomes of rows that did not leave; returns whether they count as sent all the same."""
        self.failures += 1
        sent, suspicious = gone_out(group, failure), of_the_account(group[0], failure)
        if sent:
            self._log.warning("sent, as far as anybody can tell", rows=len(group))
            await self._delivery.left(group, "", surely=False)
        else:
            self._log.warning(
                "sending failed, will be tried again", rows=len(group), failure=type(failure).__name__
            )
            # On trial it is the account that is tried: the message stays as it is, unless it may have arrived.
            if not (suspicious and self._circuit.paused and not isinstance(failure, GatewayUncertain)):
                await self._storage.write(lambda unit: self._put_off(unit, group, failure))
        if suspicious:
            await self._circuit.failed(group, type(failure).__name__)
        return sent

    async def _put_off(self, unit: UnitOfWork, group: Sequence[Outgoing], failure: GatewayError) -> None:
        now, reason = self._clock.now(), str(failure)
        for row in group:
            match fate(row, failure, self._turn.manner.max_attempts):
                case Fate.POSTPONED:
                    await unit.outbox.postpone([row.id], now + AWAY)
                case Fate.DEAD:
                    await unit.outbox.dead(row.id, reason)
                    self._log.error("message given up", row=row.id, kind=row.kind, attempts=row.attempts + 1)
                case Fate.HELD:
                    await unit.outbox.retry(row.id, now, reason)
                    await unit.outbox.hold(row.id)
                case Fate.AGAIN:
                    await unit.outbox.retry(row.id, now + patience(row), reason)

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
