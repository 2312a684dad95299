"""A month's statement out of storage (policy 6.2a): what would be published now, and what has to wait.

Points enter a statement only of whom it is sure who they are: a confirmed contact id. What has to wait enters a
later one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from rules.procedure import statement as procedure
from rules.procedure.reminder import costs_nothing
from rules.procedure.statement import DepartmentLine, Record, month_bounds
from storage.case_counts import BONUS
from storage.records import Binding, Case, CaseState, Person, Statement, StatementLine
from storage.session import UnitOfWork

EVERY = 1_000_000
WAITING = frozenset({CaseState.REVIEW, CaseState.PROVISIONAL, CaseState.APPEALED})


@dataclass(frozen=True, slots=True)
class Drafted:
    """A month's statement as it would be published now.

    Attributes:
        statement: its lines; publication's time and author are not set.
        departments: the sums of the lines by department.
        people: everybody who has a case in the month, by key.
        cases: every case that enters or is corrected, by number.
        worth: what each of them is worth now, by number: deductions are negative.
        waiting: how many cases of the month that may cost points wait for a decision or an appeal.
        unsure: people who would have a line, and have not confirmed who they are.
    """

    statement: Statement
    departments: tuple[DepartmentLine, ...]
    people: Mapping[str, Person]
    cases: Mapping[str, Case]
    worth: Mapping[str, int]
    waiting: int
    unsure: tuple[Person, ...]


def month_before(now: datetime, zone: ZoneInfo) -> str:
    """The month before the one that a moment lies in, where the company is."""
    first = now.astimezone(zone).replace(day=1)
    return f"{first - timedelta(days=1):%Y-%m}"


async def draft(unit: UnitOfWork, month: str, zone: ZoneInfo) -> Drafted:
    """The statement of a month from everything that is confirmed now.

    Raises:
        ValueError: it is no month such as ``2026-10``.
    """
    start, end = month_bounds(month, zone)
    cases = await unit.cases.list(until=end, by="sent_at", limit=EVERY, bonuses=True)
    worth = await unit.ledger.case_totals()
    stated = await _stated(unit)
    people: dict[str, Person] = {}
    for key in {case.person_key for case in cases if case.person_key}:
        person = await unit.people.get(key)
        if person is not None:
            people[key] = person
    records = [
        Record(
            number=case.number,
            person=case.person_key,
            state=case.state.value,
            points=worth.get(case.number, 0),
            at=case.sent_at,
            outsider=not _counts(people.get(case.person_key)),
            stated=stated.get(case.number),
        )
        for case in cases
    ]
    departments = {key: person.department for key, person in people.items()}
    published = [kept.month for kept in await unit.statements.list(limit=EVERY)]
    found = procedure.compute(month, records, departments, zone, published)
    sure = [line for line in found.lines if people[line.person].binding is Binding.CONFIRMED]
    unsure = tuple(people[line.person] for line in found.lines if line not in sure)
    # Again without those who are not sure, so that the departments' sums are those of the lines.
    hold = {person.key for person in unsure}
    found = procedure.compute(
        month, [record for record in records if record.person not in hold], departments, zone, published
    )
    lines = tuple(
        StatementLine(
            person_key=line.person,
            deducted=line.deducted,
            bonus=line.bonus,
            cases=line.cases,
            restored=line.restored,
            corrected=line.corrected,
            department=line.department,
        )
        for line in found.lines
    )
    entering = {number for line in lines for number in (*line.cases, *line.corrected)}
    return Drafted(
        statement=Statement(month, end, "", lines),
        departments=found.departments,
        people=people,
        cases={case.number: case for case in cases if case.number in entering},
        worth={number: worth.get(number, 0) for number in entering},
        waiting=sum(
            1
            for case in cases
            if case.state in WAITING
            and case.sent_at >= start
            and not costs_nothing(case.points, case.graver_points)
            and _counts(people.get(case.person_key))
        ),
        unsure=unsure,
    )


def by_rule(drafted: Drafted) -> Counter[str]:
    """How many cases of each rule enter, bonuses left out."""
    entering = {number for line in drafted.statement.lines for number in line.cases}
    return Counter(
        case.rule for number, case in drafted.cases.items() if number in entering and case.rule != BONUS
    )


def _counts(person: Person | None) -> bool:
    """Whether there is an appraisal that somebody's points could count in; nobody is there for erased records."""
    return person is not None and person.kind == "employee"


async def _stated(unit: UnitOfWork) -> dict[str, int]:
    """What each case was worth in the latest statement that it stands in."""
    when = await unit.statements.stated()
    found: dict[str, int] = {}
    for at in set(when.values()):
        # Up to and including that moment: storage's end is open, and its finest step is a microsecond.
        then = await unit.ledger.case_totals(until=at + timedelta(microseconds=1))
        found |= {number: then.get(number, 0) for number, last in when.items() if last == at}
    return found
