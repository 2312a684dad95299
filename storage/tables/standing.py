"""What people ordered in chat and stays in force: switches, words, exemptions, silences, shifts, nicknames.

What belongs to a person goes when the person is erased.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
)

from storage.tables.columns import metadata, partial, texts, whose
from storage.types import Serial, UtcTime, Words

switches = Table(
    "switches",
    metadata,
    Column("rule", Words, nullable=False),
    Column("room_key", Serial, nullable=False, autoincrement=False),
    *texts("mode", "set_by"),
    Column("set_at", UtcTime, nullable=False),
    PrimaryKeyConstraint("rule", "room_key"),
)

words = Table(
    "words",
    metadata,
    # A digest: an index takes no text of any length.
    Column("word_key", Words, nullable=False),
    Column("allow", Boolean, nullable=False),
    *texts("word", "category", "reason", "added_by"),
    Column("added_at", UtcTime, nullable=False),
    PrimaryKeyConstraint("word_key", "allow"),
)

exemptions = Table(
    "exemptions",
    metadata,
    Column("id", Serial, primary_key=True),
    whose(),
    Column("rule", Words, nullable=False),
    Column("room_key", Serial, nullable=False),
    Column("until", UtcTime),
    *texts("reason", "granted_by"),
    Column("granted_at", UtcTime, nullable=False),
    Column("revoked_by", Words),
    Column("revoked_at", UtcTime),
    sqlite_autoincrement=True,
)

silences = Table(
    "silences",
    metadata,
    Column("room_key", Serial, primary_key=True, autoincrement=False),
    Column("until", UtcTime, nullable=False),
    Column("muted_by", Words, nullable=False),
    Column("muted_at", UtcTime, nullable=False),
)

shifts = Table(
    "shifts",
    metadata,
    Column("id", Serial, primary_key=True),
    whose(),
    Column("kind", Words, nullable=False),
    Column("starts_at", UtcTime, nullable=False),
    Column("ends_at", UtcTime, nullable=False, index=True),
    Column("entered_by", Words, nullable=False),
    Column("entered_at", UtcTime, nullable=False),
    Column("cancelled_by", Words),
    Column("cancelled_at", UtcTime),
    sqlite_autoincrement=True,
)
partial(shifts, "uq_shifts_standing", "cancelled_at IS NULL", "person_key", "kind", "starts_at", "ends_at")

nicknames = Table(
    "nicknames",
    metadata,
    Column("id", Serial, primary_key=True),
    whose(),
    # A digest: an index takes no text of any length.
    *texts("alias_key", "alias"),
    Column("room_key", Serial, nullable=False),
    *texts("contact_id", "tier", "category", "clause"),
    Column("points", Integer, nullable=False),
    *texts("reason", "signs"),
    Column("since", UtcTime, nullable=False),
    Column("first_reminded_at", UtcTime),
    Column("reminded_at", UtcTime),
    Column("reminders", Integer, nullable=False),
    Column("number", Words, nullable=False),
    Column("cleared_at", UtcTime),
    UniqueConstraint("person_key", "alias_key"),
    Index("ix_nicknames_contact_id", "contact_id"),
)
partial(nicknames, "ix_nicknames_open", "cleared_at IS NULL", "id", unique=False)
