"""Nicknames, from the first sight to a case: reminders first, one case a person and nickname, outsiders left alone."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from fakes.scene import OFFICE, ROOM, SHANGHAI, Scene, opened

from bot.settings import Settings
from storage.records import Binding, CaseState, Outgoing, RosterRow

ROSTER = (
    RosterRow("1001", "王敏", "人力资源部", is_head=False, active=True),
    RosterRow("1002", "李强", "工程部", is_head=True, active=True),
    RosterRow("1003", "刘洋", "市场部", is_head=False, active=True),
    RosterRow("1004", "周杰", "市场部", is_head=False, active=True),
)
MONDAY = datetime(2026, 10, 12, 9, 30, tzinfo=SHANGHAI)
OFFICE_ROOM = {"guard": "all", "supervision": "群规监督组"}


def settings(**nickname: object) -> Settings:
    rules = {"nickname": {"settings": nickname}} if nickname else {}
    off = {"digest": {"enabled": False}, "members": {"welcome": False}}
    return Settings.model_validate({"rooms": OFFICE_ROOM, "rules": rules, **off})


async def known_roster(scene: Scene) -> None:
    async with scene.storage.unit() as unit:
        await unit.people.import_roster(ROSTER, scene.clock.now())
    await scene.bot.handler.refresh()


async def at(scene: Scene, day: int, hour: int, minute: int = 0) -> list[str]:
    """Go on to a moment of October 2026; returns what the bot said on the way."""
    moment = datetime(2026, 10, day, hour, minute, tzinfo=SHANGHAI)
    return await scene.later(seconds=(moment - scene.clock.now()).total_seconds())


async def test_a_wrong_nickname_is_reminded_of_and_gets_a_case_only_after_grace(tmp_path: Path) -> None:
    async with opened(tmp_path, settings=settings(), start=MONDAY) as scene:
        await known_roster(scene)
        scene.gateway.world.alias(ROOM, "liu", "市场部-刘洋😀")
        assert await scene.says("liu", "早上好，今天的例会改到十点") == []
        (reminder,) = await at(scene, 12, 10)
        assert "部门+姓名" in reminder
        assert "10-15 下班前" in reminder
        assert "案件" not in reminder
        assert await at(scene, 12, 15) == []
        for day in (13, 14, 15):
            assert len(await at(scene, day, 10)) == 1
            assert await scene.cases() == []
        (notice,) = await at(scene, 16, 10)
        case = await scene.the_case()
        assert (case.rule, case.state, case.points) == ("nickname", CaseState.PROVISIONAL, 0)
        assert case.evidence == "市场部-刘洋😀"
        assert case.number in notice
        for day in (19, 20):
            assert await at(scene, day, 10) == []
        await scene.says("liu", "收到")
        assert len(await scene.cases()) == 1
        # A contact of the account is told privately, and a case that costs nothing is nobody else's business.
        assert scene.heard(ROOM) == []
        assert len(scene.heard("liu")) == 5


async def test_before_everybody_somebody_is_reminded_at_first_and_on_the_last_day(tmp_path: Path) -> None:
    async with opened(tmp_path, settings=settings(), start=MONDAY) as scene:
        await known_roster(scene)
        scene.gateway.world.alias(ROOM, "zhou", "市场部周杰2")
        told = [len(await at(scene, day, 10)) for day in (12, 13, 14, 15, 16)]
        assert told == [1, 0, 0, 1, 0]
        assert len(await scene.cases()) == 1
        assert all("市场部周杰2" in text for text in scene.heard(ROOM))


async def test_an_outsider_is_asked_once_in_words_of_their_own(tmp_path: Path) -> None:
    async with opened(tmp_path, settings=settings(), start=MONDAY) as scene:
        await known_roster(scene)
        scene.gateway.world.alias(ROOM, "zhou", "黄总")
        await scene.says("zhou", "大家好")
        async with scene.storage.unit() as unit:
            zhou = await unit.people.by_contact("zhou")
            assert zhou is not None
            await unit.people.set_kind(zhou.key, "external", "test", scene.clock.now())
        (reminder,) = await at(scene, 12, 10)
        assert "公司+姓名" in reminder
        assert "群规" not in reminder
        for day in (13, 14, 15, 16, 19):
            assert await at(scene, day, 10) == []
        assert await scene.cases() == []


async def test_leave_stops_the_time_of_grace(tmp_path: Path) -> None:
    async with opened(tmp_path, settings=settings(), start=MONDAY) as scene:
        await known_roster(scene)
        scene.gateway.world.alias(ROOM, "liu", "市场部-刘洋😀")
        assert len(await at(scene, 12, 10)) == 1
        async with scene.storage.unit() as unit:
            liu = await unit.people.by_contact("liu")
            assert liu is not None
            begin = datetime(2026, 10, 13, 0, 0, tzinfo=SHANGHAI)
            await unit.shifts.add(
                liu.key, "leave", begin, begin.replace(day=19, hour=23), "test", scene.clock.now()
            )
        for day in (13, 14, 15, 16, 19):
            assert await at(scene, day, 10) == []
        (reminder,) = await at(scene, 20, 10)
        assert "10-23 下班前" in reminder
        assert await scene.cases() == []


async def test_a_nickname_worn_again_after_weeks_is_reminded_of_anew(tmp_path: Path) -> None:
    async with opened(tmp_path, settings=settings(), start=MONDAY) as scene:
        await known_roster(scene)
        for day in (12, 26):
            scene.gateway.world.alias(ROOM, "liu", "市场部-刘洋😀")
            assert len(await at(scene, day, 10)) == 1
            scene.gateway.world.alias(ROOM, "liu", "市场部刘洋")
            await scene.says("liu", "已改")
        assert await scene.cases() == []


async def test_who_is_on_the_roster_elsewhere_or_no_more_is_put_to_people_first(tmp_path: Path) -> None:
    async with opened(tmp_path, settings=settings(), start=MONDAY) as scene:
        await known_roster(scene)
        scene.gateway.world.alias(ROOM, "liu", "工程部刘洋")
        scene.gateway.world.alias(ROOM, "zhou", "工程部驻场工程师周正")
        (told,) = await at(scene, 12, 10)
        assert told.count("\n") >= 3
        assert scene.heard(ROOM) == []
        assert scene.heard("liu") == []


async def test_a_nickname_that_is_mended_in_time_is_forgotten(tmp_path: Path) -> None:
    async with opened(tmp_path, settings=settings(), start=MONDAY) as scene:
        await known_roster(scene)
        scene.gateway.world.alias(ROOM, "liu", "市场部刘洋2")
        assert len(await at(scene, 12, 10)) == 1
        scene.gateway.world.alias(ROOM, "liu", "市场部刘洋")
        await scene.says("liu", "已改")
        for day in (13, 14, 15, 16):
            assert await at(scene, day, 10) == []
        assert await scene.cases() == []
        async with scene.storage.view() as unit:
            assert await unit.nicknames.open() == []


async def test_everybody_in_a_room_is_reminded_in_one_message(tmp_path: Path) -> None:
    async with opened(tmp_path, settings=settings(), start=MONDAY) as scene:
        await known_roster(scene)
        for number, who in enumerate(("a", "b", "zhou")):
            scene.gateway.world.contact(who, who, friend=False)
            scene.gateway.world.join(ROOM, who)
            scene.gateway.world.alias(ROOM, who, f"市场部周杰{number}")
        await at(scene, 12, 10)
        (reminder,) = scene.heard(ROOM)
        assert reminder.count("@") == 3
        (sent,) = [one for one in scene.gateway.world.sent if one.conversation_id == ROOM]
        assert set(sent.mentions) == {"a", "b", "zhou"}


async def test_one_person_and_nickname_make_one_case_in_two_rooms(tmp_path: Path) -> None:
    async with opened(tmp_path, settings=settings(grace_days=0), start=MONDAY) as scene:
        scene.gateway.world.room("second@chatroom", "第二工作群", ["liu"])
        await known_roster(scene)
        async with scene.storage.unit() as unit:
            liu = await unit.people.by_employee_no("1003")
            assert liu is not None
            await unit.people.bind("liu", liu.key, Binding.CONFIRMED, "test", scene.clock.now())
        for room in (ROOM, "second@chatroom"):
            scene.gateway.world.alias(room, "liu", "市场部 小 洋")
        await scene.says("liu", "早上好")
        await scene.says("liu", "早上好", where="second@chatroom")
        await scene.says("liu", "在开会")
        await at(scene, 12, 10)
        assert (await scene.the_case()).rule == "nickname"


async def test_recalling_a_message_does_not_mend_a_nickname(tmp_path: Path) -> None:
    async with opened(tmp_path, settings=settings(grace_days=0), start=MONDAY) as scene:
        await known_roster(scene)
        scene.gateway.world.alias(ROOM, "liu", "市场部😀刘洋")
        message = scene.gateway.world.say(ROOM, "liu", "早上好")
        scene.gateway.world.recall(message)
        await scene.quiet()
        assert (await scene.the_case()).state is CaseState.PROVISIONAL


async def test_who_may_be_an_outsider_is_put_to_people_and_not_reminded(tmp_path: Path) -> None:
    async with opened(tmp_path, settings=settings(), start=MONDAY) as scene:
        scene.gateway.world.contact("guest", "陆总", friend=False)
        scene.gateway.world.join(ROOM, "guest")
        scene.gateway.world.alias(ROOM, "guest", "宏达建材陆远")
        await known_roster(scene)
        await at(scene, 12, 10)
        (told,) = [text for text in scene.heard(OFFICE) if "昵称核对" in text]
        assert "宏达建材陆远" in told
        assert scene.heard(ROOM) == []
        assert await at(scene, 13, 10) == []


async def test_without_roster_and_departments_nobody_is_reminded(tmp_path: Path) -> None:
    async with opened(tmp_path, settings=settings(), start=MONDAY) as scene:
        scene.gateway.world.alias(ROOM, "liu", "市场部刘洋😀")
        await scene.says("liu", "早上好")
        assert await at(scene, 12, 10) == []


@pytest.mark.parametrize("day", [10, 17], ids=["a Saturday that is worked", "a Saturday off"])
async def test_the_round_goes_by_the_working_calendar(tmp_path: Path, day: int) -> None:
    start = datetime(2026, 10, day, 9, 30, tzinfo=SHANGHAI)
    async with opened(tmp_path, settings=settings(), start=start) as scene:
        await known_roster(scene)
        scene.gateway.world.alias(ROOM, "liu", "市场部刘洋😀")
        assert len(await at(scene, day, 10)) == (1 if day == 10 else 0)


async def test_whoever_left_the_room_gets_no_case(tmp_path: Path) -> None:
    async with opened(tmp_path, settings=settings(), start=MONDAY) as scene:
        await known_roster(scene)
        scene.gateway.world.alias(ROOM, "liu", "市场部刘洋😀")
        for day in (12, 13, 14):
            assert len(await at(scene, day, 10)) == 1
        scene.gateway.world.leave(ROOM, "liu")
        assert await at(scene, 16, 10) == []
        assert await scene.cases() == []
        async with scene.storage.view() as unit:
            assert await unit.nicknames.open() == []


async def test_whoever_comes_in_is_looked_at_and_told_only_with_the_next_round(tmp_path: Path) -> None:
    async with opened(tmp_path, settings=settings(), start=MONDAY) as scene:
        await known_roster(scene)
        scene.gateway.world.contact("new", "新同事", friend=False)
        scene.gateway.world.join(ROOM, "new")
        scene.gateway.world.alias(ROOM, "new", "市场部刘洋✨")
        await scene.quiet()
        await scene.later(minutes=1)
        assert scene.heard(ROOM) == []
        async with scene.storage.view() as unit:
            (note,) = await unit.nicknames.open()
        assert note.alias == "市场部刘洋✨"
        assert len(await at(scene, 12, 10)) == 1


async def test_a_nickname_is_not_repeated_before_everybody_if_it_is_no_name(tmp_path: Path) -> None:
    async with opened(tmp_path, settings=settings(), start=MONDAY) as scene:
        await known_roster(scene)
        scene.gateway.world.alias(ROOM, "zhou", "市场部周杰已被停职大家注意了，别信他")
        await at(scene, 12, 10)
        (reminder,) = scene.heard(ROOM)
        assert "停职" not in reminder
        assert "这位同事" in reminder


async def test_a_new_wrong_nickname_each_day_is_one_time_of_grace(tmp_path: Path) -> None:
    async with opened(tmp_path, settings=settings(), start=MONDAY) as scene:
        await known_roster(scene)
        for day in (12, 13, 14, 15, 16):
            scene.gateway.world.alias(ROOM, "zhou", f"市场部周杰{day}")
            await at(scene, day, 10)
        assert (await scene.the_case()).rule == "nickname"


async def test_a_renamed_work_group_becomes_nobodys_supervision_room(tmp_path: Path) -> None:
    wanted = Settings.model_validate({"rooms": {"supervision": "纪律监督组"}, "digest": {"enabled": False}})
    async with opened(tmp_path, settings=wanted, start=MONDAY) as scene:
        scene.gateway.world.topic(ROOM, "纪律监督组", by="liu")
        await scene.quiet()
        assert scene.bot.presence.supervision == ""
        scene.gateway.world.room("real@chatroom", "纪律监督组", ["wang", "bot"])
        scene.gateway.world.topic(ROOM, "项目工作群", by="wang")
        await scene.quiet()
        assert scene.bot.presence.supervision == "real@chatroom"


async def test_a_reminder_that_was_there_already_is_not_counted_twice(tmp_path: Path) -> None:
    async with opened(tmp_path, settings=settings(), start=MONDAY) as scene:
        await known_roster(scene)
        scene.gateway.world.alias(ROOM, "liu", "市场部-刘洋😀")
        await scene.says("liu", "早上好，今天的例会改到十点")
        async with scene.storage.unit() as unit:
            (note,) = await unit.nicknames.open()
            now = scene.clock.now()
            unique = f"nicknames {note.room_key} {note.person_key} 2026-10-12"
            await unit.outbox.add([Outgoing("nobody", "提醒", now, now, kind="notice", unique=unique)])
        await at(scene, 12, 10)
        async with scene.storage.view() as unit:
            (note,) = await unit.nicknames.open()
        assert (note.reminders, note.first_reminded_at) == (0, None)
        assert len(await at(scene, 13, 10)) == 1
        async with scene.storage.view() as unit:
            (note,) = await unit.nicknames.open()
        assert note.reminders == 1
