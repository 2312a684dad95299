"""Two people in the same second, through two storages on one database: one wins, the other learns what is there."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import pytest
from fakes.kept import kept_case, on_roster

from storage.errors import Conflict
from storage.records import (
    Addressee,
    Announcement,
    Appeal,
    Archived,
    Case,
    Demand,
    Enquiry,
    MemberRequest,
    Person,
    Statement,
)
from storage.session import Storage, UnitOfWork

DAY = timedelta(days=1)
Prepared = tuple[Case, Person]
Deed = Callable[[UnitOfWork, str, datetime, Prepared], Awaitable[object]]
Before = Callable[[UnitOfWork, datetime, Prepared], Awaitable[str]]


async def _nothing(unit: UnitOfWork, now: datetime, kept: Prepared) -> str:
    return kept[0].number


async def _appealed(unit: UnitOfWork, now: datetime, kept: Prepared) -> str:
    return (await unit.appeals.file(Appeal(kept[0].number, "p1", "", now, now + DAY))).number


async def _demanded(unit: UnitOfWork, now: datetime, kept: Prepared) -> str:
    demand = Demand(0, kept[0].number, "explanation", "p1", "p9", "", now, now + DAY)
    return (await unit.demands.ask(demand)).number


async def _drafted(unit: UnitOfWork, now: datetime, kept: Prepared) -> str:
    return (await unit.announcements.add(Announcement("", "p1", "", (), None, "submitted", now))).number


async def _requested(unit: UnitOfWork, now: datetime, kept: Prepared) -> str:
    request = MemberRequest("", "join", "李四", "", "", "", 1, "p1", "", "waiting_hr", now)
    return (await unit.requests.add(request)).number


def _enquiry(now: datetime) -> Enquiry:
    return Enquiry("", 1, "m5", "p9", "", urgent=False, asked_at=now, due_at=now)


async def _enquired(unit: UnitOfWork, now: datetime, kept: Prepared) -> str:
    return (await unit.enquiries.open(_enquiry(now), [Addressee("", kept[1].key, "c1")])).number


async def _booked(unit: UnitOfWork, now: datetime, kept: Prepared) -> str:
    entry = await unit.ledger.append(
        room_key=1,
        case=kept[0].number,
        person_key="p1",
        rule="flooding",
        points=-3,
        author_key="system",
        kind="penalty",
        at=now,
    )
    return str(entry.seq)


DEEDS: dict[str, tuple[Before, Deed]] = {
    "file an appeal": (
        _nothing,
        lambda unit, number, now, _: unit.appeals.file(Appeal(number, "p1", "", now, now)),
    ),
    "decide an appeal": (
        _appealed,
        lambda unit, number, now, _: unit.appeals.decide(number, "upheld", "p9", now, ""),
    ),
    "demand": (
        _nothing,
        lambda unit, number, now, _: unit.demands.ask(
            Demand(0, number, "explanation", "p1", "p9", "", now, now)
        ),
    ),
    "answer a demand": (
        _demanded,
        lambda unit, number, now, _: unit.demands.answer(number, "explanation", "x", now),
    ),
    "approve an announcement": (
        _drafted,
        lambda unit, number, now, _: unit.announcements.move(number, ["submitted"], "approved", "p9", now),
    ),
    "approve a request": (
        _requested,
        lambda unit, number, now, _: unit.requests.move(number, ["waiting_hr"], "approved", "p9", now),
    ),
    "open an enquiry": (_nothing, lambda unit, number, now, _: unit.enquiries.open(_enquiry(now), [])),
    "close an enquiry": (_enquired, lambda unit, number, now, _: unit.enquiries.close(number, now)),
    "sum up an enquiry": (_enquired, lambda unit, number, now, _: unit.enquiries.summarised(number, now)),
    "archive": (
        _nothing,
        lambda unit, number, now, _: unit.archive.add(
            Archived("", 1, "m7", "", "", (), "p9", now, now), ["x"]
        ),
    ),
    "publish a month": (
        _nothing,
        lambda unit, number, now, _: unit.statements.publish(Statement("2026-10", now, "p9")),
    ),
    "give once": (
        _nothing,
        lambda unit, number, now, kept: unit.bonuses.give(kept[1].key, 1, "p9", now, "", once="october"),
    ),
    "reverse an entry": (
        _booked,
        lambda unit, number, now, _: unit.ledger.reverse(1, int(number), "p9", now, ""),
    ),
}


@pytest.mark.parametrize("deed", DEEDS)
async def test_of_many_at_once_one_wins(ready_url: str, now: datetime, deed: str) -> None:
    before, do = DEEDS[deed]
    storages = [await Storage.open(ready_url) for _ in range(2)]
    async with storages[0].unit() as unit:
        kept = (await kept_case(unit, now), await on_roster(unit, now))
        number = await before(unit, now, kept)

    async def work(unit: UnitOfWork) -> object:
        return await do(unit, number, now, kept)

    results = await asyncio.gather(*[storages[n % 2].run(work) for n in range(6)], return_exceptions=True)
    refused = [result for result in results if isinstance(result, Conflict)]
    assert len(refused) == 5, results
    assert all(one.present for one in refused)
    assert len({one.present for one in refused}) == 1
    for storage in storages:
        await storage.close()


async def test_numbers_drawn_at_once_are_never_the_same(ready_url: str, now: datetime) -> None:
    storages = [await Storage.open(ready_url) for _ in range(2)]

    async def add(n: int) -> str:
        async def work(unit: UnitOfWork) -> str:
            made = Announcement("", f"p{n}", "", (), None, "draft", now)
            return (await unit.announcements.add(made)).number

        return await storages[n % 2].run(work)

    assert len(set(await asyncio.gather(*map(add, range(10))))) == 10
    for storage in storages:
        await storage.close()
