"""Somebody wears a colleague's nickname: what they do meanwhile is never the colleague's (policy 6.2, fairness)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fakes.appellant import points
from fakes.offices import ROSTER, person, says, staffed
from fakes.scene import AD, OFFICE, ROOM, Scene

from bot.commands.claims import issue
from storage.records import Role, RosterRow

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
