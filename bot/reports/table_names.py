"""What people, rooms and rules are called in exported tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from rules.core.book import Rulebook
from rules.core.worktime import WorkCalendar
from storage.records import OPERATOR, SYSTEM, Person
from storage.session import UnitOfWork

ACTORS = {SYSTEM: "系统", OPERATOR: "管理员（命令行）", "": ""}
ERASED = "（已删除）"
"""Stands for whoever, or whatever, was erased."""


@dataclass(slots=True)
class Names:
    """Names of people and rooms out of one unit of work, each asked for once; those of rules out of the book."""

    unit: UnitOfWork
    book: Rulebook
    _people: dict[str, Person | None] = field(default_factory=dict)
    _rooms: dict[int, str] = field(default_factory=dict)

    @property
    def calendar(self) -> WorkCalendar:
        """The company's."""
        return self.book.calendar

    async def person(self, key: str) -> Person | None:
        """Whose key it is; ``None`` for nobody's."""
        if key not in self._people:
            self._people[key] = await self.unit.people.get(key) if key else None
        return self._people[key]

    async def actor(self, key: str) -> str:
        """Who did something; empty for nobody."""
        if key in ACTORS:
            return ACTORS[key]
        person = await self.person(key)
        return person.name if person is not None else ERASED

    async def whose(self, key: str) -> tuple[str, str, str]:
        """Department, number and name of a person."""
        person = await self.person(key)
        return ("", "", ERASED) if person is None else (person.department, person.employee_no, person.name)

    async def room(self, key: int) -> str:
        """What a room is called; empty for none in particular."""
        if not self._rooms:
            self._rooms = {room.key: room.topic or room.gateway_id for room in await self.unit.rooms.all()}
        return self._rooms.get(key, "")

    def at(self, moment: datetime | None) -> str:
        """A moment where the company is, to the minute; empty for none."""
        return "" if moment is None else f"{self.calendar.local(moment):%Y-%m-%d %H:%M}"

    def conduct(self, rule: str) -> str:
        """What a case is about."""
        return self.book.titles.get(rule, rule)
