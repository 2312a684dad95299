"""Whom a published statement has reached, and from when each may appeal (policy 6.3)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from fakes.appellant import state, until
from fakes.offices import audit, person, says, staffed
from fakes.scene import AD, OFFICE, ROOM, SHANGHAI, Scene

from bot.errors import GatewayUncertain
from storage.records import CaseState, StatementLine

FRIDAY = datetime(2026, 10, 30, 10, 0, tzinfo=SHANGHAI)
OCTOBER = "2026-10"
PUBLISHED = "已公示（王敏）"


async def confirmed(scene: Scene, who: str) -> str:
    await scene.says(who, AD)
    number = (await scene.cases())[-1].number
    await says(scene, "li", f"/违规 确认 {number}", where=OFFICE)
    return number


async def estranged(scene: Scene) -> str:
    """王五, whose identity is sure, is no contact of the account; 刘洋 is. October is published on Monday morning."""
    await says(scene, "wang", "/绑定 确认 @市场部王五\u2005 E1005 确认", where=OFFICE, at=("wangwu",))
    number = await confirmed(scene, "wangwu")
    await confirmed(scene, "liu")
    scene.gateway.world.contact("wangwu", "王五", friend=False)
    await until(scene, "11-02 10:00")
    await says(scene, "wang", "/公示 2026-10 确认", where=OFFICE)
    return number


async def line(scene: Scene, who: str) -> StatementLine:
    key = (await person(scene, who)).key
    async with scene.storage.view() as unit:
        kept = await unit.statements.get(OCTOBER)
    assert kept is not None
    return next(one for one in kept.lines if one.person_key == key)


def reports(scene: Scene) -> Sequence[str]:
    return [text for text in scene.heard(OFFICE) if "送达情况：" in text]


async def test_the_supervisors_hear_who_was_reached_not_who_was_meant_to_be(tmp_path: Path) -> None:
    async with staffed(tmp_path, start=FRIDAY) as scene:
        await estranged(scene)
        (published,) = [text for text in scene.heard(OFFICE) if PUBLISHED in text]
        assert "已逐一" not in published
        assert "送达情况另行通报" in published
        await scene.later(minutes=1)
        (report,) = reports(scene)
        assert "共 2 人，已送达 1 人，未送达 1 人（市场部王五）" in report
        assert "/公示 已告知 工号" in report
        assert (await line(scene, "liu")).reached_by == "system"
        assert (await line(scene, "wangwu")).reached_at is None
        (knock,) = [text for text in scene.heard(ROOM) if "王五" in text and "好友" in text]
        assert knock == "@市场部王五\u2005为便于接收工作通知，请加我为好友。"
        counts = []
        for moment in ("11-03 10:00", "11-04 17:00", "11-05 10:00", "11-06 10:00"):
            await until(scene, moment)
            counts.append(len(reports(scene)))
        assert counts == [1, 1, 2, 2], "every third working day, while somebody is to be told"


async def test_nobodys_time_runs_before_they_were_reached(tmp_path: Path) -> None:
    async with staffed(tmp_path, start=FRIDAY) as scene:
        number = await estranged(scene)
        await until(scene, "11-12 10:00")
        await says(scene, "wangwu", f"/申诉 {number} 这是公司通知")
        assert await state(scene, number) is CaseState.APPEALED


async def test_told_by_a_person_their_time_runs_from_then(tmp_path: Path) -> None:
    async with staffed(tmp_path, start=FRIDAY) as scene:
        number = await estranged(scene)
        await until(scene, "11-10 10:00")
        assert "需要权限" in await says(scene, "li", "/公示 已告知 E1005", where=OFFICE)
        said = await says(scene, "wang", "/公示 已告知 E1005", where=OFFICE)
        assert "市场部王五" in said
        assert "2026-10" in said
        assert "申诉截止 11-13" in said
        assert (await line(scene, "wangwu")).reached_by == (await person(scene, "wang")).key
        assert "statement told" in await audit(scene)
        assert "没有未送达" in await says(scene, "wang", "/公示 已告知 E1005", where=OFFICE)
        heard = len(reports(scene))
        await until(scene, "11-16 10:00")
        assert len(reports(scene)) == heard, "nobody is to be told any more"
        scene.gateway.world.contact("wangwu", "王五", friend=True)
        await scene.later(minutes=5)
        assert not any("【月度积分】" in text for text in scene.heard("wangwu")), (
            "it would promise another time"
        )
        refused = await says(scene, "wangwu", f"/申诉 {number} 这是公司通知", where="")
        assert "11-10" in refused
        assert "申诉期至 11-13 止" in refused


async def test_reached_late_their_time_runs_from_then(tmp_path: Path) -> None:
    async with staffed(tmp_path, start=FRIDAY) as scene:
        number = await estranged(scene)
        await until(scene, "11-10 10:00")
        scene.gateway.world.contact("wangwu", "王五", friend=True)
        await until(scene, "11-10 10:01")
        assert any("【月度积分】" in text for text in scene.heard("wangwu"))
        assert (await line(scene, "wangwu")).reached_at == datetime(2026, 11, 10, 10, 1, tzinfo=SHANGHAI)
        await until(scene, "11-13 23:59")
        assert "已受理" in await says(scene, "wangwu", f"/申诉 {number} 这是公司通知", where="")


async def test_what_nobody_knows_to_have_left_starts_no_time(tmp_path: Path) -> None:
    async with staffed(tmp_path, start=FRIDAY) as scene:
        number = await confirmed(scene, "liu")
        await until(scene, "11-02 09:00")
        await until(scene, "11-02 10:00")
        scene.gateway.world.say(OFFICE, "wang", "/公示 2026-10 确认")
        scene.gateway.fail("say", GatewayUncertain("no answer"), times=6)
        await scene.quiet()
        assert (await line(scene, "liu")).reached_at is None
        await until(scene, "11-12 10:00")
        await says(scene, "liu", f"/申诉 {number} 这是公司通知", where="")
        assert await state(scene, number) is CaseState.APPEALED


async def test_hr_admits_a_late_appeal_with_a_reason(tmp_path: Path) -> None:
    async with staffed(tmp_path, start=FRIDAY) as scene:
        number = await confirmed(scene, "liu")
        await until(scene, "11-02 10:00")
        await says(scene, "wang", "/公示 2026-10 确认", where=OFFICE)
        assert "仍在申诉期内" in await says(scene, "wang", f"/申诉 准予 {number} 住院", where=OFFICE)
        await until(scene, "11-09 10:00")
        late = await says(scene, "liu", f"/申诉 {number} 这是公司通知", where="")
        assert "经同意可补办申诉" in late
        assert "需要权限" in await says(scene, "li", f"/申诉 准予 {number} 住院", where=OFFICE)
        assert "请写明理由" in await says(scene, "wang", f"/申诉 准予 {number}", where=OFFICE)
        said = await says(scene, "wang", f"/申诉 准予 {number} 公示期间住院", where=OFFICE)
        assert "至 11-12 止" in said
        (told,) = [text for text in scene.heard("liu") if "【申诉补办】" in text]
        assert number in told
        assert "住院" not in told
        assert "appeal admitted" in await audit(scene)
        await until(scene, "11-12 23:00")
        assert "已受理" in await says(scene, "liu", f"/申诉 {number} 这是公司通知", where="")


async def test_nobody_admits_an_appeal_of_their_own(tmp_path: Path) -> None:
    async with staffed(tmp_path, start=FRIDAY) as scene:
        await scene.says("wang", AD)
        number = (await scene.cases())[-1].number
        await says(scene, "li", f"/违规 确认 {number}", where=OFFICE)
        await until(scene, "11-02 10:00")
        await says(scene, "wang", "/公示 2026-10 确认", where=OFFICE)
        await until(scene, "11-09 10:00")
        assert "本人有关" in await says(scene, "wang", f"/申诉 准予 {number} 住院", where=OFFICE)
