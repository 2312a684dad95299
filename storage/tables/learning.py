"""What was learnt from people's decisions, and what a second opinion said of cases."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table

from storage.tables.columns import metadata, texts
from storage.types import Serial, UtcTime, Words

local_weights = Table(
    "local_weights",
    metadata,
    Column("version", Serial, primary_key=True),
    Column("made_at", UtcTime, nullable=False),
    *texts("made_by"),
    Column("examples", Integer, nullable=False),
    # As JSON: what was measured, and the n-grams themselves.
    *texts("figures", "weights"),
    Column("in_force", Boolean, nullable=False),
    # The version in whose place it came; 0 for none.
    Column("before", Serial, nullable=False),
    sqlite_autoincrement=True,
)

opinions = Table(
    "opinions",
    metadata,
    Column("number", ForeignKey("violations.number"), primary_key=True),
    Column("asked_at", UtcTime, nullable=False),
    Column("state", Words, nullable=False),
    Column("violation", Boolean, nullable=False),
    *texts("reason", "model"),
    Index("ix_opinions_asked_at", "asked_at"),
)
