"""Every table, as SQLAlchemy Core sees it. ``migrations/`` builds the same; a test compares the two.

Texts that may have to be erased (messages, evidence, the ledger's texts) have tables of their own.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    text,
)

from storage.types import Serial, UtcTime, Words

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


def _only(table: Table, name: str, column: str, where: str) -> None:
    """A unique index over the rows that satisfy ``where``."""
    condition = text(where)
    Index(name, table.c[column], unique=True, sqlite_where=condition, postgresql_where=condition)


meta = Table(
    "meta",
    metadata,
    Column("key", Words, primary_key=True),
    Column("value", Words, nullable=False),
)

rooms = Table(
    "rooms",
    metadata,
    Column("key", Serial, primary_key=True),
    Column("topic", Words, nullable=False),
    Column("first_seen", UtcTime, nullable=False),
    Column("last_seen", UtcTime, nullable=False),
    sqlite_autoincrement=True,
)

room_bindings = Table(
    "room_bindings",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("gateway_id", Words, nullable=False, index=True),
    Column("room_key", ForeignKey("rooms.key"), nullable=False),
    Column("since", UtcTime, nullable=False),
    Column("until", UtcTime),
)
_only(room_bindings, "uq_room_bindings_open_id", "gateway_id", "until IS NULL")
_only(room_bindings, "uq_room_bindings_open_room", "room_key", "until IS NULL")

people = Table(
    "people",
    metadata,
    Column("key", Words, primary_key=True),
    Column("name", Words, nullable=False),
    Column("name_key", Words, nullable=False, index=True),
    Column("kind", Words, nullable=False),
    Column("employee_no", Words),
    Column("department", Words, nullable=False),
    Column("roster_key", Words, nullable=False, index=True),
    Column("is_head", Boolean, nullable=False),
    Column("status", Words, nullable=False),
    Column("left_on", Date),
    Column("created_at", UtcTime, nullable=False),
    UniqueConstraint("employee_no"),
)

bindings = Table(
    "bindings",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("contact_id", Words, nullable=False, index=True),
    Column("person_key", ForeignKey("people.key", ondelete="CASCADE"), nullable=False, index=True),
    Column("level", Words, nullable=False),
    Column("bound_by", Words, nullable=False),
    Column("since", UtcTime, nullable=False),
    Column("until", UtcTime),
)
_only(bindings, "uq_bindings_open_contact", "contact_id", "until IS NULL")

members = Table(
    "members",
    metadata,
    Column("room_key", ForeignKey("rooms.key"), nullable=False),
    Column("contact_id", Words, nullable=False, index=True),
    Column("name", Words, nullable=False),
    Column("name_key", Words, nullable=False, index=True),
    Column("alias", Words, nullable=False),
    Column("alias_key", Words, nullable=False, index=True),
    Column("first_seen", UtcTime, nullable=False),
    Column("last_seen", UtcTime, nullable=False),
    Column("left_at", UtcTime),
    PrimaryKeyConstraint("room_key", "contact_id"),
)

roles = Table(
    "roles",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("person_key", ForeignKey("people.key", ondelete="CASCADE"), nullable=False, index=True),
    Column("role", Words, nullable=False),
    Column("granted_by", Words, nullable=False),
    Column("granted_at", UtcTime, nullable=False),
    Column("revoked_by", Words),
    Column("revoked_at", UtcTime),
)
Index(
    "uq_roles_open",
    roles.c.person_key,
    roles.c.role,
    unique=True,
    sqlite_where=text("revoked_at IS NULL"),
    postgresql_where=text("revoked_at IS NULL"),
)

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
Index(
    "ix_inbox_open",
    inbox.c.state,
    inbox.c.seq,
    sqlite_where=text("state <> 'done'"),
    postgresql_where=text("state <> 'done'"),
)

messages = Table(
    "messages",
    metadata,
    Column("seq", Serial, primary_key=True),
    Column("message_id", Words, nullable=False),
    Column("room_key", Serial, nullable=False),
    Column("person_key", Words, nullable=False),
    Column("sender_name", Words, nullable=False),
    Column("type", Words, nullable=False),
    Column("text", Words, nullable=False),
    Column("sent_at", UtcTime, nullable=False, index=True),
    UniqueConstraint("message_id"),
    Index("ix_messages_quoted", "room_key", "sender_name", "seq"),
    sqlite_autoincrement=True,
)

violations = Table(
    "violations",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("number", Words, nullable=False),
    Column("room_id", Words, nullable=False),
    Column("sender_id", Words, nullable=False),
    Column("message_id", Words, nullable=False),
    Column("rule", Words, nullable=False),
    Column("category", Words, nullable=False),
    Column("clause", Words, nullable=False),
    Column("points", Integer, nullable=False),
    Column("state", Words, nullable=False),
    Column("tier", Words, nullable=False),
    Column("confidence", Float, nullable=False),
    Column("reason", Words, nullable=False),
    Column("room_key", ForeignKey("rooms.key"), nullable=False),
    Column("person_key", Words, nullable=False),
    Column("sender_name", Words, nullable=False),
    Column("sent_at", UtcTime, nullable=False),
    Column("created_at", UtcTime, nullable=False, index=True),
    Column("spans", Words, nullable=False),
    Column("graver_rule", Words, nullable=False),
    Column("graver_category", Words, nullable=False),
    Column("graver_clause", Words, nullable=False),
    Column("graver_points", Integer, nullable=False),
    Column("graver_reason", Words, nullable=False),
    Column("decided_by", Words, nullable=False),
    Column("decided_at", UtcTime),
    Column("noticed_at", UtcTime),
    UniqueConstraint("number"),
    UniqueConstraint("message_id", "rule"),
    Index("ix_violations_room_key_id", "room_key", "id"),
    Index("ix_violations_person_key_id", "person_key", "id"),
    Index("ix_violations_state_id", "state", "id"),
    sqlite_autoincrement=True,
)

evidence = Table(
    "evidence",
    metadata,
    Column("number", ForeignKey("violations.number"), primary_key=True),
    Column("text", Words, nullable=False),
)

case_moves = Table(
    "case_moves",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("number", ForeignKey("violations.number"), nullable=False, index=True),
    Column("from_state", Words, nullable=False),
    Column("to_state", Words, nullable=False),
    Column("moved_by", Words, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("reason", Words, nullable=False),
)

ledger = Table(
    "ledger",
    metadata,
    Column("room_key", Serial, nullable=False, autoincrement=False),
    Column("seq", Serial, nullable=False, autoincrement=False),
    Column("case", Words, nullable=False, index=True),
    Column("person_key", Words, nullable=False, index=True),
    Column("rule", Words, nullable=False),
    Column("points", Integer, nullable=False),
    Column("author_key", Words, nullable=False),
    Column("kind", Words, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("content", Words, nullable=False),
    Column("scheme", Words, nullable=False),
    Column("prev", Words, nullable=False),
    Column("hash", Words, nullable=False),
    # Two appends that read the same head can't both be kept: the chain does not fork.
    PrimaryKeyConstraint("room_key", "seq"),
)

ledger_texts = Table(
    "ledger_texts",
    metadata,
    Column("room_key", Serial, nullable=False, autoincrement=False),
    Column("seq", Serial, nullable=False, autoincrement=False),
    Column("salt", LargeBinary, nullable=False),
    Column("reason", Words, nullable=False),
    Column("evidence", Words),
    PrimaryKeyConstraint("room_key", "seq"),
    ForeignKeyConstraint(["room_key", "seq"], ["ledger.room_key", "ledger.seq"]),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("target", Words, nullable=False),
    Column("text", Words, nullable=False),
    Column("kind", Words, nullable=False),
    Column("private", Boolean, nullable=False),
    Column("mentions", Words, nullable=False),
    Column("case", Words, nullable=False, index=True),
    Column("merge", Words, nullable=False),
    Column("unique_key", Words),
    Column("asked_in", Words, nullable=False),
    Column("state", Words, nullable=False),
    Column("due_at", UtcTime, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("error", Words, nullable=False),
    Column("sent_at", UtcTime),
    Column("gateway_message_id", Words, nullable=False),
    UniqueConstraint("unique_key"),
    Index("ix_outbox_state_due_at", "state", "due_at", "id"),
    sqlite_autoincrement=True,
)

audit = Table(
    "audit",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("at", UtcTime, nullable=False, index=True),
    Column("actor", Words, nullable=False),
    Column("action", Words, nullable=False),
    Column("target", Words, nullable=False),
    Column("detail", Words, nullable=False),
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

claims = Table(
    "claims",
    metadata,
    Column("code_hash", Words, primary_key=True),
    Column("role", Words, nullable=False),
    Column("issued_by", Words, nullable=False),
    Column("employee_no", Words, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("used_at", UtcTime),
    Column("used_by", Words, nullable=False),
    Column("burnt_at", UtcTime),
)
