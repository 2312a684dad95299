"""What is due runs once: over restarts, and over two processes on one database; what fails is tried again."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import structlog
from fakes.outgoing import due_rows

from bot.jobs.retention import Retention
from bot.jobs.schedule import AGAIN_AFTER, Days
from bot.jobs.tick import TRIES, Duty, Tick
from bot.pipeline.presence import FIRST_START
from rules.core.worktime import WorkCalendar
from storage.records import JobRun, Outgoing
from storage.session import Storage, UnitOfWork

ZONE = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 10, 12, 16, 0, tzinfo=UTC)  # Tuesday, midnight in Shanghai
HALF_PAST = time(17, 30)


def ticking(storage: Storage, *duties: Duty) -> Tick:
    return Tick(storage, WorkCalendar, duties, structlog.get_logger())


async def keep(unit: UnitOfWork, due: datetime, now: datetime) -> str:
    """Writes one row to the outbox; nothing but the claim keeps it from writing a second."""
    await unit.outbox.add([Outgoing("@supervision", f"{due:%m-%d}", now, now, kind="report")])
    return "kept"


async def written(storage: Storage) -> list[str]:
    async with storage.view() as unit:
        return [row.text for row in await due_rows(unit, START + timedelta(days=999), limit=999)]


async def runs(storage: Storage, job: str) -> list[JobRun]:
    async with storage.view() as unit:
        return await unit.jobs.runs(job, START - timedelta(days=99))


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'q.db'}"


async def test_a_daily_duty_runs_once_a_day_over_two_processes_and_restarts(url: str) -> None:
    acted: list[datetime] = []

    async def act(now: datetime) -> None:
        acted.append(now)

    now = START
    for _ in range(3):  # a restart a day
        first, second = await Storage.open(url), await Storage.open(url)
        ticks = [ticking(storage, Duty("daily", act, at=time(3, 30))) for storage in (first, second)]
        for _ in range(48):
            now += timedelta(minutes=30)
            for tick in ticks:
                await tick(now)
        await first.close()
        await second.close()
    assert len(acted) == 3
    assert {moment.astimezone(ZONE).time() for moment in acted} == {time(3, 30)}


async def test_a_duty_that_fails_stops_no_other(url: str) -> None:
    acted: list[str] = []

    async def broken(_: datetime) -> None:
        raise ZeroDivisionError

    async def fine(_: datetime) -> None:
        acted.append("fine")

    storage = await Storage.open(url)
    await ticking(storage, Duty("a", broken), Duty("b", fine))(START)
    await storage.close()
    assert acted == ["fine"]


async def test_a_duty_beside_the_ticks_holds_up_no_other_and_runs_once(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The round over all nicknames may take minutes; meanwhile the bot has to show that it lives."""
    monkeypatch.setattr("bot.jobs.tick.SOON_SECONDS", 0.01)
    acted: list[str] = []
    goes_on = asyncio.Event()

    async def slow(now: datetime) -> str:
        acted.append("began")
        await goes_on.wait()
        acted.append("ended")
        return "all seen"

    async def fine(_: datetime) -> None:
        acted.append("fine")

    storage = await Storage.open(url)
    tick = ticking(storage, Duty("slow", slow, at=HALF_PAST, aside=True), Duty("fine", fine))
    await tick(START)
    await asyncio.gather(*tick.aside)
    now = START + timedelta(hours=18)
    for minutes in range(3):
        await tick(now + timedelta(minutes=minutes))
    assert acted.count("fine") == 4
    assert "ended" not in acted
    (going,) = tick.aside
    goes_on.set()
    await going
    assert tick.aside == ()
    await tick(now + timedelta(minutes=3))
    await asyncio.gather(*tick.aside)
    assert [one for one in acted if one != "fine"] == ["began", "ended"]
    (run,) = await runs(storage, "slow")
    assert (run.result, run.finished_at is not None) == ("all seen", True)
    await storage.close()


async def test_a_failed_run_is_tried_again_but_not_for_ever(url: str) -> None:
    tried: list[datetime] = []

    async def broken(now: datetime) -> None:
        tried.append(now)
        raise ZeroDivisionError

    async def broken_within(unit: UnitOfWork, due: datetime, now: datetime) -> str:
        await keep(unit, due, now)
        await broken(now)
        return ""

    for duty in (Duty("act", broken, at=HALF_PAST), Duty("within", within=broken_within, at=HALF_PAST)):
        storage = await Storage.open(url)
        tick = ticking(storage, duty)
        for minutes in range(17 * 60, 23 * 60):
            await tick(START + timedelta(minutes=minutes))
        (run,) = await runs(storage, duty.name)
        assert await written(storage) == [], "what a failed unit wrote is gone with it"
        await storage.close()
        assert len(tried) == TRIES
        assert {later - earlier for earlier, later in pairwise(tried)} == {AGAIN_AFTER}
        assert run.finished_at is not None
        assert run.result == f"failed {TRIES}: ZeroDivisionError"
        tried.clear()


