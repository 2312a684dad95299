"""Somebody wears a colleague's nickname: what they do meanwhile is never the colleague's (policy 6.2, fairness)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fakes.appellant import points
from fakes.offices import ROSTER, audit, person, says, staffed
from fakes.scene import AD, OFFICE, ROOM, Scene, opened

from bot.commands.claims import issue
from storage.records import Binding, CaseState, Role, RosterRow
from storage.reidentify import CARRIED

SUN = RosterRow("E1009", "孙丽", "财务部", is_head=False, active=True)


@asynccontextmanager
async def offended(folder: Path) -> AsyncIterator[Scene]:
    """孙丽 is on the roster and in no group yet; Eve came in as her, and sent advertising that was confirmed."""
    async with staffed(folder) as scene:
        async with scene.storage.unit() as unit:
            await unit.people.import_roster([*ROSTER, SUN], scene.clock.now())
        comes(scene, "eve", "夏娃")
        await scene.says("eve", AD)
        case = await scene.the_case()
        assert (await person(scene, "eve")).employee_no == "E1009", "she is taken for her, at first"
        await says(scene, "li", f"/违规 确认 {case.number}", where=OFFICE)
        yield scene


def comes(scene: Scene, who: str, name: str, nickname: str = "财务部孙丽") -> None:
    scene.gateway.world.contact(who, name)
    scene.gateway.world.join(ROOM, who)
    scene.gateway.world.alias(ROOM, who, nickname)


async def confirmed(scene: Scene, who: str) -> None:
    async with scene.storage.unit() as unit:
        code = await issue(unit, Role.MEMBER, "E1009", "operator", scene.clock.now())
    assert "认领成功" in await says(scene, who, f"/认领 {code}", where="")


async def apart(scene: Scene) -> None:
    """The real 孙丽 confirms who she is: the case is not hers, and Eve's still counts."""
    await confirmed(scene, "sun")
    assert CARRIED in await audit(scene)
    assert (await person(scene, "sun")).employee_no == "E1009"
    assert await points(scene, "sun") == 0
    assert (await person(scene, "eve")).employee_no == ""
    assert await points(scene, "eve") == -2
    async with scene.storage.view() as unit:
        assert (await unit.ledger.verify()).holds


async def test_an_offence_under_a_colleagues_nickname_does_not_stay_with_her_when_she_comes(
    tmp_path: Path,
) -> None:
    async with offended(tmp_path) as scene:
        comes(scene, "sun", "孙丽")
        await scene.says("sun", "大家好")
        await apart(scene)


async def test_an_offence_goes_with_its_id_over_a_restart(tmp_path: Path) -> None:
    async with offended(tmp_path) as scene:
        pass
    scene.gateway.reopen()
    comes(scene, "sun", "孙丽")
    async with opened(tmp_path, start=scene.clock.now(), gateway=scene.gateway) as again:
        await again.says("sun", "大家好")
        await apart(again)


async def test_an_offence_is_not_left_with_a_colleague_by_changing_the_nickname_after_it(
    tmp_path: Path,
) -> None:
    async with offended(tmp_path) as scene:
        scene.gateway.world.alias(ROOM, "eve", "路人乙")
        await scene.later(minutes=11)
        await scene.says("eve", "收到")
        comes(scene, "sun", "孙丽")
        await scene.says("sun", "大家好")
        await apart(scene)


async def test_an_offence_goes_back_to_whoever_was_only_guessed_to_be_the_confirmed_one(
    tmp_path: Path,
) -> None:
    async with offended(tmp_path) as scene:
        comes(scene, "sun", "孙丽", "小丽")
        await scene.says("sun", "大家好")
        await apart(scene)


async def test_an_offence_goes_with_the_id_when_hr_undoes_a_guess(tmp_path: Path) -> None:
    async with offended(tmp_path) as scene:
        assert "已解除" in await says(scene, "wang", "/绑定 解除 夏娃 确认", where=OFFICE)
        comes(scene, "sun", "孙丽", "小丽")
        await scene.says("sun", "大家好")
        await apart(scene)


