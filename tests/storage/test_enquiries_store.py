"""Enquiries: who is asked once, who answered what, and what ends when; departures and welcomes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from storage.errors import Conflict, NotFound
from storage.records import Addressee, Departure, Enquiry, Welcome
from storage.session import Storage, UnitOfWork

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def _enquiry(now: datetime, message_id: str = "m1") -> Enquiry:
    return Enquiry("", 1, message_id, "p9", "请回复", urgent=False, asked_at=now, due_at=now + DAY)


async def _people(unit: UnitOfWork, now: datetime, *ids: str) -> list[str]:
    room = await unit.rooms.seen("r@1", "项目群", now)
    return [(await unit.people.seen(one, one, "", room.key, now)).key for one in ids]


async def _asked(unit: UnitOfWork, now: datetime) -> tuple[Enquiry, list[str]]:
    keys = await _people(unit, now, "c1", "c2")
    addressed = [Addressee("", key, f"c{place}") for place, key in enumerate(keys, 1)]
    return await unit.enquiries.open(_enquiry(now), addressed), keys


async def test_an_enquiry_comes_back_with_whom_it_addresses(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        asked, keys = await _asked(unit, now)
        assert asked == replace(_enquiry(now), number=asked.number)
        assert asked.number.startswith("Q-")
        assert await unit.enquiries.get(f"q {asked.number[2:].lower()}") == asked
        assert await unit.enquiries.of_message("m1") == asked
        assert await unit.enquiries.of_message("m2") is None
        there = await unit.enquiries.addressees(asked.number)
        assert {one.person_key for one in there} == set(keys)
        assert {one.number for one in there} == {asked.number}
        assert {one.state for one in there} == {"missing"}


async def test_a_message_opens_one_enquiry_and_asks_nobody_twice(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        asked, (first, _) = await _asked(unit, now)
        with pytest.raises(Conflict) as again:
            await unit.enquiries.open(_enquiry(now), [])
        assert again.value.present == asked.number
        both = [Addressee("", first, "c1"), Addressee("", first, "c1-new")]
        twice = await unit.enquiries.open(_enquiry(now, "m2"), both)
        assert [one.contact_id for one in await unit.enquiries.addressees(twice.number)] == ["c1-new"]
        with pytest.raises(NotFound):
            await unit.enquiries.open(_enquiry(now, "m3"), [Addressee("", "nobody", "c7")])


async def test_a_better_answer_replaces_the_first(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        asked, (first, second) = await _asked(unit, now)
        await unit.enquiries.answer(asked.number, first, "received", "", "a1", now)
        await unit.enquiries.answer(asked.number, first, "can", "明天上午", "a2", now + HOUR)
        better = await unit.enquiries.answer(asked.number, first, "done", "", "a3", now + DAY)
        assert (better.state, better.expected, better.message_id) == ("done", "明天上午", "a3")
        assert better.answered_at == now + DAY
        assert await unit.enquiries.remind(asked.number, [first, second], now) == 1
        (missing,) = [one for one in await unit.enquiries.addressees(asked.number) if one.state == "missing"]
        assert (missing.person_key, missing.reminders, missing.reminded_at) == (second, 1, now)
        assert (await unit.enquiries.excuse(asked.number, second)).state == "excused"
        with pytest.raises(NotFound):
            await unit.enquiries.answer(asked.number, "nobody", "can", "", "", now)


async def test_what_is_over_takes_no_answer_and_ends_once(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        asked, (first, _) = await _asked(unit, now)
        closed = await unit.enquiries.close(asked.number, now + HOUR)
        assert (closed.state, closed.closed_at) == ("closed", now + HOUR)
        with pytest.raises(Conflict) as late:
            await unit.enquiries.answer(asked.number, first, "can", "", "", now)
        assert late.value.present == "closed"
        with pytest.raises(Conflict):
            await unit.enquiries.close(asked.number, now, "done")
        with pytest.raises(ValueError, match="lost"):
            await unit.enquiries.close(asked.number, now, "lost")
        with pytest.raises(NotFound):
            await unit.enquiries.close("Q-ZZZZZ", now)


async def test_the_asker_is_told_once(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        asked, _ = await _asked(unit, now)
        assert await unit.enquiries.unsummed() == []
        closed = await unit.enquiries.close(asked.number, now, "done")
        assert await unit.enquiries.unsummed() == [closed]
        await unit.enquiries.summarised(asked.number, now)
        assert await unit.enquiries.unsummed() == []
        with pytest.raises(Conflict) as twice:
            await unit.enquiries.summarised(asked.number, now)
        assert twice.value.present == now.isoformat()


async def test_one_case_for_one_missing_answer(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        asked, (first, _) = await _asked(unit, now)
        assert (await unit.enquiries.overdue(asked.number, first, "V-23456")).overdue_case == "V-23456"
        await unit.enquiries.overdue(asked.number, first, "V-23456")
        with pytest.raises(Conflict) as again:
            await unit.enquiries.overdue(asked.number, first, "V-34567")
        assert again.value.present == "V-23456"


async def test_which_enquiries_are_active_and_whose(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        asked, (first, _) = await _asked(unit, now)
        urgent = replace(_enquiry(now, "m2"), urgent=True, due_at=now + HOUR, room_key=2)
        pressing = await unit.enquiries.open(urgent, [Addressee("", first, "c1")])
        assert await unit.enquiries.active() == [pressing, asked]
        assert await unit.enquiries.active(1) == [asked]
        assert await unit.enquiries.asked_by("p9", now) == [pressing, asked]
        assert await unit.enquiries.asked_by("p9", now + HOUR) == []
        theirs = await unit.enquiries.of_person(first, now, now + DAY)
        assert {one.number for one, _ in theirs} == {asked.number, pressing.number}
        assert all(one.number == place.number for one, place in theirs)
        assert await unit.enquiries.of_person(first, now + HOUR, now + DAY) == []
        await unit.enquiries.close(pressing.number, now)
        assert await unit.enquiries.purge(now + HOUR) == 1
        assert await unit.enquiries.addressees(pressing.number) == []


async def test_a_departure_is_noted_once_until_it_is_seen_to(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        (key,) = await _people(unit, now, "c1")
        assert await unit.departures.note(key, 1, "c1", now)
        assert not await unit.departures.note(key, 1, "c1", now + HOUR)
        assert await unit.departures.open() == [Departure(key, 1, "c1", now)]
        assert await unit.departures.open(2) == []
        assert await unit.departures.done(key, 1, "c1", "removed", now + DAY)
        assert not await unit.departures.done(key, 1, "c1", "removed", now + DAY)
        # Employed again, and gone again.
        assert await unit.departures.note(key, 1, "c1", now + 2 * DAY)
        assert await unit.departures.of_person(key) == [
            Departure(key, 1, "c1", now, now + DAY, "removed"),
            Departure(key, 1, "c1", now + 2 * DAY),
        ]
        assert await unit.departures.purge(now + 3 * DAY) == 1
        with pytest.raises(NotFound):
            await unit.departures.note("nobody", 1, "c1", now)


async def test_a_newcomer_is_told_once_a_room(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        (key,) = await _people(unit, now, "c1")
        room = (await unit.rooms.seen("r@1", "项目群", now)).key
        assert await unit.welcomes.note(key, room, now)
        assert not await unit.welcomes.note(key, room, now + HOUR)
        assert await unit.welcomes.note(key, room + 1, now + HOUR)
        assert await unit.welcomes.of_person(key) == [
            Welcome(key, room, now),
            Welcome(key, room + 1, now + HOUR),
        ]
        # They are in the first room still.
        assert await unit.welcomes.purge(now + DAY) == 1
        await unit.people.left(room, "c1", now + DAY)
        assert await unit.welcomes.purge(now + DAY) == 1
        with pytest.raises(NotFound):
            await unit.welcomes.note("nobody", 1, now)
