"""How many notices of cases one room hears in an hour; what is beyond is held, and goes out as one summary.

A raid of fifty must not make the bot the fifty-first nuisance. Everything is told from what is stored: what left
within the hour, and what waits under the key of a summary; so a restart changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.pipeline.notice import NOTICES
from storage.records import Outgoing
from storage.session import UnitOfWork

HOUR = timedelta(hours=1)
SUMMARY = "summary "
"""A merge key that begins like this is of notices that are held for one summary; the rest tells the one from others."""


def summarised(row: Outgoing) -> bool:
    """Whether a notice is held for a summary, or was part of one."""
    return row.merge.startswith(SUMMARY)


def counts(row: Outgoing) -> bool:
    """Whether it is one of the notices that are counted: of a case, in a room."""
    return not row.private and (row.merge == NOTICES or summarised(row))


@dataclass(frozen=True, slots=True)
class Hour:
    """What a room has heard within the last hour.

    Attributes:
        moments: when, for each notice; all pages of a summary are one, heard with its last. Oldest first.
        summaries: the keys of those summaries.
    """

    moments: tuple[datetime, ...] = ()
    summaries: frozenset[str] = frozenset()

    @classmethod
    def of(cls, heard: Iterable[tuple[str, datetime]]) -> Hour:
        """Out of merge key and time of each notice."""
        single = [at for key, at in heard if not key.startswith(SUMMARY)]
        pages: dict[str, datetime] = {}
        for key, at in heard:
            if key.startswith(SUMMARY):
                pages[key] = max(at, pages.get(key, at))
        return cls(tuple(sorted([*single, *pages.values()])), frozenset(pages))

    def free(self, most: int) -> int:
        """How many more it may hear now."""
        return max(0, most - len(self.moments))

    def opens(self, most: int) -> datetime:
        """When it may hear one more, if it may not now."""
        return self.moments[-most] + HOUR


def placed(row: Outgoing, hour: Hour, held: Outgoing | None, most: int, now: datetime) -> Outgoing:
    """A notice whose time has come: itself if its room may hear it now, else as it waits for the summary.

    Args:
        held: a notice that waits in the room for a summary already. No later one overtakes it, unless the rest of
            its wait has other reasons (the night).
    """
    if summarised(row):
        if row.merge in hour.summaries or hour.free(most):
            return row
        return replace(row, due_at=hour.opens(most))
    if held is not None and held.due_at <= now + HOUR:
        return replace(row, merge=held.merge, due_at=held.due_at)
    if hour.free(most):
        return row
    opens = hour.opens(most)
    return replace(row, merge=f"{SUMMARY}{opens:%Y%m%dT%H%M%S}", due_at=opens)


async def hour_of(unit: UnitOfWork, room_id: str, now: datetime) -> Hour:
    """What a room has heard within the last hour."""
    return Hour.of(await unit.outbox.heard(room_id, now - HOUR))


async def in_turn(unit: UnitOfWork, row: Outgoing, most: int, now: datetime) -> Outgoing:
    """A message as it is to be said, or held: what is counted is placed, everything else is left as it is."""
    if not counts(row):
        return row
    held = None if summarised(row) else await unit.outbox.gathered(row.target, SUMMARY)
    return placed(row, await hour_of(unit, row.target, now), held, most, now)
