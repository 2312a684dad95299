"""Cases and the ledger; what may have to be erased (evidence, texts) has tables of its own."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    text,
)

from storage.tables.columns import metadata, texts
from storage.types import Serial, UtcTime, Words

violations = Table(
    "violations",
    metadata,
    Column("id", Serial, primary_key=True),
    *texts("number", "room_id", "sender_id", "message_id", "rule", "category", "clause"),
    Column("points", Integer, nullable=False),
    *texts("state", "tier"),
    Column("confidence", Float, nullable=False),
    Column("reason", Words, nullable=False),
    Column("room_key", ForeignKey("rooms.key"), nullable=False),
    *texts("person_key", "sender_name"),
    Column("sent_at", UtcTime, nullable=False),
    Column("created_at", UtcTime, nullable=False, index=True),
    *texts("spans", "signs", "graver_rule", "graver_category", "graver_clause"),
    Column("graver_points", Integer, nullable=False),
    *texts("graver_reason", "graver_signs", "decided_by"),
    Column("decided_at", UtcTime),
    Column("noticed_at", UtcTime),
    # What people say of a shadow case: nothing yet, confirmed or dismissed.
    Column("verdict", Words, nullable=False, server_default=text("''")),
    # When the result was published: the later of notice and statement (policy 6.3).
    Column("published_at", UtcTime),
    # Of the same burst: how many more messages, and when the last one was sent.
    Column("repeats", Integer, nullable=False, server_default=text("0")),
    Column("last_at", UtcTime),
    # What it would cost, had it not been confirmed as a reminder only.
    Column("waived_points", Integer, nullable=False, server_default=text("0")),
    # Key of whoever recorded it by hand; empty for what the bot heard.
    Column("recorded_by", Words, nullable=False, server_default=text("''")),
    # As what it was filed, if people have confirmed it under another rule; empty while it stands as filed.
    *(
        Column(name, Words, nullable=False, server_default=text("''"))
        for name in ("filed_rule", "filed_category", "filed_clause")
    ),
    Column("filed_points", Integer, nullable=False, server_default=text("0")),
    *(
        Column(name, Words, nullable=False, server_default=text("''"))
        for name in ("filed_reason", "filed_signs")
    ),
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
    *texts("from_state", "to_state", "moved_by"),
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
    *texts("author_key", "kind"),
    Column("at", UtcTime, nullable=False),
    *texts("content", "scheme", "prev", "hash"),
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