async def test_an_offence_after_a_new_login_is_not_the_absent_colleagues(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        key = (await person(scene, "chen")).key
        scene.gateway.disconnect("logged out")
        await scene.quiet()
        scene.gateway.world.relogin({"wang": "wang-2", ROOM: "room-2@chatroom", "bot": "bot-2"})
        scene.gateway.world.leave("room-2@chatroom", "chen")
        scene.gateway.world.contact("eve", "夏娃")
        scene.gateway.world.join("room-2@chatroom", "eve")
        scene.gateway.world.alias("room-2@chatroom", "eve", "市场部陈晨")
        scene.gateway.reconnect()
        await scene.quiet()
        await scene.says("eve", AD, where="room-2@chatroom")
        assert (await scene.the_case()).person_key == key, "she is taken for him, at first"
        async with scene.storage.unit() as unit:
            code = await issue(unit, Role.MEMBER, "E1006", "operator", scene.clock.now())
        await says(scene, "chen", f"/认领 {code}", where="")
        assert (await person(scene, "chen")).key == key
        assert (await scene.the_case()).person_key == (await person(scene, "eve")).key != key


async def test_a_name_confirmed_is_the_one_that_was_shown_and_not_whoever_put_it_on_since(
    tmp_path: Path,
) -> None:
    async with staffed(tmp_path) as scene:
        for who, nickname in (("mate", "小五"), ("eve", "路人乙")):
            comes(scene, who, who, nickname)
            await scene.says(who, "大家好")
        assert "将确认以下两者" in await says(scene, "wang", "/绑定 确认 小五 E1005", where="")
        # Between the look and the word the two change places.
        for who, nickname in (("mate", "路人丙"), ("eve", "小五")):
            scene.gateway.world.alias(ROOM, who, nickname)
        await scene.later(minutes=11)
        for who in ("mate", "eve"):
            await scene.says(who, "收到")
        said = await says(scene, "wang", "/绑定 确认 小五 E1005 确认", where="")
        assert "已不是刚才给您看的那个微信号" in said
        assert (await person(scene, "eve")).employee_no == ""
        assert "将确认以下两者" in await says(scene, "wang", "/绑定 确认 小五 E1005", where="")
        assert "已确认" in await says(scene, "wang", "/绑定 确认 小五 E1005 确认", where="")


async def test_a_nickname_worn_in_two_rooms_is_two_ids_and_each_answers_for_its_own(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        world = scene.gateway.world
        async with scene.storage.unit() as unit:
            code = await issue(unit, Role.MEMBER, "E1005", "operator", scene.clock.now())
        await says(scene, "wangwu", f"/认领 {code}", where="")
        world.contact("eve", "王五")
        world.room("second@chatroom", "销售群", ["wangwu", "eve", "li"])
        for who in ("wangwu", "eve"):
            world.alias("second@chatroom", who, "市场部王五")
        await scene.says("wangwu", "大家好", where="second@chatroom")
        scene.clock.advance(900)
        await scene.says("eve", AD, where="second@chatroom")
        case = await scene.the_case()
        assert case.sender_id == "eve"
        assert case.person_key == (await person(scene, "eve")).key != (await person(scene, "wangwu")).key
        assert await points(scene, "wangwu") == 0
        mentioned = [sent.mentions for sent in world.sent if case.number in sent.text and sent.mentions]
        assert mentioned
        assert all("wangwu" not in one for one in mentioned)
        assert "需要确认身份" in await says(scene, "eve", "/积分", where="")


async def test_two_people_with_one_name_and_one_department_are_told_apart_by_number(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        twins = [
            RosterRow(number, "李娜", "财务部", is_head=False, active=True) for number in ("E1010", "E1011")
        ]
        async with scene.storage.unit() as unit:
            await unit.people.import_roster([*ROSTER, *twins], scene.clock.now())
        for who in ("na1", "na2"):
            comes(scene, who, "李娜", "财务部李娜")
            await scene.says(who, "大家好")
            assert (await person(scene, who)).employee_no == "", "nobody is guessed where two could be meant"
        assert "E**10" in await says(scene, "li", "/积分 查看 李娜", where="")
        async with scene.storage.unit() as unit:
            one = await issue(unit, Role.MEMBER, "E1010", "operator", scene.clock.now())
        await says(scene, "na1", f"/认领 {one}", where="")
        # The other of the same name claims the same record: with the code that was used, and with another one.
        assert "认领成功" not in await says(scene, "na2", f"/认领 {one}", where="")
        assert "已确认" not in await says(scene, "wang", "/绑定 确认 财务部李娜 E1010 确认", where="")
        await scene.says("na2", AD)
        (case,) = await scene.cases()
        assert case.person_key == (await person(scene, "na2")).key
        assert (await person(scene, "na1")).employee_no == "E1010"
        assert await points(scene, "na1") == 0
        assert "已确认" in await says(scene, "wang", "/绑定 确认 @财务部李娜\u2005 E1011 确认", at=("na2",))
        assert (await scene.the_case()).person_key == (await person(scene, "na2")).key
        assert (await person(scene, "na2")).employee_no == "E1011"


async def test_nobody_inherits_or_unloads_points_under_a_leavers_nickname(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        comes(scene, "eve", "周杰", "市场部周杰")  # E1007 has left the company
        await scene.says("eve", AD)
        assert (await person(scene, "eve")).employee_no == ""
        async with scene.storage.view() as unit:
            left = await unit.people.by_employee_no("E1007")
            assert left is not None
            assert await unit.ledger.total(left.key) == 0
        # Nor under that of somebody who only left the group.
        key = (await person(scene, "chen")).key
        scene.gateway.world.leave(ROOM, "chen")
        await scene.quiet()
        comes(scene, "mallory", "陈晨", "市场部陈晨")
        await scene.says("mallory", "加薇❤信 xyz98765 刷单兼职日结500，扫码进群领红包")
        assert (await person(scene, "mallory")).key != key
        assert await points(scene, "chen") == 0


async def test_a_code_issued_before_a_new_login_still_makes_its_owner_the_same_person(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        key = (await person(scene, "wangwu")).key
        async with scene.storage.unit() as unit:
            code = await issue(unit, Role.MEMBER, "E1005", "operator", scene.clock.now())
        scene.gateway.disconnect("logged out")
        await scene.quiet()
        scene.gateway.world.relogin({"wangwu": "wangwu-2", ROOM: "room-2@chatroom", "bot": "bot-2"})
        scene.gateway.reconnect()
        await scene.quiet()
        assert "认领成功" in await says(scene, "wangwu-2", f"/认领 {code}", where="")
        bound = await person(scene, "wangwu-2")
        assert (bound.key, bound.binding) == (key, Binding.CONFIRMED)
        assert "认领成功" not in await says(scene, "someone", f"/认领 {code}", where="")


async def test_a_command_in_flight_over_a_new_login_is_done_once_and_by_its_sender(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        await scene.says("someone", AD)
        number = (await scene.the_case()).number
        scene.gateway.world.say("li", "li", f"/违规 确认 {number}")
        scene.gateway.world.relogin(
            {"li": "li-2", "someone": "some-2", ROOM: "room-2@chatroom", "bot": "bot-2"}
        )
        await scene.quiet()
        case = await scene.the_case()
        assert case.state in {CaseState.PROVISIONAL, CaseState.CONFIRMED}
        async with scene.storage.view() as unit:
            assert [entry.points for entry in await unit.ledger.entries(number)] == [-2]
            assert (await unit.ledger.verify()).holds
        assert "需要权限" in await says(scene, "li-2", f"/违规 驳回 {number} 不成立", where="")
        assert (await scene.the_case()).state is case.state, "a likeness decides nothing"
