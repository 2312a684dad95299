"""What is asked of a person, and what they asked, follows them to the record they are confirmed as."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from fakes.kept import kept_case, on_roster

from storage.belongings import REBOUND
from storage.records import (
    Addressee,
    Announcement,
    Appeal,
    Archived,
    Binding,
    Demand,
    Enquiry,
    MemberRequest,
    Person,
)
from storage.session import Storage, UnitOfWork

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


async def _seen(unit: UnitOfWork, now: datetime, contact_id: str = "c1", name: str = "小张") -> Person:
    room = await unit.rooms.seen("r@1", "项目群", now)
    return await unit.people.seen(contact_id, name, "", room.key, now)


async def _asked(unit: UnitOfWork, now: datetime, *addressed: Addressee, message_id: str = "m5") -> str:
    enquiry = Enquiry("", 1, message_id, "p9", "请回复", urgent=False, asked_at=now, due_at=now + DAY)
    return (await unit.enquiries.open(enquiry, addressed)).number


async def _who(unit: UnitOfWork, number: str) -> list[tuple[str, str]]:
    return [(one.person_key, one.state) for one in await unit.enquiries.addressees(number)]


async def test_an_open_appeal_and_a_demand_follow_their_case(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        own, zhang = await _seen(unit, now), await on_roster(unit, now)
        case = await kept_case(unit, now, person_key=own.key)
        appeal = await unit.appeals.file(Appeal(case.number, own.key, "", now, now + DAY))
        demand = await unit.demands.ask(
            Demand(0, case.number, "explanation", own.key, "p9", "", now, now + DAY)
        )
        given, _ = await unit.bonuses.give(own.key, 2, "p9", now, "")
        await unit.people.confirm("c1", zhang.key, "p9", now)
        assert await unit.appeals.of_person(zhang.key) == [replace(appeal, person_key=zhang.key)]
        assert await unit.demands.open(zhang.key) == [replace(demand, person_key=zhang.key)]
        assert {one.number for one in await unit.cases.list(person_key=zhang.key, bonuses=True)} == {
            case.number,
            given.number,
        }
        assert await unit.ledger.total(zhang.key) == 2


async def test_an_appeal_of_a_former_employee_stays_with_them(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        await _seen(unit, now)
        zhang = await on_roster(unit, now)
        await unit.people.confirm("c1", zhang.key, "p9", now)
        case = await kept_case(unit, now, person_key=zhang.key)
        await unit.appeals.file(Appeal(case.number, zhang.key, "", now, now + DAY))
        # The account turns out to be used by somebody else now.
        other = await _seen(unit, now, "c2", "小李")
        await unit.people.confirm("c1", other.key, "p9", now + HOUR)
        assert [one.person_key for one in await unit.appeals.open()] == [zhang.key]


async def test_a_new_login_keeps_an_open_appeal_and_a_question(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        room = (await unit.rooms.seen("r@1", "项目群", now)).key
        zhang = await on_roster(unit, now)
        await unit.people.seen("old", "x", "技术部张三", room, now)
        await unit.people.confirm("old", zhang.key, "p9", now)
        case = await kept_case(unit, now, person_key=zhang.key, sender_id="old")
        appeal = await unit.appeals.file(Appeal(case.number, zhang.key, "", now, now + DAY))
        number = await _asked(unit, now, Addressee("", zhang.key, "old"))
        await unit.people.reconcile_room(room, [("new", "x", "技术部张三")], now + HOUR)
        found = await unit.people.by_contact("new")
        assert found is not None
        assert (found.key, found.binding) == (zhang.key, Binding.PROBABLE)
        await unit.people.confirm("new", zhang.key, "p9", now + HOUR)
        assert await unit.appeals.of_person(zhang.key) == [appeal]
        assert await _who(unit, number) == [(zhang.key, "missing")]


async def test_what_a_person_wrote_and_was_told_follows_their_own_record(
    storage: Storage, now: datetime
) -> None:
    async with storage.unit() as unit:
        own, zhang = await _seen(unit, now), await on_roster(unit, now)
        await unit.announcements.add(Announcement("", own.key, "放假", (1,), None, "draft", now))
        request = await unit.requests.add(
            MemberRequest(
                "", "leave", "小张", "", "", "c1", 1, own.key, own.key, "waiting_hr", now, person_key=own.key
            )
        )
        await unit.archive.add(Archived("", 1, "m1", "小张", "x", (), own.key, now, now, own.key), ["x"])
        enquiry = Enquiry("", 1, "m6", own.key, "?", urgent=False, asked_at=now, due_at=now)
        await unit.enquiries.open(enquiry, [])
        await unit.welcomes.note(own.key, 1, now)
        await unit.welcomes.note(zhang.key, 1, now + HOUR)
        await unit.welcomes.note(own.key, 2, now)
        await unit.people.confirm("c1", zhang.key, "p9", now)
        assert [one.author for one in await unit.announcements.list()] == [zhang.key]
        moved = await unit.requests.get(request.number)
        assert moved is not None
        assert {moved.asked_by, moved.sponsor, moved.person_key} == {zhang.key}
        (archived,) = await unit.archive.search(["x"])
        assert {archived.archived_by, archived.sender_key} == {zhang.key}
        assert [one.asker for one in await unit.enquiries.active()] == [zhang.key]
        assert [one.room_key for one in await unit.welcomes.of_person(zhang.key)] == [2, 1]
        assert await unit.welcomes.of_person(own.key) == []


async def test_what_a_shared_record_wrote_stays_with_it(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        own, zhang = await _seen(unit, now), await on_roster(unit, now)
        await unit.announcements.add(Announcement("", own.key, "放假", (1,), None, "draft", now))
        await unit.welcomes.note(own.key, 1, now)
        await unit.people.bind("c2", own.key, Binding.PROBABLE, "match", now)
        await unit.people.confirm("c2", zhang.key, "p9", now)
        assert [one.author for one in await unit.announcements.list()] == [own.key]
        assert len(await unit.welcomes.of_person(own.key)) == 1


async def test_an_answered_question_and_a_missing_one_become_the_answered(
    storage: Storage, now: datetime
) -> None:
    async with storage.unit() as unit:
        own, zhang = await _seen(unit, now), await on_roster(unit, now)
        both = (Addressee("", own.key, "c1"), Addressee("", zhang.key, "c9"))
        first = await _asked(unit, now, *both)
        second = await _asked(unit, now, *both, message_id="m6")
        third = await _asked(unit, now, *both, message_id="m7")
        alone = await _asked(unit, now, both[0], message_id="m8")
        await unit.enquiries.answer(first, own.key, "can", "明天", "a1", now)
        await unit.enquiries.answer(second, zhang.key, "done", "", "a2", now)
        await unit.people.confirm("c1", zhang.key, "p9", now)
        assert await _who(unit, first) == [(zhang.key, "can")]
        assert await _who(unit, second) == [(zhang.key, "done")]
        assert await _who(unit, third) == [(zhang.key, "missing")]
        assert await _who(unit, alone) == [(zhang.key, "missing")]


async def test_a_question_waits_for_the_contact_it_was_put_to(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        zhang = await on_roster(unit, now)
        room = (await unit.rooms.seen("r@1", "项目群", now)).key
        guessed = await unit.people.seen("c1", "x", "技术部张三", room, now)
        assert guessed.key == zhang.key
        waiting = await _asked(unit, now, Addressee("", zhang.key, "c1"))
        answered = await _asked(unit, now, Addressee("", zhang.key, "c1"), message_id="m6")
        await unit.enquiries.answer(answered, zhang.key, "can", "", "a1", now)
        own = await unit.people.unbind("c1", "p9", now)
        # It was no 张三 who was asked; what they said stands where it was said.
        assert await _who(unit, waiting) == [(own.key, "missing")]
        assert await _who(unit, answered) == [(zhang.key, "can")]


async def test_who_turns_out_to_be_somebody_else_has_not_left(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        zhang = await on_roster(unit, now)
        room = (await unit.rooms.seen("r@1", "项目群", now)).key
        await unit.people.seen("c1", "x", "技术部张三", room, now)
        await unit.departures.note(zhang.key, room, "c1", now)
        await unit.departures.note(zhang.key, room, "c2", now)
        await unit.people.confirm("c1", None, "p9", now + HOUR)
        assert [one.contact_id for one in await unit.departures.open()] == ["c2"]
        over = [one for one in await unit.departures.of_person(zhang.key) if one.done_at]
        assert [(one.contact_id, one.how, one.done_at) for one in over] == [("c1", REBOUND, now + HOUR)]
