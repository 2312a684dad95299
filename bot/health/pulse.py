"""The bot's pulse: it beats for systemd while the event loop turns, and notices when the line stands still.

A line that stands still ends nothing: it mostly waits for a database that is away, and what it holds would be lost.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from bot.compose import Bot
from bot.health.systemd import Notifier
from bot.health.tally import Tally

BEAT_SECONDS = 5.0
BEATS_IN_TIME = 3
"""How many beats fit into the time after which systemd takes the bot for hung."""


class Pulse:
    """Beats from the start to the end.

    Attributes:
        lag: by how many seconds the last beat was late: so long something kept the event loop from turning.
    """

    def __init__(self, bot: Bot, tally: Tally, notifier: Notifier) -> None:
        self._bot = bot
        self._tally = tally
        self._notifier = notifier
        self._seconds = min(BEAT_SECONDS, (notifier.watchdog_seconds or BEAT_SECONDS) / BEATS_IN_TIME)
        self._moved = self._marks()
        self._moved_at = bot.clock.monotonic()
        self.lag = 0.0

    @property
    def still(self) -> float:
        """For how many seconds something has been under way on the line, and nothing moved."""
        now = self._bot.clock.monotonic()
        if (marks := self._marks()) != self._moved or not self._bot.line.busy:
            self._moved, self._moved_at = marks, now
        return now - self._moved_at

    async def beat(self, stop: asyncio.Event) -> None:
        """Tell systemd when the bot listens, that it lives, and from ``stop`` on that it ends; until cancelled."""
        clock, said = self._bot.clock, ""
        await self._bot.line.listening.wait()
        self._notifier.tell("READY=1")
        stopping = asyncio.create_task(stop.wait(), name="stopping")
        stopping.add_done_callback(
            lambda task: None if task.cancelled() else self._notifier.tell("STOPPING=1")
        )
        try:
            while True:
                self._notifier.tell("WATCHDOG=1")
                if (status := self._status(stop.is_set)) != said:
                    said = status
                    self._notifier.tell(f"STATUS={status}")
                began = clock.monotonic()
                await clock.sleep(self._seconds)
                self.lag = max(0.0, clock.monotonic() - began - self._seconds)
                _ = self.still
        finally:
            stopping.cancel()

    def _status(self, stopping: Callable[[], bool]) -> str:
        if stopping():
            return "stopping"
        return "on guard" if self._bot.presence.online else "blind: waiting for the gateway"

    def _marks(self) -> tuple[int, ...]:
        bot = self._bot
        return self._tally.handled, bot.line.inbox.received, bot.outbox.left, bot.outbox.failures
