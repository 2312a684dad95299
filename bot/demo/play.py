"""Plays a story of the demo, and then lets whoever watches type along as any member or as HR."""

from __future__ import annotations

import asyncio
import logging
import tempfile
from pathlib import Path

from rich.console import Console

from bot import log as logs
from bot.demo import day
from bot.demo.director import Director
from bot.demo.stage import opened
from bot.demo.stories import STORIES
from bot.demo.transcript import Transcript
from bot.demo.whole_day import whole_day
from bot.settings import RoomSettings, Settings
from rules.core.load import load_book

INTRO = (
    "群规 qungui · 演示：{title}（内置模拟网关、SQLite；时间加速）\n"
    "Simulator, real wire, real bot, real database; time is accelerated."
)
OFFICE_WORDS = ("/违规", "/为什么", "/日报", "/规则", "/词库", "/申诉")


async def play(story: str = "", *, interactive: bool) -> None:
    """Play a story (empty: the whole day); ``interactive`` goes on with what the watcher types."""
    logs.configure(level=logging.WARNING)
    transcript = Transcript(Console(highlight=False, soft_wrap=False), day.ZONE)
    settings = Settings(rooms=RoomSettings(guard="listed", listed=(day.TOPIC,), supervision=day.OFFICE_TOPIC))
    book = load_book(settings.book_options())
    title, tell = STORIES[story] if story else ("一个工作群的一天", whole_day)
    with tempfile.TemporaryDirectory(prefix="qungui-demo-") as folder:
        database = Path(folder) / "qungui.db"
        start = day.DAY if story else day.EARLIER
        async with opened(settings, book, start, database, logs.get("demo"), day.people) as stage:
            director = Director(stage, book, transcript)
            transcript.plain(INTRO.format(title=title))
            await tell(director)
            if interactive:
                await _type_along(director)


async def _type_along(direct: Director) -> None:
    """Read lines from the terminal until it ends; each is said by whoever was chosen."""
    names = {str(number): key for number, key in enumerate(day.PEOPLE, start=1)}
    keys = f"  :1 … :{len(names)} 换人   :私 切换群聊和私聊   :退出 结束"
    direct.out.heading("轮到您了")
    direct.out.plain(
        "直接输入文字，就以所选成员的身份在群里发言；/ 开头是命令（试试 /帮助）。\n"
        + keys
        + "\n"
        + "  ".join(f":{number} {day.PEOPLE[key][1]}" for number, key in names.items())
    )
    who, private = "liu", False
    while (line := await _ask(who, private=private)) is not None:
        word = line.strip().removeprefix("：").removeprefix(":")
        if line.startswith((":", "：")):
            if word in names:
                who = names[word]
            elif word in ("私", "p"):
                private = not private
            elif word in ("退出", "q", "quit"):
                return
            else:
                direct.out.plain(keys)
        elif line.strip():
            await _type(direct, who, line, private=private)


async def _type(direct: Director, who: str, text: str, *, private: bool) -> None:
    if private and who in day.STRANGERS:
        direct.out.plain("  此人不是群管家的好友，不能私聊（先加好友才行）。")
        return
    direct.stage.clock.advance(20)
    at_office = who == "wang" and text.startswith(OFFICE_WORDS)
    where = who if private else day.OFFICE if at_office else day.ROOM
    direct.stage.sim.say(where, who, text)
    await direct.heard()


async def _ask(who: str, *, private: bool) -> str | None:
    prompt = f"{day.PEOPLE[who][1]}{'（私聊）' if private else ''} > "
    try:
        return await asyncio.to_thread(input, prompt)
    except (EOFError, KeyboardInterrupt):
        return None
