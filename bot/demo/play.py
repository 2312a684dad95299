"""Plays the demo's day, and then lets whoever watches type along as any member or as the supervisor."""

from __future__ import annotations

import asyncio
import logging
import tempfile
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from rich.console import Console

from bot import log as logs
from bot.commands.claims import issue
from bot.demo import day
from bot.demo.day import Line
from bot.demo.stage import Stage, opened
from bot.demo.transcript import Transcript
from bot.gateway.simulator.nouns import Sent
from bot.settings import RoomSettings, Settings
from rules.core.book import Rulebook
from rules.core.load import load_book
from storage.records import Case, CaseState, Role

BOT = "群管家"
LATER = timedelta(hours=2)


async def play(*, interactive: bool) -> None:
    """Play the day; ``interactive`` goes on with what the watcher types."""
    logs.configure(level=logging.WARNING)
    console = Console(highlight=False, soft_wrap=False)
    transcript = Transcript(console, day.ZONE)
    settings = Settings(rooms=RoomSettings(guard="listed", listed=(day.TOPIC,), supervision=day.OFFICE_TOPIC))
    book = load_book(settings.book_options())
    with tempfile.TemporaryDirectory(prefix="qungui-demo-") as folder:
        database = Path(folder) / "qungui.db"
        async with opened(settings, book, day.EARLIER, database, logs.get("demo"), day.people) as stage:
            demo = _Demo(stage, book, transcript)
            await demo.whole_day()
            if interactive:
                await demo.type_along()


