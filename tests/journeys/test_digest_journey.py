"""The daily digest as the supervisors meet it: at its time on working days, made up for, asked for, kept."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from fakes.recording import RecordingGateway
from fakes.scene import AD, OFFICE, ORDINARY, ROOM, SHANGHAI, Scene, opened, people

from bot.clock import ManualClock
from bot.settings import Settings

OFFICE_ROOM = {"rooms": {"guard": "all", "supervision": "群规监督组"}}
THURSDAY = datetime(2026, 10, 8, 16, 0, tzinfo=SHANGHAI)


def digests(scene: Scene) -> list[str]:
    return [text for text in scene.heard(OFFICE) if text.startswith("【日报】")]


async def until(scene: Scene, moment: str) -> None:
    """Let time pass until a local moment of 2026, with a tick at the end."""
    there = datetime.fromisoformat(f"2026-{moment}").replace(tzinfo=SHANGHAI)
    await scene.later(seconds=(there - scene.clock.now()).total_seconds())


async def test_it_comes_on_working_days_at_its_time(tmp_path: Path) -> None:
    async with opened(tmp_path, start=datetime(2026, 9, 30, 9, 0, tzinfo=SHANGHAI)) as scene:
        await scene.says("li", ORDINARY)
        await until(scene, "09-30 17:29")
        assert digests(scene) == []
        await until(scene, "09-30 17:30")
        assert digests(scene) == ["【日报】09-30 09:00 至 09-30 17:30：检查消息 1 条，一切正常。"]
        for day in ("10-01", "10-04", "10-05"):  # National Day, its Sunday and its Monday
            await until(scene, f"{day} 18:00")
        assert len(digests(scene)) == 1
        await until(scene, "10-08 17:30")
        assert (
            digests(scene)[1]
            == "【日报】09-30 17:30 至 10-08 17:30：检查消息 0 条，一切正常。台账与数据自检正常。"
        )
        await until(scene, "10-09 17:30")
        await until(scene, "10-10 17:30")
        assert digests(scene)[3].startswith("【日报】10-09 17:30 至 10-10 17:30"), "a make-up Saturday"
        await until(scene, "10-11 18:00")
        assert len(digests(scene)) == 4
        assert scene.heard(ROOM) == [], "no work group is told"


async def test_it_tells_what_happened_and_never_who_or_what_was_said(tmp_path: Path) -> None:
    async with opened(tmp_path, start=THURSDAY) as scene:
        await scene.says("li", ORDINARY)
        await scene.says("liu", AD)
        await scene.appoint("wang")
        case = await scene.the_case()
        await until(scene, "10-08 17:30")
        (first,) = digests(scene)
        assert "项目工作群 2" in first
        assert "初判 1" in first
        assert "待确认 1" in first
        async with scene.storage.view() as unit:
            (head,) = await unit.ledger.heads()
        assert f"{head.room_key}:{head.seq}:{head.hash[:16]}" in first
        await scene.says("wang", f"/违规 驳回 {case.number} 误判", where="")
        await until(scene, "10-09 17:30")
        second = digests(scene)[1]
        assert "驳回 1" in second
        assert "1/1（100%）" in second
        for text in (first, second):
            assert len(text) < 1_800
            assert not any(name in text for name in ("李强", "刘洋", "加薇", "abc12345", case.number))


async def test_missed_ones_are_made_up_for_at_the_next_start(tmp_path: Path) -> None:
    gateway = RecordingGateway(clock=ManualClock(THURSDAY))
    people(gateway)
    async with opened(tmp_path, start=THURSDAY, gateway=gateway) as scene:
        await scene.later(minutes=1)
        assert digests(scene) == []
    gateway.world.clock = ManualClock(THURSDAY + timedelta(days=4))
    gateway.reopen()
    async with opened(tmp_path, start=THURSDAY + timedelta(days=4), gateway=gateway) as scene:
        await scene.later(minutes=1)
        said = digests(scene)
        assert [text.partition(" 至 ")[2][:11] for text in said] == [
            "10-08 17:30",
            "10-09 17:30",
            "10-10 17:30",
        ]
        assert "失联：10-08 16:01 至 10-12 16:00" in said[0]
        await scene.later(minutes=1)
        assert len(digests(scene)) == 3
    gateway.reopen()
    async with opened(tmp_path, start=THURSDAY + timedelta(days=4, minutes=10), gateway=gateway) as scene:
        await scene.later(minutes=1)
        assert len(digests(scene)) == 3, "a restart repeats none"


async def test_without_a_supervision_room_it_is_kept_for_later(tmp_path: Path) -> None:
    alone = Settings.model_validate({"rooms": {"guard": "all"}})
    async with opened(tmp_path, start=THURSDAY, settings=alone) as scene:
        await until(scene, "10-08 17:30")
        assert scene.gateway.world.sent == []
        async with scene.storage.view() as unit:
            (kept,) = await unit.outbox.kept("digest ", unsent=True)
        assert kept.text.startswith("【日报】")


async def test_a_work_group_gets_a_shorter_one_only_if_it_is_named(tmp_path: Path) -> None:
    named = Settings.model_validate({**OFFICE_ROOM, "digest": {"rooms": ["项目工作群"], "at": "16:30"}})
    async with opened(tmp_path, start=THURSDAY, settings=named) as scene:
        await scene.says("liu", AD)
        await until(scene, "10-08 16:30")
        (told,) = [text for text in scene.heard(ROOM) if text.startswith("【日报】")]
        assert "本群检查消息 1 条，提醒 1 次" in told
        assert "待确认" not in told
        assert "台账" not in told
        assert len(digests(scene)) == 1


async def test_switched_off_there_is_none_and_none_is_made_up_for(tmp_path: Path) -> None:
    off = Settings.model_validate({**OFFICE_ROOM, "digest": {"enabled": False}})
    gateway = RecordingGateway(clock=ManualClock(THURSDAY))
    people(gateway)
    async with opened(tmp_path, start=THURSDAY, settings=off, gateway=gateway) as scene:
        await until(scene, "10-09 18:00")
        assert digests(scene) == []
    gateway.reopen()
    async with opened(tmp_path, start=THURSDAY + timedelta(days=1, hours=3), gateway=gateway) as scene:
        await scene.later(minutes=1)
        assert digests(scene) == []


async def test_whoever_may_asks_for_it(tmp_path: Path) -> None:
    async with opened(tmp_path, start=THURSDAY) as scene:
        await scene.says("li", ORDINARY)
        await scene.appoint("wang")
        (now,) = await scene.says("wang", "/日报", where="")
        assert now.startswith("【日报】10-08 16:00 至 10-08 16:00")
        await until(scene, "10-08 17:30")
        await until(scene, "10-09 09:00")
        (told,) = digests(scene)
        for line in ("/日报 昨天", "/日报 10-08", "/日报 2026-10-08", "/digest yesterday", "/日报 10月8日"):
            assert await scene.says("wang", line, where="") == [told], line
        (none,) = await scene.says("wang", "/日报 10-07", where="")
        assert "没有 2026-10-07 的日报" in none
        (usage,) = await scene.says("wang", "/日报 改天", where="")
        assert usage.startswith("用法")
        (refused,) = await scene.says("li", "/日报", where="")
        assert "需要权限" in refused


async def test_asked_for_in_a_work_group_it_goes_privately(tmp_path: Path) -> None:
    async with opened(tmp_path, start=THURSDAY) as scene:
        await scene.appoint("wang")
        before = len(scene.heard(ROOM))
        await scene.says("wang", "/日报")
        assert not any("检查消息" in text for text in scene.heard(ROOM)[before:])
        assert any("检查消息" in text for text in scene.heard("wang"))


async def test_a_day_whose_text_is_gone_is_counted_again(tmp_path: Path) -> None:
    async with opened(tmp_path, start=THURSDAY) as scene:
        await scene.says("liu", AD)
        await scene.appoint("wang")
        await until(scene, "10-08 17:30")
        async with scene.storage.unit() as unit:
            await unit.outbox.purge(scene.clock.now() + timedelta(days=1))
        (again,) = await scene.says("wang", "/日报 今天", where="")
        assert again.startswith("【日报】10-08 16:00 至 10-08 17:30")
        assert "初判 1" in again
