"""When somebody is on leave, under every name by which the rota may know them (policy 3.2b).

What is registered in a file stands under an employee number, a name or a nickname; in chat, under our key.
"""

from __future__ import annotations

from datetime import datetime

from rules.core.book import Rulebook
from rules.procedure import deadlines
from rules.procedure.deadlines import Away, put_off
from storage.records import Demand
from storage.session import UnitOfWork


async def names_of(unit: UnitOfWork, person_key: str) -> tuple[str, ...]:
    """Everything that a rota may call somebody by; the key alone where nobody has it any more.

    A likeness and a nickname are enough: leave frees nobody of a rule, it only gives time.
    """
    person = await unit.people.get(person_key)
    if person is None:
        return (person_key,)
    worn = [
        name
        for row in await unit.rooms.attendance(person_keys=(person.key,))
        for name in (row.alias, row.name)
    ]
    names = (person.key, person.employee_no, person.name, person.department + person.name, *worn)
    return tuple(dict.fromkeys(filter(None, names)))


async def on_leave(unit: UnitOfWork, person_key: str, book: Rulebook, moment: datetime) -> bool:
    """Whether somebody is on leave at a moment."""
    return book.rota.on_leave(await names_of(unit, person_key), moment)


async def leave_of(unit: UnitOfWork, person_key: str, book: Rulebook) -> Away:
    """On which working days somebody is on leave: these count for no time limit of theirs."""
    return deadlines.on_leave(await names_of(unit, person_key), book.rota, book.calendar)


async def demand_due(unit: UnitOfWork, demand: Demand, book: Rulebook) -> datetime:
    """When an explanation or a rectification is due, later than was asked for by the days on leave since."""
    away = await leave_of(unit, demand.person_key, book)
    return put_off(demand.asked_at, demand.due_at, book.calendar, away)
