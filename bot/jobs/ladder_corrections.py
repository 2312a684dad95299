"""What a step of the ladder has told of a case that came to nothing, or to less, is put right with those who heard it.

A head who was told of six points must not go on believing in four of them because only the subject heard of the appeal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.jobs.conduct import CONDUCT_BEFORE, conduct
from bot.pipeline.membership import heads_of
from bot.pipeline.notice import shown
from bot.pipeline.policy import Policy
from bot.pipeline.telling import to_supervisors
from bot.texts import Texts
from rules.procedure.appeal import State
from rules.procedure.ladder import Action, Done, LadderStep, total
from storage.records import Case, CaseState, Outgoing, Person
from storage.session import UnitOfWork

COUNTING = frozenset({CaseState.CONFIRMED, CaseState.UPHELD})
VOID = frozenset({CaseState.OVERTURNED, CaseState.DISMISSED})
OWN = "own"
"""Stands in the name of a step's message to the person it is about, where those to others have the reader's key."""


@dataclass(frozen=True, slots=True)
class Corrections:
    """Words for whoever was told a sum in which a case counted.

    Attributes:
        supervision: gives the gateway id of the supervision room, empty while there is none.
        courteous: the earliest moment at which somebody may be spoken to, seen from a moment.
    """

    policy: Policy
    texts: Texts
    supervision: Callable[[], str]
    courteous: Callable[[datetime], datetime]

    async def of(self, unit: UnitOfWork, case: Case, now: datetime) -> list[Outgoing]:
        """Corrections for every step that counted this case; none where no step did, or it costs what it did."""
        person = await unit.people.get(case.person_key)
        stands = case.state in COUNTING
        if person is None or (stands and not await _lowered(unit, case)):
            return []
        rows: list[Outgoing] = []
        for key in (await unit.people.ever(person.key)).person_keys:
            for done in await steps_done(unit, key):
                step = LadderStep.named(done.key)
                # What was told since the case was lowered, was told of what it costs now.
                since = stands and case.decided_at is not None and done.at > case.decided_at
                if step is not None and not since and await _counted(unit, case, step, done):
                    rows += await self._say(
                        unit, case, person, step, await self._told(unit, key, step, done), now
                    )
        return rows

    async def _told(self, unit: UnitOfWork, key: str, step: LadderStep, done: Done) -> set[str]:
        """Who heard of a step: keys of people, :data:`OWN`, or empty for the supervisors.

        Once the messages of then are purged, those who would hear of it now.
        """
        prefix = step_name(key, step, self.policy.book.calendar.local(done.at))
        sent = {row.unique.removeprefix(prefix).strip() for row in await unit.outbox.kept(prefix)}
        if sent:
            return sent
        person = await unit.people.get(key)
        heads = await heads_of(unit, person.department) if person is not None else []
        if step.action is Action.TELL_HEAD and (others := {one.key for one in heads if one.key != key}):
            return {OWN, *others}
        return {OWN, ""}

    async def _say(
        self, unit: UnitOfWork, case: Case, person: Person, step: LadderStep, told: set[str], now: datetime
    ) -> list[Outgoing]:
        facts = {
            "number": case.number,
            "points": case.points,
            "appealed": case.state is CaseState.OVERTURNED,
            "who": shown(f"{person.department}{person.name}"),
            "days": step.days,
            "sum": await _sum(unit, person.key, step.days, now),
            "before": case.points + case.waived_points,
        }
        stands = case.state in COUNTING
        text = self.texts.render("ladder.lowered" if stands else "ladder.corrected", **facts)
        # Of two steps over the same days each reader hears once.
        unique = f"ladder corrected {case.number} {step.days}"
        rows: list[Outgoing] = []
        for reader in sorted(told):
            if not reader:
                rows += await to_supervisors(
                    unit, self.supervision(), text, now, unique, beyond=(person.key,)
                )
                continue
            who = person if reader == OWN else await unit.people.get(reader)
            if who is not None and who.contact_id:
                own = "ladder.lowered_own" if stands else "ladder.corrected_own"
                said = self.texts.render(own, **facts) if reader == OWN else text
                rows.append(
                    Outgoing(
                        who.contact_id,
                        said,
                        self.courteous(now),
                        now,
                        kind="notice",
                        private=True,
                        unique=f"{unique} {reader}",
                    )
                )
        return rows


async def steps_done(unit: UnitOfWork, person_key: str) -> list[Done]:
    """The steps that were taken for somebody under one record of theirs."""
    prefix = f"ladder {person_key} "
    return [
        Done(name.removeprefix(prefix), datetime.fromisoformat(at))
        for name, at in (await unit.meta.all(prefix)).items()
    ]


def step_name(person_key: str, step: LadderStep, day: datetime) -> str:
    """How the names of all messages of a step begin that was taken for somebody on a local day."""
    return f"ladder {person_key} {step.key} {day.date().isoformat()}"


async def _lowered(unit: UnitOfWork, case: Case) -> bool:
    """Whether an appeal has let a case stand at fewer points; one that stood as a reminder before was not lowered."""
    appeal = await unit.appeals.get(case.number)
    return appeal is not None and appeal.state == State.LOWERED


async def _counted(unit: UnitOfWork, case: Case, step: LadderStep, done: Done) -> bool:
    """Whether the sum that a step told held this case: it was confirmed then, and not older than the step's days."""
    history = await unit.cases.history(case.number)
    # Of what happened in one instant the step came before what undid the case.
    before = [
        move.to_state
        for move in history
        if move.at < done.at or (move.at == done.at and move.to_state in COUNTING)
    ]
    if not before or before[-1] not in COUNTING:
        return False
    entries = [entry.at for entry in await unit.ledger.entries(case.number)]
    return bool(entries) and done.at - timedelta(days=step.days) < min(entries) <= done.at


async def _sum(unit: UnitOfWork, person_key: str, days: int, now: datetime) -> int:
    since = now - timedelta(days=days) - CONDUCT_BEFORE
    entries = await unit.ledger.everybody(since, now + timedelta(seconds=1))
    _, counted = await conduct(unit, entries.get(person_key, ()))
    return total(counted, now, days)
