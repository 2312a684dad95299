"""`/违规`: the review queue. Supervisors list, read, confirm, dismiss and undo; a member reads the own record.

Several numbers may be named at once; each gets its own line in the answer, and one that fails stops none of
the others. Nobody decides their own case (``rules.procedure.review``).
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.commands.desk import Desk, Refused
from bot.commands.orientation import local
from bot.commands.table import EVERYONE, SUPERVISION, Answer, Call, Command
from bot.pipeline import record
from bot.pipeline.notice import masked, shown, sureness
from rules.procedure.penalty import notice_due
from rules.procedure.review import Move, Refusal, Standing, consider
from storage.errors import Conflict
from storage.records import AuditEntry, Binding, Case, CaseState, Outgoing, Person
from storage.session import UnitOfWork

PAGE = 10
AT_ONCE = 20
OPEN = (CaseState.REVIEW, CaseState.PROVISIONAL)
LESSER = {"从轻", "lesser"}
WORDS = {
    "列表": "list",
    "list": "list",
    "查看": "show",
    "show": "show",
    "确认": "confirm",
    "confirm": "confirm",
    "驳回": "dismiss",
    "dismiss": "dismiss",
    "撤销": "undo",
    "undo": "undo",
}
STATE_TITLES = {
    CaseState.REVIEW: "待审核",
    CaseState.PROVISIONAL: "待确认",
    CaseState.CONFIRMED: "已确认",
    CaseState.DISMISSED: "已驳回",
    CaseState.APPEALED: "申诉中",
    CaseState.UPHELD: "申诉维持",
    CaseState.OVERTURNED: "申诉撤销",
    CaseState.RECALLED: "已撤回",
    CaseState.SHADOW: "试运行",
}


async def cases(desk: Desk, unit: UnitOfWork, call: Call) -> Answer:
    """Read the sub-command and run it."""
    verb = WORDS.get(call.words[0].casefold()) if call.words else "list"
    if verb is None:
        # A bare number is what people type when they mean "show".
        verb = "show" if await unit.cases.get(call.words[0]) else None
        if verb is None:
            raise Refused(desk.texts.render("cases.usage"))
        arguments: Sequence[str] = call.words
    else:
        arguments = call.words[1:]
    if verb == "list":
        return await _list(desk, unit, call, arguments)
    if verb == "show":
        return await _show(desk, unit, call, arguments)
    if not (SUPERVISION & call.sender.roles):
        raise Refused(
            desk.texts.render("refuse.role", command=f"违规 {call.words[0]}", roles="监督员、人力资源负责人")
        )
    return await _decide(desk, unit, call, Move(verb), arguments)


def _may_see_all(person: Person) -> bool:
    return bool(SUPERVISION & person.roles)


def _own_record_only(desk: Desk, call: Call) -> str:
    """The caller's person key, if the caller is confirmed; a probable match is not enough to read a record."""
    if call.sender.binding is not Binding.CONFIRMED:
        raise Refused(desk.texts.render("refuse.not_confirmed"))
    return call.sender.key


async def _list(desk: Desk, unit: UnitOfWork, call: Call, arguments: Sequence[str]) -> Answer:
    page = int(arguments[0]) if arguments and arguments[0].isdecimal() and len(arguments[0]) < 5 else 1
    offset = (max(page, 1) - 1) * PAGE
    if _may_see_all(call.sender):
        found = await unit.cases.list(states=OPEN, limit=PAGE + 1, offset=offset)
    else:
        own = _own_record_only(desk, call)
        found = await unit.cases.list(person_key=own, limit=PAGE + 1, offset=offset)
    zone = desk.book().calendar.zone
    rows = [
        {
            "number": case.number,
            "state": STATE_TITLES[case.state],
            "sender": shown(case.sender_name),
            "title": _title(desk, case.rule),
            "points": case.points,
            "at": local(case.sent_at, zone),
        }
        for case in found[:PAGE]
    ]
    text = desk.texts.render(
        "cases.list",
        cases=rows,
        everyone=_may_see_all(call.sender),
        page=max(page, 1),
        more=len(found) > PAGE,
    )
    return Answer(text, private=True)


