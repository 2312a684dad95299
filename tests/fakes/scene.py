"""A journey reads as a chat transcript: a whole bot over the recording gateway, a real database and a fake clock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog
from fakes.databases import set_up
from fakes.recording import RecordingGateway
from fakes.shipped import shipped

from bot import compose
from bot.clock import ManualClock
from bot.commands.claims import issue
from bot.pipeline.handle import Handled
from bot.settings import Settings
from bot.settings.source import Origin
from rules.core.load import load_book
from rules.core.model import Judgement, MessageType
from rules.core.options import BookOptions
from storage.records import Case, Role
from storage.session import Storage

SHANGHAI = ZoneInfo("Asia/Shanghai")
TUESDAY = datetime(2026, 10, 13, 10, 0, tzinfo=SHANGHAI)
ROOM = "room@chatroom"
OFFICE = "office@chatroom"
AD = "加薇❤信 abc12345 兼职刷单日结300，扫码进群"
ORDINARY = "今天下午三点开会，请大家准时参加"


@dataclass
class Scene:
    """One room with people, and the bot in it. Time stands still unless a test moves it."""

    gateway: RecordingGateway
    bot: compose.Bot
    clock: ManualClock
    storage: Storage
    handled: list[Handled] = field(default_factory=list)

    async def says(
        self, who: str, text: str, *, where: str = ROOM, kind: MessageType = MessageType.TEXT
    ) -> list[str]:
        """Somebody says something; returns what the bot said by the time all is quiet."""
        self.gateway.world.say(where or who, who, text, type=kind)
        return await self.quiet()

    async def quiet(self, within: float = 60.0) -> list[str]:
        """Let everything that is due within so many seconds happen; returns what the bot said meanwhile."""
        before = len(self.gateway.world.sent)
        horizon = self.clock.now() + timedelta(seconds=within)
        calm = 0
        for _ in range(4_000):
            await asyncio.sleep(0.002)
            calm = 0 if self.bot.line.busy else calm + 1
            if calm and self.bot.outbox.online.is_set() and not self.bot.outbox.resting:
                calm = 0
            # Storage is asked what falls due only once nothing moves any more.
            if calm >= 4 and self.bot.outbox.online.is_set() and await self._jump(horizon):
                calm = 0
            if calm >= 4:
                return [sent.text for sent in self.gateway.world.sent[before:]]
        raise AssertionError("the bot does not come to rest")

    async def _jump(self, horizon: datetime) -> bool:
        """Move time to what the outbox rests for, if something falls due by ``horizon``; whether it moved."""
        async with self.storage.view() as unit:
            due = await unit.outbox.next_due()
        if self.bot.line.busy or not self.bot.outbox.resting:
            return True  # something happened while storage was asked
        if due is None or due > horizon or self.clock.now() >= horizon:
            return False
        wake = self.clock.next_deadline()
        self.clock.advance_to(due if due > self.clock.now() else min(wake or horizon, horizon))
        self.bot.outbox.wake()
        return True

    async def later(self, **span: float) -> list[str]:
        """Let time pass (keywords of timedelta) and do the minute's duties; returns what the bot said."""
        before = len(self.gateway.world.sent)
        self.clock.advance_to(self.clock.now() + timedelta(**span))
        await self.bot.tick(self.clock.now())
        self.bot.outbox.wake()
        await self.quiet()
        return [sent.text for sent in self.gateway.world.sent[before:]]

    def heard(self, target: str) -> list[str]:
        """What the bot has said so far in a room, or to somebody privately."""
        return [sent.text for sent in self.gateway.world.sent if sent.conversation_id == target]

    def judgements(self) -> list[Judgement]:
        """What was judged so far, in order."""
        return [one.judgement for one in self.handled if one.judgement is not None]

    async def cases(self) -> list[Case]:
        """Every case, oldest first."""
        async with self.storage.view() as unit:
            return list(reversed(await unit.cases.list(limit=100)))

    async def the_case(self) -> Case:
        """The only case there is."""
        (case,) = await self.cases()
        return case

    async def appoint(self, who: str, role: Role = Role.SUPERVISOR) -> None:
        """Give somebody a role the way it is given: by a one-time code typed in a private chat."""
        async with self.storage.unit() as unit:
            code = await issue(unit, role, "", "operator", self.clock.now())
        (answer,) = await self.says(who, f"/认领 {code}", where="")
        assert "认领成功" in answer


def people(gateway: RecordingGateway) -> None:
    """Four members, of whom Zhou is no contact of the account, and a supervision room."""
    world = gateway.world
    for key, name, friend in (
        ("wang", "王敏", True),
        ("li", "李强", True),
        ("liu", "刘洋", True),
        ("zhou", "周杰", False),
    ):
        world.contact(key, name, friend=friend)
    world.room(ROOM, "项目工作群", ["wang", "li", "liu", "zhou"])
    world.room(OFFICE, "群规监督组", ["wang", "li"])
    for key, alias in (
        ("wang", "人力资源部王敏"),
        ("li", "工程部李强"),
        ("liu", "市场部刘洋"),
        ("zhou", "市场部周杰"),
    ):
        world.alias(ROOM, key, alias)


@asynccontextmanager
async def opened(
    folder: Path,
    *,
    settings: Settings | None = None,
    start: datetime = TUESDAY,
    gateway: RecordingGateway | None = None,
    url: str = "",
    origin: Origin | None = None,
) -> AsyncIterator[Scene]:
    """A scene with its bot running, on a SQLite file in ``folder`` or the database at ``url``.

    A second one on the same database is a restart. With ``origin`` the bot follows that configuration file.
    """
    settings = settings or Settings.model_validate(
        {"rooms": {"guard": "all", "supervision": "群规监督组"}, "outbox": {"pacing": True}}
    )
    clock = ManualClock(start)
    if gateway is None:
        gateway = RecordingGateway(clock=clock)
        people(gateway)
    if not url:
        url = await set_up(folder / "qungui.db")
    storage = await Storage.open(url)
    options = settings.book_options()
    book = shipped() if options == BookOptions() else load_book(options)
    log = structlog.get_logger()
    bot = compose.build(settings, book, storage, gateway, clock, log, chance=lambda: 0.5, origin=origin)
    scene = Scene(gateway, bot, clock, storage)
    bot.handler.listeners.append(scene.handled.append)
    stop = asyncio.Event()
    running = asyncio.create_task(bot.line.run(stop))
    try:
        async with asyncio.timeout(10):
            await bot.outbox.online.wait()
        await scene.quiet()
        yield scene
    finally:
        stop.set()
        await asyncio.wait([running], timeout=10)
        assert running.done(), "the line does not stop"
        await storage.close()
        running.result()
