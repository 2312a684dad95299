"""The roster as judging sees it: who works where (policy 2.1, 2.2). Frozen, and swapped as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property


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


NOBODY = Roster()
