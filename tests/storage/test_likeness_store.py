"""How little a nickname is worth: what it never takes over, when a guess ends, and what confirming does."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from storage.errors import NotFound
from storage.records import Binding, Case, CaseState, Person, Role, RosterRow
from storage.session import Storage, UnitOfWork

ZHANG = RosterRow("1001", "张三", "技术部", is_head=False, active=True)
LI = RosterRow("1002", "李四", "市场部", is_head=False, active=True)
NONE, PROBABLE, CONFIRMED = Binding.NONE, Binding.PROBABLE, Binding.CONFIRMED


async def _room(unit: UnitOfWork, now: datetime, gateway_id: str = "r@1") -> int:
    return (await unit.rooms.seen(gateway_id, f"群 {gateway_id}", now)).key


async def _on_roster(unit: UnitOfWork, number: str) -> Person:
    person = await unit.people.by_employee_no(number)
    assert person is not None
    return person


async def _bound(unit: UnitOfWork, contact_id: str) -> Person:
    person = await unit.people.by_contact(contact_id)
    assert person is not None
    return person


async def _penalty(unit: UnitOfWork, person: Person, room: int, now: datetime, message_id: str) -> Case:
    case = await unit.cases.open(
        Case(
            number="",
            room_id="r@1",
            sender_id=person.contact_id,
            message_id=message_id,
            rule="flooding",
            category="burst",
            clause="2.3b",
            points=3,
            state=CaseState.CONFIRMED,
            tier="certain",
            confidence=0.9,
            reason="连发过多",
            room_key=room,
            person_key=person.key,
            sender_name="x",
            sent_at=now,
            created_at=now,
        )
    )
    await _book(unit, case, -3, now)
    return case


async def _book(unit: UnitOfWork, case: Case, points: int, now: datetime) -> None:
    await unit.ledger.append(
        room_key=case.room_key,
        case=case.number,
        person_key=case.person_key,
        rule=case.rule,
        points=points,
        author_key="system",
        kind="penalty" if points < 0 else "reversal",
        at=now,
    )


async def test_confirming_one_id_undoes_the_guesses_at_the_same_person(
    storage: Storage, now: datetime
) -> None:
    async with storage.unit() as unit:
        room = await _room(unit, now)
        await unit.people.import_roster([ZHANG], now)
        guess = await unit.people.seen("guess", "x", "技术部张三", room, now)
        await unit.people.bind("sure", guess.key, CONFIRMED, "code", now)
        await unit.people.seen("real", "小张", "", room, now)
        confirmed = await unit.people.confirm("real", guess.key, "hr", now)
        assert (confirmed.person.contact_id, confirmed.person.key) == ("real", guess.key)
        assert (confirmed.person.binding, confirmed.undone) == (CONFIRMED, ("guess",))
        fresh = await _bound(unit, "guess")
        assert (fresh.binding, fresh.employee_no) == (NONE, "")
        assert (await _bound(unit, "sure")).key == guess.key
        assert (await unit.people.confirm("real", guess.key, "hr", now)).undone == ()
        with pytest.raises(NotFound):
            await unit.people.confirm("real", "nobody", "hr", now)


async def test_a_code_without_a_number_does_not_lift_a_guess(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        room = await _room(unit, now)
        await unit.people.import_roster([ZHANG], now)
        zhang = await _on_roster(unit, "1001")
        await unit.people.grant(zhang.key, Role.HR_LEAD, "operator", now)
        guess = await unit.people.seen("c1", "x", "技术部张三", room, now)
        assert (guess.key, guess.binding) == (zhang.key, PROBABLE)
        own = (await unit.people.confirm("c1", None, "hr", now)).person
        assert own.key != zhang.key
        assert (own.binding, own.employee_no, own.roles) == (CONFIRMED, "", frozenset())
        # Their own record, confirmed or not, is confirmed as it is.
        assert (await unit.people.confirm("c1", None, "hr", now)).person == own
        plain = await unit.people.seen("c2", "李四", "", room, now)
        sure = (await unit.people.confirm("c2", None, "hr", now)).person
        assert (sure.key, sure.binding) == (plain.key, CONFIRMED)
        assert (await unit.people.confirm("unseen", None, "hr", now)).person.binding is CONFIRMED


@pytest.mark.parametrize("settled", ["confirmed", "role", "neither"])
async def test_an_import_takes_over_no_record_that_was_confirmed_or_had_a_role(
    storage: Storage, now: datetime, settled: str
) -> None:
    async with storage.unit() as unit:
        room = await _room(unit, now)
        before = await unit.people.seen("c1", "x", "技术部张三", room, now)
        if settled == "confirmed":
            await unit.people.confirm("c1", None, "hr", now)
        if settled == "role":
            await unit.people.grant(before.key, Role.SUPERVISOR, "operator", now)
        assert (await unit.people.import_roster([ZHANG], now)).added == ("1001",)
        entry, after = await _on_roster(unit, "1001"), await _bound(unit, "c1")
        assert after.key == before.key
        assert (entry.key == before.key) is (settled == "neither")
        assert (after.employee_no == "") is (settled != "neither")
        # Nor does another id get the new entry by that nickname, as long as somebody else goes by it.
        other = await unit.people.seen("c2", "y", "技术部张三", room, now)
        assert (other.binding, other.employee_no) == (NONE, "")


@pytest.mark.parametrize("imported_first", [True, False])
@pytest.mark.parametrize("nickname", ["市场部李四", ""])
async def test_a_guess_ends_with_the_nickname(
    storage: Storage, now: datetime, nickname: str, imported_first: bool
) -> None:
    async with storage.unit() as unit:
        room = await _room(unit, now)
        if imported_first:
            await unit.people.import_roster([ZHANG], now)
        await unit.people.seen("c1", "x", "技术部张三", room, now)
        if not imported_first:
            await unit.people.import_roster([ZHANG], now)
        zhang = await _on_roster(unit, "1001")
        for same in ("技术部-张三", None, "技术部张三"):
            still = await unit.people.seen("c1", "y", same, room, now)
            assert (still.key, still.binding) == (zhang.key, PROBABLE), same
        changed = await unit.people.seen("c1", "y", nickname, room, now)
        assert changed.key != zhang.key
        assert (changed.binding, changed.employee_no) == (NONE, "")
        assert await unit.people.seen("c1", "y", nickname, room, now) == changed
        assert ("guess ended", "c1") in [(entry.action, entry.target) for entry in await unit.audit.recent(9)]
        # Taking it back on gives nothing back.
        assert (await unit.people.seen("c1", "y", "技术部张三", room, now)).key == changed.key


async def test_other_rooms_end_a_guess_by_another_nickname_only(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        one, two, three = [await _room(unit, now, f"r@{n}") for n in range(3)]
        await unit.people.import_roster([ZHANG], now)
        zhang = await unit.people.seen("c1", "x", "技术部张三", one, now)
        assert (await unit.people.seen("c1", "x", "", two, now)).key == zhang.key
        assert (await unit.people.seen("c1", "x", "", 0, now)).key == zhang.key
        assert (await unit.people.seen("c1", "x", "捣蛋鬼", three, now)).key != zhang.key


async def test_a_guess_after_a_new_login_lasts_with_what_it_was_made_by(
    storage: Storage, now: datetime
) -> None:
    async with storage.unit() as unit:
        one, two = await _room(unit, now), await _room(unit, now, "r@2")
        zhang = await unit.people.seen("old1", "小张", "张工", one, now)
        await unit.people.seen("old1", "小张", "老张", two, now)
        li = await unit.people.seen("old2", "小李", "", one, now)
        await unit.people.reconcile_room(one, [("new1", "小张", "张工"), ("new2", "小李", "")], now)
        # What the person went by in another room is no contradiction there.
        again = await unit.people.seen("new1", "小张", "老张", two, now)
        assert (again.key, again.binding) == (zhang.key, PROBABLE)
        assert (
            await unit.people.seen("new1", "小张", "", await _room(unit, now, "r@3"), now)
        ).key == zhang.key
        assert (await unit.people.seen("new2", "小李", "市场部李四", one, now)).key == li.key
        assert (await unit.people.seen("new2", "别人", "市场部李四", one, now)).key != li.key
        assert (await unit.people.seen("new1", "小张", "张工头", one, now)).key != zhang.key


async def test_a_second_id_under_a_roster_nickname_leaves_neither_of_them_guessed(
    storage: Storage, now: datetime
) -> None:
    later = now + timedelta(minutes=1)
    async with storage.unit() as unit:
        room, other = await _room(unit, now), await _room(unit, now, "r@2")
        await unit.people.import_roster([ZHANG, LI], now)
        zhang = await unit.people.seen("c1", "x", "技术部张三", room, now)
        assert zhang.binding is PROBABLE
        assert await unit.people.contested_since(now) == []
        second = await unit.people.seen("c2", "y", "技术部 张三", other, later)
        first = await _bound(unit, "c1")
        assert len({zhang.key, first.key, second.key}) == 3
        assert (first.binding, second.binding) == (NONE, NONE)
        (doubt,) = await unit.people.contested_since(later)
        assert (doubt.label, doubt.contact_ids, doubt.person_keys) == (
            "技术部 张三",
            ("c2", "c1"),
            (zhang.key,),
        )
        # Seen again, nothing new; a third id of that nickname is no more believed than the two before.
        await unit.people.seen("c2", "y", "技术部 张三", other, later)
        assert len(await unit.people.contested_since(now)) == 1
        third = await unit.people.seen("c3", "z", "技术部张三", room, later)
        assert (third.binding, third.employee_no) == (NONE, "")
        assert [set(found.contact_ids) for found in await unit.people.contested_since(now)] == [
            {"c1", "c2"},
            {"c1", "c2", "c3"},
        ]
        assert [entry.action for entry in await unit.audit.recent(9)] == ["person contested"] * 2


async def test_a_known_id_that_takes_a_guessed_nickname_undoes_the_guess(
    storage: Storage, now: datetime
) -> None:
    async with storage.unit() as unit:
        room = await _room(unit, now)
        await unit.people.import_roster([ZHANG], now)
        await unit.people.seen("c1", "x", "技术部张三", room, now)
        prankster = await unit.people.seen("c2", "y", "", room, now)
        # Outside of the rooms anybody may call themselves anything.
        await unit.people.seen("stranger", "技术部张三", "", 0, now)
        assert (await _bound(unit, "c1")).binding is PROBABLE
        assert (await unit.people.seen("c2", "y", "技术部张三", room, now)).key == prankster.key
        assert (await _bound(unit, "c1")).binding is NONE
        assert len(await unit.people.contested_since(now)) == 1


async def test_a_confirmed_id_is_not_contested_by_a_nickname(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        room, other = await _room(unit, now), await _room(unit, now, "r@2")
        await unit.people.import_roster([ZHANG], now)
        zhang = await unit.people.seen("c1", "x", "技术部张三", room, now)
        await unit.people.confirm("c1", zhang.key, "hr", now)
        copy = await unit.people.seen("c2", "y", "技术部张三", room, now)
        assert (copy.binding, copy.employee_no) == (NONE, "")
        renamed = await unit.people.seen("c1", "x", "捣蛋鬼", other, now)
        assert (renamed.key, renamed.binding) == (zhang.key, CONFIRMED)
        assert await unit.people.contested_since(now) == []


async def test_cases_go_with_an_id_that_is_confirmed_as_an_employee(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        room = await _room(unit, now)
        await unit.people.import_roster([ZHANG, LI], now)
        zhang = await _on_roster(unit, "1001")
        own = await unit.people.seen("c1", "小张", "", room, now)
        case = await _penalty(unit, own, room, now, "m1")
        # Another id under the same record: whose deeds those were is not settled by this code.
        await unit.people.bind("c9", own.key, PROBABLE, "match", now)
        foreign = await _penalty(unit, await _bound(unit, "c9"), room, now, "m2")
        earlier = await _penalty(unit, zhang, room, now, "m0")
        heads = await unit.ledger.heads()

        await unit.people.confirm("c1", zhang.key, "hr", now)
        carried = await unit.cases.get(case.number)
        assert carried is not None
        assert carried.person_key == zhang.key
        assert {one.number for one in await unit.cases.list(person_key=zhang.key)} == {
            case.number,
            earlier.number,
        }
        assert [one.number for one in await unit.cases.list(person_key=own.key)] == [foreign.number]
        assert (await unit.ledger.total(zhang.key), await unit.ledger.total(own.key)) == (-6, -3)
        assert await unit.ledger.total(zhang.key, now + timedelta(days=1)) == 0
        assert [one.case for one in await unit.ledger.of_person(zhang.key)] == [case.number, earlier.number]
        assert {own.key, zhang.key} <= (await unit.people.ever(zhang.key)).person_keys
        # What is taken back later is taken back from whoever has it now.
        await _book(unit, carried, 3, now)
        assert (await unit.ledger.total(zhang.key), await unit.ledger.total(own.key)) == (-3, -3)
        report = await unit.ledger.verify(heads)
        assert (report.holds, report.entries) == (True, 4)


async def test_cases_of_a_confirmed_employee_stay_theirs(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        room = await _room(unit, now)
        await unit.people.import_roster([ZHANG, LI], now)
        zhang, li = await _on_roster(unit, "1001"), await _on_roster(unit, "1002")
        guess = await unit.people.seen("c1", "x", "技术部张三", room, now)
        guessed = await _penalty(unit, guess, room, now, "m1")
        # The id was li's all along: what it did while it was only taken for zhang was never zhang's.
        sure = (await unit.people.confirm("c1", li.key, "hr", now)).person
        assert (await unit.ledger.total(zhang.key), await unit.ledger.total(li.key)) == (0, -3)
        mine = await _penalty(unit, sure, room, now, "m2")
        await unit.people.confirm("c1", zhang.key, "hr", now)
        assert (await unit.ledger.total(zhang.key), await unit.ledger.total(li.key)) == (0, -6)
        assert {one.number for one in await unit.cases.list(person_key=li.key)} == {
            guessed.number,
            mine.number,
        }


async def test_an_employees_cases_are_not_unloaded_by_way_of_an_earlier_guess(
    storage: Storage, now: datetime
) -> None:
    async with storage.unit() as unit:
        room = await _room(unit, now)
        await unit.people.import_roster([ZHANG, LI], now)
        zhang, li = await _on_roster(unit, "1001"), await _on_roster(unit, "1002")
        # Guessed first, and confirmed as the same employee later: that is how everybody begins.
        await unit.people.seen("c1", "x", "技术部张三", room, now)
        sure = (await unit.people.confirm("c1", zhang.key, "hr", now)).person
        case = await _penalty(unit, sure, room, now, "m1")
        await unit.people.unbind("c1", "hr", now)
        await unit.people.confirm("c1", li.key, "hr", now)
        assert (await unit.ledger.total(zhang.key), await unit.ledger.total(li.key)) == (-3, 0)
        assert [one.number for one in await unit.cases.list(person_key=zhang.key)] == [case.number]
