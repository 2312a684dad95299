"""What people may decide about a case, as a pure table of moves (policy: what fairness asks).

A decision confirms or dismisses; it may be undone for a few working days, while nothing rests on it. Whose
decision somebody else has undone does not decide the case again. Nobody decides their own case.
While a case is appealed its appeal decides (:mod:`rules.procedure.appeal`); what that has upheld or overturned stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from rules.core.worktime import WorkCalendar
from rules.procedure.appeal import UNDER_APPEAL
from rules.procedure.deadlines import end_of_day, last_day
from rules.procedure.statement import month_bounds, month_of

UNDO_DAYS = 3
"""For so many working days a decision may be undone; the day on which it was made is not counted."""


class Move(StrEnum):
    """A reviewer's move."""

    CONFIRM = "confirm"
    DISMISS = "dismiss"
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a case stands, as far as a decision depends on it.

    Attributes:
        state: the case's state.
        before: the state from which the last decision came; empty if there was none.
        subject: key of the person whose case it is.
        overruled: keys of those whose decision on it somebody else has undone.
        undoable_until: the last moment at which the last decision may be undone; ``None``: no end.
        published: a statement tells of it.
    """

    state: str
    before: str
    subject: str
    overruled: frozenset[str] = frozenset()
    undoable_until: datetime | None = None
    published: bool = False


class Refusal(StrEnum):
    """Why a move is refused."""

    OWN_CASE = "own_case"
    ALREADY = "already"
    NOTHING_TO_UNDO = "nothing_to_undo"
    CLOSED = "closed"
    APPEALED = "appealed"  # its appeal is to be decided
    OVERRULED = "overruled"  # somebody else has undone what this person decided
    UNDO_LATE = "undo_late"
    PUBLISHED = "published"


OPEN = frozenset({"review", "provisional"})
TRIAL = "shadow"
TARGET: Mapping[Move, str] = MappingProxyType({Move.CONFIRM: "confirmed", Move.DISMISS: "dismissed"})
DECIDED = frozenset(TARGET.values())


def confirmable_until(since: datetime, days: int, calendar: WorkCalendar) -> date:
    """The last day on which a case that is provisional since then may be confirmed; after it, it is closed.

    That is the ``days``-th working day after its month, so that the month's statement can still take it up.
    """
    _, following = month_bounds(month_of(since, calendar.zone), calendar.zone)
    return last_day(following.date() - timedelta(days=1), days, calendar)


def undoable_until(decided_at: datetime, calendar: WorkCalendar) -> datetime:
    """The last moment at which a decision may be undone."""
    return end_of_day(last_day(decided_at, UNDO_DAYS, calendar), calendar)


def overruled(moves: Iterable[tuple[str, str, str]]) -> frozenset[str]:
    """Whose decision somebody else has undone; undoing a slip of one's own bars nobody.

    Args:
        moves: where from, where to and by whom, oldest first.
    """
    decider, found = "", set()
    for before, after, by in moves:
        if after in DECIDED and before in OPEN:
            decider = by
        elif before in DECIDED and after in OPEN and decider not in ("", by):
            found.add(decider)
    return frozenset(found)


def consider(standing: Standing, move: Move, actor: str, now: datetime) -> str | Refusal:
    """The state that a move leads to, or why it is refused.

    Args:
        standing: the case.
        move: what the actor wants.
        actor: person key of the reviewer.
        now: the moment of the move.
    """
    if actor == standing.subject:
        return Refusal.OWN_CASE
    if standing.state == TRIAL:
        # It stays what it is; the verdict is kept beside it, and the last one counts.
        return Refusal.NOTHING_TO_UNDO if move is Move.UNDO else TRIAL
    if standing.state == UNDER_APPEAL:
        return Refusal.APPEALED
    if move is Move.UNDO:
        if standing.state in OPEN:
            return Refusal.NOTHING_TO_UNDO
        if standing.state not in DECIDED or standing.before not in OPEN:
            return Refusal.CLOSED
        if standing.published:
            return Refusal.PUBLISHED
        if standing.undoable_until is not None and now > standing.undoable_until:
            return Refusal.UNDO_LATE
        return standing.before
    target = TARGET[move]
    if standing.state in OPEN:
        return Refusal.OVERRULED if actor in standing.overruled else target
    return Refusal.ALREADY if standing.state in DECIDED else Refusal.CLOSED
