"""The first schema.

Types are spelled out here, not taken from ``storage.types``: a revision says what a database was at its time.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def texts(*names: str) -> list[sa.Column[str]]:
    """Columns of text that is always there, though it may be empty."""
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def only(condition: str) -> dict[str, Any]:
    """A partial index, for either database."""
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    """Every table of the first release."""
    _people_and_rooms()
    _traffic()
    _cases()
    _housekeeping()


def _people_and_rooms() -> None:
    op.create_table(
        "rooms",
        sa.Column("key", SERIAL, nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("first_seen", TIME, nullable=False),
        sa.Column("last_seen", TIME, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_rooms")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "room_bindings",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("gateway_id", sa.Text(), nullable=False),
        sa.Column("room_key", SERIAL, nullable=False),
        sa.Column("since", TIME, nullable=False),
        sa.Column("until", TIME, nullable=True),
        sa.ForeignKeyConstraint(["room_key"], ["rooms.key"], name=op.f("fk_room_bindings_room_key")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_bindings")),
    )
    op.create_index(op.f("ix_room_bindings_gateway_id"), "room_bindings", ["gateway_id"])
    op.create_index(
        "uq_room_bindings_open_id", "room_bindings", ["gateway_id"], unique=True, **only("until IS NULL")
    )
    op.create_index(
        "uq_room_bindings_open_room", "room_bindings", ["room_key"], unique=True, **only("until IS NULL")
    )
    op.create_table(
        "people",
        *texts("key", "name", "name_key", "kind"),
        sa.Column("employee_no", sa.Text(), nullable=True),
        *texts("department", "roster_key"),
        sa.Column("is_head", sa.Boolean(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_people")),
        sa.UniqueConstraint("employee_no", name=op.f("uq_people_employee_no")),
    )
    op.create_index(op.f("ix_people_name_key"), "people", ["name_key"])
    op.create_index(op.f("ix_people_roster_key"), "people", ["roster_key"])
    op.create_table(
        "bindings",
        sa.Column("id", SERIAL, nullable=False),
        *texts("contact_id", "person_key", "level", "bound_by", "guessed_nickname", "guessed_name"),
        sa.Column("since", TIME, nullable=False),
        sa.Column("until", TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["person_key"], ["people.key"], name=op.f("fk_bindings_person_key"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bindings")),
    )
    op.create_index(op.f("ix_bindings_contact_id"), "bindings", ["contact_id"])
    op.create_index(op.f("ix_bindings_person_key"), "bindings", ["person_key"])
    op.create_index(
        "uq_bindings_open_contact", "bindings", ["contact_id"], unique=True, **only("until IS NULL")
    )
    op.create_table(
        "members",
        sa.Column("room_key", SERIAL, nullable=False),
        *texts("contact_id", "name", "name_key", "alias", "alias_key"),
        sa.Column("first_seen", TIME, nullable=False),
        sa.Column("last_seen", TIME, nullable=False),
        sa.Column("left_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(["room_key"], ["rooms.key"], name=op.f("fk_members_room_key")),
        sa.PrimaryKeyConstraint("room_key", "contact_id", name=op.f("pk_members")),
    )
    op.create_index(op.f("ix_members_alias_key"), "members", ["alias_key"])
    op.create_index(op.f("ix_members_contact_id"), "members", ["contact_id"])
    op.create_index(op.f("ix_members_name_key"), "members", ["name_key"])
    op.create_table(
        "roles",
        sa.Column("id", SERIAL, nullable=False),
        *texts("person_key", "role", "granted_by"),
        sa.Column("granted_at", TIME, nullable=False),
        sa.Column("revoked_by", sa.Text(), nullable=True),
        sa.Column("revoked_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["person_key"], ["people.key"], name=op.f("fk_roles_person_key"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roles")),
    )
    op.create_index(op.f("ix_roles_person_key"), "roles", ["person_key"])
    op.create_index(
        "uq_roles_open", "roles", ["person_key", "role"], unique=True, **only("revoked_at IS NULL")
    )
    op.create_table(
        "claims",
        *texts("code_hash", "role", "issued_by", "employee_no"),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("used_at", TIME, nullable=True),
        sa.Column("used_by", sa.Text(), nullable=False),
        sa.Column("burnt_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_claims")),
    )


def _traffic() -> None:
    op.create_table(
        "inbox",
        sa.Column("seq", SERIAL, nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("received_at", TIME, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("retry_at", TIME, nullable=True),
        sa.Column("outcomes", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_inbox")),
        sa.UniqueConstraint("message_id", name=op.f("uq_inbox_message_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_inbox_open", "inbox", ["state", "seq"], **only("state <> 'done'"))
    op.create_table(
        "messages",
        sa.Column("seq", SERIAL, nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("room_key", SERIAL, nullable=False),
        *texts("person_key", "sender_name", "type", "text"),
        sa.Column("sent_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_messages")),
        sa.UniqueConstraint("message_id", name=op.f("uq_messages_message_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_messages_quoted", "messages", ["room_key", "sender_name", "seq"])
    op.create_index(op.f("ix_messages_sent_at"), "messages", ["sent_at"])
    op.create_table(
        "outbox",
        sa.Column("id", SERIAL, nullable=False),
        *texts("target", "text", "kind"),
        sa.Column("private", sa.Boolean(), nullable=False),
        *texts("mentions", "case", "merge"),
        sa.Column("unique_key", sa.Text(), nullable=True),
        *texts("asked_in", "state"),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("sent_at", TIME, nullable=True),
        sa.Column("gateway_message_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("unique_key", name=op.f("uq_outbox_unique_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_outbox_case"), "outbox", ["case"])
    op.create_index("ix_outbox_state_due_at", "outbox", ["state", "due_at", "id"])
    op.create_index("ix_outbox_state_target", "outbox", ["state", "target", "due_at", "id"])
    op.create_table(
        "blind",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("since", TIME, nullable=False),
        sa.Column("until", TIME, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("lasting", sa.Integer(), nullable=True),
        sa.CheckConstraint("(until IS NULL) = (lasting IS NOT NULL)", name=op.f("ck_blind_lasting")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blind")),
        sa.UniqueConstraint("lasting", name=op.f("uq_blind_lasting")),
    )


def _cases() -> None:
    op.create_table(
        "violations",
        sa.Column("id", SERIAL, nullable=False),
        *texts("number", "room_id", "sender_id", "message_id", "rule", "category", "clause"),
        sa.Column("points", sa.Integer(), nullable=False),
        *texts("state", "tier"),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("room_key", SERIAL, nullable=False),
        *texts("person_key", "sender_name"),
        sa.Column("sent_at", TIME, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        *texts("spans", "signs", "graver_rule", "graver_category", "graver_clause"),
        sa.Column("graver_points", sa.Integer(), nullable=False),
        *texts("graver_reason", "graver_signs", "decided_by"),
        sa.Column("decided_at", TIME, nullable=True),
        sa.Column("noticed_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(["room_key"], ["rooms.key"], name=op.f("fk_violations_room_key")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_violations")),
        sa.UniqueConstraint("message_id", "rule", name=op.f("uq_violations_message_id_rule")),
        sa.UniqueConstraint("number", name=op.f("uq_violations_number")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_violations_created_at"), "violations", ["created_at"])
    op.create_index("ix_violations_person_key_id", "violations", ["person_key", "id"])
    op.create_index("ix_violations_room_key_id", "violations", ["room_key", "id"])
    op.create_index("ix_violations_state_id", "violations", ["state", "id"])
    op.create_table(
        "evidence",
        *texts("number", "text"),
        sa.ForeignKeyConstraint(["number"], ["violations.number"], name=op.f("fk_evidence_number")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_evidence")),
    )
    op.create_table(
        "case_moves",
        sa.Column("id", SERIAL, nullable=False),
        *texts("number", "from_state", "to_state", "moved_by"),
        sa.Column("at", TIME, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["number"], ["violations.number"], name=op.f("fk_case_moves_number")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_moves")),
    )
    op.create_index(op.f("ix_case_moves_number"), "case_moves", ["number"])
    op.create_table(
        "ledger",
        sa.Column("room_key", SERIAL, autoincrement=False, nullable=False),
        sa.Column("seq", SERIAL, autoincrement=False, nullable=False),
        *texts("case", "person_key", "rule"),
        sa.Column("points", sa.Integer(), nullable=False),
        *texts("author_key", "kind"),
        sa.Column("at", TIME, nullable=False),
        *texts("content", "scheme", "prev", "hash"),
        sa.PrimaryKeyConstraint("room_key", "seq", name=op.f("pk_ledger")),
    )
    op.create_index(op.f("ix_ledger_case"), "ledger", ["case"])
    op.create_index(op.f("ix_ledger_person_key"), "ledger", ["person_key"])
    op.create_table(
        "ledger_texts",
        sa.Column("room_key", SERIAL, autoincrement=False, nullable=False),
        sa.Column("seq", SERIAL, autoincrement=False, nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["room_key", "seq"], ["ledger.room_key", "ledger.seq"], name=op.f("fk_ledger_texts_room_key")
        ),
        sa.PrimaryKeyConstraint("room_key", "seq", name=op.f("pk_ledger_texts")),
    )


def _housekeeping() -> None:
    op.create_table(
        "meta",
        *texts("key", "value"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_meta")),
    )
    op.create_table(
        "audit",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("at", TIME, nullable=False),
        *texts("actor", "action", "target", "detail"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_at"), "audit", ["at"])
    op.create_table(
        "jobs",
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("claimed_at", TIME, nullable=False),
        sa.Column("finished_at", TIME, nullable=True),
        sa.Column("result", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("job", "due_at", name=op.f("pk_jobs")),
    )
