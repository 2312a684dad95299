"""`/加分`: points for good work, given by hand (policy 6.2b); adjustments; and how either is taken back.

Every point has a number, a reason and an author, and whoever gets it is told. Nobody gives anything to themselves,
and what one person can get in a month has an end.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime

from bot.commands.bonus_record import BONUS, month_start, sum_by_hand, told, who_gets
from bot.commands.docket import STATE_TITLES, name_of, readable
from bot.commands.entries import page_of
from bot.commands.parse import Typed, behind
from bot.commands.points import signed
from bot.commands.table import SUPERVISION, Action, Answer, Call, Command, Counter, Refused
from bot.commands.times import stamp
from bot.commands.whom import called
from bot.pipeline.notice import shown
from rules.core.conduct import ADJUSTED, DEDUCTED, GIVEN
from storage.errors import Conflict
from storage.records import AuditEntry, Case, CaseState, Role
from storage.session import UnitOfWork

HR = frozenset({Role.HR_LEAD})
REASON_LENGTH = 200
PAGE = 10
LISTED = 10_000
MOST_ADJUSTED = 100
_POINTS = re.compile(r"([+-]?)([0-9]{1,4})分?")


async def give(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """Give somebody points for something.

    Raises:
        Refused: it is oneself, an outsider, too much, or points or reason are missing.
    """
    points, reason = _read(desk, call, "bonus.usage")
    limits = desk.settings().penalty.bonuses
    if points < 1:
        raise Refused(desk.texts.render("bonus.usage"))
    if points > limits.at_most:
        raise Refused(desk.texts.render("bonus.too_many", most=limits.at_most))
    person, label, note = await who_gets(desk, unit, call)
    had = await sum_by_hand(unit, person.key, month_start(desk, call.now))
    if had + points > limits.per_month:
        left = max(0, limits.per_month - had)
        raise Refused(desk.texts.render("bonus.month_full", most=limits.per_month, had=had, left=left))
    clause = desk.book().conducts[BONUS].clauses[GIVEN]
    case, _ = await unit.bonuses.give(
        person.key, points, call.sender.key, call.now, reason, name=label or person.name, clause=clause
    )
    await unit.audit.add(AuditEntry(call.now, call.sender.key, "bonus given", case.number, str(points)))
    rows = await told(desk, unit, call, case, "bonus.told")
    text = desk.texts.render(
        "bonus.given",
        who=called(person, label),
        points=points,
        number=case.number,
        left=limits.per_month - had - points,
        told=bool(rows),
        note=note,
    )
    return Answer(text, private=True, also=rows)


async def adjust(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """Change somebody's points in either direction; it is shown first, and can be appealed against.

    Raises:
        Refused: it is oneself, an outsider, or points or reason are missing.
    """
    points, reason = _read(desk, call, "bonus.adjust_usage")
    if not 0 < abs(points) <= MOST_ADJUSTED:
        raise Refused(desk.texts.render("bonus.adjust_usage"))
    person, label, note = await who_gets(desk, unit, call)
    who = called(person, label)
    if not call.sure:
        text = desk.texts.render(
            "bonus.adjust_preview",
            who=who,
            points=signed(points),
            reason=shown(reason, REASON_LENGTH),
            note=note,
        )
        return Answer(text, private=True)
    clause = desk.book().conducts[BONUS].clauses[ADJUSTED if points > 0 else DEDUCTED]
    case, _ = await unit.bonuses.give(
        person.key,
        points,
        call.sender.key,
        call.now,
        reason,
        kind="adjustment",
        name=label or person.name,
        clause=clause,
    )
    await unit.audit.add(AuditEntry(call.now, call.sender.key, "points adjusted", case.number, str(points)))
    rows = await told(desk, unit, call, case, "bonus.adjust_told")
    text = desk.texts.render(
        "bonus.adjusted", who=who, points=signed(points), number=case.number, told=bool(rows), note=note
    )
    return Answer(text, private=True, also=rows)


async def revoke(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """Take a bonus or an adjustment back, by a reversing entry; by its author, or by HR.

    Raises:
        Refused: there is none with this number, it is one's own, somebody else's, or settled otherwise.
    """
    number = call.words[0] if call.words else ""
    reason = Typed("", call.rest).behind_action[:REASON_LENGTH]
    if not number or not reason:
        raise Refused(desk.texts.render("bonus.revoke_usage"))
    case = await unit.cases.get(number)
    if case is None or case.rule != BONUS:
        raise Refused(desk.texts.render("bonus.unknown", number=readable(number)))
    ever = await unit.people.ever(call.sender.key)
    if case.person_key in ever.person_keys:
        raise Refused(desk.texts.render("bonus.oneself"))
    if case.decided_by not in ever.person_keys and not HR & call.sender.roles:
        raise Refused(desk.texts.render("bonus.not_yours", by=await name_of(unit, case.decided_by)))
    try:
        case = await unit.cases.move(
            case.number, (CaseState.CONFIRMED,), CaseState.DISMISSED, call.sender.key, call.now, reason
        )
    except Conflict as conflict:
        state = STATE_TITLES[CaseState(conflict.present)]
        raise Refused(desk.texts.render("bonus.settled", number=case.number, state=state)) from None
    taken = await _reverse(unit, case, call, reason)
    await unit.audit.add(AuditEntry(call.now, call.sender.key, "bonus revoked", case.number, reason))
    rows = await told(desk, unit, call, case, "bonus.revoked_told", reason)
    text = desk.texts.render(
        "bonus.revoked",
        number=case.number,
        points=signed(taken),
        told=bool(rows),
        who=shown(case.sender_name),
    )
    return Answer(text, private=True, also=rows)


async def _reverse(unit: UnitOfWork, case: Case, call: Call, reason: str) -> int:
    """Undo each entry of a case that counts still; returns what that changes."""
    changed = 0
    for entry in await unit.ledger.entries(case.number):
        if entry.kind != "reversal":
            undoing = await unit.ledger.reverse(entry.room_key, entry.seq, call.sender.key, call.now, reason)
            changed += undoing.points
    return changed


async def listed(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """What was given by hand this month, newest first, with reason and author."""
    page = page_of(call)
    since = month_start(desk, call.now)
    found = [
        case for case in await unit.cases.list(since=since, limit=LISTED, bonuses=True) if case.rule == BONUS
    ]
    rows = [await _row(desk, unit, case, call.now) for case in found[(page - 1) * PAGE : page * PAGE]]
    text = desk.texts.render("bonus.list", rows=rows, page=page, more=len(found) > page * PAGE)
    return Answer(text, private=True)


async def _row(desk: Counter, unit: UnitOfWork, case: Case, now: datetime) -> dict[str, object]:
    return {
        "number": case.number,
        "who": shown(case.sender_name),
        "points": signed(-case.points),
        "why": shown(case.reason, 30),
        "by": await name_of(unit, case.decided_by) or "系统",
        "at": stamp(case.created_at, now, desk.book().calendar.zone).partition(" ")[0],
        "gone": case.state in (CaseState.DISMISSED, CaseState.OVERTURNED),
    }


def _read(desk: Counter, call: Call, usage: str) -> tuple[int, str]:
    """Points and reason behind the person.

    Raises:
        Refused: one of them is missing.
    """
    plain = unicodedata.normalize("NFKC", call.words[1]).replace("−", "-") if len(call.words) > 1 else ""
    match = _POINTS.fullmatch(plain)
    reason = " ".join(filter(None, (behind(call.rest, 2), call.body)))[:REASON_LENGTH].strip()
    if match is None or not reason:
        raise Refused(desk.texts.render(usage))
    return int(match[1] + match[2]), reason


COMMANDS = (
    Command(
        name="加分",
        english="bonus",
        summary="为积极参与、及时反馈、推动工作的同事加分；人力资源负责人可调整积分",
        actions=(
            Action(
                name="",
                english="",
                roles=SUPERVISION,
                arguments="人 分 理由",
                summary="给某个人加分，并私下告知本人；不能给自己加分，每次与每人每月都有上限",
                examples=(("/加分 张三 2 主动整理并分享行业资料", "给张三加 2 分"),),
                run=give,
            ),
            Action(
                name="调整",
                english="adjust",
                roles=HR,
                arguments="人 ±分 理由",
                summary="更正某个人的积分，可增可减；先列出内容，行尾加“确认”才执行；本人可以申诉",
                examples=(("/加分 调整 张三 -1 九月重复加分 确认", "减 1 分并写明原因"),),
                run=adjust,
                asks=True,
            ),
            Action(
                name="撤销",
                english="revoke",
                roles=SUPERVISION,
                arguments="编号 理由",
                summary="撤销一笔加分或调整（以冲正记录退回）；由经办人或人力资源负责人操作",
                examples=(("/加分 撤销 V-7K2QM 重复登记", "撤销一笔加分"),),
                run=revoke,
            ),
            Action(
                name="列表",
                english="list",
                roles=SUPERVISION,
                arguments="[页]",
                summary="本月的加分与调整：编号、分值、理由、经办人",
                examples=(("/加分 列表", "本月的加分与调整"),),
                run=listed,
            ),
        ),
    ),
)
