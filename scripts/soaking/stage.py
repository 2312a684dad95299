"""Everything that a fault can lay its hands on."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from bot.gateway.simulator import Simulator
from soaking import people
from soaking.heard import Heard
from soaking.keeper import Keeper
from soaking.pace import Pace, PacedClock
from soaking.size import Size
from soaking.traffic import Traffic

TOKEN = "token-of-a-soak"  # noqa: S105 - opens nothing but the simulator of this run
STEP = 0.02


@dataclass
class Stage:
    """The world, its people, the bot, and the ground it stands on.

    Attributes:
        folder: where database, configuration and log lie.
        injected: faults so far, by kind.
        kept_back: messages whose payload does not come before the day is over.
        haste: below 1, faults last so much less long.
        idle_tasks: asyncio tasks of the bot when nothing had happened yet.
        size: what the bot's processes held, once the day is over and before the last one ends.
        begun, ended: the day, in simulated time.
        over: set when the day is.
    """

    folder: Path
    sim: Simulator
    clock: PacedClock
    keeper: Keeper
    heard: Heard
    traffic: Traffic
    chance: random.Random
    injected: Counter[str] = field(default_factory=Counter)
    kept_back: list[str] = field(default_factory=list)
    haste: float = 1.0
    idle_tasks: int = 0
    size: Size = field(default_factory=Size)
    begun: datetime = people.DAY
    ended: datetime = people.DAY
    over: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def database(self) -> Path:
        """The bot's database."""
        return self.folder / "qungui.db"

    @property
    def config(self) -> Path:
        """The bot's configuration."""
        return self.folder / "config.yaml"

    async def pause(self, least: float, most: float = 0.0) -> None:
        """Wait so many real seconds, by chance between the two; less in a hurry."""
        await asyncio.sleep(self.chance.uniform(least, max(least, most)) * self.haste)

    async def until(self, holds: Callable[[], bool], seconds: float) -> bool:
        """Wait until something holds; whether it does within so many real seconds."""
        for _ in range(int(seconds / STEP)):
            if holds():
                return True
            await asyncio.sleep(STEP)
        return False

    async def until_online(self, seconds: float = 20.0) -> bool:
        """Wait until the bot is logged in again; whether it is."""

        def online() -> bool:
            samples = self.keeper.life.samples
            return bool(samples) and samples[-1].online and self.sim.attached

        return await self.until(online, seconds)

    async def next_send(self, seconds: float) -> bool:
        """Wait until the bot says something, at the very moment; whether it did within so many real seconds."""
        before = len(self.sim.sent)
        for _ in range(int(seconds / STEP * 10)):
            if len(self.sim.sent) > before:
                return True
            await asyncio.sleep(STEP / 10)
        return False

    def wrong_clock(self, seconds: float) -> None:
        """Let the bot's clock be wrong by so much; the world's own stays right."""
        self.keeper.keep_to(shifted(self.clock.pace, seconds))


def shifted(pace: Pace, seconds: float) -> Pace:
    """The same pace on a clock that is wrong."""
    return Pace(pace.start, pace.real, pace.lived, pace.speed, seconds)


WRITTEN = """\
company: {{name: 滨江建设}}
rooms:
  guard: listed
  listed: [{rooms}]
  supervision: 群规监督组
notices: {{stale_minutes: {stale}}}
retention: {{messages_days: 30}}
"""


def configuration(stale: int = 10) -> str:
    """The bot's configuration; ``stale`` is the setting that changes while it runs."""
    return WRITTEN.format(stale=stale, rooms=", ".join(people.ROOMS.values()))
