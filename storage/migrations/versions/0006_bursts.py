"""How often a case's conduct went on within one burst, and until when.

Types are spelled out here, not taken from ``storage.types``: a revision says what a database was at its time.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Two columns: a case of before has no further message."""
    op.add_column(
        "violations", sa.Column("repeats", sa.Integer(), nullable=False, server_default=sa.text("0"))
    )
    op.add_column("violations", sa.Column("last_at", sa.DateTime(timezone=True)))
