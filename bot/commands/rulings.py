"""`/规则`: which rules are in force, and where. HR leads and operators switch them on, off or on trial."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from bot.commands.docket import name_of
from bot.commands.switching import MODES, mode_of, switch_of, switching_to, trying
from bot.commands.table import EVERYONE, SUPERVISION, Action, Answer, Call, Command, Counter
from bot.pipeline.foresight import DAYS
from bot.pipeline.notice import local, shown
from bot.pipeline.places import Place
from bot.pipeline.policy import EVERY_ROOM
from rules.core.book import Entry
from storage.records import CaseState, Mode, Role, Room, RuleCount, Switch
from storage.session import UnitOfWork

KEEPERS = frozenset({Role.HR_LEAD, Role.OPERATOR})
READERS = SUPERVISION | {Role.OPERATOR, Role.LEADER}
ROOMS_SHOWN = 6
RIGHT = frozenset({CaseState.CONFIRMED, CaseState.UPHELD})
WRONG = frozenset({CaseState.DISMISSED, CaseState.OVERTURNED})


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
                "source": await _source(desk, unit, switch_of(switches, name, EVERY_ROOM)),
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
    """What became of the cases that one rule found: opened and settled this month, and on trial.

    What a person recorded by hand says nothing of a rule; what stands under another rule, it had got wrong.
    """

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
        mine = [count for count in decided if count.found_by == rule]
        new = [count for count in opened if count.found_by == rule]
        trial = CaseState.SHADOW
        return cls(
            cases=sum(count.count for count in new if count.state is not trial),
            right=sum(count.count for count in mine if count.state in RIGHT and count.rule == rule),
            wrong=sum(
                count.count
                for count in mine
                if count.state in WRONG or (count.state in RIGHT and count.rule != rule)
            ),
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
            source = await _source(desk, unit, switch_of(switches, name, room.key))
            found.append({"name": shown(room.topic), "mode": MODES[mode], "source": source})
    return found


def _action(name: str, english: str, summary: str, example: tuple[str, str], mode: Mode | None) -> Action:
    return Action(
        name=name,
        english=english,
        roles=KEEPERS,
        arguments="规则 [群|全部]",
        summary=f"{summary}，并用近 {DAYS} 天的消息试算；在群里不写群名即指本群，改全部群须确认",
        examples=(example,),
        run=switching_to(mode),
        asks=True,
        ahead=trying(mode),
    )


LIST = Action(
    name="",
    english="",
    roles=EVERYONE,
    arguments="",
    summary="正在执行的规则、条款和分值；有职责的人另见各群的设置、本月识别的案件数和撤销率",
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
            _action(
                "开启", "on", "执行一条规则", ("/规则 开启 flooding 项目工作群", "在一个群里执行"), Mode.ON
            ),
            _action(
                "关闭", "off", "停用一条规则", ("/规则 关闭 商业推广 全部 确认", "在全部群停用"), Mode.OFF
            ),
            _action(
                "试运行",
                "shadow",
                "只记录、不提醒、不扣分，供监督员判断是否准确",
                ("/规则 试运行 商业推广 项目工作群", "在一个群里试运行"),
                Mode.SHADOW,
            ),
            _action(
                "恢复",
                "reset",
                "取消在聊天里的设置，按配置执行",
                ("/规则 恢复 flooding 全部 确认", "按配置执行"),
                None,
            ),
        ),
    ),
)
