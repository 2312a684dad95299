"""After hours the bot says nothing; when work next begins, one courteous word to each, and nothing costs points."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from fakes.scene import AD, OFFICE, ROOM, SHANGHAI, opened

from bot.settings import Settings
from storage.records import CaseState, Role

EVENING = datetime(2026, 10, 13, 21, 40, tzinfo=SHANGHAI)
EARLY = datetime(2026, 10, 14, 7, 30, tzinfo=SHANGHAI)
SATURDAY = datetime(2026, 10, 17, 10, 0, tzinfo=SHANGHAI)
BEFORE_HOLIDAY = datetime(2026, 9, 30, 20, 0, tzinfo=SHANGHAI)
WORK = "李工，明天的验收资料今晚整理好发我，客户急着要"


async def test_one_case_an_evening_and_one_word_in_the_morning(tmp_path: Path) -> None:
    async with opened(tmp_path, start=EVENING) as scene:
        assert await scene.says("liu", WORK) == []
        assert await scene.says("liu", "还有结算单也一起") == []
        assert await scene.later(minutes=90) == []
        assert await scene.says("liu", "发了说一声") == []
        case = await scene.the_case()
        assert (case.rule, case.points, case.state) == ("after_hours", 0, CaseState.PROVISIONAL)
        (said,) = await scene.later(hours=10)
        assert scene.clock.now().astimezone(SHANGHAI).hour == 9
        assert case.number in said
        assert "刘洋" in said
        assert "不扣分" in said
        assert "工作日 09:00 至 18:00" in said
        assert "【紧急】" in said
        assert WORK[:6] not in said


@pytest.mark.parametrize("start", [EARLY, SATURDAY], ids=["early morning", "day off"])
async def test_what_is_written_before_work_or_on_a_day_off_is_not_called_after_work(
    tmp_path: Path, start: datetime
) -> None:
    async with opened(tmp_path, start=start) as scene:
        await scene.says("liu", WORK)
        await scene.later(hours=50)
        (said,) = scene.heard(ROOM)
        assert f"您 {start:%m-%d %H:%M} 在群里发消息时不在工作时间（工作日 09:00 至 18:00）" in said
        assert "已过" not in said
        assert "请注明【紧急】并写明情况；值班请由部门负责人提前登记" in said


async def test_it_is_silent_even_with_quiet_hours_off(tmp_path: Path) -> None:
    settings = Settings.model_validate(
        {"rooms": {"supervision": "群规监督组"}, "notices": {"quiet_hours": False}}
    )
    async with opened(tmp_path, settings=settings, start=EVENING) as scene:
        assert await scene.says("liu", WORK) == []
        assert len(await scene.cases()) == 1
        assert await scene.later(hours=3) == []
        assert len(await scene.later(hours=9)) == 1


async def test_the_word_waits_for_the_end_of_a_holiday(tmp_path: Path) -> None:
    async with opened(tmp_path, start=BEFORE_HOLIDAY) as scene:
        await scene.says("liu", WORK)
        case = await scene.the_case()
        async with scene.storage.view() as unit:
            notice = await unit.outbox.by_unique(f"notice {case.number}")
        assert notice is not None
        # 1 to 7 October are a holiday.
        assert notice.due_at.astimezone(SHANGHAI) == datetime(2026, 10, 8, 9, 0, tzinfo=SHANGHAI)


async def test_acknowledgements_and_emergencies_are_left_alone(tmp_path: Path) -> None:
    async with opened(tmp_path, start=EVENING) as scene:
        await scene.says("liu", "收到")
        await scene.says("li", "【紧急】3号楼配电房跳闸，整层停电，请电工马上到场")
        await scene.says("zhou", "我在路上，十分钟到")
        await scene.says("wang", "辛苦了")
        assert await scene.cases() == []


async def test_with_points_the_word_is_the_usual_notice(tmp_path: Path) -> None:
    policy = {"policy": {"after_hours": {"points": 1}}, "rooms": {"supervision": "群规监督组"}}
    async with opened(tmp_path, settings=Settings.model_validate(policy), start=EVENING) as scene:
        await scene.says("liu", WORK)
        (said,) = await scene.later(hours=12)
        assert "拟扣 1 分" in said
        assert "值班请由部门负责人提前登记" not in said


async def test_who_asks_at_night_is_seen_and_who_answers_is_not_reminded(tmp_path: Path) -> None:
    async with opened(tmp_path, start=EVENING) as scene:
        await scene.says("li", "3号楼的浇筑方量是多少？")
        await scene.says("liu", "稍等，已发您邮箱")
        await scene.says("zhou", "一共860方，泵车费用另算")
        states = {case.sender_name: case.state for case in await scene.cases()}
        assert states == {"工程部李强": CaseState.PROVISIONAL, "市场部周杰": CaseState.REVIEW}
        await scene.later(hours=12)
        (said,) = scene.heard(ROOM)
        assert "李强" in said


async def test_the_gravest_finding_counts_at_night_too(tmp_path: Path) -> None:
    async with opened(tmp_path, start=EVENING) as scene:
        await scene.says("zhou", AD)
        case = await scene.the_case()
        assert (case.rule, case.points) == ("advertising", 2)


async def test_people_on_duty_may_write(tmp_path: Path) -> None:
    async with opened(tmp_path, start=EVENING) as scene:
        await scene.says("liu", "收到")
        async with scene.storage.unit() as unit:
            liu = await unit.people.by_contact("liu")
            assert liu is not None
            await unit.shifts.add(
                liu.key, "duty", EVENING.replace(hour=18), EVENING.replace(hour=23), "test", scene.clock.now()
            )
        await scene.bot.handler.refresh()
        await scene.says("liu", WORK)
        assert await scene.cases() == []
        await scene.says("zhou", WORK)
        assert (await scene.the_case()).sender_name == "市场部周杰"


async def test_who_is_on_leave_is_reminded_when_they_are_back(tmp_path: Path) -> None:
    async with opened(tmp_path, start=EVENING) as scene:
        await scene.says("liu", "收到")
        async with scene.storage.unit() as unit:
            liu = await unit.people.by_contact("liu")
            assert liu is not None
            begin, end = EVENING.replace(day=14, hour=0), EVENING.replace(day=15, hour=23)
            await unit.shifts.add(liu.key, "leave", begin, end, "test", scene.clock.now())
        await scene.bot.handler.refresh()
        await scene.says("liu", WORK)
        for _ in range(4):  # Wednesday and Thursday, morning and evening
            await scene.later(hours=12)
            assert scene.heard(ROOM) == []
        await scene.later(hours=12)
        (said,) = scene.heard(ROOM)
        assert "刘洋" in said
        assert scene.clock.now().astimezone(SHANGHAI).day == 16


async def test_who_comes_back_early_from_leave_is_reminded_then(tmp_path: Path) -> None:
    async with opened(tmp_path, start=EVENING) as scene:
        await scene.says("liu", "收到")
        async with scene.storage.unit() as unit:
            liu = await unit.people.by_contact("liu")
            assert liu is not None
            begin, end = EVENING.replace(day=14, hour=0), EVENING.replace(day=16, hour=23)
            shift = await unit.shifts.add(liu.key, "leave", begin, end, "test", scene.clock.now())
        await scene.bot.handler.refresh()
        await scene.says("liu", WORK)
        await scene.later(hours=12)
        async with scene.storage.unit() as unit:
            await unit.shifts.cancel(shift.id, "test", scene.clock.now())
        await scene.bot.handler.refresh()
        assert scene.heard(ROOM) == []
        await scene.later(hours=24)
        (said,) = scene.heard(ROOM)
        assert "刘洋" in said


async def test_a_supervisor_who_writes_at_night_goes_to_review(tmp_path: Path) -> None:
    async with opened(tmp_path, start=EVENING.replace(hour=17)) as scene:
        await scene.appoint("li", Role.SUPERVISOR)
        await scene.later(hours=4)
        assert await scene.says("li", WORK) == []
        assert (await scene.the_case()).state is CaseState.REVIEW
        assert await scene.later(hours=12) != []
        assert len(scene.heard(OFFICE)) == 1
        assert scene.heard(ROOM) == []
