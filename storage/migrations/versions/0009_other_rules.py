"""As what a case was filed that people have confirmed under another rule.

Types are spelled out here, not taken from ``storage.types``: a revision says what a database was at its time.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Six columns of cases. They keep their defaults: SQLite adds no column to rows that are there without one."""
    for name in ("filed_rule", "filed_category", "filed_clause"):
        op.add_column("violations", sa.Column(name, sa.Text(), nullable=False, server_default=sa.text("''")))
    op.add_column(
        "violations", sa.Column("filed_points", sa.Integer(), nullable=False, server_default=sa.text("0"))
    )
    for name in ("filed_reason", "filed_signs"):
        op.add_column("violations", sa.Column(name, sa.Text(), nullable=False, server_default=sa.text("''")))
