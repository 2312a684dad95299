"""When a month is over (policy 6.2a, 6.2b): what good work earned by itself is given, and HR hears of the statement.

It happens on the first working day after it, inside the unit of work that claims the run, so exactly once. Nothing
is published here: that takes a person (policy: what fairness asks).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.pipeline.policy import Policy
from bot.pipeline.presence import FIRST_START
from bot.pipeline.telling import to_supervisors
from bot.reports.statement import draft
from bot.settings import Settings
from bot.texts import Texts
from rules.core.book import render
from rules.core.conduct import ANSWERED, BONUS
from rules.procedure import reply
from rules.procedure.statement import month_bounds, month_of
from storage.errors import Conflict
from storage.records import SYSTEM, Addressee, AuditEntry, Enquiry
from storage.session import UnitOfWork

CLOSED = "month closed "
"""Prefix of what is remembered of months that were seen to."""

LATE = 3
"""So many months back are made up for."""


@dataclass(frozen=True, slots=True)
class MonthEnd:
    """Sees to months that are over.

    Attributes:
        settings: gives the settings in force.
        supervision: gives the gateway id of the supervision room, empty while there is none.
    """

    policy: Policy
    texts: Texts
    settings: Callable[[], Settings]
    supervision: Callable[[], str]

    async def __call__(self, unit: UnitOfWork, due: datetime, now: datetime) -> str:  # noqa: ARG002 - the duty's signature
        """Close every month that is over and not closed yet; returns which, for the job-run row."""
        months = [month for month in await self._over(unit, now) if await self._first(unit, month, now)]
        for month in months:
            await self._close(unit, month, now)
        return " ".join(months) or "nothing"

    async def _over(self, unit: UnitOfWork, now: datetime) -> list[str]:
        """The last months that are over, oldest first; a bot that is new has missed none of them."""
        zone = self.policy.book.calendar.zone
        first = await unit.meta.get(FIRST_START)
        since = now if first is None else datetime.fromisoformat(first)
        found: list[str] = []
        month = month_of(now, zone)
        for _ in range(LATE):
            month = month_of(month_bounds(month, zone)[0] - timedelta(days=1), zone)
            if month_bounds(month, zone)[1] > since:
                found.insert(0, month)
        return found

    async def _first(self, unit: UnitOfWork, month: str, now: datetime) -> bool:
        if await unit.meta.get(f"{CLOSED}{month}") is not None:
            return False
        await unit.meta.set(f"{CLOSED}{month}", now.isoformat())
        return True

    async def _close(self, unit: UnitOfWork, month: str, now: datetime) -> None:
        given = await self._reward(unit, month, now)
        found = await draft(unit, month, self.policy.book.calendar.zone)
        lines = found.statement.lines
        if not lines and not found.waiting and not found.unsure:
            return
        text = self.texts.render(
            "statement.drafted",
            month=month,
            people=len(lines),
            deducted=sum(line.deducted for line in lines),
            bonus=sum(line.bonus for line in lines),
            given=given,
            waiting=found.waiting,
            unsure=len(found.unsure),
        )
        await unit.outbox.add(
            await to_supervisors(unit, self.supervision(), text, now, f"statement draft {month}")
        )

    async def _reward(self, unit: UnitOfWork, month: str, now: datetime) -> int:
        """Points for whoever answered everything in time; returns for how many people."""
        bonuses = self.settings().penalty.bonuses
        if not bonuses.answered:
            return 0
        book = self.policy.book
        start, end = month_bounds(month, book.calendar.zone)
        conduct = book.conducts[BONUS]
        theirs: dict[str, list[tuple[Enquiry, Addressee]]] = defaultdict(list)
        for enquiry, addressee in await unit.enquiries.everybody(start, end):
            theirs[addressee.person_key].append((enquiry, addressee))
        given = 0
        for key, asked in sorted(theirs.items()):
            person = await unit.people.get(key)
            if (
                person is None
                or person.kind != "employee"
                or not always_in_time(asked, bonuses.answered_from, now)
            ):
                continue
            reason = render(conduct.reasons[ANSWERED], {"month": month, "count": len(asked)})
            try:
                case, _ = await unit.bonuses.give(
                    key,
                    bonuses.answered,
                    SYSTEM,
                    now,
                    reason,
                    name=person.name,
                    once=f"answers {month} {key}",
                    earned=end - timedelta(microseconds=1),
                    clause=conduct.clauses[ANSWERED],
                )
            except Conflict:
                continue  # given by an earlier run
            await unit.audit.add(AuditEntry(now, SYSTEM, "bonus given", case.number, str(bonuses.answered)))
            given += 1
        return given


def always_in_time(asked: Iterable[tuple[Enquiry, Addressee]], least: int, now: datetime) -> bool:
    """Whether somebody answered everything in time, and that ``least`` times or more.

    Requests that they were excused from, or that are not due yet, count neither way.
    """
    answers = 0
    for enquiry, addressee in asked:
        if addressee.state == reply.State.EXCUSED:
            continue
        answered = addressee.answered_at
        if addressee.state == reply.State.MISSING or answered is None:
            if enquiry.due_at <= now:
                return False
        elif answered > enquiry.due_at or addressee.overdue_case:
            return False
        else:
            answers += 1
    return answers >= least
