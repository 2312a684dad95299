"""`/违规 确认|驳回|撤销`: people decide. Several numbers may be named at once, and a reason after them.

Each number gets its own line in the answer, and one that fails stops none of the others. Nobody decides a case that
was ever theirs, or that they recorded (``rules.procedure.review``). Whoever a decision is about is told of it, once for
each decision.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.commands.docket import (
    BARE_NUMBER,
    NUMBER,
    STATE_TITLES,
    graver_open,
    name_of,
    readable,
    title_of,
)
from bot.commands.labels import judge_trial, learn, unlike
from bot.commands.reclassifying import (
    Change,
    answered,
    change_of,
    charged_already,
    stand_as_filed,
    stand_for,
    tell,
)
from bot.commands.table import Answer, Call, Counter, Refused
from bot.commands.weights import renamed, weighed
from bot.pipeline import record
from bot.pipeline.demands import drop_demands
from bot.pipeline.notice import local, shown
from bot.pipeline.telling import privately, publicly, was_public
from rules.core.conduct import LATE_ANSWER
from rules.procedure.penalty import notice_due
from rules.procedure.reclassification import Wish
from rules.procedure.reminder import costs_nothing
from rules.procedure.review import (
    UNDO_DAYS,
    Move,
    Refusal,
    Standing,
    Weight,
    consider,
    overruled,
    undoable_until,
    weigh,
)
from storage.errors import Conflict
from storage.records import AuditEntry, Case, CaseMove, CaseState, Outgoing, Person
from storage.session import UnitOfWork

AT_ONCE = 20
REASON_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Order:
    """What a reviewer asks for: a move, why, and how much of the case is to count, under which other rule if any."""

    move: Move
    why: str
    weight: Weight = Weight.PLAIN
    under: str | None = None


async def decide(desk: Counter, unit: UnitOfWork, call: Call, move: Move, words: Sequence[str]) -> Answer:
    """Carry a move out on every case that is named; the answer has a line for each.

    Raises:
        Refused: no number was named, or too many, or a reason for several.
    """
    numbers: list[str] = []
    others: list[str] = []
    for word in words:
        plain = unicodedata.normalize("NFKC", word)
        bare = BARE_NUMBER.fullmatch(plain) and await unit.cases.get(plain) is not None
        if NUMBER.fullmatch(plain) or bare:
            numbers.append(plain)
        else:
            others.append(word)
    under, others = renamed(others, move)
    weight, reason = weighed(others, move)
    numbers = list(dict.fromkeys(numbers))
    if not numbers:
        raise Refused(desk.texts.render("cases.usage", reviewer=True))
    if len(numbers) > AT_ONCE:
        raise Refused(desk.texts.render("cases.too_many", most=AT_ONCE))
    if move is Move.CONFIRM and len(numbers) > 1 and desk.settings().penalty.confirm == "each":
        raise Refused(desk.texts.render("day_list.each"))
    if (reason or under is not None) and len(numbers) > 1:
        # A reason reaches everybody whom it is about, so it must be about one.
        raise Refused(desk.texts.render("cases.one_reason"))
    order = Order(move, " ".join(reason)[:REASON_LENGTH], weight, under)
    lines: list[str] = []
    also: tuple[Outgoing, ...] = ()
    for number in numbers:
        line, rows = await decide_one(desk, unit, call, number, order)
        lines.append(line)
        also += rows
    return Answer("\n".join(lines), private=True, also=also)


async def decide_one(
    desk: Counter, unit: UnitOfWork, call: Call, number: str, order: Order
) -> tuple[str, tuple[Outgoing, ...]]:
    """Decide one case: the answer's line, and what else has to be said; refusals are such lines, too."""
    case = await unit.cases.get(number)
    if case is None:
        return desk.texts.render("refuse.unknown_case", number=readable(number)), ()
    moves = await unit.cases.history(case.number)
    target = consider(await _standing(desk, unit, call, case, moves), order.move, call.sender.key, call.now)
    if isinstance(target, Refusal):
        return await _refused(desk, unit, case, target, order), ()
    state, doubt = case.state.value, graver_open(case)
    change: Change | None = None
    if order.under is not None:
        wish = Wish(order.move, order.under, order.weight, reason=bool(order.why))
        found = await change_of(desk, unit, case, wish, moves, call.now)
        if isinstance(found, str):
            return found, ()
        change = found
    elif refusal := weigh(order.weight, order.move, state=state, doubt=doubt, reason=bool(order.why)):
        return await _refused(desk, unit, case, refusal, order), ()
    elif order.weight is Weight.GRAVER and (
        said := await charged_already(desk, unit, case, case.graver_rule)
    ):
        return said, ()
    if target == CaseState.SHADOW:
        right = order.move is Move.CONFIRM
        await judge_trial(unit, case, right, order.why, call)
        return desk.texts.render("cases.on_trial", number=case.number, right=right), ()
    try:
        moved = await unit.cases.move(
            case.number,
            from_states=(case.state,),
            to_state=CaseState(target),
            by=call.sender.key,
            now=call.now,
            reason=order.why,
        )
    except Conflict:
        current = await unit.cases.get(case.number)
        return await _refused(desk, unit, current or case, Refusal.ALREADY, order), ()
    if change is not None:
        moved = await stand_for(unit, moved, change, order.why, call)
    moved = await _settle_points(unit, moved, call, order.weight)
    if order.move is Move.UNDO:
        await unit.labels.drop(case.number)
    else:
        await learn(unit, moved, order.move is Move.CONFIRM, call)
    if order.move is Move.DISMISS:
        await drop_demands(unit, case.number, call.now)
    if change is not None:
        return await _changed(desk, unit, moved, change, order, call, len(moves) + 1)
    action = f"case {order.move.value}"
    await unit.audit.add(AuditEntry(call.now, call.sender.key, action, case.number, order.why or case.state))
    line = desk.texts.render(
        "cases.decided",
        number=case.number,
        state=STATE_TITLES[moved.state],
        reminder=order.weight is Weight.REMINDER,
        points=moved.points if moved.state is CaseState.CONFIRMED else 0,
        provisional=moved.points if moved.state is CaseState.PROVISIONAL else 0,
        sender=shown(case.sender_name),
    )
    told = case.noticed_at is not None or any(one.to_state is CaseState.CONFIRMED for one in moves)
    return line, await _say(desk, unit, case, moved, order, call, len(moves) + 1, told=told)


