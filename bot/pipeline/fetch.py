"""Fetches payloads ahead, a bounded number at a time, and hands messages over in order of receipt.

A payload that does not come holds the line for a limited time in all; then it is set aside (``unread``), tried
again later a limited number of times, and judged out of order.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from structlog.typing import FilteringBoundLogger

from bot.clock import Clock
from bot.errors import GatewayError
from bot.gateway.port import IncomingMessage, Listener
from bot.pipeline.patience import patiently
from storage.records import Arrival
from storage.session import Storage

AHEAD = 32
SPARE = 4
WAITING = 256
BATCH = 50
HOLD_SECONDS = 10.0
RETRY_HOLD_SECONDS = 2.0
RETRY_AFTER = timedelta(minutes=1)
RETRY_AT_MOST = timedelta(hours=1)
ATTEMPTS = 12


@dataclass(frozen=True, slots=True)
class Fetched:
    """One stored arrival with its payload; ``message`` is ``None`` for the bot's own and for what is gone.

    ``late`` marks a message that is judged out of order because its payload came on a later try.
    """

    arrival: Arrival
    message: IncomingMessage | None
    late: bool = False


Take = Callable[[Sequence[Fetched]], Awaitable[list[Arrival]]]


class Fetcher:
    """From arrivals to messages in order of receipt; :meth:`accept` waits while too many are under way."""

    def __init__(
        self, gateway: Listener, storage: Storage, clock: Clock, take: Take, log: FilteringBoundLogger
    ) -> None:
        self._gateway = gateway
        self._storage = storage
        self._clock = clock
        self._take = take
        self._log = log
        self._line: asyncio.Queue[tuple[Arrival, asyncio.Task[Fetched | None]]] = asyncio.Queue(WAITING)
        self._slots = asyncio.Semaphore(AHEAD)
        self._spare_slots = asyncio.Semaphore(SPARE)
        self._open = 0

    @property
    def busy(self) -> bool:
        """Whether a message is under way here or in the hands of the handler."""
        return self._open > 0

    async def accept(self, arrival: Arrival) -> None:
        """Start fetching one arrival."""
        self._open += 1
        task = asyncio.create_task(self._fetch(arrival), name=f"fetch {arrival.seq}")
        await self._line.put((arrival, task))

    async def deliver(self) -> None:
        """Hand messages over in order, in small batches of what is ready, for as long as the bot runs."""
        while True:
            line = [await self._line.get()]
            await line[0][1]
            while len(line) < BATCH and not self._line.empty():
                line.append(self._line.get_nowait())
                if not line[-1][1].done():
                    await line[-1][1]
                    break
            try:
                await self._hand_over([(arrival, task.result()) for arrival, task in line])
            finally:
                self._open -= len(line)

    async def retry_unread(self) -> int:
        """Try again what was set aside and is due, all at once; returns how many were judged now."""
        async with self._storage.view() as unit:
            due = await unit.inbox.unread_due(self._clock.now(), BATCH)
        found = await asyncio.gather(*(self._once_more(arrival) for arrival in due))
        failed = [arrival for arrival, fetched in zip(due, found, strict=True) if fetched is None]
        for arrival, fetched in zip(due, found, strict=True):
            if fetched is not None:
                failed += await self._take([Fetched(arrival, fetched.message, late=True)])
        await self.set_aside(failed)
        return len(due) - len(failed)

    async def set_aside(self, arrivals: Sequence[Arrival]) -> None:
        """Keep arrivals for a later try; after the last one they are settled as unreadable."""
        if arrivals:
            await patiently(lambda: self._keep(arrivals), self._clock, self._log)

    async def close(self) -> None:
        """Stop fetching; what was not handed over is still stored and comes again with the next start."""
        while not self._line.empty():
            _, task = self._line.get_nowait()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            self._open -= 1

    async def _hand_over(self, line: Sequence[tuple[Arrival, Fetched | None]]) -> None:
        fetched = [item for _, item in line if item is not None]
        failed = await self._take(fetched) if fetched else []
        missing = [arrival for arrival, item in line if item is None]
        if missing:
            self._log.warning("payload did not come, message set aside", messages=len(missing))
        await self.set_aside([*failed, *missing])

    async def _keep(self, arrivals: Sequence[Arrival]) -> None:
        now = self._clock.now()
        async with self._storage.unit() as unit:
            for arrival in arrivals:
                if arrival.attempts + 1 >= ATTEMPTS:
                    self._log.error("message given up after the last try", seq=arrival.seq)
                    await unit.inbox.settle([(arrival.seq, "unreadable")])
                    continue
                wait = min(RETRY_AFTER * 2 ** min(arrival.attempts, 10), RETRY_AT_MOST)
                await unit.inbox.unread([arrival.seq], now + wait)

    async def _fetch(self, arrival: Arrival) -> Fetched | None:
        """The payload, or ``None`` if it did not come in time; the time counts from the moment of asking."""
        async with self._slots:
            return await self._ask(arrival, HOLD_SECONDS)

    async def _once_more(self, arrival: Arrival) -> Fetched | None:
        """A later try, which must not keep new messages waiting."""
        async with self._spare_slots:
            return await self._ask(arrival, RETRY_HOLD_SECONDS)

    async def _ask(self, arrival: Arrival, seconds: float) -> Fetched | None:
        try:
            async with asyncio.timeout(seconds):
                while True:
                    try:
                        message = await self._gateway.message(arrival.message_id, arrival.received_at)
                        return Fetched(arrival, message)
                    except GatewayError:
                        await self._clock.sleep(1.0)
        except TimeoutError:
            return None
        except Exception as failure:  # noqa: BLE001 - an answer nobody foresaw costs one message a delay; told here
            self._log.error("payload could not be read", failure=type(failure).__name__, exc_info=failure)
            return None
