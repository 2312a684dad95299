"""`/授权`: codes that give roles, who holds which, and how a role is taken back.

HR leads give every role but the operator's, operators give all. Nobody redeems a code of their own making, and the
last who can give roles can't be left without. A code goes to its issuer alone, wherever it was asked for.
"""

from __future__ import annotations

from functools import partial

from bot.commands.claims import LIFETIME, issue
from bot.commands.docket import name_of, roles_held_by
from bot.commands.entries import asked, page_of
from bot.commands.table import ROLE_TITLES, Action, Answer, Call, Command, Counter, Refused
from bot.commands.times import stamp
from bot.commands.whom import Meant, called, is_oneself, meant
from bot.pipeline.notice import local, shown
from storage.names import folded
from storage.records import OPERATOR, AuditEntry, Binding, Outgoing, Person, Role
from storage.session import UnitOfWork

MAY_GRANT = frozenset({Role.HR_LEAD, Role.OPERATOR})
OPEN_CODES = 5
PAGE = 10
SPELLINGS = {
    Role.SUPERVISOR: ("监督员", "监督", "supervisor"),
    Role.LEADER: ("领导", "公司领导", "leader"),
    Role.HR_LEAD: ("人力资源负责人", "hr负责人", "hr_lead"),
    Role.OPERATOR: ("系统管理员", "管理员", "operator"),
}


