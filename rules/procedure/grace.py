"""From a standing finding (a nickname, policy 2.2a) to reminders and, after a time of grace, a case.

Nobody gets a case for what nobody told them of: grace counts from the first reminder, in working days, and a case
comes on the working day after the last of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from rules.core.worktime import WorkCalendar


class Step(StrEnum):
    """What happens next."""

    WAIT = "wait"
    REMIND = "remind"
    CASE = "case"


@dataclass(frozen=True, slots=True)
class Grace:
    """How patient the policy is.

    Attributes:
        days: working days between the first reminder and a case; 0: a case at once, without a reminder.
        remind_every: working days between two reminders.
    """

    days: int
    remind_every: int


@dataclass(frozen=True, slots=True)
class Reminded:
    """How often somebody was told already.

    Attributes:
        first, last: when a reminder was decided on; ``None`` before the first.
        settled: there is a case already.
    """

    first: datetime | None = None
    last: datetime | None = None
    settled: bool = False


def next_step(told: Reminded, grace: Grace, now: datetime, calendar: WorkCalendar) -> Step:
    """What is due at ``now`` while the finding stands. A reminder and a case are never due before their day begins."""
    if told.settled:
        return Step.WAIT
    if grace.days == 0:
        return Step.CASE
    if told.first is None or told.last is None:
        return Step.REMIND
    today = calendar.local(now).date()
    if today > last_day(told.first, grace, calendar):
        return Step.CASE
    again = calendar.add_workdays(calendar.local(told.last).date(), grace.remind_every)
    return Step.REMIND if today >= again else Step.WAIT


def last_day(first: datetime, grace: Grace, calendar: WorkCalendar) -> date:
    """The last day on which it may still be mended without a case; ``first`` is when the first reminder went out."""
    return calendar.add_workdays(calendar.local(first).date(), grace.days)
