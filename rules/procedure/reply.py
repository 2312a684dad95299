"""Answers to what was asked: who is missing, who is reminded when, and what is overdue (policy 4.1a, 4.1b, 6.2c).

Whoever was asked answers within some working hours, urgent matters within working minutes. Half-way and at the
deadline those who are missing are reminded, never more than once in half a day, never outside of working time
(unless they are on duty and it is urgent) and never on leave. An answer is overdue only if its owner was reminded
and had time after that; whether it held work up is for people to decide.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from rules.core.conduct import LATE_ANSWER
from rules.core.worktime import WorkCalendar
from rules.procedure.deadlines import end_of_day, last_day

RULE = LATE_ANSWER
"""What stands for a rule in a case about an answer that did not come."""

NOON = 12
GRACE = timedelta(minutes=15)
"""Working time that somebody has after a reminder before their answer is overdue."""

LATE_DAYS = 2
"""Working days after the deadline in which late answers are still noted."""


class State(StrEnum):
    """Where one person's answer stands."""

    MISSING = "missing"
    RECEIVED = "received"
    CAN = "can"
    CANNOT = "cannot"
    DONE = "done"
    EXCUSED = "excused"  # on leave when it was due


class Standing(StrEnum):
    """Where a whole enquiry stands."""

    OPEN = "open"
    CLOSED = "closed"  # by hand
    DONE = "done"


class Refusal(StrEnum):
    """Why a move is refused."""

    NOTHING_NEW = "nothing_new"  # as much was said before
    FINAL = "final"
    NOT_YOURS = "not_yours"  # only the asker and supervisors close or press
    OVER = "over"


_LEADS_TO: Mapping[State, frozenset[State]] = MappingProxyType(
    {
        State.MISSING: frozenset({State.RECEIVED, State.CAN, State.CANNOT, State.DONE, State.EXCUSED}),
        State.RECEIVED: frozenset({State.CAN, State.CANNOT, State.DONE}),
        State.CAN: frozenset({State.CANNOT, State.DONE}),
        State.CANNOT: frozenset({State.CAN, State.DONE}),
        State.EXCUSED: frozenset({State.RECEIVED, State.CAN, State.CANNOT, State.DONE}),
        State.DONE: frozenset(),
    }
)
SETTLED = frozenset({State.DONE, State.CANNOT, State.EXCUSED})
"""After these nothing more is awaited."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How much working time people have.

    Attributes:
        ordinary, urgent: for an answer, where the request does not say by when.
    """

    ordinary: timedelta = timedelta(hours=4)
    urgent: timedelta = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Enquiry:
    """What is known of a request.

    Attributes:
        summarised: the asker was told how it went.
    """

    asked_at: datetime
    due_at: datetime
    urgent: bool = False
    summarised: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """One person who was asked.

    Attributes:
        key: person key.
        away: on leave now.
        away_then: on leave when the answer is due.
        on_duty: on duty now.
        reminded_at, reminders: of this request.
        told_at: when they were last reminded of any request.
        liable: an overdue answer may become a case.
        charged: it has become one.
    """

    key: str
    state: State
    away: bool = False
    away_then: bool = False
    on_duty: bool = False
    reminded_at: datetime | None = None
    reminders: int = 0
    told_at: datetime | None = None
    liable: bool = True
    charged: bool = False


@dataclass(frozen=True, slots=True)
class Due:
    """What is due now.

    Attributes:
        excuse: who is on leave, and need not answer.
        remind: whom to remind.
        overdue: whose answer is overdue: a case for people to decide on.
        summary: the asker is to be told how it went.
        finish: nothing more is awaited; the request is done.
    """

    excuse: tuple[str, ...] = ()
    remind: tuple[str, ...] = ()
    overdue: tuple[str, ...] = ()
    summary: bool = False
    finish: bool = False


