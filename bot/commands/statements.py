"""`/公示`: the month's statement (policy 6.2a, 6.3). HR sees what it would be, and publishes it.

Publication tells everybody concerned their own lines, privately. The time for appeals runs for each of them from when
they were reached: by that message, or by a person, which HR records. Nobody's points are ever said in a group.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime

from bot.commands.decisions import courteous
from bot.commands.docket import name_of, title_of
from bot.commands.entries import page_of
from bot.commands.points import signed
from bot.commands.reached import told
from bot.commands.table import Action, Answer, Call, Command, Counter, Refused
from bot.commands.times import stamp
from bot.pipeline.notice import shown
from bot.pipeline.telling import room_of, statement_row, to_supervisors
from bot.reports.statement import Drafted, by_rule, draft, month_before
from rules.procedure.statement import month_bounds, month_of
from storage.errors import Conflict
from storage.records import AuditEntry, Outgoing, Role, Statement, StatementLine
from storage.session import UnitOfWork

HR = frozenset({Role.HR_LEAD})
NAMED = 15
UNSURE_NAMED = 10
OWN_NAMED = 25
PAGE = 12
_MONTH = re.compile(r"(?:(?P<year>[0-9]{4})[-年/.]?)?(?P<month>0?[1-9]|1[0-2])月?")
_LAST, _THIS = frozenset({"上月", "上个月", "last"}), frozenset({"本月", "这个月", "this"})


async def publish(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """Show a month's statement; with 确认 publish it.

    Raises:
        Refused: it is no month, is not over, was published, or holds nothing.
    """
    zone = desk.book().calendar.zone
    month = asked_month(desk, call)
    if (kept := await unit.statements.get(month)) is not None:
        when = stamp(kept.published_at, call.now, zone)
        raise Refused(desk.texts.render("statement.already", month=month, when=when))
    found = await draft(unit, month, zone)
    if not call.sure:
        return Answer(summary(desk, found, call.now, preview=True), private=True)
    if month_bounds(month, zone)[1] > call.now:
        raise Refused(desk.texts.render("statement.not_over", month=month))
    if not found.statement.lines:
        raise Refused(desk.texts.render("statement.nothing", month=month, unsure=len(found.unsure)))
    statement = Statement(month, call.now, call.sender.key, found.statement.lines)
    try:
        await unit.statements.publish(statement)
    except Conflict:
        raise Refused(desk.texts.render("statement.already", month=month, when="刚才")) from None
    # Nobody's time runs before they may be told.
    told_at = courteous(desk, call.now)
    numbers = [number for line in statement.lines for number in line.cases]
    await unit.cases.publish(numbers, told_at)
    await unit.audit.add(
        AuditEntry(call.now, call.sender.key, "statement published", month, str(len(statement.lines)))
    )
    rows = tuple([await _told(desk, unit, call, found, line, told_at) for line in statement.lines])
    report = await to_supervisors(
        unit,
        desk.supervision(),
        summary(desk, found, call.now, by=shown(call.sender.name)),
        call.now,
        f"statement report {month}",
    )
    text = desk.texts.render(
        "statement.published",
        month=month,
        people=len(statement.lines),
        days=desk.settings().appeals.days,
    )
    return Answer(text, private=True, also=(*rows, *report))


async def listed(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """The statements that were published, newest first."""
    page = page_of(call)
    found = await unit.statements.list(limit=page * PAGE + 1)
    zone = desk.book().calendar.zone
    rows = [
        {
            "month": kept.month,
            "at": stamp(kept.published_at, call.now, zone),
            "by": await name_of(unit, kept.published_by),
            "people": len(kept.lines),
            "deducted": sum(line.deducted for line in kept.lines),
            "bonus": sum(line.bonus for line in kept.lines),
        }
        for kept in found[(page - 1) * PAGE : page * PAGE]
    ]
    text = desk.texts.render("statement.list", rows=rows, page=page, more=len(found) > page * PAGE)
    return Answer(text, private=True)


def summary(desk: Counter, found: Drafted, now: datetime, *, by: str = "", preview: bool = False) -> str:
    """A statement by department and rule, without anybody's record; in a preview with everybody's sums."""
    lines = found.statement.lines
    zone = desk.book().calendar.zone
    month = found.statement.month
    people = [
        {
            "who": shown(f"{line.department}{found.people[line.person_key].name}"),
            "deducted": line.deducted,
            "bonus": line.bonus,
            "restored": signed(line.restored) if line.corrected else "",
            "total": signed(_total(line)),
        }
        for line in sorted(lines, key=_total)
    ]
    return desk.texts.render(
        "statement.summary",
        preview=preview,
        by=by,
        month=month,
        count=len(lines),
        departments=[
            {
                "name": shown(one.department) or "（未登记部门）",
                "people": one.people,
                "cases": one.cases,
                "deducted": one.deducted,
                "bonus": one.bonus,
                "total": signed(one.total),
            }
            for one in found.departments
        ],
        rules=[
            {"title": title_of(desk, rule), "count": count} for rule, count in by_rule(found).most_common()
        ],
        people=people[:NAMED] if preview else [],
        more=max(0, len(people) - NAMED),
        waiting=found.waiting,
        unsure=[
            shown(f"{one.department}{one.name}") or "（未知姓名）" for one in found.unsure[:UNSURE_NAMED]
        ],
        unsure_count=len(found.unsure),
        over=month_bounds(month, zone)[1] <= now,
        days=desk.settings().appeals.days,
    )


async def _told(
    desk: Counter, unit: UnitOfWork, call: Call, found: Drafted, line: StatementLine, told_at: datetime
) -> Outgoing:
    """Somebody's own lines, for their eyes alone, and how to appeal."""
    person = found.people[line.person_key]
    zone = desk.book().calendar.zone
    newest = max(
        (found.cases[number] for number in (*line.cases, *line.corrected)), key=lambda one: one.sent_at
    )
    rows = [
        {
            "number": number,
            "at": f"{case.sent_at.astimezone(zone):%m-%d}",
            "what": shown(case.reason, 40) if case.rule == "bonus" else title_of(desk, case.rule),
            "clause": case.clause,
            "points": signed(found.worth[number]),
        }
        for number in line.cases
        for case in [found.cases[number]]
    ]
    text = desk.texts.render(
        "statement.told",
        month=found.statement.month,
        rows=rows[:OWN_NAMED],
        more=max(0, len(rows) - OWN_NAMED),
        corrected=line.corrected,
        restored=signed(line.restored),
        deducted=line.deducted,
        bonus=line.bonus,
        total=signed(_total(line)),
        days=desk.settings().appeals.days,
        example=line.cases[0] if line.cases else "",
    )
    return Outgoing(
        target=person.contact_id,
        text=text,
        due_at=told_at,
        created_at=call.now,
        kind="notice",
        private=True,
        unique=statement_row(found.statement.month, line.person_key),
        # Who is no contact of the account yet is asked, in a group of theirs, to become one.
        asked_in=await room_of(unit, newest),
    )


