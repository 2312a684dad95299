"""What becomes of requests to join and to leave (policy 2.1): agreed to, turned down, withdrawn, done by hand, listed.

The commands 入群 and 退群 share these actions. Who may take a step is for ``rules.procedure.membership``.
"""

from __future__ import annotations

import re
import unicodedata
from functools import partial

from bot.commands.docket import name_of
from bot.commands.entries import page_of
from bot.commands.table import EVERYONE, Action, Answer, Call, Counter, Refused, heads_department
from bot.commands.times import stamp
from bot.commands.whom import which_contact
from bot.pipeline.membership import MOST, NOTE_LENGTH, UNDER_WAY, Membership, actor, facts_of
from bot.pipeline.notice import shown
from rules.procedure.membership import Kind, Move, Refusal, State
from storage.names import folded
from storage.records import AuditEntry, MemberRequest, Role
from storage.session import UnitOfWork

PAGE = 10
NUMBER = re.compile(r"R[-‐‑‒–—―−ー]?[0-9A-Z]{5}|[0-9A-Z]{5}", re.I)
OVERSEERS = frozenset({Role.HR_LEAD, Role.SUPERVISOR, Role.LEADER})
STATE_TITLES = {
    State.WAITING_HEAD: "待部门负责人审批",
    State.WAITING_LEADER: "待公司领导审批",
    State.WAITING_HR: "待人力资源部审批",
    State.APPROVED: "已同意，机器人办理中",
    State.BY_HAND: "已同意，待人工办理",
    State.DONE: "已完成",
    State.REJECTED: "未同意",
    State.WITHDRAWN: "已撤回",
}
REFUSALS = {
    Refusal.NOT_ENTITLED: "members.not_entitled",
    Refusal.OWN_REQUEST: "members.own_request",
    Refusal.NOT_YOURS: "members.not_yours",
    Refusal.NOT_APPROVED: "members.not_approved",
    Refusal.ALREADY: "members.standing",
    Refusal.CLOSED: "members.standing",
}


