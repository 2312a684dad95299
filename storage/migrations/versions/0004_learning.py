"""What was learnt from people's decisions, and what a second opinion said of cases.

Types are spelled out here, not taken from ``storage.types``: a revision says what a database was at its time.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def texts(*names: str) -> list[sa.Column[str]]:
    """Columns of text that is always there, though it may be empty."""
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def upgrade() -> None:
    """Tables of local weights and of opinions."""
    op.create_table(
        "local_weights",
        sa.Column("version", SERIAL, nullable=False),
        sa.Column("made_at", TIME, nullable=False),
        *texts("made_by"),
        sa.Column("examples", sa.Integer(), nullable=False),
        *texts("figures", "weights"),
        sa.Column("in_force", sa.Boolean(), nullable=False),
        sa.Column("before", SERIAL, nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_local_weights")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "opinions",
        *texts("number"),
        sa.Column("asked_at", TIME, nullable=False),
        *texts("state"),
        sa.Column("violation", sa.Boolean(), nullable=False),
        *texts("reason", "model"),
        sa.ForeignKeyConstraint(["number"], ["violations.number"], name=op.f("fk_opinions_number")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_opinions")),
    )
    op.create_index(op.f("ix_opinions_asked_at"), "opinions", ["asked_at"])
