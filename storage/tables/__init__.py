"""Every table, as SQLAlchemy Core sees it. ``migrations/`` builds the same; a test compares the two.

Importing this package declares them all, so that ``metadata`` is never without some.
"""

from storage.tables.cases import case_moves, evidence, ledger, ledger_texts, violations
from storage.tables.columns import metadata
from storage.tables.housekeeping import audit, jobs, meta
from storage.tables.learning import local_weights, opinions
from storage.tables.people import (
    bindings,
    claims,
    members,
    merger_moves,
    mergers,
    people,
    roles,
    room_bindings,
    rooms,
)
from storage.tables.procedures import (
    addressees,
    announcements,
    appeals,
    archive,
    demands,
    departures,
    enquiries,
    labels,
    request_steps,
    requests,
    reversals,
    statement_lines,
    statements,
    welcomes,
)
from storage.tables.standing import exemptions, nicknames, shifts, silences, switches, words
from storage.tables.traffic import blind, inbox, messages, outbox

__all__ = [
    "addressees",
    "announcements",
    "appeals",
    "archive",
    "audit",
    "bindings",
    "blind",
    "case_moves",
    "claims",
    "demands",
    "departures",
    "enquiries",
    "evidence",
    "exemptions",
    "inbox",
    "jobs",
    "labels",
    "ledger",
    "ledger_texts",
    "local_weights",
    "members",
    "merger_moves",
    "mergers",
    "messages",
    "meta",
    "metadata",
    "nicknames",
    "opinions",
    "outbox",
    "people",
    "request_steps",
    "requests",
    "reversals",
    "roles",
    "room_bindings",
    "rooms",
    "shifts",
    "silences",
    "statement_lines",
    "statements",
    "switches",
    "violations",
    "welcomes",
    "words",
]
