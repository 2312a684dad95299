"""Newcomers (policy 2.1c, 2.1d): reported if nobody asked for them, told the rules once, all of a minute together."""

from __future__ import annotations

from pathlib import Path

from fakes.recording import RecordingGateway
from fakes.scene import OFFICE, ROOM, TUESDAY, Scene, opened, people

from bot.clock import ManualClock
from bot.settings import Settings
from storage.records import RosterRow

ROOMS = {"guard": "all", "supervision": "群规监督组"}
ROSTER = (
    RosterRow("1001", "陈静", "财务部", is_head=False, active=True),
    RosterRow("1002", "孙涛", "财务部", is_head=False, active=False),
)


def settings(**members: object) -> Settings:
    return Settings.model_validate(
        {"rooms": ROOMS, "members": members, "company": {"name": "甲公司"}, "digest": {"enabled": False}}
    )


def told(scene: Scene, target: str, part: str) -> list[str]:
    return [text for text in scene.heard(target) if part in text]


async def comes(scene: Scene, *keys: str, where: str = ROOM, by: str = "wang") -> None:
    scene.gateway.world.join(where, *keys, by=by)
    await scene.quiet()
    await scene.later(minutes=1)


async def test_who_comes_without_a_record_is_reported_and_welcomed_once(tmp_path: Path) -> None:
    async with opened(tmp_path, settings=settings()) as scene:
        world = scene.gateway.world
        async with scene.storage.unit() as unit:
            await unit.people.import_roster(ROSTER, scene.clock.now())
        assert told(scene, OFFICE, "新成员") == []  # nobody who was there before
        world.contact("xin", "新来的{{7*7}}\n@所有人")
        world.contact("chenjing", "陈静")
        world.contact("suntao", "孙涛")
        world.contact("far", "远方", friend=False)
        world.contact("namesake", "陈静")
        world.join(ROOM, "chenjing", by="wang")
        world.alias(ROOM, "chenjing", "财务部-陈静")
        await comes(scene, "xin", "far", "suntao", "namesake")
        (report,) = told(scene, OFFICE, "新成员未登记")
        assert "新来的{{7*7}}" in report
        assert "@所有人" not in report
        assert "远方" in report
        assert report.count("陈静") == 1
        assert "陈静（花名册上有同名者，请核对）" in report
        assert "孙涛（花名册上同名者已离职）" in report
        assert "王敏" in report
        for key in ("xin", "chenjing"):
            (digest,) = told(scene, key, "工作群须知")
            assert "甲公司" in digest
        assert told(scene, "far", "") == []
        (line,) = told(scene, ROOM, "欢迎入群")
        assert "@远方" in line
        assert "/入群 须知" in line
        async with scene.storage.view() as unit:
            person = await unit.people.by_contact("far")
            assert person is not None
            assert len(await unit.welcomes.of_person(person.key)) == 1

        world.leave(ROOM, "far")
        await comes(scene, "far")
        assert len(told(scene, ROOM, "欢迎入群")) == 1
        assert len(told(scene, OFFICE, "新成员未登记")) == 2
        assert "甲公司" in "".join(await scene.says("far", "/入群 须知"))


async def test_a_whole_room_that_is_moved_over_alarms_once_and_politely(tmp_path: Path) -> None:
    async with opened(tmp_path, settings=settings()) as scene:
        world = scene.gateway.world
        crowd = [world.contact(f"c{index}", f"成员{index}", friend=False) for index in range(50)]
        scene.gateway.fail("member", times=1)
        world.join(ROOM, *crowd, by="wang")
        await scene.quiet()
        await scene.later(minutes=1)
        assert told(scene, OFFICE, "新成员未登记") == []  # the gateway could not be asked just then
        await scene.later(minutes=1)
        (report,) = told(scene, OFFICE, "新成员未登记")
        assert "另有 30 人" in report
        (line,) = told(scene, ROOM, "欢迎入群")
        assert "另有 30 位" in line
        assert len(scene.gateway.world.sent[-1].mentions) <= 20


async def test_whoever_joins_the_supervision_room_is_reported_too_and_not_welcomed(tmp_path: Path) -> None:
    async with opened(tmp_path, settings=settings(welcome=True)) as scene:
        scene.gateway.world.contact("spy", "路过")
        await comes(scene, "spy", where=OFFICE)
        (report,) = told(scene, OFFICE, "新成员未登记")
        assert "群规监督组" in report
        assert told(scene, "spy", "") == []


async def test_no_welcome_where_it_is_off_and_none_at_night(tmp_path: Path) -> None:
    async with opened(tmp_path, settings=settings(welcome=False)) as scene:
        scene.gateway.world.contact("xin", "新来的")
        await comes(scene, "xin")
        assert told(scene, "xin", "") == []
        assert told(scene, OFFICE, "新成员未登记")


async def test_a_newcomer_at_night_is_reported_at_once_and_welcomed_in_the_morning(tmp_path: Path) -> None:
    night = TUESDAY.replace(hour=22)
    gateway = RecordingGateway(clock=ManualClock(night))
    people(gateway)
    async with opened(tmp_path, settings=settings(), start=night, gateway=gateway) as scene:
        gateway.world.contact("xin", "新来的")
        await comes(scene, "xin")
        assert told(scene, OFFICE, "新成员未登记")
        assert told(scene, "xin", "工作群须知") == []
        await scene.later(hours=11)
        assert told(scene, "xin", "工作群须知")


async def test_a_report_that_lacks_something_gets_one_quiet_hint_a_day(tmp_path: Path) -> None:
    async with opened(tmp_path, settings=settings()) as scene:
        await scene.says("li", "#反馈 打印机坏了")
        await scene.later(minutes=2)
        (hint,) = told(scene, "li", "您的反馈已收到")
        assert "发生时间、涉及的人员" in hint
        assert "扣" not in hint
        await scene.says("li", "#反馈 网络很慢")
        await scene.later(minutes=2)
        assert len(told(scene, "li", "您的反馈已收到")) == 1
        # Whoever is no contact of the account gets it in the group; whoever adds what was missing gets none.
        await scene.says("zhou", "#反馈 门禁识别失败")
        await scene.says("liu", "#反馈 投影仪没有信号")
        await scene.says("liu", "今天上午开始的，市场部同事都用不了")
        await scene.later(minutes=2)
        (hint,) = told(scene, ROOM, "您的反馈已收到")
        assert hint.startswith("@市场部周杰\u2005")
        assert told(scene, "liu", "您的反馈已收到") == []
        assert await scene.cases() == []
        await scene.later(days=1)
        await scene.says("li", "#反馈 网络很慢")
        await scene.later(minutes=2)
        assert len(told(scene, "li", "您的反馈已收到")) == 2


async def test_no_hint_where_hints_are_off(tmp_path: Path) -> None:
    async with opened(tmp_path, settings=settings(feedback_hints=False)) as scene:
        await scene.says("li", "#反馈 打印机坏了")
        await scene.later(minutes=2)
        assert told(scene, "li", "反馈") == []
