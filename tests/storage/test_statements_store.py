"""Statements, publication, points by hand, and entries that undo one entry."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from fakes.kept import kept_case, on_roster

from storage.bonuses import COMPANY
from storage.errors import Conflict, NotFound
from storage.records import CaseState, LedgerEntry, Statement, StatementLine
from storage.session import Storage, UnitOfWork

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OCTOBER = (
    StatementLine("p1", 3, 2, ("V-23456",), -1, ("V-34567",), "技术部"),
    StatementLine("p2", 0, 2),
)


async def _entry(unit: UnitOfWork, at: datetime, points: int = -3, **changed: Any) -> LedgerEntry:
    entry: dict[str, Any] = {
        "room_key": 1,
        "case": "V-AAAAA",
        "person_key": "p1",
        "rule": "flooding",
        "points": points,
        "author_key": "system",
        "kind": "penalty",
        "at": at,
    }
    return await unit.ledger.append(**(entry | changed))


async def test_a_month_is_published_once_and_comes_back(storage: Storage, now: datetime) -> None:
    october = Statement("2026-10", now, "p9", OCTOBER)
    async with storage.unit() as unit:
        assert await unit.statements.publish(october) == october
        assert await unit.statements.get("2026-10") == october
        assert await unit.statements.get("2026-09") is None
        with pytest.raises(Conflict) as again:
            await unit.statements.publish(replace(october, published_at=now + DAY))
        assert again.value.present == now.isoformat()
        november = await unit.statements.publish(Statement("2026-11", now + 30 * DAY, "p9"))
        assert await unit.statements.list() == [november, october]
        assert await unit.statements.list(1) == [november]


async def test_the_latest_statement_that_holds_a_case_counts(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        await unit.statements.publish(Statement("2026-10", now, "p9", OCTOBER))
        corrected = StatementLine("p1", 0, 0, ("V-45678",), 3, ("V-23456",))
        await unit.statements.publish(Statement("2026-11", now + 30 * DAY, "p9", (corrected,)))
        assert await unit.statements.stated() == {
            "V-23456": now + 30 * DAY,
            "V-34567": now,
            "V-45678": now + 30 * DAY,
        }


async def test_the_later_of_notice_and_statement_is_publication(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        first, second = await kept_case(unit, now), await kept_case(unit, now, "m2")
        assert first.published_at is None
        assert await unit.cases.publish([first.number.lower(), "V-ZZZZZ"], now + DAY) == 1
        assert await unit.cases.publish([first.number, second.number], now) == 1
        kept = [await unit.cases.get(case.number) for case in (first, second)]
        assert [case and case.published_at for case in kept] == [now + DAY, now]
        assert await unit.cases.publish([], now + 2 * DAY) == 0
        found = await unit.cases.list(by="published_at", since=now + HOUR, until=now + 2 * DAY)
        assert [case.number for case in found] == [first.number]


async def test_cases_of_a_department_are_those_of_its_people_now(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        zhang = await on_roster(unit, now)
        case = await kept_case(unit, now, person_key=zhang.key)
        await kept_case(unit, now, "m2")
        assert await unit.cases.list(department="技术部") == [case]
        assert await unit.cases.list(department="销售部") == []


async def test_a_bonus_is_a_confirmed_case_and_no_violation(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        zhang = await on_roster(unit, now)
        case, entry = await unit.bonuses.give(zhang.key, 2, "p9", now, "及时反馈", name="张三")
        assert await unit.cases.get(case.number) == case
        assert (case.state, case.rule, case.points, case.room_key) == (
            CaseState.CONFIRMED,
            "bonus",
            -2,
            COMPANY,
        )
        assert (entry.kind, entry.points, entry.case) == ("bonus", 2, case.number)
        assert await unit.ledger.total(zhang.key) == 2
        assert await unit.ledger.reason(entry) == "及时反馈"
        # The room of what belongs to no room is none that anybody could name.
        assert await unit.rooms.all() == []
        assert await unit.cases.list() == []
        assert await unit.cases.counts() == {}
        assert await unit.cases.rule_counts(now, now + DAY) == []
        assert await unit.cases.decided(now, now + DAY) == []
        assert await unit.cases.list(bonuses=True) == [case]
        assert (await unit.ledger.verify()).holds


async def test_what_may_be_given_once_is_given_once(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        zhang = await on_roster(unit, now)
        once = f"answers 2026-10 {zhang.key}"
        case, _ = await unit.bonuses.give(zhang.key, 1, "system", now, "", once=once)
        with pytest.raises(Conflict) as again:
            await unit.bonuses.give(zhang.key, 1, "system", now + DAY, "", once=once)
        assert again.value.present == case.number
        taken, entry = await unit.bonuses.give(zhang.key, -3, "p9", now, "更正", kind="adjustment")
        assert (taken.points, entry.points, entry.kind) == (3, -3, "adjustment")
        for points, kind in ((-1, "bonus"), (0, "adjustment"), (1, "gift")):
            with pytest.raises(ValueError, match="bonus"):
                await unit.bonuses.give(zhang.key, points, "p9", now, "", kind=kind)
        with pytest.raises(NotFound):
            await unit.bonuses.give("nobody", 1, "p9", now, "")
        assert await unit.ledger.total(zhang.key) == -2


async def test_totals_and_entries_of_a_time(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        first = await _entry(unit, now)
        last = await _entry(unit, now + DAY, 2, kind="bonus", room_key=2, case="V-BBBBB")
        other = await _entry(unit, now, person_key="p2", case="V-CCCCC")
        assert await unit.ledger.of_person("p1", now, now + DAY) == [first]
        assert await unit.ledger.of_person("p1") == [first, last]
        assert await unit.ledger.everybody(now, now + DAY) == {"p1": [first], "p2": [other]}
        assert await unit.ledger.case_totals() == {"V-AAAAA": -3, "V-BBBBB": 2, "V-CCCCC": -3}
        assert await unit.ledger.case_totals(now + DAY) == {"V-AAAAA": -3, "V-CCCCC": -3}


async def test_entries_count_for_whom_their_case_stands_now(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        case = await kept_case(unit, now, person_key="p7")
        entry = await _entry(unit, now, case=case.number, person_key="earlier")
        assert await unit.ledger.everybody(now, now + DAY) == {"p7": [entry]}


async def test_an_entry_is_undone_once_by_one_that_says_so(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        entry = await _entry(unit, now)
        lesser = await _entry(unit, now, -2, kind="difference")
        undoing = await unit.ledger.reverse(1, entry.seq, "p9", now + HOUR, "误判")
        assert (undoing.points, undoing.kind, undoing.case, undoing.author_key) == (
            3,
            "reversal",
            "V-AAAAA",
            "p9",
        )
        assert await unit.ledger.get(1, undoing.seq) == undoing
        with pytest.raises(Conflict) as again:
            await unit.ledger.reverse(1, entry.seq, "p8", now, "")
        assert again.value.present == str(undoing.seq)
        await unit.ledger.reverse(1, lesser.seq, "p9", now, "")
        assert await unit.ledger.total("p1") == 0
        # A reversal is an entry like any other.
        assert (await unit.ledger.reverse(1, undoing.seq, "p9", now, "")).points == -3
        with pytest.raises(NotFound):
            await unit.ledger.reverse(1, 99, "p9", now, "")
        assert (await unit.ledger.verify()).holds


async def test_what_went_with_its_case_is_not_undone_again(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        entry = await _entry(unit, now)
        whole = await _entry(unit, now, 3, kind="reversal")
        with pytest.raises(Conflict) as gone:
            await unit.ledger.reverse(1, entry.seq, "p9", now, "")
        assert gone.value.present == str(whole.seq)
        again = await _entry(unit, now)
        assert (await unit.ledger.reverse(1, again.seq, "p9", now, "")).points == 3
        assert await unit.ledger.total("p1") == 0


async def test_whom_a_statement_has_reached_is_kept_once(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        await unit.statements.publish(Statement("2026-10", now, "p9", OCTOBER))
        assert await unit.statements.reached("2026-10", "p1", now + HOUR, "system")
        assert not await unit.statements.reached("2026-10", "p1", now + DAY, "p9"), "the first time counts"
        assert not await unit.statements.reached("2026-10", "p3", now + DAY, "p9")
        assert not await unit.statements.reached("2026-09", "p2", now + DAY, "p9")
        kept = await unit.statements.get("2026-10")
        assert kept is not None
        assert [(line.reached_at, line.reached_by) for line in kept.lines] == [
            (now + HOUR, "system"),
            (None, ""),
        ]
        entered = await unit.statements.entered("V-23456")
        assert entered == kept.lines[0]
        assert await unit.statements.entered("V-34567") is None, "it was only corrected there"
        assert await unit.statements.entered("V-2345_") is None
        assert await unit.statements.entered("v-23456") is None