async def test_a_run_that_failed_once_is_not_lost_for_the_day(url: str) -> None:
    down = [True]

    async def act(unit: UnitOfWork, due: datetime, now: datetime) -> str:
        if down[0]:
            raise TimeoutError
        return await keep(unit, due, now)

    storage = await Storage.open(url)
    tick = ticking(storage, Duty("digest", within=act, at=HALF_PAST))
    await tick(START)
    await tick(START + timedelta(hours=17, minutes=30))
    down[0] = False
    for minutes in range(31, 60):
        await tick(START + timedelta(hours=17, minutes=minutes))
    assert await written(storage) == ["10-13"]
    assert [run.result for run in await runs(storage, "digest")] == ["kept"]
    await storage.close()


async def test_a_run_whose_process_died_is_taken_up_again(url: str) -> None:
    acted: list[datetime] = []

    async def act(now: datetime) -> None:
        acted.append(now)

    storage = await Storage.open(url)
    await ticking(storage, Duty("daily", act, at=HALF_PAST))(START)
    due = START + timedelta(hours=17, minutes=30)
    async with storage.unit() as unit:
        await unit.jobs.claim("daily", due, due)  # and then its process died
    tick = ticking(storage, Duty("daily", act, at=HALF_PAST))
    for minutes in range(40):
        await tick(due + timedelta(minutes=minutes))
    await storage.close()
    assert acted == [due + AGAIN_AFTER]


async def test_missed_working_days_are_made_up_for_once_oldest_first(url: str) -> None:
    storage = await Storage.open(url)
    duty = Duty("digest", within=keep, at=HALF_PAST, days=Days.WORKING, catch_up=10)
    await ticking(storage, duty)(START + timedelta(hours=1))
    for _ in range(3):
        await ticking(storage, duty)(START + timedelta(days=6, hours=12))  # Monday noon, restarted thrice
    assert await written(storage) == ["10-13", "10-14", "10-15", "10-16"]
    await storage.close()


async def test_a_clock_that_jumps_repeats_nothing(url: str) -> None:
    storage = await Storage.open(url)
    duty = Duty("digest", within=keep, at=HALF_PAST, days=Days.WORKING, catch_up=10)
    tick = ticking(storage, duty)
    for hours in (1, 30, 18, 17, 41, 20, 2, 42, 19, 17.5, 41.5, 66, 1):
        await tick(START + timedelta(hours=hours))
        tick = ticking(storage, duty)
    assert await written(storage) == ["10-13", "10-14", "10-15"]
    await storage.close()


async def test_a_new_database_has_missed_nothing(url: str) -> None:
    storage = await Storage.open(url)
    async with storage.unit() as unit:
        await unit.meta.set(FIRST_START, (START + timedelta(hours=17, minutes=31)).isoformat())
    tick = ticking(storage, Duty("digest", within=keep, at=HALF_PAST, catch_up=10))
    await tick(START + timedelta(hours=18))
    assert await written(storage) == []
    await tick(START + timedelta(hours=18, days=1))
    assert await written(storage) == ["10-14"]
    await storage.close()


async def test_a_duty_that_is_new_to_an_old_database_starts_with_today(url: str) -> None:
    storage = await Storage.open(url)
    async with storage.unit() as unit:
        await unit.meta.set(FIRST_START, (START - timedelta(days=90)).isoformat())
        await unit.jobs.claim("retention", START - timedelta(hours=20), START)

    async def act(_: datetime) -> None: ...

    duties = (Duty("retention", act, at=time(3, 30)), Duty("digest", within=keep, at=HALF_PAST, catch_up=10))
    await ticking(storage, *duties)(START + timedelta(hours=18))
    assert await written(storage) == ["10-13"]
    await storage.close()


@pytest.mark.parametrize(
    "broken",
    [{}, {"within": keep}, {"within": keep, "act": keep, "at": HALF_PAST}],
    ids=["nothing to do", "no time", "two things to do"],
)
def test_a_duty_that_makes_no_sense_is_refused(broken: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="one of act, within and draft"):
        Duty("duty", **broken)  # type: ignore[arg-type] # the mistake is what is tested


async def test_two_duties_can_not_share_their_runs(url: str) -> None:
    storage = await Storage.open(url)
    with pytest.raises(ValueError, match="one name"):
        ticking(storage, *[Duty("digest", within=keep, at=HALF_PAST)] * 2)
    await storage.close()


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
