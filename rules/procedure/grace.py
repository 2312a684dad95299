"""From a standing finding (a nickname, policy 2.2a) to reminders and, after a time of grace, a case.

Nobody gets a case for what nobody told them of: grace counts from the first reminder, in working days.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
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
    if _days_later(now, told.first, grace.days, calendar):
        return Step.CASE
    return Step.REMIND if _days_later(now, told.last, grace.remind_every, calendar) else Step.WAIT


def _days_later(now: datetime, then: datetime, days: int, calendar: WorkCalendar) -> bool:
    day = calendar.add_workdays(calendar.local(then).date(), days)
    return calendar.local(now).date() >= day
