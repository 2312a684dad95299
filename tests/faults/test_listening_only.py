"""`qungui run --dry-run` as a real process: a day's trouble in the groups, and not one call that acts."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from fakes.process import at_any_hour, environment, qungui, started, until
from fakes.scene import AD, OFFICE, ORDINARY, ROOM

from bot.gateway.simulator import Simulator
from bot.gateway.wire.proto import QUESTIONS

LISTENING = {route.rpartition("/")[2] for route in QUESTIONS} | {"Event"}


def people(sim: Simulator) -> None:
    for key, name in (("wang", "王敏"), ("li", "李强"), ("liu", "刘洋"), ("zhou", "周杰")):
        sim.contact(key, name, friend=key != "zhou")
    sim.room(ROOM, "项目工作群", ["wang", "li", "liu", "zhou"])
    sim.room(OFFICE, "群规监督组", ["wang", "li"])
    sim.alias(ROOM, "liu", "刘洋😀")


def settings(folder: Path, sim: Simulator, **more: str) -> dict[str, str]:
    return environment(
        folder,
        GATEWAY_ENDPOINT=sim.endpoint,
        GATEWAY_TOKEN=sim.token,
        NOTICES_QUIET_HOURS="off",
        OUTBOX_PACING="off",
        COMPANY_DEPARTMENTS="市场部,工程部",
        ROOMS_SUPERVISION="群规监督组",
        FRIENDS_LISTED="周杰",
        CONFIG=at_any_hour(folder),
        **more,
    )


def rows(folder: Path, query: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(folder / "qungui.db") as database:
        return database.execute(query).fetchall()


def trouble(sim: Simulator) -> int:
    """Everything that a live bot would answer, or act on; returns how many messages that is."""
    for number in range(8):
        sim.say(ROOM, "liu", f"{AD} 第{number}次")
    sim.say(ROOM, "zhou", "加薇❤信 abc77777 兼职刷单日结300，扫码进群")
    said = ["/帮助", "/状态", "/申诉 V-22222 不是我", "/认领 ABCDEFGH", "/入群 张三", ORDINARY]
    for line in said:
        sim.say(ROOM, "li", line)
        sim.say("li", "li", line)
        sim.say(OFFICE, "wang", line)
    sim.say(ROOM, "li", "请各位今天下班前回复收到", mentions=("liu", "zhou"))
    sim.befriend_request("zhou", "我是周杰")
    sim.contact("new", "新人")
    sim.join(ROOM, "new", by="liu")
    sim.topic(ROOM, "改了名的群", by="liu")
    return 8 + 1 + 3 * len(said) + 1


async def test_a_dry_run_records_everything_and_never_acts(tmp_path: Path) -> None:
    async with Simulator() as sim:
        people(sim)
        env = settings(tmp_path, sim)
        async with started(*qungui("run", "--dry-run"), env=env, cwd=tmp_path) as bot:
            await until(lambda: "on guard" in bot.log, what="the login")
            many = trouble(sim)
            done = "select count(*) from inbox where state = 'done'"
            await until(lambda: rows(tmp_path, done) == [(many,)], what="every outcome")
            assert await bot.stop() == 0
        assert sim.sent == []
        assert sim.deeds == []
        assert set(sim.calls) <= LISTENING, set(sim.calls) - LISTENING
        assert "starting a dry run" in bot.log
        assert "dry run ended" in bot.log

        cases = rows(tmp_path, "select number, state, points, noticed_at from violations")
        assert len(cases) >= 2
        assert {state for _, state, *_ in cases} == {"shadow"}
        assert {noticed for *_, noticed in cases} == {None}
        assert rows(tmp_path, "select count(*) from ledger") == [(0,)]
        assert rows(tmp_path, "select distinct state from outbox") == [("withheld",)]
        assert rows(tmp_path, "select count(*) from enquiries") == [(0,)]
        assert rows(tmp_path, "select count(*) from audit where action like 'friend request%'") == [(0,)]
        outcomes = rows(tmp_path, "select outcomes from inbox where outcomes like 'command%'")
        assert len(outcomes) >= 9

        # What was withheld does not leave when the same database serves a live bot.
        async with started(*qungui("run"), env=env, cwd=tmp_path) as bot:
            await until(lambda: "on guard" in bot.log, what="the login")
            sim.say(ROOM, "zhou", "加薇❤信 abc88888 兼职刷单日结300，扫码进群")
            await until(lambda: any("群规提醒" in sent.text for sent in sim.sent), what="a notice")
            assert await bot.stop() == 0
        said = "\n".join(sent.text for sent in sim.sent)
        assert not [number for number, *_ in cases if str(number) in said]

        async with started(*qungui("run", "--dry-run"), env=env, cwd=tmp_path) as bot:
            assert await bot.ended() == 2
        assert "is the database of a live bot" in bot.log
        assert "QUNGUI_STORAGE_URL" in bot.log
