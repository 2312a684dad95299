"""`/申诉`: whoever disagrees with a result appeals to HR (policy 6.3), in the group or privately.

Nothing of an appeal is ever said in a group: answers go to its author alone, the file to the supervision room.
"""

from __future__ import annotations

from bot.commands.appeal_decisions import admit, lower, overturn, uphold
from bot.commands.appeal_file import read, refusal, written
from bot.commands.decisions import courteous
from bot.commands.docket import NUMBER, STATE_TITLES, readable, title_of
from bot.commands.entries import page_of
from bot.commands.parse import Typed
from bot.commands.table import EVERYONE, Action, Answer, Call, Command, Counter, Refused
from bot.commands.times import stamp
from bot.pipeline.appeals import File, deciders
from bot.pipeline.notice import shown
from bot.pipeline.telling import to_supervisors
from bot.reports.procedure_titles import APPEAL_TITLES
from rules.procedure.appeal import Move, Refusal, State, case_state, consider, decision_due
from storage.errors import Conflict
from storage.records import Appeal, AuditEntry, Binding, Case, CaseState, Outgoing, Role
from storage.session import UnitOfWork

HR = frozenset({Role.HR_LEAD})
REASON_LENGTH = 400
PAGE = 10


async def file(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """Appeal against the own case, with a reason.

    Raises:
        Refused: it is not theirs, too late, decided already, or they are not confirmed.
    """
    case = await _own(desk, unit, call)
    reason = " ".join(filter(None, (Typed("", call.rest).behind_action, call.body)))[:REASON_LENGTH]
    if not reason:
        raise Refused(desk.texts.render("appeals.usage", lead=_leads(call)))
    found = await read(desk, unit, call, case)
    target = consider(found.standing, Move.FILE, call.sender.key, call.now)
    if isinstance(target, Refusal):
        raise Refused(await refusal(desk, unit, call, found, target))
    try:
        await unit.cases.move(
            case.number,
            from_states=(case.state,),
            to_state=CaseState(case_state(target, case.state)),
            by=call.sender.key,
            now=call.now,
            reason="",
        )
    except Conflict:
        raise Refused(await refusal(desk, unit, call, found, Refusal.ALREADY)) from None
    due = decision_due(call.now, desk.book().calendar, desk.settings().appeals.decide_days)
    await unit.appeals.file(Appeal(case.number, call.sender.key, reason, call.now, due, target.value))
    await unit.audit.add(AuditEntry(call.now, call.sender.key, "appeal filed", case.number))
    found = await read(desk, unit, call, await _again(unit, case))
    judges = await deciders(unit, found)
    text = desk.texts.render(
        "appeals.filed",
        number=case.number,
        due=stamp(due, call.now, desk.book().calendar.zone).partition(" ")[0],
        early=found.before is CaseState.PROVISIONAL,
        judges=bool(judges),
    )
    return Answer(text, secret=True, also=await _tell(desk, unit, call, found))


async def withdraw(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """Take the own appeal back; the case stands again as it stood, and can't be appealed against once more.

    Raises:
        Refused: there is no open appeal of theirs.
    """
    case = await _own(desk, unit, call)
    found = await read(desk, unit, call, case)
    target = consider(found.standing, Move.WITHDRAW, call.sender.key, call.now)
    if isinstance(target, Refusal):
        raise Refused(await refusal(desk, unit, call, found, target))
    await unit.cases.move(
        case.number,
        from_states=(CaseState.APPEALED,),
        to_state=CaseState(case_state(target, found.before)),
        by=call.sender.key,
        now=call.now,
        reason="",
    )
    await unit.appeals.withdraw(case.number, call.sender.key, call.now)
    await unit.audit.add(AuditEntry(call.now, call.sender.key, "appeal withdrawn", case.number))
    told = desk.texts.render(
        "appeals.withdrawn_told", number=case.number, who=shown(case.sender_name), state=_title(found.before)
    )
    also = await to_supervisors(
        unit, desk.supervision(), told, call.now, f"appeal withdrawn {case.number}", beyond=(call.sender.key,)
    )
    text = desk.texts.render("appeals.withdrawn", number=case.number, state=_title(found.before))
    return Answer(text, secret=True, also=also)


async def listed(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """Open appeals for HR, the one that is due first on top; one's own for everybody else."""
    page, lead = page_of(call), _leads(call)
    if not lead and call.sender.binding is not Binding.CONFIRMED:
        raise Refused(desk.texts.render("appeals.not_confirmed"))
    found = await (unit.appeals.open() if lead else unit.appeals.of_person(call.sender.key))
    rows = [await _row(desk, unit, call, appeal) for appeal in found[(page - 1) * PAGE : page * PAGE]]
    text = desk.texts.render("appeals.list", rows=rows, lead=lead, page=page, more=len(found) > page * PAGE)
    return Answer(text, private=True, secret=not lead)


async def shown_appeal(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """The whole file for HR; for its author how the appeal stands."""
    number = call.words[0] if call.words else ""
    if not number:
        raise Refused(desk.texts.render("appeals.usage", lead=_leads(call)))
    case = await unit.cases.get(number)
    if case is not None and case.person_key != call.sender.key and _leads(call):
        found = await read(desk, unit, call, case)
        if found.appeal is None or found.standing.subject == call.sender.key:
            raise Refused(await refusal(desk, unit, call, found, Refusal.NO_APPEAL))
        await unit.audit.add(AuditEntry(call.now, call.sender.key, "appeal read", case.number))
        return Answer(await written(desk, unit, call, found, whole=True), private=True)
    case = await _own(desk, unit, call)
    found = await read(desk, unit, call, case)
    if found.appeal is None:
        raise Refused(await refusal(desk, unit, call, found, Refusal.NO_APPEAL))
    zone = desk.book().calendar.zone
    text = desk.texts.render(
        "appeals.own",
        number=case.number,
        state=APPEAL_TITLES[found.standing.state],
        filed=stamp(found.appeal.filed_at, call.now, zone),
        due=stamp(found.appeal.due_at, call.now, zone).partition(" ")[0],
        open=found.standing.state is State.OPEN,
        decision=shown(found.appeal.decision, REASON_LENGTH),
    )
    return Answer(text, secret=True)


async def _own(desk: Counter, unit: UnitOfWork, call: Call) -> Case:
    """The case that the caller names, if it is theirs; anybody else's is as unknown as one that does not exist."""
    if not call.words:
        raise Refused(desk.texts.render("appeals.usage", lead=_leads(call)))
    if call.sender.binding is not Binding.CONFIRMED:
        raise Refused(desk.texts.render("appeals.not_confirmed"))
    case = await unit.cases.get(call.words[0])
    if case is None or case.person_key != call.sender.key or case.state is CaseState.SHADOW:
        if not NUMBER.fullmatch(call.words[0]) and case is None and len(call.words) == 1:
            raise Refused(desk.texts.render("appeals.usage", lead=_leads(call)))
        raise Refused(desk.texts.render("refuse.unknown_case", number=readable(call.words[0])))
    return case


async def _again(unit: UnitOfWork, case: Case) -> Case:
    return await unit.cases.get(case.number) or case


async def _tell(desk: Counter, unit: UnitOfWork, call: Call, found: File) -> tuple[Outgoing, ...]:
    """The file for those who decide; where nobody may, what is to be done about it."""
    text = await written(desk, unit, call, found, whole=False)
    barred = found.standing.confirmed_by if await deciders(unit, found) else frozenset[str]()
    return await to_supervisors(
        unit,
        desk.supervision(),
        text,
        courteous(desk, call.now),
        f"appeal {found.case.number}",
        beyond=(call.sender.key, *barred),
    )


async def _row(desk: Counter, unit: UnitOfWork, call: Call, appeal: Appeal) -> dict[str, str]:
    zone = desk.book().calendar.zone
    case = await unit.cases.get(appeal.number)
    return {
        "number": appeal.number,
        "state": APPEAL_TITLES[State(appeal.state)],
        "who": shown(case.sender_name) if case else "",
        "title": title_of(desk, case.rule) if case else "",
        "filed": stamp(appeal.filed_at, call.now, zone),
        "due": stamp(appeal.due_at, call.now, zone).partition(" ")[0],
    }


def _title(state: CaseState) -> str:
    return STATE_TITLES[state]


def _leads(call: Call) -> bool:
    return bool(HR & call.sender.roles)


COMMANDS = (
    Command(
        name="申诉",
        english="appeal",
        aliases=("申訴",),
        summary="对本人的案件提出申诉；人力资源负责人审理申诉",
        actions=(
            Action(
                name="",
                english="",
                roles=EVERYONE,
                arguments="编号 理由",
                summary="对本人的案件提出申诉，由未参与认定的人员重新审查",
                examples=(("/申诉 V-7K2QM 这是公司统一发布的通知", "对本人的案件提出申诉"),),
                run=file,
                free_text=True,
                defence=True,
            ),
            Action(
                name="列表",
                english="list",
                roles=EVERYONE,
                arguments="[页]",
                summary="人力资源负责人：待审理的申诉；其他人：本人的申诉",
                examples=(("/申诉 列表", "待审理的申诉"),),
                run=listed,
            ),
            Action(
                name="查看",
                english="show",
                roles=EVERYONE,
                arguments="编号",
                summary="人力资源负责人：申诉的全部材料；其他人：本人申诉的进展",
                examples=(("/申诉 查看 V-7K2QM", "查看申诉材料或进展"),),
                run=shown_appeal,
            ),
            Action(
                name="撤回",
                english="withdraw",
                roles=EVERYONE,
                arguments="编号",
                summary="撤回本人的申诉；撤回后不能再次申诉",
                examples=(("/申诉 撤回 V-7K2QM", "撤回本人的申诉"),),
                run=withdraw,
            ),
            Action(
                name="维持",
                english="uphold",
                roles=HR,
                arguments="编号 理由",
                summary="维持原决定，并告知本人理由",
                examples=(("/申诉 维持 V-7K2QM 内容与工作无关", "维持原决定"),),
                run=uphold,
            ),
            Action(
                name="撤销",
                english="overturn",
                roles=HR,
                arguments="编号 理由",
                summary="申诉成立：撤销案件、退回分数，并告知本人",
                examples=(("/申诉 撤销 V-7K2QM 属公司内部通知", "申诉成立，退回分数"),),
                run=overturn,
            ),
            Action(
                name="变更",
                english="lower",
                aliases=("變更", "减轻"),
                roles=HR,
                arguments="编号 分值|仅提醒 理由",
                summary="申诉部分成立：认定不变，减为较低的分值或仅提醒，退回差额，并告知本人；只减不加",
                examples=(
                    ("/申诉 变更 V-7K2QM 1分 情节较轻，已主动说明", "减为 1 分"),
                    ("/申诉 变更 V-7K2QM 仅提醒 初次误发", "不扣分"),
                ),
                run=lower,
            ),
            Action(
                name="准予",
                english="admit",
                roles=HR,
                arguments="编号 理由",
                summary="申诉期已过、有正当理由的，准予补办申诉，自即日起重新计算申诉期",
                examples=(("/申诉 准予 V-7K2QM 公示期间住院", "准予补办申诉"),),
                run=admit,
            ),
        ),
    ),
)