def _total(line: StatementLine) -> int:
    return line.bonus - line.deducted + line.restored


def asked_month(desk: Counter, call: Call) -> str:
    """The month that is asked for; without a word the last one.

    Raises:
        Refused: it is no month.
    """
    zone = desk.book().calendar.zone
    word = unicodedata.normalize("NFKC", call.words[0]).casefold() if call.words else "上月"
    if word in _LAST:
        return month_before(call.now, zone)
    if word in _THIS:
        return month_of(call.now, zone)
    match = _MONTH.fullmatch(word)
    if match is None:
        raise Refused(desk.texts.render("statement.usage"))
    local = call.now.astimezone(zone)
    number = int(match["month"])
    # A month without a year is the last one of that name that has begun.
    year = int(match["year"] or local.year - (number > local.month))
    month = f"{year:04}-{number:02}"
    try:
        begun = month_bounds(month, zone)[0] <= call.now
    except ValueError:
        raise Refused(desk.texts.render("statement.usage")) from None
    if not begun:
        raise Refused(desk.texts.render("statement.not_begun", month=month))
    return month


COMMANDS = (
    Command(
        name="公示",
        english="statement",
        summary="查看并公示月度积分：只计已确认的案件，公示后开始计算申诉期限",
        actions=(
            Action(
                name="",
                english="",
                roles=HR,
                arguments="[月份]",
                summary="列出一个月的积分（不写月份为上月）；行尾加“确认”即公示，并逐一私下告知本人",
                examples=(("/公示 2026-09", "查看九月的积分"), ("/公示 2026-09 确认", "公示九月的积分")),
                run=publish,
                asks=True,
            ),
            Action(
                name="已告知",
                english="told",
                roles=HR,
                arguments="工号",
                summary="私信未能送达的，线下告知本人后登记；其申诉期自登记之日起算",
                examples=(("/公示 已告知 E1001", "登记已当面告知该员工"),),
                run=told,
            ),
            Action(
                name="列表",
                english="list",
                roles=HR,
                arguments="[页]",
                summary="已公示的月份",
                examples=(("/公示 列表", "已公示的月份"),),
                run=listed,
            ),
        ),
    ),
)
