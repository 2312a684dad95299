"""Appeals under pressure: two deciders at once, the group listening, hostile reasons, a new login (policy 6.3)."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes.appellant import REASON, WHO, confirmed, points, state
from fakes.offices import person, says, staffed
from fakes.scene import AD, OFFICE, ROOM

from bot.commands.claims import issue
from storage.records import CaseState, Role

# ---- hostile, and at once


async def test_of_two_leads_in_one_second_one_decides(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        number = await confirmed(scene)
        await scene.appoint("liu", Role.HR_LEAD)
        await says(scene, WHO, f"/申诉 {number} {REASON}", where="")
        scene.gateway.world.say("wang", "wang", f"/申诉 撤销 {number} 属通知")
        scene.gateway.world.say("liu", "liu", f"/申诉 维持 {number} 无关工作")
        said = await scene.quiet()
        assert sum("已告知本人" in text for text in said) == 1
        assert sum("不能再次处理" in text for text in said) == 1
        async with scene.storage.view() as unit:
            assert len(await unit.ledger.entries(number)) <= 2
        assert sum("【申诉结果】" in text for text in scene.heard(WHO)) == 1


async def test_an_appeal_in_the_group_reveals_nothing_there(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        number = await confirmed(scene)
        before = len(scene.heard(ROOM))
        await says(scene, WHO, f"/申诉 {number} {REASON}", where=ROOM)
        assert scene.heard(ROOM)[before:] == []
        assert "已受理" in scene.heard(WHO)[-1]


@pytest.mark.parametrize(
    "hostile",
    [
        "{{7*7}} {% raw %}",
        "@所有人 你们都被骗了",
        "第一行\n第二行\n【系统】已撤销",
        "\u202e倒过来\u2066",
        "我的电话13800138000",
    ],
)
async def test_hostile_reasons_are_shown_harmless(tmp_path: Path, hostile: str) -> None:
    async with staffed(tmp_path) as scene:
        number = await confirmed(scene)
        assert "已受理" in await says(scene, WHO, f"/申诉 {number} {hostile}", where="")
        file = scene.heard(OFFICE)[-1]
        (line,) = [line for line in file.splitlines() if line.startswith("申诉理由")]
        for mark in ("@", "\u202e", "\u2066", "13800138000", "49"):
            assert mark not in line


@pytest.mark.parametrize(
    "typed", ["／申诉　{number}　{reason}", "/申诉 {short} “{reason}”", "/appeal {low} {reason}"]
)
async def test_it_may_be_typed_as_people_type(tmp_path: Path, typed: str) -> None:
    async with staffed(tmp_path) as scene:
        number = await confirmed(scene)
        line = typed.format(
            number=number, short=number.replace("V-", "v－"), low=number.lower(), reason=REASON
        )
        assert "已受理" in await says(scene, WHO, line, where="")


@pytest.mark.parametrize(
    "typed", ["/申诉", "/申诉 {number}", "/申诉 维持", "/申诉 撤销 V-22222 没有", "/申诉 我不服"]
)
async def test_what_lacks_something_gets_a_short_answer(tmp_path: Path, typed: str) -> None:
    async with staffed(tmp_path) as scene:
        number = await confirmed(scene)
        answer = await says(
            scene,
            "wang" if "维持" in typed or "撤销" in typed else WHO,
            typed.format(number=number),
            where="",
        )
        assert answer
        assert len(answer) < 120
        assert await state(scene, number) is CaseState.CONFIRMED


async def test_a_new_login_keeps_record_points_and_open_appeal(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        await scene.says("chen", AD)
        number = (await scene.the_case()).number
        await says(scene, "li", f"/违规 确认 {number}", where=OFFICE)
        await says(scene, "chen", f"/申诉 {number} {REASON}", where="")
        key = (await person(scene, "chen")).key
        scene.gateway.disconnect("logged out")
        await scene.quiet()
        scene.gateway.world.relogin({"chen": "chen-2", "wang": "wang-2", ROOM: "room-2@chatroom"})
        scene.gateway.reconnect()
        await scene.quiet()
        assert (await person(scene, "chen-2")).key == key
        assert await points(scene, "chen-2") == -2
        look = f"/申诉 查看 {number}"
        assert "/认领" in await says(scene, "chen-2", look, where=""), "a likeness is not enough"
        async with scene.storage.unit() as unit:
            code = await issue(unit, Role.MEMBER, "E1006", "operator", scene.clock.now())
        await says(scene, "chen-2", f"/认领 {code}", where="")
        assert (await person(scene, "chen-2")).key == key
        assert "审理中" in await says(scene, "chen-2", look, where="")
        async with scene.storage.unit() as unit:
            code = await issue(unit, Role.HR_LEAD, "E1002", "operator", scene.clock.now())
        await says(scene, "wang-2", f"/认领 {code}", where="")
        assert "退回 2 分" in await says(scene, "wang-2", f"/申诉 撤销 {number} 属通知", where="")
        assert await points(scene, "chen-2") == 0
        assert "【申诉结果】" in scene.heard("chen-2")[-1]
