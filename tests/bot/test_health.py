"""What is told about the bot: states and counts that are true, and nothing of anybody."""

from __future__ import annotations

import asyncio
import re
import socket
from pathlib import Path

import pytest
import structlog
from fakes.databases import set_up
from fakes.process import until
from fakes.scene import AD, ORDINARY, ROOM, Scene, opened
from fakes.shipped import shipped

from bot import compose
from bot.clock import SystemClock
from bot.errors import ConfigError
from bot.gateway.simulator import Simulator
from bot.gateway.wire import WireGateway
from bot.gateway.wire.connection import Timing
from bot.health.endpoint import Endpoint
from bot.health.exposition import CONTENT_TYPE, Exposition
from bot.health.pulse import Pulse
from bot.health.server import Response
from bot.health.systemd import Notifier
from bot.health.tally import Tally
from bot.running import guard
from bot.settings import Settings
from rules.core.load import load_rules
from storage.records import Blind, CaseState
from storage.session import Storage

LINE = re.compile(r'(\w+)(?:\{([^}]*)\})? ([-+.\dNaInfe]+)')  # fmt: skip
LABEL = re.compile(r'(\w+)="([^"]*)"')
WORDS = {
    "violation",
    "review",
    "trial",
    *(rule.id for rule in load_rules()),
    *(state.value for state in CaseState),
}
ASKED = {"supervision": "群规监督组", "guard": "all"}


class Watched:
    """The health endpoint of a bot, without its web server."""

    def __init__(self, bot: compose.Bot) -> None:
        self.stop = asyncio.Event()
        tally = Tally()
        bot.handler.listeners.append(tally.hear)
        pulse = Pulse(bot, tally, Notifier("", None, structlog.get_logger()))
        exposition = Exposition(bot, tally, pulse)
        self.endpoint = Endpoint(
            bot, pulse, self.stop, lambda known: Response(200, exposition.text(known), CONTENT_TYPE)
        )

    async def text(self) -> str:
        self.endpoint._known_at = None  # not what was known a moment ago
        return (await self.endpoint.metrics()).body.decode()

    async def figures(self) -> dict[str, float]:
        """Every sample, by its name and labels."""
        lines = [line for line in (await self.text()).splitlines() if not line.startswith("#")]
        found = [LINE.fullmatch(line) for line in lines]
        assert all(found), lines
        return {f"{one[1]}{{{one[2]}}}" if one[2] else one[1]: float(one[3]) for one in found if one}

    async def ready(self) -> tuple[int, str]:
        self.endpoint._known_at = None
        answer = await self.endpoint.readyz()
        return answer.status, answer.body.decode().strip()


def asking() -> Settings:
    opinion = {"endpoint": "http://127.0.0.1:9/v1", "model": "m", "daily_requests": 7}
    return Settings.model_validate({"rooms": ASKED, "second_opinion": opinion})


async def checked(scene: Scene) -> None:
    due = scene.clock.now()
    async with scene.storage.unit() as unit:
        await unit.jobs.claim("self-check", due, due)
        await unit.jobs.finish("self-check", due, due, "checks 11, entries 3, findings 2")
    scene.clock.advance(60)


async def test_the_figures_are_true_and_tell_of_nobody(tmp_path: Path) -> None:
    async with opened(tmp_path, settings=asking()) as scene:
        watched = Watched(scene.bot)
        await scene.says("liu", AD)
        await scene.says("li", ORDINARY)
        await scene.says("wang", "/状态", where="wang")
        scene.gateway.fail("say")
        await scene.says("zhou", AD + " 先到先得")
        await checked(scene)
        found = await watched.figures()
        expected = {
            "qungui_gateway_connected": 1,
            "qungui_database_up": 1,
            "qungui_messages_judged_total": 3,
            'qungui_findings_total{rule="advertising",tier="violation"}': 2,
            'qungui_cases{state="provisional"}': 2,
            "qungui_sends_total": len(scene.gateway.world.sent),
            "qungui_send_failures_total": 1,
            "qungui_inbox_pending": 0,
            "qungui_outbox_pending": 0,
            "qungui_sending_paused": 0,
            "qungui_blind_seconds": 0,
            "qungui_self_check_completed": 1,
            "qungui_self_check_findings": 2,
            "qungui_second_opinion_requests_today": 0,
            "qungui_second_opinion_daily_budget": 7,
            "qungui_second_opinion_paused": 0,
        }
        assert expected.items() <= found.items(), {name: found.get(name) for name in expected}
        assert found["qungui_messages_received_total"] == found["qungui_messages_handled_total"] >= 4
        labels = {value for name in found for _, value in LABEL.findall(name)}
        assert labels <= WORDS
        text = await watched.text()
        told = (AD, ORDINARY, "liu", "刘洋", "市场部", ROOM, "项目工作群", "V-")
        assert not [one for one in told if one in text]
        assert text.isascii()