class _Demo:
    """The day, scene by scene."""

    def __init__(self, stage: Stage, book: Rulebook, transcript: Transcript) -> None:
        self._stage = stage
        self._book = book
        self._out = transcript
        self._told = 0
        self._sent = 0

    async def whole_day(self) -> None:
        self._out.plain(
            "群规 qungui · 演示：一个工作群的一天（内置模拟网关、SQLite；时间加速）\n"
            "A working day of one group: simulator, real wire, real bot, real database; time is accelerated."
        )
        await self._days_before()
        self._out.heading(f"{day.DAY:%Y-%m-%d} 星期二 {day.TOPIC}")
        await self._stage.until(day.DAY)
        await self._scene(day.MORNING)
        await self._scene(day.AFTERNOON)
        await self._supervise()
        await self._scene(day.EVENING)
        self._out.heading(f"17:30 {day.OFFICE_TOPIC}：每个工作日一份日报")
        await self._until(17, 30)
        self._out.heading("下班以后：夜里不打扰大家")
        await self._scene(day.NIGHT)
        self._out.heading("第二天 09:00 上班：夜里没有说的话，现在说")
        await self._until(9, 0, days=1)
        self._out.cases(await self._cases(), self._book)
        async with self._stage.storage.view() as unit:
            report = await unit.ledger.verify()
        self._out.plain(f"积分台账：{report.entries} 笔，校验{'通过' if report.holds else '失败'}")

    async def type_along(self) -> None:
        """Read lines from the terminal until it ends; each is said by whoever was chosen."""
        names = {str(number): key for number, key in enumerate(day.PEOPLE, start=1)}
        self._out.heading("轮到您了")
        self._out.plain(
            "直接输入文字，就以所选成员的身份在群里发言；/ 开头是命令（试试 /帮助）。\n"
            "  :1 … :8 换人   :私 切换群聊和私聊   :退出 结束\n"
            + "  ".join(f":{number} {day.PEOPLE[key][1]}" for number, key in names.items())
        )
        who, private = "liu", False
        while (line := await self._ask(who, private)) is not None:
            word = line.strip().removeprefix("：").removeprefix(":")
            if line.startswith((":", "：")):
                if word in names:
                    who = names[word]
                elif word in ("私", "p"):
                    private = not private
                elif word in ("退出", "q", "quit"):
                    return
                else:
                    self._out.plain("  :1 … :8 换人   :私 切换群聊和私聊   :退出 结束")
                continue
            if line.strip():
                await self._type(who, line, private)

    async def _type(self, who: str, text: str, private: bool) -> None:
        if private and who in day.STRANGERS:
            self._out.plain("  此人不是群管家的好友，不能私聊（先加好友才行）。")
            return
        self._stage.clock.advance(20)
        place = (
            who
            if private
            else day.OFFICE
            if who == "wang" and text.startswith(("/违规", "/cases"))
            else day.ROOM
        )
        self._stage.sim.say(place, who, text)
        await self._stage.settle()
        self._show_handled(looks_bad=False)
        self._show_sent()

    async def _ask(self, who: str, private: bool) -> str | None:
        prompt = f"{day.PEOPLE[who][1]}{'（私聊）' if private else ''} > "
        try:
            return await asyncio.to_thread(input, prompt)
        except (EOFError, KeyboardInterrupt):
            return None

    async def _days_before(self) -> None:
        """The roster, a role, and nicknames: who is wrong is reminded on working days, and only then gets a case."""
        self._out.heading("10-09 星期五：机器人进群")
        self._out.note("管理员导入花名册（qungui roster import），机器人从此认得部门与姓名")
        async with self._stage.storage.unit() as unit:
            await unit.people.import_roster(day.ROSTER, self._stage.clock.now())
            code = await issue(unit, Role.HR_LEAD, "E1001", "operator", self._stage.clock.now())
        await self._stage.bot.handler.refresh()
        self._out.note("管理员用 qungui claim 生成一次性认领码，王敏私聊认领，成为人力资源负责人")
        await self._say("wang", f"/认领 {code}", where="")
        self._out.note(
            "昵称不合格式：每个工作日合并提醒一次，先提醒、后立案；不能确定是不是员工的，只请人核对"
        )
        await self._until(10, 0, days=-4)
        self._out.note("外部人员由人认定，从此按“公司+姓名”看待")
        await self._say("wang", "/绑定 外部 @宏达建材高远", where=day.OFFICE)
        await self._until(17, 30, days=-4)
        self._out.heading("10-10 星期六：调休上班日，照常提醒；10-12 星期一再提醒一次")
        for days in (-3, -1):
            await self._until(10, 0, days=days)
            await self._until(17, 30, days=days)

    async def _until(self, hour: int, minute: int, days: int = 0) -> None:
        """Let time pass up to a time of day, so many days from the demo's; what the bot says is shown."""
        moment = day.DAY.replace(hour=hour, minute=minute, second=5) + timedelta(days=days)
        await self._stage.until(moment)
        self._show_sent()

    async def _scene(self, lines: Iterable[Line]) -> None:
        for line in lines:
            moment = self._local(line)
            # A burst is said at its own pace; the bot listens meanwhile, as it would.
            if moment - self._stage.clock.now() > timedelta(seconds=30):
                await self._stage.until(moment)
                self._show_sent()
            self._stage.clock.advance_to(moment)
            if line.note:
                self._out.note(line.note)
            await self._line(line)

    async def _line(self, line: Line) -> None:
        sim = self._stage.sim
        message = sim.say(line.where or line.by, line.by, line.text, type=line.type)
        self._print_line(line.by, line.text, line.type.value, line.where)
        if line.recall:
            sim.recall(message)
            self._out.plain(f"       （{day.PEOPLE[line.by][0]}撤回了一条消息）")
        await self._stage.settle()
        self._show_handled(looks_bad=line.looks_bad)
        self._show_sent()

    async def _say(self, who: str, text: str, where: str) -> None:
        await self._line(Line(self._stage.clock.now().astimezone(day.ZONE).time(), who, text, where=where))

    async def _supervise(self) -> None:
        self._out.heading(f"16:00 {day.OFFICE_TOPIC}：处理当天的案件")
        await self._until(16, 0)
        await self._say("wang", "/违规", where=day.OFFICE)
        cases = await self._cases()
        provisional = [
            case.number for case in cases if case.state is CaseState.PROVISIONAL and case.points > 0
        ]
        doubtful = [case.number for case in cases if case.state is CaseState.REVIEW]
        flooding = [case.number for case in cases if case.rule == "flooding"]
        if flooding:
            self._out.note("每次提醒都说得出理由：为什么这样判？")
            await self._say("wang", f"/为什么 {flooding[0]}", where=day.OFFICE)
        if provisional:
            self._out.note("确认属实的案件：暂记的分数从此算数")
            await self._say("wang", f"/违规 确认 {' '.join(provisional[:2])}", where=day.OFFICE)
        if doubtful:
            self._out.note("同事分享优惠并无恶意：驳回，不计分，群里什么也不会说")
            await self._say("wang", f"/违规 驳回 {doubtful[0]}", where=day.OFFICE)

    async def _cases(self) -> list[Case]:
        async with self._stage.storage.view() as unit:
            return list(reversed(await unit.cases.list(limit=50)))

    def _local(self, line: Line) -> datetime:
        return datetime.combine(day.DAY.date(), line.at, day.ZONE)

    def _print_line(self, who: str, text: str, kind: str, where: str) -> None:
        self._out.said(self._stage.clock.now(), day.PEOPLE[who][1], text, kind, _where(where))

    def _show_handled(self, *, looks_bad: bool) -> None:
        for handled in self._stage.handled[self._told :]:
            self._out.why(handled, self._book, looks_bad=looks_bad)
        self._told = len(self._stage.handled)

    def _show_sent(self) -> None:
        sent: list[Sent] = self._stage.sim.sent[self._sent :]
        for one in sent:
            where = one.conversation_id if one.conversation_id in self._stage.sim.rooms else ""
            self._out.replied(one.at, one.text, _where(where, one.conversation_id))
        self._sent += len(sent)


def _where(room: str, reader: str = "") -> str:
    if room == day.ROOM:
        return ""
    if room:
        return day.OFFICE_TOPIC
    return f"私聊 {day.PEOPLE[reader][0]}" if reader else "私聊"
