"""The file of an appeal (policy 6.3): what HR reads before it decides, and where case and appeal stand."""

from __future__ import annotations

from bot.commands.docket import STATE_TITLES, name_of, title_of
from bot.commands.explained import bounded, told
from bot.commands.table import Call, Counter
from bot.commands.times import stamp
from bot.commands.why import judged_now
from bot.pipeline.appeals import File, deciders, opened
from bot.pipeline.notice import excerpt, masked, shown, sureness
from bot.pipeline.replay import replay
from bot.reports.procedure_titles import APPEAL_TITLES
from rules.procedure.appeal import Refusal, State
from storage.records import Case, CaseState
from storage.session import UnitOfWork

REASON_LENGTH = 300
WHY_LENGTH = 80
MOVES_SHOWN = 5


async def read(desk: Counter, unit: UnitOfWork, call: Call, case: Case) -> File:
    """The file of a case as it looks to whoever types."""
    days = desk.settings().appeals.days
    return await opened(unit, case, desk.book(), days, call.sender.key)


async def written(desk: Counter, unit: UnitOfWork, call: Call, file: File, *, whole: bool) -> str:
    """The file as HR reads it; evidence and what people wrote is masked, on one line and bounded.

    Args:
        whole: with what each rule made of the message, if it were judged now.
    """
    case, appeal, filed = file.case, file.appeal, file.case.as_filed
    zone = desk.book().calendar.zone
    again = await replay(unit, desk.policy, filed)
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
        confidence="" if case.recorded_by or case.filed_rule else sureness(case.confidence),
        filed_as=title_of(desk, case.filed_rule) if case.filed_rule else "",
        filed_clause=case.filed_clause,
        filed_points=case.filed_points,
        recorded_by=await name_of(unit, case.recorded_by),
        why=filed.reason,
        signs=filed.signs,
        evidence=excerpt(case),
        now=judged_now(desk, filed, again),
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
    return desk.texts.render(
        f"appeals_refused.{why.value}",
        number=found.case.number,
        state=APPEAL_TITLES.get(found.standing.state) or STATE_TITLES[found.case.state],
        told=stamp(found.since, call.now, zone).partition(" ")[0] if found.since else "",
        last_day=f"{span.last_day:%m-%d}" if span else "",
        judges=list(await deciders(unit, found)),
        by=await name_of(unit, found.appeal.decided_by) if found.appeal else "",
        points=found.case.points,
    )
