"""Notes on nicknames: one per person and nickname, one case each, whoever looks at the same time."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from storage.errors import Conflict, NotFound
from storage.records import Case, CaseState, NicknameNote
from storage.session import Storage, UnitOfWork

ROOT = Path(__file__).parents[2]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


async def _note(unit: UnitOfWork, now: datetime, alias: str = "小张", contact_id: str = "c1") -> NicknameNote:
    room = (await unit.rooms.seen("r@1", "项目群", now)).key
    person = await unit.people.seen(contact_id, "张三", alias, room, now)
    return NicknameNote(
        person_key=person.key,
        alias=alias,
        room_key=room,
        contact_id=contact_id,
        tier="violation",
        category="format",
        clause="2.2a",
        points=0,
        reason="群昵称应为部门+姓名",
        signs="缺少部门",
        since=now,
    )


async def test_a_note_comes_back_whole(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        note = await _note(unit, now)
        assert await unit.nicknames.note(note) == note
        assert await unit.nicknames.get(note.person_key, "小张") == note
        assert await unit.nicknames.get(note.person_key, "小王") is None
        assert await unit.nicknames.get("nobody", "小张") is None
        assert await unit.nicknames.open() == [note]


async def test_the_case_stays_when_it_is_noted_again_and_its_wearer_is_to_be_told_anew(
    storage: Storage, now: datetime
) -> None:
    async with storage.unit() as unit:
        note = await unit.nicknames.note(await _note(unit, now, "Ａlex"))
        await unit.nicknames.reminded(note.person_key, "alex", now + DAY)
        await unit.nicknames.settled(note.person_key, "ALEX", "V-23456")
        assert await unit.nicknames.clear(note.person_key, "c1", now + 2 * DAY) == 1
        assert await unit.nicknames.open() == []
        again = replace(
            note, alias="aLEX", room_key=9, tier="review", points=1, reason="又换回来", since=now + 3 * DAY
        )
        kept = await unit.nicknames.note(again)
        assert kept == replace(
            again,
            since=now,
            reminders=1,
            first_reminded_at=None,
            reminded_at=None,
            number="V-23456",
            cleared_at=None,
        )
        assert await unit.nicknames.open() == [kept]


async def test_reminders_are_counted_and_the_first_is_kept(storage: Storage, now: datetime) -> None:
    # As the clock of the company says it, not UTC.
    local = now.astimezone(timezone(timedelta(hours=8)))
    async with storage.unit() as unit:
        note = await unit.nicknames.note(await _note(unit, now))
        await unit.nicknames.reminded(note.person_key, note.alias, local)
        await unit.nicknames.reminded(note.person_key, note.alias, local + 3 * DAY)
        kept = await unit.nicknames.get(note.person_key, note.alias)
        assert kept is not None
        assert (kept.reminders, kept.first_reminded_at, kept.reminded_at) == (2, now, now + 3 * DAY)
        with pytest.raises(NotFound):
            await unit.nicknames.reminded(note.person_key, "另一个", now)


async def test_clearing_reaches_the_person_and_the_contact(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        first = await unit.nicknames.note(await _note(unit, now))
        second = await unit.nicknames.note(await _note(unit, now, "老张"))
        other = await unit.nicknames.note(await _note(unit, now, "小李", "c2"))
        assert await unit.nicknames.clear(first.person_key, "c1", now, room_key=first.room_key + 1) == 0
        assert await unit.nicknames.clear(first.person_key, "a new id", now + HOUR) == 2
        assert await unit.nicknames.open() == [other]
        # A second time does not touch when it was.
        assert await unit.nicknames.clear(first.person_key, "c1", now + DAY) == 0
        cleared = await unit.nicknames.get(second.person_key, "老张")
        assert cleared == replace(second, cleared_at=now + HOUR)
        assert await unit.nicknames.clear("whoever c2 is now", "c2", now) == 1


async def test_a_nickname_has_one_case(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        note = await unit.nicknames.note(await _note(unit, now))
        await unit.nicknames.settled(note.person_key, note.alias, "V-23456")
        await unit.nicknames.settled(note.person_key, note.alias, "V-23456")
        with pytest.raises(Conflict) as refused:
            await unit.nicknames.settled(note.person_key, note.alias, "V-98765")
        assert refused.value.present == "V-23456"
        with pytest.raises(NotFound):
            await unit.nicknames.settled(note.person_key, "另一个", "V-98765")
        with pytest.raises(NotFound):
            await unit.nicknames.note(replace(note, person_key="nobody"))


@pytest.mark.parametrize("alias", ["\x00\ud800\udfff", "𠮷" * 20_000, "", "@小张\n", "ß\u0130"])
async def test_any_nickname_can_be_noted(storage: Storage, now: datetime, alias: str) -> None:
    async with storage.unit() as unit:
        # A member row is not what is tried here.
        note = replace(await _note(unit, now), alias=alias)
        kept = await unit.nicknames.note(note)
        again = await unit.nicknames.note(replace(kept, since=now + HOUR))
        assert again == kept
        assert len(kept.alias) == len(alias)
        # Found by what was read from the gateway and by what was read from here.
        assert await unit.nicknames.get(note.person_key, alias) == kept
        assert await unit.nicknames.get(note.person_key, kept.alias) == kept


async def test_nicknames_are_erased_in_their_time(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        worn = await unit.nicknames.note(await _note(unit, now))
        mended = await unit.nicknames.note(await _note(unit, now, "小李", "c2"))
        await unit.nicknames.clear(mended.person_key, "c2", now + HOUR)
        gone = await unit.nicknames.note(await _note(unit, now, "小王", "c3"))
        await unit.people.left(gone.room_key, "c3", now + HOUR)
        assert await unit.nicknames.purge(now) == 0
        assert await unit.nicknames.purge(now + DAY) == 2
        assert await unit.nicknames.open() == [worn]
        assert await unit.nicknames.get(mended.person_key, "小李") is None


async def _noted(unit: UnitOfWork, note: NicknameNote, now: datetime, who: str) -> str:
    """What the bot does when grace is over: one unit, from noting it to keeping the case's number."""
    kept = await unit.nicknames.note(note)
    return kept.number or await _open_case(unit, kept, now, who)


