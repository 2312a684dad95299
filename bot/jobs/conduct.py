"""What of the ledger counts against somebody, as the escalation ladder takes it (policy 6.2)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from rules.procedure.ladder import Entry
from storage.case_counts import BONUS
from storage.records import Case, LedgerEntry
from storage.session import UnitOfWork

CONDUCT_BEFORE = timedelta(days=400)
"""A case counts from its first entry; later entries of it may lie so far behind that."""


async def conduct(
    unit: UnitOfWork, entries: Collection[LedgerEntry]
) -> tuple[dict[str, Case], tuple[Entry, ...]]:
    """The cases behind somebody's ledger entries, by number, and the entries with how their cases stand now."""
    cases: dict[str, Case] = {}
    for number in {entry.case for entry in entries}:
        case = await unit.cases.get(number)
        if case is not None:
            cases[number] = case
    return cases, tuple(_entry(entry, cases[entry.case]) for entry in entries if entry.case in cases)


def _entry(entry: LedgerEntry, case: Case) -> Entry:
    return Entry(entry.case, entry.points, entry.at, case.state.value, bonus=entry.rule == BONUS)
