"""`/违规 确认 编号 改为`: what it says of the rules, and what can not be done."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from fakes.offices import person, says, staffed
from fakes.refiled import (
    WHY,
    again,
    entries,
    found,
    labels,
    learnt,
    line,
    sound,
)
from fakes.scene import AD, OFFICE

from bot.reports.figures import gather as figures
from bot.reports.figures import titles
from storage.records import CaseState

# ---- what it says of the rules


async def test_it_counts_against_the_rule_that_found_it_and_for_no_other(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        case, right = await found(scene), await found(scene, "wangwu")
        await says(scene, "li", line(case), where=OFFICE)
        await says(scene, "li", f"/违规 确认 {right.number}", where=OFFICE)
        scene.clock.advance(60)  # a month's figures end before this moment
        rules = (await says(scene, "wang", "/规则", where=OFFICE)).splitlines()
        advertising = next(index for index, row in enumerate(rules) if "商业推广（" in row)
        incivility = next(index for index, row in enumerate(rules) if "不文明用语（" in row)
        assert "案件 2，审结 2，撤销率 50%" in rules[advertising + 1]
        assert rules[incivility + 1].strip() == "案件 0，审结 0"
        now, book = scene.clock.now(), scene.bot.policy.book
        async with scene.storage.view() as unit:
            day = await figures(unit, now - timedelta(days=1), now, now, book.calendar, titles(book), 10)
        (undone,) = day.undone
        assert (undone.rule, undone.undone, undone.decided, undone.moved) == ("商业推广", 1, 2, 1)
        # What happened in the room is counted as what it was.
        assert {tally.rule: tally.violations for room in day.rooms for tally in room.tallies} == {
            "商业推广": 1,
            "不文明用语": 1,
        }


async def test_its_text_is_an_example_of_the_rule_that_it_stands_under_alone(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        case = await found(scene)
        await says(scene, "li", line(case), where=OFFICE)
        assert await labels(scene) == {("advertising", "dismissed"), ("incivility", "confirmed")}
        assert await learnt(scene) == {("advertising", False), ("incivility", True)}


async def test_what_is_recorded_by_hand_says_nothing_of_a_rule(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        for facts in ("10-12 下午发推销海报", "10-12 晚上又发一张"):
            await says(scene, "li", f"/违规 登记 E1006 商业推广 项目工作群 {facts}", where=OFFICE)
        one, other = await scene.cases()
        await says(scene, "wang", f"/违规 确认 {one.number}", where=OFFICE)
        await says(scene, "wang", f"/违规 驳回 {other.number} 看错了", where=OFFICE)
        scene.clock.advance(60)  # a month's figures end before this moment
        rules = (await says(scene, "wang", "/规则", where=OFFICE)).splitlines()
        at = next(index for index, row in enumerate(rules) if "商业推广（" in row)
        assert rules[at + 1].strip() == "案件 0，审结 0"
        now, book = scene.clock.now(), scene.bot.policy.book
        async with scene.storage.view() as unit:
            day = await figures(unit, now - timedelta(days=1), now, now, book.calendar, titles(book), 10)
        assert day.undone == ()
        assert sum(tally.total for room in day.rooms for tally in room.tallies) == 2


# ---- what a person recorded


async def test_what_a_witness_wrote_down_stays_what_happened(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        facts = "10-12 下午在群里语音骂人"
        await says(scene, "li", f"/违规 登记 E1006 商业推广 项目工作群 {facts}", where=OFFICE)
        case = await scene.the_case()
        assert "由您登记" in await says(scene, "li", line(case), where=OFFICE)
        assert "扣 4 分" in await says(scene, "wang", line(case), where=OFFICE)
        after = await again(scene, case)
        assert (after.rule, after.reason) == ("incivility", facts)
        told = next(text for text in scene.heard("chen") if "【处理结果】" in text)
        assert f"监督员登记您“{facts}”，经另一人确认，认定为不文明用语（群规第 5.1 条），理由：{WHY}" in told
        assert await labels(scene) == set()
        assert await sound(scene)


# ---- what can't be done decides nothing


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("确认 {} 改为", "写明规则和理由"),
        ("确认 {} 改为 不文明用语", "须写明理由"),
        ("确认 {} 改为 不文明用雨 骂人", "没有这条规则。您是指“不文明用语”吗"),
        ("确认 {} 改为通知 已说明", "没有这条规则"),
        ("确认 {} 改为 不文明用语 从重 骂人", "不能从重"),
        ("确认 {} 改为 不文明用语 初犯，从轻处理", "单独写“从轻”"),
        ("确认 {} 改为 商业推广 骂人", "本来就按“商业推广”立案"),
        ("确认 {} 改为 群昵称 骂人", "不能互换"),
        ("确认 {} 改为 未经证实的信息 骂人", "没有执行“未经证实的信息”"),
        ("驳回 {} 改为 不文明用语 骂人", "只有确认时才能改按另一规则"),
        ("撤销 {} 改为 不文明用语 骂人", "没有可以撤销的操作"),
        ("确认 今日 改为 不文明用语 骂人", "请逐件写明编号"),
    ],
)
async def test_what_can_not_be_done_is_said_and_nothing_is_decided(
    tmp_path: Path, words: str, answer: str
) -> None:
    async with staffed(tmp_path, rules={"rumour": {"enabled": False}}) as scene:
        case = await found(scene)
        before = len(scene.heard("zhang"))
        said = await says(scene, "li", "/违规 " + words.format(case.number), where=OFFICE)
        assert answer in said
        after = await again(scene, case)
        assert (after.state, after.rule, after.filed_rule) == (CaseState.PROVISIONAL, "advertising", "")
        assert await entries(scene, case) == [("penalty", "advertising", -2)]
        assert len(scene.heard("zhang")) == before


async def test_nobody_does_it_about_themselves_nor_for_several_at_once_nor_twice(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        own, one, other = await found(scene, "li"), await found(scene), await found(scene, "wangwu")
        assert "须由其他监督员处理" in await says(scene, "li", line(own), where=OFFICE)
        both = f"/违规 确认 {one.number} {other.number} 改为 不文明用语 骂人"
        assert "一次只写一个编号" in await says(scene, "li", both, where=OFFICE)
        assert "需要权限" in await says(scene, "someone", line(one))
        await says(scene, "li", line(one), where=OFFICE)
        assert "已由李强处理" in await says(scene, "wang", line(one, "不宜内容/gambling"), where=OFFICE)
        assert (await again(scene, other)).state is CaseState.PROVISIONAL


async def test_a_rule_on_trial_is_only_right_or_wrong(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        await says(scene, "wang", "/规则 试运行 商业推广 项目工作群", where=OFFICE)
        case = await found(scene)
        assert case.state is CaseState.SHADOW
        assert "只判断对错" in await says(scene, "li", line(case), where=OFFICE)
        await says(scene, "wang", "/规则 恢复 商业推广 项目工作群", where=OFFICE)
        await says(scene, "wang", "/规则 试运行 不文明用语 项目工作群", where=OFFICE)
        live = await found(scene, "wangwu")
        assert "没有执行“不文明用语”" in await says(scene, "li", line(live), where=OFFICE)


async def test_what_goes_on_with_it_is_still_counted_there(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        case = await found(scene)
        await says(scene, "li", line(case), where=OFFICE)
        await scene.says("zhang", AD + "，名额有限")
        assert (await scene.the_case()).repeats == 1
        assert (await person(scene, "zhang")).key == case.person_key
