"""Changes to a room's members: each try once, over processes and crashes, and then left to people."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog
from fakes.databases import set_up

from bot.errors import GatewayError, GatewayRefused, GatewayUncertain
from bot.jobs.deeds import ASKED, Deed, Deeds, Next, next_step
from storage.records import JobRun
from storage.session import Storage

START = datetime(2026, 10, 13, 2, 0, tzinfo=UTC)
FAILED = "failed: GatewayRefused"


def run(minutes: float, result: str = ASKED, *, ended: bool = True) -> JobRun:
    at = START + timedelta(minutes=minutes)
    return JobRun("add R-7K2QM", at, at, at if ended else None, result)


@pytest.mark.parametrize(
    ("runs", "minutes", "step"),
    [
        ([], 0, Next.TRY),
        ([run(0)], 1, Next.WAIT),
        ([run(0)], 14.9, Next.WAIT),
        ([run(0)], 15, Next.UNSEEN),
        ([run(0, "", ended=False)], 1, Next.WAIT),  # its process died: it may have had its effect
        ([run(0, "", ended=False)], 15, Next.UNSEEN),
        ([run(0, FAILED)], 4, Next.WAIT),
        ([run(0, FAILED)], 5, Next.TRY),
        ([run(0, FAILED), run(5, FAILED)], 34, Next.WAIT),
        ([run(0, FAILED), run(5, FAILED)], 35, Next.TRY),
        ([run(0, FAILED), run(5)], 19, Next.WAIT),
        ([run(0, FAILED), run(5)], 20, Next.UNSEEN),
        ([run(0, FAILED), run(5, FAILED), run(35, FAILED)], 35, Next.REFUSED),
    ],
)
def test_what_is_to_be_done(runs: list[JobRun], minutes: float, step: Next) -> None:
    assert next_step(runs, START + timedelta(minutes=minutes)) is step


async def tries(storage: Storage) -> list[str]:
    async with storage.view() as unit:
        return [one.result for one in await unit.jobs.runs("add R-7K2QM", START)]


def acting(done: list[int], *errors: GatewayError | None) -> Callable[[], Awaitable[None]]:
    answers = list(errors)

    async def act() -> None:
        done.append(1)
        await asyncio.sleep(0)
        if answers and (error := answers.pop(0)) is not None:
            raise error

    return act


async def test_of_two_processes_one_makes_the_try(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'a.db'}"
    first, second = await Storage.open(url), await Storage.open(url)
    done: list[int] = []
    deed = Deed("add R-7K2QM", START, acting(done))
    try:
        log = structlog.get_logger()
        steps = await asyncio.gather(
            *(
                Deeds(one, log).go_on(deed, START + timedelta(seconds=at))
                for at, one in enumerate((first, second))
            )
        )
        assert set(steps) == {Next.WAIT}
        assert done == [1]
        assert await tries(first) == [ASKED]
    finally:
        await first.close()
        await second.close()


async def test_refusals_are_tried_again_and_doubts_are_not(tmp_path: Path) -> None:
    storage = await Storage.open(await set_up(tmp_path / "a.db"))
    done: list[int] = []
    deed = Deed("add R-7K2QM", START, acting(done, GatewayRefused("no"), GatewayUncertain("?")))
    deeds = Deeds(storage, structlog.get_logger())
    try:
        steps = [await deeds.go_on(deed, START + timedelta(minutes=minute)) for minute in range(25)]
        assert len(done) == 2
        assert await tries(storage) == ["failed: GatewayRefused", ASKED]
        assert steps[19] is Next.WAIT
        assert steps[20:] == [Next.UNSEEN] * 5
    finally:
        await storage.close()


async def test_a_try_that_was_cut_off_is_not_made_again(tmp_path: Path) -> None:
    storage = await Storage.open(await set_up(tmp_path / "a.db"))
    done: list[int] = []

    async def cut_off() -> None:
        done.append(1)
        raise asyncio.CancelledError

    deeds = Deeds(storage, structlog.get_logger())
    try:
        with pytest.raises(asyncio.CancelledError):
            await deeds.go_on(Deed("add R-7K2QM", START, cut_off), START)
        again = Deed("add R-7K2QM", START, acting(done))
        assert await deeds.go_on(again, START + timedelta(minutes=1)) is Next.WAIT
        assert await deeds.go_on(again, START + timedelta(minutes=15)) is Next.UNSEEN
        assert done == [1]
    finally:
        await storage.close()
