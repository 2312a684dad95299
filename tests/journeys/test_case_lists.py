"""`/违规 列表`: by person, month and state; what is not understood is said; who may see whose."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from fakes.offices import audit, says, staffed
from fakes.scene import AD, OFFICE, ROOM, SHANGHAI, Scene


async def found(scene: Scene, who: str) -> str:
    await scene.says(who, AD)
    return (await scene.cases())[-1].number


async def until(scene: Scene, moment: str) -> None:
    there = datetime.fromisoformat(f"2026-{moment}").replace(tzinfo=SHANGHAI)
    await scene.later(seconds=(there - scene.clock.now()).total_seconds())


async def test_a_person_a_month_and_a_state_each_narrow_the_list(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        first, second = await found(scene, "zhang"), await found(scene, "wangwu")
        await says(scene, "li", f"/违规 确认 {first}", where=OFFICE)
        await until(scene, "11-03 10:00")
        third = await found(scene, "zhang")

        async def numbers(words: str) -> set[str]:
            said = await says(scene, "li", f"/违规 列表 {words}", where=OFFICE)
            return {number for number in (first, second, third) if number in said}

        for words, expected in (
            ("", {second, third}),
            ("张三", {first, third}),
            ("E1001", {first, third}),
            ("工号 E1001", {first, third}),
            ("张三 已确认", {first}),
            ("已确认 张三 10月", {first}),
            ("张三 2026-11", {third}),
            ("2026-10", {first, second}),
            ("本月", {third}),
            ("上月 待确认", {second}),
            ("已结案", {first}),
            ("全部", {first, second, third}),
            ("待处理 王五", {second}),
            ("张三 待审核", set()),
        ):
            assert await numbers(words) == expected, words
        assert await numbers("王五") == {second}
        said = await says(scene, "li", "/违规 列表 张三 待审核", where=OFFICE)
        assert "没有符合“张三，待审核”的案件" in said
        said = await says(scene, "li", "/违规 张三", where=OFFICE)
        assert "人力资源部张三（工号 E**01）的案件" in said
        assert "record read" in await audit(scene)


async def test_a_mention_means_its_person(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        first, second = await found(scene, "zhang"), await found(scene, "wangwu")
        said = await says(scene, "li", "/违规 列表 @人力资源部张三\u2005 待确认", where=OFFICE, at=("zhang",))
        assert first in said
        assert second not in said


@pytest.mark.parametrize("word", ["张三丰", "十月份", "2026-13", "已确人", "9999", "=1+1"])
async def test_a_word_that_names_nothing_is_answered_and_not_ignored(tmp_path: Path, word: str) -> None:
    async with staffed(tmp_path) as scene:
        await found(scene, "zhang")
        for line in (f"/违规 列表 {word}", f"/违规 列表 {word} 2026-10"):
            said = await says(scene, "li", line, where=OFFICE)
            assert f"没有找到“{word}”" in said
            assert "用法：/违规 [列表 [人|本人] [月份] [状态] [页]" in said
            assert "没有待处理" not in said
        said = await says(scene, "chen", f"/违规 列表 {word}", where="chen")
        assert f"没有看懂“{word}”" in said
        assert "用法：/违规 [列表 [月份] [状态] [页]" in said


async def test_two_words_of_one_kind_are_asked_back(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        for words in ("张三 王五", "9月 10月", "已确认 待确认", "1 2", "本人 张三"):
            said = await says(scene, "li", f"/违规 列表 {words}", where=OFFICE)
            assert f"没有看懂“{words.split()[1]}”" in said, words


async def test_members_see_their_own_alone(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        own, other = await found(scene, "someone"), await found(scene, "zhang")
        for words in ("", "本人", "2026-10", "待确认", "1"):
            said = await says(scene, "someone", f"/违规 列表 {words}", where="someone")
            assert own in said, words
            assert other not in said
            assert "兼职刷单" not in said
        for words in ("张三", "E1001", "张三丰"):
            assert "没有看懂" in await says(scene, "someone", f"/违规 列表 {words}", where="someone")
        assert "没有符合“已确认”的记录" in await says(scene, "someone", "/违规 列表 已确认", where="someone")
        assert "需要确认身份" in await says(scene, "zhang", "/违规 列表 2026-10", where="zhang")
        assert "record read" not in await audit(scene)


async def test_supervisors_see_their_own_record_like_anybody_and_alone(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        own, other = await found(scene, "li"), await found(scene, "zhang")
        for words in ("本人", "李强", "E1003"):
            before = len(scene.heard(OFFICE))
            await says(scene, "li", f"/违规 列表 {words}", where=OFFICE)
            assert len(scene.heard(OFFICE)) == before
            said = scene.heard("li")[-1]
            assert "您的记录" in said
            assert own in said
            assert other not in said
            assert "兼职刷单" not in said


async def test_the_next_page_keeps_what_was_asked_for(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        for _ in range(11):
            await found(scene, "zhang")
            scene.clock.advance(3600)
        said = await says(scene, "li", "/违规 列表 张三 2026-10", where=OFFICE)
        assert "“/违规 列表 张三 2026-10 2”" in said
        oldest = (await scene.cases())[0].number
        assert oldest not in said
        assert oldest in await says(scene, "li", "/违规 列表 张三 2026-10 2", where=OFFICE)
        assert "第 3 页没有内容" in await says(scene, "li", "/违规 列表 张三 3", where=OFFICE)


# ---- what a record says of points and appeals


async def test_an_appeal_is_offered_to_the_subject_alone_while_there_may_be_one(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        number = await found(scene, "someone")
        line = f"/违规 查看 {number}"

        async def offers(who: str = "someone", command: str = line) -> str:
            said = await says(scene, who, command, where=who)
            return next((row for row in said.splitlines() if f"/申诉 {number}" in row), "")

        assert "现在即可，最迟至月度公示后第 3 个工作日" in await offers()
        assert "现在即可" in await offers(command=f"/为什么 {number}")
        assert await offers("li") == ""
        await says(scene, "li", f"/违规 确认 {number}", where=OFFICE)
        await until(scene, "11-02 10:00")
        await says(scene, "wang", "/公示 2026-10 确认", where=OFFICE)
        assert "可申诉至 11-05（含当日）" in await offers()
        await until(scene, "11-06 09:30")
        assert await offers() == ""
        assert await offers(command=f"/为什么 {number}") == ""


async def test_what_came_to_nothing_costs_nothing_and_is_no_longer_appealed_against(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        number = await found(scene, "someone")
        await says(scene, "someone", f"/申诉 {number} 这是通知", where="someone")
        assert "如有异议" not in await says(scene, "someone", f"/违规 查看 {number}", where="someone")
        await says(scene, "wang", f"/申诉 撤销 {number} 属通知", where=OFFICE)
        for line in ("/违规", f"/违规 查看 {number}", f"/为什么 {number}"):
            said = await says(scene, "someone", line, where="someone")
            assert "申诉成立，已撤销" in said
            assert "不扣分" in said
            assert "2 分" not in said
            assert "如有异议" not in said
        dismissed = await found(scene, "chen")
        await says(scene, "li", f"/违规 驳回 {dismissed}", where=OFFICE)
        row = await says(scene, "chen", "/违规", where="chen")
        assert "不成立" in row
        assert "不扣分" in row


# ---- a month that was published


async def test_a_published_month_shows_what_was_published(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        first, second = await found(scene, "someone"), await found(scene, "chen")
        await says(scene, "li", f"/违规 确认 {first} {second}", where=OFFICE)
        await until(scene, "11-02 10:00")
        await says(scene, "wang", "/公示 2026-10 确认", where=OFFICE)
        said = await says(scene, "wang", "/公示 2026-10", where=OFFICE)
        for part in (
            "2026-10 已于 11-02 10:00 公示（王敏），共 2 人，已送达 2 人，不再更改",
            "市场部：1 人 1 项，扣 2 分，加 0 分，合计 -2",
            "事由：商业推广 2",
            "市场部陈晨　扣 2　加 0　合计 -2",
            "申诉截止 11-05（含当日）",
        ):
            assert part in said
        assert "申诉中" not in said
        assert "预览" not in said
        scene.clock.advance(60)
        await says(scene, "someone", f"/申诉 {first} 这是通知", where="someone")
        await says(scene, "chen", f"/申诉 {second} 这是通知", where="chen")
        await says(scene, "wang", f"/申诉 撤销 {second} 属通知", where=OFFICE)
        said = await says(scene, "wang", "/公示 10月", where=OFFICE)
        assert f"申诉中 1 件：{first}\n" in said
        assert f"公示后经申诉撤销 1 件：{second}\n" in said
        assert "市场部：1 人 1 项，扣 2 分，加 0 分，合计 -2" in said, "what was published stands"
        assert "不再更改" in await says(scene, "wang", "/公示 2026-10 确认", where=OFFICE)
        await until(scene, "11-06 09:30")
        assert "申诉截止 11-05（已截止）" in await says(scene, "wang", "/公示 2026-10", where=OFFICE)
        assert not any("月度积分" in text for text in scene.heard(ROOM))