async def give(role: Role, desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """Issue a one-time code for a role. One that reaches far is asked back first."""
    found = await _whose(desk, unit, call, role)
    who = called(found.person, found.label) if found else ""
    note = found.note if found else ""
    if role in MAY_GRANT and not call.sure:
        preview = desk.texts.render("grants.ask", who=who, role=ROLE_TITLES[role], note=note)
        return Answer(f"{preview}\n{asked(desk, f'授权 {SPELLINGS[role][0]}', call)}", private=True)
    if await unit.claims.waiting(call.sender.key, call.now) >= OPEN_CODES:
        raise Refused(desk.texts.render("grants.too_many", most=OPEN_CODES))
    number = found.person.employee_no if found else ""
    code = await issue(unit, role, number, call.sender.key, call.now, LIFETIME)
    text = desk.texts.render("grants.code", who=who, role=ROLE_TITLES[role], code=code, note=note)
    return Answer(text, private=True, secret=True)


async def _whose(desk: Counter, unit: UnitOfWork, call: Call, role: Role) -> Meant | None:
    """Who the code is for; ``None`` for whoever redeems it, which only members without a number are given.

    Raises:
        Refused: nobody was named, or somebody who can't be given it.
    """
    roster = any(row.active for row in await unit.people.roster())
    if not call.words:
        if role is Role.MEMBER or not roster:
            return None
        raise Refused(desk.texts.render("grants.need_number", role=ROLE_TITLES[role]))
    found = await meant(desk, unit, call, call.words[0])
    if await is_oneself(unit, call, found.person):
        raise Refused(desk.texts.render("grants.oneself"))
    if not found.person.employee_no and roster:
        raise Refused(desk.texts.render("grants.need_number", role=ROLE_TITLES[role]))
    who = called(found.person, found.label)
    if role in await roles_held_by(unit, found.person.key):
        raise Refused(desk.texts.render("grants.holds", who=who, role=ROLE_TITLES[role]))
    # Any code for somebody makes its redeemer that person, with all that they may do.
    if await beyond(unit, call, found.person):
        raise Refused(desk.texts.render("grants.not_yours", role=ROLE_TITLES[Role.OPERATOR]))
    return found


async def beyond(unit: UnitOfWork, call: Call, person: Person) -> bool:
    """Whether somebody holds a role that the caller could not give: their identity is not the caller's to decide."""
    return Role.OPERATOR in await roles_held_by(unit, person.key) and Role.OPERATOR not in call.sender.roles


async def listed(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """Who holds what, since when, and by whose grant; those with no confirmed id are marked."""
    page = page_of(call)
    held = await unit.people.roles_held()
    unconfirmed = {person.key for person in await unit.people.unconfirmed_roles()}
    zone = desk.book().calendar.zone
    rows = [
        {
            "role": ROLE_TITLES[role],
            "who": called(person),
            "since": stamp(since, call.now, zone),
            "by": "命令行" if by == OPERATOR else await name_of(unit, by),
            "unconfirmed": person.key in unconfirmed,
        }
        for person, role, by, since in held[(page - 1) * PAGE : page * PAGE]
    ]
    text = desk.texts.render("grants.list", rows=rows, page=page, more=len(held) > page * PAGE)
    return Answer(text, private=True)


async def revoke(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """Take a role back, tell whoever held it, and burn the codes that they issued or could still redeem."""
    role, found = await _role_and_person(desk, unit, call)
    who, title = called(found.person, found.label), ROLE_TITLES[role]
    if role is Role.OPERATOR and Role.OPERATOR not in call.sender.roles:
        raise Refused(desk.texts.render("grants.not_yours", role=title))
    if role not in await roles_held_by(unit, found.person.key):
        raise Refused(desk.texts.render("grants.not_held", who=who, role=title))
    if role in MAY_GRANT and not await _left_over(unit, role, found.person):
        raise Refused(desk.texts.render("grants.last", who=who))
    if not call.sure:
        codes = role in MAY_GRANT
        preview = desk.texts.render("grants.ask_revoke", who=who, role=title, codes=codes, note=found.note)
        return Answer(f"{preview}\n{asked(desk, '授权 撤销', call)}", private=True)
    await unit.people.revoke(found.person.key, role, call.sender.key, call.now)
    burnt = await unit.claims.burn_of(found.person.key, found.person.employee_no, call.now)
    detail = f"{title}，同时作废认领码 {burnt} 个"
    await unit.audit.add(AuditEntry(call.now, call.sender.key, "role revoked", found.person.key, detail))
    also = _tell(desk, call, found.person, role)
    text = desk.texts.render("grants.revoked", who=who, role=title, told=bool(also), note=found.note)
    return Answer(text, private=True, also=also)


async def _role_and_person(desk: Counter, unit: UnitOfWork, call: Call) -> tuple[Role, Meant]:
    """The role and the person that a line names, in either order."""
    roles = {folded(word): role for role, words in SPELLINGS.items() for word in (*words, ROLE_TITLES[role])}
    role = next((roles[folded(word)] for word in call.words if folded(word) in roles), None)
    names = [word for word in call.words if folded(word) not in roles]
    if role is None or len(names) != 1:
        titles = [words[0] for words in SPELLINGS.values()]
        raise Refused(desk.texts.render("grants.unknown_role", roles="、".join(titles)))
    return role, await meant(desk, unit, call, names[0], left=True)


async def _left_over(unit: UnitOfWork, role: Role, person: Person) -> bool:
    """Whether anybody could still give roles if this person lost this one."""
    able = {(holder.key, held) for held in MAY_GRANT for holder in await unit.people.with_role(held)}
    return bool(able - {(person.key, role)})


def _tell(desk: Counter, call: Call, person: Person, role: Role) -> tuple[Outgoing, ...]:
    """A private word to whoever lost a role, where it is certain who that is."""
    if person.binding is not Binding.CONFIRMED or person.key == call.sender.key:
        return ()
    text = desk.texts.render(
        "grants.told",
        role=ROLE_TITLES[role],
        at=local(call.now, desk.book().calendar.zone),
        by=shown(call.sender.name),
    )
    row = Outgoing(
        person.contact_id,
        text,
        call.now,
        call.now,
        kind="notice",
        private=True,
        unique=f"role revoked {call.message_id}",
    )
    return (row,)


def _giving(role: Role, examples: tuple[tuple[str, str], ...]) -> Action:
    name, *others = SPELLINGS.get(role, ("成员", "群成员", "member"))
    asks = role in MAY_GRANT
    return Action(
        name=name,
        english=role.value,
        aliases=tuple(others[:-1]),
        roles=frozenset({Role.OPERATOR}) if role is Role.OPERATOR else MAY_GRANT,
        arguments="[工号]" if role is Role.MEMBER else "工号",
        summary=f"发放{ROLE_TITLES[role]}的一次性认领码（只私下发给您）",
        examples=examples,
        run=partial(give, role),
        asks=asks,
    )


COMMANDS = (
    Command(
        name="授权",
        english="grant",
        aliases=("授權",),
        summary="发放认领码，查看或撤销权限",
        actions=(
            _giving(
                Role.MEMBER,
                (("/授权 成员 E1001", "让该员工确认身份"), ("/授权 成员", "让外部人员确认本人身份")),
            ),
            _giving(Role.SUPERVISOR, (("/授权 监督员 E1001", "请该员工担任监督员"),)),
            _giving(Role.LEADER, (("/授权 领导 E1001", "给公司领导审批权限"),)),
            _giving(Role.HR_LEAD, (("/授权 人力资源负责人 E1001 确认", "再设一位人力资源负责人"),)),
            _giving(Role.OPERATOR, (("/授权 系统管理员 E1001 确认", "再设一位系统管理员"),)),
            Action(
                name="列表",
                english="list",
                roles=MAY_GRANT,
                arguments="[页]",
                summary="谁持有什么权限、自何时起、由谁授予",
                examples=(("/授权 列表", "现有的权限"),),
                run=listed,
            ),
            Action(
                name="撤销",
                english="revoke",
                aliases=("取消", "收回"),
                roles=MAY_GRANT,
                arguments="角色 人",
                summary="撤销一个人的权限，并告知本人",
                examples=(("/授权 撤销 监督员 张三", "先看会撤销什么；确定后在末尾加“确认”"),),
                run=revoke,
                asks=True,
            ),
        ),
    ),
)
