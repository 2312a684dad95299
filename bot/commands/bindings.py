"""`/绑定`: HR says who is behind a WeChat id, and whether somebody is an employee. Nobody binds themselves.

What a binding gives is great: cases move with it, and roles become usable. So both sides are shown first, and nobody
decides on an id or entry whose roles they could not give themselves.
"""

from __future__ import annotations

from datetime import timedelta

from bot.commands.entries import asked, page_of
from bot.commands.grants import beyond
from bot.commands.table import ROLE_TITLES, Action, Answer, Call, Command, Counter, Refused
from bot.commands.whom import Meant, called, is_oneself, which_contact
from bot.pipeline.notice import SUPERVISION, shown
from storage.errors import Conflict
from storage.records import AuditEntry, Binding, Employment, Outgoing, Person, Role
from storage.results import Attendance
from storage.session import UnitOfWork

HR = frozenset({Role.HR_LEAD})
PAGE = 10
CASES_COUNTED = 100
DOUBTS = timedelta(days=90)
SHOWN = "binding shown"
STANDS = timedelta(hours=1)
"""So long what was shown is what a confirmation under the same name is about."""
BINDING_TITLES = {Binding.NONE: "未确认", Binding.PROBABLE: "仅凭昵称推测", Binding.CONFIRMED: "已确认"}