async def _changed(
    desk: Counter, unit: UnitOfWork, moved: Case, change: Change, order: Order, call: Call, turn: int
) -> tuple[str, tuple[Outgoing, ...]]:
    """A case was confirmed under another rule: what is noted of that, answered and told."""
    await unlike(unit, moved, call)
    titles = f"{title_of(desk, moved.filed_rule)} → {title_of(desk, moved.rule)}：{order.why}"
    await unit.audit.add(AuditEntry(call.now, call.sender.key, "case reclassified", moved.number, titles))
    due, unique = courteous(desk, call.now), f"result {moved.number} {turn}"
    rows = await tell(desk, unit, moved, change, order.why, call.now, due, unique)
    return answered(desk, moved, change), rows


async def _standing(
    desk: Counter, unit: UnitOfWork, call: Call, case: Case, moves: Sequence[CaseMove]
) -> Standing:
    """How the case stands to its reviewer, whoever they have ever been."""
    ever = await unit.people.ever(call.sender.key)
    recorded_it = bool(case.recorded_by) and case.recorded_by in ever.person_keys
    others = overruled((move.from_state, move.to_state, move.by) for move in moves)
    calendar = desk.book().calendar
    return Standing(
        case.state,
        moves[-1].from_state if moves else "",
        call.sender.key if await was_ever(unit, call.sender, case) else case.person_key,
        frozenset({call.sender.key}) if others & (ever.person_keys | {call.sender.key}) else frozenset(),
        undoable_until(moves[-1].at, calendar) if moves else None,
        published=case.published_at is not None,
        recorded_by=call.sender.key if recorded_it else case.recorded_by,
    )


async def was_ever(unit: UnitOfWork, person: Person, case: Case) -> bool:
    """Whether a case is, or under another id or record was, this person's own."""
    ever = await unit.people.ever(person.key)
    return case.person_key in ever.person_keys or case.sender_id in ever.contact_ids