def consider(state: State, said: State) -> State | Refusal:
    """The state to which an answer leads, or why it changes nothing. Nobody goes back to missing."""
    if state is State.DONE:
        return Refusal.FINAL
    return said if said in _LEADS_TO[state] else Refusal.NOTHING_NEW


def close(standing: Standing, *, entitled: bool) -> Standing | Refusal:
    """Close by hand; ``entitled``: whoever wants it has asked, or supervises."""
    if not entitled:
        return Refusal.NOT_YOURS
    return Standing.CLOSED if standing is Standing.OPEN else Refusal.OVER


def deadline(
    asked_at: datetime,
    stated: datetime | None,
    calendar: WorkCalendar,
    patience: Patience,
    *,
    urgent: bool = False,
) -> datetime:
    """By when an answer is due: as stated, else after the usual working time, in the company's zone."""
    if stated is not None and stated > asked_at:
        return calendar.local(stated)
    return calendar.add_working_time(asked_at, patience.urgent if urgent else patience.ordinary)


def half_way(enquiry: Enquiry, calendar: WorkCalendar) -> datetime:
    """When half of the working time for an answer is over; the deadline itself if there is none in between."""
    span = calendar.working_time_between(enquiry.asked_at, enquiry.due_at)
    if span <= timedelta():
        return enquiry.due_at
    return min(calendar.add_working_time(enquiry.asked_at, span / 2), calendar.local(enquiry.due_at))


def half_day(moment: datetime, calendar: WorkCalendar) -> tuple[date, bool]:
    """The half-day in which a moment lies: the local day, and whether it is after noon."""
    local = calendar.local(moment)
    return local.date(), local.hour >= NOON


def fresh(told_at: datetime | None, now: datetime, calendar: WorkCalendar) -> bool:
    """Whether somebody may be reminded now who was last reminded at ``told_at``: not twice in half a day."""
    return told_at is None or half_day(told_at, calendar) != half_day(now, calendar)


def closes_at(enquiry: Enquiry, calendar: WorkCalendar) -> datetime:
    """Until when late answers are noted."""
    return end_of_day(last_day(calendar.local(enquiry.due_at).date(), LATE_DAYS, calendar), calendar)


def due(enquiry: Enquiry, people: Sequence[Asked], now: datetime, calendar: WorkCalendar) -> Due:
    """What is due at ``now`` for an enquiry that is open."""
    over = now >= enquiry.due_at
    missing = [one for one in people if one.state is State.MISSING]
    excuse = [one for one in missing if one.away_then and over]
    missing = [one for one in missing if one not in excuse]
    remind = [one for one in missing if _to_remind(enquiry, one, now, calendar)]
    overdue = [one for one in missing if over and one not in remind and _is_overdue(one, now, calendar)]
    summary = not enquiry.summarised and (not missing or (over and calendar.is_working(now)))
    states = [one.state for one in people if one not in excuse]
    finish = (enquiry.summarised or summary) and (
        all(state in SETTLED for state in states) or now > closes_at(enquiry, calendar)
    )
    return Due(_keys(excuse), _keys(remind), _keys(overdue), summary, finish)


def _keys(people: Sequence[Asked]) -> tuple[str, ...]:
    return tuple(one.key for one in people)


def _to_remind(enquiry: Enquiry, one: Asked, now: datetime, calendar: WorkCalendar) -> bool:
    reachable = calendar.is_working(now) or (enquiry.urgent and one.on_duty)
    if one.away or not reachable:
        return False
    if not fresh(one.told_at, now, calendar):
        return False
    if now >= enquiry.due_at:
        return one.reminded_at is None or one.reminded_at < enquiry.due_at
    return one.reminders == 0 and now >= half_way(enquiry, calendar)


def _is_overdue(one: Asked, now: datetime, calendar: WorkCalendar) -> bool:
    if not one.liable or one.charged or one.away or one.reminded_at is None or not calendar.is_working(now):
        return False
    return calendar.working_time_between(one.reminded_at, now) >= GRACE
