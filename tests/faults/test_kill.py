"""Killed with -9 at each point of the path: no message that was received is lost, at most one notice is repeated."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections import Counter
from pathlib import Path

import pytest
from fakes.process import at_any_hour, environment, qungui, started, until
from fakes.scene import AD, ORDINARY, ROOM

from bot.gateway.simulator import Simulator

VICTIM = Path(__file__).with_name("victim.py")


def rows(database: Path, query: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        return connection.execute(query).fetchall()


@pytest.mark.parametrize("point", ["inbox", "fetch", "judge", "commit", "send"])
async def test_killed_after(point: str, tmp_path: Path) -> None:
    database = tmp_path / "qungui.db"
    async with Simulator() as sim:
        for key in ("li", "liu", "zhou"):
            sim.contact(key, key)
        sim.room(ROOM, "项目工作群", ["li", "liu", "zhou"])
        env = environment(
            tmp_path,
            GATEWAY_ENDPOINT=sim.endpoint,
            GATEWAY_TOKEN=sim.token,
            NOTICES_QUIET_HOURS="off",
            CONFIG=at_any_hour(tmp_path),
            OUTBOX_PACING="off",
        )
        async with started(sys.executable, str(VICTIM), point, env=env, cwd=tmp_path) as victim:
            await until(lambda: "on guard" in victim.log, what="the start")
            said = [
                sim.say(ROOM, "liu", AD),
                sim.say(ROOM, "li", ORDINARY),
                sim.say(ROOM, "zhou", AD + " 先到先得"),
            ]
            assert await victim.ended() == -9
        received = {message for (message,) in rows(database, "select message_id from inbox")} & set(said)
        assert received

        async with started(*qungui("run"), env=env, cwd=tmp_path) as bot:
            await until(lambda: "on guard" in bot.log, what="the second start")
            await until(
                lambda: not rows(database, "select 1 from inbox where state <> 'done'"), what="every outcome"
            )
            await until(
                lambda: not rows(database, "select 1 from outbox where state = 'pending'"), what="every send"
            )
            await asyncio.sleep(0.2)
            assert await bot.stop() == 0

        outcomes = dict(rows(database, "select message_id, outcomes from inbox"))
        assert all(outcomes[message] for message in received)
        cases = rows(database, "select message_id, number, points from violations")
        assert {message for message, _, _ in cases} == received & {said[0], said[2]}
        entries = rows(database, 'select "case", sum(points), count(*) from ledger group by "case"')
        assert sorted(entries) == sorted((number, -int(str(points)), 1) for _, number, points in cases)
        told = Counter(number for _, number, _ in cases for sent in sim.sent if str(number) in sent.text)
        assert set(told) == {number for _, number, _ in cases}, "a notice was lost"
        assert sum(count - 1 for count in told.values()) <= 1, "more than one notice was repeated"
