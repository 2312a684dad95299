"""What HR takes out of a published month for an appraisal: appeals and changes since then show (policy 6.2a, 6.3)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from fakes.offices import says, staffed
from fakes.scene import AD, OFFICE, SHANGHAI, Scene
from fakes.stated import bonus

from bot.reports.export import Cell
from bot.reports.tables import gather

FRIDAY = datetime(2026, 10, 30, 10, 0, tzinfo=SHANGHAI)
OCTOBER = "2026-10"


async def confirmed(scene: Scene, who: str) -> str:
    await scene.says(who, AD)
    number = (await scene.cases())[-1].number
    await says(scene, "li", f"/违规 确认 {number}", where=OFFICE)
    return number


async def until(scene: Scene, moment: str) -> None:
    there = datetime.fromisoformat(f"2026-{moment}").replace(tzinfo=SHANGHAI)
    await scene.later(seconds=(there - scene.clock.now()).total_seconds())


async def table(
    scene: Scene, title: str, month: str = OCTOBER, kind: str = "statements"
) -> list[dict[str, Cell]]:
    book = scene.bot.policy.book
    async with scene.storage.view() as unit:
        tables = await gather(unit, kind, month, book, 3)
    (found,) = [one for one in tables if one.title == title]
    return [dict(zip(found.headings, row, strict=True)) for row in found.rows]


async def of(scene: Scene, name: str, month: str = OCTOBER) -> dict[str, Cell]:
    (row,) = [row for row in await table(scene, "个人", month) if row["姓名"] == name]
    return row


async def test_a_draft_is_for_no_appraisal(tmp_path: Path) -> None:
    async with staffed(tmp_path, start=FRIDAY) as scene:
        number = await confirmed(scene, "someone")
        row = await of(scene, "路人")
        assert (row["合计"], row["状态"], row["案件"], row["事由"]) == (-2, "草稿", number, "商业推广 1")
        assert (row["可用于考核的合计"], row["申诉中分值"], row["公示后变更"], row["申诉截止"]) == (
            "",
            "",
            "",
            "",
        )
        (department,) = await table(scene, "部门")
        assert (department["合计"], department["可用于考核的合计"]) == (-2, "")


async def test_what_is_appealed_or_given_back_after_publication_shows_beside_what_was_published(
    tmp_path: Path,
) -> None:
    async with staffed(tmp_path, start=FRIDAY) as scene:
        first = await confirmed(scene, "someone")
        other = await confirmed(scene, "chen")
        await bonus(scene, "chen", 3)
        await until(scene, "11-02 10:00")
        await says(scene, "wang", "/公示 2026-10 确认", where=OFFICE)
        row = await of(scene, "路人")
        assert (row["合计"], row["可用于考核的合计"], row["申诉截止"]) == (-2, -2, "2026-11-05")
        await says(scene, "someone", f"/申诉 {first} 这是通知", where="")
        await says(scene, "chen", f"/申诉 {other} 这是通知", where="")
        row = await of(scene, "路人")
        assert (row["扣分"], row["合计"], row["状态"], row["案件"]) == (2, -2, "已公示", first)
        assert (row["申诉中的案件"], row["申诉中分值"], row["可用于考核的合计"]) == (first, -2, 0)
        scene.clock.advance(60)
        assert "退回 2 分" in await says(scene, "wang", f"/申诉 撤销 {other} 属通知", where=OFFICE)
        row = await of(scene, "陈晨")
        assert (row["扣分"], row["加分"], row["合计"], row["事由"]) == (2, 3, 1, "加分与调整 1，商业推广 1")
        assert (row["申诉中的案件"], row["变更的案件"], row["公示后变更"]) == ("", other, 2)
        assert row["可用于考核的合计"] == 3
        sums = {row["部门"]: row for row in await table(scene, "部门")}
        assert (sums["市场部"]["案件数"], sums["市场部"]["可用于考核的合计"]) == (2, 3)
        assert (sums[""]["申诉中分值"], sums[""]["可用于考核的合计"]) == (-2, 0)
        # Upheld, it counts again.
        await says(scene, "wang", f"/申诉 维持 {first} 属广告", where=OFFICE)
        assert (await of(scene, "路人"))["可用于考核的合计"] == -2


async def test_a_correction_counts_once_in_the_month_of_its_case(tmp_path: Path) -> None:
    async with staffed(tmp_path, start=FRIDAY) as scene:
        number = await confirmed(scene, "someone")
        await until(scene, "11-02 10:00")
        await says(scene, "wang", "/公示 2026-10 确认", where=OFFICE)
        scene.clock.advance(60)
        await says(scene, "someone", f"/申诉 {number} 这是通知", where="")
        await says(scene, "wang", f"/申诉 撤销 {number} 属通知", where=OFFICE)
        await until(scene, "12-01 10:00")
        await says(scene, "wang", "/公示 2026-11 确认", where=OFFICE)
        october, november = await of(scene, "路人"), await of(scene, "路人", "2026-11")
        assert (october["合计"], october["公示后变更"], october["可用于考核的合计"]) == (-2, 2, 0)
        assert (november["以往更正"], november["更正的案件"], november["合计"]) == (2, number, 2)
        assert (november["公示后变更"], november["可用于考核的合计"], november["申诉截止"]) == (0, 0, "")


async def test_appeals_and_demands_belong_to_the_month_of_their_case(tmp_path: Path) -> None:
    async with staffed(tmp_path, start=FRIDAY) as scene:
        number = await confirmed(scene, "someone")
        await until(scene, "11-02 10:00")
        await says(scene, "wang", "/公示 2026-10 确认", where=OFFICE)
        scene.clock.advance(60)
        await says(scene, "someone", f"/申诉 {number} 这是通知", where="")
        await says(scene, "wang", f"/申诉 撤销 {number} 属通知", where=OFFICE)
        (row,) = await table(scene, "申诉", kind="appeals")
        assert (row["编号"], row["事由"], row["分值"], row["入账"]) == (number, "商业推广", 2, 0)
        assert (row["申诉时间"], row["结果"]) == ("2026-11-02 10:01", "申诉成立，已撤销")
        assert (row["决定人"], row["决定理由"]) == ("王敏", "属通知")
        assert await table(scene, "申诉", "2026-11", "appeals") == []
        assert await table(scene, "说明与整改", kind="demands") == []
