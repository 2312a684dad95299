"""What people order in chat and stays in force; verdicts on shadow cases; kinds that somebody told.

Types are spelled out here, not taken from ``storage.types``: a revision says what a database was at its time.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def texts(*names: str) -> list[sa.Column[str]]:
    """Columns of text that is always there, though it may be empty."""
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def whose(table: str) -> list[sa.Column[str] | sa.ForeignKeyConstraint]:
    """The person to whom a row belongs, and with whom it goes."""
    return [
        sa.Column("person_key", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_key"], ["people.key"], name=op.f(f"fk_{table}_person_key"), ondelete="CASCADE"
        ),
    ]


def upgrade() -> None:
    """Tables of standing orders, and a column each for cases and people.

    The columns keep their defaults: SQLite adds no column to rows that are there without one.
    """
    op.add_column("violations", sa.Column("verdict", sa.Text(), nullable=False, server_default=sa.text("''")))
    op.add_column("people", sa.Column("kind_told", sa.Boolean(), nullable=False, server_default=sa.false()))
    _rules()
    _persons()
    _nicknames()


def _rules() -> None:
    op.create_table(
        "switches",
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("room_key", SERIAL, autoincrement=False, nullable=False),
        *texts("mode", "set_by"),
        sa.Column("set_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("rule", "room_key", name=op.f("pk_switches")),
    )
    op.create_table(
        "words",
        sa.Column("word_key", sa.Text(), nullable=False),
        sa.Column("allow", sa.Boolean(), nullable=False),
        *texts("word", "category", "reason", "added_by"),
        sa.Column("added_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("word_key", "allow", name=op.f("pk_words")),
    )
    op.create_table(
        "silences",
        sa.Column("room_key", SERIAL, autoincrement=False, nullable=False),
        sa.Column("until", TIME, nullable=False),
        sa.Column("muted_by", sa.Text(), nullable=False),
        sa.Column("muted_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("room_key", name=op.f("pk_silences")),
    )


def _persons() -> None:
    op.create_table(
        "exemptions",
        sa.Column("id", SERIAL, nullable=False),
        *whose("exemptions"),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("room_key", SERIAL, nullable=False),
        sa.Column("until", TIME, nullable=True),
        *texts("reason", "granted_by"),
        sa.Column("granted_at", TIME, nullable=False),
        sa.Column("revoked_by", sa.Text(), nullable=True),
        sa.Column("revoked_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exemptions")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_exemptions_person_key"), "exemptions", ["person_key"])
    op.create_table(
        "shifts",
        sa.Column("id", SERIAL, nullable=False),
        *whose("shifts"),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("starts_at", TIME, nullable=False),
        sa.Column("ends_at", TIME, nullable=False),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.Column("entered_at", TIME, nullable=False),
        sa.Column("cancelled_by", sa.Text(), nullable=True),
        sa.Column("cancelled_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shifts")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_shifts_ends_at"), "shifts", ["ends_at"])
    op.create_index(op.f("ix_shifts_person_key"), "shifts", ["person_key"])
    op.create_index(
        "uq_shifts_standing",
        "shifts",
        ["person_key", "kind", "starts_at", "ends_at"],
        unique=True,
        sqlite_where=sa.text("cancelled_at IS NULL"),
        postgresql_where=sa.text("cancelled_at IS NULL"),
    )


def _nicknames() -> None:
    op.create_table(
        "nicknames",
        sa.Column("id", SERIAL, nullable=False),
        *whose("nicknames"),
        *texts("alias_key", "alias"),
        sa.Column("room_key", SERIAL, nullable=False),
        *texts("contact_id", "tier", "category", "clause"),
        sa.Column("points", sa.Integer(), nullable=False),
        *texts("reason", "signs"),
        sa.Column("since", TIME, nullable=False),
        sa.Column("first_reminded_at", TIME, nullable=True),
        sa.Column("reminded_at", TIME, nullable=True),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("cleared_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nicknames")),
        sa.UniqueConstraint("person_key", "alias_key", name=op.f("uq_nicknames_person_key_alias_key")),
    )
    op.create_index("ix_nicknames_contact_id", "nicknames", ["contact_id"])
    op.create_index(op.f("ix_nicknames_person_key"), "nicknames", ["person_key"])
    op.create_index(
        "ix_nicknames_open",
        "nicknames",
        ["id"],
        sqlite_where=sa.text("cleared_at IS NULL"),
        postgresql_where=sa.text("cleared_at IS NULL"),
    )