async def test_ready_means_on_guard_with_a_database_and_not_on_the_way_out(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        watched = Watched(scene.bot)
        assert await watched.ready() == (200, "ready")
        scene.gateway.disconnect("the gateway died")
        await scene.quiet()
        scene.clock.advance(90)
        assert await watched.ready() == (503, "gateway: not connected")
        figures = await watched.figures()
        assert figures["qungui_gateway_connected"] == 0
        assert figures["qungui_blind_seconds"] == figures["qungui_blind_day_seconds"] == 90
        scene.gateway.reconnect()
        await scene.quiet()
        assert (await watched.ready())[0] == 200
        assert (await watched.figures())["qungui_blind_seconds"] == 0
        assert (await watched.figures())["qungui_blind_day_seconds"] == 90
        watched.stop.set()
        assert await watched.ready() == (503, "stopping")


async def test_a_database_that_is_gone_is_told_and_what_is_known_without_it_still_is(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        watched = Watched(scene.bot)
        (tmp_path / "qungui.db").rename(tmp_path / "elsewhere.db")
        await scene.storage.close()
        (tmp_path / "qungui.db").mkdir()
        assert await watched.ready() == (503, "database: no answer")
        found = await watched.figures()
        assert found["qungui_database_up"] == 0
        assert found["qungui_gateway_connected"] == 1
        assert "qungui_inbox_pending" not in found
        (tmp_path / "qungui.db").rmdir()
        (tmp_path / "elsewhere.db").rename(tmp_path / "qungui.db")


async def test_a_line_that_stands_still_is_noticed_and_one_with_nothing_to_do_is_not(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        watched = Watched(scene.bot)
        scene.clock.advance(600)
        assert (await watched.ready())[0] == 200
        async with scene.bot.handler.between_batches():
            scene.gateway.world.say(ROOM, "li", ORDINARY)
            await until(lambda: scene.bot.line.busy, 5, "the message")
            for _ in range(5):
                await asyncio.sleep(0.01)
                await watched.ready()
            scene.clock.advance(121)
            assert await watched.ready() == (503, "line: nothing moves")
        await scene.quiet()
        assert (await watched.ready())[0] == 200


async def test_a_port_that_is_taken_stops_the_start_before_anything_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        asked = Settings.model_validate({"rooms": ASKED, "health": {"listen": listen}})
        async with opened(tmp_path, settings=asked) as scene:
            with pytest.raises(ConfigError, match=r"health\.listen"):
                await guard(scene.bot, asyncio.Event())


async def test_a_probe_that_fails_makes_a_blind_period_that_is_shown(tmp_path: Path) -> None:
    quick = Timing(call=1, keepalive=0.1, dong=0.15, login=0.05, retry_first=0.02, retry_longest=0.05)
    storage = await Storage.open(await set_up(tmp_path / "qungui.db"))
    clock, log = SystemClock(), structlog.get_logger()
    async with Simulator() as sim:
        sim.contact("li", "李强")
        sim.room(ROOM, "项目工作群", ["li"])
        gateway = WireGateway(sim.endpoint, sim.token, "off", clock, log, timing=quick)
        bot = compose.build(Settings(), shipped(), storage, gateway, clock, log)
        watched = Watched(bot)
        running = asyncio.create_task(bot.line.run(watched.stop))
        await until(lambda: bot.presence.online and sim.calls["Ding"] > 2, 10, "the start")
        sim.deafen()
        await until(lambda: not bot.presence.online, 5, "the loss")
        await until(lambda: not bot.line.busy, 5, "the record")
        assert (await watched.ready()) == (503, "gateway: not connected")
        assert (await watched.figures())["qungui_blind_seconds"] > 0
        async with storage.view() as unit:
            lasting = await unit.blind.open()
        assert isinstance(lasting, Blind)
        assert "passes no events" in lasting.reason
        sim.deafen(False)
        await until(lambda: bot.presence.online, 5, "the return")
        await until(lambda: not bot.line.busy, 5, "the record")
        found = await watched.figures()
        assert found["qungui_blind_seconds"] == 0 < found["qungui_blind_day_seconds"]
        watched.stop.set()
        await running
    await storage.close()


def test_systemd_is_told_what_it_asked_for(tmp_path: Path) -> None:
    log = structlog.get_logger()
    for address, name in (
        (str(tmp_path / "notify"), str(tmp_path / "notify")),
        ("@qungui-" + tmp_path.name, "\0qungui-" + tmp_path.name),
    ):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
            listening.bind(name)
            listening.settimeout(1)
            Notifier.of({"NOTIFY_SOCKET": address}, log).tell("READY=1")
            assert listening.recv(100) == b"READY=1"


def test_only_a_watchdog_of_this_process_is_fed() -> None:
    log = structlog.get_logger()
    for environment, seconds in (
        ({}, None),
        ({"WATCHDOG_USEC": "3000000"}, None),
        ({"NOTIFY_SOCKET": "/n", "WATCHDOG_USEC": "3000000"}, 3.0),
        ({"NOTIFY_SOCKET": "/n", "WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "1"}, None),
        ({"NOTIFY_SOCKET": "/n", "WATCHDOG_USEC": "0"}, None),
        ({"NOTIFY_SOCKET": "/n", "WATCHDOG_USEC": "soon"}, None),
    ):
        assert Notifier.of(environment, log).watchdog_seconds == seconds


def test_a_socket_that_is_not_there_is_told_once_and_harms_nothing(tmp_path: Path) -> None:
    with structlog.testing.capture_logs() as told:
        for address in ("/nowhere/at/all", "x" * 300):
            notifier = Notifier(address, None, structlog.get_logger())
            notifier.tell("READY=1")
            notifier.tell("WATCHDOG=1")
    assert [one["event"] for one in told] == ["systemd can't be told how the bot is"] * 2
