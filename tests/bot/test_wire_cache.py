"""The cache in front of slow fetches: never twice at once, bounded, remembering no failure, nothing stale."""

from __future__ import annotations

import asyncio

import pytest

from bot.gateway.wire.cache import SharedCache


class Source:
    """Answers with a running number, when it is let go."""

    def __init__(self) -> None:
        self.asked = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.fails = False

    async def __call__(self) -> int:
        self.asked += 1
        answer = self.asked
        await self.gate.wait()
        if self.fails:
            raise OSError("down")
        return answer


class Time:
    now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_many_at_once_fetch_once() -> None:
    cache, source = SharedCache[str, int](10, 60, Time()), Source()
    assert await asyncio.gather(*(cache.get("a", source) for _ in range(32))) == [1] * 32
    assert await cache.get("a", source) == 1
    assert source.asked == 1


async def test_age_ends_a_value() -> None:
    time, source = Time(), Source()
    cache = SharedCache[str, int](10, 60, time)
    answers = []
    for time.now in (0, 60, 60.5):
        answers.append(await cache.get("a", source))
    assert answers == [1, 1, 2]


async def test_the_least_recently_used_leaves_first() -> None:
    cache, source = SharedCache[str, int](2, 60, Time()), Source()
    for key in ("a", "b", "a", "c"):
        await cache.get(key, source)
    assert len(cache) == 2
    assert await cache.get("a", source) == 1
    assert await cache.get("b", source) == 4


async def test_a_failure_reaches_every_waiter_and_is_not_remembered() -> None:
    cache, source = SharedCache[str, int](10, 60, Time()), Source()
    source.fails = True
    failures = await asyncio.gather(*(cache.get("a", source) for _ in range(3)), return_exceptions=True)
    assert [type(failure) for failure in failures] == [OSError] * 3
    assert source.asked == 1
    source.fails = False
    assert await cache.get("a", source) == 2


@pytest.mark.parametrize("how", ["drop", "drop_if", "clear"])
async def test_what_was_dropped_while_it_was_fetched_is_not_remembered(how: str) -> None:
    cache, source = SharedCache[str, int](10, 60, Time()), Source()
    source.gate.clear()
    early = asyncio.create_task(cache.get("a", source))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    {"drop": lambda: cache.drop("a"), "drop_if": lambda: cache.drop_if("a".__eq__), "clear": cache.clear}[
        how
    ]()
    late = asyncio.create_task(cache.get("a", source))
    await asyncio.sleep(0)
    source.gate.set()
    assert (await early, await late) == (1, 2)
    assert await cache.get("a", source) == 2


async def test_a_waiter_that_gives_up_takes_nothing_from_the_others() -> None:
    cache, source = SharedCache[str, int](10, 60, Time()), Source()
    source.gate.clear()
    first, second = (asyncio.create_task(cache.get("a", source)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    source.gate.set()
    assert await second == 1
    assert first.cancelled()
    assert source.asked == 1
