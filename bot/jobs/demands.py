"""Explanations and rectification that are due (policy 6.1b): one reminder before, then the supervisors are told.

All of it in working time; whoever is on leave hears of it when they are back, and has as many days more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.pipeline.leave import demand_due, on_leave
from bot.pipeline.notice import local, shown
from bot.pipeline.policy import Policy
from bot.pipeline.telling import privately, sure_contact, to_supervisors
from bot.reports.procedure_titles import DEMAND_KINDS
from bot.texts import Texts
from rules.procedure.deadlines import Step, Watch, next_step
from rules.procedure.rectification import Kind, State
from storage.records import SYSTEM, AuditEntry, Case, Demand
from storage.session import Storage, UnitOfWork


@dataclass(frozen=True, slots=True)
class DemandWatch:
    """Looks after what is asked of people with every tick.

    Attributes:
        supervision: gives the gateway id of the supervision room, empty while there is none.
    """

    storage: Storage
    policy: Policy
    texts: Texts
    supervision: Callable[[], str]

    async def __call__(self, now: datetime) -> bool:
        """Remind and escalate; returns whether anything was to be done."""
        if not self.policy.book.calendar.is_working(now):
            return False
        async with self.storage.view() as unit:
            if not await self._due(unit, now):
                return False
        await self.storage.run(lambda unit: self._look(unit, now))
        return True

    async def _due(self, unit: UnitOfWork, now: datetime) -> list[tuple[Demand, Step]]:
        found = [(one, await self._step(unit, one, now)) for one in await unit.demands.open()]
        return [(one, step) for one, step in found if step is not Step.WAIT]

    async def _step(self, unit: UnitOfWork, demand: Demand, now: datetime) -> Step:
        book = self.policy.book
        if demand.state != State.OPEN:
            return Step.WAIT  # overdue ones are with the supervisors already
        if await on_leave(unit, demand.person_key, book, now):
            return Step.WAIT
        due = await demand_due(unit, demand, book)
        step = next_step(Watch(due, demand.reminded_at), now, book.calendar)
        # Nobody is reminded on the day on which they were asked.
        same_day = book.calendar.local(demand.asked_at).date() == book.calendar.local(now).date()
        return Step.WAIT if step is Step.REMIND and same_day else step

    async def _look(self, unit: UnitOfWork, now: datetime) -> None:
        for demand, step in await self._due(unit, now):
            case = await unit.cases.get(demand.number)
            if case is None:
                continue
            if step is Step.REMIND:
                await unit.demands.reminded(demand.number, demand.kind, now)
                await self._say(unit, case, demand, "demands.remind", now)
            else:
                await self._escalate(unit, case, demand, now)

    async def _escalate(self, unit: UnitOfWork, case: Case, demand: Demand, now: datetime) -> None:
        await unit.demands.overdue(demand.number, demand.kind, now)
        await unit.audit.add(AuditEntry(now, SYSTEM, f"{demand.kind} overdue", demand.number))
        contact = sure_contact(await unit.people.get(case.person_key), case)
        due = await demand_due(unit, demand, self.policy.book)
        unread = any(row.case == case.number for row in await unit.outbox.waiting_private(contact))
        text = self.texts.render(
            "demands.escalated",
            what=DEMAND_KINDS[Kind(demand.kind)],
            number=demand.number,
            who=shown(case.sender_name),
            due=local(due, self.policy.book.calendar.zone),
            unread=unread,
        )
        unique = f"demand overdue {demand.id} {demand.due_at.isoformat()}"
        rows = await to_supervisors(unit, self.supervision(), text, now, unique, beyond=(demand.person_key,))
        await unit.outbox.add(rows)
        await self._say(unit, case, demand, "demands.overdue", now)

    async def _say(self, unit: UnitOfWork, case: Case, demand: Demand, key: str, now: datetime) -> None:
        text = self.texts.render(
            key,
            number=demand.number,
            what=DEMAND_KINDS[Kind(demand.kind)],
            done=demand.kind == Kind.RECTIFICATION,
            due=local(await demand_due(unit, demand, self.policy.book), self.policy.book.calendar.zone),
        )
        unique = f"demand reminder {demand.id} {key} {demand.due_at.isoformat()}"
        await unit.outbox.add([await privately(unit, case, text, now, now, unique, knock=True)])
