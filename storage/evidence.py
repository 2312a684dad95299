"""Which cases have no evidence although nobody erased it.

Evidence goes in three ways: its time is over (:meth:`storage.cases.Cases.erase_evidence`, which leaves a mark of how
far it went), its person was erased, or there never was any: points by hand, a sticker, a nickname that is empty.
"""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import and_, exists, not_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.case_counts import BONUS
from storage.meta import Meta
from storage.records import CaseState
from storage.tables import case_moves, evidence, ledger, ledger_texts, violations

FINAL = frozenset(
    {
        CaseState.CONFIRMED,
        CaseState.DISMISSED,
        CaseState.UPHELD,
        CaseState.OVERTURNED,
        CaseState.RECALLED,
        CaseState.SHADOW,  # it costs nobody anything, judged or not
    }
)
"""States in which a case rests, so that the time of its evidence runs."""

MARK = "evidence erased before"
"""Name of the moment up to which evidence of final cases was erased, in :class:`storage.meta.Meta`."""


async def mark(connection: AsyncConnection, before: datetime) -> None:
    """Keep how far evidence was erased; a time that was shorter once counts on."""
    meta = Meta(connection)
    held = await meta.get(MARK)
    if held is None or datetime.fromisoformat(held) < before:
        await meta.set(MARK, before.isoformat())


async def unaccounted(connection: AsyncConnection, limit: int) -> list[str]:
    """Numbers of the cases whose evidence is gone, and neither time nor a request explains it; oldest first.

    Before anything was ever erased by its time, a database may come from a program that left no mark: then what
    was final once is taken to be explained.
    """
    held = await Meta(connection).get(MARK)
    moved = exists().where(case_moves.c.number == violations.c.number, case_moves.c.to_state.in_(FINAL))
    # A reminder rests from the first, though it be appealed against later; a doubt of no points waits for people.
    reminder = and_(
        violations.c.points == 0, violations.c.graver_points == 0, violations.c.state != CaseState.REVIEW
    )
    timely = or_(violations.c.state.in_(FINAL), reminder, moved)
    if held is not None:
        timely = and_(timely, violations.c.created_at < datetime.fromisoformat(held))
    booked = exists().where(
        ledger.c.case == violations.c.number,
        ledger_texts.c.room_key == ledger.c.room_key,
        ledger_texts.c.seq == ledger.c.seq,
        ledger_texts.c.evidence != "",
    )
    found = await connection.execute(
        select(violations.c.number, violations.c.spans, booked.label("booked"))
        .outerjoin(evidence, evidence.c.number == violations.c.number)
        .where(
            evidence.c.number.is_(None),
            violations.c.rule != BONUS,
            violations.c.sender_id != "",  # else their person was erased
            not_(timely),
        )
        .order_by(violations.c.id)
    )
    # A span over something says that there was a text.
    lost = [row.number for row in found if row.booked or any(end for _, end in json.loads(row.spans))]
    return lost[:limit]
