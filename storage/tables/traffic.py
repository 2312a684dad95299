"""What comes in and goes out; texts of messages stand apart, to be erased in their time."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, Index, Integer, Table, UniqueConstraint

from storage.tables.columns import metadata, partial, texts
from storage.types import Serial, UtcTime, Words

inbox = Table(
    "inbox",
    metadata,
    Column("seq", Serial, primary_key=True),
    Column("message_id", Words, nullable=False),
    Column("received_at", UtcTime, nullable=False),
    Column("state", Words, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("retry_at", UtcTime),
    Column("outcomes", Words, nullable=False),
    UniqueConstraint("message_id"),
    # Ids serve as the order of receipt, so none may come twice, not even after a purge.
    sqlite_autoincrement=True,
)
partial(inbox, "ix_inbox_open", "state <> 'done'", "state", "seq", unique=False)

messages = Table(
    "messages",
    metadata,
    Column("seq", Serial, primary_key=True),
    Column("message_id", Words, nullable=False),
    Column("room_key", Serial, nullable=False),
    *texts("person_key", "sender_name", "type", "text"),
    Column("sent_at", UtcTime, nullable=False, index=True),
    UniqueConstraint("message_id"),
    Index("ix_messages_quoted", "room_key", "sender_name", "seq"),
    sqlite_autoincrement=True,
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Serial, primary_key=True),
    *texts("target", "text", "kind"),
    Column("private", Boolean, nullable=False),
    Column("mentions", Words, nullable=False),
    Column("case", Words, nullable=False, index=True),
    Column("merge", Words, nullable=False),
    Column("unique_key", Words),
    *texts("asked_in", "state"),
    Column("due_at", UtcTime, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("error", Words, nullable=False),
    Column("sent_at", UtcTime),
    Column("gateway_message_id", Words, nullable=False),
    UniqueConstraint("unique_key"),
    Index("ix_outbox_state_due_at", "state", "due_at", "id"),
    Index("ix_outbox_state_target", "state", "target", "due_at", "id"),
    sqlite_autoincrement=True,
)

blind = Table(
    "blind",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("since", UtcTime, nullable=False),
    Column("until", UtcTime),
    Column("reason", Words, nullable=False),
    # 1 while it lasts, null afterwards: unique, so only one can last.
    Column("lasting", Integer),
    UniqueConstraint("lasting"),
    CheckConstraint("(until IS NULL) = (lasting IS NOT NULL)", name="lasting"),
)
