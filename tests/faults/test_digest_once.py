"""Fourteen days with restarts, jumps of the clock, two processes and kill -9: each digest exactly once."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import structlog
from fakes.recording import RecordingGateway
from fakes.shipped import shipped

from bot import compose
from bot.clock import ManualClock
from bot.settings import Settings
from storage.session import Storage

TICKER = Path(__file__).with_name("ticker.py")
ZONE = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 9, 28, 8, 0, tzinfo=ZONE)
WORKING = ["09-28", "09-29", "09-30", "10-08", "10-09", "10-10"]
"""National Day lies in between, and the Saturday is a make-up day."""


@pytest.fixture(params=["sqlite_url", "postgres_url"])
def url(request: pytest.FixtureRequest) -> str:
    found: str = request.getfixturevalue(request.param)
    return found


def busy_minutes() -> Iterator[datetime]:
    """Moments of fourteen days: at night, in the morning, and each minute around the digest's time."""
    for day in range(14):
        midnight = START.replace(hour=0) + timedelta(days=day)
        for hours, minutes in ((3, 31), (17, 29), (17, 30), (17, 31), (23, 0)):
            if (moment := midnight + timedelta(hours=hours, minutes=minutes)) >= START:
                yield moment


async def digests(url: str) -> tuple[list[str], list[str]]:
    """The local days of the digests in the outbox, and of their job runs."""
    storage = await Storage.open(url)
    async with storage.view() as unit:
        rows = await unit.outbox.kept("digest ", limit=999)
        runs = await unit.jobs.runs("digest", START - timedelta(days=99))
    await storage.close()
    assert all(row.target == "@supervision" and row.kind == "report" for row in rows)
    assert all(run.finished_at is not None for run in runs)
    told = [row.unique.removeprefix("digest 2026-").removesuffix(" page 1") for row in rows]
    return sorted(told), [f"{run.due_at.astimezone(ZONE):%m-%d}" for run in runs]


async def test_fourteen_days_with_restarts_and_a_clock_that_jumps(url: str) -> None:
    book, settings = shipped(), Settings()
    moments = list(busy_minutes())
    for place, jump in ((14, timedelta(hours=9)), (30, timedelta(hours=-20)), (55, timedelta(hours=30))):
        moments[place:place] = [moments[place] + jump, moments[place] - timedelta(minutes=1)]
    for first in range(0, len(moments), 9):  # each slice is a start of the bot
        storage = await Storage.open(url)
        clock = ManualClock(START)
        gateway = RecordingGateway(clock=clock)
        bot = compose.build(settings, book, storage, gateway, clock, structlog.get_logger())
        await bot.presence.begin()
        for moment in moments[first : first + 9]:
            await bot.tick(moment)
        await storage.close()
    told, ran = await digests(url)
    assert told == WORKING
    assert ran == WORKING


@asynccontextmanager
async def ticker(url: str, point: str = "") -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(TICKER),
        url,
        *([point] if point else []),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(60):
            assert await process.stdout.readline() == b"ready\n"
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def tick(process: asyncio.subprocess.Process, moment: datetime) -> bytes:
    """Tell a process the time and wait for its answer; empty if it died."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{moment.isoformat()}\n".encode())
    async with asyncio.timeout(60):
        return await process.stdout.readline()


async def test_two_processes_tick_at_once_and_some_are_killed(url: str) -> None:
    deaths = {datetime(2026, 9, 29, 17, 30, tzinfo=ZONE): "within"}
    if url.startswith("sqlite"):  # after a commit no database is any different
        deaths[datetime(2026, 10, 9, 17, 30, tzinfo=ZONE)] = "after"
    await (await Storage.open(url)).close()
    async with AsyncExitStack() as stack:
        pair = [await stack.enter_async_context(ticker(url)) for _ in range(2)]
        for moment in busy_minutes():
            if point := deaths.get(moment):
                async with ticker(url, point) as victim:
                    assert await tick(victim, moment) == b""
                    assert await victim.wait() == -9
                told, _ = await digests(url)
                assert (f"{moment:%m-%d}" in told) is (point == "after")
            answers = await asyncio.gather(*(tick(process, moment) for process in pair))
            assert answers == [b"done\n", b"done\n"]
    told, ran = await digests(url)
    assert told == WORKING
    assert ran == WORKING
