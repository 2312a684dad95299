"""A bot on guard in a small world, under a clock that stands still until the stage moves it.

Everything between the world and the database is the real thing: gRPC on loopback, the pipeline, SQLite.
Only time is the stage's: it jumps to the next moment at which something is due, and never waits for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from structlog.typing import FilteringBoundLogger

from bot import compose
from bot.clock import ManualClock, SystemClock
from bot.errors import QunguiError
from bot.gateway.simulator import Simulator
from bot.pipeline.handled import Handled
from bot.settings import Settings
from rules.core.book import Rulebook
from storage.session import Storage

POLL_SECONDS = 0.005
QUIET_POLLS = 4
LONGEST_WAIT = timedelta(minutes=3)
GIVE_UP_SECONDS = 30.0


@dataclass
class Stage:
    """One world with its bot.

    Attributes:
        sim: the world; make people talk through it.
        handled: what became of every message so far, in order.
    """

    sim: Simulator
    bot: compose.Bot
    clock: ManualClock
    storage: Storage
    handled: list[Handled] = field(default_factory=list)
    real: SystemClock = field(default_factory=SystemClock)

    async def until(self, moment: datetime) -> None:
        """Let time pass up to ``moment``: what falls due on the way is said, and the minute's duties are done."""
        while self.clock.now() < moment:
            await self.settle()
            due = await self._next_due()
            self.clock.advance_to(min(moment, due) if due is not None and due > self.clock.now() else moment)
        await self.bot.tick(self.clock.now())
        await self.settle()

    async def settle(self) -> None:
        """Wait until every message is handled and everything that is due within moments has been sent.

        Raises:
            QunguiError: the bot does not come to rest.
        """
        quiet, began = 0, self.real.monotonic()
        horizon = self.clock.now() + LONGEST_WAIT
        while quiet < QUIET_POLLS:
            if self.real.monotonic() - began > GIVE_UP_SECONDS:
                raise QunguiError(
                    "the bot does not come to rest", "run it again; report it if it happens twice"
                )
            await self.real.sleep(POLL_SECONDS)
            there = self.sim.attached and self.bot.presence.online
            at_work = not there or self.bot.line.busy or not self.bot.outbox.resting
            quiet = 0 if at_work or await self._move_to_next_send(horizon) else quiet + 1

    async def _move_to_next_send(self, horizon: datetime) -> bool:
        """Whether something is still to be sent by ``horizon``; moves the clock to it."""
        due = await self._next_due()
        if self.bot.line.busy or not self.bot.outbox.resting:
            return True  # something happened while storage was asked
        if due is None or due > horizon or self.clock.now() >= horizon:
            return False
        wake = self.clock.next_deadline()
        self.clock.advance_to(due if due > self.clock.now() else min(wake or horizon, horizon))
        self.bot.outbox.wake()
        return True

    async def _next_due(self) -> datetime | None:
        async with self.storage.view() as unit:
            return await unit.outbox.next_due()


@asynccontextmanager
async def opened(
    settings: Settings,
    book: Rulebook,
    start: datetime,
    database: Path,
    log: FilteringBoundLogger,
    people: Callable[[Simulator], None],
) -> AsyncIterator[Stage]:
    """A stage with its bot running: ``people`` fills the world before the bot enters it."""
    clock = ManualClock(start)
    async with Simulator(clock=clock) as sim:
        people(sim)
        storage = await Storage.open(f"sqlite:///{database}")
        gateway = compose.simulated(sim.endpoint, sim.token, clock, log)
        bot = compose.build(settings, book, storage, gateway, clock, log, chance=lambda: 0.5)
        stage = Stage(sim, bot, clock, storage)
        bot.handler.listeners.append(stage.handled.append)
        stop = asyncio.Event()
        running = asyncio.create_task(bot.line.run(stop))
        try:
            await stage.settle()
            yield stage
        finally:
            stop.set()
            await asyncio.wait([running], timeout=GIVE_UP_SECONDS)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            await storage.close()
