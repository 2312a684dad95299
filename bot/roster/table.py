"""A roster as a table: its columns, what each cell must hold, and every mistake with its line."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.errors import UsageError
from bot.masking import one_line
from rules.core.roster import Employee, Roster
from storage.records import RosterRow

Record = tuple[int, Sequence[str]]
"""A line of the file, from 1, and its cells."""

Wrong = Callable[[int, str, str], None]
"""Takes a mistake: line, problem and remedy."""

MOST_MISTAKES: Final = 1000
"""So many mistakes are listed; of the others only the number is told."""

LONGEST: Final[Mapping[str, int]] = {"employee_no": 32, "name": 64, "department": 64}
"""The most code points that a cell of each column may hold."""

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "employee_no": ("工号", "员工编号", "員工編號", "工號"),
    "name": ("姓名", "员工姓名"),
    "department": ("部门", "所属部门", "部門"),
    "is_head": ("负责人", "部门负责人", "是否负责人", "負責人"),
    "status": ("状态", "在职状态", "狀態"),
}
"""The columns, each with the other headings it goes by."""

HEADINGS: Final = {
    heading: column
    for column, others in COLUMNS.items()
    for heading in (column, column.replace("_", ""), *others)
}
_HEAD: Final = {
    **dict.fromkeys(("是", "1", "true", "yes", "y"), True),
    **dict.fromkeys(("否", "0", "false", "no", "n", ""), False),
}
_ACTIVE: Final = {
    **dict.fromkeys(("在职", "在職", "active", ""), True),
    **dict.fromkeys(("离职", "離職", "left"), False),
}
_SCIENTIFIC: Final = re.compile(r"\d+(?:\.\d+)?[eE]\+?\d+")
_SHOWN: Final = 24


class Odd(str):
    """A cell that stands for no text: what is the matter with it, and what to do. As a text it is not blank."""

    problem: str
    remedy: str

    @classmethod
    def of(cls, problem: str, remedy: str) -> Odd:
        """A cell with this problem."""
        cell = cls("?")
        cell.problem, cell.remedy = problem, remedy
        return cell


class UnreadableRoster(UsageError):
    """A file that is no roster at all: not text, too large, or empty."""


@dataclass(frozen=True, slots=True)
class BadLine:
    """One mistake of a roster: its line in the file (from 1), what is wrong, and what to do."""

    line: int
    problem: str
    remedy: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.problem} ({self.remedy})"


@dataclass(frozen=True, slots=True)
class RosterFile:
    """What a file holds.

    Attributes:
        rows: everybody in it, in its order; empty if anything is wrong, so that nothing is applied by halves.
        bad: every mistake, in order of lines; no more than :data:`MOST_MISTAKES`.
        unlisted: how many more there are.
        ignored: headings of columns that are no part of a roster.
        encoding: how it was read.
    """

    rows: tuple[RosterRow, ...]
    bad: tuple[BadLine, ...]
    ignored: tuple[str, ...]
    encoding: str
    unlisted: int = 0

    def complaints(self) -> Iterator[str]:
        """A line for each mistake, and one for those that are not listed."""
        yield from map(str, self.bad)
        if self.unlisted:
            yield f"and {self.unlisted} more mistakes"

    def roster(self, departments: Iterable[str] = ()) -> Roster:
        """The roster as judging sees it, with further departments."""
        people = (
            Employee(row.employee_no, row.name, row.department, row.is_head, row.active) for row in self.rows
        )
        return Roster.of(people, departments)


class Reading:
    """One reading of one file."""

    def __init__(self) -> None:
        self._bad: list[BadLine] = []
        self._unlisted = 0
        self._rows: list[RosterRow] = []
        self._numbers: dict[str, int] = {}
        self._ignored: tuple[str, ...] = ()

    def finish(self, records: Iterable[Record], encoding: str) -> RosterFile:
        """Everything in the file: its first record names the columns."""
        remaining = iter(records)
        line, header = next(remaining, (1, ()))
        places = self._places(line, header)
        if places:
            for line, cells in remaining:
                self._record(line, cells, places, len(header))
            if not self._rows and not self._bad:
                self.wrong(line, "nobody is in it", "one line for each employee follows the headings")
        bad = tuple(sorted(self._bad, key=lambda wrong: wrong.line))
        rows = () if bad else tuple(self._rows)
        return RosterFile(rows, bad, self._ignored, encoding, self._unlisted)

    def _places(self, line: int, header: Sequence[str]) -> Mapping[str, int]:
        """Where each column stands; empty if some column is missing or stands there twice."""
        found: dict[str, int] = {}
        ignored = []
        for index, cell in enumerate(header):
            heading = folded(cell).replace(" ", "")
            column = HEADINGS.get(heading)
            if column is None:
                ignored.append(_shown(cell))
            elif column in found:
                self.wrong(line, f"the column {column} stands there twice", "remove one of them")
            else:
                found[column] = index
        if missing := [column for column in COLUMNS if column not in found]:
            names = ", ".join(map(_named, missing))
            self.wrong(line, f"no column {names}", "the first line names every column, in any order")
            return {}  # it is perhaps some other file, of which nothing is repeated
        self._ignored = tuple(name for name in ignored if name)
        return found

    def _record(self, line: int, cells: Sequence[str], places: Mapping[str, int], width: int) -> None:
        if len(cells) < width or any(cell.strip() for cell in cells[width:]):
            self.wrong(
                line,
                f"{len(cells)} fields where the headings have {width}",
                "quote cells that hold the separator, and leave none out",
            )
            return
        odd = {column: cell for column, place in places.items() if isinstance(cell := cells[place], Odd)}
        for column, cell in odd.items():
            self.wrong(line, f"{_named(column)} {cell.problem}", cell.remedy)
        if odd:
            return
        values = {column: cells[place].strip() for column, place in places.items()}
        before = len(self._bad) + self._unlisted
        for column, longest in LONGEST.items():
            self._check(line, column, values[column], longest)
        head = _HEAD.get(folded(values["is_head"]))
        if head is None:
            self.wrong(line, f"is_head (负责人) is {_quoted(values['is_head'])}", "write 是 or 否")
        active = _ACTIVE.get(folded(values["status"]))
        if active is None:
            self.wrong(line, f"status (状态) is {_quoted(values['status'])}", "write 在职 or 离职")
        number = values["employee_no"]
        if number:
            first = self._numbers.setdefault(folded(number), line)
            if first != line:
                self.wrong(
                    line, f"employee {_quoted(number)} stands in line {first} too", "keep one line for each"
                )
        if len(self._bad) + self._unlisted == before and head is not None and active is not None:
            self._rows.append(RosterRow(number, values["name"], values["department"], head, active))

    def _check(self, line: int, column: str, value: str, longest: int) -> None:
        named = _named(column)
        if not value:
            self.wrong(line, f"{named} is empty", "fill it in")
        elif len(value) > longest:
            self.wrong(line, f"{named} has more than {longest} characters", "shorten it")
        elif unseen := next((sign for sign in value if _unseen(sign)), ""):
            self.wrong(
                line, f"{named} holds a character that can't be seen (U+{ord(unseen):04X})", "remove it"
            )
        elif value[0] in "=+@":
            self.wrong(line, f"{named} is a formula", "give the value itself")
        elif not any(sign.isalnum() for sign in value):
            self.wrong(line, f"{named} has neither letter nor digit", "fill it in")
        elif column == "employee_no" and _SCIENTIFIC.fullmatch(value):
            self.wrong(line, f"{named} was shortened by Excel", "format the column as text")

    def wrong(self, line: int, problem: str, remedy: str) -> None:
        """Take a mistake down."""
        if len(self._bad) < MOST_MISTAKES:
            self._bad.append(BadLine(line, problem, remedy))
        else:
            self._unlisted += 1


def folded(text: str) -> str:
    """A heading or word as it is compared."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


def _named(column: str) -> str:
    return f"{column} ({COLUMNS[column][0]})"


def _unseen(sign: str) -> bool:
    return sign != " " and unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def _shown(cell: str) -> str:
    """A cell as it may be shown: one line, no control characters, not long."""
    text = one_line(cell.strip())
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _quoted(cell: str) -> str:
    return f"“{_shown(cell)}”"
