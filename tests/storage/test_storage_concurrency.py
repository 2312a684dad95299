"""Many tasks and two processes on one database."""

from __future__ import annotations

import asyncio
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from storage.errors import Conflict
from storage.records import Arrival, Case, CaseState
from storage.session import Storage, UnitOfWork

ROOT = Path(__file__).parents[2]


def _entry(now: datetime, n: int, room_key: int = 1) -> dict[str, Any]:
    return {
        "room_key": room_key,
        "case": f"V-{n:05}",
        "person_key": f"p{n % 5}",
        "rule": "flooding",
        "points": -1,
        "author_key": "system",
        "kind": "penalty",
        "at": now,
    }


async def test_fifty_tasks_append_to_one_chain(storage: Storage, now: datetime) -> None:
    async def append(n: int) -> None:
        async def work(unit: UnitOfWork) -> None:
            await unit.ledger.append(**_entry(now, n))

        await storage.run(work)

    await asyncio.gather(*map(append, range(50)))
    async with storage.view() as view:
        report = await view.ledger.verify()
        assert report.holds
        assert [head.seq for head in report.heads] == [50]
        assert sum([await view.ledger.total(f"p{n}") for n in range(5)]) == -50


async def test_two_storages_share_one_database(url: str, now: datetime) -> None:
    # Both find it empty: one sets it up, the other waits.
    one, other = await asyncio.gather(Storage.open(url), Storage.open(url))

    async def append(n: int) -> None:
        async def work(unit: UnitOfWork) -> None:
            await unit.ledger.append(**_entry(now, n, room_key=n % 2))
            await unit.inbox.add([Arrival(f"m{n // 2}", now)])

        await (one if n % 3 else other).run(work)

    await asyncio.gather(*map(append, range(60)))
    async with one.view() as view:
        report = await view.ledger.verify()
        assert report.holds
        assert [head.seq for head in report.heads] == [30, 30]
        assert (await view.inbox.counts()).pending == 30
    await one.close()
    await other.close()


async def test_first_sight_by_many_makes_one_person_and_one_room(ready_url: str, now: datetime) -> None:
    storages = [await Storage.open(ready_url) for _ in range(2)]

    async def see(n: int) -> tuple[int, str]:
        async def work(unit: UnitOfWork) -> tuple[int, str]:
            room = await unit.rooms.seen("r@1", "项目群", now)
            return room.key, (await unit.people.seen("c1", "张三", "", room.key, now)).key

        return await storages[n % 2].run(work)

    seen = await asyncio.gather(*map(see, range(20)))
    assert len(set(seen)) == 1

    # Without a room to wait for, people still come one by one.
    async def write(n: int) -> str:
        async def work(unit: UnitOfWork) -> str:
            return (await unit.people.seen("c2", "李四", "", 0, now)).key

        return await storages[n % 2].run(work)

    assert len(set(await asyncio.gather(*map(write, range(20))))) == 1
    for storage in storages:
        await storage.close()


async def test_two_reviewers_in_the_same_second_one_wins(ready_url: str, now: datetime) -> None:
    storages = [await Storage.open(ready_url) for _ in range(2)]
    async with storages[0].unit() as unit:
        room = await unit.rooms.seen("r@1", "项目群", now)
        case = await unit.cases.open(
            Case(
                number="",
                room_id="r@1",
                sender_id="c1",
                message_id="m1",
                rule="flooding",
                category="burst",
                clause="2.3b",
                points=3,
                state=CaseState.REVIEW,
                tier="review",
                confidence=0.6,
                reason="",
                room_key=room.key,
                person_key="p1",
                sender_name="张三",
                sent_at=now,
                created_at=now,
            )
        )

    async def decide(n: int) -> CaseState:
        to = (CaseState.CONFIRMED, CaseState.DISMISSED)[n % 2]

        async def work(unit: UnitOfWork) -> CaseState:
            return (await unit.cases.move(case.number, [CaseState.REVIEW], to, f"p{n}", now, "")).state

        return await storages[n % 2].run(work)

    results = await asyncio.gather(*map(decide, range(6)), return_exceptions=True)
    won = [result for result in results if isinstance(result, CaseState)]
    lost = [result for result in results if isinstance(result, Conflict)]
    assert len(won) == 1
    assert len(lost) == 5
    assert {conflict.present for conflict in lost} == {won[0].value}
    async with storages[0].view() as view:
        assert len(await view.cases.history(case.number)) == 1
    for storage in storages:
        await storage.close()


async def test_only_one_process_wins_a_job(ready_url: str, now: datetime) -> None:
    storages = [await Storage.open(ready_url) for _ in range(2)]

    async def claim(n: int) -> bool:
        async def work(unit: UnitOfWork) -> bool:
            return await unit.jobs.claim("digest", now, now)

        return await storages[n % 2].run(work)

    assert sum(await asyncio.gather(*map(claim, range(10)))) == 1
    for storage in storages:
        await storage.close()


OTHER_PROCESS = """
import asyncio, sys
from datetime import UTC, datetime
from storage.session import Storage

async def main(url: str) -> None:
    storage = await Storage.open(url)
    for n in range(40):
        async def work(unit):
            await unit.ledger.append(room_key=1, case=f"V-{n}", person_key="other", rule="r", points=-1,
                author_key="system", kind="penalty", at=datetime.now(UTC))
        await storage.run(work)
    await storage.close()

asyncio.run(main(sys.argv[1]))
"""


async def test_a_process_beside_the_bot_writes_the_same_chain(ready_url: str, now: datetime) -> None:
    storage = await Storage.open(ready_url)
    beside = await asyncio.create_subprocess_exec(sys.executable, "-c", OTHER_PROCESS, ready_url, cwd=ROOT)
    for n in range(40):

        async def work(unit: UnitOfWork, n: int = n) -> None:
            await unit.ledger.append(**_entry(now, n))

        await storage.run(work)
    assert await beside.wait() == 0
    async with storage.view() as view:
        report = await view.ledger.verify()
        assert report.holds
        assert report.entries == 80
    await storage.close()
