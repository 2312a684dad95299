"""A real Node puppet service as a child process, and an ear for what a client of it hears.

The programs and their packages are in ``scripts/gateway``; ``scripts/gateway/install`` sets them up.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import threading
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.gateway.port import Event, EventKind, Gateway
from bot.gateway.wire.connection import Timing

FOLDER = Path(__file__).parents[2] / "scripts" / "gateway"
TOKEN = "secret-token-of-the-tests"
SELF = "bot"
QUICK = Timing(
    call=3, keepalive=1, keepalive_timeout=1, login=0.5, retry_first=0.1, retry_longest=1, verify=0.05
)
ROOM = "r0@chatroom"


def missing(version: str) -> str:
    """What is not there that a gateway of this version needs; empty if nothing."""
    if shutil.which("node") is None:
        return "node is not installed"
    if not (FOLDER / version / "node_modules" / "wechaty-puppet-service").is_dir():
        return f"the npm packages of gateway {version} are not installed: run scripts/gateway/install"
    return ""


def require(version: str) -> None:
    """Skip the test, naming what is missing; in CI nothing may be missing."""
    if lack := missing(version):
        if os.environ.get("CI"):
            pytest.fail(lack)
        pytest.skip(lack)


def free_port() -> int:
    """A port on loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class NodeGateway:
    """One gateway process; it keeps its ports over :meth:`kill` and :meth:`start`.

    Account ``bot`` is in rooms ``r0@chatroom`` to ``r2@chatroom`` with contacts ``c0`` to ``c19``,
    called 成员0 … with the nickname 部门-c0 …; the even ones are friends.
    """

    def __init__(
        self,
        version: str,
        *,
        tls: bool = False,
        stock: bool = False,
        cert: Path | None = None,
        key: Path | None = None,
    ) -> None:
        self.version = version
        self.port, self.control_port = free_port(), free_port()
        self.endpoint = f"127.0.0.1:{self.port}"
        self.token = TOKEN
        self.tls = "insecure-default" if tls else "off"
        self._arguments = [
            *("--dir", version, "--port", str(self.port), "--control", str(self.control_port)),
            *("--token", TOKEN, "--tls", "on" if tls else "off"),
            *(["--stock"] if stock else []),
            *(["--cert", str(cert), "--key", str(key)] if cert else []),
        ]
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start the process and wait until it serves; it is the same gateway with its memory gone."""
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            ["node", str(FOLDER / "gateway.js"), *self._arguments],  # noqa: S607 - whichever node is on the path
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self._process.stdout is not None
        said = []
        for line in self._process.stdout:
            said.append(line)
            if line.strip() == "ready":
                break
        else:
            raise RuntimeError(f"the gateway did not start: {''.join(said)}")
        # An unread pipe would block the process once it is full.
        threading.Thread(target=self._process.stdout.read, daemon=True).start()

    def kill(self) -> None:
        """End the process at once, as a crash would."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()

    def freeze(self) -> None:
        """Stop the process: its sockets stay open and nothing answers."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen process go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    async def do(self, cmd: str, /, **arguments: Any) -> Any:
        """One command of the control port (``scripts/gateway/gateway.js`` lists them), and its answer."""
        return await asyncio.to_thread(self._do, {"cmd": cmd, **arguments})

    async def say(self, sender: str, to: str, text: str, **more: Any) -> str:
        """Somebody says something; the new message's id."""
        answer = await self.do("say", **{"from": sender, "to": to, "text": text, **more})
        return str(answer["id"])

    async def did(self, op: str) -> list[dict[str, Any]]:
        """What the bot did of this kind: start, stop, send, announce, topic, add, remove, accept, ding."""
        return [entry for entry in await self.do("log") if entry["op"] == op]

    def _do(self, body: dict[str, Any]) -> Any:
        request = urllib.request.Request(f"http://127.0.0.1:{self.control_port}", json.dumps(body).encode())
        with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310 - loopback, by http
            answer = json.load(response)
        if isinstance(answer, dict) and "error" in answer:
            raise RuntimeError(answer["error"])
        return answer


class Ear:
    """Reads a gateway's events in the background and keeps them all."""

    def __init__(self, gateway: Gateway) -> None:
        self.heard: list[Event] = []
        self._news = asyncio.Event()
        self._task = asyncio.create_task(self._listen(gateway))

    async def until(self, wanted: Callable[[Event], bool] | EventKind, within: float = 15) -> Event:
        """The next event that is wanted and has not been asked for before; it may have been heard already.

        Raises:
            TimeoutError: it did not come.
            Exception: whatever ended the events.
        """
        test = (lambda event: event.kind is wanted) if isinstance(wanted, EventKind) else wanted
        async with asyncio.timeout(within):
            while True:
                for event in self.heard:
                    if test(event):
                        self.heard.remove(event)
                        return event
                if self._task.done():
                    self._task.result()
                    raise EOFError("the events have ended")
                self._news.clear()
                await self._news.wait()

    async def message(self, message_id: str, within: float = 15) -> Event:
        """The event of this message."""
        return await self.until(lambda event: event.id == message_id, within)

    async def ended(self) -> None:
        """Wait until the events have ended; raises what ended them."""
        await self._task

    async def close(self) -> None:
        """Stop listening."""
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await self._task

    async def _listen(self, gateway: Gateway) -> None:
        try:
            async for event in gateway.events():
                self.heard.append(event)
                self._news.set()
        finally:
            self._news.set()