async def _show(desk: Desk, unit: UnitOfWork, call: Call, arguments: Sequence[str]) -> Answer:
    if not arguments:
        raise Refused(desk.texts.render("cases.usage"))
    case = await unit.cases.get(arguments[0])
    if not _may_see_all(call.sender):
        own = _own_record_only(desk, call)
        # Somebody else's number and a number that does not exist get the same answer.
        if case is not None and case.person_key != own:
            case = None
    if case is None:
        raise Refused(desk.texts.render("refuse.unknown_case", number=shown(arguments[0], 12)))
    zone = desk.book().calendar.zone
    decided_by = await _name(unit, case.decided_by)
    text = desk.texts.render(
        "cases.show",
        number=case.number,
        state=STATE_TITLES[case.state],
        sender=shown(case.sender_name),
        title=_title(desk, case.rule),
        clause=case.clause,
        points=case.points,
        reason=case.reason,
        confidence=sureness(case.confidence),
        at=local(case.sent_at, zone),
        evidence=masked(case.evidence),
        graver=_title(desk, case.graver_rule) if case.graver_rule else "",
        graver_points=case.graver_points,
        decided_by=decided_by,
        decided_at=local(case.decided_at, zone) if case.decided_at else "",
    )
    return Answer(text, private=True)


async def _decide(desk: Desk, unit: UnitOfWork, call: Call, move: Move, arguments: Sequence[str]) -> Answer:
    lesser = bool(LESSER & {word.casefold() for word in arguments})
    numbers = list(dict.fromkeys(word for word in arguments if word.casefold() not in LESSER))
    if not numbers:
        raise Refused(desk.texts.render("cases.usage"))
    if len(numbers) > AT_ONCE:
        raise Refused(desk.texts.render("cases.too_many", most=AT_ONCE))
    lines: list[str] = []
    also: tuple[Outgoing, ...] = ()
    for number in numbers:
        line, rows = await _one(desk, unit, call, move, number, lesser=lesser)
        lines.append(line)
        also += rows
    return Answer("\n".join(lines), private=True, also=also)


async def _one(
    desk: Desk, unit: UnitOfWork, call: Call, move: Move, number: str, *, lesser: bool
) -> tuple[str, tuple[Outgoing, ...]]:
    """Decide one case: the answer's line, and what else has to be said."""
    case = await unit.cases.get(number)
    if case is None:
        return desk.texts.render("refuse.unknown_case", number=shown(number, 12)), ()
    moves = await unit.cases.history(case.number)
    before = moves[-1].from_state if moves else ""
    target = consider(Standing(case.state, before, case.person_key), move, call.sender.key)
    if isinstance(target, Refusal):
        return await _refused(desk, unit, case, target), ()
    try:
        moved = await unit.cases.move(
            case.number,
            from_states=(case.state,),
            to_state=CaseState(target),
            by=call.sender.key,
            now=call.now,
            reason=move.value,
        )
    except Conflict:
        current = await unit.cases.get(case.number)
        return await _refused(desk, unit, current or case, Refusal.ALREADY), ()
    moved = await _settle_points(unit, case, moved, call, lesser=lesser)
    await unit.audit.add(AuditEntry(call.now, call.sender.key, f"case {move.value}", case.number, case.state))
    line = desk.texts.render(
        "cases.decided",
        number=case.number,
        state=STATE_TITLES[moved.state],
        points=moved.points if moved.state is CaseState.CONFIRMED else 0,
        provisional=moved.points if moved.state is CaseState.PROVISIONAL else 0,
        sender=shown(case.sender_name),
    )
    return line, await _say(desk, unit, case, moved, move, call)


