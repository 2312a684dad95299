"""`/规则`: which rules are in force, and where. HR leads and operators switch them on, off or on trial."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from bot.commands.docket import name_of
from bot.commands.entries import told_supervisors
from bot.commands.foreseen import outlook
from bot.commands.table import EVERYONE, SUPERVISION, Action, Answer, Call, Command, Counter, Refused, Run
from bot.commands.whom import EVERYWHERE, names_of_rooms, which_room
from bot.pipeline.foresight import DAYS, switching
from bot.pipeline.notice import local, shown
from bot.pipeline.places import Place
from bot.pipeline.policy import EVERY_ROOM
from rules.core.book import Entry
from storage.records import AuditEntry, CaseState, Mode, Role, Room, RuleCount, Switch
from storage.session import UnitOfWork

KEEPERS = frozenset({Role.HR_LEAD, Role.OPERATOR})
READERS = SUPERVISION | {Role.OPERATOR, Role.LEADER}
ROOMS_SHOWN = 6
RIGHT = frozenset({CaseState.CONFIRMED, CaseState.UPHELD})
WRONG = frozenset({CaseState.DISMISSED, CaseState.OVERTURNED})
MODES = {Mode.ON: "开启", Mode.OFF: "关闭", Mode.SHADOW: "试运行"}


def mode_of(entry: Entry) -> Mode:
    """How a rule runs."""
    if not entry.enabled:
        return Mode.OFF
    return Mode.SHADOW if entry.shadow else Mode.ON


# ---- reading


async def listed(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """To members the rules that are on here; to role holders how every rule runs, where, and how often it erred."""
    here = await unit.rooms.by_gateway(call.room_id) if call.place is Place.GUARDED else None
    if not READERS & call.sender.roles:
        brief = [
            {"title": entry.rule.title, "clause": clauses(entry), "points": points(entry)}
            for entry in desk.policy.of(here).entries
            if mode_of(entry) is Mode.ON
        ]
        return Answer(desk.texts.render("rulings.brief", rules=brief))
    zone = desk.book().calendar.zone
    month = call.now.astimezone(zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    opened = await unit.cases.rule_counts(month, call.now)
    decided = await unit.cases.decided(month, call.now)
    switches = await unit.switches.all()
    rooms = await unit.rooms.all()
    rules: list[dict[str, object]] = []
    for entry in desk.book().entries:
        name = entry.rule.id
        record = Record.of(name, opened, decided)
        differing = await _differing(desk, unit, entry, rooms, switches)
        rules.append(
            {
                "id": name,
                "title": entry.rule.title,
                "clause": clauses(entry),
                "points": points(entry),
                "mode": MODES[mode_of(entry)],
                "source": await _source(desk, unit, _switch(switches, name, EVERY_ROOM)),
                "cases": record.cases,
                "decided": record.right + record.wrong,
                "reversed": f"{record.wrong / (record.right + record.wrong):.0%}" if record.settled else "",
                "right": record.trial_right,
                "wrong": record.trial_wrong,
                "trial": record.trials,
                "rooms": differing[:ROOMS_SHOWN],
                "more": max(len(differing) - ROOMS_SHOWN, 0),
            }
        )
    learnt = await unit.local_weights.in_force()
    return Answer(desk.texts.render("rulings.full", rules=rules, learnt=learnt), private=True)


@dataclass(frozen=True, slots=True)
class Record:
    """What became of one rule's cases: opened and settled this month, and on trial."""

    cases: int
    right: int
    wrong: int
    trials: int
    trial_right: int
    trial_wrong: int

    @property
    def settled(self) -> bool:
        """Whether people have decided any."""
        return self.right + self.wrong > 0

    @classmethod
    def of(cls, rule: str, opened: Iterable[RuleCount], decided: Iterable[RuleCount]) -> Record:
        """The record of a rule, over every room."""
        mine = [count for count in decided if count.rule == rule]
        new = [count for count in opened if count.rule == rule]
        trial = CaseState.SHADOW
        return cls(
            cases=sum(count.count for count in new if count.state is not trial),
            right=sum(count.count for count in mine if count.state in RIGHT),
            wrong=sum(count.count for count in mine if count.state in WRONG),
            trials=sum(count.count for count in new if count.state is trial),
            trial_right=sum(count.count for count in mine if count.verdict == "confirmed"),
            trial_wrong=sum(count.count for count in mine if count.verdict == "dismissed"),
        )


