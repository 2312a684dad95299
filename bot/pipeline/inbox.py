"""Takes bare events from the gateway and commits message ids before any payload is asked for.

Ids are committed in groups: whatever arrived while the last commit ran goes into the next one. Ids that were
stored before (a replay after a reconnect or restart) are dropped here, and nowhere else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from structlog.typing import FilteringBoundLogger

from bot.gateway.port import Event, EventKind, Gateway
from storage.records import Arrival
from storage.session import Storage

GROUP = 200
BACKLOG = 5_000

Accept = Callable[[Arrival], Awaitable[None]]
React = Callable[[Event], Awaitable[None]]


class Inbox:
    """From events to stored arrivals, in order of receipt.

    Args:
        accept: takes each new arrival, in order (the fetcher; its back-pressure holds this line too).
        react: takes every event that is no message, in order with them.
    """

    def __init__(
        self, gateway: Gateway, storage: Storage, accept: Accept, react: React, log: FilteringBoundLogger
    ) -> None:
        self._gateway = gateway
        self._storage = storage
        self._accept = accept
        self._react = react
        self._log = log
        self._events: asyncio.Queue[Event] = asyncio.Queue(BACKLOG)
        self._open = 0

    @property
    def busy(self) -> bool:
        """Whether an event has come in that is not handed on yet."""
        return self._open > 0

    async def recover(self) -> int:
        """Hand on what an earlier run stored and did not finish, oldest first; returns how many."""
        after, count = 0, 0
        while True:
            async with self._storage.unit() as unit:
                arrivals = await unit.inbox.pending(GROUP, after=after)
            for arrival in arrivals:
                await self._accept(arrival)
            count += len(arrivals)
            if len(arrivals) < GROUP:
                return count
            after = arrivals[-1].seq

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
            try:
                await self._take(group)
            finally:
                self._open -= len(group)

    async def _take(self, group: list[Event]) -> None:
        arrivals = [
            Arrival(message_id=event.id, received_at=event.at)
            for event in group
            if event.kind is EventKind.MESSAGE
        ]
        new: dict[str, Arrival] = {}
        if arrivals:
            new = {arrival.message_id: arrival for arrival in await self._store(arrivals)}
        for event in group:
            if event.kind is not EventKind.MESSAGE:
                await self._react(event)
            elif arrival := new.pop(event.id, None):
                await self._accept(arrival)

    async def _store(self, arrivals: list[Arrival]) -> list[Arrival]:
        async with self._storage.unit() as unit:
            return await unit.inbox.add(arrivals)
