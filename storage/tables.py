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


def _texts(*names: str) -> list[Column[str]]:
    """Columns of text that is always there, though it may be empty."""
    return [Column(name, Words, nullable=False) for name in names]


def _partial(table: Table, name: str, where: str, *columns: str, unique: bool = True) -> None:
    """An index over the rows that satisfy ``where``."""
    condition = text(where)
    parts = [table.c[column] for column in columns]
    Index(name, *parts, unique=unique, sqlite_where=condition, postgresql_where=condition)


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
_partial(room_bindings, "uq_room_bindings_open_id", "until IS NULL", "gateway_id")
_partial(room_bindings, "uq_room_bindings_open_room", "until IS NULL", "room_key")

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
    *_texts("level", "bound_by", "guessed_nickname", "guessed_name"),
    Column("since", UtcTime, nullable=False),
    Column("until", UtcTime),
)
_partial(bindings, "uq_bindings_open_contact", "until IS NULL", "contact_id")

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
    *_texts("role", "granted_by"),
    Column("granted_at", UtcTime, nullable=False),
    Column("revoked_by", Words),
    Column("revoked_at", UtcTime),
)
_partial(roles, "uq_roles_open", "revoked_at IS NULL", "person_key", "role")

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
_partial(inbox, "ix_inbox_open", "state <> 'done'", "state", "seq", unique=False)

messages = Table(
    "messages",
    metadata,
    Column("seq", Serial, primary_key=True),
    Column("message_id", Words, nullable=False),
    Column("room_key", Serial, nullable=False),
    *_texts("person_key", "sender_name", "type", "text"),
    Column("sent_at", UtcTime, nullable=False, index=True),
    UniqueConstraint("message_id"),
    Index("ix_messages_quoted", "room_key", "sender_name", "seq"),
    sqlite_autoincrement=True,
)

violations = Table(
    "violations",
    metadata,
    Column("id", Serial, primary_key=True),
    *_texts("number", "room_id", "sender_id", "message_id", "rule", "category", "clause"),
    Column("points", Integer, nullable=False),
    *_texts("state", "tier"),
    Column("confidence", Float, nullable=False),
    Column("reason", Words, nullable=False),
    Column("room_key", ForeignKey("rooms.key"), nullable=False),
    *_texts("person_key", "sender_name"),
    Column("sent_at", UtcTime, nullable=False),
    Column("created_at", UtcTime, nullable=False, index=True),
    *_texts("spans", "signs", "graver_rule", "graver_category", "graver_clause"),
    Column("graver_points", Integer, nullable=False),
    *_texts("graver_reason", "graver_signs", "decided_by"),
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
    *_texts("from_state", "to_state", "moved_by"),
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
    *_texts("author_key", "kind"),
    Column("at", UtcTime, nullable=False),
    *_texts("content", "scheme", "prev", "hash"),
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
    *_texts("target", "text", "kind"),
    Column("private", Boolean, nullable=False),
    Column("mentions", Words, nullable=False),
    Column("case", Words, nullable=False, index=True),
    Column("merge", Words, nullable=False),
    Column("unique_key", Words),
    *_texts("asked_in", "state"),
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

audit = Table(
    "audit",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("at", UtcTime, nullable=False, index=True),
    *_texts("actor", "action", "target", "detail"),
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
    *_texts("role", "issued_by", "employee_no"),
    Column("expires_at", UtcTime, nullable=False),
    Column("used_at", UtcTime),
    Column("used_by", Words, nullable=False),
    Column("burnt_at", UtcTime),
)
