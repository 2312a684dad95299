"""Takes bare events from the gateway and commits message ids before any payload is asked for.

Ids are committed in groups: whatever arrived while the last commit ran goes into the next one. Ids that were
stored before (a replay after a reconnect or restart) are dropped here, and nowhere else. What follows a commit
(reacting, fetching) has a line of its own, so that a slow gateway never keeps an id from being stored.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from structlog.typing import FilteringBoundLogger

from bot.clock import Clock
from bot.gateway.port import Event, EventKind, Listener
from bot.pipeline.patience import patiently
from storage.records import Arrival
from storage.session import Storage

GROUP = 200
BACKLOG = 5_000

Accept = Callable[[Arrival], Awaitable[None]]
React = Callable[[Event], Awaitable[None]]


class Inbox:
    """From events to stored arrivals, in order of receipt.

    Args:
        accept: takes each new arrival, in order (the fetcher).
        react: takes every event that is no message, in order with them.

    Attributes:
        received: how many messages have come in and were new, since the start.
    """

    def __init__(
        self,
        gateway: Listener,
        storage: Storage,
        accept: Accept,
        react: React,
        clock: Clock,
        log: FilteringBoundLogger,
    ) -> None:
        self._gateway = gateway
        self._storage = storage
        self._accept = accept
        self._react = react
        self._clock = clock
        self._log = log
        self._events: asyncio.Queue[Event] = asyncio.Queue(BACKLOG)
        self._stored: asyncio.Queue[Arrival | Event] = asyncio.Queue(BACKLOG)
        self._open = 0
        self._earlier = 0
        self._recovered = 0
        self._highest = 0
        self.received = 0

    @property
    def busy(self) -> bool:
        """Whether an event has come in that is not handed on yet."""
        return self._open > 0

    async def begin(self) -> None:
        """Note where an earlier run ended: what it left is handed on by :meth:`recover`, and only that."""
        self._earlier = self._highest = await patiently(self._last, self._clock, self._log)

    async def recover(self) -> int:
        """Hand on what an earlier run stored and did not finish, oldest first; returns how many.

        Each once: called again after a failure, it goes on behind what was handed on.
        """
        count = 0
        while self._recovered < self._earlier:
            pending = partial(self._pending, self._recovered)
            arrivals = await patiently(pending, self._clock, self._log)
            for arrival in arrivals:
                self._recovered = arrival.seq
                await self._accept(arrival)
            count += len(arrivals)
            if len(arrivals) < GROUP:
                self._recovered = self._earlier
        return count

    async def listen(self) -> None:
        """Read the gateway's events until it ends for good.

        Raises:
            TokenRejected: as the gateway's ``events`` does.
        """
        async for event in self._gateway.events():
            self._open += 1
            await self._events.put(event)

    async def commit(self) -> None:
        """Commit what has arrived, group by group, for as long as the bot runs."""
        while True:
            group = [await self._events.get()]
            while len(group) < GROUP and not self._events.empty():
                group.append(self._events.get_nowait())
            arrivals = [Arrival(event.id, event.at) for event in group if event.kind is EventKind.MESSAGE]
            stored = await patiently(_Store(self._storage, arrivals, self._highest), self._clock, self._log)
            self._highest = max((arrival.seq for arrival in stored), default=self._highest)
            self.received += len(stored)
            new = {arrival.message_id: arrival for arrival in stored}
            for event in group:
                step: Arrival | Event | None = event
                if event.kind is EventKind.MESSAGE:
                    step = new.pop(event.id, None)
                if step is None:
                    self._open -= 1  # seen before
                else:
                    await self._stored.put(step)

    async def hand_on(self) -> None:
        """Hand on what is stored, in order, for as long as the bot runs."""
        while True:
            step = await self._stored.get()
            try:
                await (self._react(step) if isinstance(step, Event) else self._accept(step))
            except Exception as failure:  # noqa: BLE001 - one event that nobody foresaw must not end the guard; told here
                self._log.error(
                    "an event could not be handled", failure=type(failure).__name__, exc_info=failure
                )
            finally:
                self._open -= 1

    async def _last(self) -> int:
        async with self._storage.view() as unit:
            return await unit.inbox.last_seq()

    async def _pending(self, after: int) -> list[Arrival]:
        async with self._storage.view() as unit:
            return await unit.inbox.pending(GROUP, after=after, until=self._earlier)


class _Store:
    """Stores a group of arrivals; called again, it also finds what an earlier call stored without our hearing it."""

    def __init__(self, storage: Storage, arrivals: list[Arrival], highest: int) -> None:
        self._storage = storage
        self._arrivals = arrivals
        self._highest = highest
        self._again = False

    async def __call__(self) -> list[Arrival]:
        if not self._arrivals:
            return []
        again, self._again = self._again, True
        async with self._storage.unit() as unit:
            new = await unit.inbox.add(self._arrivals)
            if again:
                ids = {arrival.message_id for arrival in self._arrivals} - {one.message_id for one in new}
                left = await unit.inbox.pending(GROUP * 2, after=self._highest)
                new = sorted([*new, *(one for one in left if one.message_id in ids)], key=lambda one: one.seq)
            return new
