"""Explanations and rectification that supervisors ask for (policy 6.1b): from asking to done.

Whoever is asked answers by a deadline that lies in working time. A late answer is still an answer. Whoever asked, or
another supervisor, accepts it or sends it back with a new deadline; nobody accepts their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from rules.core.worktime import WorkCalendar
from rules.procedure.actor import SYSTEM
from rules.procedure.deadlines import end_of_work, last_day


class Kind(StrEnum):
    """What is asked for."""

    EXPLANATION = "explanation"
    RECTIFICATION = "rectification"


class State(StrEnum):
    """Where a demand stands."""

    NONE = ""  # nothing of this kind is asked for now
    OPEN = "open"
    ANSWERED = "answered"
    OVERDUE = "overdue"
    ACCEPTED = "accepted"
    CANCELLED = "cancelled"


class Move(StrEnum):
    """A step of supervisors, of the one who is asked (``ANSWER``), or of the clock (``OVERDUE``)."""

    ASK = "ask"
    ANSWER = "answer"
    ACCEPT = "accept"
    REJECT = "reject"
    CANCEL = "cancel"
    OVERDUE = "overdue"


class Refusal(StrEnum):
    """Why a move is refused."""

    OWN_CASE = "own_case"
    NOT_YOURS = "not_yours"  # only whose case it is answers
    NOT_ASKED = "not_asked"
    UNDECIDED = "undecided"  # there is nothing to put right before people have decided
    VOID = "void"  # the case came to nothing
    TOO_SOON = "too_soon"  # no working time is left until the deadline
    ALREADY = "already"
    UNANSWERED = "unanswered"
    NOT_DUE = "not_due"
    CLOSED = "closed"
    PEOPLE_DECIDE = "people_decide"
    SYSTEM_ONLY = "system_only"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a demand stands.

    Attributes:
        state: its state; ``State.NONE`` before it is asked. One that has ended makes way for a new one.
        case: state of the case it is about.
        subject: key of the person whose case it is.
        due: its deadline; of ``ASK`` and ``REJECT``, the new one (:func:`due`, :func:`due_again`).
    """

    state: State
    case: str
    subject: str
    due: datetime


FINAL = frozenset({State.ACCEPTED, State.CANCELLED})
_ASKABLE: Mapping[Kind, frozenset[str]] = MappingProxyType(
    {
        Kind.EXPLANATION: frozenset({"review", "provisional", "confirmed", "appealed", "upheld"}),
        Kind.RECTIFICATION: frozenset({"provisional", "confirmed", "upheld"}),
    }
)
_PENDING = frozenset({"review", "appealed"})
_FROM: Mapping[Move, frozenset[State]] = MappingProxyType(
    {
        Move.ANSWER: frozenset({State.OPEN, State.OVERDUE, State.ANSWERED}),  # answered: something is added
        Move.ACCEPT: frozenset({State.ANSWERED}),
        Move.REJECT: frozenset({State.ANSWERED}),
        Move.CANCEL: frozenset({State.OPEN, State.OVERDUE, State.ANSWERED}),
        Move.OVERDUE: frozenset({State.OPEN}),
    }
)
_TARGET: Mapping[Move, State] = MappingProxyType(
    {
        Move.ANSWER: State.ANSWERED,
        Move.ACCEPT: State.ACCEPTED,
        Move.REJECT: State.OPEN,
        Move.CANCEL: State.CANCELLED,
        Move.OVERDUE: State.OVERDUE,
    }
)


def due(asked: datetime, days: int, calendar: WorkCalendar) -> datetime:
    """The deadline of what is asked then: the end of work on the ``days``-th working day after.

    Another deadline that somebody names goes through :func:`rules.procedure.deadlines.fair_due`.
    """
    return end_of_work(last_day(asked, days, calendar), calendar)


def due_again(given: datetime, wanted: datetime) -> datetime:
    """The deadline of what is sent back: as wanted, but never before the one that was given."""
    return max(given, wanted)


def consider(
    standing: Standing, kind: Kind, move: Move, actor: str, now: datetime, calendar: WorkCalendar
) -> State | Refusal:
    """The state that a move leads to, or why it is refused (policy 6.1b). Roles are the command's to check.

    Args:
        standing: the demand and its case.
        kind: what is asked for.
        move: what the actor wants.
        actor: a person key, or :data:`rules.procedure.actor.SYSTEM`, which keeps time, and cancels what a case
            leaves behind that came to nothing.
        now: when it is asked for.
        calendar: what working time is.
    """
    if refusal := _not_theirs(standing, move, actor):
        return refusal
    if move is Move.ASK:
        return _ask(standing, kind, now, calendar)
    if standing.state not in _FROM[move]:
        return _out_of_turn(standing.state, move)
    if move is Move.REJECT and calendar.working_time_between(now, standing.due).total_seconds() <= 0:
        return Refusal.TOO_SOON
    if move is Move.OVERDUE and now <= standing.due:
        return Refusal.NOT_DUE
    return _TARGET[move]


def _not_theirs(standing: Standing, move: Move, actor: str) -> Refusal | None:
    if move is Move.ANSWER:
        return None if actor == standing.subject else Refusal.NOT_YOURS
    if move is Move.OVERDUE:
        return None if actor == SYSTEM else Refusal.SYSTEM_ONLY
    if actor == SYSTEM:
        return None if move is Move.CANCEL else Refusal.PEOPLE_DECIDE
    return Refusal.OWN_CASE if actor == standing.subject else None


def _ask(standing: Standing, kind: Kind, now: datetime, calendar: WorkCalendar) -> State | Refusal:
    if standing.state is not State.NONE:
        return Refusal.CLOSED if standing.state in FINAL else Refusal.ALREADY
    if standing.case not in _ASKABLE[kind]:
        return Refusal.UNDECIDED if standing.case in _PENDING else Refusal.VOID
    in_time = calendar.working_time_between(now, standing.due).total_seconds() > 0
    return State.OPEN if in_time else Refusal.TOO_SOON


def _out_of_turn(state: State, move: Move) -> Refusal:
    if state is State.NONE:
        return Refusal.NOT_ASKED
    if state in FINAL:
        return Refusal.CLOSED
    return Refusal.ALREADY if state is State.ANSWERED or move is Move.OVERDUE else Refusal.UNANSWERED
