"""What an import of the roster says it will do, and that it does just that."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.records import RosterRow
from storage.results import RosterChange, RosterDiff
from storage.roster import diff
from storage.session import Storage

ZHANG = RosterRow("1001", "张三", "技术部", is_head=False, active=True)
LI = RosterRow("1002", "李四", "市场部", is_head=True, active=True)
WANG = RosterRow("1003", "王五", "市场部", is_head=False, active=False, left_on=date(2026, 9, 30))


def test_every_kind_of_change_is_told_apart() -> None:
    head = replace(ZHANG, is_head=True)
    gone = replace(LI, active=False, department="运营部")
    back = replace(WANG, active=True, left_on=None)
    new = RosterRow("1004", "赵六", "技术部", is_head=False, active=False)
    stays = RosterRow("1000", "钱七", "财务部", is_head=False, active=True)
    unnamed = RosterRow("0999", "孙八", "财务部", is_head=False, active=True)
    found = diff([unnamed, stays, ZHANG, LI, WANG], [new, head, gone, stays, back])
    assert found == RosterDiff(
        added=("1004",),
        changed=("1001",),
        left=("1002",),
        missing=("0999",),
        returned=("1003",),
        details=(
            RosterChange("1004", "added", None, new),
            RosterChange("1001", "changed", ZHANG, head),
            RosterChange("1002", "left", LI, gone),
            RosterChange("1003", "returned", WANG, back),
            RosterChange("0999", "missing", unnamed, None),
        ),
    )


def test_of_two_rows_with_one_number_the_later_counts() -> None:
    assert diff([ZHANG], [replace(ZHANG, name="张一"), ZHANG]) == RosterDiff()
    assert diff([], []) == RosterDiff()


async def test_a_preview_writes_nothing_and_the_import_does_what_it_said(
    storage: Storage, now: datetime
) -> None:
    async with storage.unit() as unit:
        first = await unit.people.import_roster([LI, ZHANG, WANG], now)
        assert first.added == ("1002", "1001", "1003")
        assert await unit.people.roster() == [ZHANG, LI, WANG]
    rows = [replace(ZHANG, active=False), replace(WANG, active=True, left_on=None)]
    async with storage.view() as view:
        preview = await view.people.preview_roster(rows)
        assert await view.people.roster() == [ZHANG, LI, WANG]
    async with storage.unit() as unit:
        assert await unit.people.import_roster(rows, now) == preview
        assert (preview.left, preview.returned, preview.missing) == (("1001",), ("1003",), ("1002",))
        assert await unit.people.roster() == [rows[0], LI, rows[1]]
        assert (await unit.people.import_roster(rows, now)).details == preview.details[-1:]


async def test_a_number_that_comes_twice_does_not_stand_in_its_own_way(
    storage: Storage, now: datetime
) -> None:
    async with storage.unit() as unit:
        room = (await unit.rooms.seen("r@1", "项目群", now)).key
        seen = await unit.people.seen("c1", "小张", "技术部张三", room, now)
        await unit.people.import_roster([ZHANG, ZHANG], now)
        zhang = await unit.people.by_employee_no("1001")
        assert zhang is not None
        assert zhang.key == seen.key


_WORD = st.text(st.characters(codec=None), max_size=3)
_ROWS = st.lists(
    st.builds(
        RosterRow,
        employee_no=st.sampled_from(["1", "2", "\x00", "\ud800", "３"]),
        name=_WORD,
        department=_WORD,
        is_head=st.booleans(),
        active=st.booleans(),
        left_on=st.none() | st.just(date(2026, 10, 1)),
    ),
    max_size=6,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=_ROWS, second=_ROWS)
async def test_any_roster_is_imported_as_previewed_and_once(
    storage: Storage, now: datetime, first: list[RosterRow], second: list[RosterRow]
) -> None:
    async with storage.unit() as unit:
        await unit.people.import_roster(first, now)
        preview = await unit.people.preview_roster(second)
        assert await unit.people.import_roster(second, now) == preview
        left_over = await unit.people.preview_roster(second)
        assert {change.what for change in left_over.details} <= {"missing"}
        after = {change.employee_no: change.after for change in preview.details if change.after}
        entries = {row.employee_no: row for row in await unit.people.roster()}
        assert {number: entries[number] for number in after} == after
