"""Rules switched from chat: who may, where it holds, and who is told."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

from fakes.lead import INTERNALS, LEAD, MEMBER, accused, cast, ordered
from fakes.scene import AD, OFFICE, ORDINARY, ROOM, opened

from bot.pipeline.foresight import IN_ROOM, switching
from storage.records import CaseState, Mode, Role, StoredMessage, Switch

MINUTE = timedelta(minutes=1)


async def test_a_member_reads_which_rules_are_on_and_nothing_else(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        (said,) = await scene.says(MEMBER, "/规则 列表")
        assert "商业推广　群规第 3.1d 条　每次 2 分" in said
        assert "群昵称" in said
        for internal in (*INTERNALS, "配置", "撤销率"):
            assert internal not in said


async def test_a_rule_that_is_off_or_on_trial_is_not_told_to_members(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await cast(scene)
        await ordered(scene, "/规则 试运行 flooding 项目工作群")
        await ordered(scene, "/规则 关闭 商业推广 项目工作群")
        (said,) = await scene.says(MEMBER, "/规则")
        assert "商业推广" not in said
        assert "刷屏" not in said
        assert "不宜内容" in said


async def test_the_lead_sees_where_modes_come_from_and_how_often_a_rule_erred(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await cast(scene)
        right, wrong = await accused(scene), await accused(scene, "zhou")
        await ordered(scene, f"/违规 确认 {right}")
        await ordered(scene, f"/违规 驳回 {wrong}")
        await ordered(scene, "/规则 关闭 flooding 项目工作群")
        said = await ordered(scene, "/规则")
        assert "商业推广（advertising）　第 3.1d 条　2 分　开启（按配置）" in said
        assert "案件 2，审结 2，撤销率 50%" in said
        assert "项目工作群：关闭（王敏 10-13" in said


async def test_what_a_trial_got_right_is_counted(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await cast(scene)
        await ordered(scene, "/规则 试运行 商业推广 项目工作群")
        number = await accused(scene)
        assert (await scene.the_case()).state is CaseState.SHADOW
        await ordered(scene, f"/违规 确认 {number}")
        said = await ordered(scene, "/规则")
        assert "案件 0，审结 0；试运行 1，判断正确 1，误判 0" in said


async def test_a_rule_switched_off_in_the_group_is_silent_with_the_next_message(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await cast(scene)
        await scene.says(LEAD, "／规则　关闭　“商业推广”")
        assert any("规则变更" in text and "项目工作群" in text for text in scene.heard(OFFICE))
        assert scene.heard(ROOM) == []  # how it is guarded is no business of the group
        assert await scene.says(MEMBER, AD) == []
        await ordered(scene, "/规则 恢复 商业推广 项目工作群")
        assert "拟扣 2 分" in (await scene.says(MEMBER, AD))[0]
        async with scene.storage.view() as unit:
            audit = [entry for entry in await unit.audit.recent(20) if entry.action == "rule switched"]
        assert {entry.target for entry in audit} == {"advertising"}
        assert len(audit) == 2


async def test_every_room_is_switched_only_after_confirming(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await cast(scene)
        asked = await ordered(scene, "/规则 关闭 商业推广 全部", OFFICE)
        line = "/规则 关闭 advertising 全部 确认"
        assert line in asked
        async with scene.storage.view() as unit:
            assert await unit.switches.all() == []
        await ordered(scene, line, OFFICE)
        async with scene.storage.view() as unit:
            (switch,) = await unit.switches.all()
        assert (switch.rule, switch.room_key, switch.mode) == ("advertising", 0, Mode.OFF)
        assert await scene.says(MEMBER, AD) == []
        assert len([text for text in scene.heard(OFFICE) if "规则变更" in text]) == 0  # it was said there


async def test_a_rooms_own_setting_outlives_one_for_every_room_and_is_named(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await cast(scene)
        await ordered(scene, "/规则 试运行 商业推广 项目工作群")
        assert "不受影响：项目工作群" in await ordered(scene, "/规则 关闭 商业推广 全部")
        await ordered(scene, "/规则 关闭 商业推广 全部 确认")
        await scene.says(MEMBER, AD)
        assert (await scene.the_case()).state is CaseState.SHADOW
        assert "一并取消" in await ordered(scene, "/规则 恢复 商业推广 全部")
        await ordered(scene, "/规则 恢复 商业推广 全部 确认")
        async with scene.storage.view() as unit:
            assert await unit.switches.all() == []


async def test_switching_what_is_so_already_says_so_and_writes_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await cast(scene)
        assert "无需改动" in await ordered(scene, "/规则 开启 商业推广 项目工作群")
        assert "无需改动" in await ordered(scene, "/规则 开启 商业推广 全部 确认")
        assert "无需改动" in await ordered(scene, "/规则 恢复 商业推广 项目工作群")
        async with scene.storage.view() as unit:
            assert await unit.switches.all() == []


async def test_what_cannot_be_switched_is_refused(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await cast(scene)
        for line, part in (
            ("/规则 关闭", "请写明规则"),
            ("/规则 关闭 商业推厂 全部", "您是指“商业推广”吗"),
            ("/规则 关闭 {{7*7}} 全部", "没有这条规则"),
            ("/规则 关闭 商业推广 没有这个群", "没有这个群"),
        ):
            said = await ordered(scene, line)
            assert part in said
            assert "49" not in said
        async with scene.storage.view() as unit:
            assert await unit.switches.all() == []


async def test_outside_of_a_guarded_room_the_room_has_to_be_named(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await cast(scene)
        for where in ("", OFFICE):
            await ordered(scene, "/规则 关闭 商业推广", where)
        async with scene.storage.view() as unit:
            assert await unit.switches.all() == []


async def test_members_may_not(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await cast(scene)
        for line in ("/规则 关闭 商业推广", "/词库 添加 青鸾", "/词库 测试 赌博", "/词库 列表"):
            (said,) = await scene.says(MEMBER, line, where="")
            assert "需要权限" in said


async def test_a_supervisor_may_try_words_and_keep_none(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await scene.appoint("li")
        assert "赌博　命中" in (await scene.says("li", "/词库 测试 去赌博", where=""))[0]
        assert "需要权限" in (await scene.says("li", "/词库 添加 青鸾", where=""))[0]
        assert "需要权限" in (await scene.says("li", "/规则 关闭 商业推广 全部", where=""))[0]


WORDS = f"{AD}，电话 13812345678"


async def test_a_rule_that_is_put_on_trial_says_what_it_would_have_found(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await cast(scene)
        await scene.appoint("li", Role.OPERATOR)
        await ordered(scene, "/规则 关闭 商业推广 项目工作群")
        await scene.says(MEMBER, WORDS)
        await scene.says("zhou", ORDINARY)
        assert await scene.cases() == []
        tried = "试算 10-13 10:00 至 10-13 10:00 的 2 条消息：本会判违规 1 条，交人工判断 0 条"
        said = await ordered(scene, "/规则 试运行 商业推广 项目工作群")
        assert tried in said
        assert "· 加薇❤信 abc12345" in said
        assert "138" not in said
        # The supervisors' room hears the numbers; who runs the machine, too, and nobody's words.
        told = [text for text in scene.heard(OFFICE) if "规则变更" in text][-1]
        assert tried in told
        assert "加薇" not in told
        await ordered(scene, "/规则 关闭 商业推广 项目工作群")
        operator = (await scene.says("li", "/规则 试运行 商业推广 项目工作群", where=""))[-1]
        assert tried in operator
        assert "加薇" not in operator
        assert "没有近 7 天" not in operator


async def test_a_trial_counts_bursts_as_the_bot_does_and_only_where_something_changes(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await cast(scene)
        asked = await ordered(scene, "/规则 试运行 flooding 全部")
        assert "没有近 7 天的消息可以试算" in asked
        for _ in range(9):
            await scene.says(MEMBER, "在吗在吗在吗")
            scene.clock.advance(3)
        asked = await ordered(scene, "/规则 关闭 flooding 全部")
        assert "9 条消息：此前会判违规 1 条，交人工判断 0 条，今后不再，例如" in asked
        await ordered(scene, "/规则 试运行 flooding 项目工作群")
        # The only room has a setting of its own: nothing changes there, so there is nothing to try.
        assert "试算" not in await ordered(scene, "/规则 关闭 flooding 全部")


async def test_a_trial_on_many_messages_lets_everything_else_go_on(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        now = scene.clock.now()
        await scene.says(MEMBER, ORDINARY)
        async with scene.storage.unit() as unit:
            room = await unit.rooms.by_gateway(ROOM)
            person = await unit.people.by_contact(MEMBER)
            assert room is not None
            assert person is not None
            await unit.messages.add(
                [
                    StoredMessage(
                        f"m{n}", room.key, person.key, "", "text", f"第{n}份报价单", now - n * MINUTE
                    )
                    for n in range(IN_ROOM + 500)
                ]
            )
        turns = 0

        async def others() -> None:
            nonlocal turns
            while True:
                await asyncio.sleep(0)
                turns += 1

        switch = Switch("advertising", room.key, Mode.OFF, "x", now)
        async with scene.storage.view() as unit:
            busy = asyncio.create_task(others())
            tried = await switching(unit, scene.bot.policy, "advertising", (switch,), [room], now)
            busy.cancel()
        assert tried.impact.messages == IN_ROOM
        assert turns > 20
