"""A bounded cache in front of a slow fetch: the same key is never fetched twice at the same time.

A failed fetch is not remembered, and what was dropped while its fetch was under way is not remembered either:
that answer may already have been stale.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class SharedCache(Generic[K, V]):
    """At most ``size`` values, the least recently used leave first, none older than ``max_age`` seconds."""

    def __init__(self, size: int, max_age: float, monotonic: Callable[[], float]) -> None:
        self._size = size
        self._max_age = max_age
        self._monotonic = monotonic
        self._values: OrderedDict[K, tuple[float, V]] = OrderedDict()
        self._fetching: dict[K, asyncio.Task[V]] = {}

    def __len__(self) -> int:
        return len(self._values)

    async def get(self, key: K, fetch: Callable[[], Awaitable[V]]) -> V:
        """The value of ``key``; ``fetch`` is called if it is not there, and its errors reach every waiter."""
        found = self._values.get(key)
        if found is not None and self._monotonic() - found[0] <= self._max_age:
            self._values.move_to_end(key)
            return found[1]
        task = self._fetching.get(key)
        if task is None:
            task = asyncio.ensure_future(self._fetch(key, fetch))
            self._fetching[key] = task
            task.add_done_callback(lambda done: self._finished(key, done))
        # Shielded: one waiter that gives up must not take the answer from the others.
        return await asyncio.shield(task)

    def drop(self, key: K) -> None:
        """Forget one key."""
        self._values.pop(key, None)
        self._fetching.pop(key, None)

    def drop_if(self, stale: Callable[[K], bool]) -> None:
        """Forget every key for which ``stale`` holds."""
        for key in [key for key in (*self._values, *self._fetching) if stale(key)]:
            self.drop(key)

    def clear(self) -> None:
        """Forget everything."""
        self._values.clear()
        self._fetching.clear()

    async def _fetch(self, key: K, fetch: Callable[[], Awaitable[V]]) -> V:
        value = await fetch()
        if self._fetching.get(key) is asyncio.current_task():
            self._values[key] = (self._monotonic(), value)
            self._values.move_to_end(key)
            while len(self._values) > self._size:
                self._values.popitem(last=False)
        return value

    def _finished(self, key: K, done: asyncio.Task[V]) -> None:
        if self._fetching.get(key) is done:
            del self._fetching[key]
        if not done.cancelled():
            done.exception()  # every waiter may have given up: then nobody else collects it
