"""Explanations and rectification, from asking to done, read as chat transcripts (policy 6.1b)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from fakes.offices import audit, says, staffed
from fakes.scene import AD, OFFICE, ROOM, SHANGHAI, Scene

from storage.records import Demand

WHO = "someone"
QUOTE = "「{name}：{text}」\n- - - - - - - - - - - - - - -\n{said}"


async def a_case(scene: Scene, *, confirmed: bool = False) -> str:
    await scene.says(WHO, AD)
    number = (await scene.cases())[-1].number
    if confirmed:
        await says(scene, "li", f"/违规 确认 {number}", where=OFFICE)
    return number


async def demand(scene: Scene, number: str, kind: str = "explanation") -> Demand:
    async with scene.storage.view() as unit:
        found = await unit.demands.get(number, kind)
    assert found is not None
    return found


async def until(scene: Scene, moment: str) -> list[str]:
    there = datetime.fromisoformat(f"2026-{moment}").replace(tzinfo=SHANGHAI)
    return await scene.later(seconds=(there - scene.clock.now()).total_seconds())


async def test_an_explanation_is_asked_privately_answered_and_accepted(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:  # Tuesday 10:00
        number = await a_case(scene)
        before = scene.heard(ROOM)
        asked = await says(scene, "li", f"/说明 {number} 2天 当时是什么情况？", where=OFFICE)
        assert "10-15 18:00" in asked
        request = scene.heard(WHO)[-1]
        for part in ("【请说明】", number, "当时是什么情况", "10-15 18:00"):
            assert part in request
        assert scene.heard(ROOM) == before, "the group hears nothing"
        assert "已收到" in await says(scene, WHO, f"/说明 {number} 转发的公司通知", where="")
        assert "转发的公司通知" in scene.heard(OFFICE)[-1]
        assert "转发的公司通知" in await says(scene, "li", "/说明 列表", where=OFFICE)
        assert "已办结" in await says(scene, "li", f"/说明 通过 {number}", where=OFFICE)
        assert "办结" in scene.heard(WHO)[-1]
        assert (await demand(scene, number)).state == "accepted"
        assert {"explanation asked", "explanation answered", "explanation accepted"} <= set(
            await audit(scene)
        )
        file = await says(scene, WHO, f"/申诉 {number} 见我的说明", where="")
        assert "已受理" in file
        assert "本人说明：转发的公司通知" in scene.heard(OFFICE)[-1]


@pytest.mark.parametrize("where", ["", ROOM])
async def test_quoting_the_request_answers_it(tmp_path: Path, where: str) -> None:
    async with staffed(tmp_path) as scene:
        number = await a_case(scene)
        await says(scene, "li", f"/说明 {number}", where=OFFICE)
        request = scene.heard(WHO)[-1]
        before = scene.heard(ROOM)
        reply = QUOTE.format(name="群管家", text=request, said="是转发的通知，没有别的意思")
        await says(scene, WHO, reply, where=where)
        kept = await demand(scene, number)
        assert (kept.state, kept.answer) == ("answered", "是转发的通知，没有别的意思")
        assert "已收到" in scene.heard(WHO)[-1]
        assert scene.heard(ROOM) == before


async def test_a_private_word_with_the_number_answers_and_one_without_does_not(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        number = await a_case(scene)
        await says(scene, "li", f"/说明 {number}", where=OFFICE)
        assert await says(scene, WHO, "我想问问怎么回事", where="") == ""
        assert (await demand(scene, number)).state == "open"
        assert "已收到" in await says(scene, WHO, f"{number.lower()}：当时手滑发错群了", where="")
        assert "手滑" in (await demand(scene, number)).answer


async def test_nobody_answers_for_somebody_else_and_nobody_asks_themselves(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        number = await a_case(scene)
        await says(scene, "li", f"/说明 {number}", where=OFFICE)
        assert "没有找到案件" in await says(scene, "chen", f"/说明 {number} 我替他说", where="")
        assert await says(scene, "chen", f"{number} 我替他说", where="") == ""
        assert (await demand(scene, number)).state == "open"
        await scene.says("li", AD)
        own = (await scene.cases())[-1].number
        assert "没有要求" in await says(scene, "li", f"/说明 {own} 为什么", where="")
        await says(scene, "wang", f"/说明 {own}", where=OFFICE)
        await says(scene, "li", f"/说明 {own} 发错群了", where="")
        assert "与您本人有关" in await says(scene, "li", f"/说明 通过 {own}", where=OFFICE)
        assert (await demand(scene, own)).state == "answered"


async def test_rectification_is_sent_back_once_and_done(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        number = await a_case(scene, confirmed=True)
        assert "用法" in await says(scene, "li", f"/整改 {number}", where=OFFICE)
        await says(scene, "li", f"/整改 {number} 3天 删除相册里的广告", where=OFFICE)
        assert "删除相册里的广告" in scene.heard(WHO)[-1]
        assert "已收到" in await says(scene, WHO, f"/整改 完成 {number}", where="")
        sent_back = await says(scene, "li", f"/整改 退回 {number} 明天 还有两张没有删", where=OFFICE)
        assert "10-14 18:00" in sent_back
        assert "还有两张没有删" in scene.heard(WHO)[-1]
        await says(scene, WHO, f"/整改 完成 {number} 都删了", where="")
        assert "已办结" in await says(scene, "li", f"/整改 通过 {number}", where=OFFICE)
        assert "已办结" in await says(scene, "li", f"/整改 通过 {number}", where=OFFICE)


async def test_one_reminder_then_the_supervisors_in_working_time(tmp_path: Path) -> None:
    async with staffed(tmp_path, start=datetime(2026, 9, 29, 10, 0, tzinfo=SHANGHAI)) as scene:
        number = await a_case(scene, confirmed=True)
        asked = await says(scene, "li", f"/说明 {number} 2天 为什么", where=OFFICE)
        assert "10-08 18:00" in asked, "the holiday lies between"
        for moment in ("09-29 17:00", "09-30 08:00"):
            assert not any("【提醒】" in text for text in await until(scene, moment))
        assert any("【提醒】" in text for text in await until(scene, "09-30 09:30"))
        for moment in ("10-03 10:00", "10-08 10:00", "10-08 17:59", "10-08 20:00"):
            assert not any(number in text for text in await until(scene, moment))
        said = await until(scene, "10-09 09:00")
        assert sum("说明逾期】" in text for text in said) == 1
        assert sum("【逾期】" in text for text in said) == 1
        assert not any(number in text for text in await until(scene, "10-10 10:00"))
        assert "（逾期）" in await says(scene, WHO, f"/说明 {number} 出差在外", where="") or any(
            "（逾期）" in text for text in scene.heard(OFFICE)
        )
        assert (await demand(scene, number)).state == "answered"


async def test_whoever_is_no_friend_is_asked_in_the_group_without_content(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        number = await a_case(scene)
        world = scene.gateway.world
        world.people[WHO] = replace(world.person(WHO), friend=False)
        before = len(scene.heard(ROOM))
        await says(scene, "li", f"/说明 {number} 明天 当时是什么情况", where=OFFICE)
        (line,) = scene.heard(ROOM)[before:]
        assert "加我为好友" in line
        assert number not in line
        assert "情况" not in line
        await until(scene, "10-14 10:00")
        said = await until(scene, "10-15 09:30")
        assert any("可能尚未送达" in text for text in said)


async def test_a_dismissed_case_asks_for_nothing_any_more(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        number = await a_case(scene)
        await says(scene, "li", f"/说明 {number} 2天 为什么", where=OFFICE)
        await says(scene, "wang", f"/违规 驳回 {number} 误判", where=OFFICE)
        assert (await demand(scene, number)).state == "cancelled"
        assert not any("【逾期】" in text for text in await until(scene, "10-19 10:00"))
        assert "不能再要求" in await says(scene, "li", f"/说明 {number}", where=OFFICE)


@pytest.mark.parametrize(
    ("typed", "due"),
    [
        ("2小时", "10-13 12:00"),
        ("今天18点", "10-13 18:00"),
        ("10-17", "10-19 18:00"),  # a Saturday
        ("明天 20:00", "10-15 09:00"),
    ],
)
async def test_deadlines_lie_in_working_time(tmp_path: Path, typed: str, due: str) -> None:
    async with staffed(tmp_path) as scene:
        number = await a_case(scene)
        assert due in await says(scene, "li", f"/说明 {number} {typed} 为什么", where=OFFICE)
        assert "为什么" in scene.heard(WHO)[-1]


async def test_what_can_not_be_asked_is_said_briefly(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        number = await a_case(scene)
        for typed in (
            "/说明",
            "/说明 V-22222",
            f"/说明 {number} 今天9点 为什么",
            f"/整改 {number} 没有期限",
            f"/说明 通过 {number}",
            f"/整改 取消 {number}",
            f"/说明 退回 {number} 2天 不清楚",
        ):
            answer = await says(scene, "li", typed, where=OFFICE)
            assert answer, typed
            assert len(answer) < 150, typed
        async with scene.storage.view() as unit:
            assert await unit.demands.open() == []
