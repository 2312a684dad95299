"""What follows a person to the record they are confirmed as, and what stays behind."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from storage.errors import Conflict, NotFound
from storage.records import Binding, NicknameNote, Person, Role, RosterRow
from storage.session import Storage, UnitOfWork

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ZHANG = RosterRow("1001", "张三", "技术部", is_head=False, active=True)


async def _room(unit: UnitOfWork, now: datetime) -> int:
    return (await unit.rooms.seen("r@1", "项目群", now)).key


async def _zhang(unit: UnitOfWork, now: datetime) -> Person:
    await unit.people.import_roster([ZHANG], now)
    zhang = await unit.people.by_employee_no("1001")
    assert zhang is not None
    return zhang


def _note(person_key: str, contact_id: str, since: datetime, alias: str = "小张") -> NicknameNote:
    return NicknameNote(person_key, alias, 1, contact_id, "violation", "format", "2.2a", 0, "", "", since)


async def test_what_was_ordered_for_a_record_of_ones_own_follows(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        zhang = await _zhang(unit, now)
        own = await unit.people.seen("c1", "小张", "小张", await _room(unit, now), now)
        exempt = await unit.exemptions.add(own.key, "after_hours", 0, None, "", "p9", now)
        theirs = await unit.exemptions.add(zhang.key, "flooding", 0, None, "", "p9", now)
        duty = await unit.shifts.add(own.key, "duty", now, now + DAY, "p9", now)
        note = await unit.nicknames.note(_note(own.key, "c1", now))
        await unit.people.confirm("c1", zhang.key, "p9", now + HOUR)
        moved = [replace(exempt, person_key=zhang.key), theirs]
        assert await unit.exemptions.active(now) == moved
        assert await unit.shifts.since(now) == [replace(duty, person_key=zhang.key)]
        assert await unit.nicknames.open() == [replace(note, person_key=zhang.key)]


async def test_confirming_a_record_as_itself_moves_nothing(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        own = await unit.people.seen("c1", "小张", "小张", await _room(unit, now), now)
        exempt = await unit.exemptions.add(own.key, "", 0, None, "", "p9", now)
        note = await unit.nicknames.note(_note(own.key, "c1", now))
        await unit.people.confirm("c1", own.key, "p9", now)
        await unit.people.confirm("c1", None, "p9", now)
        assert await unit.exemptions.active(now) == [exempt]
        assert await unit.nicknames.open() == [note]


async def test_an_exemption_of_a_shared_record_stays(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        zhang = await _zhang(unit, now)
        own = await unit.people.seen("old", "小张", "小张", await _room(unit, now), now)
        exempt = await unit.exemptions.add(own.key, "", 0, None, "", "p9", now)
        # Somebody who only looks like them must not bring their exemption along.
        await unit.people.bind("new", own.key, Binding.PROBABLE, "match", now)
        await unit.people.confirm("new", zhang.key, "p9", now)
        assert await unit.exemptions.active(now) == [exempt]


async def test_an_exemption_of_an_employee_stays_with_them(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        zhang = await _zhang(unit, now)
        seen = await unit.people.seen("c1", "x", "技术部张三", await _room(unit, now), now)
        assert (seen.key, seen.binding) == (zhang.key, Binding.PROBABLE)
        exempt = await unit.exemptions.add(zhang.key, "", 0, None, "", "p9", now)
        duty = await unit.shifts.add(zhang.key, "duty", now, now + DAY, "p9", now)
        await unit.nicknames.note(_note(zhang.key, "c1", now))
        await unit.people.confirm("c1", None, "p9", now + HOUR)
        # The wrong guess leaves without them, and nobody reminds 张三 of a nickname that they don't wear.
        assert await unit.exemptions.active(now) == [exempt]
        assert await unit.shifts.since(now) == [duty]
        assert await unit.nicknames.open() == []


async def test_two_notes_on_one_nickname_become_one(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        zhang = await _zhang(unit, now)
        await unit.people.bind("c0", zhang.key, Binding.CONFIRMED, "p9", now)
        own = await unit.people.seen("c1", "小张", "小张", await _room(unit, now), now)
        await unit.nicknames.note(_note(own.key, "c1", now))
        await unit.nicknames.reminded(own.key, "小张", now + HOUR)
        held = await unit.nicknames.note(_note(zhang.key, "c0", now - DAY))
        await unit.nicknames.reminded(zhang.key, "小张", now)
        await unit.nicknames.settled(zhang.key, "小张", "V-23456")
        await unit.nicknames.clear(zhang.key, "c0", now)
        await unit.people.confirm("c1", zhang.key, "p9", now + DAY)
        assert await unit.nicknames.open() == [
            replace(
                held,
                contact_id="c1",
                reminders=2,
                first_reminded_at=now,
                reminded_at=now + HOUR,
                number="V-23456",
            )
        ]


async def test_a_shift_that_both_records_have_is_kept_once(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        zhang = await _zhang(unit, now)
        own = await unit.people.seen("c1", "小张", "小张", await _room(unit, now), now)
        theirs = await unit.shifts.add(zhang.key, "duty", now, now + DAY, "p9", now)
        await unit.shifts.add(own.key, "duty", now, now + DAY, "p9", now)
        leave = await unit.shifts.add(own.key, "leave", now + DAY, now + 2 * DAY, "p9", now)
        await unit.people.confirm("c1", zhang.key, "p9", now)
        assert await unit.shifts.since(now) == [theirs, replace(leave, person_key=zhang.key)]


async def test_unbinding_gives_a_record_of_its_own(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        zhang = await _zhang(unit, now)
        await unit.people.confirm("c1", zhang.key, "p9", now)
        await unit.nicknames.note(_note(zhang.key, "c1", now))
        exempt = await unit.exemptions.add(zhang.key, "", 0, None, "", "p9", now)
        alone = await unit.people.unbind("c1", "p9", now + HOUR)
        assert alone.key != zhang.key
        assert (alone.contact_id, alone.binding, alone.employee_no) == ("c1", Binding.NONE, "")
        assert await unit.exemptions.active(now) == [exempt]
        assert await unit.nicknames.open() == []
        with pytest.raises(NotFound):
            await unit.people.unbind("never seen", "p9", now)


async def test_a_kind_that_was_told_stays(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        room = await _room(unit, now)
        seen = await unit.people.seen("c1", "小张", "技术部张三", room, now)
        assert (seen.kind, seen.kind_known) == ("employee", False)
        told = await unit.people.set_kind(seen.key, "external", "p9", now)
        assert told == await unit.people.get(seen.key)
        assert (told.kind, told.kind_known) == ("external", True)
        again = await unit.people.seen("c1", "大张", "技术部张三", room, now, kind="employee")
        assert (again.kind, again.kind_known, again.name) == ("external", True, "大张")
        # Not even a roster entry of that nickname makes an employee of them.
        zhang = await _zhang(unit, now)
        assert zhang.key != seen.key
        assert zhang.kind_known
        with pytest.raises(Conflict):
            await unit.people.set_kind(zhang.key, "external", "p9", now)
        with pytest.raises(NotFound):
            await unit.people.set_kind("nobody", "external", "p9", now)
        with pytest.raises(ValueError, match="robot"):
            await unit.people.set_kind(seen.key, "robot", "p9", now)
        said = [entry for entry in await unit.audit.recent(10) if entry.action == "person kind"]
        assert [(entry.actor, entry.target, entry.detail) for entry in said] == [("p9", seen.key, "external")]


async def test_roles_are_listed_with_who_gave_them(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        zhang = await _zhang(unit, now)
        own = await unit.people.seen("c1", "小李", "", 0, now)
        await unit.people.grant(zhang.key, Role.HR_LEAD, "operator", now)
        await unit.people.grant(own.key, Role.SUPERVISOR, "p9", now + HOUR)
        await unit.people.grant(own.key, Role.LEADER, "p9", now)
        await unit.people.revoke(own.key, Role.LEADER, "p9", now)
        held = await unit.people.roles_held()
        assert [(person.key, role, by, at) for person, role, by, at in held] == [
            (zhang.key, Role.HR_LEAD, "operator", now),
            (own.key, Role.SUPERVISOR, "p9", now + HOUR),
        ]
        assert [person.key for person in await unit.people.unconfirmed_roles()] == [zhang.key, own.key]
        await unit.people.confirm("c1", None, "p9", now)
        await unit.people.bind("c2", own.key, Binding.PROBABLE, "match", now)
        # One confirmed id is enough, though the newest is not.
        assert [person.key for person in await unit.people.unconfirmed_roles()] == [zhang.key]
        await unit.people.grant(zhang.key, Role.OPERATOR, "operator", now)
        assert [person.key for person in await unit.people.unconfirmed_roles()] == [zhang.key]


async def test_members_come_with_what_they_are_called_there(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        room = await _room(unit, now)
        other = (await unit.rooms.seen("r@2", "别的群", now)).key
        zhang = await unit.people.seen("c1", "小张", "技术部张三", room, now)
        await unit.people.seen("c1", "小张", "张工", other, now)
        await unit.people.seen("c2", "小李", "", room, now + HOUR)
        await unit.people.seen("c3", "小王", "", room, now)
        await unit.people.left(room, "c3", now)
        there = await unit.people.members(room)
        assert [(person.contact_id, name, alias) for person, name, alias in there] == [
            ("c1", "小张", "技术部张三"),
            ("c2", "小李", ""),
        ]
        assert there[0][0] == zhang
        assert await unit.people.members(99) == []