async def step(move: Move, desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """Take a step of a request that is named by its number; what follows the number is kept as a remark."""
    request = await _request(desk, unit, call)
    remark = shown(" ".join(call.words[1:]), NOTE_LENGTH)
    return await _taken(desk, unit, call, request, move, remark)


async def finish(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """HR's word that people did by hand what the bot could not; with a mention, under which id somebody came in."""
    request = await _request(desk, unit, call)
    if len(call.words) < 2 or request.kind == Kind.LEAVE:
        return await _taken(desk, unit, call, request, Move.FINISH, "")
    found = await which_contact(desk, unit, call, call.words[1])
    if request.person_key and request.person_key != found.person.key:
        raise Refused(desk.texts.render("members.another", number=request.number))
    if request.kind == Kind.JOIN_EXTERNAL and found.person.employee_no:
        # The roster knows better who is an employee; it is seen before the step, for a refusal undoes none.
        raise Refused(desk.texts.render("members.another", number=request.number))
    answer = await _taken(
        desk, unit, call, request, Move.FINISH, "", contact_id=found.contact_id, person_key=found.person.key
    )
    if request.kind == Kind.JOIN_EXTERNAL:
        await unit.people.set_kind(found.person.key, "external", call.sender.key, call.now)
    return answer


async def _taken(
    desk: Counter, unit: UnitOfWork, call: Call, request: MemberRequest, move: Move, remark: str, **who: str
) -> Answer:
    membership = Membership(desk.texts, desk.supervision())
    taken = await membership.move(
        unit,
        request,
        move,
        await actor(unit, call.sender, request),
        call.now,
        remark,
        contact_id=who.get("contact_id"),
        person_key=who.get("person_key"),
    )
    if isinstance(taken, Refusal):
        raise refused(desk, taken, await unit.requests.get(request.number) or request)
    await unit.audit.add(
        AuditEntry(call.now, call.sender.key, f"request {move.value}", taken.request.number, remark)
    )
    text = desk.texts.render(
        "members.taken", **await facts_of(unit, taken.request), title=STATE_TITLES[State(taken.request.state)]
    )
    return Answer(text, private=True, also=taken.rows, changes_policy=bool(who))


def refused(desk: Counter, refusal: Refusal, request: MemberRequest) -> Refused:
    """Why a step can't be taken, in words."""
    title = STATE_TITLES.get(State(request.state), "")
    return Refused(
        desk.texts.render(
            REFUSALS.get(refusal, "members.standing"), number=request.number, title=title, kind=request.kind
        )
    )


async def _request(desk: Counter, unit: UnitOfWork, call: Call) -> MemberRequest:
    word = unicodedata.normalize("NFKC", call.words[0]).strip() if call.words else ""
    request = await unit.requests.get(word) if NUMBER.fullmatch(word) else None
    if request is None or not await _concerns(unit, call, request):
        # Strangers are told nothing that tells whether there is such a request.
        known = word.upper() if NUMBER.fullmatch(word) and word.isascii() else ""
        raise Refused(desk.texts.render("members.unknown", number=known))
    return request


async def _concerns(unit: UnitOfWork, call: Call, request: MemberRequest) -> bool:
    if OVERSEERS & call.sender.roles or _heads(call, request):
        return True
    ever = await unit.people.ever(call.sender.key)
    return bool(ever.person_keys & {request.asked_by, request.sponsor, request.person_key})


def _heads(call: Call, request: MemberRequest) -> bool:
    return heads_department(call.sender) and folded(call.sender.department) == folded(request.department)


async def listed(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """Requests under way: all of them for those who decide, one's own and one's department's for everybody else."""
    page = page_of(call)
    found = [
        request
        for request in await unit.requests.list(UNDER_WAY, limit=MOST)
        if await _concerns(unit, call, request)
    ]
    zone = desk.book().calendar.zone
    rows = [
        await facts_of(unit, request)
        | {
            "title": STATE_TITLES[State(request.state)],
            "since": stamp(request.created_at, call.now, zone),
        }
        for request in found[(page - 1) * PAGE : page * PAGE]
    ]
    text = desk.texts.render("members.list", rows=rows, page=page, more=len(found) > page * PAGE)
    return Answer(text, private=True)


async def show(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """One request with every step of it."""
    request = await _request(desk, unit, call)
    zone = desk.book().calendar.zone
    steps = [
        {
            "at": stamp(one.at, call.now, zone),
            "title": STATE_TITLES[State(one.state)],
            "by": await name_of(unit, one.by) or "机器人",
            "remark": shown(one.remark, NOTE_LENGTH),
        }
        for one in request.steps
    ]
    facts = await facts_of(unit, request)
    return Answer(desk.texts.render("members.show", **facts, steps=steps), private=True)


def actions(command: str) -> tuple[Action, ...]:
    """The actions that the two commands share, with examples under the name of one."""
    hr = frozenset({Role.HR_LEAD})
    return (
        Action(
            name="同意",
            english="approve",
            aliases=("批准", "通过"),
            roles=EVERYONE,
            arguments="编号 [附言]",
            summary="同意一项申请（轮到谁审批，由谁使用）",
            examples=((f"/{command} 同意 R-7K2QM", "同意这项申请"),),
            run=partial(step, Move.APPROVE),
        ),
        Action(
            name="不同意",
            english="reject",
            aliases=("拒绝", "驳回"),
            roles=EVERYONE,
            arguments="编号 [理由]",
            summary="不同意一项申请，并写明理由",
            examples=((f"/{command} 不同意 R-7K2QM 请先补充对接人", "不同意，并告知申请人理由"),),
            run=partial(step, Move.REJECT),
        ),
        Action(
            name="列表",
            english="list",
            roles=EVERYONE,
            arguments="[页]",
            summary="办理中的申请；成员只看到与自己有关的",
            examples=((f"/{command} 列表", "办理中的申请"),),
            run=listed,
        ),
        Action(
            name="查看",
            english="show",
            roles=EVERYONE,
            arguments="编号",
            summary="一项申请的每一步",
            examples=((f"/{command} 查看 R-7K2QM", "谁在什么时候作了什么决定"),),
            run=show,
        ),
        Action(
            name="撤回",
            english="withdraw",
            aliases=("取消",),
            roles=EVERYONE,
            arguments="编号",
            summary="撤回自己提出、尚未批准的申请",
            examples=((f"/{command} 撤回 R-9RTC3", "撤回自己的申请"),),
            run=partial(step, Move.WITHDRAW),
        ),
        Action(
            name="完成",
            english="done",
            roles=hr,
            arguments="编号 [@昵称]",
            summary="已人工办理完毕；入群的可注明是群里的哪一位",
            examples=((f"/{command} 完成 R-7K2QM", "已人工办理完毕"),),
            run=finish,
        ),
    )
