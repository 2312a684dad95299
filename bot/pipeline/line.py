"""The running line: events → inbox → fetch → handle, and the outbox beside it; started and stopped as one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from structlog.typing import FilteringBoundLogger

from bot.gateway.port import Listener
from bot.pipeline.fetch import Fetcher
from bot.pipeline.handle import Handler
from bot.pipeline.inbox import Inbox
from bot.pipeline.outlet import Outlet
from bot.pipeline.presence import Presence

SETTLE_SECONDS = 2.5
DRAIN_SECONDS = 4.5
STEP_SECONDS = 0.02
ALIVE_SECONDS = 1.0


@dataclass(slots=True)
class Line:
    """All stages of one account.

    Attributes:
        pause: waits a moment of real time while the line is stopping.
        listening: set once all stages run.
    """

    gateway: Listener
    inbox: Inbox
    fetcher: Fetcher
    handler: Handler
    outbox: Outlet
    presence: Presence
    log: FilteringBoundLogger
    pause: Callable[[float], Awaitable[None]]
    listening: asyncio.Event = field(default_factory=asyncio.Event)
    _recovered: bool = False
    _recovering: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def busy(self) -> bool:
        """Whether a message that has come in is not recorded yet."""
        return self.inbox.busy or self.fetcher.busy

    async def opened(self) -> None:
        """The account is logged in, rooms and people are known: go on where an earlier run ended, and speak."""
        self.outbox.online.set()
        await self.recover()

    async def recover(self) -> None:
        """Go on where an earlier run ended, once; should it fail, the next call while logged in tries again."""
        if self._recovered or self._recovering.locked() or not self.outbox.online.is_set():
            return
        async with self._recovering:
            await self.handler.restore()
            await self.inbox.recover()
            self._recovered = True

    def closed(self) -> None:
        """The connection is lost: nothing can be sent."""
        self.outbox.online.clear()

    async def run(self, stop: asyncio.Event) -> None:
        """Run until ``stop`` is set or a stage fails for good; then take nothing new and send what is due.

        Raises:
            TokenRejected: the gateway will never let us in.
        """
        await self.presence.begin()
        await self.inbox.begin()
        listen = asyncio.create_task(self.inbox.listen(), name="listen")
        stages = [
            asyncio.create_task(self.inbox.commit(), name="inbox"),
            asyncio.create_task(self.inbox.hand_on(), name="hand on"),
            asyncio.create_task(self.fetcher.deliver(), name="fetch"),
        ]
        outbox = asyncio.create_task(self.outbox.run(), name="outbox")
        stopping = asyncio.create_task(stop.wait(), name="stop")
        self.listening.set()
        try:
            everything = [listen, stopping, outbox, *stages]
            done, _ = await asyncio.wait(everything, return_when=asyncio.FIRST_COMPLETED)
            for task in done - {stopping}:
                if failure := task.exception():
                    raise failure
                self.log.error("a stage ended by itself", stage=task.get_name())
            await _cancelled([listen])
            await self._settle()
            await self._finish(outbox)
        finally:
            await _cancelled([listen, stopping, outbox, *stages])
            await self.fetcher.close()
            await self.gateway.close()

    async def _settle(self) -> None:
        """Let what has been received reach its record; what does not is stored and comes with the next start."""
        for _ in range(int(SETTLE_SECONDS / STEP_SECONDS)):
            if not self.busy:
                return
            await self.pause(STEP_SECONDS)
        self.log.warning("stopped with messages under way; what is stored comes with the next start")

    async def _finish(self, outbox: asyncio.Task[None]) -> None:
        """Let the send in flight end (cut off, it would be repeated), then send what is due."""
        online = self.outbox.online.is_set()
        self.outbox.stop()
        try:
            async with asyncio.timeout(DRAIN_SECONDS):
                await asyncio.wait([outbox])
                left = await self.outbox.drain() if online else 0
        except TimeoutError:
            left = 1
        if left:
            self.log.warning("stopped with notices unsent; they are stored and leave with the next start")
        try:
            async with asyncio.timeout(ALIVE_SECONDS):
                await self.presence.alive()
        except TimeoutError:
            self.log.warning("stopped without a sign of life, the database is busy or away")


async def _cancelled(tasks: list[asyncio.Task[Any]]) -> None:
    for task in tasks:
        if not task.cancelling():
            # Once is enough: a second time would hit it while it closes its connection to the database.
            task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
