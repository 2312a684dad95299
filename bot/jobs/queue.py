"""What waits for people, once a working day: what waits too long is named, and what nobody decides is closed.

A doubtful case that nobody has decided in time is dismissed, and so is one that the bot has spoken of and nobody has
confirmed: a machine's doubt must not hang over anybody for ever (policy: what fairness asks). The supervisors are told
at once, and the digest says it again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.jobs.unconfirmed import Unconfirmed
from bot.pipeline.demands import drop_demands
from bot.pipeline.notice import shown
from bot.pipeline.policy import Policy
from bot.pipeline.telling import to_supervisors
from bot.reports.figures import LAPSED, titles
from bot.settings import Settings
from bot.texts import Texts
from rules.core.model import Tier
from rules.core.worktime import WorkCalendar
from storage.records import SYSTEM, AuditEntry, Case, CaseState
from storage.session import UnitOfWork

READ = 1000
NAMED = 20


@dataclass(frozen=True, slots=True)
class ReviewQueue:
    """Looks at every case that waits for a decision.

    Attributes:
        settings: gives the settings in force.
        supervision: gives the gateway id of the supervision room, empty while there is none.
    """

    policy: Policy
    texts: Texts
    settings: Callable[[], Settings]
    supervision: Callable[[], str]

    @property
    def unconfirmed(self) -> Unconfirmed:
        """The part that looks at what was spoken of."""
        return Unconfirmed(self.policy, self.texts, self.settings)

    async def __call__(self, unit: UnitOfWork, due: datetime, now: datetime) -> str:
        """Let lapse what is too old, and remind of the rest; returns how many of each, for the job-run row."""
        settings, calendar = self.settings().review, self.policy.book.calendar
        waiting = (await unit.cases.list(states=[CaseState.REVIEW], limit=READ))[::-1]
        old = [case for case in waiting if lapses(case, settings.lapse_days, now, calendar)]
        gone = {case.number for case in old}
        late = [case for case in waiting if case.number not in gone and self._urged(case, now)]
        for case in old:
            await self._lapse(unit, case, now)
        provisional = await self.unconfirmed.waiting(unit)
        over = await self.unconfirmed.over(unit, provisional, now)
        closed = {case.number for case in over}
        open_still = [case for case in provisional if case.number not in closed]
        unsettled = [case for case in open_still if self._urged(case, now)]
        await unit.outbox.add(await self.unconfirmed.close(unit, over, now))
        if old or late or over or unsettled:
            text = self.texts.render(
                "queue.round",
                late=[self._row(case, now) for case in late[:NAMED]],
                more=max(0, len(late) - NAMED),
                lapsed=[case.number for case in old[:NAMED]],
                lapsed_more=max(0, len(old) - NAMED),
                days=settings.lapse_days,
                unsettled=[self._row(case, now) for case in unsettled[:NAMED]],
                unsettled_more=max(0, len(unsettled) - NAMED),
                closed=[case.number for case in over[:NAMED]],
                closed_more=max(0, len(over) - NAMED),
                confirm_days=settings.confirm_days,
                provisional=len(open_still),
                each=self.settings().penalty.confirm == "each",
            )
            unique = f"queue {calendar.local(due).date().isoformat()}"
            await unit.outbox.add(await to_supervisors(unit, self.supervision(), text, now, unique))
        return f"late {len(late) + len(unsettled)}, lapsed {len(old) + len(over)}"

    def _urged(self, case: Case, now: datetime) -> bool:
        patience = timedelta(hours=self.settings().review.remind_hours)
        return self.policy.book.calendar.working_time_between(case.created_at, now) > patience

    async def _lapse(self, unit: UnitOfWork, case: Case, now: datetime) -> None:
        await unit.cases.move(
            case.number,
            from_states=(CaseState.REVIEW,),
            to_state=CaseState.DISMISSED,
            by=SYSTEM,
            now=now,
            reason="逾期未决，按不成立处理",
        )
        await drop_demands(unit, case.number, now)
        await unit.outbox.drop(case.number, "nobody decided it in time")
        await unit.audit.add(AuditEntry(now, SYSTEM, LAPSED, case.number))

    def _row(self, case: Case, now: datetime) -> dict[str, object]:
        calendar = self.policy.book.calendar
        if case.state is CaseState.PROVISIONAL:
            last = self.unconfirmed.last_day(case)
        else:
            last = calendar.add_workdays(
                calendar.local(case.created_at).date(), self.settings().review.lapse_days
            )
        waited = calendar.working_time_between(case.created_at, now)
        return {
            "number": case.number,
            "title": titles(self.policy.book)(case.rule),
            "who": shown(case.sender_name),
            "hours": int(waited.total_seconds() // 3600),
            "lapses": f"{last:%m-%d}"
            if case.tier == Tier.REVIEW or case.state is CaseState.PROVISIONAL
            else "",
        }


def lapses(case: Case, days: int, now: datetime, calendar: WorkCalendar) -> bool:
    """Whether a case in review is too old to be held against anybody: doubtful, and ``days`` working days are over.

    A sure finding on somebody with a role waits on: whoever reviews must not be able to sit out their own cases.
    """
    last = calendar.add_workdays(calendar.local(case.created_at).date(), days)
    return case.tier == Tier.REVIEW and calendar.local(now).date() > last