def clauses(entry: Entry) -> str:
    """The clauses that a rule rests on here."""
    return "、".join(sorted({charge.penalty.clause for charge in entry.charges.values()}))


def points(entry: Entry) -> str:
    """What it costs here: ``0``, ``2`` or ``0–5``."""
    every = {charge.penalty.points for charge in entry.charges.values()}
    return f"{min(every)}–{max(every)}" if len(every) > 1 else str(min(every))


def _switch(switches: Iterable[Switch], rule: str, room_key: int) -> Switch | None:
    return next((one for one in switches if (one.rule, one.room_key) == (rule, room_key)), None)


async def _source(desk: Counter, unit: UnitOfWork, switch: Switch | None) -> str:
    """Where a mode comes from: who set it in chat and when, or the configuration."""
    if switch is None:
        return desk.texts.render("rulings.by_config")
    at = local(switch.at, desk.book().calendar.zone)
    return desk.texts.render("rulings.by_chat", by=await name_of(unit, switch.by), at=at)


async def _differing(
    desk: Counter, unit: UnitOfWork, entry: Entry, rooms: Sequence[Room], switches: Sequence[Switch]
) -> list[dict[str, str]]:
    """The rooms in which a rule runs otherwise than in most."""
    name, found = entry.rule.id, []
    for room in rooms:
        mode = mode_of(desk.policy.of(room).entry(name))
        if mode is not mode_of(entry):
            source = await _source(desk, unit, _switch(switches, name, room.key))
            found.append({"name": shown(room.topic), "mode": MODES[mode], "source": source})
    return found


# ---- switching


