"""Fetches payloads ahead, a bounded number at a time, and hands messages over in order of receipt.

A payload that does not come holds the line for a limited time in all; then it is set aside (``unread``),
tried again later, and judged out of order.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from structlog.typing import FilteringBoundLogger

from bot.clock import Clock
from bot.errors import GatewayRefused, GatewayUnavailable
from bot.gateway.port import Gateway, IncomingMessage
from storage.records import Arrival
from storage.session import Storage

AHEAD = 32
WAITING = 256
BATCH = 50
HOLD_SECONDS = 10.0
RETRY_AFTER = timedelta(minutes=1)
RETRY_AT_MOST = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Fetched:
    """One stored arrival with its payload; ``message`` is ``None`` for the bot's own and for what is gone.

    ``late`` marks a message that is judged out of order because its payload came on a later try.
    """

    arrival: Arrival
    message: IncomingMessage | None
    late: bool = False


Take = Callable[[Sequence[Fetched]], Awaitable[None]]


class Fetcher:
    """From arrivals to messages in order of receipt; :meth:`accept` waits while too many are under way."""

    def __init__(
        self, gateway: Gateway, storage: Storage, clock: Clock, take: Take, log: FilteringBoundLogger
    ) -> None:
        self._gateway = gateway
        self._storage = storage
        self._clock = clock
        self._take = take
        self._log = log
        self._line: asyncio.Queue[tuple[Arrival, asyncio.Task[Fetched | None]]] = asyncio.Queue(WAITING)
        self._slots = asyncio.Semaphore(AHEAD)
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
            first = await self._line.get()
            line = [first]
            ready = [await first[1]]
            while len(line) < BATCH and not self._line.empty():
                line.append(self._line.get_nowait())
                if not line[-1][1].done():
                    ready.append(await line[-1][1])
                    break
                ready.append(line[-1][1].result())
            try:
                await self._hand_over([arrival for arrival, _ in line], ready)
            finally:
                self._open -= len(line)

    async def retry_unread(self) -> int:
        """Try again what was set aside and is due; returns how many were judged now."""
        async with self._storage.unit() as unit:
            due = await unit.inbox.unread_due(self._clock.now(), BATCH)
        done = 0
        for arrival in due:
            fetched = await self._fetch(arrival)
            if fetched is None:
                await self._set_aside([arrival])
            else:
                await self._take([Fetched(arrival, fetched.message, late=True)])
                done += 1
        return done

    async def close(self) -> None:
        """Stop fetching; what was not handed over is still stored and comes again with the next start."""
        while not self._line.empty():
            _, task = self._line.get_nowait()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            self._open -= 1

    async def _hand_over(self, arrivals: list[Arrival], ready: list[Fetched | None]) -> None:
        fetched = [item for item in ready if item is not None]
        if fetched:
            await self._take(fetched)
        missing = [arrival for arrival, item in zip(arrivals, ready, strict=True) if item is None]
        if missing:
            self._log.warning("payload did not come, message set aside", messages=len(missing))
            await self._set_aside(missing)

    async def _set_aside(self, arrivals: list[Arrival]) -> None:
        now = self._clock.now()
        async with self._storage.unit() as unit:
            for arrival in arrivals:
                wait = min(RETRY_AFTER * 2 ** min(arrival.attempts, 10), RETRY_AT_MOST)
                await unit.inbox.unread([arrival.seq], now + wait)

    async def _fetch(self, arrival: Arrival) -> Fetched | None:
        """The payload, or ``None`` if it did not come in time."""
        async with self._slots:
            try:
                async with asyncio.timeout(HOLD_SECONDS):
                    while True:
                        try:
                            return Fetched(arrival, await self._gateway.message(arrival.message_id))
                        except GatewayUnavailable:
                            await self._clock.sleep(1.0)
            except TimeoutError:
                return None
            except GatewayRefused as refusal:
                self._log.warning("payload refused", reason=str(refusal))
                return Fetched(arrival, None)
