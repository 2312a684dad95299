"""`/值班` and `/请假`: who is on duty or away, and when (policy 3.2a). Nobody enters or takes back their own.

Supervisors may do it for everybody, confirmed heads of a department for their own people. Everybody sees the own ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from bot.commands.entries import entry_number, page_of
from bot.commands.table import (
    EVERYONE,
    SUPERVISION,
    Action,
    Answer,
    Call,
    Command,
    Counter,
    Refused,
    heads_department,
)
from bot.commands.times import Mistimed, complaint, span, stamp
from bot.commands.whom import called, is_oneself, meant
from bot.pipeline.notice import shown
from storage.records import AuditEntry, Binding, Person, ShiftRow
from storage.session import UnitOfWork

LONGEST = timedelta(days=31)
AHEAD = timedelta(days=366)
PAGE = 10
EXTERNAL = "external"
TITLES = {"duty": "值班", "leave": "请假"}


@dataclass(frozen=True, slots=True)
class Listed:
    """A shift and whose it is."""

    row: ShiftRow
    person: Person | None


async def add(kind: str, desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """Enter a shift; what it overlaps is told."""
    if len(call.words) < 2:
        raise Refused(desk.texts.render("rota.usage", command=TITLES[kind]))
    found = await meant(desk, unit, call, call.words[0])
    who = called(found.person, found.label)
    await _require_say(desk, unit, call, found.person, kind)
    if found.person.kind == EXTERNAL:
        raise Refused(desk.texts.render("rota.outsider", who=who, what=TITLES[kind]))
    start, end = _when(desk, call)
    standing = [one for one in await unit.shifts.since(start) if one.person_key == found.person.key]
    same = next((one for one in standing if (one.kind, one.start, one.end) == (kind, start, end)), None)
    if same is not None:
        raise Refused(desk.texts.render("rota.already", what=TITLES[kind], number=same.id))
    made = await unit.shifts.add(found.person.key, kind, start, end, call.sender.key, call.now)
    detail = f"{made.id}: {start.isoformat()} to {end.isoformat()}"
    await unit.audit.add(AuditEntry(call.now, call.sender.key, f"{kind} added", found.person.key, detail))
    facts = _told(desk, call, made)
    text = desk.texts.render(
        "rota.done",
        what=TITLES[kind],
        number=made.id,
        who=who,
        start=facts["start"],
        end=facts["end"],
        note=found.note,
    )
    overlaps = [_told(desk, call, one) for one in standing if one.start < end and one.end > start]
    if overlaps:
        text = f"{text}\n{desk.texts.render('rota.overlaps', rows=overlaps)}"
    return Answer(text, private=True, changes_policy=True)


def _when(desk: Counter, call: Call) -> tuple[datetime, datetime]:
    """The stretch that stands behind the person.

    Raises:
        Refused: it can't be read, or is too long or too far away.
    """
    try:
        start, end = span(call.words[1:], call.now, desk.book().calendar.zone)
    except Mistimed as fault:
        raise Refused(complaint(desk.texts, fault)) from None
    if end - start > LONGEST:
        raise Refused(desk.texts.render("rota.too_long"))
    if start > call.now + AHEAD:
        raise Refused(desk.texts.render("rota.too_far"))
    return start, end


async def _require_say(desk: Counter, unit: UnitOfWork, call: Call, person: Person, kind: str) -> None:
    """Make sure that the caller may decide for this person.

    Raises:
        Refused: it is their own, or a head means somebody of another department.
    """
    if await is_oneself(unit, call, person):
        raise Refused(desk.texts.render("people.oneself"))
    if not (SUPERVISION & call.sender.roles) and person.department != call.sender.department:
        raise Refused(desk.texts.render("rota.other_department", what=TITLES[kind]))


def _told(desk: Counter, call: Call, row: ShiftRow) -> dict[str, object]:
    zone = desk.book().calendar.zone
    return {
        "number": row.id,
        "what": TITLES[row.kind],
        "start": stamp(row.start, call.now, zone),
        "end": stamp(row.end, call.now, zone),
        "now": row.start <= call.now < row.end,
    }


async def cancel(kind: str, desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """Take a shift back. What one may not decide on looks as if it were not there."""
    number = call.words[0] if call.words else ""
    unknown = Refused(desk.texts.render("people.no_such_entry", number=shown(number), command=TITLES[kind]))
    rows = await _visible(unit, call, kind)
    mine = next((one for one in rows if one.row.id == entry_number(number)), None)
    if mine is None or mine.person is None:
        raise unknown
    await _require_say(desk, unit, call, mine.person, kind)
    ended = await unit.shifts.cancel(mine.row.id, call.sender.key, call.now)
    if ended is None:
        raise unknown
    await unit.audit.add(
        AuditEntry(call.now, call.sender.key, f"{kind} cancelled", ended.person_key, str(ended.id))
    )
    facts = _told(desk, call, ended)
    text = desk.texts.render(
        "rota.cancelled",
        what=TITLES[kind],
        number=ended.id,
        who=called(mine.person),
        start=facts["start"],
        end=facts["end"],
    )
    return Answer(text, private=True, changes_policy=True)


async def _visible(unit: UnitOfWork, call: Call, kind: str) -> Sequence[Listed]:
    """Shifts that are not over, of everybody whom the caller may see."""
    everybody = bool(SUPERVISION & call.sender.roles)
    head = heads_department(call.sender)
    found = []
    for row in await unit.shifts.since(call.now):
        if row.kind != kind:
            continue
        person = await unit.people.get(row.person_key)
        own = row.person_key == call.sender.key
        ours = head and person is not None and person.department == call.sender.department
        if everybody or own or ours:
            found.append(Listed(row, person))
    return found


async def listed(kind: str, desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """Everything for supervisors, the department for its head, the own ones for everybody else."""
    if call.sender.binding is not Binding.CONFIRMED:
        raise Refused(desk.texts.render("refuse.not_confirmed"))
    page = page_of(call)
    found = await _visible(unit, call, kind)
    rows = [
        {**_told(desk, call, one.row), "who": called(one.person) if one.person else ""}
        for one in found[(page - 1) * PAGE : page * PAGE]
    ]
    own = not (SUPERVISION & call.sender.roles) and not heads_department(call.sender)
    text = desk.texts.render(
        "rota.list", rows=rows, page=page, more=len(found) > page * PAGE, own=own, what=TITLES[kind]
    )
    return Answer(text, private=True)


async def bare(kind: str, desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """The list; anything else behind the command is a slip."""
    if call.words:
        raise Refused(desk.texts.render("rota.usage", command=TITLES[kind]))
    return await listed(kind, desk, unit, call)


def _family(kind: str, english: str, summary: str, examples: tuple[tuple[str, str], ...]) -> Command:
    title = TITLES[kind]
    return Command(
        name=title,
        english=english,
        summary=summary,
        actions=(
            Action(
                name="",
                english="",
                roles=EVERYONE,
                arguments="",
                summary="监督员：全部安排；部门负责人：本部门的；成员：本人的",
                examples=((f"/{title}", f"查看{title}安排"),),
                run=partial(bare, kind),
            ),
            Action(
                name="添加",
                english="add",
                aliases=("新增", "登记"),
                roles=SUPERVISION,
                heads=True,
                arguments="人 起止时间",
                summary="登记一段时间，一次最长 31 天；不能给本人登记",
                examples=examples,
                run=partial(add, kind),
            ),
            Action(
                name="列表",
                english="list",
                roles=EVERYONE,
                arguments="[页]",
                summary="分页列出尚未结束的安排",
                examples=((f"/{title} 列表", "尚未结束的安排"),),
                run=partial(listed, kind),
            ),
            Action(
                name="取消",
                english="cancel",
                aliases=("撤销",),
                roles=SUPERVISION,
                heads=True,
                arguments="编号",
                summary="取消一条登记",
                examples=((f"/{title} 取消 {1 if kind == 'duty' else 2}", "取消该编号的登记"),),
                run=partial(cancel, kind),
            ),
        ),
    )


COMMANDS = (
    _family(
        "duty",
        "duty",
        "值班安排；值班期间在非工作时间发布工作信息不算违规",
        (
            ("/值班 添加 E1001 明天 18:00 至 22:00", "登记一次晚间值班"),
            ("/值班 添加 张三 下周六 至 下周日", "登记周末两天值班"),
        ),
    ),
    _family(
        "leave",
        "leave",
        "请假安排；请假期间的提醒顺延到假期结束以后，说明、整改和申诉的期限不计请假的日子",
        (
            ("/请假 添加 E1001 明天", "登记一天假"),
            ("/请假 添加 张三 明天下午", "登记半天假"),
        ),
    ),
)
