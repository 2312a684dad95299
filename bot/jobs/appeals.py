"""Appeals that wait for a decision (policy 6.3): reminders on the third and the last day, and each day beyond it.

What HR leaves lying costs nobody their appeal. It lapses only where its author has left the company and HR has not
decided within the time it had.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.pipeline.appeals import File, deciders, opened
from bot.pipeline.policy import Policy
from bot.pipeline.telling import to_supervisors
from bot.settings import Settings
from bot.texts import Texts
from rules.core.worktime import WorkCalendar
from rules.procedure.appeal import Move, Refusal, case_state, consider
from storage.records import SYSTEM, Appeal, AuditEntry, CaseState, Employment
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
        """Remind whoever decides, end what nobody needs decided; returns whether anything was to be done."""
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
        calendar, zone = self.policy.book.calendar, self.policy.book.calendar.zone
        rows: list[dict[str, object]] = []
        for appeal in await self._due(unit, now):
            case = await unit.cases.get(appeal.number)
            if case is None:
                continue
            file = await opened(unit, case, calendar, self.settings().appeals.days)
            if now > appeal.due_at and await self._lapse(unit, file, now):
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

    async def _lapse(self, unit: UnitOfWork, file: File, now: datetime) -> bool:
        """End an appeal whose author has left; the case stands again as it stood."""
        person = await unit.people.get(file.case.person_key)
        if person is None or person.status != Employment.LEFT:
            return False
        target = consider(file.standing, Move.LAPSE, SYSTEM, now)
        if isinstance(target, Refusal):
            return False
        number = file.case.number
        await unit.cases.move(
            number,
            from_states=(CaseState.APPEALED,),
            to_state=CaseState(case_state(target, file.before)),
            by=SYSTEM,
            now=now,
            reason="",
        )
        await unit.appeals.decide(number, target.value, SYSTEM, now, "")
        await unit.audit.add(AuditEntry(now, SYSTEM, "appeal lapsed", number))
        text = self.texts.render("appeals.lapsed", number=number)
        await unit.outbox.add(
            await to_supervisors(unit, self.supervision(), text, now, f"appeal lapsed {number}")
        )
        return True


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
