"""A forked bot on guard among people in a simulator, for tests that let something happen to it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fakes.aftermath import Aftermath, rows
from fakes.chains import settled, surroundings
from fakes.lives import Life, Lives
from fakes.process import until
from fakes.proxy import Proxy
from fakes.talkers import Crowd

from bot.gateway.simulator import Simulator

MANY = 6


@dataclass
class Guard:
    """A bot on guard, the people it hears, its database, and the line to its gateway."""

    life: Life
    crowd: Crowd
    url: str
    env: dict[str, str]
    line: Proxy

    @property
    def sim(self) -> Simulator:
        return self.crowd.sim

    @property
    def said(self) -> int:
        """How often the bot has spoken."""
        return len(self.sim.sent)

    def offend(self) -> list[str]:
        """Some people advertise; returns the messages' ids."""
        return [self.crowd.offend() for _ in range(MANY)]

    async def says(self, words: str, times: int = 1) -> None:
        """Wait until the bot has said something in its log."""
        await until(lambda: self.life.log.count(words) >= times, what=f"{words!r} in the log")

    async def judged(self, messages: list[str]) -> None:
        """Wait until every one of these messages has its case."""
        named = ", ".join(f"'{message}'" for message in messages)
        query = f"select message_id from violations where message_id in ({named})"  # noqa: S608 - our own ids
        for _ in range(400):
            if len(await rows(self.url, query)) == len(messages):
                return
            assert not self.life.over, self.life.log
            await asyncio.sleep(0.05)
        raise AssertionError(f"not every message has its case\n{self.life.log}")

    async def aftermath(self, strays: int = 0, *, ordered: bool = True) -> Aftermath:
        """Let everything come to rest, end the bot, and check what is left; so many sends may have been repeated."""
        await settled(self.life, self.url)
        assert await self.life.stop() == 0
        found = await Aftermath.of(self.url, self.sim.sent)
        wrong = found.breaches(ordered=ordered)
        assert not wrong, "\n".join(wrong)
        assert len(found.stray()) <= strays, found.stray()
        assert "Traceback" not in self.life.log
        assert "    | " not in self.life.log, self.life.log
        return found

    async def makes_up(self, notices: int) -> None:
        """Everything that was said has its outcome and its notice, once; the bot ends in order."""
        await until(lambda: self.said >= notices, what=f"{notices} notices")
        found = await self.aftermath()
        assert len(found.cases) == self.said == notices


@asynccontextmanager
async def on_guard(lives: Lives, folder: Path, url: str, **orders: Any) -> AsyncIterator[Guard]:
    """A bot that has heard and answered something, so that everything is open and warm."""
    async with Simulator() as sim, Proxy(sim.endpoint) as proxy:
        crowd = Crowd(sim, random.Random(2))  # noqa: S311 - no secret
        crowd.gather()
        env = surroundings(folder, url, sim, GATEWAY_ENDPOINT=proxy.endpoint)
        life = lives.begin(env, folder, **orders)
        guard = Guard(life, crowd, url, env, proxy)
        await guard.says("on guard")
        guard.offend()
        await until(lambda: len(sim.sent) == MANY, what="the first notices")
        await settled(life, url)
        yield guard
        await life.kill()
