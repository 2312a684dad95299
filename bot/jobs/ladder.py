"""What confirmed points lead to as they add up (policy 6.2, 5.1): the escalation ladder, with every tick.

Each step is taken once (:mod:`rules.procedure.ladder`): the head of the department is told, privately, or the
supervisors get a proposal; the person hears of it too. Whoever was told a sum hears what it is once a case in it has
come to nothing, or to less. Grave cases go to the supervisors at once, and some rules' cases come with a word of
education. Nobody's points count for this before it is sure who they are.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from bot.jobs.conduct import CONDUCT_BEFORE, conduct
from bot.jobs.ladder_corrections import COUNTING, OWN, VOID, Corrections, step_name, steps_done
from bot.pipeline.membership import heads_of
from bot.pipeline.notice import shown
from bot.pipeline.policy import Policy
from bot.pipeline.telling import privately, to_supervisors
from bot.reports.figures import titles
from bot.settings import Settings
from bot.texts import Texts
from rules.procedure.ladder import Action, Done, LadderStep, at_once, due, total
from storage.case_counts import BONUS
from storage.records import SYSTEM, AuditEntry, Binding, Case, CaseState, LedgerEntry, Outgoing, Person
from storage.session import Storage, UnitOfWork

LOOK_BACK = timedelta(days=7)
"""So far back a bot that starts looks for what it has not told yet."""

READ = 10_000
NAMED = 12


@dataclass(slots=True)
class Ladder:
    """Looks at cases that were opened or decided since the last tick, and once a day at everybody.

    Attributes:
        settings: gives the settings in force.
        supervision: gives the gateway id of the supervision room, empty while there is none.
        courteous: the earliest moment at which somebody may be spoken to, seen from a moment.
    """

    storage: Storage
    policy: Policy
    texts: Texts
    settings: Callable[[], Settings]
    supervision: Callable[[], str]
    courteous: Callable[[datetime], datetime]
    _since: datetime | None = field(default=None, init=False)
    _swept: tuple[date, tuple[LadderStep, ...]] | None = field(default=None, init=False)

    async def __call__(self, now: datetime) -> bool:
        """Tell whatever is due and was not told; returns whether anything was."""
        since = self._since or now - LOOK_BACK
        steps = tuple(rung.step for rung in self.settings().penalty.ladder)
        today = (self.policy.book.calendar.local(now).date(), steps)
        async with self.storage.view() as unit:
            decided = await unit.cases.list(states=COUNTING, since=since, by="decided_at", limit=READ)
            opened = await unit.cases.list(states=[CaseState.PROVISIONAL, *COUNTING], since=since, limit=READ)
            void = await unit.cases.list(states=VOID, since=since, by="decided_at", limit=READ)
        less = [case for case in decided if case.state is CaseState.UPHELD and case.waived_points]
        people = {case.person_key for case in decided}
        changed = (*void, *less)
        told = await self.storage.run(lambda unit: self._correct(unit, changed, now)) if changed else 0
        if decided or opened or self._swept != today:
            everybody = self._swept != today
            told += await self.storage.run(
                lambda unit: self._look(unit, now, steps, None if everybody else people, opened, decided)
            )
        # A unit that was begun before this tick may be kept after it: it is seen by the next.
        self._since, self._swept = now - timedelta(minutes=2), today
        return told > 0

    async def _correct(self, unit: UnitOfWork, changed: Collection[Case], now: datetime) -> int:
        """Put right what was told of cases that came to nothing, or to less, since; each reader hears it once."""
        corrections = Corrections(self.policy, self.texts, self.supervision, self.courteous)
        rows = [row for case in changed for row in await corrections.of(unit, case, now)]
        return len(await unit.outbox.add(rows))

    async def _look(
        self,
        unit: UnitOfWork,
        now: datetime,
        steps: Collection[LadderStep],
        people: Collection[str] | None,
        opened: Collection[Case],
        decided: Collection[Case],
    ) -> int:
        rows: list[Outgoing] = []
        for case in {case.number: case for case in (*opened, *decided)}.values():
            rows += await self._at_once(unit, case, now)
        if steps and (people is None or people):
            longest = timedelta(days=max(step.days for step in steps))
            entries = await unit.ledger.everybody(now - longest - CONDUCT_BEFORE, now + timedelta(seconds=1))
            least = min(step.points for step in steps)
            for key in sorted(entries if people is None else entries.keys() & people):
                if -sum(entry.points for entry in entries[key] if entry.points < 0) < least:
                    continue  # whatever became of these cases, it is no step
                rows += await self._climb(unit, key, entries[key], tuple(steps), now)
        return len(await unit.outbox.add(rows))

    async def _at_once(self, unit: UnitOfWork, case: Case, now: datetime) -> list[Outgoing]:
        """What a case leads to by itself; said once, whatever becomes of it."""
        penalty = self.settings().penalty
        confirmed = case.state in COUNTING
        actions = at_once(
            case.points, case.rule, confirmed=confirmed, grave=penalty.grave, educate=penalty.educate
        )
        rows: list[Outgoing] = []
        title = titles(self.policy.book)(case.rule)
        if Action.TELL_SUPERVISORS in actions and not await _reviewed(unit, case):
            text = self.texts.render(
                "ladder.grave",
                number=case.number,
                who=shown(case.sender_name),
                title=title,
                clause=case.clause,
                points=case.points,
                confirmed=confirmed,
            )
            unique = f"grave {case.number}"
            rows += await to_supervisors(
                unit, self.supervision(), text, now, unique, beyond=(case.person_key,)
            )
        if Action.EDUCATE in actions:
            text = self.texts.render("ladder.educate", number=case.number, clause=case.clause, title=title)
            rows.append(
                await privately(unit, case, text, now, self.courteous(now), f"education {case.number}")
            )
        return rows

    async def _climb(
        self,
        unit: UnitOfWork,
        key: str,
        entries: Collection[LedgerEntry],
        steps: tuple[LadderStep, ...],
        now: datetime,
    ) -> list[Outgoing]:
        """The steps that somebody has reached: what is said of each."""
        person = await unit.people.get(key)
        if person is None or person.kind != "employee" or person.binding is not Binding.CONFIRMED:
            return []
        cases, counted = await conduct(unit, entries)
        reached = due(counted, now, steps, await _done(unit, key))
        rows: list[Outgoing] = []
        for step in reached:
            standing = [
                case
                for case in cases.values()
                if case.rule != BONUS
                and case.state in COUNTING
                and any(
                    entry.case == case.number and entry.at > now - timedelta(days=step.days)
                    for entry in counted
                )
            ]
            await unit.meta.set(_key(key, step), now.isoformat())
            await unit.audit.add(AuditEntry(now, SYSTEM, "ladder step", key, step.key))
            rows += await self._say(unit, person, step, total(counted, now, step.days), standing, now)
        return rows

    async def _say(
        self,
        unit: UnitOfWork,
        person: Person,
        step: LadderStep,
        points: int,
        standing: Collection[Case],
        now: datetime,
    ) -> list[Outgoing]:
        heads = [one for one in await heads_of(unit, person.department) if one.key != person.key]
        to_head = step.action is Action.TELL_HEAD
        unique = step_name(person.key, step, self.policy.book.calendar.local(now))
        facts = {
            "who": shown(f"{person.department}{person.name}"),
            "points": points,
            "days": step.days,
            "rows": [
                {
                    "number": case.number,
                    "title": titles(self.policy.book)(case.rule),
                    "points": case.points,
                    "at": f"{case.sent_at.astimezone(self.policy.book.calendar.zone):%m-%d}",
                }
                for case in sorted(standing, key=lambda one: one.sent_at)[-NAMED:]
            ],
        }
        rows = [
            Outgoing(
                person.contact_id,
                self.texts.render("ladder.own", points=points, days=step.days, head=to_head and bool(heads)),
                self.courteous(now),
                now,
                kind="notice",
                private=True,
                unique=f"{unique} {OWN}",
            )
        ]
        if to_head and heads:
            text = self.texts.render("ladder.head", **facts)
            return rows + [
                Outgoing(
                    one.contact_id,
                    text,
                    self.courteous(now),
                    now,
                    kind="notice",
                    private=True,
                    unique=f"{unique} {one.key}",
                )
                for one in heads
            ]
        text = self.texts.render("ladder.supervisors", **facts, propose=not to_head)
        told = await to_supervisors(unit, self.supervision(), text, now, unique, beyond=(person.key,))
        return [*rows, *told]


async def _reviewed(unit: UnitOfWork, case: Case) -> bool:
    """Whether the supervisors had a case before them already, to decide it."""
    return await unit.outbox.by_unique(f"review {case.number}") is not None


async def _done(unit: UnitOfWork, person_key: str) -> list[Done]:
    """The steps that were taken for somebody, under any record they ever had."""
    ever = await unit.people.ever(person_key)
    return [done for key in ever.person_keys for done in await steps_done(unit, key)]


def _key(person_key: str, step: LadderStep) -> str:
    return f"ladder {person_key} {step.key}"
