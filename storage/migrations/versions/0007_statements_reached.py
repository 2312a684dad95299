"""Whether a published month has reached everybody in it.

Types are spelled out here, not taken from ``storage.types``: a revision says what a database was at its time.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# What left, or is not remembered any more, counts as read: only what is known to wait still is told apart.
REACHED = """
UPDATE statement_lines SET
    reached_by = 'system',
    reached_at = COALESCE(
        (SELECT sent_at FROM outbox
         WHERE unique_key = 'statement ' || statement_lines.month || ' ' || statement_lines.person_key),
        (SELECT published_at FROM statements WHERE statements.month = statement_lines.month)
    )
WHERE NOT EXISTS (
    SELECT 1 FROM outbox
    WHERE unique_key = 'statement ' || statement_lines.month || ' ' || statement_lines.person_key
      AND state <> 'sent'
)
"""


def upgrade() -> None:
    """When each line of a statement reached its person."""
    op.add_column("statement_lines", sa.Column("reached_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "statement_lines", sa.Column("reached_by", sa.Text(), nullable=False, server_default=sa.text("''"))
    )
    op.execute(REACHED)
