"""The database is busy or away for a while: the run goes on, and nothing that was received is lost."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

from fakes.process import at_any_hour, environment, qungui, started, until
from fakes.scene import AD, ROOM

from bot.gateway.simulator import Simulator


async def test_another_process_holds_the_database_for_longer_than_sqlite_waits(tmp_path: Path) -> None:
    async with Simulator() as sim:
        sim.contact("liu", "刘洋")
        sim.room(ROOM, "项目工作群", ["liu"])
        env = environment(
            tmp_path,
            GATEWAY_ENDPOINT=sim.endpoint,
            GATEWAY_TOKEN=sim.token,
            NOTICES_QUIET_HOURS="off",
            CONFIG=at_any_hour(tmp_path),
            OUTBOX_PACING="off",
        )
        async with started(*qungui("run"), env=env, cwd=tmp_path) as bot:
            await until(lambda: "on guard" in bot.log, what="the start")
            held = sqlite3.connect(tmp_path / "qungui.db", isolation_level=None)
            held.execute("BEGIN IMMEDIATE")
            sim.say(ROOM, "liu", AD)
            await until(lambda: "waiting for it" in bot.log, what="a word about the database")
            assert sim.sent == []
            held.execute("ROLLBACK")
            held.close()
            await until(lambda: len(sim.sent) == 1, what="the warning")
            await asyncio.sleep(0.3)
            assert await bot.stop() == 0
        assert len(sim.sent) == 1
        assert "Traceback" not in bot.log


async def test_the_run_ends_although_the_database_is_held(tmp_path: Path) -> None:
    async with Simulator() as sim:
        sim.contact("liu", "刘洋")
        sim.room(ROOM, "项目工作群", ["liu"])
        env = environment(tmp_path, GATEWAY_ENDPOINT=sim.endpoint, GATEWAY_TOKEN=sim.token)
        async with started(*qungui("run"), env=env, cwd=tmp_path) as bot:
            await until(lambda: "on guard" in bot.log, what="the start")
            held = sqlite3.connect(tmp_path / "qungui.db", isolation_level=None)
            held.execute("BEGIN IMMEDIATE")
            assert await bot.stop(10) == 0
            held.close()
