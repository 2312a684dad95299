"""`/申诉 维持|变更|撤销|准予`: an HR lead decides an appeal, or admits one whose time is over (policy 6.3).

Never the one who confirmed the case decides, and nobody does anything about a case of their own.
"""

from __future__ import annotations

import re
import unicodedata

from bot.commands.appeal_file import read, refusal
from bot.commands.decisions import courteous
from bot.commands.docket import readable
from bot.commands.labels import learn
from bot.commands.parse import Typed, behind
from bot.commands.table import Answer, Call, Counter, Refused
from bot.commands.weights import ALONE
from bot.pipeline import record
from bot.pipeline.appeals import File
from bot.pipeline.appeals import admit as reopen
from bot.pipeline.demands import drop_demands
from bot.pipeline.notice import shown
from bot.pipeline.telling import privately, publicly, was_public
from rules.procedure.appeal import Move, Refusal, State, case_state, consider
from rules.procedure.appeal import admit as refused_admission
from rules.procedure.appeal import lower as refused_points
from rules.procedure.review import Weight
from storage.errors import Conflict
from storage.records import AuditEntry, Case, CaseState, Outgoing
from storage.session import UnitOfWork

REASON_LENGTH = 200
BEFORE_REASON = 2
"""Number and points stand before it."""
_POINTS = re.compile(r"([0-9]{1,3})分?")


