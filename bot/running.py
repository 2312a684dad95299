"""`qungui run`: from settings to a bot on guard, until SIGTERM or a failure for good."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from structlog.typing import FilteringBoundLogger

from bot import compose
from bot.clock import SystemClock
from bot.health.endpoint import attended
from bot.health.systemd import Notifier
from bot.settings.source import Loaded
from rules.core.book import Rulebook

TICK_SECONDS = 60


async def run(found: Loaded, book: Rulebook, log: FilteringBoundLogger) -> None:
    """Guard the rooms until SIGTERM or SIGINT; then send every decided notice that is due, and return.

    The configuration is followed while it runs: once a minute, and at once on SIGHUP.

    Raises:
        TokenRejected: the gateway does not accept the token.
        ConfigError: no gateway is named, or it can't be used as it is.
        QunguiError: the database can't be used.
    """
    settings = found.settings
    compose.require_gateway(settings)
    clock = SystemClock()
    async with compose.opened_storage(settings) as storage:
        gateway = await compose.wire(settings, storage, clock, log)
        bot = compose.build(settings, book, storage, gateway, clock, log, origin=found.origin)
        stop = asyncio.Event()
        _stop_on_signals(stop)
        _reload_on_signal(bot, log)
        log.info(
            "starting",
            database=storage.name,
            rules=[entry.rule.id for entry in book.entries if entry.enabled],
        )
        await guard(bot, stop, Notifier.of(os.environ, log))
        log.info("stopped")


async def guard(bot: compose.Bot, stop: asyncio.Event, notifier: Notifier | None = None) -> None:
    """Take messages and do what is due each minute, until ``stop`` is set or a failure for good.

    ``notifier`` and the health endpoint that the settings name tell others how it is.

    Raises:
        ConfigError: the health endpoint can't be opened.
        TokenRejected: the gateway does not accept the token.
    """
    scheduler = AsyncIOScheduler(timezone="UTC")

    async def tick() -> None:
        await bot.tick(bot.clock.now())

    scheduler.add_job(tick, "interval", seconds=TICK_SECONDS, max_instances=1, coalesce=True)
    scheduler.start()
    try:
        async with attended(bot, stop, notifier):
            await bot.line.run(stop)
    finally:
        scheduler.shutdown(wait=False)


def _stop_on_signals(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(
            NotImplementedError
        ):  # Windows' loops have no signal handlers; Ctrl-C still ends it
            loop.add_signal_handler(number, stop.set)


def _reload_on_signal(bot: compose.Bot, log: FilteringBoundLogger) -> None:
    number = getattr(signal, "SIGHUP", None)  # Windows has none
    reload = bot.reload
    if number is None or reload is None:
        return
    reloading: set[asyncio.Task[None]] = set()

    def ended(task: asyncio.Task[None]) -> None:
        reloading.discard(task)
        if not task.cancelled() and (failure := task.exception()) is not None:
            log.error("reloading failed", failure=type(failure).__name__, exc_info=failure)

    def hurry() -> None:
        task = asyncio.create_task(reload.at_once(), name="reload")
        reloading.add(task)  # the loop itself keeps no task alive
        task.add_done_callback(ended)

    asyncio.get_running_loop().add_signal_handler(number, hurry)
