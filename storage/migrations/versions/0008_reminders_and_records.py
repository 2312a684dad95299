"""What a decision let go of a case's points, and who recorded a case by hand.

Types are spelled out here, not taken from ``storage.types``: a revision says what a database was at its time.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Two columns of cases. They keep their defaults: SQLite adds no column to rows that are there without one."""
    op.add_column(
        "violations", sa.Column("waived_points", sa.Integer(), nullable=False, server_default=sa.text("0"))
    )
    op.add_column(
        "violations", sa.Column("recorded_by", sa.Text(), nullable=False, server_default=sa.text("''"))
    )
