"""What the operator takes out of the database, or has erased from it: tables, and one person's data (PIPL)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bot.clock import SystemClock
from bot.errors import QunguiError, UsageError
from bot.masking import one_line
from bot.reports.export import Table
from bot.reports.tables import gather
from bot.settings import Settings
from rules.core.book import Rulebook
from storage.errors import StorageError
from storage.records import OPERATOR, AuditEntry, CaseState, Person
from storage.session import Storage, UnitOfWork

OPEN_STATES = (CaseState.REVIEW, CaseState.PROVISIONAL, CaseState.APPEALED)
MANY = 1_000


@dataclass(frozen=True, slots=True)
class Erasure:
    """What erasing somebody came to: how many of what, by kind, and whether the ledger still holds."""

    counts: dict[str, int]
    holds: bool


async def export_tables(settings: Settings, book: Rulebook, kind: str, month: str) -> tuple[Table, ...]:
    """The tables of one kind (:func:`bot.reports.tables.gather`) for a month; that is noted in the audit.

    Raises:
        QunguiError: the database can't be used; with the remedy.
    """
    async with _storage(settings) as storage:
        async with storage.view() as unit:
            found = await gather(unit, kind, month, book, settings.appeals.days)
        await _note(storage, AuditEntry(SystemClock().now(), OPERATOR, "exported", kind, month))
        return found


async def person_data(settings: Settings, word: str) -> dict[str, object]:
    """Everything that is kept of a person, ready for JSON; that it was handed out is noted in the audit.

    Raises:
        UsageError: nobody, or several, could be meant.
        QunguiError: the database can't be used; with the remedy.
    """
    now = SystemClock().now()
    async with _storage(settings) as storage:
        async with storage.view() as unit:
            person = await _the_one(unit, word)
            found = await unit.privacy.export(person.key)
        await _note(storage, AuditEntry(now, OPERATOR, "data handed out", person.key))
        kept = settings.retention.model_dump()
        return {"exported_at": now.isoformat(), "kept_for": kept, **found}


async def about_to_erase(settings: Settings, word: str) -> tuple[Person, tuple[str, ...]]:
    """Whom a word means, and what of theirs is not settled yet: numbers of cases, with why.

    Raises:
        UsageError: nobody, or several, could be meant.
        QunguiError: the database can't be used; with the remedy.
    """
    async with _storage(settings) as storage, storage.view() as unit:
        person = await _the_one(unit, word)
        return person, await _unsettled(unit, person)


async def erase_person(settings: Settings, person_key: str, *, force: bool) -> Erasure:
    """Erase a person, unless something of theirs runs and it is not forced; then verify the ledger.

    Raises:
        QunguiError: something runs, they are gone already, or the database can't be used.
    """
    now = SystemClock().now()
    async with _storage(settings) as storage:

        async def work(unit: UnitOfWork) -> dict[str, int]:
            person = await unit.people.get(person_key)
            if person is None:
                raise QunguiError("this person was erased meanwhile")
            running = await _unsettled(unit, person)
            if running and not force:
                raise QunguiError(*refusal(running))
            counts = await unit.privacy.erase(person.key, now)
            await unit.audit.add(AuditEntry(now, OPERATOR, "data erased", person.key))
            return counts

        counts = await storage.run(work)
        async with storage.view() as unit:
            report = await unit.ledger.verify()
    return Erasure(counts, report.holds)


def refusal(running: tuple[str, ...]) -> tuple[str, str]:
    """Why somebody is not erased now, and the remedy."""
    return (
        f"not settled yet: {', '.join(running)}",
        "have these decided first, or give --force: open appeals then lapse and open cases end",
    )


async def _note(storage: Storage, entry: AuditEntry) -> None:
    """Note what was read before anything of it is handed out; a running bot waits for this line only."""
    await storage.run(lambda unit: unit.audit.add(entry))


async def _the_one(unit: UnitOfWork, word: str) -> Person:
    """Whom an employee number, a person key, a contact id or a name means.

    Raises:
        UsageError: nobody, or several.
    """
    plain = word.strip()
    for find in (unit.people.by_employee_no, unit.people.get, unit.people.by_contact):
        person = await find(plain) if plain else None
        if person is not None:
            return await unit.people.get(await unit.mergers.holder(person.key)) or person
    found = await unit.people.find(plain)
    if len(found) == 1:
        return found[0]
    if not found:
        raise UsageError(
            f"nobody is known as {one_line(plain)}", "give an employee number, a full name, or a nickname"
        )
    known = "; ".join(
        f"{one_line(person.name)} {one_line(person.department)} "
        f"({one_line(person.employee_no) or 'key ' + person.key})"
        for person in found[:10]
    )
    raise UsageError(f"{one_line(plain)} could be several: {known}", "give one's employee number or key")


async def _unsettled(unit: UnitOfWork, person: Person) -> tuple[str, ...]:
    """What of a person's is still to be decided, or asked of them."""
    cases = await unit.cases.list(person_key=person.key, states=OPEN_STATES, limit=MANY, reminders=False)
    demands = await unit.demands.open(person.key)
    return (
        *(f"{case.number} ({case.state})" for case in cases),
        *(f"{demand.number} ({demand.kind} asked for)" for demand in demands),
    )


@asynccontextmanager
async def _storage(settings: Settings) -> AsyncIterator[Storage]:
    key = settings.ledger.key.get_secret_value().encode() if settings.ledger.key else b""
    try:
        storage = await Storage.open(settings.storage.address, migrate="never", ledger_key=key)
        try:
            yield storage
        finally:
            await storage.close()
    except StorageError as failure:
        raise QunguiError(failure.message, failure.remedy) from failure
