"""Slash commands as people type them: in the group, in private, in the supervision room."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes.scene import AD, OFFICE, ROOM, TUESDAY, Scene, opened

from bot.commands.claims import issue
from bot.settings import Settings
from storage.records import Binding, CaseState, Role


async def accused(scene: Scene, who: str = "liu") -> str:
    """Have somebody advertise, and return the case's number."""
    await scene.says(who, AD)
    return (await scene.cases())[-1].number


# ---- orientation


async def test_help_shows_only_what_one_may_use(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        (answer,) = await scene.says("liu", "/帮助")
        assert answer.startswith("@市场部刘洋\u2005")
        assert "/违规" in answer
        assert "/认领" in answer


@pytest.mark.parametrize(
    "typed", ["/帮助 违规", "／帮助　违规", "/help /违规", "@群管家\u2005/帮助 违规", "/幫助 違規"]
)
async def test_help_explains_one_command_however_it_is_typed(tmp_path: Path, typed: str) -> None:
    async with opened(tmp_path) as scene:
        (answer,) = await scene.says("liu", typed)
        assert "驳回" in answer
        assert "例如" in answer


async def test_a_mention_of_somebody_else_is_no_command(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        assert await scene.says("liu", "@李强\u2005/帮助") == []


async def test_a_quoted_command_is_no_command(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        assert await scene.says("liu", "「李强：/帮助」\n- - - - - - - - - - - - - - -\n这个怎么用？") == []


async def test_a_near_miss_is_asked_back_and_a_path_is_left_alone(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        (answer,) = await scene.says("liu", "/违归")
        assert "/违规" in answer
        assert await scene.says("liu", "/usr/bin 这个目录满了") == []


async def test_status_tells_a_member_little_and_a_supervisor_all(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await scene.appoint("wang")
        (member,) = await scene.says("liu", "/状态")
        assert "在岗，自 10-13 10:00 起" in member
        assert "申诉" in member
        (in_group,) = await scene.says("wang", "/状态")
        assert "待审核" not in in_group
        (full,) = await scene.says("wang", "/状态", where="")
        assert "待审核 0" in full


async def test_refusals_stop_after_five_a_minute(tmp_path: Path) -> None:
    async with opened(tmp_path, settings=Settings.model_validate({"outbox": {"pacing": False}})) as scene:
        said = []
        for _ in range(9):
            said += await scene.says("liu", "/违规 确认 V-AAAAA")
        assert len([text for text in said if "需要权限" in text]) == 5
        scene.clock.advance(61)
        assert len(await scene.says("liu", "/违规 确认 V-AAAAA")) == 1


# ---- claims


async def test_a_code_gives_its_role_once(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        async with scene.storage.unit() as unit:
            code = await issue(unit, Role.SUPERVISOR, "", "operator", scene.clock.now())
        (done,) = await scene.says("wang", f"/认领 {code.lower()}", where="")
        assert "监督员" in done
        (again,) = await scene.says("li", f"/认领 {code}", where="")
        assert "无效" in again


async def test_a_code_expires(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        async with scene.storage.unit() as unit:
            code = await issue(unit, Role.SUPERVISOR, "", "operator", scene.clock.now())
        await scene.later(minutes=31)
        (answer,) = await scene.says("wang", f"/认领 {code}", where="")
        assert "无效" in answer


async def test_a_code_seen_in_a_group_is_burnt_and_its_issuer_told(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        async with scene.storage.unit() as unit:
            code = await issue(unit, Role.HR_LEAD, "", "operator", scene.clock.now())
        said = await scene.says("liu", f"/认领 {code}")
        assert any("私聊" in text for text in said)
        assert any("已自动作废" in text for text in scene.heard(OFFICE))
        (answer,) = await scene.says("wang", f"/认领 {code}", where="")
        assert "无效" in answer


async def test_guessing_codes_ends_after_five_tries(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        for number in range(5):
            await scene.says("liu", f"/认领 AAAA-BBBB-CCC{number + 2}", where="")
        async with scene.storage.unit() as unit:
            code = await issue(unit, Role.SUPERVISOR, "", "operator", scene.clock.now())
        await scene.later(minutes=2)
        (answer,) = await scene.says("liu", f"/认领 {code}", where="")
        assert "尝试次数过多" in answer


# ---- the review queue


async def test_members_may_not_decide(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        number = await accused(scene)
        (answer,) = await scene.says("li", f"/违规 确认 {number}")
        assert "需要权限" in answer
        assert (await scene.the_case()).state is CaseState.PROVISIONAL


async def test_a_supervisor_confirms_several_and_is_told_of_the_unknown(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await scene.appoint("wang")
        first, second = await accused(scene), await accused(scene, "zhou")
        await scene.says("wang", f"/违规 确认 {first}，{second.lower()} V-22222", where=OFFICE)
        answer = scene.heard(OFFICE)[-1]
        assert answer.count("已确认") == 2
        assert "没有找到案件 V-22222" in answer
        assert {case.state for case in await scene.cases()} == {CaseState.CONFIRMED}


async def test_a_dismissed_case_gives_its_points_back_and_is_corrected_where_it_was_said(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path) as scene:
        await scene.appoint("wang")
        number = await accused(scene)
        await scene.says("wang", f"/违规 驳回 {number} 是公司内购活动", where=OFFICE)
        assert (await scene.the_case()).state is CaseState.DISMISSED
        assert "不成立" in scene.heard(ROOM)[-1]
        assert scene.heard(ROOM)[-1].startswith("@市场部刘洋\u2005")
        async with scene.storage.view() as unit:
            assert [move.reason for move in await unit.cases.history(number)] == ["是公司内购活动"]
        async with scene.storage.view() as unit:
            entries = await unit.ledger.entries(number)
            assert [entry.kind for entry in entries] == ["penalty", "reversal"]
            assert sum(entry.points for entry in entries) == 0
            assert (await unit.ledger.verify()).holds


async def test_a_decision_can_be_undone_and_decided_again(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await scene.appoint("wang")
        number = await accused(scene)
        await scene.says("wang", f"/违规 驳回 {number}", where=OFFICE)
        await scene.says("wang", f"/违规 撤销 {number}", where=OFFICE)
        assert (await scene.the_case()).state is CaseState.PROVISIONAL
        await scene.says("wang", f"/违规 确认 {number}", where=OFFICE)
        assert (await scene.the_case()).state is CaseState.CONFIRMED
        async with scene.storage.view() as unit:
            assert sum(entry.points for entry in await unit.ledger.entries(number)) == -2


async def test_nobody_decides_their_own_case(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await scene.appoint("wang")
        number = await accused(scene, "wang")
        (answer,) = await scene.says("wang", f"/违规 驳回 {number}", where=OFFICE)
        assert "须由其他监督员处理" in answer
        assert (await scene.the_case()).state is CaseState.REVIEW


async def test_a_case_that_is_decided_stays_decided(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await scene.appoint("wang")
        await scene.appoint("li")
        number = await accused(scene)
        await scene.says("wang", f"/违规 确认 {number}", where=OFFICE)
        (answer,) = await scene.says("li", f"/违规 驳回 {number}", where=OFFICE)
        assert "已由" in answer
        assert (await scene.the_case()).state is CaseState.CONFIRMED


async def test_a_reviewed_case_is_charged_only_when_confirmed(tmp_path: Path) -> None:
    settings = Settings.model_validate(
        {"rooms": {"supervision": "群规监督组"}, "rules": {"advertising": {"violation": 1.0}}}
    )
    async with opened(tmp_path, settings=settings) as scene:
        await scene.appoint("wang")
        said = await scene.says("liu", "朋友公司做团购，低价清仓，想要的私聊我，扫码进群")
        case = await scene.the_case()
        assert case.state is CaseState.REVIEW
        assert scene.heard(ROOM) == []
        assert case.number in said[0]
        async with scene.storage.view() as unit:
            assert await unit.ledger.entries(case.number) == []
        await scene.says("wang", f"/违规 确认 {case.number}", where=OFFICE)
        async with scene.storage.view() as unit:
            assert [entry.points for entry in await unit.ledger.entries(case.number)] == [-2]
        assert any("经人工确认" in text for text in scene.heard("liu"))
        assert scene.heard(ROOM) == []


# ---- private answers


async def test_a_private_answer_stays_private(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await scene.appoint("wang")
        number = await accused(scene)
        before = len(scene.heard(ROOM))
        await scene.says("wang", "/违规")
        assert len(scene.heard(ROOM)) == before
        assert number in scene.heard("wang")[-1]


async def test_who_is_no_friend_gets_one_line_without_content_and_the_answer_waits(tmp_path: Path) -> None:
    settings = Settings.model_validate({"friends": {"accept": "known", "listed": ["周杰"]}})
    async with opened(tmp_path, settings=settings) as scene:
        async with scene.storage.unit() as unit:
            person = await unit.people.seen("zhou", "周杰", "市场部周杰", 0, TUESDAY)
            await unit.people.bind("zhou", person.key, Binding.CONFIRMED, "operator", TUESDAY)
        number = await accused(scene, "zhou")
        said = await scene.says("zhou", "/违规")
        assert [text for text in said if number in text] == []
        assert said == ["@市场部周杰\u2005为便于接收工作通知，请加我为好友。"]
        scene.gateway.world.befriend_request("zhou", "我是周杰")
        await scene.quiet()
        await scene.later(minutes=5)
        await scene.later(minutes=2)
        assert number in scene.heard("zhou")[-1]
        assert [accepted.contact_id for accepted in scene.gateway.world.accepted] == ["zhou"]


async def test_a_stranger_is_not_befriended(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        scene.gateway.world.contact("eve", "路人", friend=False)
        scene.gateway.world.befriend_request("eve", "你好")
        await scene.later(minutes=30)
        assert scene.gateway.world.accepted == []
        async with scene.storage.view() as unit:
            assert "friend request left alone" in [entry.action for entry in await unit.audit.recent(5)]


async def test_an_unconfirmed_member_does_not_see_a_record(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await accused(scene)
        (answer,) = await scene.says("liu", "/违规", where="")
        assert "确认身份" in answer


async def test_a_confirmed_member_sees_only_the_own_record(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await scene.appoint("li", Role.MEMBER)
        theirs = await accused(scene)
        mine = await accused(scene, "li")
        (answer,) = await scene.says("li", "/违规", where="")
        assert mine in answer
        assert theirs not in answer
        (shown,) = await scene.says("li", f"/违规 查看 {mine}", where="")
        assert "商业推广" in shown
        (other,) = await scene.says("li", f"/违规 查看 {theirs}", where="")
        assert "没有找到" in other


async def test_everything_decided_is_in_the_audit(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await scene.appoint("wang")
        number = await accused(scene)
        await scene.says("wang", f"/违规 确认 {number}", where=OFFICE)
        async with scene.storage.view() as unit:
            actions = {entry.action for entry in await unit.audit.recent(20)}
        assert {"claim issued", "claim redeemed", "case confirm", "command"} <= actions
