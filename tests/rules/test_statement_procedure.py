"""The monthly statement: confirmed cases alone, each in exactly one month, corrections in the next (policy 6.2a)."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.procedure.statement import (
    COUNTING,
    VOID,
    DepartmentLine,
    Line,
    Record,
    Since,
    compute,
    month_bounds,
    month_of,
    since_published,
)
from storage.records import CaseState

SHANGHAI = ZoneInfo("Asia/Shanghai")
STATES = [state.value for state in CaseState]
DEPARTMENTS = {"P1": "人力资源部", "P2": "人力资源部", "P3": "销售部"}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def record(
    number: str,
    points: int,
    on: str = "2026-10-13",
    state: str = "confirmed",
    person: str = "P1",
    *,
    outsider: bool = False,
    stated: int | None = None,
) -> Record:
    return Record(number, person, state, points, at(f"{on} 10:00"), outsider, stated)


def test_lines_for_people_and_departments() -> None:
    found = compute(
        "2026-10",
        [
            record("V-22222", -2, "2026-10-20"),
            record("V-33333", -3, "2026-10-08"),
            record("V-44444", 5, person="P2"),
            record("V-55555", 0, person="P3", state="upheld"),
            record("V-66666", -5, person="P9"),
        ],
        DEPARTMENTS,
        SHANGHAI,
    )
    assert found.lines == (
        Line("P9", "", 5, 0, 0, ("V-66666",), ()),
        Line("P1", "人力资源部", 5, 0, 0, ("V-33333", "V-22222"), ()),
        Line("P2", "人力资源部", 0, 5, 0, ("V-44444",), ()),
    )  # what costs nothing is a reminder, and no result
    assert found.departments == (
        DepartmentLine("", 1, 1, 5, 0, 0),
        DepartmentLine("人力资源部", 2, 3, 5, 5, 0),
    )
    assert [line.total for line in found.lines] == [-5, -5, 5]
    assert [line.total for line in found.departments] == [-5, 0]


@pytest.mark.parametrize("state", STATES)
def test_only_what_people_have_confirmed_enters(state: str) -> None:
    found = compute("2026-10", [record("V-22222", -2, state=state)], DEPARTMENTS, SHANGHAI)
    assert bool(found.lines) == (state in ("confirmed", "upheld"))


def test_outsiders_have_no_appraisal() -> None:
    assert compute("2026-10", [record("V-22222", -2, outsider=True)], {}, SHANGHAI).lines == ()


@pytest.mark.parametrize(
    ("moment", "month"),
    [
        (datetime(2026, 9, 30, 15, 59, 59, tzinfo=UTC), "2026-09"),
        (datetime(2026, 9, 30, 16, 0, tzinfo=UTC), "2026-10"),
        (datetime(2026, 10, 31, 15, 59, 59, tzinfo=UTC), "2026-10"),
        (datetime(2026, 10, 31, 16, 0, tzinfo=UTC), "2026-11"),
        (datetime(2026, 12, 31, 16, 0, tzinfo=UTC), "2027-01"),
    ],
)
def test_months_begin_at_midnight_of_the_company(moment: datetime, month: str) -> None:
    assert month_of(moment, SHANGHAI) == month
    start, end = month_bounds(month, SHANGHAI)
    assert start <= moment < end
    one = [Record("V-22222", "P1", "confirmed", -2, moment)]
    assert compute(month, one, DEPARTMENTS, SHANGHAI).lines[0].deducted == 2


@pytest.mark.parametrize(
    "month", ["2026-13", "2026-00", "2026-1", "26-01", "2026/10", "", "２０２６-10", "9999-12"]
)
def test_what_is_no_month_is_refused(month: str) -> None:
    with pytest.raises(ValueError, match="month"):
        compute(month, [], {}, SHANGHAI)


def test_a_case_confirmed_after_its_months_statement_enters_the_next() -> None:
    late = [record("V-22222", -2, "2026-09-30")]
    assert compute("2026-10", late, DEPARTMENTS, SHANGHAI).lines == ()  # September's is still to come
    assert compute("2026-10", late, DEPARTMENTS, SHANGHAI, published={"2026-09"}).lines[0].cases == (
        "V-22222",
    )
    assert compute("2026-09", late, DEPARTMENTS, SHANGHAI, published={"2026-09"}).lines[0].deducted == 2


def test_the_first_moment_of_the_next_month_is_not_this_months() -> None:
    _, end = month_bounds("2026-10", SHANGHAI)
    edge = [
        replace(record("V-22222", -2), at=end),
        replace(record("V-33333", 0), at=end, state="overturned", stated=-2),
    ]
    assert compute("2026-10", edge, DEPARTMENTS, SHANGHAI).lines == ()
    assert [line.total for line in compute("2026-11", edge, DEPARTMENTS, SHANGHAI).lines] == [0]


def test_what_comes_later_is_left_out() -> None:
    later = [
        record("V-22222", -2, "2026-11-01"),
        record("V-33333", 0, "2026-11-02", stated=-3, state="overturned"),
    ]
    assert compute("2026-10", later, DEPARTMENTS, SHANGHAI, published={"2026-11"}).lines == ()


@pytest.mark.parametrize(
    ("state", "points", "restored"),
    [
        ("confirmed", -3, 0),
        ("upheld", -3, 0),
        ("confirmed", -5, -2),  # a difference was added
        ("confirmed", -1, 2),
        ("appealed", -3, 0),  # it waits
        ("review", 0, 0),
        ("overturned", 0, 3),
        ("dismissed", 0, 3),
    ],
)
def test_what_became_of_a_published_case_stands_in_the_next_statement(
    state: str, points: int, restored: int
) -> None:
    earlier = record("V-22222", points, "2026-09-13", state=state, stated=-3)
    found = compute("2026-10", [earlier], DEPARTMENTS, SHANGHAI, published={"2026-09"}).lines
    assert sum(line.restored for line in found) == restored
    assert [line.corrected for line in found] == ([("V-22222",)] if restored else [])
    assert [line.cases for line in found] == ([()] if restored else [])
    again = replace(earlier, stated=-3 + restored)
    assert compute("2026-11", [again], DEPARTMENTS, SHANGHAI, published={"2026-09", "2026-10"}).lines == ()


CASES = st.lists(
    st.builds(
        Record,
        number=st.integers(0, 10**6).map("V-{}".format),
        person=st.sampled_from(["P1", "P2", "P3", "P9"]),
        state=st.sampled_from(STATES),
        points=st.integers(-5, 5),
        at=st.datetimes(
            datetime.fromisoformat("2026-08-01"), datetime.fromisoformat("2026-12-31"), timezones=st.just(UTC)
        ),
        outsider=st.booleans(),
    ),
    max_size=6,
    unique_by=lambda case: case.number,
)
MONTHS = ["2026-08", "2026-09", "2026-10", "2026-11", "2026-12", "2027-01"]


@settings(deadline=None)
@given(CASES, st.data())
def test_all_statements_together_come_to_what_the_cases_are_worth(
    cases: list[Record], data: st.DataObject
) -> None:
    """Whatever people decide between two statements, nothing is counted twice and nothing is lost."""
    entered: list[str] = []
    come_to: Counter[str] = Counter()
    published: list[str] = []
    for month in MONTHS:
        cases = [_decided(case, data) for case in cases]
        statement = compute(month, cases, DEPARTMENTS, SHANGHAI, published)
        published.append(month)
        people = [line.person for line in statement.lines]
        assert len(people) == len(set(people))
        assert sum(line.total for line in statement.departments) == sum(
            line.total for line in statement.lines
        )
        for line in statement.lines:
            entered += line.cases
            come_to[line.person] += line.total
            assert set(line.cases).isdisjoint(line.corrected)
        cases = [_published(case) if case.number in entered else case for case in cases]
    assert len(entered) == len(set(entered))
    worth: Counter[str] = Counter()
    for case in cases:
        if case.state in COUNTING and not case.outsider:
            worth[case.person] += case.points
        elif case.state not in VOID:
            worth[case.person] += case.stated or 0
    assert {*come_to.items()} - {(person, 0) for person in come_to} == {
        (person, points) for person, points in worth.items() if points
    }


def _published(case: Record) -> Record:
    """A case that stands in a statement, as later ones know it."""
    return replace(case, stated=case.points) if case.state in COUNTING | VOID else case


def _decided(case: Record, data: st.DataObject) -> Record:
    """What people may have made of a case meanwhile."""
    state = data.draw(st.sampled_from([case.state, "confirmed", "appealed", "overturned", "dismissed"]))
    # What came to nothing was reversed; whatever is confirmed anew may cost something else.
    points = 0 if state in VOID else data.draw(st.integers(-5, 5)) if state == "confirmed" else case.points
    return replace(case, state=state, points=points)


@pytest.mark.parametrize(
    ("state", "points", "found"),
    [
        ("confirmed", -2, Since((), 0, (), 0)),
        ("confirmed", -1, Since((), 0, ("V-22222",), 1)),  # lowered
        ("upheld", -2, Since((), 0, (), 0)),
        ("upheld", -5, Since((), 0, ("V-22222",), -3)),
        ("appealed", -2, Since(("V-22222",), -2, (), 0)),
        ("overturned", 0, Since((), 0, ("V-22222",), 2)),
        ("dismissed", -2, Since((), 0, ("V-22222",), 2)),  # void, whatever the ledger says
        ("review", -2, Since(("V-22222",), -2, (), 0)),  # whatever waits for people counts for nothing yet
    ],
)
def test_what_became_of_a_case_since_its_statement(state: str, points: int, found: Since) -> None:
    assert since_published([record("V-22222", points, state=state, stated=-2)]) == found


@given(st.lists(st.tuples(st.sampled_from(STATES), st.integers(-9, 9), st.integers(-9, 9)), max_size=8))
def test_what_an_appraisal_may_use_is_what_its_cases_are_worth_now(cases: list[tuple[str, int, int]]) -> None:
    records = [
        record(f"V-{place}", now, state=state, stated=then) for place, (state, now, then) in enumerate(cases)
    ]
    since = since_published(records)
    published = sum(one.stated or 0 for one in records)
    assert published + since.change - since.at_stake == sum(
        one.points for one in records if one.state in COUNTING
    )
    assert not set(since.appealed) & set(since.changed)
