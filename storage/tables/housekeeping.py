"""What the program notes about itself: settings of the database, the audit and job runs."""

from __future__ import annotations

from sqlalchemy import Column, PrimaryKeyConstraint, Table

from storage.tables.columns import metadata, texts
from storage.types import Serial, UtcTime, Words

meta = Table(
    "meta",
    metadata,
    Column("key", Words, primary_key=True),
    Column("value", Words, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("at", UtcTime, nullable=False, index=True),
    *texts("actor", "action", "target", "detail"),
)

jobs = Table(
    "jobs",
    metadata,
    Column("job", Words, nullable=False),
    Column("due_at", UtcTime, nullable=False),
    Column("claimed_at", UtcTime, nullable=False),
    Column("finished_at", UtcTime),
    Column("result", Words, nullable=False),
    PrimaryKeyConstraint("job", "due_at"),
)
