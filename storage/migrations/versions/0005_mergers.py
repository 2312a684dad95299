"""Records of people that are put together, and what has to go back if that was wrong.

Types are spelled out here, not taken from ``storage.types``: a revision says what a database was at its time.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def texts(*names: str) -> list[sa.Column[str]]:
    """Columns of text that is always there, though it may be empty."""
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def upgrade() -> None:
    """Tables of mergers and of what they moved."""
    op.create_table(
        "mergers",
        *texts("number", "merged_key", "kept_key", "merged_by", "reason"),
        sa.Column("merged_at", TIME, nullable=False),
        *texts("split_by", "split_reason"),
        sa.Column("split_at", TIME),
        sa.ForeignKeyConstraint(
            ["merged_key"], ["people.key"], name=op.f("fk_mergers_merged_key"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["kept_key"], ["people.key"], name=op.f("fk_mergers_kept_key"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_mergers")),
    )
    op.create_index(op.f("ix_mergers_merged_key"), "mergers", ["merged_key"])
    op.create_index(op.f("ix_mergers_kept_key"), "mergers", ["kept_key"])
    op.create_index(
        "uq_mergers_standing",
        "mergers",
        ["merged_key"],
        unique=True,
        sqlite_where=sa.text("split_at IS NULL"),
        postgresql_where=sa.text("split_at IS NULL"),
    )
    op.create_table(
        "merger_moves",
        *texts("number", "what", "ref"),
        sa.ForeignKeyConstraint(
            ["number"], ["mergers.number"], name=op.f("fk_merger_moves_number"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("number", "what", "ref", name=op.f("pk_merger_moves")),
    )
