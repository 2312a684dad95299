"""What is due runs once: over restarts, and over two processes on one database."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog

from bot.jobs.retention import Retention
from bot.jobs.tick import Duty, Tick, due_moment
from storage.session import Storage

ZONE = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 10, 12, 16, 0, tzinfo=UTC)  # midnight in Shanghai


def test_a_daily_duty_is_due_from_its_time_of_day_on() -> None:
    at = time(3, 30)
    assert due_moment(datetime(2026, 10, 13, 3, 29, tzinfo=ZONE), at, ZONE) is None
    due = datetime(2026, 10, 13, 3, 30, tzinfo=ZONE)
    assert due_moment(due, at, ZONE) == due
    assert due_moment(datetime(2026, 10, 13, 23, 59, tzinfo=ZONE), at, ZONE) == due


async def test_a_daily_duty_runs_once_a_day_over_two_processes_and_restarts(tmp_path: Path) -> None:
    runs: list[datetime] = []

    async def act(now: datetime) -> None:
        runs.append(now)

    url = f"sqlite:///{tmp_path / 'q.db'}"
    now = START
    for _ in range(3):  # a restart a day
        first, second = await Storage.open(url), await Storage.open(url)
        ticks = [
            Tick(storage, ZONE, [Duty("daily", act, at=time(3, 30))], structlog.get_logger())
            for storage in (first, second)
        ]
        for _ in range(48):
            now += timedelta(minutes=30)
            for tick in ticks:
                await tick(now)
        await first.close()
        await second.close()
    assert len(runs) == 3
    assert {moment.astimezone(ZONE).time() for moment in runs} == {time(3, 30)}


async def test_a_duty_that_fails_stops_no_other(tmp_path: Path) -> None:
    runs: list[str] = []

    async def broken(_: datetime) -> None:
        raise ZeroDivisionError

    async def fine(_: datetime) -> None:
        runs.append("fine")

    storage = await Storage.open(f"sqlite:///{tmp_path / 'q.db'}")
    await Tick(storage, ZONE, [Duty("a", broken), Duty("b", fine)], structlog.get_logger())(START)
    await storage.close()
    assert runs == ["fine"]


async def test_texts_are_erased_after_their_time(tmp_path: Path) -> None:
    from fakes.scene import AD, ORDINARY, opened

    kept = Retention(timedelta(days=30), timedelta(days=180), timedelta(days=730))
    async with opened(tmp_path) as scene:
        await scene.says("li", ORDINARY)
        await scene.says("liu", AD)
        await scene.appoint("wang")
        case = await scene.the_case()
        await scene.says("wang", f"/违规 确认 {case.number}", where="")
        await kept.purge(scene.storage, scene.clock.now() + timedelta(days=29))
        assert (await scene.the_case()).evidence == AD
        await kept.purge(scene.storage, scene.clock.now() + timedelta(days=181))
        assert (await scene.the_case()).evidence == ""
        async with scene.storage.view() as unit:
            assert await unit.messages.since(scene.clock.now() - timedelta(days=1), limit=10) == []
            report = await unit.ledger.verify()
        assert report.holds
