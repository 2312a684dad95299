"""`/发布`: important news goes out as the company's word once somebody else has approved it (policy 3.3a).

A draft is submitted at once. Until it is posted its author may withdraw it, and whoever may approve it sees it whole;
nobody else learns that it exists.
"""

from __future__ import annotations

from dataclasses import replace

from bot.commands.docket import name_of
from bot.commands.drafting import Order, read_order
from bot.commands.parse import behind
from bot.commands.publication import (
    STATE_TITLES,
    actor,
    announcement_named,
    excerpt,
    is_own,
    may_approve,
    preview,
    refused,
    rooms_of,
    standing_of,
    when,
)
from bot.commands.table import SUPERVISION, Action, Answer, Call, Command, Counter, Refused
from bot.pipeline.notice import shown
from bot.pipeline.publishing import on_its_way
from rules.procedure.announcement import Move, Refusal, State, consider
from storage.errors import Conflict
from storage.records import Announcement, AuditEntry, Role
from storage.session import UnitOfWork

DRAFTERS = SUPERVISION | {Role.LEADER}
OPEN = (State.SUBMITTED, State.APPROVED, State.RETURNED)
OPEN_AT_ONCE = 5
LISTED = 10


async def draft(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """Take a draft and lay it before those who may approve it."""
    order = await read_order(desk, unit, call)
    waiting = await unit.announcements.list(
        states=(State.SUBMITTED,), author=call.sender.key, limit=OPEN_AT_ONCE
    )
    if len(waiting) >= OPEN_AT_ONCE:
        raise Refused(desk.texts.render("announcement.too_many", most=OPEN_AT_ONCE))
    if (ask := _at_night(desk, call, order)) is not None:
        return ask
    kept = await unit.announcements.add(
        Announcement(
            number="",
            author=call.sender.key,
            text=order.text,
            rooms=tuple(room.key for room in order.rooms),
            planned_at=order.planned,
            state=State.SUBMITTED,
            created_at=call.now,
            tracked=order.tracked,
        )
    )
    return await _submitted(desk, unit, call, kept)


async def revise(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """Replace what was returned, and lay it before the approvers again."""
    kept = await announcement_named(desk, unit, call)
    call = replace(call, words=call.words[1:], rest=behind(call.rest, 1))
    order = await read_order(desk, unit, call)
    if (ask := _at_night(desk, call, order, kept.number)) is not None:
        return ask
    standing = await standing_of(unit, call, kept)
    edited = consider(standing, Move.EDIT, actor(call.sender), call.now)
    if isinstance(edited, Refusal):
        raise await refused(desk, unit, kept, edited)
    rooms = tuple(room.key for room in order.rooms)
    try:
        await unit.announcements.revise(kept.number, order.text, rooms, order.planned, tracked=order.tracked)
        kept = await unit.announcements.move(
            kept.number, (kept.state,), State.SUBMITTED, call.sender.key, call.now, remark=""
        )
    except Conflict:
        raise await refused(desk, unit, kept, Refusal.ALREADY) from None
    return await _submitted(desk, unit, call, kept)


def _at_night(desk: Counter, call: Call, order: Order, number: str = "") -> Answer | None:
    """What is planned for a time when nobody works disturbs people (policy 3.2b): it is asked back once."""
    if order.sure or order.planned is None or desk.book().calendar.is_working(order.planned):
        return None
    text = desk.texts.render(
        "announcement.at_night",
        at=when(desk, order.planned, call.now),
        number=number,
    )
    return Answer(text, private=True)


async def _submitted(desk: Counter, unit: UnitOfWork, call: Call, kept: Announcement) -> Answer:
    rows, approvers = await preview(desk, unit, call, kept)
    await unit.audit.add(AuditEntry(call.now, call.sender.key, "announcement submitted", kept.number))
    text = desk.texts.render(
        "announcement.submitted",
        number=kept.number,
        rooms=await rooms_of(unit, kept),
        at=when(desk, kept.planned_at, call.now),
        tracked=kept.tracked,
        text=kept.text,
        approvers=approvers,
    )
    return Answer(text, private=True, also=rows)


async def withdraw(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """Take back what has not been posted."""
    kept = await announcement_named(desk, unit, call)
    standing = await standing_of(unit, call, kept)
    target = consider(standing, Move.WITHDRAW, actor(call.sender), call.now)
    if isinstance(target, Refusal):
        raise await refused(desk, unit, kept, target)
    if await on_its_way(unit, kept):
        raise await refused(desk, unit, kept, Refusal.CLOSED)
    try:
        await unit.announcements.move(kept.number, (kept.state,), target, call.sender.key, call.now)
    except Conflict:
        raise await refused(desk, unit, kept, Refusal.CLOSED) from None
    await unit.outbox.drop(kept.number, "the announcement was withdrawn")
    await unit.audit.add(AuditEntry(call.now, call.sender.key, "announcement withdrawn", kept.number))
    return Answer(desk.texts.render("announcement.withdrawn", number=kept.number), private=True)


async def listed(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """What is under way: one's own, and for whoever approves everybody's."""
    everything = may_approve(call.sender)
    found = await unit.announcements.list(
        states=OPEN, author=None if everything else call.sender.key, limit=LISTED
    )
    rows = [
        {
            "number": one.number,
            "state": STATE_TITLES[State(one.state)],
            "author": await name_of(unit, one.author),
            "at": when(desk, one.planned_at, call.now),
            "beginning": excerpt(one.text),
        }
        for one in found
    ]
    return Answer(desk.texts.render("announcement.list", rows=rows, everyone=everything), private=True)


async def shown_one(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """One announcement as it is, or will be, posted."""
    kept = await announcement_named(desk, unit, call)
    text = desk.texts.render(
        "announcement.show",
        number=kept.number,
        state=STATE_TITLES[State(kept.state)],
        author=await name_of(unit, kept.author),
        rooms=await rooms_of(unit, kept),
        at=when(desk, kept.posted_at or kept.planned_at, call.now),
        tracked=kept.tracked,
        by=await name_of(unit, kept.decided_by),
        remark=shown(kept.remark, 200),
        text=kept.text,
        own=await is_own(unit, call, kept),
    )
    return Answer(text, private=True)


COMMANDS = (
    Command(
        name="发布",
        english="announce",
        aliases=("發布", "發佈", "publish"),
        summary="起草重要通知，经批准后由机器人发布为群公告",
        actions=(
            Action(
                name="",
                english="",
                roles=DRAFTERS,
                heads=True,
                arguments="群…|全部 [时间] [需回复] 正文",
                summary="起草并提交审批；正文可写在第二行起，也可引用一条消息；不写时间，批准后即发布",
                examples=(
                    ("/发布 项目工作群 明天 10:00 下周一系统停机维护，请提前保存工作", "明天 10 点发布"),
                    (
                        "/发布 全部 需回复 请各部门周五前报送值班表，收到请回复",
                        "批准后发到全部群，并跟踪回复",
                    ),
                ),
                run=draft,
                free_text=True,
            ),
            Action(
                name="修改",
                english="revise",
                roles=DRAFTERS,
                heads=True,
                arguments="编号 群…|全部 [时间] [需回复] 正文",
                summary="修改被退回的发布，重新提交审批",
                examples=(
                    ("/发布 修改 G-7K2QM 项目工作群 下周一系统停机维护，联系人王敏", "改好后重新提交"),
                ),
                run=revise,
                free_text=True,
            ),
            Action(
                name="撤回",
                english="withdraw",
                aliases=("取消",),
                roles=DRAFTERS,
                heads=True,
                arguments="编号",
                summary="撤回本人起草、尚未发布的内容",
                examples=(("/发布 撤回 G-7K2QM", "撤回这条发布"),),
                run=withdraw,
            ),
            Action(
                name="列表",
                english="list",
                roles=DRAFTERS,
                heads=True,
                arguments="",
                summary="正在办理的发布：本人的；审批人看全部",
                examples=(("/发布 列表", "正在办理的发布"),),
                run=listed,
            ),
            Action(
                name="查看",
                english="show",
                roles=DRAFTERS,
                heads=True,
                arguments="编号",
                summary="查看全文、状态和审批意见",
                examples=(("/发布 查看 G-7K2QM", "查看全文和状态"),),
                run=shown_one,
            ),
        ),
    ),
)
