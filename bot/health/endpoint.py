"""The health endpoint: `/healthz` (it lives), `/readyz` (it guards), `/metrics`; and the pulse beside it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

from bot.compose import Bot
from bot.health.pulse import Pulse
from bot.health.server import Response, Server
from bot.health.state import Stored, stored
from bot.health.systemd import Notifier
from bot.health.tally import Tally

FRESH_SECONDS = 1.0
STILL_SECONDS = 120.0


class Endpoint:
    """Answers for one bot; however often it is asked, the database is asked once a second at most.

    Args:
        metrics: the text of `/metrics`, out of what the database told.
    """

    def __init__(
        self,
        bot: Bot,
        pulse: Pulse,
        stop: asyncio.Event,
        metrics: Callable[[Stored | None], Response],
    ) -> None:
        self._bot = bot
        self._pulse = pulse
        self._stop = stop
        self._metrics = metrics
        self._asking = asyncio.Lock()
        self._known: Stored | None = None
        self._known_at: float | None = None

    @property
    def pages(self) -> dict[str, Callable[[], Awaitable[Response]]]:
        """What answers each path."""
        return {"/healthz": self.healthz, "/readyz": self.readyz, "/metrics": self.metrics}

    async def healthz(self) -> Response:
        """That an answer comes says it all: a process that hangs gives none."""
        return Response(200, b"ok\n")

    async def readyz(self) -> Response:
        """200 while messages are received, judged and answered; else 503, and what is missing, one thing a line."""
        missing = [
            said
            for said, holds in (
                ("stopping", self._stop.is_set()),
                ("gateway: not connected", not self._bot.presence.online),
                ("database: no answer", await self._stored() is None),
                ("line: nothing moves", self._pulse.still > STILL_SECONDS),
            )
            if holds
        ]
        return Response(
            503 if missing else 200, "".join(f"{line}\n" for line in missing or ["ready"]).encode()
        )

    async def metrics(self) -> Response:
        """Everything that is counted."""
        return self._metrics(await self._stored())

    async def _stored(self) -> Stored | None:
        async with self._asking:
            now = self._bot.clock.monotonic()
            if self._known_at is None or now - self._known_at >= FRESH_SECONDS:
                self._known = await stored(self._bot)
                self._known_at = self._bot.clock.monotonic()
            return self._known


@contextlib.asynccontextmanager
async def attended(bot: Bot, stop: asyncio.Event, notifier: Notifier | None = None) -> AsyncIterator[None]:
    """Have the bot's health told while it runs: on the endpoint that the settings name, and to ``notifier``.

    Raises:
        ConfigError: the endpoint's address can't be listened on.
    """
    address, log = bot.in_force.settings.health.address, bot.line.log
    tally = Tally()
    pulse = Pulse(bot, tally, notifier or Notifier("", None, log))
    server: Server | None = None
    if address is not None:
        from bot.health.exposition import CONTENT_TYPE, Exposition

        exposition = Exposition(bot, tally, pulse)
        endpoint = Endpoint(
            bot, pulse, stop, lambda known: Response(200, exposition.text(known), CONTENT_TYPE)
        )
        server = Server(endpoint.pages, log)
        await server.open(*address)
        log.info("health endpoint is open", listen=bot.in_force.settings.health.listen)
    bot.handler.listeners.append(tally.hear)
    beating = asyncio.create_task(pulse.beat(stop), name="pulse")
    try:
        yield
    finally:
        beating.cancel()
        await asyncio.gather(beating, return_exceptions=True)
        if server is not None:
            await server.close()
