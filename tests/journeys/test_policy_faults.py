"""What is in force stays in force, and what was done is not done again, when files, rows and storage fail."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from fakes.offices import says, staffed
from fakes.recording import RecordingGateway
from fakes.scene import AD, ORDINARY, ROOM, TUESDAY, opened, people
from structlog.testing import capture_logs

from bot.clock import ManualClock
from bot.settings import Settings
from storage.records import CaseState, Role
from storage.session import Storage

SECRET = "再讨论一下青鸾项目吧"
GOOD = "person,from,to\n王五,2026-10-13,2026-10-14\n"


def with_rota(rota: Path) -> Settings:
    rota.write_text(GOOD, encoding="utf-8")
    return Settings.model_validate(
        {
            "rooms": {"guard": "all", "supervision": "群规监督组"},
            "outbox": {"pacing": False},
            "work": {"rota": str(rota)},
        }
    )


async def words(storage: Storage) -> list[str]:
    async with storage.view() as unit:
        return [word.word for word in await unit.words.all()]


async def test_a_rota_that_is_being_saved_while_a_word_is_added_harms_nothing(tmp_path: Path) -> None:
    rota = tmp_path / "rota.csv"
    async with opened(tmp_path, settings=with_rota(rota)) as scene:
        world = scene.gateway.world
        await scene.appoint("wang", Role.HR_LEAD)
        rota.write_text("person,from,to\n王五,2026-1", encoding="utf-8")
        world.say(ROOM, "zhou", AD)
        world.say("wang", "wang", "/词库 添加 青鸾项目 公司自定 测试 确认")
        said = await scene.quiet()
        assert sum(line.startswith("已禁用“青鸾项目”") for line in said) == 1
        assert await words(scene.storage) == ["青鸾项目"]
        assert [case.rule for case in await scene.cases()] == ["advertising"]
        await scene.says("zhou", SECRET)
        assert [case.rule for case in await scene.cases()] == ["advertising", "banned_words"]


async def test_commands_of_a_batch_run_once_though_the_rota_is_unreadable(tmp_path: Path) -> None:
    rota = tmp_path / "rota.csv"
    async with opened(tmp_path, settings=with_rota(rota)) as scene:
        world = scene.gateway.world
        await scene.appoint("wang", Role.HR_LEAD)
        for word in ("青鸾项目", "白鹭计划"):
            await scene.says("wang", f"/词库 添加 {word} 公司自定 测试 确认", where="")
        await scene.says("liu", ORDINARY)
        rota.write_text("garbage", encoding="utf-8")
        world.say("wang", "wang", "/词库 删除 青鸾项目")
        world.say("wang", "wang", "/豁免 添加 刘洋 advertising 全部群 3天 客户活动 确认")
        await scene.quiet()
        await scene.later(minutes=1)
        await scene.says("zhou", SECRET)
        await scene.says("liu", AD)
        assert await scene.cases() == []
        async with scene.storage.view() as unit:
            assert len(await unit.exemptions.active(scene.clock.now())) == 1
            actions = [entry.target for entry in await unit.audit.recent(50)]
        assert actions.count("豁免 添加") == 1


async def test_what_could_not_be_put_in_force_is_put_in_force_a_minute_later(tmp_path: Path) -> None:
    async with opened(tmp_path, settings=with_rota(tmp_path / "rota.csv")) as scene:
        await scene.appoint("wang", Role.HR_LEAD)
        await scene.says("liu", ORDINARY)
        await _shift_of_unknown_kind(scene.storage, tmp_path)
        with capture_logs() as log:
            answers = await scene.says("wang", "/静默 项目工作群 1小时", where="")
        assert len(answers) == 1
        assert [line["failure"] for line in log if line["log_level"] == "error"] == ["ValueError"]
        await scene.says("zhou", AD)
        assert len(scene.heard(ROOM)) == 1, "it is not in force: what was, goes on"
        _by_hand(tmp_path, "delete from shifts")
        await scene.later(minutes=1)
        await scene.says("liu", AD)
        assert len(scene.heard(ROOM)) == 1
        async with scene.storage.view() as unit:
            assert [entry.target for entry in await unit.audit.recent(50)].count("静默") == 1


async def test_what_an_earlier_run_left_is_read_though_what_is_in_force_could_not_be_at_first(
    tmp_path: Path,
) -> None:
    settings = with_rota(tmp_path / "rota.csv")
    async with opened(tmp_path, settings=settings) as scene:
        world = scene.gateway.world
        await scene.says("liu", ORDINARY)
        left = world.say(ROOM, "zhou", AD)
        scene.gateway.withhold(left)
        await asyncio.sleep(0.2)
        await _shift_of_unknown_kind(scene.storage, tmp_path)
    again = RecordingGateway(clock=ManualClock(TUESDAY + timedelta(minutes=1)))
    people(again)
    again.world.messages.update(world.messages)
    start = TUESDAY + timedelta(minutes=1)
    with capture_logs():
        async with opened(tmp_path, settings=settings, gateway=again, start=start) as scene:
            assert await scene.cases() == []
            _by_hand(tmp_path, "delete from shifts")
            await scene.later(minutes=1)
            assert [case.state for case in await scene.cases()] == [CaseState.PROVISIONAL]
            await scene.later(minutes=1)
            assert len(await scene.cases()) == 1


async def test_a_case_on_trial_does_not_stand_for_one_that_counts(tmp_path: Path) -> None:
    async with staffed(tmp_path, start=TUESDAY.replace(hour=17)) as scene:
        scene.clock.advance_to(TUESDAY.replace(hour=20))
        await says(scene, "wang", "/规则 试运行 after_hours 全部 确认", where="")
        await says(scene, "wangwu", "请各部门把本周数据发我汇总")
        await says(scene, "wang", "/规则 开启 after_hours 全部 确认", where="")
        scene.clock.advance(600)
        await says(scene, "wangwu", "请各部门把下周计划发我")
        assert [(case.rule, case.state) for case in await scene.cases()] == [
            ("after_hours", CaseState.SHADOW),
            ("after_hours", CaseState.PROVISIONAL),
        ]


async def test_what_the_database_says_at_every_try_costs_one_message_and_not_the_run(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await scene.says("liu", ORDINARY)
        _by_hand(tmp_path, "alter table violations rename to mislaid")
        with capture_logs() as log:
            scene.gateway.world.say(ROOM, "liu", AD)
            await scene.says("zhou", ORDINARY)
        told = [line for line in log if line["event"] == "message could not be handled"]
        assert [line["failure"] for line in told] == ["StorageError"]
        assert scene.handled[-1].judgement is not None
        assert not scene.handled[-1].judgement.live
        _by_hand(tmp_path, "alter table mislaid rename to violations")
        await scene.later(minutes=1)
        assert (await scene.the_case()).rule == "advertising"


async def _shift_of_unknown_kind(storage: Storage, folder: Path) -> None:
    """A row as a hand in the database may leave it: no rulebook can be made with it."""
    async with storage.unit() as unit:
        who = await unit.people.by_contact("liu")
        assert who is not None
        await unit.shifts.add(who.key, "duty", TUESDAY, TUESDAY + timedelta(days=9), "hr", TUESDAY)
    _by_hand(folder, "update shifts set kind = 'holiday'")


def _by_hand(folder: Path, statement: str) -> None:
    with closing(sqlite3.connect(folder / "qungui.db", timeout=5)) as database, database:
        database.execute(statement)
