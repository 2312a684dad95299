"""What is late: only the time counts in which the bot was on guard, for nothing moves while it is blind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.blind import BlindPeriods
from storage.records import Blind
from storage.tables import outbox

# Nothing is waited for that long: whoever is blind for longer finds everything late.
_REACH = timedelta(days=60)
# A clock that was put back by less than this is waited for.
_PUT_BACK = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Horizon:
    """How long things may take, seen from a moment.

    Attributes:
        at: the moment, best the bot's last sign of life; ``None``: it was never on guard, and nothing is late.
        kept: targets whose messages are kept on purpose until somebody can receive them.
        outbox: how long a message may be due.
        inbox: how long a message that was received may be without outcome.
        job: how long a run of a job may take, tries after failures included.
    """

    at: datetime | None
    kept: frozenset[str] = frozenset()
    outbox: timedelta = timedelta(hours=6)
    inbox: timedelta = timedelta(hours=1)
    job: timedelta = timedelta(days=1)


def due_by(now: datetime) -> ColumnElement[bool]:
    """Whether a message may leave by ``now``: its time has come, or it was to leave at once by a clock put back since.

    A message is never made later than now. One that was, and was to leave then or to be tried again, would wait for
    as long as the clock was wrong; what was put off to a working day keeps its day.
    """
    at_once = or_(outbox.c.due_at <= outbox.c.created_at, outbox.c.error != "")
    return or_(outbox.c.due_at <= now, and_(outbox.c.created_at > now + _PUT_BACK, at_once))


async def since(connection: AsyncConnection, at: datetime | None, patience: timedelta) -> datetime | None:
    """What was to be done before this moment is late; ``None``: nothing is."""
    if at is None:
        return None
    return seeing(at, patience, await BlindPeriods(connection).between(at - _REACH, at))


def seeing(at: datetime, span: timedelta, blind: Sequence[Blind]) -> datetime:
    """The moment since which, up to ``at``, there were ``span`` without blindness. Periods may overlap."""
    left, end = span, at
    for until, begun in sorted(((one.until or at, one.since) for one in blind), reverse=True):
        if until < end:
            if end - until >= left:
                break
            left -= end - until
        end = min(end, begun)
    return end - left
