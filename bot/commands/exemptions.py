"""`/豁免`: somebody is let off a rule, somewhere, until a time, for a reason. Nobody exempts themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.commands.docket import name_of
from bot.commands.entries import asked, entry_number, page_of, told_supervisors
from bot.commands.parse import SURE
from bot.commands.table import SUPERVISION, Action, Answer, Call, Command, Counter, Refused
from bot.commands.times import Mistimed, complaint, leading_until, stamp
from bot.commands.whom import (
    ALL_WORDS,
    EVERYWHERE,
    Meant,
    called,
    is_oneself,
    meant,
    names_of_rooms,
    which_room,
)
from bot.pipeline.notice import shown
from bot.pipeline.policy import EVERY_RULE
from storage.names import folded
from storage.records import AuditEntry, Exemption, Room
from storage.session import UnitOfWork

LONGEST = timedelta(days=366)
UNASKED = timedelta(days=30)
"""A longer one is asked back."""

FOR_GOOD = frozenset({"长期", "長期", "永久", "always"})
REASON_LENGTH = 100
PAGE = 10
EVERY_RULE_TITLE = "全部规则"


@dataclass(frozen=True, slots=True)
class Wish:
    """An exemption as it was typed; ``until`` is ``None`` for one without an end."""

    who: Meant
    rule: str
    room: Room
    until: datetime | None
    why: str


async def add(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """Exempt somebody, and tell the supervisors; what goes far or lasts long is asked back first."""
    sure = bool(call.words) and call.words[-1].casefold() in SURE
    wish = await _wish(desk, unit, call, call.words[:-1] if sure else call.words)
    who = called(wish.who.person, wish.who.label)
    rule = rule_title(desk, wish.rule)
    room = shown(wish.room.topic)
    why = shown(wish.why, REASON_LENGTH)
    until = stamp(wish.until, call.now, desk.book().calendar.zone) if wish.until else ""
    if _goes_far(wish, call) and not sure:
        preview = desk.texts.render(
            "exemptions.ask", who=who, rule=rule, room=room, until=until, why=why, note=wish.who.note
        )
        return Answer(f"{preview}\n{asked(desk, '豁免 添加', call)}", private=True)
    renewed = await _renewed(unit, call, wish)
    made = await unit.exemptions.add(
        wish.who.person.key, wish.rule, wish.room.key, wish.until, wish.why, call.sender.key, call.now
    )
    detail = f"{made.id}：{rule}，{room}，{f'至 {until}' if until else '长期'}，理由：{why}"
    await unit.audit.add(
        AuditEntry(call.now, call.sender.key, "exemption added", wish.who.person.key, detail)
    )
    text = desk.texts.render(
        "exemptions.done",
        number=made.id,
        who=who,
        rule=rule,
        room=room,
        until=until,
        why=why,
        renewed="、".join(renewed),
        note=wish.who.note,
    )
    return Answer(text, private=True, also=told_supervisors(desk, call, text), changes_policy=True)


def _goes_far(wish: Wish, call: Call) -> bool:
    """Whether it lasts long, or spares somebody every rule or in every room."""
    lasts = wish.until is None or wish.until > call.now + UNASKED
    return lasts or wish.rule == EVERY_RULE or wish.room == EVERYWHERE


async def _wish(desk: Counter, unit: UnitOfWork, call: Call, words: tuple[str, ...]) -> Wish:
    """Read who, what, where, until when and why.

    Raises:
        Refused: something is missing or can't be meant.
    """
    if len(words) < 3:
        raise Refused(desk.texts.render("exemptions.usage"))
    who = await meant(desk, unit, call, words[0])
    if await is_oneself(unit, call, who.person):
        raise Refused(desk.texts.render("people.oneself"))
    rule = named_rule(desk, words[1])
    until, used = _end(desk, call, words[2:])
    where, behind = "", 2
    if not used:
        where, behind = words[2], 3
        until, used = _end(desk, call, words[3:])
    if not used:
        raise Refused(desk.texts.render("exemptions.no_end"))
    room = await which_room(desk, unit, call, where, every=True)
    why = " ".join(words[behind + used :]).strip()
    if not why:
        raise Refused(desk.texts.render("exemptions.no_reason"))
    return Wish(who, rule, room, until, why[: REASON_LENGTH * 2])


def _end(desk: Counter, call: Call, words: tuple[str, ...]) -> tuple[datetime | None, int]:
    """The end that the first words name, and how many words that takes; none for "for good"."""
    if words and words[0].casefold() in FOR_GOOD:
        return None, 1
    try:
        until, used = leading_until(words, call.now, desk.book().calendar.zone)
    except Mistimed as fault:
        raise Refused(complaint(desk.texts, fault)) from None
    if until is not None and until > call.now + LONGEST:
        raise Refused(desk.texts.render("exemptions.too_long"))
    return until, used


async def _renewed(unit: UnitOfWork, call: Call, wish: Wish) -> list[str]:
    """End what stood of the same person, rule and room: of two ends nobody knows which one counts."""
    ended = []
    for one in await unit.exemptions.active(call.now):
        if (one.person_key, one.rule, one.room_key) == (wish.who.person.key, wish.rule, wish.room.key):
            await unit.exemptions.revoke(one.id, call.sender.key, call.now)
            ended.append(str(one.id))
    return ended


def named_rule(desk: Counter, word: str) -> str:
    """The id of a rule that a word names by id or title; :data:`EVERY_RULE` for 全部.

    Raises:
        Refused: there is no such rule.
    """
    plain = folded(word)
    if plain in ALL_WORDS or plain == EVERY_RULE_TITLE:
        return EVERY_RULE
    rules = [entry.rule for entry in desk.book().entries]
    found = [rule.id for rule in rules if plain in (rule.id, folded(rule.title))]
    if not found:
        titles = [rule.title for rule in rules]
        raise Refused(desk.texts.render("exemptions.unknown_rule", word=shown(word), rules="、".join(titles)))
    return found[0]


def rule_title(desk: Counter, rule: str) -> str:
    """The Chinese title of a rule, or of all of them."""
    if rule == EVERY_RULE:
        return EVERY_RULE_TITLE
    titles = {entry.rule.id: entry.rule.title for entry in desk.book().entries}
    return titles.get(rule, rule)


async def listed(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """What is in force, page by page."""
    page = page_of(call)
    active = await unit.exemptions.active(call.now)
    rooms = await names_of_rooms(unit)
    rows = [await _row(desk, unit, call, one, rooms) for one in active[(page - 1) * PAGE : page * PAGE]]
    text = desk.texts.render("exemptions.list", rows=rows, page=page, more=len(active) > page * PAGE)
    return Answer(text, private=True)


async def _row(
    desk: Counter, unit: UnitOfWork, call: Call, one: Exemption, rooms: Mapping[int, str]
) -> dict[str, object]:
    person = await unit.people.get(one.person_key)
    return {
        "number": one.id,
        "who": called(person) if person else "",
        "rule": rule_title(desk, one.rule),
        "room": rooms.get(one.room_key, ""),
        "until": stamp(one.until, call.now, desk.book().calendar.zone) if one.until else "",
        "why": shown(one.reason, REASON_LENGTH),
        "by": await name_of(unit, one.by),
    }


async def cancel(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """End an exemption."""
    number = call.words[0] if call.words else ""
    ended = await unit.exemptions.revoke(entry_number(number), call.sender.key, call.now)
    if ended is None:
        raise Refused(desk.texts.render("people.no_such_entry", number=shown(number), command="豁免"))
    await unit.audit.add(
        AuditEntry(call.now, call.sender.key, "exemption cancelled", ended.person_key, str(ended.id))
    )
    rooms = await names_of_rooms(unit)
    row = await _row(desk, unit, call, ended, rooms)
    text = desk.texts.render(
        "exemptions.cancelled", number=ended.id, who=row["who"], rule=row["rule"], room=row["room"]
    )
    return Answer(text, private=True, changes_policy=True)


async def bare(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """The list; anything else behind the command is a slip."""
    if call.words:
        raise Refused(desk.texts.render("exemptions.usage"))
    return await listed(desk, unit, call)


COMMANDS = (
    Command(
        name="豁免",
        english="exempt",
        aliases=("exemption",),
        summary="让某人在一段时间内不受某条规则约束（须写明理由）",
        actions=(
            Action(
                name="",
                english="",
                roles=SUPERVISION,
                arguments="",
                summary="有效的豁免",
                examples=(("/豁免", "列出有效的豁免"),),
                run=bare,
            ),
            Action(
                name="添加",
                english="add",
                aliases=("新增",),
                roles=SUPERVISION,
                arguments="人 规则|全部 [群|全部群] 截止时间|长期 理由",
                summary="登记豁免并告知监督群；超过 30 天、全部规则或全部群的，先列出再确认；最长一年，或写“长期”；"
                "不写群名即指本群",
                examples=(
                    ("/豁免 添加 E1001 商业推广 项目工作群 3天 负责客户活动", "三天内在该群发活动信息"),
                    ("/豁免 添加 张三 全部 全部群 长期 系统公告账号 确认", "长期不受任何规则约束"),
                ),
                run=add,
            ),
            Action(
                name="列表",
                english="list",
                roles=SUPERVISION,
                arguments="[页]",
                summary="分页列出有效的豁免",
                examples=(("/豁免 列表", "列出有效的豁免"),),
                run=listed,
            ),
            Action(
                name="取消",
                english="cancel",
                aliases=("撤销",),
                roles=SUPERVISION,
                arguments="编号",
                summary="取消一条豁免",
                examples=(("/豁免 取消 1", "取消编号为 1 的豁免"),),
                run=cancel,
            ),
        ),
    ),
)
