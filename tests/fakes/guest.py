"""The hosted gateway over python-wechaty's real puppet, against a simulator: what the plugin stands on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import structlog

from bot.clock import SystemClock
from bot.gateway.hosted import HostedGateway
from bot.gateway.simulator import Simulator
from bot.gateway.wechaty_compat import make_importable
from bot.gateway.wire.connection import Timing

# python-wechaty makes a folder for its own files wherever it is imported, unless told where.
with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
    patch.setenv("CACHE_DIR", folder)
    make_importable()

from wechaty_puppet import PuppetOptions
from wechaty_puppet_service import PuppetService

SOON = 5.0


async def started(gateway: HostedGateway, puppet: Any) -> asyncio.Task[None]:
    """Start the puppet as its bot does, also after a restart; returns its reading of events, logged in."""
    logged_in = asyncio.Event()

    def attach(_: object) -> None:
        gateway.attach(puppet)
        logged_in.set()

    puppet._event_stream.remove_all_listeners()
    puppet._event_stream.once("login", attach)
    running = asyncio.create_task(puppet.start())
    async with asyncio.timeout(SOON):
        await logged_in.wait()
    return running


@asynccontextmanager
async def hosted(sim: Simulator, timing: Timing) -> AsyncIterator[tuple[HostedGateway, Any]]:
    """A gateway inside a bot that has just logged in, and the bot's puppet."""
    puppet = PuppetService(PuppetOptions(token=sim.token, end_point=sim.endpoint))
    gateway = HostedGateway(sim.token, SystemClock(), structlog.get_logger(), timing)
    running = await started(gateway, puppet)
    watching = asyncio.create_task(gateway.watch())
    try:
        yield gateway, puppet
    finally:
        for task in (running, watching):
            task.cancel()
        await asyncio.gather(running, watching, return_exceptions=True)
        await gateway.close()
        puppet.channel.close()
