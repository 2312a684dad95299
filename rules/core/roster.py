"""The roster as judging sees it: who works where (policy 2.1, 2.2). Frozen, and swapped as a whole."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from rules.reading.normalize import NormalisationTable
from rules.reading.spelling import SEPARATORS, Spelling, bare_letters, name_form, spell


@dataclass(frozen=True, slots=True)
class Employee:
    """One line of the roster; ``active`` is false for whoever has left."""

    employee_no: str
    name: str
    department: str
    is_head: bool = False
    active: bool = True


@dataclass(frozen=True)
class Roster:
    """Everybody on the roster, and the departments that are known without anybody in them.

    Attributes:
        employees: all lines, those who have left included.
        named_departments: departments from the configuration; they alone let a nickname's first half be read.
    """

    employees: tuple[Employee, ...] = ()
    named_departments: frozenset[str] = frozenset()
    _directories: dict[NormalisationTable, Directory] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @classmethod
    def of(cls, employees: Iterable[Employee], departments: Iterable[str] = ()) -> Roster:
        """The roster of these lines and departments."""
        return cls(tuple(employees), frozenset(departments))

    @property
    def known(self) -> bool:
        """Whether anything is known: without roster and departments no nickname can be judged."""
        return bool(self.employees or self.named_departments)

    @cached_property
    def departments(self) -> frozenset[str]:
        """Every department that somebody works in, or that the configuration names."""
        return self.named_departments | {
            employee.department for employee in self.employees if employee.active
        }

    @cached_property
    def by_number(self) -> Mapping[str, Employee]:
        """The lines by employee number."""
        return {employee.employee_no: employee for employee in self.employees}

    def directory(self, table: NormalisationTable) -> Directory:
        """This roster as nicknames are looked up in it; built once for each table, and kept."""
        if (known := self._directories.get(table)) is None:
            known = self._directories[table] = Directory(self, table)
        return known


NOBODY = Roster()


@dataclass(frozen=True, slots=True)
class Split:
    """One way to read a nickname: a known department, at most one separator, and the rest.

    Attributes:
        department: as spelt.
        start: where the rest begins in the spelling.
        rest: what stands after department and separator.
    """

    department: str
    start: int
    rest: str


class Directory:
    """A roster by what can be read in a nickname: departments and names as they are spelt.

    Where one department's name begins another's every reading counts: 技术部测试组张三 is read as 技术部 and as
    技术部测试组.
    """

    def __init__(self, roster: Roster, table: NormalisationTable) -> None:
        self._table = table
        self.people = bool(roster.employees)
        self._by_place: dict[tuple[str, str], list[Employee]] = defaultdict(list)
        self._by_name: dict[str, list[Employee]] = defaultdict(list)
        self._by_letters: dict[tuple[str, str], list[Employee]] = defaultdict(list)
        self._heads: dict[str, list[str]] = defaultdict(list)
        names: dict[str, set[int]] = defaultdict(set)
        for employee in roster.employees:
            name = self.name_of(employee)
            if not name:
                continue
            self._by_name[name].append(employee)
            for department in self._forms(employee.department):
                self._by_place[department, name].append(employee)
                self._by_letters[department, bare_letters(name)].append(employee)
                names[department].add(len(name))
                if employee.is_head and employee.active:
                    self._heads[department].append(name)
        self._lengths = {department: sorted(found, reverse=True) for department, found in names.items()}
        self._name_lengths = sorted({len(name) for name in self._by_name}, reverse=True)
        # A department that everybody has left is read as one too: so it is told that they left.
        departments = roster.departments | {employee.department for employee in roster.employees}
        known = {form for department in departments for form in self._forms(department)}
        self.departments = frozenset(known)
        self._department_lengths = sorted({len(department) for department in known}, reverse=True)

    def spell(self, text: str) -> Spelling:
        """A nickname as it is spelt."""
        return spell(text, self._table)

    def name_of(self, employee: Employee) -> str:
        """The name of a line, in the form in which names are compared."""
        return name_form(spell(employee.name, self._table).plain)

    def splits(self, plain: str) -> tuple[Split, ...]:
        """Every way to read a nickname, the longest department first."""
        return tuple(self._splits(plain))

    def lines(self, department: str, name: str) -> Sequence[Employee]:
        """The lines with exactly this department and name, those who have left included."""
        return self._by_place.get((department, name_form(name)) if _is_clean(name) else ("", ""), ())

    def alike(self, department: str, name: str) -> Sequence[Employee]:
        """The lines of a department whose name has the same letters, whatever dots or blanks it lacks."""
        return self._by_letters.get((department, bare_letters(name)), ())

    def named(self, name: str) -> Sequence[Employee]:
        """The lines with exactly this name, in any department."""
        return self._by_name.get(name_form(name) if _is_clean(name) else "", ())

    def heads(self, department: str) -> Sequence[str]:
        """The names of a department's heads; of all heads for the empty department."""
        if department:
            return self._heads.get(department, ())
        return [name for names in self._heads.values() for name in names]

    def colleague_in(self, text: str, department: str) -> tuple[int, int] | None:
        """Where a name of this department's people stands in a text: the first, longest; ``None`` if none does.

        Names of a single character are not looked for.
        """
        lengths = self._lengths.get(department, ())
        for start in range(len(text)):
            for length in lengths:
                if 2 <= length <= len(text) - start and any(
                    line.active for line in self._by_place.get((department, text[start : start + length]), ())
                ):
                    return start, start + length
        return None

    def anybody_in(self, text: str) -> tuple[int, int] | None:
        """Where the name of anybody who works here stands in a text; ``None`` if none does."""
        for start in range(len(text)):
            for length in self._name_lengths:
                if 2 <= length <= len(text) - start and any(
                    line.active for line in self._by_name.get(text[start : start + length], ())
                ):
                    return start, start + length
        return None

    def _splits(self, plain: str) -> Iterator[Split]:
        for length in self._department_lengths:
            department = plain[:length]
            if len(department) < length or department not in self.departments:
                continue
            separator = plain[length : length + 1]
            start = length + 1 if separator in SEPARATORS else length
            yield Split(department, start, plain[start:])

    def _forms(self, department: str) -> set[str]:
        """A department as spelt, and without its blanks: IT 部 is written IT部 too."""
        plain = spell(department, self._table).plain
        return {plain, plain.replace(" ", "")} - {""}


def _is_clean(name: str) -> bool:
    """Whether a name as spelt has no blank that its form would take away: 张 三 is not what the roster says."""
    form = name_form(name)
    return len(form) == len(name)