async def _settle_points(unit: UnitOfWork, moved: Case, call: Call, weight: Weight) -> Case:
    """Bring the ledger to what the case now costs: one entry for whatever changed."""
    confirmed, graver = moved.state is CaseState.CONFIRMED, weight is Weight.GRAVER
    if not confirmed and moved.filed_rule:
        moved = await stand_as_filed(unit, moved, call)
    if confirmed and weight is Weight.REMINDER:
        moved = await unit.cases.waive(moved.number)
    elif not confirmed and moved.waived_points:
        moved = await unit.cases.reinstate(moved.number)
    graver_waits = bool(moved.graver_rule) and moved.graver_points > moved.points
    graver_counts = bool(moved.graver_rule) and moved.graver_points < moved.points
    if (confirmed and graver_waits and graver) or (not confirmed and graver_counts):
        moved = await unit.cases.swap_graver(moved.number)
    cost = -sum(entry.points for entry in await unit.ledger.entries(moved.number))
    owed = moved.points if moved.state in (CaseState.CONFIRMED, CaseState.PROVISIONAL) else 0
    if owed != cost:
        kind = "reversal" if owed < cost else "difference" if cost else "penalty"
        await record.charge(unit, moved, owed - cost, author=call.sender.key, kind=kind, now=call.now)
    return moved


async def _say(
    desk: Counter,
    unit: UnitOfWork,
    case: Case,
    moved: Case,
    order: Order,
    call: Call,
    turn: int,
    *,
    told: bool,
) -> tuple[Outgoing, ...]:
    """Who hears of a decision: its subject, if there is anything new to them; the group where it heard the accusation.

    ``told`` says whether the subject has heard of the case before.
    """
    why = shown(order.why, REASON_LENGTH)
    due, unique = courteous(desk, call.now), f"result {case.number} {turn}"
    reminder = costs_nothing(case.points) and costs_nothing(moved.points)
    if order.move is Move.CONFIRM and reminder:
        # Where it was sure, its reminder settled it, or was left out on purpose.
        if told or case.state is CaseState.PROVISIONAL:
            return ()
        text = desk.texts.render(
            "notice.reminded",
            number=moved.number,
            at=local(moved.sent_at, desk.book().calendar.zone),
            clause=moved.clause,
            title=title_of(desk, moved.rule),
            standing=moved.rule in desk.book().standing,
            late=moved.rule == LATE_ANSWER,
            why=why,
        )
        return (await privately(unit, case, text, call.now, due, unique),)
    if order.move is Move.CONFIRM:
        text = desk.texts.render(
            "notice.confirmed",
            number=moved.number,
            at=local(moved.sent_at, desk.book().calendar.zone),
            clause=moved.clause,
            points=moved.points,
            reminder=order.weight is Weight.REMINDER,
            title=title_of(desk, moved.rule),
            standing=moved.rule in desk.book().standing,
            recorded=moved.reason if moved.recorded_by else "",
            late=moved.rule == LATE_ANSWER,
            why=why,
            days=desk.settings().appeals.days,
        )
        return (await privately(unit, case, text, call.now, due, unique),)
    if order.move is Move.UNDO:
        await unit.outbox.drop(case.number, "the decision was undone", unique_prefix=f"result {case.number} ")
        if moved.state is CaseState.PROVISIONAL and case.noticed_at is None:
            await unit.outbox.revive(f"notice {case.number}", due)
        if not told or reminder:
            return ()
        text = desk.texts.render("notice.reopened", number=moved.number, why=why)
        return (await privately(unit, case, text, call.now, due, unique),)
    await unit.outbox.drop(case.number, "dismissed before it left")
    if not told:
        return ()
    rows: tuple[Outgoing, ...] = ()
    public = await was_public(unit, case)
    if public:
        text = desk.texts.render("notice.withdrawn_public", number=case.number)
        rows += (await publicly(unit, case, text, call.now, due, f"{unique} public"),)
    if why or not public:
        text = desk.texts.render("notice.withdrawn", number=case.number, why=why)
        rows += (await privately(unit, case, text, call.now, due, unique),)
    return rows


def courteous(desk: Counter, now: datetime) -> datetime:
    """When a word that nobody asked for may leave (policy 3.2b)."""
    return notice_due(now, desk.book().calendar, quiet_hours=desk.settings().notices.quiet_hours)


async def _refused(desk: Counter, unit: UnitOfWork, case: Case, refusal: Refusal, order: Order) -> str:
    """Why nothing was done, and where a choice was meant, the lines that make it."""
    doubt = graver_open(case)
    return desk.texts.render(
        f"refuse.{refusal.value}",
        number=case.number,
        state=STATE_TITLES[case.state],
        by=await name_of(unit, case.decided_by),
        days=UNDO_DAYS,
        move=order.move.value,
        sounded=order.weight is Weight.UNCLEAR,
        trial=case.state is CaseState.SHADOW,
        title=title_of(desk, case.rule),
        points=case.points,
        graver=title_of(desk, case.graver_rule) if doubt else "",
        graver_points=case.graver_points,
    )