async def confirm(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """Confirm a WeChat id as an employee of the roster; both sides are shown first."""
    if len(call.words) != 2:
        raise Refused(desk.texts.render("bindings.usage"))
    contact = await which_contact(desk, unit, call, call.words[0])
    employee = await _employee(desk, unit, call.words[1])
    await _require_others(desk, unit, call, contact, employee)
    await _require_as_shown(desk, unit, call, contact)
    label, who = _label(contact), called(employee)
    if contact.person.key == employee.key and contact.person.binding is Binding.CONFIRMED:
        raise Refused(desk.texts.render("bindings.already", label=label, who=who))
    known = contact.person
    cases = 0
    if known.key != employee.key:
        cases = len(await unit.cases.list(person_key=known.key, limit=CASES_COUNTED))
    if not call.sure:
        held = [role for holder, role, *_ in await unit.people.roles_held() if holder.key == employee.key]
        preview = desk.texts.render(
            "bindings.ask",
            label=label,
            name=shown(known.name),
            rooms="、".join(map(shown, contact.rooms[:3])),
            present=_present(known),
            who=who,
            head=employee.is_head,
            roles="、".join(ROLE_TITLES[role] for role in held),
            cases=cases,
            many=cases >= CASES_COUNTED,
            note=contact.note,
        )
        return Answer(f"{preview}\n{asked(desk, '绑定 确认', call)}", private=True)
    confirmed = await unit.people.confirm(contact.contact_id, employee.key, call.sender.key, call.now)
    detail = f"{contact.contact_id}，原记录 {known.key}，撤销昵称推测 {len(confirmed.undone)} 个"
    await unit.audit.add(AuditEntry(call.now, call.sender.key, "binding confirmed", employee.key, detail))
    also: tuple[Outgoing, ...] = (
        _told(call, contact.contact_id, desk.texts.render("bindings.told", who=who)),
    )
    if employee.binding is Binding.CONFIRMED and employee.contact_id != contact.contact_id:
        # Whoever was known as this employee until now is the first to notice if that is wrong.
        text = desk.texts.render("bindings.warned", label=label)
        also += (_told(call, employee.contact_id, text, "warned"),)
    if confirmed.undone:
        text = desk.texts.render(
            "operator.guess_overruled", name=shown(employee.name), ids=len(confirmed.undone)
        )
        also += (Outgoing(SUPERVISION, text, call.now, call.now, kind="alert"),)
    text = desk.texts.render("bindings.done", label=label, who=who, cases=cases, note=contact.note)
    return Answer(text, private=True, also=also, changes_policy=True)


def _label(contact: Meant) -> str:
    return f"“{shown(contact.label) or '未知昵称'}”"


def _present(person: Person) -> str:
    title = BINDING_TITLES[person.binding]
    return f"{title}为{called(person)}" if person.employee_no else title


async def _employee(desk: Counter, unit: UnitOfWork, word: str) -> Person:
    """The roster entry of a number; only the number itself names one for certain."""
    number = word.removeprefix("工号").strip(":： ")
    for spelling in dict.fromkeys((number, number.upper(), number.lower())):
        employee = await unit.people.by_employee_no(spelling) if spelling else None
        if employee is not None and employee.status == Employment.LEFT:
            raise Refused(desk.texts.render("bindings.left", who=called(employee)))
        if employee is not None:
            return employee
    raise Refused(desk.texts.render("bindings.unknown_number", number=shown(word)))


async def _require_others(
    desk: Counter, unit: UnitOfWork, call: Call, contact: Meant, employee: Person | None = None
) -> None:
    """Make sure that the caller is on neither side, and that no role above their own is decided on.

    Raises:
        Refused: otherwise.
    """
    for person in filter(None, (contact.person, employee)):
        if contact.contact_id == call.contact_id or await is_oneself(unit, call, person):
            raise Refused(desk.texts.render("people.oneself"))
        if await beyond(unit, call, person):
            raise Refused(desk.texts.render("bindings.protected", who=called(person, contact.label)))


async def _require_as_shown(desk: Counter, unit: UnitOfWork, call: Call, contact: Meant) -> None:
    """Make sure that a name still means the id that was shown under it: meanwhile somebody could have put it on.

    Raises:
        Refused: it means another by now; what it means has to be looked at again.
    """
    typed = " ".join(call.words)
    if call.sure:
        shown_then = await unit.audit.between(SHOWN, call.now - STANDS, call.now + timedelta(seconds=1))
        own = [one for one in shown_then if one.actor == call.sender.key and one.detail == typed]
        if own and own[-1].target != contact.contact_id:
            raise Refused(desk.texts.render("bindings.another", label=_label(contact)), private=True)
    else:
        await unit.audit.add(AuditEntry(call.now, call.sender.key, SHOWN, contact.contact_id, typed))


def _told(call: Call, contact_id: str, text: str, what: str = "told") -> Outgoing:
    unique = f"{what} {call.message_id}"
    return Outgoing(contact_id, text, call.now, call.now, kind="notice", private=True, unique=unique)


async def external(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """Note that somebody is no employee: points are not for them, and their nickname has another form."""
    return await _kind(desk, unit, call, "external")


async def employee(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """Note that somebody is an employee, though not on the roster."""
    return await _kind(desk, unit, call, "employee")


async def _kind(desk: Counter, unit: UnitOfWork, call: Call, kind: str) -> Answer:
    contact = await which_contact(desk, unit, call, call.words[0] if call.words else "")
    await _require_others(desk, unit, call, contact)
    who = called(contact.person, contact.label)
    try:
        # Whoever tells is in the audit there.
        await unit.people.set_kind(contact.person.key, kind, call.sender.key, call.now)
    except Conflict:
        raise Refused(desk.texts.render("bindings.on_roster", who=who)) from None
    text = desk.texts.render("bindings.kind", who=who, external=kind == "external", note=contact.note)
    return Answer(text, private=True, changes_policy=True)


async def undo(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """Give a WeChat id a record of its own again; what is recorded stays, unless the binding was only a guess."""
    contact = await which_contact(desk, unit, call, call.words[0] if call.words else "")
    await _require_others(desk, unit, call, contact)
    await _require_as_shown(desk, unit, call, contact)
    label, who = _label(contact), called(contact.person, contact.label)
    if contact.person.binding is Binding.NONE:
        raise Refused(desk.texts.render("bindings.nothing_bound", label=label))
    if not call.sure:
        guessed = contact.person.binding is Binding.PROBABLE
        preview = desk.texts.render(
            "bindings.ask_undo", label=label, who=who, guessed=guessed, note=contact.note
        )
        return Answer(f"{preview}\n{asked(desk, '绑定 解除', call)}", private=True)
    await unit.people.unbind(contact.contact_id, call.sender.key, call.now)
    await unit.audit.add(
        AuditEntry(call.now, call.sender.key, "binding undone", contact.person.key, contact.contact_id)
    )
    also: tuple[Outgoing, ...] = ()
    if contact.person.holds_role:
        # Somebody loses their say without having done anything: they and their colleagues are the first to notice.
        told = desk.texts.render("bindings.role_lost", who=who)
        alert = desk.texts.render("operator.role_unbound", who=who, by=called(call.sender))
        also = (
            _told(call, contact.contact_id, told),
            Outgoing(SUPERVISION, alert, call.now, call.now, kind="alert"),
        )
    text = desk.texts.render("bindings.undone", label=label, who=who, note=contact.note)
    return Answer(text, private=True, also=also, changes_policy=True)


async def listed(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """Ids that are not confirmed, those that somebody else could be taken for first."""
    page = page_of(call)
    doubts = await unit.people.contested_since(call.now - DOUBTS)
    contested = {contact_id for doubt in doubts for contact_id in doubt.contact_ids}
    ids: dict[str, Attendance] = {}
    for row in await unit.rooms.attendance(settled=False):
        ids.setdefault(row.contact_id, row)

    def urgency(row: Attendance) -> int:
        return 0 if row.contact_id in contested else 1 if row.level is Binding.PROBABLE else 2

    ordered = sorted(ids.values(), key=urgency)
    rows = [
        {
            "label": shown(row.label),
            "name": shown(row.name),
            "room": shown(row.room.topic),
            "state": await _state(unit, row, contested=row.contact_id in contested),
        }
        for row in ordered[(page - 1) * PAGE : page * PAGE]
    ]
    text = desk.texts.render("bindings.list", rows=rows, page=page, more=len(ordered) > page * PAGE)
    return Answer(text, private=True)


async def _state(unit: UnitOfWork, row: Attendance, *, contested: bool) -> str:
    if contested:
        return "与他人重名，待核实"
    person = await unit.people.by_contact(row.contact_id)
    return _present(person) if person else ""


async def bare(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """The list; anything else behind the command is a slip."""
    if call.words:
        raise Refused(desk.texts.render("bindings.usage"))
    return await listed(desk, unit, call)


COMMANDS = (
    Command(
        name="绑定",
        english="bind",
        aliases=("綁定",),
        summary="确认微信号是哪位员工，或登记外部人员",
        actions=(
            Action(
                name="",
                english="",
                roles=HR,
                arguments="",
                summary="尚未确认身份的微信号",
                examples=(("/绑定", "尚未确认身份的微信号"),),
                run=bare,
            ),
            Action(
                name="确认",
                english="confirm",
                roles=HR,
                arguments="@昵称 工号",
                summary="确认微信号属于该员工，其案件一并转入",
                examples=(
                    ("/绑定 确认 张三 E1001", "先核对两边的信息"),
                    ("/绑定 确认 张三 E1001 确认", "核对无误，确认绑定"),
                ),
                run=confirm,
                asks=True,
            ),
            Action(
                name="外部",
                english="external",
                aliases=("外部人员",),
                roles=HR,
                arguments="@昵称",
                summary="登记为外部人员：只提示，不计分",
                examples=(("/绑定 外部 李四", "登记为外部人员"),),
                run=external,
            ),
            Action(
                name="员工",
                english="employee",
                roles=HR,
                arguments="@昵称",
                summary="登记为本公司员工",
                examples=(("/绑定 员工 李四", "登记为本公司员工"),),
                run=employee,
            ),
            Action(
                name="解除",
                english="undo",
                aliases=("取消", "撤销"),
                roles=HR,
                arguments="@昵称",
                summary="解除错误的绑定",
                examples=(("/绑定 解除 王五", "先看会解除什么；确定后在末尾加“确认”"),),
                run=undo,
                asks=True,
            ),
            Action(
                name="列表",
                english="list",
                roles=HR,
                arguments="[页]",
                summary="分页列出尚未确认身份的微信号",
                examples=(("/绑定 列表", "尚未确认身份的微信号"),),
                run=listed,
            ),
        ),
    ),
)
