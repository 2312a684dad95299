"""Whoever left long ago is erased once nothing of theirs is kept, and not a day before."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from fakes.kept import kept_case, on_roster
from fakes.outgoing import due_rows
from fakes.ties import CONTACT, KEEPING, LEFT, NAME, Keep, left

from storage.expiry import staying
from storage.records import (
    AuditEntry,
    CaseState,
    Outgoing,
    RosterRow,
    Statement,
    StatementLine,
)
from storage.session import Storage, UnitOfWork
from storage.tables import metadata

DAY = timedelta(days=1)


async def gone(unit: UnitOfWork, now: datetime) -> list[str]:
    """Who is erased on the day after."""
    keys = await unit.privacy.expired(now + DAY, 10)
    return [key for key in keys if await unit.privacy.expire(key, now + DAY, now + DAY)]


async def test_whoever_left_and_of_whom_nothing_is_kept_is_erased(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        key, room = await left(unit, now)
        assert await unit.privacy.expired(now, 10) == []
        assert not await unit.privacy.expire(key, now, now)
        assert await gone(unit, now) == [key]
        assert await unit.people.get(key) is None
        assert await unit.people.by_contact(CONTACT) is None
        assert await unit.people.roster() == []
        assert await unit.people.in_room(room) == []
        assert await gone(unit, now) == []
        assert not await unit.privacy.expire(key, now + DAY, now)


async def test_an_old_case_stays_without_its_person(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        key, room = await left(unit, now)
        case = await kept_case(unit, now, person_key=key, sender_id=CONTACT, sender_name=NAME)
        await unit.ledger.append(
            room_key=room,
            case=case.number,
            person_key=key,
            rule=case.rule,
            points=-3,
            author_key="system",
            kind="penalty",
            at=now,
            reason=case.reason,
            evidence=case.evidence,
        )
        await unit.cases.move(case.number, [CaseState.PROVISIONAL], CaseState.CONFIRMED, "p9", now, "属实")
        line = StatementLine(key, 3, 0, (case.number,))
        await unit.statements.publish(Statement("2026-10", now, "p9", (line,)))
        assert await gone(unit, now) == []
        await unit.cases.erase_evidence(now + DAY)
        assert await gone(unit, now) == []
        await unit.ledger.erase_texts(now + DAY)
        heads = await unit.ledger.heads()
        assert await gone(unit, now) == [key]
        kept = await unit.cases.get(case.number)
        assert kept is not None
        assert (kept.points, kept.person_key, kept.sender_id, kept.sender_name) == (3, key, "", "")
        assert (await unit.ledger.verify(heads)).holds
        assert await unit.ledger.total(key) == -3
        statement = await unit.statements.get("2026-10")
        assert statement is not None
        assert [one.person_key for one in statement.lines] == [key]


@pytest.mark.parametrize("keep", KEEPING, ids=lambda keep: keep.__name__)
async def test_nobody_goes_of_whom_something_is_kept(storage: Storage, now: datetime, keep: Keep) -> None:
    async with storage.unit() as unit:
        key, room = await left(unit, now)
        await keep(unit, key, room, now)
        assert key not in await unit.privacy.expired(now + DAY, 10)
        assert not await unit.privacy.expire(key, now + DAY, now + DAY)
        assert await unit.people.get(key) is not None


async def test_an_outsider_in_no_room_any_more_goes_too(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        room = await unit.rooms.seen("r@1", "项目群", now)
        guest = await unit.people.seen("c-guest", "来客", "某某公司来客", room.key, now, "external")
        assert await gone(unit, now) == []
        await unit.people.left(room.key, "c-guest", now)
        assert await gone(unit, now) == [guest.key]


async def test_a_standing_order_about_somebody_gone_holds_nobody_back(
    storage: Storage, now: datetime
) -> None:
    async with storage.unit() as unit:
        key, _ = await left(unit, now)
        await unit.exemptions.add(key, "flooding", 0, None, "值守", "p9", now)
        assert await gone(unit, now) == [key]
        assert await unit.exemptions.active(now) == []


async def test_a_reminder_that_nobody_confirmed_holds_nobody_back(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        key, _ = await left(unit, now)
        await kept_case(unit, now, person_key=key, points=0)
        await unit.cases.erase_evidence(now + DAY)
        assert await gone(unit, now) == [key]


async def test_what_somebody_was_before_they_were_known_goes_with_them_and_not_before(
    storage: Storage, now: datetime
) -> None:
    async with storage.unit() as unit:
        room = await unit.rooms.seen("r@1", "项目群", now)
        before = await unit.people.seen(CONTACT, "阳阳", "", room.key, now)
        who = await on_roster(unit, now, replace(LEFT, active=True))
        await unit.people.confirm(CONTACT, who.key, "p9", now)
        await unit.people.left(room.key, CONTACT, now)
        assert await gone(unit, now) == []
        assert await unit.people.get(before.key) is not None
        await unit.people.import_roster([LEFT], now)
        assert await gone(unit, now) == [who.key]
        assert await unit.people.get(before.key) is None


async def test_somebody_elses_lines_are_not_blanked_for_a_namesake(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        key, _ = await left(unit, now)
        await unit.audit.add(AuditEntry(now, "p9", "nickname reminded", "p8", f"{NAME}，改正"))
        await unit.outbox.add([Outgoing("r@1", f"@{NAME} 提醒", now, now, kind="notice")])
        assert await gone(unit, now) == [key]
        assert [entry.detail for entry in await unit.audit.recent(1)] == [f"{NAME}，改正"]
        assert [row.text for row in await due_rows(unit, now, 5)] == [f"@{NAME} 提醒"]


async def test_of_many_the_oldest_go_first(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        rows = [
            RosterRow(f"E{number}", f"某人{number}", "技术部", is_head=False, active=False)
            for number in range(5)
        ]
        for days, row in enumerate(reversed(rows)):
            await unit.people.import_roster([row], now - days * DAY)
        keys = await unit.privacy.expired(now + DAY, 2)
        assert [(await unit.people.get(key)).employee_no for key in keys] == ["E0", "E1"]


def test_no_table_that_names_people_is_forgotten(now: datetime) -> None:
    asked = str(staying(now))
    # A standing order is about somebody, and has no time of its own.
    forgotten = {
        table.name
        for table in metadata.sorted_tables
        if "person_key" in table.c and f"{table.name}.person_key" not in asked
    }
    assert forgotten == {"exemptions"}
