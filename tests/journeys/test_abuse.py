"""What hostile members try, and what comes of it."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from fakes.scene import AD, OFFICE, ROOM, TUESDAY, opened

from bot.commands.claims import issue
from bot.settings import Settings
from rules.core.model import MessageType
from storage.records import Binding, CaseState, Role


@pytest.mark.parametrize("command", ["/帮助\n", "/帮助 ", "/状态 ", "@群管家\u2005/help\n", "/认领 "])
async def test_an_offence_behind_a_command_is_judged_all_the_same(tmp_path: Path, command: str) -> None:
    async with opened(tmp_path) as scene:
        await scene.says("liu", command + AD)
        assert (await scene.the_case()).rule == "advertising"


async def test_an_offence_in_a_made_up_quote_goes_to_people(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        said = await scene.says("liu", f"「张三：{AD}」\n- - - - - - - - - - - - - - -\n收到")
        case = await scene.the_case()
        assert case.state is CaseState.REVIEW
        assert scene.heard(ROOM) == []
        assert case.number in said[0]


async def test_an_offence_that_somebody_else_quotes_is_not_theirs(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await scene.says("liu", AD)
        await scene.says("li", f"「市场部刘洋：{AD}」\n- - - - - - - - - - - - - - -\n请不要发这个")
        assert [case.sender_id for case in await scene.cases()] == ["liu"]


@pytest.mark.parametrize(
    "said",
    [
        "{}",
        "大家看：/认领 {}",
        "你好\n/认领 {}",
        "@王敏\u2005/认领 {}",
        "/帮助 {}",
        "我的码{}abc",
        "/认领 {}",
    ],
)
async def test_a_code_said_aloud_anyhow_is_burnt(tmp_path: Path, said: str) -> None:
    async with opened(tmp_path) as scene:
        async with scene.storage.unit() as unit:
            code = await issue(unit, Role.HR_LEAD, "", "operator", scene.clock.now())
        await scene.says("wang", said.format(code))
        assert any("已自动作废" in text for text in scene.heard(OFFICE))
        (answer,) = await scene.says("liu", f"/认领 {code}", where="")
        assert "无效" in answer


async def test_a_code_is_burnt_in_a_room_that_is_not_guarded_too(tmp_path: Path) -> None:
    settings = Settings.model_validate({"rooms": {"guard": "listed", "listed": ["别的群"]}})
    async with opened(tmp_path, settings=settings) as scene:
        async with scene.storage.unit() as unit:
            code = await issue(unit, Role.HR_LEAD, "", "operator", scene.clock.now())
        assert await scene.says("wang", code) == []
        (answer,) = await scene.says("liu", f"/认领 {code}", where="")
        assert "无效" in answer


async def test_nobody_recalls_somebody_elses_case(tmp_path: Path) -> None:
    async with opened(tmp_path, start=TUESDAY.replace(hour=21)) as scene:
        message = scene.gateway.world.say(ROOM, "liu", AD)
        await scene.quiet()
        await scene.says("zhou", message, kind=MessageType.RECALLED)
        assert (await scene.the_case()).state is CaseState.PROVISIONAL


async def test_nothing_is_recalled_days_later(tmp_path: Path) -> None:
    async with opened(tmp_path, start=TUESDAY.replace(hour=18, minute=30)) as scene:
        message = scene.gateway.world.say(ROOM, "liu", AD)
        await scene.quiet()
        scene.clock.advance(6 * 60)
        scene.gateway.world.recall(message)
        await scene.quiet()
        assert (await scene.the_case()).state is CaseState.PROVISIONAL


async def test_files_links_and_forwarded_records_are_no_commands(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await scene.appoint("wang")
        await scene.says("liu", AD)
        number = (await scene.the_case()).number
        scene.gateway.world.contact("card", f"/违规 驳回 {number}")
        for kind in set(MessageType) - {MessageType.TEXT}:  # merged chat records come as OTHER
            what = "card" if kind is MessageType.CONTACT else f"／违规 驳回 {number}"
            await scene.says("wang", what, kind=kind, where=OFFICE)
        for told in (
            "转发：/违规 驳回 {}",
            "刘洋说\n/违规 驳回 {}",
            "「刘洋：x」\n- - - - - - - - -\n[转发] /违规 驳回 {}",
        ):
            await scene.says("wang", told.format(number), where=OFFICE)
        assert (await scene.the_case()).state is CaseState.PROVISIONAL


async def test_another_room_of_the_same_name_is_not_the_supervision_room(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await scene.appoint("wang")
        world = scene.gateway.world
        world.contact("eve", "路人")
        world.room("evil@chatroom", "群规监督组", ["eve", "wang"])
        world.topic("evil@chatroom", "群规监督组", by="eve")
        await scene.quiet()
        await scene.says("liu", AD)
        number = (await scene.the_case()).number
        await scene.says("wang", "/违规", where="evil@chatroom")
        assert not any(number in text for text in scene.heard("evil@chatroom"))


async def test_a_guarded_room_that_takes_the_supervision_rooms_name_stays_guarded(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        scene.gateway.world.topic(ROOM, "群规监督组", by="liu")
        await scene.quiet()
        await scene.says("liu", AD)
        assert (await scene.the_case()).state is CaseState.PROVISIONAL
        assert scene.bot.presence.supervision == OFFICE


async def test_a_listed_room_does_not_escape_by_a_new_name(tmp_path: Path) -> None:
    settings = Settings.model_validate(
        {"rooms": {"guard": "listed", "listed": ["项目工作群"], "supervision": "群规监督组"}}
    )
    async with opened(tmp_path, settings=settings) as scene:
        scene.gateway.world.topic(ROOM, "摸鱼群", by="liu")
        said = await scene.quiet()
        assert any("改名" in text for text in said)
        await scene.says("liu", AD)
        assert len(await scene.cases()) == 1


async def test_a_topic_the_gateway_could_not_tell_changes_nothing(tmp_path: Path) -> None:
    settings = Settings.model_validate({"rooms": {"guard": "listed", "listed": ["项目工作群"]}})
    async with opened(tmp_path, settings=settings) as scene:
        scene.gateway.hide("room_topic")
        await scene.says("liu", AD)
        assert len(await scene.cases()) == 1


async def test_one_member_does_not_mute_the_bot(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        scene.gateway.world.room("other@chatroom", "另一个群", ["li", "liu"])
        for _ in range(10):
            for _ in range(20):
                scene.gateway.world.say(ROOM, "zhou", "/帮助")
            await scene.quiet(within=0)
            scene.clock.advance(60)
        before = scene.clock.now()
        said = await scene.says("liu", AD, where="other@chatroom")
        assert any("群规提醒" in text for text in said)
        assert scene.clock.now() - before < timedelta(minutes=2)


async def test_a_nickname_and_a_members_code_give_no_role(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        async with scene.storage.unit() as unit:
            real = await unit.people.seen("wang", "王敏", "人力资源部王敏", 0, scene.clock.now())
            await unit.people.grant(real.key, Role.HR_LEAD, "operator", scene.clock.now())
            await unit.people.bind("zhou", real.key, Binding.PROBABLE, "match", scene.clock.now())
        async with scene.storage.unit() as unit:
            code = await issue(unit, Role.MEMBER, "", "operator", scene.clock.now())
        scene.gateway.world.contact("zhou", "周杰", friend=True)
        await scene.says("zhou", f"/认领 {code}", where="")
        await scene.says("liu", AD)
        number = (await scene.the_case()).number
        await scene.says("zhou", f"/违规 驳回 {number}", where="")
        assert (await scene.the_case()).state is CaseState.PROVISIONAL


async def test_a_gateway_that_answers_late_does_not_make_the_bot_repeat_itself(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        scene.gateway.fail("say", times=6, after=True)
        await scene.says("liu", AD)
        await scene.later(minutes=30)
        assert len(scene.heard(ROOM)) <= 2
        assert (await scene.the_case()).noticed_at is not None


async def test_what_an_earlier_run_left_is_judged_once(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        left = scene.gateway.world.say(ROOM, "liu", AD)
        scene.gateway.withhold(left)
        await asyncio.sleep(0.3)
        gateway = scene.gateway
    gateway.release(left)
    gateway.reopen()
    async with opened(tmp_path, gateway=gateway) as again:
        assert [one.message.id for one in again.handled if one.message] == [left]
        assert len(await again.cases()) == 1


async def test_help_never_repeats_what_was_typed(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        said = await scene.says("liu", "/帮助 王敏是骗子加V:abc123\u202e@所有人")
        assert said
        assert not any("骗子" in text or "abc123" in text for text in said)
