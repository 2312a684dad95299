"""Demands on a case that comes to nothing: nobody owes an answer any more."""

from __future__ import annotations

from datetime import datetime

from storage.records import SYSTEM
from storage.session import UnitOfWork


async def drop_demands(unit: UnitOfWork, number: str, now: datetime) -> int:
    """Cancel what is still asked of a case's subject; returns how many demands that were."""
    standing = [one for one in await unit.demands.of_case(number) if one.closed_at is None]
    for one in standing:
        await unit.demands.close(number, one.kind, "cancelled", SYSTEM, now)
    return len(standing)
