"""从轻, 从重 and 仅提醒: what can't be done is said and nothing is decided; a reminder costs nothing, everywhere."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from fakes.offices import says, staffed
from fakes.refiled import AD_WITH_A_DOUBT, again, found, sound
from fakes.scene import OFFICE, ROOM, SHANGHAI, Scene

from storage.records import Case, CaseState


async def entries(scene: Scene, case: Case) -> list[tuple[str, int]]:
    async with scene.storage.view() as unit:
        return [(entry.kind, entry.points) for entry in await unit.ledger.entries(case.number)]


# ---- words that can't be followed


@pytest.mark.parametrize("words", ["从轻", "从重", "初犯 从轻", "初犯，从轻处理", "念其初犯不扣分", "從輕"])
async def test_with_one_finding_there_is_nothing_to_choose_and_nothing_is_decided(
    tmp_path: Path, words: str
) -> None:
    async with staffed(tmp_path) as scene:
        case = await found(scene)
        before = len(scene.heard("zhang"))
        said = await says(scene, "li", f"/违规 确认 {case.number} {words}", where=OFFICE)
        for part in (
            "只有一项认定（商业推广，2 分）",
            "尚未处理",
            f"按 2 分认定：/违规 确认 {case.number}；",
            f"/违规 确认 {case.number} 仅提醒 理由",
            f"/违规 驳回 {case.number} 理由",
        ):
            assert part in said
        assert (await again(scene, case)).state is CaseState.PROVISIONAL
        assert await entries(scene, case) == [("penalty", -2)]
        assert len(scene.heard("zhang")) == before


async def test_of_several_only_those_with_two_findings_are_decided(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        plain, doubted = await found(scene), await found(scene, "wangwu", AD_WITH_A_DOUBT)
        said = await says(scene, "li", f"/违规 确认 {plain.number} {doubted.number} 从轻", where=OFFICE)
        assert f"案件 {plain.number} 只有一项认定" in said
        assert f"案件 {doubted.number}（市场部王五）现为已确认，扣 2 分" in said
        states = [(await again(scene, case)).state for case in (plain, doubted)]
        assert states == [CaseState.PROVISIONAL, CaseState.CONFIRMED]


@pytest.mark.parametrize("words", ["从轻 从重", "影响较大，从重处罚", "仅提醒 从重 屡次发布"])
async def test_with_two_findings_an_unclear_word_is_asked_back(tmp_path: Path, words: str) -> None:
    async with staffed(tmp_path) as scene:
        case = await found(scene, text=AD_WITH_A_DOUBT)
        said = await says(scene, "li", f"/违规 确认 {case.number} {words}", where=OFFICE)
        for part in ("尚未处理", f"确认 {case.number} 从轻", "不宜内容，5 分", f"确认 {case.number} 从重"):
            assert part in said
        assert (await again(scene, case)).state is CaseState.PROVISIONAL


async def test_a_reason_that_only_looks_like_a_weight_is_a_reason(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        case = await found(scene)
        assert "扣 2 分" in await says(
            scene, "li", f"/违规 确认 {case.number} 从重庆分公司转来", where=OFFICE
        )
        assert "理由：从重庆分公司转来" in scene.heard("zhang")[-1]


async def test_dismissing_and_undoing_weigh_nothing(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        case = await found(scene)
        for words in ("从轻", "仅提醒 初犯"):
            said = await says(scene, "li", f"/违规 驳回 {case.number} {words}", where=OFFICE)
            assert "驳回即不扣分" in said
            assert f"/违规 确认 {case.number} 仅提醒 理由" in said
        assert (await again(scene, case)).state is CaseState.PROVISIONAL
        await says(scene, "li", f"/违规 确认 {case.number}", where=OFFICE)
        said = await says(scene, "li", f"/违规 撤销 {case.number} 从轻", where=OFFICE)
        assert "未作变动" in said
        assert (await again(scene, case)).state is CaseState.CONFIRMED
        # In a dismissal's reason such words are only words.
        await says(scene, "li", f"/违规 撤销 {case.number}", where=OFFICE)
        assert "不成立" in await says(scene, "li", f"/违规 驳回 {case.number} 证据不足，不扣分", where=OFFICE)


async def test_a_days_list_is_not_confirmed_more_or_less(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        case = await found(scene)
        for words in ("从轻", "1件 确认 从轻", "仅提醒 初犯"):
            said = await says(scene, "li", f"/违规 确认 今日 {words}", where=OFFICE)
            assert "请逐件写明编号" in said
            assert "将确认以下" not in said
        assert (await again(scene, case)).state is CaseState.PROVISIONAL


# ---- a reminder only


async def test_a_reminder_costs_nothing_and_everything_says_so(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        case = await found(scene, "someone")
        line = f"/违规 确认 {case.number} 仅提醒"
        assert "须写明理由" in await says(scene, "li", line, where=OFFICE)
        assert (await again(scene, case)).state is CaseState.PROVISIONAL
        said = await says(scene, "li", f"{line} 初次误发，已说明", where=OFFICE)
        assert "现为已确认，仅提醒，不扣分" in said
        after = await again(scene, case)
        assert (after.state, after.points, after.waived_points) == (CaseState.CONFIRMED, 0, 2)
        assert await entries(scene, case) == [("penalty", -2), ("reversal", 2)]
        assert await sound(scene)
        told = scene.heard("someone")[-1]
        for part in (case.number, "第 3.1d 条", "理由：初次误发 已说明", "本次仅作提醒，不扣分", "/申诉"):
            assert part in told
        assert "扣 0 分" not in told
        for line in ("/违规", f"/违规 查看 {case.number}", f"/为什么 {case.number}"):
            record = await says(scene, "someone", line, where="someone")
            assert "已确认（仅提醒）" in record
            assert "不扣分" in record
            assert "2 分" not in record
        assert "已确认：0 / 0 分" in await says(scene, "someone", "/积分", where="someone")


async def test_a_reminder_is_undone_to_what_it_was(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        case = await found(scene)
        await says(scene, "li", f"/违规 确认 {case.number} 仅提醒 初犯", where=OFFICE)
        assert "拟扣 2 分" in await says(scene, "li", f"/违规 撤销 {case.number}", where=OFFICE)
        after = await again(scene, case)
        assert (after.state, after.points, after.waived_points) == (CaseState.PROVISIONAL, 2, 0)
        assert sum(points for _, points in await entries(scene, case)) == -2
        assert "扣 2 分" in await says(scene, "li", f"/违规 确认 {case.number}", where=OFFICE)
        assert await sound(scene)


async def test_of_two_findings_a_reminder_stands_for_the_lesser(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        case = await found(scene, text=AD_WITH_A_DOUBT)
        await says(scene, "li", f"/违规 确认 {case.number} 仅提醒 初犯，从轻", where=OFFICE)
        after = await again(scene, case)
        assert (after.rule, after.points, after.graver_rule) == ("advertising", 0, "banned_words")
        await says(scene, "li", f"/违规 撤销 {case.number}", where=OFFICE)
        await says(scene, "li", f"/违规 确认 {case.number} 从重", where=OFFICE)
        after = await again(scene, case)
        assert (after.rule, after.points) == ("banned_words", 5)
        assert sum(points for _, points in await entries(scene, case)) == -5
        assert await sound(scene)


async def test_a_case_in_review_becomes_a_reminder_without_an_entry(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        case = await found(scene, "chen")  # a head: in review
        assert case.state is CaseState.REVIEW
        await says(scene, "li", f"/违规 确认 {case.number} 仅提醒 初犯", where=OFFICE)
        assert await entries(scene, case) == []
        assert "仅作提醒" in scene.heard("chen")[-1]
        await says(scene, "li", f"/违规 撤销 {case.number}", where=OFFICE)
        after = await again(scene, case)
        assert (after.state, after.points) == (CaseState.REVIEW, 2)


async def test_nobody_reminds_themselves_and_a_member_decides_nothing(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        own, other = await found(scene, "li"), await found(scene)
        line = f"/违规 确认 {own.number} 仅提醒 误发"
        assert "须由其他监督员处理" in await says(scene, "li", line, where=OFFICE)
        line = f"/违规 确认 {other.number} 仅提醒 误发"
        assert "需要权限" in await says(scene, "someone", line)
        assert await entries(scene, other) == [("penalty", -2)]
        await says(scene, "li", line, where=OFFICE)
        # What is decided stays so, whatever is said of its weight.
        assert "已由李强处理" in await says(scene, "wang", f"{line} 再看", where=OFFICE)
        assert "已由李强处理" in await says(scene, "wang", f"/违规 确认 {other.number} 从轻", where=OFFICE)


async def test_a_reminder_may_be_appealed_against_and_takes_nothing_from_a_month(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        case = await found(scene, "someone")
        await says(scene, "li", f"/违规 确认 {case.number} 仅提醒 初犯", where=OFFICE)
        assert "已受理" in await says(scene, "someone", f"/申诉 {case.number} 这是通知", where="someone")
        assert "维持原决定，不扣分" in await says(
            scene, "wang", f"/申诉 维持 {case.number} 确属推销", where=OFFICE
        )
        assert await entries(scene, case) == [("penalty", -2), ("reversal", 2)]
        november = datetime(2026, 11, 2, 10, 0, tzinfo=SHANGHAI)
        await scene.later(seconds=(november - scene.clock.now()).total_seconds())
        await says(scene, "wang", "/公示 2026-10 确认", where=OFFICE)
        async with scene.storage.view() as unit:
            kept = await unit.statements.get("2026-10")
        assert kept is None or sum(line.deducted for line in kept.lines) == 0
        assert await sound(scene)


# ---- a dismissal's reason


async def test_why_a_case_was_dismissed_reaches_its_subject_and_not_the_group(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        case = await found(scene)
        await says(scene, "li", f"/违规 驳回 {case.number} 公司内购活动", where=OFFICE)
        public, private = scene.heard(ROOM)[-1], scene.heard("zhang")[-1]
        assert "此前的提醒撤回" in public
        assert "公司内购" not in public
        for part in (case.number, "不予认定，不扣分，理由：公司内购活动", "致歉"):
            assert part in private


async def test_without_a_reason_the_group_hears_of_it_and_nobody_twice(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        case = await found(scene)
        before = len(scene.heard("zhang"))
        await says(scene, "li", f"/违规 驳回 {case.number}", where=OFFICE)
        assert "此前的提醒撤回" in scene.heard(ROOM)[-1]
        assert len(scene.heard("zhang")) == before
