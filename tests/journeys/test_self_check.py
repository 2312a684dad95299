"""Every day all that is stored is checked; a finding is told once, at a decent hour, and stands in every digest."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from fakes.scene import AD, OFFICE, ROOM, SHANGHAI, Scene, opened
from sqlalchemy import text


async def until(scene: Scene, moment: str) -> list[str]:
    """Let time pass until a local moment of 2026; returns what the supervisors were told meanwhile."""
    before = len(scene.heard(OFFICE))
    there = datetime.fromisoformat(f"2026-{moment}").replace(tzinfo=SHANGHAI)
    await scene.later(seconds=(there - scene.clock.now()).total_seconds())
    return scene.heard(OFFICE)[before:]


async def tamper(scene: Scene, statement: str) -> None:
    async with scene.storage.unit() as unit:
        assert unit._connection is not None
        await unit._connection.execute(text(statement))


async def test_a_finding_is_told_once_in_the_morning_and_in_every_digest(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await scene.says("liu", AD)
        case = await scene.the_case()
        await until(scene, "10-13 17:30")
        assert await until(scene, "10-14 04:00") == []
        (sound,) = [said for said in await until(scene, "10-14 17:30") if said.startswith("【日报】")]
        assert "台账与数据自检（10-14 04:00）：台账 1 条、检查 11 项，均正常" in sound.split("\n")

        await tamper(scene, "UPDATE violations SET points = 7")
        assert await until(scene, "10-15 04:00") == [], "nobody is woken for it"
        (alert,) = await until(scene, "10-15 09:00")
        assert alert.startswith("【运行异常】台账与数据自检发现 1 处问题：案件与台账分数不符 1。")
        assert f"涉及案件 {case.number}。" in alert
        assert "qungui db verify" in alert
        evening = await until(scene, "10-15 17:30")
        assert any("台账与数据自检（10-15 04:00）：发现 1 处问题" in said for said in evening)

        (again,) = [said for said in await until(scene, "10-16 17:30") if "自检" in said]
        assert "发现 1 处问题" in again, "the same finding is told in the digest alone"
        await tamper(scene, "UPDATE violations SET points = 2")
        (mended,) = [said for said in await until(scene, "10-19 17:30") if "自检" in said]
        assert "均正常" in mended
        assert len(scene.heard(ROOM)) == 1, "the group hears of its notice alone"


async def test_a_check_that_fails_is_no_clean_one(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await until(scene, "10-13 17:30")
        await tamper(scene, "ALTER TABLE reversals RENAME TO gone")
        (told,) = await until(scene, "10-14 17:30")
        assert "台账与数据自检（10-14 04:00）：未能完成，请查看运行日志" in told
