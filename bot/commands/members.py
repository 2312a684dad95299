"""`/入群` and `/退群`: who is to come into a group and who is to leave (policy 2.1a to 2.1c).

Anybody of the company may ask; the head of the department, a leader and HR decide as the policy says, and then the
bot adds or removes whoever it is, and sees whether it happened (:mod:`bot.jobs.members`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from bot.commands import requests
from bot.commands.entries import asked
from bot.commands.grants import beyond
from bot.commands.requests import refused
from bot.commands.table import EVERYONE, Action, Answer, Call, Command, Counter, Refused
from bot.commands.whom import called, is_oneself, meant, which_room, whom
from bot.pipeline.membership import MOST, NOTE_LENGTH, UNDER_WAY, Membership, actor, facts_of
from bot.pipeline.notice import shown
from bot.pipeline.policy import EVERY_ROOM
from bot.reports.primer import primer
from rules.procedure.membership import WAITING, Kind, Refusal, State
from storage.names import folded
from storage.records import (
    AuditEntry,
    Binding,
    Employment,
    MemberRequest,
    Person,
    Role,
    Room,
)
from storage.session import UnitOfWork

MOST_OF_ONE = 10
"""So many requests of one person may wait for a decision."""

WITHDRAWN_A_DAY = 5
"""Every new request calls upon those who decide: whoever took so many back in a day asks no more that day."""

LONGEST_NAME = 40
SPONSOR = "对接人"


async def join(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """Ask that an employee be added to a group."""
    words = list(call.words)
    if not words:
        raise Refused(desk.texts.render("members.usage"))
    person, contact_id = await _employee(desk, unit, call, words)
    first = words.pop(0)
    if person is not None and person.employee_no:
        name, department = person.name, person.department
        if words and folded(words[0]) == folded(department):
            words.pop(0)
    elif words:
        name, department = first.lstrip("@＠"), words.pop(0)
    else:
        raise Refused(desk.texts.render("members.usage"))
    room = await _room(desk, unit, call, words)
    return await _ask(
        desk,
        unit,
        call,
        _request(call, Kind.JOIN, name, room, department=department, person=person, contact_id=contact_id),
    )


async def external(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """Ask that somebody of another company be added; whoever asks, or is named as 对接人, stands sponsor."""
    words, sponsor = await _sponsor(desk, unit, call)
    if len(words) < 2:
        raise Refused(desk.texts.render("members.usage_external"))
    company, first, *rest = words
    person, contact_id = None, ""
    if first[:1] in ("@", "＠") and call.mentions:
        found = await meant(desk, unit, call, first)
        person, contact_id = found.person, found.contact_id
        if person.employee_no:
            raise Refused(desk.texts.render("members.is_employee", who=called(person)))
    room = await _room(desk, unit, call, rest)
    name = first.lstrip("@＠")
    if name.startswith(company):
        name = name[len(company) :].lstrip("-_· ") or name
    request = _request(
        call, Kind.JOIN_EXTERNAL, name, room, company=company, person=person, contact_id=contact_id
    )
    return await _ask(desk, unit, call, request, sponsor)


async def leave(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """Ask that somebody be removed from every group; what HR leads ask for is done at once."""
    if not call.words:
        raise Refused(desk.texts.render("members.usage_leave"))
    found = await meant(desk, unit, call, call.words[0], left=True)
    person, who = found.person, called(found.person, found.label)
    if await is_oneself(unit, call, person) or person.kind == "bot":
        raise Refused(desk.texts.render("people.oneself"))
    if await beyond(unit, call, person):
        raise Refused(desk.texts.render("bindings.protected", who=who))
    if Role.HR_LEAD not in call.sender.roles and folded(person.department) != folded(call.sender.department):
        # Before anything is shown: in which groups somebody of another department is, is not for every head to see.
        raise Refused(desk.texts.render("members.may_not_ask", kind=Kind.LEAVE))
    attending = [
        row
        for row in await unit.rooms.attendance(person_keys=(person.key,))
        if desk.guards(row.room) or row.room.gateway_id == desk.supervision()
    ]
    if not attending:
        raise Refused(desk.texts.render("members.in_no_room", who=who))
    if not call.sure:
        rows = [
            {
                "room": shown(row.room.topic),
                "label": shown(row.label),
                "sure": row.level is Binding.CONFIRMED,
            }
            for row in attending
        ]
        preview = desk.texts.render("members.ask_leave", who=who, rows=rows, note=found.note)
        return Answer(f"{preview}\n{asked(desk, '退群', call)}", private=True)
    everywhere = Room(EVERY_ROOM, "", "")
    request = _request(
        call,
        Kind.LEAVE,
        person.name or found.label,
        everywhere,
        department=person.department,
        person=person,
        contact_id=found.contact_id,
        remark=shown(" ".join(call.words[1:]), NOTE_LENGTH),
    )
    return await _ask(desk, unit, call, request)


async def digest(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """The rules of the groups in short, as newcomers are told them."""
    now_known = await unit.people.by_contact(call.contact_id) or call.sender
    outsider = now_known.kind == "external"
    return Answer(primer(desk.texts, desk.settings(), desk.book(), outsider=outsider))


async def _ask(
    desk: Counter, unit: UnitOfWork, call: Call, request: MemberRequest, sponsor: Person | None = None
) -> Answer:
    """Keep a request, unless it is there already, and tell whoever decides next."""
    under_way = await unit.requests.list(UNDER_WAY, limit=MOST)
    same = next((one for one in under_way if _same(one, request)), None)
    if same is not None:
        raise refused(desk, Refusal.ALREADY, same)
    waiting = [one for one in under_way if one.state in WAITING and one.asked_by == call.sender.key]
    if len(waiting) >= MOST_OF_ONE or len(under_way) >= MOST:
        raise Refused(desk.texts.render("members.too_many", most=MOST_OF_ONE))
    if await _withdrawn_lately(unit, call) >= WITHDRAWN_A_DAY:
        raise Refused(desk.texts.render("members.too_many_withdrawn", most=WITHDRAWN_A_DAY))
    if sponsor is not None:
        request = replace(request, sponsor=sponsor.key)
    membership = Membership(desk.texts, desk.supervision())
    taken = await membership.ask(unit, request, await actor(unit, call.sender), call.now)
    if isinstance(taken, Refusal):
        raise Refused(desk.texts.render("members.may_not_ask", kind=request.kind))
    kept = taken.request
    await unit.audit.add(AuditEntry(call.now, call.sender.key, "request ask", kept.number, kept.kind))
    title = requests.STATE_TITLES[State(kept.state)]
    text = desk.texts.render("members.asked", **await facts_of(unit, kept), title=title)
    return Answer(text, also=taken.rows)


async def _withdrawn_lately(unit: UnitOfWork, call: Call) -> int:
    found = await unit.requests.list((State.WITHDRAWN,), limit=MOST)
    day_ago = call.now - timedelta(days=1)
    return sum(one.asked_by == call.sender.key and one.created_at > day_ago for one in found)


def _request(
    call: Call,
    kind: Kind,
    name: str,
    room: Room,
    *,
    department: str = "",
    company: str = "",
    person: Person | None = None,
    contact_id: str = "",
    remark: str = "",
) -> MemberRequest:
    return MemberRequest(
        number="",
        kind=kind,
        name=shown(name, LONGEST_NAME),
        department=shown(department, LONGEST_NAME),
        company=shown(company, LONGEST_NAME),
        contact_id=contact_id,
        room_key=room.key,
        asked_by=call.sender.key,
        sponsor=call.sender.key if kind is Kind.JOIN_EXTERNAL else "",
        state=State.NONE,
        created_at=call.now,
        remark=remark,
        person_key=person.key if person is not None else "",
    )


def _same(one: MemberRequest, other: MemberRequest) -> bool:
    if (one.kind == Kind.LEAVE) is not (other.kind == Kind.LEAVE) or one.room_key != other.room_key:
        return False
    if one.person_key and other.person_key:
        return one.person_key == other.person_key
    names = [folded(each.company + each.department + each.name) for each in (one, other)]
    return names[0] == names[1]


async def _employee(
    desk: Counter, unit: UnitOfWork, call: Call, words: Sequence[str]
) -> tuple[Person | None, str]:
    """Whom the first words name, and the id that is surely theirs; ``None`` for somebody whom nobody knows yet."""
    first = words[0]
    if first[:1] in ("@", "＠") and call.mentions:
        found = await meant(desk, unit, call, first)
        return found.person, found.contact_id
    person = await unit.people.by_employee_no(first.strip().upper()) or await unit.people.by_employee_no(
        first
    )
    if person is None and len(words) > 1:
        wanted = folded(words[1])
        known = [one for one in await unit.people.find(words[1] + first) if folded(one.department) == wanted]
        if len(known) > 1:
            raise Refused(desk.texts.render("members.namesakes", who=shown(words[1] + first)))
        person = known[0] if known else None
    if person is None:
        return None, ""
    if person.status == Employment.LEFT:
        raise Refused(desk.texts.render("people.left", who=called(person)))
    return person, person.contact_id if person.binding is Binding.CONFIRMED else ""


async def _sponsor(desk: Counter, unit: UnitOfWork, call: Call) -> tuple[list[str], Person | None]:
    """The words without what names the sponsor, and who that is; ``None`` for whoever asks."""
    words = list(call.words)
    at = next((index for index, word in enumerate(words) if word.startswith(SPONSOR)), None)
    if at is None:
        return words, None
    behind = words[at].removeprefix(SPONSOR).strip(":： ")
    named = behind or next(iter(words[at + 1 : at + 2]), "")
    sponsor = await whom(desk, unit, call, named)
    if not sponsor.employee_no:
        raise Refused(desk.texts.render("members.no_sponsor", who=called(sponsor)))
    return [*words[:at], *words[at + (1 if behind else 2) :]], sponsor


async def _room(desk: Counter, unit: UnitOfWork, call: Call, words: Sequence[str]) -> Room:
    room = await which_room(desk, unit, call, words[0] if words else "")
    if not desk.guards(room):
        raise Refused(desk.texts.render("people.room_unknown", word=shown(room.topic)))
    return room


COMMANDS = (
    Command(
        name="入群",
        english="join",
        aliases=("申请入群",),
        summary="申请让同事或外部人员入群，审批并跟踪",
        actions=(
            Action(
                name="",
                english="",
                roles=EVERYONE,
                arguments="姓名 部门 [群]",
                summary="申请让同事入群：部门负责人提出或同意，人力资源部批准",
                examples=(("/入群 张伟 市场部 项目工作群", "申请让市场部张伟进入项目工作群"),),
                run=join,
            ),
            Action(
                name="外部",
                english="external",
                aliases=("外部人员",),
                roles=EVERYONE,
                arguments="公司 姓名 [群] [对接人 @同事]",
                summary="申请让外部人员入群：公司领导、人力资源部先后批准",
                examples=(("/入群 外部 某某公司 赵六 项目工作群", "以本人为对接人，申请让对方入群"),),
                run=external,
            ),
            *requests.actions("入群"),
            Action(
                name="须知",
                english="rules",
                aliases=("群规",),
                roles=EVERYONE,
                arguments="",
                summary="工作群须知",
                examples=(("/入群 须知", "再看一遍工作群须知"),),
                run=digest,
            ),
        ),
    ),
    Command(
        name="退群",
        english="leave_groups",
        aliases=("移出",),
        summary="把离职或不再参与的人员移出全部群",
        actions=(
            Action(
                name="",
                english="",
                roles=frozenset({Role.HR_LEAD}),
                arguments="姓名|工号 [原因]",
                summary="移出机器人看管的全部群；部门负责人提出的，由人力资源部批准",
                examples=(
                    ("/退群 王五", "先看在哪些群里"),
                    ("/退群 E1005 已办理离职 确认", "确认移出"),
                ),
                run=leave,
                asks=True,
                heads=True,
            ),
            *requests.actions("退群"),
        ),
    ),
)
