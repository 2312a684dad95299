"""Days and hours that procedures count in, and what to say of them when (policy 3.2b, 6.1b, 6.3).

A time limit in working days never counts the day on which it begins, and ends with the last moment of its
last day in the company's time zone. People are reminded in working time only.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from rules.core.rota import Rota
from rules.core.worktime import WorkCalendar

Away = Callable[[date], bool]
"""Tells of a working day whether somebody is away: such a day counts for no time limit of theirs."""


class Step(StrEnum):
    """What is due for somebody who has a time limit."""

    WAIT = "wait"
    REMIND = "remind"
    ESCALATE = "escalate"


@dataclass(frozen=True, slots=True)
class Watch:
    """A time limit and what was said of it.

    Attributes:
        due: its last moment.
        reminded: the last reminder; ``None`` before the first.
        escalated: when those above were told that it had passed; ``None`` before.
    """

    due: datetime
    reminded: datetime | None = None
    escalated: datetime | None = None


def nobody_away(_: date) -> bool:
    """Whoever is at work every working day."""
    return False


def on_leave(who: Collection[str], rota: Rota, calendar: WorkCalendar) -> Away:
    """The days with leave in their working time, be it half a day; ``who`` are all the names that somebody goes by."""

    def away(day: date) -> bool:
        opening, closing = (
            datetime.combine(day, clock, tzinfo=calendar.zone) for clock in (calendar.start, calendar.end)
        )
        return rota.leave_between(who, opening, closing)

    return away


def last_day(since: date, days: int, calendar: WorkCalendar, away: Away = nobody_away) -> date:
    """The last day of a time limit of ``days`` working days; the day of ``since``, local, doesn't count.

    Nor does a day on which somebody is away, so the last one is a whole day at work.

    Raises:
        ValueError: less than one day, or ``since`` is a moment without a time zone.
    """
    if days < 1:
        raise ValueError("a time limit has at least one working day")
    day = calendar.local(since).date() if isinstance(since, datetime) else since
    for _ in range(days):
        day = calendar.add_workdays(day, 1)
        while away(day):
            day = calendar.add_workdays(day, 1)
    return day


def put_off(since: datetime, due: datetime, calendar: WorkCalendar, away: Away) -> datetime:
    """A deadline that was set at ``since``, later by as many working days as somebody is away until then.

    Where that changes anything, it ends with the work of its day: who comes back has that whole day.
    """
    first, day = calendar.local(since).date(), calendar.local(due).date()
    counted = workdays_after(first, day, calendar) or [day]
    missing = sum(away(one) for one in counted)
    if not missing:
        return due
    return max(due, end_of_work(last_day(day, missing, calendar, away), calendar))


def workdays_after(first: date, last: date, calendar: WorkCalendar) -> list[date]:
    """The working days after ``first``, up to and including ``last``."""
    found = []
    day = calendar.add_workdays(first, 1)
    while day <= last:
        found.append(day)
        day = calendar.add_workdays(day, 1)
    return found


def end_of_day(day: date, calendar: WorkCalendar) -> datetime:
    """The last moment of a day (24:00, written 23:59:59.999999 so that it shows the day it belongs to)."""
    return datetime.combine(day, time.max, tzinfo=calendar.zone)


def end_of_work(day: date, calendar: WorkCalendar) -> datetime:
    """When work ends on ``day``, or on the next working day if nobody works on it."""
    working = day if calendar.is_workday(day) else calendar.add_workdays(day, 1)
    return datetime.combine(working, calendar.end, tzinfo=calendar.zone)


def fair_due(wanted: date, calendar: WorkCalendar) -> datetime:
    """A deadline that somebody named, moved into working time and never earlier than it was named.

    A day means the end of its work; a moment outside working time, the next opening.
    """
    if isinstance(wanted, datetime):
        return calendar.next_opening(wanted)
    return end_of_work(wanted, calendar)


def next_step(watch: Watch, now: datetime, calendar: WorkCalendar, *, lead: int = 1, every: int = 1) -> Step:
    """What is due at ``now``: one reminder before the end, then word to those above, then reminders again.

    Args:
        lead: the first reminder comes so many working days before the last day; 0: on the last day itself.
        every: working days between the reminders once it has passed.

    Outside working time nothing is due (policy 3.2b).
    """
    if not calendar.is_working(now):
        return Step.WAIT
    today = calendar.local(now).date()
    if now > watch.due:
        if watch.escalated is None:
            return Step.ESCALATE
        last = watch.escalated if watch.reminded is None else max(watch.escalated, watch.reminded)
        again = calendar.add_workdays(calendar.local(last).date(), every)
        return Step.REMIND if today >= again else Step.WAIT
    first = calendar.add_workdays(calendar.local(watch.due).date(), -lead)
    return Step.REMIND if watch.reminded is None and today >= first else Step.WAIT
