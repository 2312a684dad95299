"""Cases that the bot has spoken of and nobody has confirmed: an accusation must not stand for ever undecided.

Each closes as not established some working days after its month: by then the month's statement, for which people
confirm, had its time (:func:`rules.procedure.review.confirmable_until`). What was said is taken back where it was said.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.pipeline import record
from bot.pipeline.demands import drop_demands
from bot.pipeline.notice import addressed
from bot.pipeline.policy import Policy, reviewed_first
from bot.pipeline.telling import privately, room_of, sure_contact, was_public
from bot.reports.figures import LAPSED
from bot.settings import Settings
from bot.texts import Texts
from rules.procedure.review import confirmable_until
from storage.records import SYSTEM, AuditEntry, Case, CaseState, Outgoing
from storage.session import UnitOfWork

READ = 10_000
IN_ONE_MESSAGE = 10


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """Looks at every provisional case, inside the caller's unit of work.

    Attributes:
        settings: gives the settings in force.
    """

    policy: Policy
    texts: Texts
    settings: Callable[[], Settings]

    async def waiting(self, unit: UnitOfWork) -> list[Case]:
        """Every provisional case that people have to decide, oldest first; a reminder is settled as it is."""
        return (await unit.cases.list(states=[CaseState.PROVISIONAL], limit=READ, reminders=False))[::-1]

    def last_day(self, case: Case) -> date:
        """The last day on which a case may be confirmed, unless it has been before people since it was opened."""
        return confirmable_until(
            case.created_at, self.settings().review.confirm_days, self.policy.book.calendar
        )

    async def over(self, unit: UnitOfWork, waiting: Collection[Case], now: datetime) -> list[Case]:
        """Those whose time is over."""
        today = self.policy.book.calendar.local(now).date()
        return [
            case for case in waiting if today > self.last_day(case) and await self._closes(unit, case, now)
        ]

    async def _closes(self, unit: UnitOfWork, case: Case, now: datetime) -> bool:
        """Whether a case that is old enough closes: not for those who review, and not soon after it was reopened."""
        person = await unit.people.get(case.person_key)
        if person is not None and reviewed_first(person):
            return False  # whoever reviews must not be able to sit out their own cases
        moves = await unit.cases.history(case.number)
        if not moves:
            return True
        calendar = self.policy.book.calendar
        last = confirmable_until(moves[-1].at, self.settings().review.confirm_days, calendar)
        return calendar.local(now).date() > last

    async def close(self, unit: UnitOfWork, cases: Collection[Case], now: datetime) -> list[Outgoing]:
        """Dismiss cases; returns what takes back what was said of them, one message to a group for several."""
        rows: list[Outgoing] = []
        public: dict[str, list[Case]] = defaultdict(list)
        for case in cases:
            heard = await was_public(unit, case)
            await self._dismiss(unit, case, now)
            if case.noticed_at is None or not case.points:
                continue  # nobody heard of it, or it was a reminder that costs nothing
            if heard:
                public[await room_of(unit, case)].append(case)
            else:
                text = self.texts.render("notice.unconfirmed", number=case.number)
                rows.append(await privately(unit, case, text, now, now, f"unconfirmed {case.number}"))
        for room, theirs in public.items():
            for start in range(0, len(theirs), IN_ONE_MESSAGE):
                rows.append(await self._publicly(unit, room, theirs[start : start + IN_ONE_MESSAGE], now))
        return rows

    async def _dismiss(self, unit: UnitOfWork, case: Case, now: datetime) -> None:
        moved = await unit.cases.move(
            case.number,
            from_states=(CaseState.PROVISIONAL,),
            to_state=CaseState.DISMISSED,
            by=SYSTEM,
            now=now,
            reason="逾期未经确认，按不成立处理",
        )
        await record.reverse(unit, moved, author=SYSTEM, now=now)
        await drop_demands(unit, case.number, now)
        await unit.outbox.drop(case.number, "nobody confirmed it in time")
        await unit.audit.add(AuditEntry(now, SYSTEM, LAPSED, case.number))

    async def _publicly(self, unit: UnitOfWork, room: str, cases: Sequence[Case], now: datetime) -> Outgoing:
        people = {
            sure_contact(await unit.people.get(case.person_key), case): case.sender_name for case in cases
        }
        text = self.texts.render("notice.unconfirmed_public", numbers=[case.number for case in cases])
        return Outgoing(
            target=room,
            text="".join(addressed(name, "") for name in people.values()) + text,
            due_at=now,
            created_at=now,
            kind="notice",
            mentions=tuple(people),
            unique=f"unconfirmed {' '.join(case.number for case in cases)}",
        )