async def _settle_points(unit: UnitOfWork, case: Case, moved: Case, call: Call, *, lesser: bool) -> Case:
    """Bring the ledger to what the case now costs: one entry for whatever changed."""
    confirmed = moved.state is CaseState.CONFIRMED
    graver_waits = bool(moved.graver_rule) and moved.graver_points > moved.points
    graver_counts = bool(moved.graver_rule) and moved.graver_points < moved.points
    if (confirmed and graver_waits and not lesser) or (not confirmed and graver_counts):
        moved = await unit.cases.swap_graver(case.number)
    cost = -sum(entry.points for entry in await unit.ledger.entries(case.number))
    owed = moved.points if moved.state in (CaseState.CONFIRMED, CaseState.PROVISIONAL) else 0
    if owed != cost:
        kind = "reversal" if owed < cost else "difference" if cost else "penalty"
        await record.charge(unit, moved, owed - cost, author=call.sender.key, kind=kind, now=call.now)
    return moved


async def _say(
    desk: Desk, unit: UnitOfWork, case: Case, moved: Case, move: Move, call: Call
) -> tuple[Outgoing, ...]:
    """What the group hears: a dismissed notice is taken back, where one was given; one not yet sent never leaves."""
    if move is Move.DISMISS:
        await unit.outbox.drop(case.number, "dismissed before its notice left")
        if case.noticed_at is not None:
            text = desk.texts.render("notice.withdrawn", number=case.number)
            return (_to_sender(desk, case, text, call, f"withdrawn {case.number} {call.message_id}"),)
    if move is Move.CONFIRM and case.state is CaseState.REVIEW:
        text = desk.texts.render(
            "notice.confirmed",
            number=moved.number,
            clause=moved.clause,
            points=moved.points,
            reason=moved.reason,
            title=_title(desk, moved.rule),
        )
        return (_to_sender(desk, case, text, call, f"confirmed {case.number}"),)
    return ()


def _to_sender(desk: Desk, case: Case, text: str, call: Call, unique: str) -> Outgoing:
    """A word to the person of a case, privately: the group saw nothing, or has seen enough."""
    return Outgoing(
        target=case.sender_id,
        text=text,
        due_at=notice_due(call.now, desk.book().calendar, quiet_hours=desk.quiet_hours),
        created_at=call.now,
        kind="notice",
        private=True,
        case=case.number,
        unique=unique,
        asked_in=case.room_id,
    )


async def _refused(desk: Desk, unit: UnitOfWork, case: Case, refusal: Refusal) -> str:
    return desk.texts.render(
        f"refuse.{refusal.value}",
        number=case.number,
        state=STATE_TITLES[case.state],
        by=await _name(unit, case.decided_by),
    )


async def _name(unit: UnitOfWork, key: str) -> str:
    if not key or key == record.SYSTEM:
        return ""
    person = await unit.people.get(key)
    return shown(person.name) if person else ""


def _title(desk: Desk, rule: str) -> str:
    try:
        return desk.book().entry(rule).rule.title
    except KeyError:
        return rule  # a rule that has been removed since


COMMANDS = (
    Command(
        name="违规",
        english="cases",
        roles=EVERYONE,
        arguments="[列表 [页]|查看 编号|确认 编号… [从轻]|驳回 编号…|撤销 编号…]",
        summary="查看本人记录；监督员可查看、确认、驳回案件，或撤销刚才的处理",
        examples=(
            ("/违规", "监督员：待处理的案件；成员：本人的记录"),
            ("/违规 查看 V-7K2QM", "查看一个案件的依据与理由"),
            ("/违规 确认 V-7K2QM V-9RTC3", "确认两个案件"),
            ("/违规 驳回 V-7K2QM", "驳回一个案件，已扣分数即时退回"),
            ("/违规 撤销 V-7K2QM", "撤销对该案件的最近一次处理"),
        ),
        run=cases,
        aliases=("違規", "violations"),
    ),
)
