"""What a bonus depends on: who may get one, what was given this month, and how its owner hears of it."""

from __future__ import annotations

from datetime import datetime

from bot.commands.decisions import courteous
from bot.commands.points import signed
from bot.commands.table import Call, Counter, Refused
from bot.commands.whom import is_oneself, meant
from bot.pipeline.notice import shown
from storage.case_counts import BONUS
from storage.records import Binding, Case, Outgoing, Person
from storage.session import UnitOfWork

__all__ = ["BONUS", "month_start", "sum_by_hand", "told", "who_gets"]

REASON_LENGTH = 200


async def who_gets(desk: Counter, unit: UnitOfWork, call: Call) -> tuple[Person, str, str]:
    """The person whom the first word means, what they go by, and what has to be said of the word.

    Raises:
        Refused: nobody or several are meant, it is oneself, or an outsider, whom no appraisal concerns.
    """
    found = await meant(desk, unit, call, call.words[0])
    if await is_oneself(unit, call, found.person):
        raise Refused(desk.texts.render("bonus.oneself"))
    if found.person.kind != "employee":
        raise Refused(desk.texts.render("bonus.outsider"))
    return found.person, found.label, found.note


async def sum_by_hand(unit: UnitOfWork, person_key: str, since: datetime) -> int:
    """The bonus points that a person was given by hand from ``since`` on, as far as they stand."""
    entries = await unit.ledger.of_person(person_key, since)
    given = {entry.case for entry in entries if entry.kind == "bonus" and entry.author_key != "system"}
    return sum(entry.points for entry in entries if entry.case in given)


def month_start(desk: Counter, now: datetime) -> datetime:
    """When the month of a moment began, where the company is."""
    local = now.astimezone(desk.book().calendar.zone)
    return local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


async def told(
    desk: Counter, unit: UnitOfWork, call: Call, case: Case, text: str, why: str = ""
) -> tuple[Outgoing, ...]:
    """A word to the owner alone; nobody is written to who is only believed to be them."""
    person = await unit.people.get(case.person_key)
    if person is None or person.binding is not Binding.CONFIRMED or not person.contact_id:
        return ()
    said = desk.texts.render(
        text,
        points=signed(-case.points),
        reason=shown(why or case.reason, REASON_LENGTH),
        number=case.number,
        clause=case.clause,
        days=desk.settings().appeals.days,
    )
    return (
        Outgoing(
            target=person.contact_id,
            text=said,
            due_at=courteous(desk, call.now),
            created_at=call.now,
            kind="notice",
            private=True,
            case=case.number,
            unique=f"{text} {case.number}",
        ),
    )
