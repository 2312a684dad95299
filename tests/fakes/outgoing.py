"""What waits in the outbox, whoever it is for: the bot itself only asks for what leaves next."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from storage.pending import PENDING, outgoing
from storage.records import Outgoing
from storage.session import UnitOfWork
from storage.tables import outbox


async def due_rows(unit: UnitOfWork, now: datetime, limit: int) -> list[Outgoing]:
    """What may leave by ``now``, longest due first."""
    connection = unit._connection
    assert connection is not None
    found = await connection.execute(
        select(outbox)
        .where(outbox.c.state == PENDING, outbox.c.due_at <= now)
        .order_by(outbox.c.due_at, outbox.c.id)
        .limit(limit)
    )
    return [outgoing(row) for row in found]
