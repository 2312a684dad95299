"""`/违规 确认 编号 改为 规则 理由`: what was filed under the wrong rule stands under the right one, at no more."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from fakes.offices import audit, says, staffed
from fakes.refiled import (
    AD_WITH_A_DOUBT,
    GAMBLING,
    NIGHT,
    WHY,
    again,
    entries,
    found,
    labels,
    learnt,
    line,
    sound,
)
from fakes.scene import OFFICE, ROOM

from bot.reports.tables import gather
from storage.records import CaseState

# ---- what it costs


async def test_whoever_was_told_of_two_points_pays_two_and_hears_what_it_is_now_and_why(
    tmp_path: Path,
) -> None:
    async with staffed(tmp_path) as scene:
        case = await found(scene)
        assert case.points == 2
        said = await says(scene, "li", line(case), where=OFFICE)
        assert (
            f"案件 {case.number}（人力资源部张三）改按“不文明用语”（第 5.1 条）认定，现为已确认，扣 2 分"
            in said
        )
        assert "该规则为 4 分，按此前较低的分值计" in said
        after = await again(scene, case)
        assert (after.state, after.rule, after.clause, after.points) == (
            CaseState.CONFIRMED,
            "incivility",
            "5.1",
            2,
        )
        assert (after.filed_rule, after.filed_clause, after.filed_points) == ("advertising", "3.1d", 2)
        assert await entries(scene, case) == [
            ("penalty", "advertising", -2),
            ("reversal", "advertising", 2),
            ("penalty", "incivility", -2),
        ]
        told = next(text for text in scene.heard("zhang") if "【处理结果】" in text)
        for part in (
            "认定为不文明用语（群规第 5.1 条），理由：当众辱骂同事",
            "此前告知的是商业推广（第 3.1d 条），不准确",
            "扣 2 分（该条为 4 分，按此前较低的分值计）",
            f"/申诉 {case.number}",
        ):
            assert part in told
        public = scene.heard(ROOM)[-1]
        assert "此前提醒中所列条款不准确，予以更正" in public
        for word in ("不文明", "5.1", WHY, "扣"):
            assert word not in public
        assert "case reclassified" in await audit(scene)
        assert await sound(scene)


async def test_whoever_had_not_heard_of_it_is_charged_what_the_clause_costs(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        case = await found(scene, "chen")  # a head: in review, and nobody has heard of it
        assert case.state is CaseState.REVIEW
        said = await says(scene, "li", line(case), where=OFFICE)
        assert "扣 4 分。" in said
        assert await entries(scene, case) == [("penalty", "incivility", -4)]
        told = next(text for text in scene.heard("chen") if "【处理结果】" in text)
        assert "扣 4 分。如不同意" in told
        assert "此前告知" not in told
        assert not any("条款不准确" in text for text in scene.heard(ROOM))
        assert await sound(scene)


async def test_a_lesser_rule_costs_less(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        case = await found(scene, text=GAMBLING)
        assert (case.rule, case.points) == ("banned_words", 5)
        assert "扣 2 分。" in await says(scene, "li", line(case, "advertising", "只是广告"), where=OFFICE)
        assert [points for _, _, points in await entries(scene, case)] == [-5, 5, -2]
        assert await sound(scene)


async def test_the_lesser_cost_or_none_may_be_asked_for(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        unheard, reminded = await found(scene, "chen"), await found(scene)
        said = await says(scene, "li", line(unheard, "不文明用语 从轻"), where=OFFICE)
        assert "扣 2 分（该规则为 4 分" in said
        said = await says(scene, "li", line(reminded, "不文明用语 仅提醒"), where=OFFICE)
        assert "现为已确认，仅提醒，不扣分" in said
        assert await entries(scene, reminded) == [
            ("penalty", "advertising", -2),
            ("reversal", "advertising", 2),
        ]
        after = await again(scene, reminded)
        assert (after.rule, after.points, after.waived_points) == ("incivility", 0, 2)
        assert "本次仅作提醒，不扣分" in next(text for text in scene.heard("zhang") if "【处理结果】" in text)
        await says(scene, "wang", f"/违规 撤销 {reminded.number}", where=OFFICE)
        after = await again(scene, reminded)
        assert (after.rule, after.points, after.waived_points, after.filed_rule) == ("advertising", 2, 0, "")
        assert await sound(scene)


async def test_a_notice_that_has_not_left_is_never_said_and_does_not_count_as_heard(tmp_path: Path) -> None:
    async with staffed(tmp_path, start=NIGHT) as scene:
        case = await found(scene)
        assert case.noticed_at is None
        assert "扣 4 分。" in await says(scene, "li", line(case), where=OFFICE)
        await scene.later(hours=11)
        assert not any("【群规提醒】" in text for text in scene.heard(ROOM))
        told = next(text for text in scene.heard("zhang") if "【处理结果】" in text)
        assert "此前告知" not in told
        assert [points for _, _, points in await entries(scene, case)] == [-2, 2, -4]
        assert await sound(scene)


async def test_a_notice_that_is_on_its_way_counts_as_heard_and_is_put_right_where_it_was_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with staffed(tmp_path) as scene:
        original, decided = scene.gateway.say, asyncio.Event()
        scene.bot.handler.listeners.append(
            lambda one: decided.set() if one.message and "改为" in one.message.text else None
        )

        async def decided_meanwhile(conversation_id: str, text: str, mentions: Sequence[str] = ()) -> str:
            monkeypatch.undo()
            case = await scene.the_case()
            scene.gateway.world.say(OFFICE, "li", line(case))
            await decided.wait()
            return await original(conversation_id, text, mentions)

        monkeypatch.setattr(scene.gateway, "say", decided_meanwhile)
        case = await found(scene)
        assert (case.rule, case.points) == ("incivility", 2)
        *_, notice, right = scene.heard(ROOM)
        assert "拟扣 2 分" in notice
        assert "所列条款不准确，予以更正" in right
        assert "不扣分" not in right
        assert await sound(scene)


async def test_undone_before_it_left_the_notice_is_said_after_all(tmp_path: Path) -> None:
    async with staffed(tmp_path, start=NIGHT) as scene:
        case = await found(scene)
        await says(scene, "li", line(case), where=OFFICE)
        await says(scene, "li", f"/违规 撤销 {case.number}", where=OFFICE)
        await scene.later(hours=11)
        (notice,) = [text for text in scene.heard(ROOM) if "【群规提醒】" in text]
        assert "拟扣 2 分" in notice
        assert not any("【处理结果】" in text for text in scene.heard("zhang"))


async def test_an_earlier_result_bounds_the_next_one(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        case = await found(scene, "chen")
        for _ in range(2):
            # The same decision twice is the same points.
            assert "扣 4 分。" in await says(scene, "li", line(case), where=OFFICE)
            await says(scene, "li", f"/违规 撤销 {case.number}", where=OFFICE)
        said = await says(scene, "li", line(case, "不宜内容/gambling", "赌博"), where=OFFICE)
        assert "扣 4 分（该规则为 5 分" in said
        assert await sound(scene)


async def test_an_outsider_is_charged_nothing_under_any_rule(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        await says(scene, "wang", "/绑定 外部 @某某公司李四\u2005", where=OFFICE, at=("lisi",))
        case = await found(scene, "lisi")
        assert case.points == 0
        assert "不扣分" in await says(scene, "li", line(case), where=OFFICE)
        assert await entries(scene, case) == []


# ---- what stands, and what is undone


async def test_undone_it_is_what_it_was_filed_as(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        case = await found(scene)
        await says(scene, "li", line(case), where=OFFICE)
        assert "拟扣 2 分" in await says(scene, "wang", f"/违规 撤销 {case.number} 再看", where=OFFICE)
        after = await again(scene, case)
        assert (after.rule, after.category, after.clause, after.points, after.reason, after.signs) == (
            case.rule,
            case.category,
            case.clause,
            case.points,
            case.reason,
            case.signs,
        )
        assert (after.state, after.filed_rule, after.filed_reason) == (CaseState.PROVISIONAL, "", "")
        assert (await entries(scene, case))[3:] == [
            ("reversal", "incivility", 2),
            ("penalty", "advertising", -2),
        ]
        assert await labels(scene) == set()
        assert any("将重新处理" in text for text in scene.heard("zhang"))
        # 李强 was overruled, and 王敏 confirms it as it was filed.
        assert "须由其他监督员" in await says(scene, "li", line(case), where=OFFICE)
        assert "现为已确认，扣 2 分" in await says(scene, "wang", f"/违规 确认 {case.number}", where=OFFICE)
        assert await sound(scene)


async def test_with_a_graver_doubt_beside_it_all_three_come_back(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        case = await found(scene, text=AD_WITH_A_DOUBT)
        assert case.graver_rule == "banned_words"
        said = await says(scene, "li", line(case, "不宜内容", "赌博"), where=OFFICE)
        assert f"/违规 确认 {case.number} 从重" in said
        await says(scene, "li", line(case), where=OFFICE)
        await says(scene, "li", f"/违规 撤销 {case.number}", where=OFFICE)
        assert "扣 5 分" in await says(scene, "li", f"/违规 确认 {case.number} 从重", where=OFFICE)
        after = await again(scene, case)
        assert (after.rule, after.graver_rule) == ("banned_words", "advertising")
        assert await sound(scene)


async def test_a_graver_finding_that_has_a_case_of_its_own_is_not_charged_twice(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        case = await found(scene, text=AD_WITH_A_DOUBT)
        async with scene.storage.unit() as unit:
            other = await unit.cases.open(replace(case, number="", rule=case.graver_rule, graver_rule=""))
        said = await says(scene, "li", f"/违规 确认 {case.number} 从重", where=OFFICE)
        assert f"这条消息已有“不宜内容”的案件 {other.number}" in said
        assert (await again(scene, case)).state is case.state


async def test_everything_that_shows_the_case_shows_both_rules(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        case = await found(scene, "someone")
        await says(scene, "li", line(case), where=OFFICE)
        record = await says(scene, "someone", f"/违规 查看 {case.number}", where="someone")
        assert "事由：不文明用语（第 5.1 条，2 分）" in record
        assert "原按商业推广（第 3.1d 条）立案，经人工改按不文明用语认定" in record
        assert f"说明：{WHY}" in record
        why = await says(scene, "someone", f"/为什么 {case.number}", where="someone")
        assert "原按“商业推广”（第 3.1d 条）立案，经人工改按“不文明用语”（群规第 5.1 条，2 分）" in why
        shown = await says(scene, "wang", f"/违规 查看 {case.number}", where=OFFICE)
        assert "系统把握" not in shown
        seen = await says(scene, "wang", f"/为什么 {case.number}", where=OFFICE)
        assert "当时：商业推广，违规" in seen
        assert "人工改按不文明用语（第 5.1 条）认定" in seen
        assert "重判，结果相同" in seen
        assert "不文明用语" in await says(scene, "someone", "/积分", where="someone")
        async with scene.storage.view() as unit:
            (cases,) = await gather(unit, "cases", "2026-10", scene.bot.policy.book, 3)
            (ledger,) = await gather(unit, "ledger", "2026-10", scene.bot.policy.book, 3)
        row = dict(zip(cases.headings, cases.rows[0], strict=True))
        assert (row["事由"], row["条款"], row["分值"], row["入账"], row["原按何事由立案"]) == (
            "不文明用语",
            "5.1",
            2,
            -2,
            "商业推广（3.1d）",
        )
        what = ledger.headings.index("事由")
        assert [entry[what] for entry in ledger.rows] == ["商业推广", "商业推广", "不文明用语"]


async def test_education_comes_with_the_rule_that_it_stands_under(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        case = await found(scene)
        await says(scene, "li", line(case), where=OFFICE)
        await scene.later(minutes=1)
        assert any("已确认为不文明用语（群规第 5.1 条）" in text for text in scene.heard("zhang"))


# ---- appeals


async def test_an_appeal_against_it_is_decided_on_both_rules_and_gives_back_what_it_cost(
    tmp_path: Path,
) -> None:
    async with staffed(tmp_path) as scene:
        case = await found(scene, "someone")
        await says(scene, "li", line(case), where=OFFICE)
        assert "已受理" in await says(scene, "someone", f"/申诉 {case.number} 没有骂人", where="someone")
        file = next(text for text in reversed(scene.heard(OFFICE)) if "【申诉】" in text)
        assert "事由：不文明用语（第 5.1 条，2 分）" in file
        assert "原按商业推广（第 3.1d 条，2 分）立案，经人工改按不文明用语认定" in file
        assert "退回 2 分" in await says(scene, "wang", f"/申诉 撤销 {case.number} 属误会", where=OFFICE)
        assert sum(points for _, _, points in await entries(scene, case)) == 0
        assert await labels(scene) == {("advertising", "dismissed"), ("incivility", "dismissed")}
        assert await learnt(scene) == {("advertising", False), ("incivility", False)}
        assert await sound(scene)
