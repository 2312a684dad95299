"""Real processes within their bounds: ready in 5 s, and out within 10 s of SIGTERM with everything due sent."""

from __future__ import annotations

import asyncio
import re
import socket
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fakes.databases import set_up
from fakes.guards import on_guard
from fakes.lives import Lives
from fakes.node_gateway import free_port
from fakes.process import Process, at_any_hour, environment, qungui, started, until
from fakes.scene import AD, ROOM
from grpclib.const import Status

from bot.gateway.simulator import Simulator

READY_SECONDS = 5.0
STOP_SECONDS = 10.0
MANY = 12


class Systemd:
    """What systemd would hear from the service, with the moment of each."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.heard: list[tuple[float, str]] = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self._socket.setblocking(False)

    def read(self) -> None:
        """Take what has come in."""
        while True:
            try:
                line = self._socket.recv(4_096).decode()
            except BlockingIOError:
                return
            self.heard.append((time.monotonic(), line))

    def told(self, line: str) -> bool:
        self.read()
        return any(said == line for _, said in self.heard)

    def close(self) -> None:
        self._socket.close()


@contextmanager
def systemd(folder: Path) -> Iterator[Systemd]:
    heard = Systemd(folder / "notify")
    try:
        yield heard
    finally:
        heard.close()


async def get(port: int, path: str) -> tuple[int, str]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    head, _, body = (await reader.read()).decode().partition("\r\n\r\n")
    writer.close()
    return int(head.split()[1]), body


def settings(folder: Path, sim: Simulator, port: int, heard: Systemd) -> dict[str, str]:
    named = {
        "GATEWAY_ENDPOINT": sim.endpoint,
        "GATEWAY_TOKEN": sim.token,
        "NOTICES_QUIET_HOURS": "off",
        "OUTBOX_PACING": "off",
        "CONFIG": at_any_hour(folder),
        "HEALTH_LISTEN": f"127.0.0.1:{port}",
        "LOG": "json",
    }
    watched = {"NOTIFY_SOCKET": str(heard.path), "WATCHDOG_USEC": "1500000"}
    return environment(folder, **named) | watched


def busy_seconds(bot: Process) -> float:
    """How long the processor has worked for a process; a machine that others share takes longer by the clock."""
    user, system = Path(f"/proc/{bot.running.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / 100


def people(sim: Simulator) -> list[str]:
    names = [f"m{number}" for number in range(MANY)]
    for name in names:
        sim.contact(name, name)
    sim.room(ROOM, "项目工作群", names)
    return names


async def test_ready_in_5_s_and_out_in_10_s_with_every_notice_sent_by_a_slow_gateway(tmp_path: Path) -> None:
    port = free_port()
    async with Simulator() as sim:
        names = people(sim)
        with systemd(tmp_path) as heard:
            env = settings(tmp_path, sim, port, heard)
            began = time.monotonic()
            async with started(*qungui("run"), env=env, cwd=tmp_path) as bot:
                await until(lambda: heard.told("READY=1"), what="READY=1")
                assert min(busy_seconds(bot), time.monotonic() - began) < READY_SECONDS
                await until(lambda: "on guard" in bot.log, what="the login")
                assert await get(port, "/readyz") == (200, "ready\n")
                await until(lambda: heard.told("STATUS=on guard"), what="the status")

                sim.delay("MessageSendText", 0.25)
                for name in names:
                    sim.say(ROOM, name, AD)
                _, hanging = await asyncio.open_connection("127.0.0.1", port)
                hanging.write(b"GET /heal")
                await until(lambda: len(sim.sent) == 1, what="the first notice")
                asked = time.monotonic()
                assert await bot.stop() == 0
                assert time.monotonic() - asked < STOP_SECONDS
                hanging.close()
            heard.read()
        told = [line for _, line in heard.heard]
        assert told[0] == "READY=1"
        assert told.count("STOPPING=1") == 1
        beats = [at for at, line in heard.heard if line == "WATCHDOG=1"]
        assert len(beats) >= 2
        with sqlite3.connect(tmp_path / "qungui.db") as database:
            cases = [number for (number,) in database.execute("select number from violations")]
            waiting = database.execute("select count(*) from outbox where state = 'pending'").fetchall()
        said = "\n".join(sent.text for sent in sim.sent)
        assert len(cases) == MANY
        assert waiting == [(0,)]
        assert all(said.count(number) >= 1 for number in cases)
        assert not re.search("abc12345|项目工作群.{0,40}兼职", bot.log)


async def test_out_in_10_s_from_a_gateway_that_is_frozen(tmp_path: Path) -> None:
    async with Simulator() as sim:
        names = people(sim)
        with systemd(tmp_path) as heard:
            env = settings(tmp_path, sim, free_port(), heard)
            async with started(*qungui("run"), env=env, cwd=tmp_path) as bot:
                await until(lambda: "on guard" in bot.log, what="the login")
                for name in names:
                    sim.say(ROOM, name, AD)
                await until(lambda: bool(sim.sent), what="a notice")
                sim.freeze()
                asked = time.monotonic()
                assert await bot.stop() == 0
                assert time.monotonic() - asked < STOP_SECONDS
                assert heard.told("STOPPING=1")


async def test_out_in_10_s_while_sending_is_paused_and_nothing_is_lost(tmp_path: Path) -> None:
    port = free_port()
    async with Simulator() as sim:
        names = people(sim)
        with systemd(tmp_path) as heard:
            env = settings(tmp_path, sim, port, heard) | {"QUNGUI_OUTBOX_PAUSE_SECONDS": "8"}
            async with started(*qungui("run"), env=env, cwd=tmp_path) as bot:
                await until(lambda: "on guard" in bot.log, what="the login")
                sim.fail("MessageSendText", Status.INTERNAL, times=5)
                for name in names:
                    sim.say(ROOM, name, AD)
                await until(lambda: "sending is paused" in bot.log, what="the pause")
                tried = sim.calls["MessageSendText"]
                assert "qungui_sending_paused 1.0" in (await get(port, "/metrics"))[1]
                assert await get(port, "/readyz") == (200, "ready\n")
                asked = time.monotonic()
                assert await bot.stop() == 0
                assert time.monotonic() - asked < STOP_SECONDS
            assert sim.calls["MessageSendText"] == tried
            assert "notices unsent" in bot.log
            async with started(*qungui("run"), env=env, cwd=tmp_path) as bot:
                await until(lambda: len(sim.sent) >= MANY, what="every notice")
                assert await bot.stop() == 0
        with sqlite3.connect(tmp_path / "qungui.db") as database:
            cases = [number for (number,) in database.execute("select number from violations order by id")]
        said = [sent.text for sent in sim.sent]
        assert [[number for number in cases if number in text] for text in said] == [[one] for one in cases]


async def test_sigterm_in_the_middle_of_a_tick_is_told_as_no_failure(lives: Lives, tmp_path: Path) -> None:
    async with on_guard(lives, tmp_path, await set_up(tmp_path / "qungui.db"), tick=0.01) as guard:
        assert await guard.life.stop() == 0
        assert "error" not in guard.life.log
        assert "    | " not in guard.life.log
        assert guard.life.log.endswith("stopped part=qungui\n")
