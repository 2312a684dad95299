"""Whom a published statement has reached (policy 6.3): the supervisors hear it, and are reminded of the rest.

What is told is what left, not what was meant to leave. Whoever is no contact of the account has to be told by a
person, who records it (``/公示 已告知``); until then the time for their appeals does not run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from bot.pipeline.notice import shown
from bot.pipeline.policy import Policy
from bot.pipeline.telling import statement_row, to_supervisors
from bot.texts import Texts
from storage.records import Employment, Outgoing, Person, Statement
from storage.session import Storage, UnitOfWork

REPORTED = "statement reached "
"""Prefix of what is remembered of months of which the supervisors heard whom they reached."""

SETTLED = timedelta(hours=2)
"""So much working time messages are given to leave before the first report."""

EVERY_DAYS = 3
"""Working days from one report to the next, while somebody is to be told still."""

LOOKED_AT = timedelta(days=60)
NAMED = 15
MONTHS = 12


@dataclass(frozen=True, slots=True)
class StatementWatch:
    """Looks with every tick whom the statements of the last months have reached.

    Attributes:
        supervision: gives the gateway id of the supervision room, empty while there is none.
    """

    storage: Storage
    policy: Policy
    texts: Texts
    supervision: Callable[[], str]

    async def __call__(self, now: datetime) -> bool:
        """Report what is due; returns whether anything was."""
        if not self.policy.book.calendar.is_working(now):
            return False
        async with self.storage.view() as unit:
            due = [kept for kept in await unit.statements.list(MONTHS) if await self._due(unit, kept, now)]
        for kept in due:
            await self.storage.run(partial(self._report, month=kept.month, now=now))
        return bool(due)

    async def _due(self, unit: UnitOfWork, kept: Statement, now: datetime) -> bool:
        if now - kept.published_at > LOOKED_AT:
            return False
        reported = await unit.meta.get(f"{REPORTED}{kept.month}")
        if reported is None:
            return await self._settled(unit, kept, now)
        calendar = self.policy.book.calendar
        again = calendar.add_workdays(calendar.local(datetime.fromisoformat(reported)).date(), EVERY_DAYS)
        return calendar.local(now).date() >= again and bool(await _to_be_told(unit, kept))

    async def _settled(self, unit: UnitOfWork, kept: Statement, now: datetime) -> bool:
        """Whether nothing of it is about to leave any more; what is tried again and again holds up no report."""
        if self.policy.book.calendar.working_time_between(kept.published_at, now) >= SETTLED:
            return True
        fates = await unit.outbox.fates(statement_row(kept.month, ""))
        return all(fate.state != "pending" for fate in fates)

    async def _report(self, unit: UnitOfWork, month: str, now: datetime) -> None:
        kept = await unit.statements.get(month)
        if kept is None:
            return
        missing = await _to_be_told(unit, kept)
        reached = sum(line.reached_at is not None for line in kept.lines)
        text = self.texts.render(
            "statement.reach",
            month=month,
            count=len(kept.lines),
            reached=reached,
            unreached=len(missing),
            left=len(kept.lines) - reached - len(missing),
            names=[shown(f"{one.department}{one.name}") for one in missing[:NAMED]],
            more=len(missing) > NAMED,
        )
        await unit.meta.set(f"{REPORTED}{month}", now.isoformat())
        await unit.outbox.add(await self._rows(unit, month, text, now))

    async def _rows(self, unit: UnitOfWork, month: str, text: str, now: datetime) -> tuple[Outgoing, ...]:
        unique = f"statement reach {month} {now.isoformat()}"
        return await to_supervisors(unit, self.supervision(), text, now, unique)


async def _to_be_told(unit: UnitOfWork, kept: Statement) -> list[Person]:
    """Who is to be told still; those who have left the company nobody is asked to look for."""
    found = [await unit.people.get(line.person_key) for line in kept.lines if line.reached_at is None]
    return [person for person in found if person is not None and person.status != Employment.LEFT]
