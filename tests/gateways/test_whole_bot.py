"""`qungui run` as an operator starts it, against the ecosystem's own gateways: from a message to a warning."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from fakes.node_gateway import FOLDER, ROOM, NodeGateway, require
from fakes.process import Process, at_any_hour, environment, qungui, started, until
from fakes.scene import AD, ORDINARY

FLAVOURS = {"0.25": ("v0", False), "1.x-tls": ("v1", True)}
WARNING_SECONDS = 3.0
SURVIVAL_SECONDS = 15.0


@asynccontextmanager
async def gateway_of(flavour: str) -> AsyncIterator[NodeGateway]:
    version, tls = FLAVOURS[flavour]
    require(version)
    gateway = NodeGateway(version, tls=tls)
    await asyncio.to_thread(gateway.start)
    try:
        yield gateway
    finally:
        gateway.kill()


def settings(gateway: NodeGateway, folder: Path, **more: str) -> dict[str, str]:
    named = {
        "GATEWAY_ENDPOINT": gateway.endpoint,
        "GATEWAY_TOKEN": gateway.token,
        "GATEWAY_TLS": gateway.tls,
        "NOTICES_QUIET_HOURS": "off",
        "CONFIG": at_any_hour(folder),
    }
    return environment(folder, **{**named, **more})


async def warned(gateway: NodeGateway, sender: str, seconds: float) -> dict[str, Any]:
    """The warning to this sender, which has to come in time."""
    async with asyncio.timeout(seconds):
        while True:
            for sent in await gateway.did("send"):
                if sender in sent["mentions"]:
                    return sent
            await asyncio.sleep(0.05)


async def on_guard(bot: Process, times: int = 1) -> None:
    await until(lambda: bot.log.count("on guard") >= times, what="the login")


@pytest.mark.parametrize("flavour", FLAVOURS)
async def test_a_real_message_leads_to_a_real_warning(flavour: str, tmp_path: Path) -> None:
    async with gateway_of(flavour) as gateway:
        env = settings(gateway, tmp_path)
        async with started(*qungui("run"), env=env, cwd=tmp_path) as bot:
            await on_guard(bot)
            await gateway.say("c1", ROOM, ORDINARY)
            await gateway.say("c2", ROOM, AD)
            sent = await warned(gateway, "c2", WARNING_SECONDS)
            assert sent["to"] == ROOM
            assert sent["text"].startswith("@部门-c2\u2005")
            assert "abc12345" not in sent["text"]
            assert await bot.stop() == 0
        with sqlite3.connect(tmp_path / "qungui.db") as database:
            found = database.execute(
                "select room_id, sender_id, rule, clause, points, state, number from violations"
            ).fetchall()
        assert [row[:-1] for row in found] == [(ROOM, "c2", "advertising", "3.1d", 2, "provisional")]
        assert found[0][-1] in sent["text"]
        assert len(await gateway.did("send")) == 1
        assert AD not in bot.log
        assert gateway.token not in bot.log


@pytest.mark.parametrize("flavour", FLAVOURS)
async def test_a_gateway_that_dies_and_comes_back_is_survived(flavour: str, tmp_path: Path) -> None:
    async with gateway_of(flavour) as gateway:
        async with started(*qungui("run"), env=settings(gateway, tmp_path), cwd=tmp_path) as bot:
            await on_guard(bot)
            gateway.kill()
            await until(lambda: "blind" in bot.log, what="the loss")
            await asyncio.sleep(2)
            await asyncio.to_thread(gateway.start)
            async with asyncio.timeout(SURVIVAL_SECONDS):
                await on_guard(bot, times=2)
                await gateway.say("c3", ROOM, AD)
                await warned(gateway, "c3", SURVIVAL_SECONDS)
            assert await bot.stop() == 0
        with sqlite3.connect(tmp_path / "qungui.db") as database:
            ((since, until_),) = database.execute("select since, until from blind").fetchall()
        assert since < until_


@pytest.mark.parametrize("flavour", FLAVOURS)
async def test_a_gateway_that_is_down_is_waited_for(flavour: str, tmp_path: Path) -> None:
    async with gateway_of(flavour) as gateway:
        gateway.kill()
        async with started(*qungui("run"), env=settings(gateway, tmp_path), cwd=tmp_path) as bot:
            await until(lambda: "gateway" in bot.log and "waiting" in bot.log, what="a word about waiting")
            await asyncio.to_thread(gateway.start)
            await on_guard(bot)
            await gateway.say("c4", ROOM, AD)
            await warned(gateway, "c4", WARNING_SECONDS)
            assert await bot.stop() == 0


async def test_a_wrong_token_ends_the_run_with_one_clear_line(tmp_path: Path) -> None:
    async with gateway_of("1.x-tls") as gateway:
        env = settings(gateway, tmp_path, GATEWAY_TOKEN="puppet_wrong_token_9f8e7d")
        async with started(*qungui("run"), env=env, cwd=tmp_path) as bot:
            assert await bot.ended(10) == 2
        assert "QUNGUI_GATEWAY_TOKEN" in bot.log
        assert "puppet_wrong_token_9f8e7d" not in bot.log
        assert gateway.token not in bot.log
        assert "Traceback" not in bot.log


def test_the_gateways_programs_are_where_the_docs_say() -> None:
    assert (FOLDER / "gateway.js").is_file()
