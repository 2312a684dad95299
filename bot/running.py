"""`qungui run`: from settings to a bot on guard, until SIGTERM or a failure for good."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Collection
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from structlog.typing import FilteringBoundLogger

from bot import compose
from bot.clock import SystemClock
from bot.health.endpoint import attended
from bot.health.systemd import Notifier
from bot.jobs.tick import Tick
from bot.settings.source import Loaded
from rules.core.book import Rulebook
from storage.records import CaseState

TICK_SECONDS = 60
TICK_ENDS_SECONDS = 2.0
SOON_SECONDS = 0.5


async def run(found: Loaded, book: Rulebook, log: FilteringBoundLogger, *, dry_run: bool = False) -> None:
    """Guard the rooms until SIGTERM or SIGINT; then send every decided notice that is due, and return.

    The configuration is followed while it runs: once a minute, and at once on SIGHUP. In a dry run everything is
    judged and recorded, and nothing that could speak or act exists.

    Raises:
        TokenRejected: the gateway does not accept the token.
        ConfigError: no gateway is named, it can't be used as it is, or a dry run is to use a live bot's database.
        QunguiError: the database can't be used, or another bot guards with it.
    """
    settings = found.settings
    compose.require_gateway(settings)
    clock = SystemClock()
    async with compose.opened_storage(settings, withholding=dry_run) as storage:
        if dry_run:
            await compose.require_own_database(storage, clock.now())
        stop = asyncio.Event()
        async with compose.alone(settings, stop, clock, log):
            if dry_run:
                ears = await compose.listener(settings, storage, clock, log)
                bot = compose.build_dry(settings, book, storage, ears, clock, log, origin=found.origin)
            else:
                await compose.end_trials(storage)
                gateway = await compose.wire(settings, storage, clock, log)
                bot = compose.build(settings, book, storage, gateway, clock, log, origin=found.origin)
            _stop_on_signals(stop)
            _reload_on_signal(bot, stop, log)
            log.info(
                "starting a dry run: nothing is sent, nobody is charged" if dry_run else "starting",
                database=storage.name,
                rules=[entry.rule.id for entry in book.entries if entry.enabled],
            )
            await guard(bot, stop, Notifier.of(os.environ, log))
        if dry_run:
            async with storage.view() as unit:
                counts, cases = await unit.outbox.counts(), await unit.cases.counts()
            log.info("dry run ended", withheld=counts.withheld, cases=cases.get(CaseState.SHADOW, 0))
        log.info("stopped")


async def guard(
    bot: compose.Bot,
    stop: asyncio.Event,
    notifier: Notifier | None = None,
    tick_seconds: float | None = None,
) -> None:
    """Take messages and do what is due each minute, until ``stop`` is set or a failure for good.

    Args:
        notifier: tells systemd how it is, as the health endpoint that the settings name tells others.
        tick_seconds: a minute of the bot's clock, in seconds of real time; as long as a minute if it is not said.

    Raises:
        ConfigError: the health endpoint can't be opened.
        TokenRejected: the gateway does not accept the token.
    """
    scheduler = AsyncIOScheduler(timezone="UTC")
    ticking: set[asyncio.Task[Any]] = set()

    async def tick() -> None:
        if (task := asyncio.current_task()) is not None:
            ticking.add(task)
            task.add_done_callback(ticking.discard)
        # Cut off at the end; APScheduler would tell of that as of a failure.
        with contextlib.suppress(asyncio.CancelledError):
            await bot.tick(bot.clock.now())

    free = asyncio.Event()

    async def end_ticks_first() -> None:
        """Before the line ends: nothing that the clock has begun is to ask a gateway that is being closed."""
        await stop.wait()
        await _cut_off(scheduler, ticking, bot.tick, SOON_SECONDS)
        free.set()

    # A tick that begins late is begun all the same: by APScheduler's default a second's delay would cost a minute.
    scheduler.add_job(
        tick,
        "interval",
        seconds=tick_seconds or TICK_SECONDS,
        max_instances=1,
        coalesce=True,
        misfire_grace_time=None,
    )
    scheduler.start()
    ending = asyncio.create_task(end_ticks_first(), name="end ticks")
    try:
        async with attended(bot, stop, notifier):
            await bot.line.run(free)
    finally:
        ending.cancel()
        try:
            await _cut_off(scheduler, ticking, bot.tick, TICK_ENDS_SECONDS)
        finally:
            scheduler.shutdown(wait=False)


async def _cut_off(
    scheduler: AsyncIOScheduler, ticking: Collection[asyncio.Task[Any]], clockwork: Tick, seconds: float
) -> None:
    """End the tick that is under way, and what goes on beside it; at most so long it still has gateway and database."""
    scheduler.pause()
    await asyncio.sleep(0)  # one that was just set off has begun by then
    if under_way := {*ticking, *clockwork.aside}:
        for task in under_way:
            task.cancel()
        await asyncio.wait(under_way, timeout=seconds)


def _stop_on_signals(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(
            NotImplementedError
        ):  # Windows' loops have no signal handlers; Ctrl-C still ends it
            loop.add_signal_handler(number, stop.set)


def _reload_on_signal(bot: compose.Bot, stop: asyncio.Event, log: FilteringBoundLogger) -> None:
    number = getattr(signal, "SIGHUP", None)  # Windows has none
    reload = bot.reload
    if number is None or reload is None:
        return
    loop = asyncio.get_running_loop()
    reloading: set[asyncio.Task[None]] = set()

    def ended(task: asyncio.Task[None]) -> None:
        reloading.discard(task)
        if not task.cancelled() and (failure := task.exception()) is not None:
            log.error("reloading failed", failure=type(failure).__name__, exc_info=failure)

    def hurry() -> None:
        if stop.is_set():
            return
        task = asyncio.create_task(reload.at_once(), name="reload")
        reloading.add(task)  # the loop itself keeps no task alive
        task.add_done_callback(ended)

    def hung_up(*_: object) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(hurry)

    # A handler of the loop's own would go with the loop, and a hangup while the process leaves would then end it.
    signal.signal(number, hung_up)
