"""Journeys of important news: drafted, approved by somebody else, posted once to each group at its time."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

from fakes.offices import audit, says, staffed
from fakes.scene import OFFICE, ROOM, TUESDAY, Scene, opened

from bot.errors import GatewayRefused, GatewayUncertain, StaleVerification
from bot.gateway.simulator.nouns import Announced
from storage.records import Announcement, Role

TEXT = "各部门：\n下周一 9 点系统停机维护，请提前保存工作。\n联系人：王敏"
NUMBER = re.compile(r"G-\w{5}")


def announced(scene: Scene) -> list[tuple[str, str]]:
    """What the bot made the announcement of which group, in order."""
    return [(deed.room_id, deed.text) for deed in scene.gateway.world.deeds if isinstance(deed, Announced)]


def posted(scene: Scene, room: str = ROOM) -> list[str]:
    """Announcements that stand in a group as ordinary messages."""
    return [text for text in scene.heard(room) if "已经审批" in text]


async def kept(scene: Scene, number: str) -> Announcement:
    async with scene.storage.view() as unit:
        found = await unit.announcements.get(number)
    assert found is not None
    return found


async def drafted(scene: Scene, who: str = "wang", line: str = "项目工作群", body: str = TEXT) -> str:
    """Somebody drafts in private; returns the number."""
    answer = await says(scene, who, f"/发布 {line}\n{body}", where="")
    found = NUMBER.search(answer)
    assert found is not None, answer
    return found[0]


async def test_from_draft_to_the_group_announcement(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        number = await drafted(scene, "chen", "项目工作群 明天 10:00")
        (preview,) = [text for text in scene.heard("liu") if number in text]
        assert TEXT in preview
        assert "市场部陈晨" in preview
        assert "10-14 10:00" in preview
        assert TEXT in "".join(scene.heard("wang"))
        assert not any(number in text for text in scene.heard(ROOM) + scene.heard(OFFICE) + scene.heard("li"))
        assert "将于 10-14 10:00 发布" in await says(scene, "liu", f"/批准 {number}", where="")
        assert any("已由刘洋批准" in text for text in scene.heard("chen"))
        await scene.later(hours=20)
        assert announced(scene) == []
        await scene.later(hours=4)
        ((room, text),) = announced(scene)
        assert room == ROOM
        assert text.startswith(TEXT)
        assert number in text
        await scene.later(minutes=1)
        assert (await kept(scene, number)).state == "posted"
        assert any("群公告：项目工作群" in text for text in scene.heard("chen"))
        await scene.later(minutes=5)
        assert len(announced(scene)) == 1
        assert posted(scene) == []
        assert {"announcement submitted", "announcement approve", "announcement post"} <= set(
            await audit(scene)
        )


async def test_an_author_never_approves_the_own_draft(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        number = await drafted(scene, "wang")
        assert "由您本人起草" in await says(scene, "wang", f"/批准 {number}", where="")
        assert "由您本人起草" in await says(scene, "wang", f"/退回 {number} 不好", where="")
        assert not any(number in text and "待批准" in text for text in scene.heard("wang"))
        assert (await kept(scene, number)).state == "submitted"


async def test_nobody_else_learns_of_a_draft(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        number = await drafted(scene, "wang")
        for who in ("li", "chen"):
            answer = await says(scene, who, f"/发布 查看 {number}", where="")
            assert answer == await says(scene, who, f"/发布 撤回 {number}", where="")
            assert f"没有找到发布 {number}" in answer
        assert "没有正在办理" in await says(scene, "chen", "/发布 列表", where="")
        assert number in await says(scene, "liu", "/发布 列表", where="")
        assert "需要权限" in await says(scene, "someone", f"/批准 {number}", where="")


async def test_returned_revised_and_approved(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        number = await drafted(scene, "chen")
        assert "请写明退回理由" in await says(scene, "liu", f"/退回 {number}", where="")
        await says(scene, "liu", f"/退回 {number} 请写明联系人，谢谢", where="")
        assert any("理由：请写明联系人，谢谢" in text for text in scene.heard("chen"))
        assert "不是您起草的" in await says(scene, "wang", f"/发布 修改 {number} 项目工作群\n别的", where="")
        answer = await says(scene, "chen", f"/发布 修改 {number} 项目工作群\n停机维护，联系人李强", where="")
        assert number in answer
        assert "联系人李强" in scene.heard("liu")[-1]
        await says(scene, "liu", f"/批准 {number}", where="")
        await scene.later(minutes=1)
        ((_, text),) = announced(scene)
        assert text.startswith("停机维护，联系人李强")


async def test_withdrawn_before_it_was_posted(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        number = await drafted(scene, "chen")
        await says(scene, "liu", f"/批准 {number}", where="")
        assert f"已撤回 {number}" in await says(scene, "chen", f"/发布 撤回 {number}", where="")
        await scene.later(hours=2)
        assert announced(scene) == []
        assert posted(scene) == []
        assert "已撤回，不能再改动" in await says(scene, "liu", f"/退回 {number} 晚了", where="")


async def test_what_was_posted_is_not_withdrawn(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        number = await drafted(scene, "chen")
        await says(scene, "liu", f"/批准 {number}", where="")
        await scene.later(minutes=1)
        assert "不能再改动" in await says(scene, "chen", f"/发布 撤回 {number}", where="")


async def test_two_approvers_in_one_second(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        number = await drafted(scene, "chen")
        world = scene.gateway.world
        world.say("liu", "liu", f"/批准 {number}")
        world.say("wang", "wang", f"/批准 {number}")
        answers = await scene.quiet()
        assert sum("已批准" in text and "即将发布到" in text for text in answers) == 1
        assert sum("已由刘洋处理" in text for text in answers) == 1
        await scene.later(minutes=1)
        assert len(announced(scene)) == 1


async def test_a_gateway_that_says_yes_and_does_nothing(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        number = await drafted(scene, "chen")
        await says(scene, "liu", f"/批准 {number}", where="")
        scene.gateway.fail("announce", StaleVerification("the announcement did not change"))
        await scene.later(minutes=1)
        assert announced(scene) == []
        (text,) = posted(scene)
        assert text.startswith(TEXT)
        await scene.later(minutes=1)
        assert any("已改发为普通消息：项目工作群" in text for text in scene.heard("chen"))
        assert (await kept(scene, number)).state == "posted"


async def test_a_group_that_takes_nothing_at_all(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        number = await drafted(scene, "chen")
        await says(scene, "liu", f"/批准 {number}", where="")
        scene.gateway.world.leave(ROOM, "bot", by="wang")
        await scene.quiet()
        await scene.later(minutes=1)
        assert (await kept(scene, number)).state == "failed"
        assert any("未能送达：项目工作群" in text for text in scene.heard("chen"))


async def test_nobody_knows_whether_it_was_posted(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        number = await drafted(scene, "chen")
        await says(scene, "liu", f"/批准 {number}", where="")
        scene.gateway.fail("announce", GatewayUncertain("no answer"), times=2, after=True)
        await scene.later(minutes=1)
        await scene.later(minutes=1)
        assert (await kept(scene, number)).state == "posted"
        assert posted(scene) == []


async def test_a_restart_between_approval_and_post(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        number = await drafted(scene, "chen", "项目工作群 明天 10:00")
        await says(scene, "liu", f"/批准 {number}", where="")
        gateway, then = scene.gateway, scene.clock.now()
    gateway.reopen()
    async with opened(tmp_path, start=then + timedelta(hours=30), gateway=gateway) as scene:
        await scene.later(minutes=1)
        assert len(announced(scene)) == 1
        gateway, then = scene.gateway, scene.clock.now()
    gateway.reopen()
    async with opened(tmp_path, start=then + timedelta(minutes=1), gateway=gateway) as scene:
        await scene.later(minutes=1)
        assert len(announced(scene)) == 1
        assert (await kept(scene, number)).state == "posted"


async def test_a_time_when_nobody_works_is_asked_back(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        line = "/发布 项目工作群 今天 22:00"
        assert "会打扰大家休息" in await says(scene, "wang", f"{line}\n{TEXT}", where="")
        answer = await says(scene, "wang", f"{line} 确认\n{TEXT}", where="")
        assert "10-13 22:00（非工作时间）" in answer
        await says(scene, "liu", f"/批准 {NUMBER.findall(answer)[0]}", where="")
        await scene.later(hours=12)
        assert len(announced(scene)) == 1


async def test_approved_at_night_it_waits_for_the_morning(tmp_path: Path) -> None:
    async with staffed(tmp_path, start=TUESDAY.replace(hour=20)) as scene:
        number, urgent = await drafted(scene, "chen"), await drafted(scene, "chen", body="停水")
        assert "10-14 09:00" in await says(scene, "liu", f"/批准 {number}", where="")
        assert "即将发布" in await says(scene, "liu", f"/批准 {urgent} 立即", where="")
        await scene.later(minutes=1)
        assert [text.split("\n")[0] for _, text in announced(scene)] == ["停水"]
        await scene.later(hours=13)
        assert len(announced(scene)) == 2


async def test_every_group_gets_it_once(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        world = scene.gateway.world
        world.room("sales@chatroom", "销售群", ["wang", "chen"])
        world.say("sales@chatroom", "wang", "收到")
        world.join(ROOM, "bot")  # the bot looks at its rooms anew
        await scene.quiet()
        scene.gateway.fail("announce", GatewayRefused("not the owner"))
        number = await drafted(scene, "wang", "全部")
        await says(scene, "liu", f"/批准 {number}", where="")
        await scene.later(minutes=1)
        await scene.later(minutes=1)
        assert len(announced(scene)) == 1
        assert len(posted(scene) + posted(scene, "sales@chatroom")) == 1
        assert posted(scene, OFFICE) == []


async def test_what_a_rule_would_flag_is_pointed_out(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        await drafted(scene, "chen", body="加薇❤信 abc12345 兼职刷单日结300，扫码进群")
        assert "提示：正文可能涉及" in scene.heard("liu")[-1]
        assert await scene.cases() == []


async def test_with_nobody_to_approve_the_supervisors_get_it(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        async with scene.storage.unit() as unit:
            leader = await unit.people.by_contact("liu")
            assert leader is not None
            await unit.people.revoke(leader.key, Role.LEADER, "operator", scene.clock.now())
        number = await drafted(scene, "wang")
        assert any(number in text for text in scene.heard(OFFICE))


async def test_who_answers_is_noted(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        number = await drafted(scene, "chen", body="请各部门今天 17:00 前报送值班表，收到请回复")
        assert "跟踪回复" in "".join(scene.heard("liu"))
        await says(scene, "liu", f"/批准 {number}", where="")
        await scene.later(minutes=1)
        await scene.later(minutes=1)
        async with scene.storage.view() as unit:
            (enquiry,) = await unit.enquiries.active()
        assert number in enquiry.text
        await scene.says("zhang", "收到")
        async with scene.storage.view() as unit:
            chen = await unit.people.by_contact("chen")
            states = {one.contact_id: one.state for one in await unit.enquiries.addressees(enquiry.number)}
        assert chen is not None
        assert enquiry.asker == chen.key
        assert states["zhang"] == "received"
        assert states["wangwu"] == "missing"
        assert "chen" not in states


async def test_what_asks_nobody_is_not_followed_up(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        number = await drafted(scene, "chen")
        await says(scene, "liu", f"/批准 {number}", where="")
        await scene.later(minutes=1)
        await scene.later(minutes=1)
        async with scene.storage.view() as unit:
            assert await unit.enquiries.active() == []


async def test_a_restart_while_the_gateway_is_away(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        number = await drafted(scene, "chen")
        await says(scene, "liu", f"/批准 {number}", where="")
        scene.gateway.disconnect()
        await scene.bot.tick(scene.clock.now())
        async with scene.storage.view() as unit:
            assert [fate.state for fate in await unit.outbox.fates(f"announcement {number} ")] == ["pending"]
        gateway, then = scene.gateway, scene.clock.now()
    gateway.reopen()
    gateway.reconnect()
    async with opened(tmp_path, start=then + timedelta(minutes=1), gateway=gateway) as scene:
        for _ in range(3):
            await scene.later(minutes=1)
        assert len(announced(scene)) + len(posted(scene)) == 1
        assert (await kept(scene, number)).state == "posted"


async def test_a_hostile_text_is_posted_as_it_reads(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        body = "{{7*7}} {% raw %} =SUM(A1)\u202e反\u0007\r\n\r\n\r\n\r\n👨\u200d👩\u200d👧 完"
        number = await drafted(scene, "chen", body=body)
        await says(scene, "liu", f"/批准 {number}", where="")
        await scene.later(minutes=1)
        ((_, text),) = announced(scene)
        assert text.startswith("{{7*7}} {% raw %} =SUM(A1)反\n\n👨\u200d👩\u200d👧 完\n")