async def _open_case(unit: UnitOfWork, note: NicknameNote, now: datetime, who: str) -> str:
    await asyncio.sleep(0.01)  # long enough for another to come
    case = Case(
        number="",
        room_id="r@1",
        sender_id="c1",
        message_id=f"nickname {who}",
        rule="nickname",
        category=note.category,
        clause=note.clause,
        points=0,
        state=CaseState.PROVISIONAL,
        tier=note.tier,
        confidence=1.0,
        reason=note.reason,
        room_key=note.room_key,
        person_key=note.person_key,
        sender_name="张三",
        sent_at=now,
        created_at=now,
    )
    number = (await unit.cases.open(case)).number
    await unit.nicknames.settled(note.person_key, note.alias, number)
    return number


@pytest.mark.parametrize("known", [False, True])
async def test_many_who_see_it_open_one_case(ready_url: str, now: datetime, known: bool) -> None:
    storages = [await Storage.open(ready_url) for _ in range(2)]
    async with storages[0].unit() as unit:
        note = await _note(unit, now)
        if known:
            await unit.nicknames.note(note)

    async def see(n: int) -> str:
        return await storages[n % 2].run(lambda unit: _noted(unit, note, now, f"m{n}"))

    numbers = await asyncio.gather(*map(see, range(8)))
    async with storages[1].view() as view:
        assert len(await view.cases.list(person_key=note.person_key)) == 1
        (kept,) = await view.nicknames.open()
    assert set(numbers) == {kept.number}
    for storage in storages:
        await storage.close()


async def test_jobs_that_read_the_open_notes_at_once_open_one_case(ready_url: str, now: datetime) -> None:
    storages = [await Storage.open(ready_url) for _ in range(2)]
    async with storages[0].unit() as unit:
        note = await unit.nicknames.note(await _note(unit, now))

    async def job(n: int) -> None:
        async def work(unit: UnitOfWork) -> None:
            for one in await unit.nicknames.open():
                if not one.number:
                    await _open_case(unit, one, now, f"job {n}")

        await storages[n % 2].run(work)

    await asyncio.gather(*map(job, range(6)))
    async with storages[1].view() as view:
        assert len(await view.cases.list(person_key=note.person_key)) == 1
    for storage in storages:
        await storage.close()


OTHER_PROCESS = """
import asyncio, sys
from dataclasses import replace
from datetime import datetime
from storage.records import NicknameNote
from storage.session import Storage

async def main(url: str, person_key: str, at: str) -> None:
    storage = await Storage.open(url)
    now = datetime.fromisoformat(at)
    for n in range(30):
        async def work(unit):
            note = await unit.nicknames.note(NicknameNote(person_key, f"昵称{n}", 1, "c1", "violation", "format",
                "2.2a", 0, "", "", now))
            if not note.number:
                await asyncio.sleep(0.002)
                await unit.nicknames.settled(person_key, note.alias, f"V-other{n}")
        await storage.run(work)
    await storage.close()

asyncio.run(main(*sys.argv[1:]))
"""


async def test_a_process_beside_the_bot_settles_no_note_twice(ready_url: str, now: datetime) -> None:
    storage = await Storage.open(ready_url)
    async with storage.unit() as unit:
        note = await _note(unit, now)
    beside = await asyncio.create_subprocess_exec(
        sys.executable, "-c", OTHER_PROCESS, ready_url, note.person_key, now.isoformat(), cwd=ROOT
    )
    settled = 0
    for n in reversed(range(30)):

        async def work(unit: UnitOfWork, n: int = n) -> bool:
            kept = await unit.nicknames.note(replace(note, alias=f"昵称{n}"))
            if kept.number:
                return False
            await asyncio.sleep(0.002)
            await unit.nicknames.settled(kept.person_key, kept.alias, f"V-ours{n}")
            return True

        settled += await storage.run(work)
    assert await beside.wait() == 0
    async with storage.view() as view:
        notes = await view.nicknames.open()
    assert len(notes) == 30
    assert sum(one.number.startswith("V-ours") for one in notes) == settled
    assert all(one.number for one in notes)
    await storage.close()
