"""qungui inside a python-wechaty bot that runs as a process of its own, against the ecosystem's own gateway."""

from __future__ import annotations

import asyncio
import re
import shutil
import signal
import socket
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from fakes.node_gateway import ROOM, NodeGateway, free_port, require
from fakes.process import ROOT, Process, environment, started, until
from fakes.scene import AD, ORDINARY

HOST = ROOT / "tests" / "fakes" / "host_bot.py"


@pytest.fixture(scope="module")
def node() -> Iterator[NodeGateway]:
    """One gateway for all tests: each has senders of its own."""
    require("v0")
    gateway = NodeGateway("v0")
    gateway.start()
    yield gateway
    gateway.kill()


def host_bot(
    node: NodeGateway, folder: Path, port: int, *, script: str = "", wait: bool = True, **more: str
) -> AbstractAsyncContextManager[Process]:
    """The owner's script, called ``bot.py`` and started the way that keeps it from hiding our package."""
    (folder / "bot.py").write_text(script or HOST.read_text(encoding="utf-8"), encoding="utf-8")
    env = environment(folder, NOTICES_QUIET_HOURS="off", OUTBOX_PACING="off") | {
        "PYTHONPATH": str(ROOT),
        "WECHATY_PUPPET_SERVICE_ENDPOINT": node.endpoint,
        "WECHATY_PUPPET_SERVICE_TOKEN": node.token,
        "HOST_PORT": str(port),
        **more,
    }

    @asynccontextmanager
    async def run() -> AsyncIterator[Process]:
        async with started(sys.executable, "-P", "bot.py", env=env, cwd=folder) as bot:
            if wait:
                await until(
                    lambda: "on guard" in bot.log or bot.running.returncode is not None, what="the login"
                )

            yield bot

    return run()


async def said(
    node: NodeGateway, wanted: Callable[[dict[str, Any]], bool], within: float = 5.0
) -> dict[str, Any]:
    """What the bot said that is wanted; it has to come in time."""
    async with asyncio.timeout(within):
        while True:
            for sent in await node.did("send"):
                if wanted(sent):
                    return sent
            await asyncio.sleep(0.05)


async def warned(node: NodeGateway, sender: str) -> dict[str, Any]:
    return await said(node, lambda sent: sender in sent["mentions"])


def listening(pid: int) -> set[int]:
    """The ports on which a process listens, from the kernel's own tables."""
    folder = Path(f"/proc/{pid}/fd")
    sockets = {str(item.readlink()) for item in folder.iterdir() if item.is_symlink()}
    ports = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and f"socket:[{fields[9]}]" in sockets:
                ports.add(int(fields[1].rpartition(":")[2], 16))
    return ports


def cases(folder: Path) -> list[tuple[str, str]]:
    """Who advertised, and what became of it; at night everybody's message is a case of ``after_hours`` besides."""
    with sqlite3.connect(folder / "qungui.db") as database:
        found = database.execute("select sender_id, state from violations where rule = 'advertising'")
        return found.fetchall()


async def test_a_bot_gets_all_of_qungui_and_keeps_its_own(node: NodeGateway, tmp_path: Path) -> None:
    port = free_port()
    async with host_bot(node, tmp_path, port) as bot:
        ordinary = await node.say("c1", ROOM, ORDINARY)
        await node.say("c2", ROOM, AD)
        sent = await warned(node, "c2")
        assert sent["to"] == ROOM
        assert str(sent["text"]).startswith("@部门-c2\u2005")
        await node.say("c4", "bot", "/状态")
        await said(node, lambda sent: sent["to"] == "c4")
        await until(lambda: f"other plugin heard {ordinary}" in bot.log, what="the other plugin", seconds=5)
        assert f"host heard {ordinary}" in bot.log
        assert listening(bot.running.pid) == set()
        assert await bot.stop(10) == -signal.SIGTERM  # as a bot without qungui would end
    assert "stopped" in bot.log
    assert "Traceback" not in bot.log
    assert "Task was destroyed" not in bot.log
    assert cases(tmp_path) == [("c2", "provisional")]
    assert node.token not in bot.log
    assert AD not in bot.log
    assert ORDINARY not in bot.log


async def test_a_taken_port_keeps_nobody_from_guarding(node: NodeGateway, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        async with host_bot(
            node, tmp_path, taken.getsockname()[1], QUNGUI_GATEWAY_ENDPOINT="127.0.0.1:9"
        ) as bot:
            assert "web server is taken" in bot.log
            assert "gateway.endpoint is not used" in bot.log
            await node.say("c6", ROOM, AD)
            await warned(node, "c6")
            # The bot's loop ends under us, with no signal and no word.
            bot.running.send_signal(signal.SIGUSR1)
            assert await bot.ended(10) == 0
    assert "stopped with the bot's event loop" in bot.log
    assert "Task was destroyed" not in bot.log
    assert cases(tmp_path) == [("c6", "provisional")]


async def test_python_wechatys_own_server_takes_sigterm_and_the_case_is_kept(
    node: NodeGateway, tmp_path: Path
) -> None:
    port = free_port()
    async with host_bot(node, tmp_path, port, HOST_ROUTE="yes") as bot:
        await node.say("c8", ROOM, AD)
        await warned(node, "c8")
        assert listening(bot.running.pid) == {port}
        assert "without a password" in bot.log
        await bot.stop(10)
    assert "stopped with the bot's event loop" in bot.log
    assert "Task was destroyed" not in bot.log
    assert cases(tmp_path) == [("c8", "provisional")]


async def test_a_database_that_cannot_be_used_leaves_the_bot_alone(node: NodeGateway, tmp_path: Path) -> None:
    nowhere = f"sqlite:///{tmp_path / 'nowhere' / 'deep' / 'qungui.db'}"
    (tmp_path / "nowhere").write_text("a file where a folder should be")
    async with host_bot(node, tmp_path, free_port(), wait=False, QUNGUI_STORAGE_URL=nowhere) as bot:
        await until(lambda: "stopped guarding" in bot.log, what="a loud word")
        message = await node.say("c1", ROOM, ORDINARY)
        await until(lambda: f"host heard {message}" in bot.log, what="the owner's handler", seconds=5)
        assert "remedy" in bot.log
        assert await bot.stop(10) == -signal.SIGTERM


async def test_the_five_lines_of_the_page_are_all_it_takes(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "plugin.md").read_text(encoding="utf-8")
    (script,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    shutil.copy(ROOT / "config.yaml", tmp_path)
    require("v1")
    node = NodeGateway("v1")
    await asyncio.to_thread(node.start)
    try:
        async with host_bot(node, tmp_path, 0, script=script, QUNGUI_ROOMS_GUARD="all") as bot:
            await node.say("c3", ROOM, AD)
            await warned(node, "c3")
            assert await bot.stop(10) == -signal.SIGTERM
        assert node.token not in bot.log
    finally:
        node.kill()
