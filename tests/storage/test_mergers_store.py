"""Records that are put together and taken apart: points and appeals follow, nothing counts twice, the ledger stays."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from fakes.kept import kept_case, on_roster

from storage.errors import Conflict, NotFound
from storage.lateness import Horizon
from storage.records import (
    Addressee,
    Appeal,
    Binding,
    Case,
    CaseState,
    Demand,
    Enquiry,
    Person,
    Role,
    RosterRow,
    StoredMessage,
)
from storage.session import Storage, UnitOfWork

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LI = RosterRow("1002", "李四", "市场部", is_head=False, active=True)
GONE = RosterRow("0999", "张三", "技术部", is_head=False, active=False)


async def _seen(unit: UnitOfWork, now: datetime, contact_id: str, name: str, alias: str = "") -> Person:
    room = await unit.rooms.seen("r@1", "项目群", now)
    return await unit.people.seen(contact_id, name, alias, room.key, now)


async def _zhang(unit: UnitOfWork, now: datetime) -> Person:
    """张三 of the roster, confirmed under the id ``new``."""
    zhang = await on_roster(unit, now)
    await _seen(unit, now, "new", "张三", "技术部张三")
    return (await unit.people.confirm("new", zhang.key, "hr", now)).person


async def _case(unit: UnitOfWork, person: Person, now: datetime, message_id: str) -> Case:
    """A confirmed case of three points."""
    case = await kept_case(
        unit, now, message_id, person_key=person.key, sender_id=person.contact_id, state=CaseState.CONFIRMED
    )
    await unit.ledger.append(
        room_key=case.room_key,
        case=case.number,
        person_key=person.key,
        rule=case.rule,
        points=-case.points,
        author_key="system",
        kind="penalty",
        at=now,
    )
    return case


async def _holds(unit: UnitOfWork, now: datetime) -> None:
    assert (await unit.ledger.verify()).holds
    assert (await unit.invariants.examine(Horizon(now))).breaches == ()


async def test_points_an_open_appeal_and_demands_follow_and_come_back(
    storage: Storage, now: datetime
) -> None:
    async with storage.unit() as unit:
        zhang, old = await _zhang(unit, now), await _seen(unit, now, "old", "小张")
        mine, theirs = await _case(unit, zhang, now, "m1"), await _case(unit, old, now, "m2")
        appeal = await unit.appeals.file(Appeal(theirs.number, old.key, "不是广告", now, now + DAY))
        demand = await unit.demands.ask(
            Demand(0, theirs.number, "explanation", old.key, "p9", "", now, now + DAY)
        )
        exempt = await unit.exemptions.add(old.key, "flooding", 0, None, "", "p9", now)
        await unit.bonuses.give(old.key, 2, "p9", now, "")
        heads = await unit.ledger.heads()
        made = await unit.mergers.merge(old.key, zhang.key, "hr", "换过手机", now + HOUR)
        assert (await unit.ledger.total(zhang.key), await unit.ledger.total(old.key)) == (-4, 0)
        assert await unit.appeals.of_person(zhang.key) == [replace(appeal, person_key=zhang.key)]
        assert await unit.demands.open(zhang.key) == [replace(demand, person_key=zhang.key)]
        assert [one.person_key for one in await unit.exemptions.active(now)] == [zhang.key]
        assert sum(len(rows) for rows in (await unit.ledger.everybody(now, now + DAY)).values()) == 3
        assert await unit.ledger.heads() == heads
        assert (await unit.people.by_contact("old") or old).key == zhang.key
        # What the id does from now on is the same person's, and goes with it again.
        since = await _case(unit, await unit.people.by_contact("old") or old, now + 2 * HOUR, "m3")
        own_since = await _case(unit, zhang, now + 2 * HOUR, "m4")
        await _holds(unit, now)

        await unit.mergers.split(made.number, "hr2", "不是同一人", now + DAY)
        assert (await unit.ledger.total(zhang.key), await unit.ledger.total(old.key)) == (-6, -4)
        assert await unit.appeals.of_person(old.key) == [appeal]
        assert await unit.demands.open(old.key) == [demand]
        assert await unit.exemptions.active(now) == [exempt]
        assert {one.number for one in await unit.cases.list(person_key=zhang.key)} == {
            mine.number,
            own_since.number,
        }
        assert {one.number for one in await unit.cases.list(person_key=old.key)} == {
            theirs.number,
            since.number,
        }
        assert (await unit.people.by_contact("old") or zhang).key == old.key
        kept = await unit.mergers.get(made.number)
        assert kept is not None
        assert (kept.merged_by, kept.reason, kept.merged_at) == ("hr", "换过手机", now + HOUR)
        assert (kept.split_by, kept.split_reason, kept.split_at) == ("hr2", "不是同一人", now + DAY)
        await _holds(unit, now)


async def test_a_record_that_was_put_away_is_found_under_the_other(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        zhang = await _zhang(unit, now)
        gone = await on_roster(unit, now, GONE)
        assert len(await unit.people.find("张三")) == 2
        made = await unit.mergers.merge(gone.key, zhang.key, "hr", "重新入职", now)
        assert [one.key for one in await unit.people.find("张三")] == [zhang.key]
        found = await unit.people.by_employee_no("0999")
        assert found is not None
        assert found.key == zhang.key
        # An entry that comes back by the roster gets nobody by its nickname while it is put away.
        await unit.people.import_roster([replace(GONE, active=True, department="后勤部")], now)
        newcomer = await _seen(unit, now, "c7", "x", "后勤部张三")
        assert newcomer.employee_no == ""
        await unit.mergers.split(made.number, "hr", "错了", now)
        again = await unit.people.by_employee_no("0999")
        assert again is not None
        assert again.key == gone.key


async def test_no_role_moves_with_a_record(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        zhang, old = await _zhang(unit, now), await _seen(unit, now, "old", "小张")
        await unit.people.confirm("old", None, "hr", now)
        await unit.people.grant(zhang.key, Role.LEADER, "hr", now)
        made = await unit.mergers.merge(old.key, zhang.key, "hr", "同一人", now)
        bound = await unit.people.by_contact("old")
        assert bound is not None
        assert (bound.key, bound.binding, bound.roles) == (zhang.key, Binding.NONE, frozenset())
        # A code that names nobody makes it itself again, not the leader.
        alone = (await unit.people.confirm("old", None, "hr", now)).person
        assert alone.key not in {zhang.key, old.key}
        assert not alone.roles
        await unit.mergers.split(made.number, "hr", "错了", now)
        assert (await unit.people.by_contact("old") or old).key == alone.key
        assert await unit.people.with_role(Role.LEADER) == [await unit.people.by_contact("new")]


async def test_the_record_that_is_kept_is_still_reached_where_it_was(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        zhang, old = await _zhang(unit, now), await _seen(unit, now, "old", "小张")
        await unit.people.confirm("old", None, "hr", now)
        await unit.mergers.merge(old.key, zhang.key, "hr", "同一人", now)
        reached = await unit.people.get(zhang.key)
        assert reached is not None
        assert (reached.contact_id, reached.binding) == ("new", Binding.CONFIRMED)


async def test_what_was_asked_twice_is_asked_once(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        zhang, old = await _zhang(unit, now), await _seen(unit, now, "old", "小张")

        async def asked(message_id: str) -> str:
            enquiry = Enquiry("", 1, message_id, "p9", "?", urgent=False, asked_at=now, due_at=now + DAY)
            both = [Addressee("", old.key, "old"), Addressee("", zhang.key, "new")]
            return (await unit.enquiries.open(enquiry, both)).number

        first, second = await asked("m5"), await asked("m6")
        await unit.enquiries.answer(first, old.key, "can", "", "a1", now)
        await unit.mergers.merge(old.key, zhang.key, "hr", "同一人", now)

        async def states(number: str) -> dict[str, str]:
            return {one.person_key: one.state for one in await unit.enquiries.addressees(number)}

        assert await states(first) == {zhang.key: "can", old.key: "can"}
        assert await states(second) == {zhang.key: "missing", old.key: "excused"}


async def test_nobody_decides_about_whom_they_were_ever_put_together_with(
    storage: Storage, now: datetime
) -> None:
    async with storage.unit() as unit:
        zhang = await _zhang(unit, now)
        gone = await on_roster(unit, now, GONE)
        made = await unit.mergers.merge(gone.key, zhang.key, "hr", "重新入职", now)
        await unit.mergers.split(made.number, "hr", "错了", now)
        assert gone.key in (await unit.people.ever(zhang.key)).person_keys
        assert zhang.key in (await unit.people.ever(gone.key)).person_keys


async def test_what_was_put_together_in_turn_comes_apart_in_turn(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        zhang = await _zhang(unit, now)
        one, two = await _seen(unit, now, "c1", "一"), await _seen(unit, now, "c2", "二")
        case = await _case(unit, one, now, "m1")
        first = await unit.mergers.merge(one.key, two.key, "hr", "x", now)
        second = await unit.mergers.merge(two.key, zhang.key, "hr", "y", now)
        assert await unit.ledger.total(zhang.key) == -3
        with pytest.raises(Conflict) as refused:
            await unit.mergers.split(first.number, "hr", "z", now)
        assert refused.value.present == second.number
        with pytest.raises(Conflict) as again:
            await unit.mergers.merge(one.key, zhang.key, "hr", "x", now)
        assert again.value.present == "merged"
        await unit.mergers.split(second.number, "hr", "z", now)
        await unit.mergers.split(first.number, "hr", "z", now)
        assert {one.number for one in await unit.cases.list(person_key=one.key)} == {case.number}
        bound = [await unit.people.by_contact(contact_id) for contact_id in ("c1", "c2", "new")]
        assert [person.key for person in bound if person] == [one.key, two.key, zhang.key]
        with pytest.raises(Conflict) as before:
            await unit.mergers.split(first.number, "hr", "z", now)
        assert before.value.present == "split"
        with pytest.raises(NotFound):
            await unit.mergers.split("M-22222", "hr", "z", now)


@pytest.mark.parametrize("why", ["same", "role", "active", "left", "kind", "guess"])
async def test_records_that_do_not_go_together(storage: Storage, now: datetime, why: str) -> None:
    async with storage.unit() as unit:
        zhang, old = await _zhang(unit, now), await _seen(unit, now, "old", "小张")
        merged, kept = old.key, zhang.key
        if why == "same":
            merged = kept
        elif why == "role":
            await unit.people.grant(old.key, Role.SUPERVISOR, "hr", now)
        elif why == "active":
            merged = (await on_roster(unit, now, LI)).key
        elif why == "left":
            kept = (await on_roster(unit, now, GONE)).key
        elif why == "kind":
            await unit.people.set_kind(old.key, "external", "hr", now)
        else:
            await unit.people.bind("c9", old.key, Binding.PROBABLE, "match", now)
        heads = await unit.ledger.heads()
        with pytest.raises(Conflict) as refused:
            await unit.mergers.merge(merged, kept, "hr", "x", now)
        assert refused.value.present == why
        assert await unit.mergers.recent(10) == []
        assert await unit.ledger.heads() == heads
        with pytest.raises(NotFound):
            await unit.mergers.merge("nobody", zhang.key, "hr", "x", now)


async def test_a_stored_message_of_the_other_record_is_handed_out_and_erased_with_it(
    storage: Storage, now: datetime
) -> None:
    async with storage.unit() as unit:
        zhang = await _zhang(unit, now)
        gone = await on_roster(unit, now, GONE)
        await unit.messages.add([StoredMessage("m1", 1, gone.key, "张三", "text", "原话", now)])
        await unit.mergers.merge(gone.key, zhang.key, "hr", "重新入职", now)
        out = await unit.privacy.export(zhang.key)
        assert "原话" in str(out["messages"])
        assert [row["reason"] for row in out["mergers"]] == ["重新入职"]
        assert (await unit.privacy.erase(zhang.key, now))["messages"] == 1
        assert await unit.people.by_employee_no("0999") is None


async def test_of_two_mergers_the_other_way_round_at_once_one_is_made(
    storage: Storage, now: datetime
) -> None:
    async with storage.unit() as unit:
        one, two = await _seen(unit, now, "c1", "一"), await _seen(unit, now, "c2", "二")

    async def put(merged: Person, kept: Person) -> str:
        try:
            made = await storage.run(lambda unit: unit.mergers.merge(merged.key, kept.key, "hr", "x", now))
        except Conflict as refused:
            return refused.present
        return made.number

    outcomes = await asyncio.gather(put(one, two), put(two, one), put(one, two))
    assert outcomes.count("merged") == 2
    async with storage.view() as unit:
        (made,) = await unit.mergers.recent(10)
        assert await unit.mergers.holder(made.merged_key) == made.kept_key


async def test_of_two_who_take_it_back_at_once_one_does(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        one, two = await _seen(unit, now, "c1", "一"), await _seen(unit, now, "c2", "二")
        made = await unit.mergers.merge(one.key, two.key, "hr", "x", now)

    async def take_back() -> str:
        try:
            await storage.run(lambda unit: unit.mergers.split(made.number, "hr", "y", now))
        except Conflict as refused:
            return refused.present
        return "done"

    assert sorted(await asyncio.gather(take_back(), take_back())) == ["done", "split"]