async def uphold(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """Let the decision stand."""
    return await _decide(desk, unit, call, Move.UPHOLD)


async def overturn(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """Undo the decision: points come back by an entry, and the subject is told, where the group heard it there, too."""
    return await _decide(desk, unit, call, Move.OVERTURN)


async def lower(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """Let the decision stand at fewer points, or as a reminder; never at more (policy 6.3).

    The difference comes back by an entry, and the subject is told. The rule was right, and the group heard nothing of
    how much it would be in the end.

    Raises:
        Refused: no points or no reason, no open appeal, not theirs to decide, or not less than it costs.
    """
    case, found, _ = await _asked_about(desk, unit, call)
    target = consider(found.standing, Move.LOWER, call.sender.key, call.now)
    if isinstance(target, Refusal):
        raise Refused(await refusal(desk, unit, call, found, target))
    points = _points(call.words[1]) if len(call.words) > 1 else None
    if points is None:
        raise Refused(desk.texts.render("appeals.no_points", number=case.number))
    if refused := refused_points(case.points, points):
        raise Refused(await refusal(desk, unit, call, found, refused))
    why = behind(call.rest, BEFORE_REASON)[:REASON_LENGTH]
    if not why:
        raise Refused(desk.texts.render("appeals.no_reason", number=case.number, action="变更"))
    moved = await _move(desk, unit, call, found, target, why)
    decided = await unit.cases.lower(case.number, points)
    back = case.points - points
    await record.charge(unit, decided, -back, author=call.sender.key, kind="reversal", now=call.now)
    await learn(unit, decided, True, call)
    detail = f"{case.points} → {points}：{why}"
    await unit.audit.add(AuditEntry(call.now, call.sender.key, f"appeal {target.value}", case.number, detail))
    facts = {"number": case.number, "before": case.points, "points": points, "back": back}
    told = await privately(
        unit,
        moved,
        desk.texts.render("appeals.lowered_told", **facts, why=shown(why, REASON_LENGTH)),
        call.now,
        courteous(desk, call.now),
        f"appeal result {case.number}",
        knock=True,
    )
    text = desk.texts.render("appeals.lowered", sender=shown(case.sender_name), **facts)
    return Answer(text, private=True, also=(told,))


def _points(word: str) -> int | None:
    """The points that a word asks for, 仅提醒 for none of them; ``None`` for any other word."""
    plain = unicodedata.normalize("NFKC", word).casefold()
    match = _POINTS.fullmatch(plain)
    if match is not None:
        return int(match[1])
    return 0 if plain in ALONE[Weight.REMINDER] else None


async def admit(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """Let somebody appeal though their time is over; they hear until when they may.

    Raises:
        Refused: no reason, their own case, nothing to appeal against, or nothing that needs it.
    """
    case, found, why = await _asked_about(desk, unit, call)
    refused = refused_admission(found.standing, call.sender.key, call.now)
    if refused is not None:
        raise Refused(await refusal(desk, unit, call, found, refused))
    if not why:
        raise Refused(desk.texts.render("appeals.no_reason", number=case.number, action="准予"))
    await reopen(unit, case.number, call.now)
    await unit.audit.add(AuditEntry(call.now, call.sender.key, "appeal admitted", case.number, why))
    again = await read(desk, unit, call, case)
    facts = {"number": case.number, "until": f"{again.window.last_day:%m-%d}" if again.window else ""}
    told = await privately(
        unit,
        case,
        desk.texts.render("appeals.admitted_told", **facts),
        call.now,
        courteous(desk, call.now),
        f"appeal admitted {case.number} {call.now.isoformat()}",
        knock=True,
    )
    text = desk.texts.render("appeals.admitted", sender=shown(case.sender_name), **facts)
    return Answer(text, private=True, also=(told,))


async def _asked_about(desk: Counter, unit: UnitOfWork, call: Call) -> tuple[Case, File, str]:
    """The case that is named, its file, and the reason behind it.

    Raises:
        Refused: no number, or none that is known.
    """
    if not call.words:
        raise Refused(desk.texts.render("appeals.usage", lead=True))
    case = await unit.cases.get(call.words[0])
    if case is None:
        raise Refused(desk.texts.render("refuse.unknown_case", number=readable(call.words[0])))
    why = Typed("", call.rest).behind_action[:REASON_LENGTH]
    return case, await read(desk, unit, call, case), why


async def _decide(desk: Counter, unit: UnitOfWork, call: Call, move: Move) -> Answer:
    """Decide one appeal.

    Raises:
        Refused: no reason, no open appeal, or not theirs to decide.
    """
    case, found, why = await _asked_about(desk, unit, call)
    target = consider(found.standing, move, call.sender.key, call.now)
    if isinstance(target, Refusal):
        raise Refused(await refusal(desk, unit, call, found, target))
    if not why:
        raise Refused(desk.texts.render("appeals.no_reason", number=case.number, action="维持"))
    decided = await _move(desk, unit, call, found, target, why)
    back = 0
    if target is State.OVERTURNED:
        back = await record.reverse(unit, decided, author=call.sender.key, now=call.now)
        await unit.outbox.drop(case.number, "its appeal was allowed")
        await drop_demands(unit, case.number, call.now)
    await learn(unit, decided, target is State.UPHELD, call)
    await unit.audit.add(AuditEntry(call.now, call.sender.key, f"appeal {target.value}", case.number, why))
    text = desk.texts.render(
        "appeals.decided",
        number=case.number,
        sender=shown(case.sender_name),
        upheld=target is State.UPHELD,
        points=decided.points,
        back=back,
    )
    return Answer(text, private=True, also=await _say(desk, unit, case, target, why, back, call))


async def _move(desk: Counter, unit: UnitOfWork, call: Call, found: File, target: State, why: str) -> Case:
    """Close the appeal, and move its case to where it stands then.

    Raises:
        Refused: somebody else has decided it meanwhile.
    """
    number = found.case.number
    try:
        decided = await unit.cases.move(
            number,
            from_states=(CaseState.APPEALED,),
            to_state=CaseState(case_state(target, found.before)),
            by=call.sender.key,
            now=call.now,
            reason=why,
        )
    except Conflict:
        found = await read(desk, unit, call, await unit.cases.get(number) or found.case)
        raise Refused(await refusal(desk, unit, call, found, Refusal.CLOSED)) from None
    await unit.appeals.decide(number, target.value, call.sender.key, call.now, why)
    return decided


async def _say(
    desk: Counter, unit: UnitOfWork, case: Case, target: State, why: str, back: int, call: Call
) -> tuple[Outgoing, ...]:
    """The subject hears the decision and its reason; the group only that what it heard does not stand."""
    due = courteous(desk, call.now)
    text = desk.texts.render(
        "appeals.result",
        number=case.number,
        upheld=target is State.UPHELD,
        points=case.points,
        back=back,
        why=shown(why, REASON_LENGTH),
    )
    told = await privately(unit, case, text, call.now, due, f"appeal result {case.number}", knock=True)
    rows: tuple[Outgoing, ...] = (told,)
    if target is State.OVERTURNED and await was_public(unit, case):
        public = desk.texts.render("appeals.overturned_public", number=case.number)
        rows += (await publicly(unit, case, public, call.now, due, f"appeal public {case.number}"),)
    return rows