async def on(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """Switch a rule on."""
    return await switch(desk, unit, call, Mode.ON)


async def off(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """Switch a rule off."""
    return await switch(desk, unit, call, Mode.OFF)


async def trial(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """Put a rule on trial."""
    return await switch(desk, unit, call, Mode.SHADOW)


async def restore(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """Let the configuration decide again."""
    return await switch(desk, unit, call, None)


async def switch(desk: Counter, unit: UnitOfWork, call: Call, mode: Mode | None) -> Answer:
    """Switch a rule in a room or in all of them; ``None`` takes what chat set away.

    Raises:
        Refused: no rule or no place is named, or it would change nothing.
    """
    if not call.words:
        raise Refused(desk.texts.render("rulings.usage"))
    entry = meant(desk, call.words[0])
    room = await which_room(desk, unit, call, " ".join(call.words[1:]), every=True)
    everywhere = room == EVERYWHERE
    every = await unit.switches.all()
    switches = [one for one in every if one.rule == entry.rule.id]
    facts = {
        "rule": entry.rule.title,
        "mode": MODES[mode] if mode else "",
        "room": "" if everywhere else shown(room.topic),
    }
    if _nothing(desk, entry, room, mode, switches):
        raise Refused(desk.texts.render("rulings.nothing", **facts))
    then = _switched(every, Switch(entry.rule.id, room.key, mode or Mode.ON, call.sender.key, call.now), mode)
    rooms = [one for one in await unit.rooms.all() if desk.guards(one)] if everywhere else [room]
    seen = await switching(unit, desk.policy, entry.rule.id, then, rooms, call.now)
    tried = outlook(desk, call, seen)
    names = await names_of_rooms(unit)
    own = [names.get(one.room_key, "") for one in switches if everywhere and one.room_key != EVERY_ROOM]
    if everywhere and not call.sure:
        line = " ".join(("/规则", MODES[mode] if mode else "恢复", entry.rule.id, "全部", "确认"))
        return Answer(
            desk.texts.render("rulings.ask", **facts, own=own, line=line, tried=tried), private=True
        )
    if mode is not None:
        await unit.switches.set(entry.rule.id, room.key, mode, call.sender.key, call.now)
    else:
        for one in switches:
            if everywhere or one.room_key == room.key:
                await unit.switches.clear(entry.rule.id, one.room_key)
    detail = f"{MODES[mode] if mode else '按配置'}：{'全部群' if everywhere else shown(room.topic)}"
    await unit.audit.add(AuditEntry(call.now, call.sender.key, "rule switched", entry.rule.id, detail))
    text = desk.texts.render("rulings.done", **facts, own=own, tried=tried)
    told = desk.texts.render(
        "rulings.done", **facts, own=own, tried=outlook(desk, call, seen, examples=False)
    )
    return Answer(text, private=True, also=told_supervisors(desk, call, told), changes_policy=True)


def _switched(switches: Iterable[Switch], new: Switch, mode: Mode | None) -> tuple[Switch, ...]:
    """The switches as they would be; without a ``mode`` those are taken away in whose place the new one stands."""
    wide = mode is None and new.room_key == EVERY_ROOM
    kept = (one for one in switches if one.rule != new.rule or (one.room_key != new.room_key and not wide))
    return (*kept,) if mode is None else (*kept, new)


def meant(desk: Counter, word: str) -> Entry:
    """The rule that a word names: its id, or its title.

    Raises:
        Refused: there is none; what was probably meant is named.
    """
    plain = unicodedata.normalize("NFKC", word).casefold()
    spelt = {name: entry for entry in desk.book().entries for name in (entry.rule.id, entry.rule.title)}
    if plain in spelt:
        return spelt[plain]
    near = difflib.get_close_matches(plain, spelt, n=1, cutoff=0.5)
    known = [f"{entry.rule.title}（{entry.rule.id}）" for entry in desk.book().entries]
    raise Refused(desk.texts.render("rulings.no_rule", near=near[0] if near else "", known=known))


def _nothing(desk: Counter, entry: Entry, room: Room, mode: Mode | None, switches: Sequence[Switch]) -> bool:
    """Whether what is asked for is so already."""
    everywhere = room == EVERYWHERE
    if mode is None:
        return not any(everywhere or one.room_key == room.key for one in switches)
    held = _switch(switches, entry.rule.id, room.key)
    if held is not None:
        return held.mode is mode
    book = desk.book() if everywhere else desk.policy.of(room)
    return mode_of(book.entry(entry.rule.id)) is mode


def _action(name: str, english: str, summary: str, example: tuple[str, str], run: Run) -> Action:
    return Action(
        name=name,
        english=english,
        roles=KEEPERS,
        arguments="规则 [群|全部]",
        summary=f"{summary}，并用近 {DAYS} 天的消息试算；在群里不写群名即指本群，改全部群须确认",
        examples=(example,),
        run=run,
        asks=True,
    )


LIST = Action(
    name="",
    english="",
    roles=EVERYONE,
    arguments="",
    summary="正在执行的规则、条款和分值；有职责的人另见各群的设置、本月案件数和撤销率",
    examples=(("/规则", "正在执行的规则"),),
    run=listed,
)

COMMANDS = (
    Command(
        name="规则",
        english="rules",
        aliases=("規則",),
        summary="查看正在执行的规则；人力资源负责人和系统管理员可按群开启、关闭或试运行",
        actions=(
            LIST,
            replace(LIST, name="列表", english="list", examples=(("/规则 列表", "同 /规则"),)),
            _action("开启", "on", "执行一条规则", ("/规则 开启 flooding 项目工作群", "在一个群里执行"), on),
            _action("关闭", "off", "停用一条规则", ("/规则 关闭 商业推广 全部 确认", "在全部群停用"), off),
            _action(
                "试运行",
                "shadow",
                "只记录、不提醒、不扣分，供监督员判断是否准确",
                ("/规则 试运行 商业推广 项目工作群", "在一个群里试运行"),
                trial,
            ),
            _action(
                "恢复",
                "reset",
                "取消在聊天里的设置，按配置执行",
                ("/规则 恢复 flooding 全部 确认", "按配置执行"),
                restore,
            ),
        ),
    ),
)
