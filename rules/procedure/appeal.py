"""Appeals (policy 6.3): who may file until when, and who may decide.

Whoever disagrees with a result may appeal within 3 working days of its publication, which is the later of notice
and statement, and not before they were told of it; before that an appeal is early, and welcome. Days of leave don't
count, and HR may admit a late one. HR decides within 5 working days: never the person whose case it is, and never one
who confirmed it. It may let the decision stand, undo it, or let it stand and cost less; never more: nobody pays for
having appealed. There is one appeal to a case.

An appeal lapses only where the appellant had their data erased. It never lapses because nobody decided it: what HR
leaves lying must not cost the one who appealed. Of somebody who has left the company, and can press for nothing any
more, it then ends in their favour. Until it is decided the case enters no statement.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType

from rules.core.worktime import WorkCalendar
from rules.procedure.actor import SYSTEM
from rules.procedure.deadlines import Away, end_of_day, last_day, nobody_away

DAYS = 3
DECISION_DAYS = 5


class State(StrEnum):
    """Where an appeal stands."""

    NONE = ""  # nobody appealed
    OPEN = "open"
    UPHELD = "upheld"  # the decision stands
    LOWERED = "lowered"  # it stands, and costs less
    OVERTURNED = "overturned"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


class Move(StrEnum):
    """A step of the appellant, of HR, or of the bot (``DEFAULT``: HR's time is over, and the appellant has left)."""

    FILE = "file"
    WITHDRAW = "withdraw"
    UPHOLD = "uphold"
    LOWER = "lower"
    OVERTURN = "overturn"
    DEFAULT = "default"


class Refusal(StrEnum):
    """Why a move is refused."""

    NOT_OWN_CASE = "not_own_case"
    UNDECIDED = "undecided"  # in review: nothing was decided yet, and nothing counts
    NOTHING_TO_APPEAL = "nothing_to_appeal"  # it came to nothing already
    TOO_LATE = "too_late"
    ALREADY = "already"  # appealed, and not decided yet
    CLOSED = "closed"  # its one appeal has ended
    NO_APPEAL = "no_appeal"
    OWN_APPEAL = "own_appeal"
    DECIDED_IT = "decided_it"  # whoever confirmed the case may not decide the appeal
    PEOPLE_DECIDE = "people_decide"
    SYSTEM_ONLY = "system_only"
    NOT_LOWER = "not_lower"  # that is not less than the case costs
    NOT_LATE = "not_late"  # it needs no admission: its time is not over


@dataclass(frozen=True, slots=True)
class Window:
    """Until when an appeal may be filed.

    Attributes:
        last_day: the last day, local: what people are told.
        closes: its last moment; filing at it is in time.
    """

    last_day: date
    closes: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a case and its appeal stand.

    Attributes:
        state: the appeal's state; ``State.NONE`` if there is none.
        case: the case's state.
        subject: key of the person whose case it is.
        confirmed_by: keys of everybody who ever confirmed the case, or opened it by hand.
        closes: the last moment for filing; ``None`` while nothing is published, or the subject was not told.
    """

    state: State
    case: str
    subject: str
    confirmed_by: frozenset[str] = field(default_factory=frozenset)
    closes: datetime | None = None


FINAL = frozenset({State.UPHELD, State.LOWERED, State.OVERTURNED, State.WITHDRAWN, State.LAPSED})
APPEALABLE = frozenset({"provisional", "confirmed"})
UNDER_APPEAL = "appealed"
_TARGET: Mapping[Move, State] = MappingProxyType(
    {
        Move.WITHDRAW: State.WITHDRAWN,
        Move.UPHOLD: State.UPHELD,
        Move.LOWER: State.LOWERED,
        Move.OVERTURN: State.OVERTURNED,
        Move.DEFAULT: State.OVERTURNED,
    }
)


def window(published: date, calendar: WorkCalendar, days: int = DAYS, away: Away = nobody_away) -> Window:
    """Until when an appeal may be filed against what was published then (a moment, or a local day).

    Args:
        away: tells on which days the subject is on leave: these don't count.
    """
    first = calendar.local(published).date() if isinstance(published, datetime) else published
    last = last_day(first, days, calendar, away)
    return Window(last, end_of_day(last, calendar))


def decision_due(filed: date, calendar: WorkCalendar, days: int = DECISION_DAYS) -> datetime:
    """By when HR decides: the end of the ``days``-th working day after filing."""
    return end_of_day(last_day(filed, days, calendar), calendar)


def runs_from(
    published: datetime | None, reached: datetime | None, admitted: datetime | None = None
) -> datetime | None:
    """From when the time for filing runs: the later of publication and of when the subject was told of it.

    ``None`` while either is missing. Where HR admits a late appeal it runs anew from then.
    """
    if published is None or reached is None:
        return None
    return max(moment for moment in (published, reached, admitted) if moment is not None)


def consider(standing: Standing, move: Move, actor: str, now: datetime) -> State | Refusal:
    """The state that a move leads to, or why it is refused (policy 6.3). Roles are the command's to check.

    Args:
        standing: the case and its appeal.
        move: what the actor wants.
        actor: a person key, or :data:`rules.procedure.actor.SYSTEM`.
        now: when it is asked for; only filing depends on it.
    """
    if refusal := _not_theirs(standing, move, actor):
        return refusal
    if move is Move.FILE:
        return _file(standing, now)
    if standing.state is State.NONE:
        return Refusal.NO_APPEAL
    return Refusal.CLOSED if standing.state in FINAL else _TARGET[move]


def _not_theirs(standing: Standing, move: Move, actor: str) -> Refusal | None:
    if move in (Move.FILE, Move.WITHDRAW):
        return None if actor == standing.subject else Refusal.NOT_OWN_CASE
    if move is Move.DEFAULT:
        return None if actor == SYSTEM else Refusal.SYSTEM_ONLY
    if actor == SYSTEM:
        return Refusal.PEOPLE_DECIDE
    if actor == standing.subject:
        return Refusal.OWN_APPEAL
    return Refusal.DECIDED_IT if actor in standing.confirmed_by else None


def admit(standing: Standing, actor: str, now: datetime) -> Refusal | None:
    """Why HR can't admit a late appeal; ``None`` if it can. Whose case it is admits none, whoever decided may."""
    if actor == standing.subject:
        return Refusal.OWN_APPEAL
    filing = _file(standing, now)
    if filing is Refusal.TOO_LATE:
        return None
    return filing if isinstance(filing, Refusal) else Refusal.NOT_LATE


def _file(standing: Standing, now: datetime) -> State | Refusal:
    if standing.state is not State.NONE:
        return Refusal.ALREADY if standing.state is State.OPEN else Refusal.CLOSED
    if standing.case == "review":
        return Refusal.UNDECIDED
    if standing.case not in APPEALABLE:
        return Refusal.NOTHING_TO_APPEAL
    late = standing.closes is not None and now > standing.closes
    return Refusal.TOO_LATE if late else State.OPEN


def eligible(standing: Standing, candidates: Collection[str]) -> tuple[str, ...]:
    """Those of ``candidates`` (person keys) who may decide the appeal, in order; none: others must be found."""
    barred = standing.confirmed_by | {standing.subject, SYSTEM}
    return tuple(candidate for candidate in candidates if candidate not in barred)


def case_state(state: State, before: str) -> str:
    """The state of the case once its appeal stands so; ``before`` is the case's state when it was filed."""
    if state is State.OPEN:
        return UNDER_APPEAL
    if state is State.LOWERED:
        return "upheld"  # it stands, and counts
    return str(state) if state in (State.UPHELD, State.OVERTURNED) else before


def lower(cost: int, wanted: int) -> Refusal | None:
    """Why a case that costs so much can't cost what is wanted on appeal; ``None`` if it can."""
    return None if 0 <= wanted < cost else Refusal.NOT_LOWER


def was_lowered(case: str, points: int, waived: int) -> bool:
    """Whether an appeal has let a case stand at fewer points, by its state, its cost and what was taken off that."""
    return case == "upheld" and points > 0 and waived > 0
