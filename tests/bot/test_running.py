"""Stopping: what the clock has begun ends before the gateway is closed, and is no error."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
import structlog
from fakes.databases import set_up
from fakes.process import environment, qungui, started, until
from fakes.scene import ROOM
from fakes.shipped import shipped

from bot import compose
from bot.clock import SystemClock
from bot.gateway.simulator import Simulator
from bot.gateway.wire import WireGateway
from bot.jobs.tick import Duty, Tick
from bot.running import guard
from bot.settings import Settings
from rules.core.worktime import WorkCalendar
from storage.session import Storage


@pytest.mark.parametrize("aside", [False, True])
async def test_a_tick_that_is_under_way_at_the_stop_outlived_the_gateway_and_was_told_as_an_error(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, aside: bool
) -> None:
    order: list[str] = []
    storage = await Storage.open(await set_up(tmp_path / "qungui.db"))

    class Closing(WireGateway):
        async def close(self) -> None:
            order.append("gateway closed")
            await super().close()

    async def long_tick(_: datetime) -> None:
        order.append("tick began")
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.3)  # as a transaction that has to end
            order.append("tick ended")

    async with Simulator() as sim:
        sim.contact("li", "李强")
        sim.room(ROOM, "项目工作群", ["li"])
        clock, log = SystemClock(), structlog.get_logger()
        gateway = Closing(sim.endpoint, sim.token, "off", clock, log)
        bot = replace(
            compose.build(Settings(), shipped(), storage, gateway, clock, log),
            tick=Tick(storage, WorkCalendar, [Duty("long", long_tick, aside=aside)], log),
        )
        stop = asyncio.Event()
        with caplog.at_level(logging.ERROR, "apscheduler"):
            running = asyncio.create_task(guard(bot, stop, tick_seconds=0.05))
            await until(lambda: order == ["tick began"] and bot.presence.online, what="the tick")
            stop.set()
            await asyncio.wait_for(running, 30)
    await storage.close()
    assert order == ["tick began", "tick ended", "gateway closed"]
    assert caplog.records == []


async def test_a_tick_that_begins_late_is_not_left_out(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """APScheduler forgives a second by default: whatever held the loop up longer cost a whole minute."""
    storage = await Storage.open(await set_up(tmp_path / "qungui.db"))
    began: list[float] = []

    async def hold_up(_: datetime) -> None:
        began.append(asyncio.get_running_loop().time())
        if len(began) == 1:
            time.sleep(1.3)  # noqa: ASYNC251 - the loop itself has to stand still

    async with Simulator() as sim:
        clock, log = SystemClock(), structlog.get_logger()
        gateway = WireGateway(sim.endpoint, sim.token, "off", clock, log)
        tick = Tick(storage, WorkCalendar, [Duty("hold up", hold_up)], log)
        bot = replace(compose.build(Settings(), shipped(), storage, gateway, clock, log), tick=tick)
        stop = asyncio.Event()
        with caplog.at_level(logging.WARNING, "apscheduler"):
            running = asyncio.create_task(guard(bot, stop, tick_seconds=0.2))
            await until(lambda: len(began) > 1, what="the next tick")
            stop.set()
            await asyncio.wait_for(running, 30)
    await storage.close()
    assert [record.getMessage() for record in caplog.records if "missed" in record.getMessage()] == []


async def test_a_hangup_while_the_process_left_ended_it_with_a_signal(tmp_path: Path) -> None:
    env = environment(tmp_path, GATEWAY_ENDPOINT="127.0.0.1:9", GATEWAY_TOKEN="nobody-listens")
    async with started(*qungui("run"), env=env, cwd=tmp_path) as bot:
        await until(lambda: "starting" in bot.log, what="the start")
        bot.running.send_signal(signal.SIGTERM)
        async with asyncio.timeout(30):
            while bot.running.returncode is None:
                # Past asyncio, whose own way of sending a signal may take the exit status away from it.
                with suppress(ProcessLookupError):
                    os.kill(bot.running.pid, signal.SIGHUP)
                await asyncio.sleep(0.002)
        assert bot.running.returncode == 0, bot.log


def test_a_start_waits_for_no_spreadsheets() -> None:
    """They take a tenth of a start, and only an export needs them."""
    loaded = "import sys, bot.cli, bot.compose, bot.running; sys.exit('openpyxl' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", loaded], check=False)  # noqa: S603 - our own words
    assert done.returncode == 0
