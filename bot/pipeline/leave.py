"""When somebody is on leave, under every name by which the rota may know them (policy 3.2b).

What is registered in a file stands under an employee number or a name, what is registered in chat under our key.
"""

from __future__ import annotations

from datetime import datetime

from bot.pipeline.record import member
from rules.core.book import Rulebook
from rules.procedure.deadlines import Away, on_leave, put_off
from storage.records import Demand, Person
from storage.session import UnitOfWork


def names_of(person: Person) -> tuple[str, ...]:
    """Everything that a rota may call somebody by who is named nowhere else."""
    return member(person, person.name, None).known_as


async def names_by_key(unit: UnitOfWork, person_key: str) -> tuple[str, ...]:
    """The same of the person with a key; the key alone where nobody has it any more."""
    person = await unit.people.get(person_key)
    return (person_key,) if person is None else names_of(person)


async def leave_of(unit: UnitOfWork, person_key: str, book: Rulebook) -> Away:
    """On which working days somebody is on leave: these count for no time limit of theirs."""
    return on_leave(await names_by_key(unit, person_key), book.rota, book.calendar)


async def demand_due(unit: UnitOfWork, demand: Demand, book: Rulebook) -> datetime:
    """When an explanation or a rectification is due, later than was asked for by the days on leave since."""
    away = await leave_of(unit, demand.person_key, book)
    return put_off(demand.asked_at, demand.due_at, book.calendar, away)
