"""`/申诉 变更`: an appeal that is right in part lowers what its case costs, and never raises it (policy 6.3)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from fakes.appellant import REASON, WHO, confirmed, points, state, until
from fakes.offices import audit, says, staffed
from fakes.scene import AD, OFFICE, ROOM, SHANGHAI, Scene

from bot.reports.soundness import examine
from bot.reports.tables import gather
from storage.records import CaseState

FRIDAY = datetime(2026, 10, 30, 10, 0, tzinfo=SHANGHAI)


async def appealed(scene: Scene) -> str:
    number = await confirmed(scene)
    assert "已受理" in await says(scene, WHO, f"/申诉 {number} {REASON}", where="")
    return number


async def ledger(scene: Scene, number: str) -> list[tuple[str, int]]:
    async with scene.storage.view() as unit:
        return [(entry.kind, entry.points) for entry in await unit.ledger.entries(number)]


async def sound(scene: Scene) -> bool:
    async with scene.storage.view() as unit:
        return (await examine(unit, supervised=True)).holds


async def test_lowered_the_difference_comes_back_and_its_author_hears_why(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        number = await appealed(scene)
        file = next(text for text in reversed(scene.heard(OFFICE)) if "【申诉】" in text)
        assert f"（只可减轻）/申诉 变更 {number} 分值|仅提醒 理由" in file
        before = scene.heard(ROOM)
        said = await says(scene, "wang", f"/申诉 变更 {number} 1分 情节较轻，已主动说明", where=OFFICE)
        assert "申诉部分成立，由 2 分减为 1 分，退回 1 分，已告知本人" in said
        assert await points(scene) == -1
        assert await ledger(scene, number) == [("penalty", -2), ("reversal", 1)]
        assert await state(scene, number) is CaseState.UPHELD
        (told,) = [text for text in scene.heard(WHO) if "【申诉结果】" in text]
        for part in ("部分成立：认定不变，由 2 分减为 1 分", "退回 1 分", "理由：情节较轻，已主动说明"):
            assert part in told
        assert scene.heard(ROOM) == before
        record = await says(scene, WHO, f"/违规 {number}", where="")
        assert "申诉后减分" in record
        assert "1 分" in record
        assert "申诉部分成立，已减轻" in await says(scene, WHO, f"/申诉 查看 {number}", where="")
        assert number in await says(scene, "wang", "/违规 列表 申诉后减分", where=OFFICE)
        assert "appeal lowered" in await audit(scene)
        async with scene.storage.view() as unit:
            (label,) = await unit.labels.list()
            (appeals,) = await gather(unit, "appeals", "2026-10", scene.bot.policy.book, 3)
            (cases,) = await gather(unit, "cases", "2026-10", scene.bot.policy.book, 3)
        assert label.verdict == "confirmed", "the rule was right"
        row = dict(zip(appeals.headings, appeals.rows[0], strict=True))
        assert (row["结果"], row["分值"], row["入账"]) == ("申诉部分成立，已减轻", 1, -1)
        assert dict(zip(cases.headings, cases.rows[0], strict=True))["状态"] == "申诉后减分"
        assert await sound(scene)
        for line in (f"/申诉 变更 {number} 仅提醒 再减", f"/申诉 撤销 {number} 再想想"):
            assert "不能再次处理" in await says(scene, "wang", line, where=OFFICE)
        assert "不能再次处理" in await says(scene, WHO, f"/申诉 {number} 再来一次", where="")


@pytest.mark.parametrize("asked", ["仅提醒", "0分", "０"])
async def test_lowered_to_a_reminder_it_stands_and_costs_nothing(tmp_path: Path, asked: str) -> None:
    async with staffed(tmp_path) as scene:
        number = await appealed(scene)
        said = await says(scene, "wang", f"/申诉 变更 {number} {asked} 初次误发", where=OFFICE)
        assert "改为仅提醒，不扣分，退回 2 分" in said
        assert await points(scene) == 0
        assert await state(scene, number) is CaseState.UPHELD
        (told,) = [text for text in scene.heard(WHO) if "【申诉结果】" in text]
        assert "认定不变，仅作提醒，不扣分，退回 2 分。理由：初次误发" in told
        assert "仅提醒" in await says(scene, WHO, f"/违规 {number}", where="")
        assert await sound(scene)


async def test_what_nobody_has_confirmed_yet_may_be_lowered_too(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        await scene.says(WHO, AD)
        number = (await scene.the_case()).number
        await says(scene, WHO, f"/申诉 {number} {REASON}", where="")
        await says(scene, "wang", f"/申诉 变更 {number} 1 情节较轻", where=OFFICE)
        assert await points(scene) == -1
        assert await state(scene, number) is CaseState.UPHELD
        assert await sound(scene)


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("2分 维持原分", "变更只能减轻"),
        ("3分 态度恶劣", "变更只能减轻"),
        ("情节较轻", "写明减为几分"),
        ("", "写明减为几分"),
        ("1分", "请写明理由"),
    ],
)
async def test_never_more_and_never_without_a_reason(tmp_path: Path, words: str, answer: str) -> None:
    async with staffed(tmp_path) as scene:
        number = await appealed(scene)
        said = await says(scene, "wang", f"/申诉 变更 {number} {words}".strip(), where=OFFICE)
        assert answer in said
        assert await state(scene, number) is CaseState.APPEALED
        assert await ledger(scene, number) == [("penalty", -2)]


async def test_who_may_not_decide_an_appeal_lowers_nothing(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        number = await confirmed(scene, by="wang")
        line = f"/申诉 变更 {number} 1分 情节较轻"
        await says(scene, WHO, f"/申诉 {number} {REASON}", where="")
        assert "由您认定" in await says(scene, "wang", line, where=OFFICE)
        for who in ("li", WHO):
            assert "需要权限" in await says(scene, who, line, where=who)
        assert await ledger(scene, number) == [("penalty", -2)]


async def test_a_case_that_costs_nothing_has_nothing_to_lower(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        await scene.says(WHO, AD)
        number = (await scene.the_case()).number
        await says(scene, "li", f"/违规 确认 {number} 仅提醒 初犯", where=OFFICE)
        await says(scene, WHO, f"/申诉 {number} {REASON}", where="")
        file = next(text for text in reversed(scene.heard(OFFICE)) if "【申诉】" in text)
        assert "变更" not in file
        said = await says(scene, "wang", f"/申诉 变更 {number} 仅提醒 初犯", where=OFFICE)
        assert "没有分值可减" in said
        assert await state(scene, number) is CaseState.APPEALED


async def test_a_published_month_gets_the_difference_back_in_the_next(tmp_path: Path) -> None:
    async with staffed(tmp_path, start=FRIDAY) as scene:
        number = await confirmed(scene)
        await until(scene, "11-02 10:00")
        await says(scene, "wang", "/公示 2026-10 确认", where=OFFICE)
        scene.clock.advance(60)
        await says(scene, WHO, f"/申诉 {number} {REASON}", where="")
        await says(scene, "wang", f"/申诉 变更 {number} 1分 情节较轻", where=OFFICE)
        async with scene.storage.view() as unit:
            people, *_ = await gather(unit, "statements", "2026-10", scene.bot.policy.book, 3)
        (row,) = [dict(zip(people.headings, one, strict=True)) for one in people.rows]
        assert (row["扣分"], row["公示后变更"], row["可用于考核的合计"]) == (2, 1, -1)
        assert row["变更的案件"] == number
        shown = await says(scene, "wang", "/公示 2026-10", where=OFFICE)
        assert f"公示后经申诉减分 1 件：{number}" in shown
        await until(scene, "12-01 10:00")
        await says(scene, "wang", "/公示 2026-11 确认", where=OFFICE)
        async with scene.storage.view() as unit:
            kept = await unit.statements.get("2026-11")
        assert kept is not None
        (line,) = kept.lines
        assert (line.deducted, line.restored, line.corrected) == (0, 1, (number,))
        assert await sound(scene)
