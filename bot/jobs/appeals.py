"""Appeals that wait for a decision (policy 6.3): reminders on the third and the last day, and each day beyond it.

What HR leaves lying costs nobody their appeal. Whoever is still here sees it open until it is decided; of somebody who
has left the company and can press for nothing any more, it ends in their favour once HR's time is over.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.pipeline import record
from bot.pipeline.appeals import File, deciders, opened
from bot.pipeline.demands import drop_demands
from bot.pipeline.policy import Policy
from bot.pipeline.telling import privately, publicly, to_supervisors, was_public
from bot.settings import Settings
from bot.texts import Texts
from rules.core.worktime import WorkCalendar
from rules.procedure.appeal import Move, Refusal, case_state, consider
from storage.records import SYSTEM, Appeal, AuditEntry, Case, CaseState, Employment, Outgoing
from storage.session import Storage, UnitOfWork

FIRST_REMINDER_DAY = 3


@dataclass(frozen=True, slots=True)
class AppealWatch:
    """Looks after open appeals with every tick.

    Attributes:
        settings: gives the settings in force.
        supervision: gives the gateway id of the supervision room, empty while there is none.
    """

    storage: Storage
    policy: Policy
    texts: Texts
    settings: Callable[[], Settings]
    supervision: Callable[[], str]

    async def __call__(self, now: datetime) -> bool:
        """Remind whoever decides, end what was left undecided too long; returns whether anything was to be done."""
        if not self.policy.book.calendar.is_working(now):
            return False
        async with self.storage.view() as unit:
            if not await self._due(unit, now):
                return False
        await self.storage.run(lambda unit: self._look(unit, now))
        return True

    async def _due(self, unit: UnitOfWork, now: datetime) -> list[Appeal]:
        days, calendar = self.settings().appeals.decide_days, self.policy.book.calendar
        return [one for one in await unit.appeals.open() if reminder_due(one, days, now, calendar)]

    async def _look(self, unit: UnitOfWork, now: datetime) -> None:
        zone = self.policy.book.calendar.zone
        rows: list[dict[str, object]] = []
        for appeal in await self._due(unit, now):
            case = await unit.cases.get(appeal.number)
            if case is None:
                continue
            file = await opened(unit, case, self.policy.book, self.settings().appeals.days)
            if now > appeal.due_at and await self._default(unit, file, now):
                continue
            await unit.appeals.reminded(appeal.number, now)
            rows.append(
                {
                    "number": appeal.number,
                    "filed": f"{appeal.filed_at.astimezone(zone):%m-%d}",
                    "due": f"{appeal.due_at.astimezone(zone):%m-%d}",
                    "late": now > appeal.due_at,
                    "judges": bool(await deciders(unit, file)),
                }
            )
        if rows:
            text = self.texts.render("appeals.remind", rows=rows)
            unique = f"appeals reminder {now.isoformat()}"
            await unit.outbox.add(await to_supervisors(unit, self.supervision(), text, now, unique))

    async def _default(self, unit: UnitOfWork, file: File, now: datetime) -> bool:
        """End an appeal whose author has left in their favour: what it had cost is given back."""
        person = await unit.people.get(file.case.person_key)
        if person is None or person.status != Employment.LEFT:
            return False
        target = consider(file.standing, Move.DEFAULT, SYSTEM, now)
        if isinstance(target, Refusal):
            return False
        number = file.case.number
        why = self.texts.render("appeals.undecided")
        moved = await unit.cases.move(
            number,
            from_states=(CaseState.APPEALED,),
            to_state=CaseState(case_state(target, file.before)),
            by=SYSTEM,
            now=now,
            reason=why,
        )
        await unit.appeals.decide(number, target.value, SYSTEM, now, why)
        back = await record.reverse(unit, moved, author=SYSTEM, now=now)
        await unit.outbox.drop(number, "its appeal was allowed")
        await drop_demands(unit, number, now)
        await unit.audit.add(AuditEntry(now, SYSTEM, f"appeal {target.value}", number, why))
        await unit.outbox.add(await self._told(unit, moved, back, now))
        return True

    async def _told(self, unit: UnitOfWork, case: Case, back: int, now: datetime) -> list[Outgoing]:
        """Author and supervisors hear how it ended; the group, where it heard the accusation, that it is void."""
        number = case.number
        text = self.texts.render("appeals.by_default", number=number, back=back)
        rows = [
            *await to_supervisors(unit, self.supervision(), text, now, f"appeal by default {number}"),
            await privately(unit, case, text, now, now, f"appeal result {number}"),
        ]
        if await was_public(unit, case):
            public = self.texts.render("appeals.undecided_public", number=number)
            rows.append(await publicly(unit, case, public, now, now, f"appeal public {number}"))
        return rows


def reminder_due(appeal: Appeal, days: int, now: datetime, calendar: WorkCalendar) -> bool:
    """Whether HR is to be reminded of an appeal at ``now``: on the third working day, on the last, and beyond it daily.

    Args:
        days: within how many working days an appeal is decided.
    """
    today, last = calendar.local(now).date(), calendar.local(appeal.due_at).date()
    first = calendar.add_workdays(last, min(0, FIRST_REMINDER_DAY - days))
    if appeal.reminded_at is None:
        return today >= first
    return today >= last and calendar.local(appeal.reminded_at).date() < today
