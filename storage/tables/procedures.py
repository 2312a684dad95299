"""What people ask of each other: appeals, demands, announcements, requests, enquiries, archive, statements.

The words by which the archive is searched stand in ``archive_words``, which only the database's own full-text
search knows: a virtual table on SQLite, a table with a ``tsvector`` on PostgreSQL. The migration makes it.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    text,
)

from storage.tables.columns import metadata, partial, texts, whose
from storage.types import Serial, UtcTime, Words

appeals = Table(
    "appeals",
    metadata,
    Column("number", ForeignKey("violations.number"), primary_key=True),
    Column("person_key", Words, nullable=False, index=True),
    Column("reason", Words, nullable=False),
    Column("filed_at", UtcTime, nullable=False),
    Column("due_at", UtcTime, nullable=False),
    *texts("state", "decided_by"),
    Column("decided_at", UtcTime),
    Column("decision", Words, nullable=False),
    Column("reminded_at", UtcTime),
    Index("ix_appeals_state_due_at", "state", "due_at"),
)

demands = Table(
    "demands",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("number", ForeignKey("violations.number"), nullable=False, index=True),
    Column("kind", Words, nullable=False),
    Column("person_key", Words, nullable=False, index=True),
    *texts("asked_by", "text"),
    Column("asked_at", UtcTime, nullable=False),
    Column("due_at", UtcTime, nullable=False),
    *texts("state", "answer"),
    Column("answered_at", UtcTime),
    Column("closed_by", Words, nullable=False),
    Column("closed_at", UtcTime),
    Column("reminded_at", UtcTime),
    Column("escalated_at", UtcTime),
    Index("ix_demands_state_due_at", "state", "due_at"),
    sqlite_autoincrement=True,
)
partial(demands, "uq_demands_standing", "closed_at IS NULL", "number", "kind")

announcements = Table(
    "announcements",
    metadata,
    Column("number", Words, primary_key=True),
    *texts("author", "text", "rooms"),
    Column("planned_at", UtcTime),
    Column("state", Words, nullable=False, index=True),
    Column("created_at", UtcTime, nullable=False),
    Column("decided_by", Words, nullable=False),
    Column("decided_at", UtcTime),
    Column("remark", Words, nullable=False),
    Column("posted_at", UtcTime),
    Column("tracked", Boolean, nullable=False),
)

requests = Table(
    "requests",
    metadata,
    Column("number", Words, primary_key=True),
    *texts("kind", "name", "department", "company", "contact_id", "person_key"),
    Column("room_key", Serial, nullable=False),
    *texts("asked_by", "sponsor"),
    Column("state", Words, nullable=False, index=True),
    Column("created_at", UtcTime, nullable=False),
    Column("remark", Words, nullable=False),
    Column("done_at", UtcTime),
    Index("ix_requests_contact_id", "contact_id"),
)

request_steps = Table(
    "request_steps",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("number", ForeignKey("requests.number", ondelete="CASCADE"), nullable=False, index=True),
    *texts("state", "taken_by"),
    Column("at", UtcTime, nullable=False),
    Column("remark", Words, nullable=False),
)

enquiries = Table(
    "enquiries",
    metadata,
    Column("number", Words, primary_key=True),
    Column("room_key", Serial, nullable=False),
    *texts("message_id", "asker", "text"),
    Column("urgent", Boolean, nullable=False),
    Column("asked_at", UtcTime, nullable=False),
    Column("due_at", UtcTime, nullable=False),
    Column("state", Words, nullable=False),
    Column("closed_at", UtcTime),
    Column("summary_at", UtcTime),
    UniqueConstraint("message_id"),
    Index("ix_enquiries_state_due_at", "state", "due_at"),
    Index("ix_enquiries_room_key_state", "room_key", "state"),
)

addressees = Table(
    "addressees",
    metadata,
    Column("number", ForeignKey("enquiries.number", ondelete="CASCADE"), nullable=False),
    whose(),
    *texts("contact_id", "state", "expected", "message_id"),
    Column("answered_at", UtcTime),
    Column("reminded_at", UtcTime),
    Column("reminders", Integer, nullable=False),
    Column("overdue_case", Words, nullable=False),
    PrimaryKeyConstraint("number", "person_key"),
    Index("ix_addressees_contact_id", "contact_id"),
)

archive = Table(
    "archive",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("number", Words, nullable=False),
    Column("room_key", Serial, nullable=False),
    *texts("message_id", "sender_key", "sender_name", "text", "tags", "archived_by"),
    Column("at", UtcTime, nullable=False),
    Column("sent_at", UtcTime, nullable=False, index=True),
    UniqueConstraint("number"),
    UniqueConstraint("message_id"),
    Index("ix_archive_sender_key", "sender_key"),
    sqlite_autoincrement=True,
)

statements = Table(
    "statements",
    metadata,
    Column("month", Words, primary_key=True),
    Column("published_at", UtcTime, nullable=False),
    Column("published_by", Words, nullable=False),
)

statement_lines = Table(
    "statement_lines",
    metadata,
    Column("month", ForeignKey("statements.month", ondelete="CASCADE"), nullable=False),
    Column("person_key", Words, nullable=False, index=True),
    Column("deducted", Integer, nullable=False),
    Column("bonus", Integer, nullable=False),
    Column("restored", Integer, nullable=False),
    *texts("cases", "corrected", "department"),
    # When the person was told of it, and by whom; none while they have not been reached.
    Column("reached_at", UtcTime),
    Column("reached_by", Words, nullable=False, server_default=text("''")),
    PrimaryKeyConstraint("month", "person_key"),
)

departures = Table(
    "departures",
    metadata,
    Column("id", Serial, primary_key=True),
    whose(),
    Column("room_key", Serial, nullable=False),
    Column("contact_id", Words, nullable=False, index=True),
    Column("noted_at", UtcTime, nullable=False),
    Column("done_at", UtcTime),
    Column("how", Words, nullable=False),
)
partial(departures, "uq_departures_open", "done_at IS NULL", "person_key", "room_key", "contact_id")

welcomes = Table(
    "welcomes",
    metadata,
    Column("person_key", ForeignKey("people.key", ondelete="CASCADE"), nullable=False),
    Column("room_key", Serial, nullable=False, autoincrement=False),
    Column("at", UtcTime, nullable=False),
    PrimaryKeyConstraint("person_key", "room_key"),
)

labels = Table(
    "labels",
    metadata,
    Column("number", ForeignKey("violations.number"), nullable=False),
    Column("rule", Words, nullable=False),
    *texts("text", "verdict", "labelled_by"),
    Column("at", UtcTime, nullable=False),
    PrimaryKeyConstraint("number", "rule"),
    Index("ix_labels_at", "at"),
)

reversals = Table(
    "reversals",
    metadata,
    Column("room_key", Serial, nullable=False, autoincrement=False),
    Column("seq", Serial, nullable=False, autoincrement=False),
    # In the same room's chain; an entry is undone once, and undoes one.
    Column("reversed_by", Serial, nullable=False),
    PrimaryKeyConstraint("room_key", "seq"),
    UniqueConstraint("room_key", "reversed_by"),
)
