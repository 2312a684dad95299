"""`/静默`: the bot says nothing in a room for a while. Cases are recorded all the same, and told privately."""

from __future__ import annotations

from datetime import timedelta

from bot.commands.docket import name_of
from bot.commands.table import SUPERVISION, Action, Answer, Call, Command, Counter, Refused
from bot.commands.times import Mistimed, complaint, leading_until, stamp
from bot.commands.whom import names_of_rooms, which_room
from bot.pipeline.notice import shown
from storage.records import AuditEntry, Role
from storage.session import UnitOfWork

MAY_MUTE = SUPERVISION | {Role.OPERATOR}
USUAL = timedelta(hours=2)
LONGEST = timedelta(days=7)


async def mute(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """Keep silent in a room, this one if none is named, for two hours if nothing else is said."""
    zone = desk.book().calendar.zone
    try:
        where, (until, used) = "", leading_until(call.words, call.now, zone)
        if not used and call.words:
            where, (until, used) = call.words[0], leading_until(call.words[1:], call.now, zone)
    except Mistimed as fault:
        raise Refused(complaint(desk.texts, fault)) from None
    if used + bool(where) < len(call.words):
        raise Refused(desk.texts.render("silence.usage"))
    until = until or call.now + USUAL
    if until > call.now + LONGEST:
        raise Refused(desk.texts.render("silence.too_long"))
    room = await which_room(desk, unit, call, where)
    await unit.silences.mute(room.key, until, call.sender.key, call.now)
    end = stamp(until, call.now, zone)
    await unit.audit.add(
        AuditEntry(call.now, call.sender.key, "room muted", str(room.key), f"until {until.isoformat()}")
    )
    text = desk.texts.render("silence.done", room=shown(room.topic), until=end)
    return Answer(text, changes_policy=True)


async def unmute(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """End a silence."""
    room = await which_room(desk, unit, call, call.words[0] if call.words else "")
    if not await unit.silences.unmute(room.key, call.now):
        raise Refused(desk.texts.render("silence.none", room=shown(room.topic)))
    await unit.audit.add(AuditEntry(call.now, call.sender.key, "room unmuted", str(room.key)))
    return Answer(desk.texts.render("silence.ended", room=shown(room.topic)), changes_policy=True)


async def listed(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """The rooms that are muted now."""
    zone = desk.book().calendar.zone
    rooms = await names_of_rooms(unit)
    rows = [
        {
            "room": rooms.get(one.room_key, ""),
            "until": stamp(one.until, call.now, zone),
            "by": await name_of(unit, one.by),
        }
        for one in await unit.silences.active(call.now)
    ]
    return Answer(desk.texts.render("silence.list", rows=rows), private=True)


COMMANDS = (
    Command(
        name="静默",
        english="mute",
        aliases=("靜默",),
        summary="让机器人在某个群里暂不说话；照常记录，提醒改为私下告知",
        actions=(
            Action(
                name="",
                english="",
                roles=MAY_MUTE,
                arguments="[群] [时长]",
                summary="静默一段时间；不写时长为 2 小时，最长 7 天；不写群名即指本群",
                examples=(
                    ("/静默", "本群静默 2 小时"),
                    ("/静默 30分钟", "本群静默半小时"),
                    ("/静默 项目工作群 至 18:00", "该群静默到今天 18:00"),
                ),
                run=mute,
            ),
            Action(
                name="取消",
                english="off",
                aliases=("解除", "cancel"),
                roles=MAY_MUTE,
                arguments="[群]",
                summary="提前结束静默",
                examples=(("/静默 取消", "结束本群的静默"),),
                run=unmute,
            ),
            Action(
                name="列表",
                english="list",
                roles=MAY_MUTE,
                arguments="",
                summary="正在静默的群",
                examples=(("/静默 列表", "正在静默的群"),),
                run=listed,
            ),
        ),
    ),
)
