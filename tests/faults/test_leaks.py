"""After many faults in one process there are no more tasks than after a few, and hardly more memory."""

from __future__ import annotations

import asyncio
import gc
import random
import tracemalloc
from datetime import timedelta
from pathlib import Path

import structlog
from fakes.databases import set_up
from fakes.process import START_SECONDS, until
from fakes.talkers import Crowd
from grpclib.const import Status

from bot import compose
from bot.clock import SystemClock
from bot.gateway.simulator import Simulator
from bot.gateway.wire import WireGateway
from bot.gateway.wire.connection import Timing
from bot.pipeline import failing, fetch, outbox
from bot.settings import Settings
from rules.core.load import load_book
from storage.session import Storage

ROUNDS = 5
MEMORY = (
    1_000_000  # bytes twice as many rounds more may leave: what is kept of people and messages on purpose
)
QUICK = Timing(
    call=1, keepalive=0.2, keepalive_timeout=0.5, dong=0.4, login=0.1, retry_first=0.02, retry_longest=0.1
)
SETTINGS = {
    "rooms": {"supervision": "群规监督组"},
    "rules": {"after_hours": {"enabled": False}},
    "notices": {"quiet_hours": False},
    "outbox": {"pacing": False},
}


async def losses(storage: Storage) -> int:
    """How often the bot has recorded that it was blind."""
    async with storage.unit() as unit:
        return len(await unit.blind.recent(1_000))


async def lost_again(storage: Storage, before: int) -> None:
    """Wait for a loss by its record: the bot may be back before anybody could have seen it gone."""
    for _ in range(int(START_SECONDS / 0.05)):
        if await losses(storage) > before:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"no loss was recorded within {START_SECONDS} s")


async def trouble(sim: Simulator, crowd: Crowd, bot: compose.Bot, storage: Storage, number: int) -> None:
    """One round of everything that a gateway does to a bot; at its end all is quiet."""
    before = await losses(storage)
    held = crowd.offend()
    sim.withhold(held)
    for rpc in ("MessagePayload", "ContactPayload", "MessageSendText", "Ding"):
        sim.fail(rpc, Status.INTERNAL)
    crowd.offend()
    await asyncio.sleep(0.05)
    match number % 4:
        case 0:
            await sim.drop_stream()
        case 1:
            sim.drop_connections()
        case 2:
            sim.end_stream()
        case _:
            await sim.stop_serving()
            await asyncio.sleep(0.05)
            await sim.serve()
    await lost_again(storage, before)
    sim.release(held)
    sim.emit_raw(2, "no JSON {")
    await until(lambda: bot.presence.online and sim.attached, what="the next login")
    for _ in range(4):
        crowd.speak()
    await bot.tick(bot.clock.now())
    await until(lambda: not bot.line.busy and bot.outbox.resting, what="rest")


def measured() -> tuple[set[str], int]:
    """The names of the tasks that run, without their numbers, and the bytes that the bot holds."""
    gc.collect()
    tasks = {task.get_name() for task in asyncio.all_tasks()}
    others = [
        tracemalloc.Filter(False, pattern) for pattern in ("*/simulator/*", "*/tests/*", "*tracemalloc*")
    ]
    held = tracemalloc.take_snapshot().filter_traces(others)
    return tasks, sum(trace.size for trace in held.statistics("filename"))


async def test_many_faults_leave_no_task_behind_and_hardly_any_memory(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(fetch, "HOLD_SECONDS", 0.5)
    monkeypatch.setattr(failing, "RETRY_SECONDS", 0.1)
    monkeypatch.setattr(outbox, "AWAY", timedelta(seconds=0.1))
    settings = Settings.model_validate(SETTINGS)
    clock, log = SystemClock(), structlog.get_logger()
    book = load_book(settings.book_options())
    storage = await Storage.open(await set_up(tmp_path / "qungui.db"))
    async with Simulator() as sim:
        crowd = Crowd(sim, random.Random(4))  # noqa: S311 - no secret
        crowd.gather()
        gateway = WireGateway(sim.endpoint, sim.token, "off", clock, log, timing=QUICK)
        bot = compose.build(settings, book, storage, gateway, clock, log)
        stop = asyncio.Event()
        running = asyncio.create_task(bot.line.run(stop))
        await until(lambda: bot.presence.online, what="the login")
        tracemalloc.start()
        try:
            for number in range(ROUNDS):
                await trouble(sim, crowd, bot, storage, number)
            tasks, memory = len(asyncio.all_tasks()), measured()[1]
            for number in range(2 * ROUNDS):
                await trouble(sim, crowd, bot, storage, number)
            names, later = measured()
            grown = later - memory
        finally:
            tracemalloc.stop()
        assert len(asyncio.all_tasks()) <= tasks + 3, names
        assert grown < MEMORY
        stop.set()
        await running
    await storage.close()
    left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    assert not [task for task in left if not task.done()], left
