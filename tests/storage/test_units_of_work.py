"""Units of work: all or nothing, one writer at a time, and nothing of the driver in the errors."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy.exc import DBAPIError

from storage.errors import Busy, Conflict, StorageError
from storage.records import Arrival, Role, StoredMessage
from storage.session import Storage, UnitOfWork


async def test_a_clean_exit_keeps_and_an_error_keeps_nothing(storage: Storage) -> None:
    async with storage.unit() as unit:
        await unit.meta.set("kept", "yes")

    async def fail() -> None:
        async with storage.unit() as unit:
            await unit.meta.set("kept", "no")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with storage.unit() as unit:
        assert await unit.meta.get("kept") == "yes"
        assert await unit.meta.get("never") is None


async def test_an_error_frees_the_database_for_the_next(storage: Storage) -> None:
    for _ in range(20):
        with pytest.raises(ZeroDivisionError):
            async with storage.unit():
                raise ZeroDivisionError
    async with asyncio.timeout(5), storage.unit() as unit:
        await unit.meta.set("a", "b")


async def test_a_cancelled_unit_keeps_nothing_and_frees_the_database(storage: Storage) -> None:
    inside = asyncio.Event()

    async def forever() -> None:
        async with storage.unit() as unit:
            await unit.meta.set("a", "b")
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(forever())
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(5), storage.unit() as unit:
        assert await unit.meta.get("a") is None


async def test_tasks_cancelled_anywhere_leave_the_database_usable(storage: Storage) -> None:
    async def write(n: int) -> None:
        async with storage.unit() as unit:
            await unit.meta.set("first", str(n))
            await unit.meta.set("second", str(n))

    async def look() -> None:
        async with storage.view() as view:
            await view.meta.get("first")

    for n in range(60):
        tasks = [asyncio.create_task(write(n)), asyncio.create_task(look()), asyncio.create_task(write(n))]
        for _ in range(n):
            await asyncio.sleep(0)
        await asyncio.sleep(n % 10 / 5000)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        async with asyncio.timeout(5), storage.unit() as unit:
            assert await unit.meta.get("first") == await unit.meta.get("second")
            await unit.meta.set("after", str(n))


async def test_a_unit_is_used_once(storage: Storage) -> None:
    unit = storage.unit()
    async with unit:
        pass
    with pytest.raises(RuntimeError, match="once"):
        async with unit:
            pass


async def test_a_view_reads_beside_a_writer_and_can_not_write(storage: Storage) -> None:
    async with storage.unit() as unit:
        await unit.meta.set("a", "before")
    async with storage.unit() as writer:
        await writer.meta.set("a", "after")
        async with asyncio.timeout(5), storage.view() as view:
            assert await view.meta.get("a") == "before"
    with pytest.raises(StorageError):
        async with storage.view() as view:
            await view.meta.set("a", "through a view")
    for _ in range(10):
        async with storage.unit() as unit:
            await unit.meta.set("a", "after the view")


async def test_times_must_be_aware_and_come_back_in_utc(storage: Storage) -> None:
    shanghai = datetime(2026, 10, 8, 22, 30, 0, 1, tzinfo=timezone(timedelta(hours=8)))
    async with storage.unit() as unit:
        (kept,) = await unit.inbox.add([Arrival("m", shanghai)])
        (read,) = await unit.inbox.pending(1)
    assert kept == read
    assert read.received_at == shanghai
    assert read.received_at.tzinfo is UTC
    assert read.received_at.hour == 14
    with pytest.raises(StorageError):
        async with storage.unit() as unit:
            await unit.inbox.add([Arrival("n", shanghai.replace(tzinfo=None))])


async def test_text_that_no_database_stores_keeps_its_length(storage: Storage, now: datetime) -> None:
    hostile = "a\x00b\ud800c\u202e{x}%s'--"
    async with storage.unit() as unit:
        await unit.messages.add([StoredMessage("m", 0, "p", hostile, "text", hostile, now)])
        kept = await unit.messages.get("m")
        assert kept is not None
        assert kept.text == "a\ufffdb\ufffdc\u202e{x}%s'--"
        assert [m.message_id for m in await unit.messages.quoted(0, hostile, hostile[:4])] == ["m"]


async def test_errors_hold_no_text_and_are_ours(storage: Storage) -> None:
    with pytest.raises(Conflict) as refused:
        async with storage.unit() as unit:
            await unit.people.grant("nobody", Role.OPERATOR, "x", datetime.now(UTC))
    assert "nobody" not in str(refused.value)
    assert isinstance(refused.value.__cause__, DBAPIError)


async def test_errors_of_the_caller_stay_what_they_are(storage: Storage) -> None:
    with pytest.raises(ConnectionResetError):
        async with storage.unit():
            raise ConnectionResetError("of the gateway, not of the database")


async def test_run_tries_again_when_somebody_stood_in_the_way(storage: Storage) -> None:
    tries = 0

    async def work(unit: UnitOfWork) -> int:
        nonlocal tries
        tries += 1
        await unit.meta.set("tries", str(tries))
        if tries < 3:
            raise Busy("another process")
        return tries

    assert await storage.run(work) == 3
    async with storage.unit() as unit:
        assert await unit.meta.get("tries") == "3"


async def test_run_gives_up_in_the_end(storage: Storage) -> None:
    async def work(unit: UnitOfWork) -> None:
        raise Busy("another process")

    with pytest.raises(Busy):
        await storage.run(work, attempts=2)
