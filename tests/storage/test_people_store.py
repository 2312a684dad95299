"""People: first sight, recognition after a new login, doubt, roles and the roster."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from storage.errors import NotFound
from storage.records import Binding, Ever, Person, Role, RosterRow
from storage.reidentify import Known, plan
from storage.results import PeopleReconciliation
from storage.session import Storage, UnitOfWork

ZHANG = RosterRow("1001", "张三", "技术部", is_head=False, active=True)
LI = RosterRow("1002", "李四", "市场部", is_head=True, active=True)


async def _room(unit: UnitOfWork, now: datetime, gateway_id: str = "r@1") -> int:
    return (await unit.rooms.seen(gateway_id, "项目群", now)).key


async def test_a_contact_keeps_their_key_through_new_names(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        room = await _room(unit, now)
        first = await unit.people.seen("c1", "小张", "技术部张三", room, now)
        again = await unit.people.seen("c1", "大张", "", room, now)
        private = await unit.people.seen("c1", "", "", 0, now)
        other = await unit.people.seen("c2", "小张", "技术部张三", room, now, kind="external")
        assert first.key == again.key == private.key != other.key
        assert (first.name, again.name, private.name) == ("小张", "大张", "大张")
        assert (first.binding, first.kind, other.kind) == (Binding.NONE, "employee", "external")
        assert await unit.people.by_contact("c1") == await unit.people.get(first.key) == private
        assert await unit.people.by_contact("c3") is None
        assert await unit.people.get("nobody") is None
        # The nickname was taken off; only the other one still goes by it.
        assert await unit.people.find("@技术部张三 ") == [other]
        assert await unit.people.find("大张") == [private]
        assert await unit.people.find("") == []


async def test_full_width_names_are_found(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        person = await unit.people.seen("c1", "ＡＢＣ", "", await _room(unit, now), now)
        assert await unit.people.find("abc") == [person]


async def test_a_new_login_is_recognised_by_nickname(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        room = await _room(unit, now)
        old = [
            await unit.people.seen("old1", "小张", "技术部张三", room, now),
            await unit.people.seen("old2", "李四", "", room, now),
        ]
        present = [("new1", "改了名", "技术部张三"), ("new2", "李四", ""), ("new3", "王五", "")]
        result = await unit.people.reconcile_room(room, present, now + timedelta(hours=1))
        assert [(p.contact_id, p.key, p.binding) for p in result.matched] == [
            ("new1", old[0].key, Binding.PROBABLE),
            ("new2", old[1].key, Binding.PROBABLE),
        ]
        assert result.contested == ()
        newcomer = await unit.people.by_contact("new3")
        assert newcomer is not None
        assert newcomer.key not in {p.key for p in old}
        # Again, with nothing new: nothing changes.
        again = await unit.people.reconcile_room(room, present, now + timedelta(hours=2))
        assert again == PeopleReconciliation()
        third = [("x1", "", "技术部张三"), ("x2", "李四", ""), ("x3", "王五", "")]
        result = await unit.people.reconcile_room(room, third, now + timedelta(hours=3))
        assert [p.key for p in result.matched] == [old[0].key, old[1].key, newcomer.key]


async def test_nobody_present_is_taken_over(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        room = await _room(unit, now)
        zhang = await unit.people.seen("c1", "小张", "技术部张三", room, now)
        result = await unit.people.reconcile_room(
            room, [("c1", "小张", "技术部张三"), ("intruder", "x", "技术部张三")], now
        )
        assert result.matched == ()
        intruder = await unit.people.by_contact("intruder")
        assert intruder is not None
        assert intruder.key != zhang.key


async def test_two_newcomers_of_one_name_are_contested(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        room = await _room(unit, now)
        zhang = await unit.people.seen("old", "张三", "", room, now)
        result = await unit.people.reconcile_room(room, [("n1", "张三", ""), ("n2", "张三", "")], now)
        assert result.matched == ()
        (doubt,) = result.contested
        assert (set(doubt.contact_ids), doubt.person_keys) == ({"n1", "n2"}, (zhang.key,))
        people = [await unit.people.by_contact(contact) for contact in ("n1", "n2")]
        assert len({p.key for p in people if p} | {zhang.key}) == 3
        assert {p.binding for p in people if p} == {Binding.NONE}


async def test_one_newcomer_for_two_people_is_contested(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        room = await _room(unit, now)
        keys = {(await unit.people.seen(contact, "张三", "", room, now)).key for contact in ("o1", "o2")}
        result = await unit.people.reconcile_room(room, [("n1", "张三", "")], now)
        assert result.matched == ()
        assert [set(doubt.person_keys) for doubt in result.contested] == [keys]


async def test_a_second_id_for_a_recognised_person_undoes_the_recognition(
    storage: Storage, now: datetime
) -> None:
    async with storage.unit() as unit:
        room = await _room(unit, now)
        zhang = await unit.people.seen("old", "张三", "技术部张三", room, now)
        await unit.people.reconcile_room(room, [("new", "张三", "技术部张三")], now)
        result = await unit.people.reconcile_room(
            room, [("new", "张三", "技术部张三"), ("other", "张三", "技术部张三")], now
        )
        (doubt,) = result.contested
        assert set(doubt.contact_ids) == {"new", "other"}
        people = [await unit.people.by_contact(contact) for contact in ("new", "other")]
        assert {p.binding for p in people if p} == {Binding.NONE}
        assert zhang.key not in {p.key for p in people if p}


async def test_an_old_id_that_comes_back_undoes_the_recognition(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        room = await _room(unit, now)
        zhang = await unit.people.seen("old", "张三", "", room, now)
        await unit.people.reconcile_room(room, [("new", "张三", "")], now)
        result = await unit.people.reconcile_room(room, [("new", "张三", ""), ("old", "张三", "")], now)
        assert [set(doubt.contact_ids) for doubt in result.contested] == [{"new", "old"}]
        old, new = await unit.people.by_contact("old"), await unit.people.by_contact("new")
        assert old is not None
        assert new is not None
        assert (old.key, new.binding) == (zhang.key, Binding.NONE)
        assert new.key != zhang.key


def test_a_newcomer_between_an_absent_and_a_guessed_person_is_contested() -> None:
    known = [
        Known("gone", "p1", Binding.NONE, "张三", in_room=True),
        Known("guess", "p2", Binding.PROBABLE, "张三", in_room=True),
    ]
    decided = plan(known, [("guess", "张三", ""), ("new", "张三", "")])
    assert dict(decided.matches) == {}
    assert decided.undone == ("guess",)
    assert [set(doubt.contact_ids) for doubt in decided.contested] == [{"guess", "new"}]


async def test_a_confirmed_id_is_never_undone_by_a_likeness(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        room = await _room(unit, now)
        zhang = await unit.people.seen("old", "张三", "", room, now)
        await unit.people.bind("old", zhang.key, Binding.CONFIRMED, "hr", now)
        await unit.people.reconcile_room(room, [("new", "张三", "")], now)
        await unit.people.reconcile_room(room, [("new", "张三", ""), ("other", "张三", "")], now)
        old = await unit.people.by_contact("old")
        assert old is not None
        assert (old.key, old.binding) == (zhang.key, Binding.CONFIRMED)


async def test_who_left_is_not_recognised_in_a_newcomer(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        room = await _room(unit, now)
        gone = await unit.people.seen("old", "张三", "", room, now)
        await unit.people.left(room, "old", now)
        assert (await unit.people.reconcile_room(room, [("new", "张三", "")], now)).matched == ()
        back = await unit.people.seen("old", "张三", "", room, now)
        assert back.key == gone.key


async def test_roles_need_a_confirmed_id(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        room = await _room(unit, now)
        boss = await unit.people.seen("old", "张三", "", room, now)
        assert await unit.people.grant(boss.key, Role.SUPERVISOR, "operator", now)
        assert not await unit.people.grant(boss.key, Role.SUPERVISOR, "operator", now)
        assert await unit.people.grant(boss.key, Role.HR_LEAD, "operator", now)
        unsure = await unit.people.get(boss.key)
        assert unsure is not None
        assert (unsure.roles, unsure.holds_role) == (frozenset(), True)
        assert await unit.people.with_role(Role.SUPERVISOR) == []

        sure = await unit.people.bind("old", boss.key, Binding.CONFIRMED, "code", now)
        assert sure.roles == {Role.SUPERVISOR, Role.HR_LEAD}
        assert await unit.people.with_role(Role.SUPERVISOR) == [sure]

        # After a new login the likeness alone carries no authority.
        (again,) = (await unit.people.reconcile_room(room, [("new", "张三", "")], now)).matched
        assert (again.key, again.roles, again.holds_role) == (boss.key, frozenset(), True)
        assert (await unit.people.bind("new", boss.key, Binding.CONFIRMED, "code", now)).roles == sure.roles
        assert [p.contact_id for p in await unit.people.with_role(Role.SUPERVISOR)] == ["new"]

        assert await unit.people.revoke(boss.key, Role.SUPERVISOR, "operator", now)
        assert not await unit.people.revoke(boss.key, Role.SUPERVISOR, "operator", now)
        assert await unit.people.with_role(Role.SUPERVISOR) == []
        assert await unit.people.revoke(boss.key, Role.HR_LEAD, "operator", now)
        without = await unit.people.by_contact("new")
        assert without is not None
        assert not without.holds_role
        assert await unit.people.grant(boss.key, Role.SUPERVISOR, "operator", now)


async def test_a_nickname_that_could_not_be_read_stays(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        room = await _room(unit, now)
        person = await unit.people.seen("c1", "小张", "技术部张三", room, now)
        for later in (now, now + timedelta(days=1)):
            assert await unit.people.seen("c1", "大张", None, room, later) == replace(person, name="大张")
            assert [found.key for found in await unit.people.find("技术部张三")] == [person.key]
        await unit.people.left(room, "c1", now)
        await unit.people.reconcile_room(room, [("c1", "大张", None)], now)
        assert [found.key for found in await unit.people.find("技术部张三")] == [person.key]
        new = await unit.people.seen("c2", "小李", None, room, now)
        assert await unit.people.find("小李") == [new]
        await unit.people.seen("c1", "大张", "", room, now)
        assert await unit.people.find("技术部张三") == []


async def test_an_id_whose_nickname_could_not_be_read_goes_by_the_known_one(
    storage: Storage, now: datetime
) -> None:
    async with storage.unit() as unit:
        room = await _room(unit, now)
        await unit.people.seen("old", "小张", "技术部张三", room, now)
        await unit.people.reconcile_room(room, [("new", "小张", "技术部张三")], now)
        # "new" is only probable: a second id of that nickname makes it doubtful, readable or not.
        result = await unit.people.reconcile_room(
            room, [("new", "小张", None), ("other", "小王", "技术部张三")], now
        )
        assert [set(doubt.contact_ids) for doubt in result.contested] == [{"new", "other"}]


async def test_everybody_a_person_has_been_is_known(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        room = await _room(unit, now)
        first = await unit.people.seen("a", "张三", "", room, now)
        second = await unit.people.seen("b", "张三丰", "", room, now)
        other = await unit.people.seen("c", "李四", "", room, now)
        assert await unit.people.ever(first.key) == Ever(frozenset({"a"}), frozenset({first.key}))
        # "b" turns out to be the first person: the record it had before is theirs, too.
        await unit.people.bind("b", first.key, Binding.CONFIRMED, "code", now)
        both = Ever(frozenset({"a", "b"}), frozenset({first.key, second.key}))
        assert await unit.people.ever(first.key) == both
        assert await unit.people.ever(second.key) == Ever(frozenset({"b"}), both.person_keys)
        assert await unit.people.ever(other.key) == Ever(frozenset({"c"}), frozenset({other.key}))
        assert await unit.people.ever("nobody") == Ever(frozenset(), frozenset({"nobody"}))


async def test_binding_to_nobody_is_refused(storage: Storage, now: datetime) -> None:
    with pytest.raises(NotFound):
        async with storage.unit() as unit:
            await unit.people.bind("c1", "nobody", Binding.CONFIRMED, "hr", now)


async def test_without_a_roster_nobody_is_on_it(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        await unit.people.seen("c1", "张三", "技术部张三", await _room(unit, now), now)
        assert not await unit.people.on_roster("张三")
        assert not await unit.people.on_roster("技术部张三")
        assert not await unit.people.on_roster("")


async def test_the_roster_knows_names_and_nicknames(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        await unit.people.import_roster([ZHANG, LI], now)
        for written in ("张三", "技术部张三", "技术部-张三", "技术部 张三", "技术部＿张三", "@市场部·李四"):
            assert await unit.people.on_roster(written), written
        for written in ("", " ", "三", "市场部张三", "技术部", "技术部张三丰", "-"):
            assert not await unit.people.on_roster(written), written
        await unit.people.import_roster([RosterRow("1001", "张三", "技术部", False, active=False)], now)
        assert not await unit.people.on_roster("张三")
        assert await unit.people.on_roster("李四")


async def test_an_import_says_what_it_changed(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        assert (await unit.people.import_roster([ZHANG, LI], now)).added == ("1001", "1002")
        same = await unit.people.import_roster([ZHANG, LI], now)
        assert (same.added, same.changed, same.left, same.missing) == ((), (), (), ())
        gone = RosterRow("1001", "张三", "技术部", False, active=False, left_on=date(2026, 10, 31))
        diff = await unit.people.import_roster([gone], now)
        assert (diff.added, diff.changed, diff.left, diff.missing) == ((), (), ("1001",), ("1002",))
        moved = RosterRow("1002", "李四", "销售部", True, active=True)
        assert (await unit.people.import_roster([gone, moved], now)).changed == ("1002",)
        entry = await unit.people.by_employee_no("1002")
        assert entry is not None
        assert (entry.department, entry.is_head, entry.status, entry.contact_id) == (
            "销售部",
            True,
            "active",
            "",
        )


async def test_a_roster_entry_and_its_nickname_find_each_other(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        room = await _room(unit, now)
        before = await unit.people.seen("c1", "小张", "技术部-张三", room, now)
        await unit.people.import_roster([ZHANG, LI], now)
        zhang = await unit.people.by_contact("c1")
        li = await unit.people.seen("c2", "随便", "市场部李四", room, now)
        copy = await unit.people.seen("c3", "随便", "市场部李四", room, now)
        assert zhang is not None
        assert (zhang.key, zhang.employee_no, zhang.binding) == (before.key, "1001", Binding.PROBABLE)
        assert (li.employee_no, li.binding, li.name) == ("1002", Binding.PROBABLE, "李四")
        assert (copy.employee_no, copy.binding) == ("", Binding.NONE)


async def test_two_people_of_one_nickname_are_not_matched_to_the_roster(
    storage: Storage, now: datetime
) -> None:
    async with storage.unit() as unit:
        room = await _room(unit, now)
        for contact in ("c1", "c2"):
            await unit.people.seen(contact, "x", "技术部张三", room, now)
        await unit.people.import_roster([ZHANG], now)
        people: list[Person | None] = [await unit.people.by_contact(contact) for contact in ("c1", "c2")]
        assert {p.employee_no for p in people if p} == {""}
