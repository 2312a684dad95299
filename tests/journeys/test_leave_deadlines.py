"""Whoever is on leave loses none of the time they are given (policy 3.2b, 6.1b, 6.3)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from fakes.appellant import published, state, until
from fakes.offices import says, staffed
from fakes.scene import AD, OFFICE, ROOM, SHANGHAI, Scene

from storage.records import CaseState

# Registered in a file, where nobody has our keys: Tuesday afternoon to Friday.
ROTA = "person,from,to,kind\nE1006,2026-10-13 14:00,2026-10-16 18:00,leave\n"


async def a_case(scene: Scene, who: str) -> str:
    await scene.says(who, AD)
    number = (await scene.cases())[-1].number
    await says(scene, "li", f"/违规 确认 {number}", where=OFFICE)
    return number


def rota(folder: Path) -> dict[str, object]:
    file = folder / "rota.csv"
    file.write_text(ROTA, encoding="utf-8")
    return {"rota": str(file)}


async def test_days_of_leave_dont_count_for_an_appeal(tmp_path: Path) -> None:
    async with staffed(tmp_path, work=rota(tmp_path)) as scene:  # Tuesday 10:00
        number = await a_case(scene, "chen")
        await published(scene, number, scene.clock.now())
        await until(scene, "10-21 23:59")  # Monday to Wednesday: three days at work
        await says(scene, "chen", f"/申诉 {number} 这是公司通知", where="")
        assert await state(scene, number) is CaseState.APPEALED


async def test_three_days_at_work_and_not_one_more(tmp_path: Path) -> None:
    async with staffed(tmp_path, work=rota(tmp_path)) as scene:
        number = await a_case(scene, "chen")
        await published(scene, number, scene.clock.now())
        await until(scene, "10-22 00:01")
        refused = await says(scene, "chen", f"/申诉 {number} 这是公司通知", where="")
        assert "申诉期至 10-21 止" in refused


async def test_leave_that_is_entered_when_somebody_is_back_opens_the_window_again(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        number = await a_case(scene, "liu")
        await published(scene, number, scene.clock.now())
        await until(scene, "10-19 10:00")
        assert "申诉期至 10-16 止" in await says(scene, "liu", f"/申诉 {number} 出差", where="")
        async with scene.storage.unit() as unit:
            person = await unit.people.by_contact("liu")
            assert person is not None
            start = datetime(2026, 10, 14, 0, 0, tzinfo=SHANGHAI)
            await unit.shifts.add(person.key, "leave", start, start.replace(day=17), "p9", scene.clock.now())
        await until(scene, "10-19 10:01")
        assert "已受理" in await says(scene, "liu", f"/申诉 {number} 住院", where="")


async def test_what_is_asked_of_somebody_waits_for_them_and_leaves_them_a_whole_day(tmp_path: Path) -> None:
    async with staffed(tmp_path, work=rota(tmp_path)) as scene:
        number = await a_case(scene, "chen")
        await says(scene, "li", f"/说明 {number} 1天 当时是什么情况？", where=OFFICE)

        def overdue() -> bool:
            return any("逾期" in text and number in text for text in scene.heard(OFFICE))

        for moment in ("10-14 18:05", "10-15 10:00", "10-19 09:01", "10-19 17:59"):
            await until(scene, moment)
            assert not overdue(), moment
        (reminder,) = [text for text in scene.heard("chen") if "提醒" in text and number in text]
        assert "10-19 18:00" in reminder
        await until(scene, "10-20 09:01")
        assert overdue()


async def test_whoever_is_on_leave_by_the_file_is_not_pressed(tmp_path: Path) -> None:
    async with staffed(tmp_path, work=rota(tmp_path)) as scene:
        await until(scene, "10-14 10:00")
        opened = await says(scene, "wang", "/跟踪 @市场部陈晨\u2005 请报送月报", at=("chen",))
        number = opened.split("已登记 ")[1][:7]
        assert "正在请假" in await says(scene, "wang", f"/跟踪 催办 {number}")


@pytest.mark.parametrize("name", ["E1001", "张三", "人力资源部张三", "人力资源部-张三", "zhang san"])
async def test_the_file_may_name_whom_the_roster_is_believed_to_know_as_it_likes(
    tmp_path: Path, name: str
) -> None:
    file = tmp_path / "rota.csv"
    file.write_text(
        f"person,from,to,kind\n{name},2026-10-13 09:00,2026-10-16 18:00,leave\n", encoding="utf-8"
    )
    async with staffed(tmp_path, work={"rota": str(file)}) as scene:
        if name == "zhang san":
            scene.gateway.world.contact("zhang", "Zhang San")
        if "-" in name:
            scene.gateway.world.alias(ROOM, "zhang", name)
        await says(scene, "zhang", "收到")
        opened = await says(scene, "wang", "/跟踪 @人力资源部张三\u2005 请报送月报", at=("zhang",))
        number = opened.split("已登记 ")[1][:7]
        assert "正在请假" in await says(scene, "wang", f"/跟踪 催办 {number}")
