"""The file of an appeal (policy 6.3): what HR reads before it decides, and where case and appeal stand."""

from __future__ import annotations

from dataclasses import dataclass

from bot.commands.docket import STATE_TITLES, name_of, title_of
from bot.commands.explained import bounded, told
from bot.commands.table import Call, Counter
from bot.commands.times import stamp
from bot.commands.why import judged_now
from bot.pipeline.notice import excerpt, masked, shown, sureness
from bot.pipeline.replay import replay
from rules.procedure.appeal import Refusal, Standing, State, Window, eligible, window
from storage.records import SYSTEM, Appeal, Case, CaseMove, CaseState, Person, Role
from storage.session import UnitOfWork

REASON_LENGTH = 300
WHY_LENGTH = 80
MOVES_SHOWN = 5
APPEAL_TITLES = {
    State.OPEN: "审理中",
    State.UPHELD: "维持原决定",
    State.OVERTURNED: "申诉成立，已撤销",
    State.WITHDRAWN: "已撤回",
    State.LAPSED: "已终止",
}


@dataclass(frozen=True, slots=True)
class File:
    """A case and its appeal.

    Attributes:
        appeal: ``None`` before one is filed.
        window: until when one may be filed; ``None`` while nothing is published.
    """

    case: Case
    appeal: Appeal | None
    moves: tuple[CaseMove, ...]
    standing: Standing
    window: Window | None

    @property
    def before(self) -> CaseState:
        """In which state the case was when the appeal was filed."""
        filed = [move.from_state for move in self.moves if move.to_state is CaseState.APPEALED]
        return filed[-1] if filed else self.case.state


async def opened(desk: Counter, unit: UnitOfWork, case: Case, reader: Person) -> File:
    """Read everything about a case that an appeal depends on, as it looks to one reader.

    Whoever confirmed it, or is its subject, under another record is the same person.
    """
    moves = tuple(await unit.cases.history(case.number))
    appeal = await unit.appeals.get(case.number)
    entries = await unit.ledger.entries(case.number)
    confirmers = {
        move.by
        for move in moves
        if move.to_state is CaseState.CONFIRMED and move.from_state is not CaseState.APPEALED
    } | {entry.author_key for entry in entries if entry.points < 0}
    confirmers.discard(SYSTEM)
    ever = await unit.people.ever(reader.key)
    if confirmers & ever.person_keys:
        confirmers.add(reader.key)
    subject = reader.key if case.person_key in ever.person_keys else case.person_key
    span = None
    if case.published_at is not None:
        span = window(case.published_at, desk.book().calendar, desk.settings().appeals.days)
    standing = Standing(
        state=State(appeal.state) if appeal is not None else State.NONE,
        case=case.state.value,
        subject=subject,
        confirmed_by=frozenset(confirmers),
        closes=span.closes if span is not None else None,
    )
    return File(case, appeal, moves, standing, span)


async def deciders(unit: UnitOfWork, file: File) -> tuple[str, ...]:
    """Names of the HR leads who may decide; empty if somebody else has to be given the role first."""
    leads = {person.key: person for person in await unit.people.with_role(Role.HR_LEAD)}
    return tuple(shown(leads[key].name) or "（未知姓名）" for key in eligible(file.standing, tuple(leads)))


async def written(desk: Counter, unit: UnitOfWork, call: Call, file: File, *, whole: bool) -> str:
    """The file as HR reads it; evidence and what people wrote is masked, on one line and bounded.

    Args:
        whole: with what each rule made of the message, if it were judged now.
    """
    case, appeal = file.case, file.appeal
    zone = desk.book().calendar.zone
    again = await replay(unit, desk.policy, case)
    demand = await unit.demands.get(case.number, "explanation")
    text = desk.texts.render(
        "appeals.file",
        number=case.number,
        state=APPEAL_TITLES.get(file.standing.state, "未申诉"),
        sender=shown(case.sender_name),
        at=stamp(case.sent_at, call.now, zone),
        title=title_of(desk, case.rule),
        clause=case.clause,
        points=case.points,
        confidence=sureness(case.confidence),
        why=case.reason,
        signs=case.signs,
        evidence=excerpt(case),
        now=judged_now(desk, case, again),
        moves=[
            {
                "at": stamp(move.at, call.now, zone),
                "who": await name_of(unit, move.by) or "系统",
                "state": STATE_TITLES[move.to_state],
                "why": masked(move.reason, WHY_LENGTH),
            }
            for move in file.moves[-MOVES_SHOWN:]
            if move.to_state is not CaseState.APPEALED
        ],
        explanation=masked(demand.answer, REASON_LENGTH) if demand is not None else "",
        reason=masked(appeal.reason, REASON_LENGTH) if appeal is not None else "",
        filed=stamp(appeal.filed_at, call.now, zone) if appeal is not None else "",
        due=stamp(appeal.due_at, call.now, zone) if appeal is not None else "",
        open=file.standing.state is State.OPEN,
        deciders=list(await deciders(unit, file)),
    )
    if whole and again.explanation is not None:
        text = f"{text}\n{told(desk, again.explanation)}"
    return bounded(text)


async def refusal(desk: Counter, unit: UnitOfWork, call: Call, found: File, why: Refusal) -> str:
    """Why a step is refused, with the date or the name that matters."""
    span, zone = found.window, desk.book().calendar.zone
    published = found.case.published_at
    return desk.texts.render(
        f"appeals_refused.{why.value}",
        number=found.case.number,
        state=APPEAL_TITLES.get(found.standing.state) or STATE_TITLES[found.case.state],
        published=stamp(published, call.now, zone).partition(" ")[0] if published else "",
        last_day=f"{span.last_day:%m-%d}" if span else "",
        judges=list(await deciders(unit, found)),
        by=await name_of(unit, found.appeal.decided_by) if found.appeal else "",
    )
