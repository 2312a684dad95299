"""The monthly statement (policy 6.2a): what each person and department gained and lost, from confirmed cases alone.

Every case that counts and is worth points enters exactly one statement: that of its month, or, if it was confirmed
after that was published, a later one. What an appeal takes back from a published statement is given back in the next.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

COUNTING = frozenset({"confirmed", "upheld"})
"""States of a case that a statement takes up."""

VOID = frozenset({"dismissed", "overturned", "recalled", "shadow"})
"""States of a case that is worth nothing any more; every other one waits for a decision."""

_MONTH = re.compile(r"(?P<year>[0-9]{4})-(?P<month>0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class Record:
    """One case, as far as statements depend on it.

    Attributes:
        number: its number.
        person: key of the person whose case it is.
        state: its state now.
        points: the sum of its ledger entries: deductions are negative, bonuses positive.
        at: when what it is about happened.
        outsider: the person is no employee: there is no appraisal that it could count in (policy 1.2).
        stated: if it has entered a statement, what it was worth when the latest one was published (the sum of its
            ledger entries until then); ``None`` if it has not.
    """

    number: str
    person: str
    state: str
    points: int
    at: datetime
    outsider: bool = False
    stated: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """What stands of one person in a statement.

    Attributes:
        person, department: of whom; the department may be empty.
        deducted: points taken, as a positive number.
        bonus: points given.
        restored: points given back (negative: taken) for cases in earlier statements.
        cases: numbers of the cases that enter, oldest first.
        corrected: numbers of the cases in earlier statements that are worth something else now.
    """

    person: str
    department: str
    deducted: int
    bonus: int
    restored: int
    cases: tuple[str, ...]
    corrected: tuple[str, ...]

    @property
    def total(self) -> int:
        """What the month comes to; negative if more was taken than given."""
        return self.bonus - self.deducted + self.restored


@dataclass(frozen=True, slots=True)
class DepartmentLine:
    """What stands of one department: how many people have a line, how many cases enter, and sums over them."""

    department: str
    people: int
    cases: int
    deducted: int
    bonus: int
    restored: int

    @property
    def total(self) -> int:
        """What the month comes to; negative if more was taken than given."""
        return self.bonus - self.deducted + self.restored


@dataclass(frozen=True, slots=True)
class Statement:
    """A month's lines, ordered by department and person; whoever has nothing has no line."""

    lines: tuple[Line, ...]
    departments: tuple[DepartmentLine, ...]


@dataclass(frozen=True, slots=True)
class Since:
    """What became of the cases of one line since its statement was published.

    Attributes:
        appealed: numbers of the cases that are under appeal now.
        at_stake: what these were worth when they were published: deductions are negative.
        changed: numbers of the other cases that are worth something else now.
        change: by how much; what was given back is positive.
    """

    appealed: tuple[str, ...]
    at_stake: int
    changed: tuple[str, ...]
    change: int


def month_of(moment: datetime, zone: ZoneInfo) -> str:
    """The month that a moment lies in, in the company's time zone: ``2026-10``."""
    return f"{moment.astimezone(zone):%Y-%m}"


def month_bounds(month: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """When a month begins and when the next does, in the company's time zone: half-open.

    Raises:
        ValueError: it is no month such as ``2026-10``.
    """
    match = _MONTH.fullmatch(month)
    if match is None or match["year"] in ("0000", "9999"):
        raise ValueError(f"{month!r} is no month such as 2026-10")
    year, number = int(match["year"]), int(match["month"])
    following = (year + 1, 1) if number == 12 else (year, number + 1)
    return datetime(year, number, 1, tzinfo=zone), datetime(*following, 1, tzinfo=zone)


def compute(
    month: str,
    records: Iterable[Record],
    departments: Mapping[str, str],
    zone: ZoneInfo,
    published: Collection[str] = (),
) -> Statement:
    """The statement of a month, as it would be published now.

    Args:
        month: ``2026-10``.
        records: every case that may bear on it; others are left out.
        departments: the department of each person, by key.
        zone: the company's time zone, in which months begin.
        published: the months whose statement is published: what they missed is caught up on here.

    Raises:
        ValueError: it is no month.
    """
    _, end = month_bounds(month, zone)
    entering: dict[str, list[Record]] = defaultdict(list)
    corrected: dict[str, list[tuple[Record, int]]] = defaultdict(list)
    for record in sorted(records, key=lambda record: (record.at, record.number)):
        if record.outsider or record.at >= end:
            continue
        if record.stated is not None:
            if change := _change(record, record.stated):
                corrected[record.person].append((record, change))
        elif (
            record.points
            and record.state in COUNTING
            and _enters(month_of(record.at, zone), month, published)
        ):
            entering[record.person].append(record)
    lines = [
        _line(person, departments.get(person, ""), entering[person], corrected[person])
        for person in {*entering, *corrected}
    ]
    lines.sort(key=lambda line: (line.department, line.person))
    return Statement(tuple(lines), _by_department(lines))


def since_published(records: Iterable[Record]) -> Since:
    """What became of cases that a statement took up; each says in ``stated`` what it was worth in that one."""
    appealed: list[Record] = []
    changes: dict[str, int] = {}
    for record in records:
        if record.state not in COUNTING | VOID:
            appealed.append(record)
        elif change := _change(record, record.stated or 0):
            changes[record.number] = change
    return Since(
        appealed=tuple(record.number for record in appealed),
        at_stake=sum(record.stated or 0 for record in appealed),
        changed=tuple(changes),
        change=sum(changes.values()),
    )


def _enters(home: str, month: str, published: Collection[str]) -> bool:
    return home == month or (home < month and home in published)


def _change(record: Record, stated: int) -> int:
    if record.state in COUNTING:
        return record.points - stated
    return -stated if record.state in VOID else 0


def _line(
    person: str, department: str, entering: Iterable[Record], corrected: Iterable[tuple[Record, int]]
) -> Line:
    entering, corrected = tuple(entering), tuple(corrected)
    return Line(
        person=person,
        department=department,
        deducted=sum(-record.points for record in entering if record.points < 0),
        bonus=sum(record.points for record in entering if record.points > 0),
        restored=sum(change for _, change in corrected),
        cases=tuple(record.number for record in entering),
        corrected=tuple(record.number for record, _ in corrected),
    )


def _by_department(lines: Iterable[Line]) -> tuple[DepartmentLine, ...]:
    grouped: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        grouped[line.department].append(line)
    return tuple(
        DepartmentLine(
            department=department,
            people=len(of),
            cases=sum(len(line.cases) for line in of),
            deducted=sum(line.deducted for line in of),
            bonus=sum(line.bonus for line in of),
            restored=sum(line.restored for line in of),
        )
        for department, of in sorted(grouped.items())
    )
