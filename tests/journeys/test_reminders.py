"""A case of no points is a reminder: said once, confirmed by nobody, and in no statement (policy: the deductions)."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from fakes.offices import says, staffed
from fakes.scene import AD, OFFICE, ROOM, SHANGHAI, Scene

from bot.reports.statement import draft
from storage.records import Case, CaseState

EVENING = datetime(2026, 10, 13, 21, 40, tzinfo=SHANGHAI)
WORK = "李工，明天的验收资料今晚整理好发我，客户急着要"


async def reminded(scene: Scene, who: str = "someone") -> Case:
    """Somebody posted in the evening, and was reminded the next morning."""
    await scene.says(who, WORK)
    await scene.later(hours=12)
    return (await scene.cases())[-1]


async def until(scene: Scene, moment: str) -> None:
    there = datetime.fromisoformat(f"2026-{moment}").replace(tzinfo=SHANGHAI)
    await scene.later(seconds=(there - scene.clock.now()).total_seconds())


async def test_a_reminder_waits_for_nobody_and_stands_in_the_own_record(tmp_path: Path) -> None:
    async with staffed(tmp_path, start=EVENING) as scene:
        case = await reminded(scene)
        assert (case.points, case.state) == (0, CaseState.PROVISIONAL)
        assert sum(case.number in text for text in scene.heard(ROOM)) == 1
        for line in ("/违规", "/违规 确认 今日", "/违规 确认 全部"):
            assert case.number not in await says(scene, "li", line, where=OFFICE)
        assert "待确认 0" in await says(scene, "zhao", "/状态", where=OFFICE)
        own = await says(scene, "someone", "/违规", where="")
        assert case.number in own
        assert "已提醒" in own
        assert "待确认" not in own
        assert "已提醒" in await says(scene, "someone", f"/违规 查看 {case.number}", where="")
        why = await says(scene, "someone", f"/为什么 {case.number}", where="")
        assert "只作提醒，不扣分" in why
        assert "须经人工审核" not in why


async def test_a_reminder_that_is_confirmed_anyway_is_announced_to_nobody(tmp_path: Path) -> None:
    async with staffed(tmp_path, start=EVENING) as scene:
        case = await reminded(scene)
        before = len(scene.heard("someone"))
        assert "现为已确认，不扣分" in await says(scene, "li", f"/违规 确认 {case.number}", where=OFFICE)
        await says(scene, "li", f"/违规 撤销 {case.number}", where=OFFICE)
        await scene.later(hours=1)
        assert scene.heard("someone")[before:] == []
        assert sum(case.number in text for text in scene.heard(ROOM)) == 1


async def test_a_wrong_reminder_is_dismissed_and_taken_back_where_it_was_said(tmp_path: Path) -> None:
    async with staffed(tmp_path, start=EVENING) as scene:
        case = await reminded(scene)
        await says(scene, "li", f"/违规 驳回 {case.number} 当时在值班", where=OFFICE)
        assert any(f"{case.number} 经人工复核不成立" in text for text in scene.heard(ROOM))
        assert "不成立" in await says(scene, "someone", "/违规", where="")


async def test_what_is_confirmed_and_was_not_said_yet_is_a_reminder_too(tmp_path: Path) -> None:
    async with staffed(tmp_path, start=EVENING) as scene:
        case = await reminded(scene, "chen")  # a head: people look first
        assert case.state is CaseState.REVIEW
        assert case.number in await says(scene, "li", "/违规", where=OFFICE)
        await says(scene, "li", f"/违规 确认 {case.number}", where=OFFICE)
        (told,) = [text for text in scene.heard("chen") if case.number in text]
        for part in (
            "【温馨提示】",
            "经人工核对",
            "第 3.2a 条",
            "本次只作提醒，不扣分",
            f"/申诉 {case.number}",
        ):
            assert part in told
        assert "【处理结果】" not in told
        await says(scene, "li", f"/违规 撤销 {case.number}", where=OFFICE)
        await says(scene, "wang", f"/违规 确认 {case.number}", where=OFFICE)
        assert sum(case.number in text for text in scene.heard("chen")) == 1


async def test_no_reminder_enters_a_statement_or_keeps_one_waiting(tmp_path: Path) -> None:
    async with staffed(tmp_path, start=EVENING) as scene:
        case = await reminded(scene)
        other = await reminded(scene, "chen")
        await says(scene, "li", f"/违规 确认 {other.number}", where=OFFICE)
        async with scene.storage.view() as unit:
            found = await draft(unit, "2026-10", SHANGHAI)
        assert (found.statement.lines, found.waiting) == ((), 0)
        await scene.says("someone", AD)
        counting = (await scene.cases())[-1]
        await says(scene, "li", f"/违规 确认 {counting.number}", where=OFFICE)
        await until(scene, "11-02 10:00")
        preview = await says(scene, "wang", "/公示", where=OFFICE)
        assert "1 人 1 项" in preview
        assert "非工作时间" not in preview
        assert "待确认或申诉中" not in preview
        await says(scene, "wang", "/公示 确认", where=OFFICE)
        (told,) = [text for text in scene.heard("someone") if "【月度积分】" in text]
        assert counting.number in told
        assert case.number not in told
        assert not any("【月度积分】" in text for text in scene.heard("chen"))


async def test_the_digest_counts_a_reminder_and_waits_for_none(tmp_path: Path) -> None:
    async with staffed(tmp_path, start=EVENING) as scene:
        await reminded(scene)
        digest = await says(scene, "li", "/日报", where=OFFICE)
        assert "非工作时间" in digest
        assert "待确认" not in digest


async def test_the_evidence_of_a_reminder_goes_in_its_time(tmp_path: Path) -> None:
    async with staffed(tmp_path, start=EVENING) as scene:
        case = await reminded(scene)
        async with scene.storage.unit() as unit:
            assert await unit.cases.erase_evidence(case.created_at) == 0
            assert await unit.cases.erase_evidence(case.created_at + timedelta(microseconds=1)) == 1
            found = await unit.cases.get(case.number)
        assert found is not None
        assert found.evidence == ""
