"""The review queue and the day's list, read as chat transcripts (policy: what fairness asks)."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

from fakes.offices import audit, person, says, staffed
from fakes.scene import AD, OFFICE, ROOM, SHANGHAI, Scene, opened

from bot.settings import Settings
from storage.records import CaseState

DOUBTFUL = "公司内购，员工价八折，需要的同事扫码报名"
TALKERS = ("someone", "zhang", "wangwu")


async def until(scene: Scene, moment: str) -> list[str]:
    there = datetime.fromisoformat(f"2026-{moment}").replace(tzinfo=SHANGHAI)
    return await scene.later(seconds=(there - scene.clock.now()).total_seconds())


async def states(scene: Scene) -> dict[str, CaseState]:
    return {case.number: case.state for case in await scene.cases()}


async def in_review(scene: Scene, who: str = "wangwu") -> str:
    """A doubtful case; its sender was quiet before."""
    scene.clock.advance(301)
    await scene.says(who, DOUBTFUL)
    case = (await scene.cases())[-1]
    assert (case.state, case.tier) == (CaseState.REVIEW, "review")
    return case.number


# ---- the day's list


async def test_the_days_list_is_shown_before_it_is_confirmed(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        for who in TALKERS:
            await scene.says(who, AD)
        doubtful = await in_review(scene)
        await scene.says("li", AD)
        (*sure, _, own) = list(await states(scene))
        shown = await says(scene, "li", "/违规 确认 今日", where=OFFICE)
        for number in sure:
            assert number in shown
        assert doubtful not in shown
        assert own not in shown
        assert "有疑问的 1 件" in shown
        assert "本人有关的 1 件" in shown
        assert set((await states(scene)).values()) == {CaseState.PROVISIONAL, CaseState.REVIEW}
        line = re.search(r"/违规 确认 今日 3件 确认", shown)
        assert line is not None
        await scene.says("chen", AD)  # a head: goes to review, and changes nothing
        done = await says(scene, "li", line[0], where=OFFICE)
        assert done.count("已确认") == 3
        now = await states(scene)
        assert [now[number] for number in sure] == [CaseState.CONFIRMED] * 3
        assert now[doubtful] is CaseState.REVIEW
        assert now[own] is CaseState.REVIEW
        assert "day list confirmed" in await audit(scene)
        assert sum("【处理结果】" in text for text in scene.heard("someone")) == 1


async def test_what_came_in_meanwhile_is_shown_again(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        await scene.says("someone", AD)
        assert "1件 确认" in await says(scene, "li", "/违规 确认 全部", where=OFFICE)
        await scene.says("zhang", AD)
        assert "2件 确认" in await says(scene, "li", "/违规 确认 全部 1件 确认", where=OFFICE)
        assert set((await states(scene)).values()) == {CaseState.PROVISIONAL}
        await says(scene, "li", "/违规 确认 全部 2件 确认", where=OFFICE)
        assert set((await states(scene)).values()) == {CaseState.CONFIRMED}
        assert "没有可以一并确认" in await says(scene, "li", "/违规 确认 全部", where=OFFICE)


async def test_today_leaves_out_yesterday(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        await scene.says("someone", AD)
        scene.clock.advance(24 * 3600)
        assert "今天没有" in await says(scene, "li", "/违规 确认 今日", where=OFFICE)
        assert "1件 确认" in await says(scene, "li", "/违规 确认 全部", where=OFFICE)


async def test_a_company_may_want_every_case_by_itself(tmp_path: Path) -> None:
    each = Settings.model_validate(
        {
            "rooms": {"guard": "all", "supervision": "群规监督组"},
            "penalty": {"confirm": "each"},
            "outbox": {"pacing": False},
        }
    )
    async with opened(tmp_path, settings=each) as scene:
        await scene.says("wang", "收到")
        await scene.appoint("wang")
        await scene.says("liu", AD)
        await scene.says("zhou", AD)
        first, second = await states(scene)
        for typed in ("/违规 确认 今日", "/违规 确认 全部", f"/违规 确认 {first} {second}"):
            (answer,) = await scene.says("wang", typed, where=OFFICE)
            assert "逐件确认" in answer
        assert set((await states(scene)).values()) == {CaseState.PROVISIONAL}
        await scene.says("wang", f"/违规 确认 {first}", where=OFFICE)
        assert (await states(scene))[first] is CaseState.CONFIRMED


# ---- reminders and lapses


async def test_what_waits_too_long_is_named_once_a_working_day(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:  # Tuesday 10:00
        number = await in_review(scene)

        def named() -> int:
            return sum("【待审核提醒】" in text and number in text for text in scene.heard(OFFICE))

        counts = []
        for moment in (
            "10-14 09:29",
            "10-14 09:31",
            "10-14 15:00",
            "10-15 09:31",
            "10-16 09:31",
            "10-17 12:00",
            "10-18 12:00",
        ):
            await until(scene, moment)
            counts.append(named())
        assert counts == [0, 1, 1, 2, 3, 3, 3]
        await says(scene, "li", f"/违规 驳回 {number} 公司福利", where=OFFICE)
        await until(scene, "10-19 09:31")
        assert named() == 3


async def test_a_doubt_that_nobody_settles_lapses_and_is_told(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        number = await in_review(scene)
        await scene.says("li", AD)
        standing = (await scene.cases())[-1]
        assert (standing.state, standing.tier) == (CaseState.REVIEW, "violation")
        await until(scene, "10-27 09:31")
        assert (await states(scene))[number] is CaseState.REVIEW, "the tenth working day"
        said = await until(scene, "10-28 09:31")
        now = await states(scene)
        assert now[number] is CaseState.DISMISSED
        assert now[standing.number] is CaseState.REVIEW, "nobody sits out their own case"
        assert any("按不成立结案" in text and number in text for text in said)
        (digest,) = [text for text in await until(scene, "10-28 17:30") if text.startswith("【日报】")]
        assert "逾期未决" in digest
        async with scene.storage.view() as unit:
            case = await unit.cases.get(number)
            assert await unit.ledger.entries(number) == []
        assert case is not None
        assert case.decided_by == "system"
        assert "case lapsed" in await audit(scene)
        assert "逾期未决" in await says(scene, "li", f"/违规 {number}", where=OFFICE)


# ---- at once, and learnt from


async def test_of_two_reviewers_in_one_second_one_decides(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        await scene.says("someone", AD)
        number = (await scene.the_case()).number
        scene.gateway.world.say(OFFICE, "li", f"/违规 确认 {number}")
        scene.gateway.world.say(OFFICE, "wang", f"/违规 驳回 {number} 误判")
        said = await scene.quiet()
        assert sum("现为已确认" in text or "现为不成立" in text for text in said) == 1
        assert sum("已由" in text for text in said) == 1


async def test_decisions_are_kept_as_examples_until_they_are_undone(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        await scene.says("someone", AD)
        number = (await scene.the_case()).number
        await says(scene, "li", f"/违规 驳回 {number} 误判", where=OFFICE)
        async with scene.storage.view() as unit:
            (label,) = await unit.labels.list("advertising")
        assert (label.verdict, label.text, label.by) == ("dismissed", AD, (await person(scene, "li")).key)
        await says(scene, "li", f"/违规 撤销 {number} 看错了", where=OFFICE)
        async with scene.storage.view() as unit:
            assert await unit.labels.list() == []


# ---- what was spoken of and nobody has confirmed


async def test_what_was_spoken_of_is_urged_until_somebody_confirms_it(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:  # Tuesday 10:00
        await scene.says("someone", AD)
        number = (await scene.the_case()).number
        assert not any("【待确认提醒】" in text for text in await until(scene, "10-14 09:29"))
        (urged,) = [text for text in await until(scene, "10-14 09:31") if "【待确认提醒】" in text]
        for part in (number, "商业推广", "已等待 8 个工作小时", "11-13 后自动结案", "/违规 确认 全部"):
            assert part in urged
        (digest,) = [text for text in await until(scene, "10-14 17:30") if text.startswith("【日报】")]
        assert "待确认 1（最久 1 个工作日，11-13 后自动结案）" in digest
        status = await says(scene, "li", "/状态", where=OFFICE)
        assert "待确认 1（最久 1 个工作日，11-13 后自动结案）" in status
        await says(scene, "li", f"/违规 确认 {number}", where=OFFICE)
        assert not any("【待确认提醒】" in text for text in await until(scene, "10-15 09:31"))


async def test_where_each_case_is_confirmed_by_itself_the_reminder_says_so(tmp_path: Path) -> None:
    rooms = {"guard": "all", "supervision": "群规监督组"}
    async with staffed(tmp_path, rooms=rooms, penalty={"confirm": "each"}) as scene:
        await scene.says("someone", AD)
        (urged,) = [text for text in await until(scene, "10-15 09:31") if "【待确认提醒】" in text]
        assert "/违规 确认 编号" in urged
        assert "全部" not in urged


async def test_what_nobody_confirms_is_closed_after_its_month_and_taken_back(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        for who in ("someone", "wangwu"):
            await scene.says(who, AD)
        first, second = await states(scene)
        await until(scene, "11-13 09:31")
        assert set((await states(scene)).values()) == {CaseState.PROVISIONAL}, (
            "the tenth working day of November"
        )
        await until(scene, "11-15 03:31")  # what was said in October is purged
        before = len(scene.heard(ROOM))
        said = await until(scene, "11-16 09:31")
        assert set((await states(scene)).values()) == {CaseState.DISMISSED}
        (taken_back,) = scene.heard(ROOM)[before:]
        assert taken_back.endswith(
            f"案件 {first}、{second} 逾期未经人工确认，按不成立处理，此前的提醒撤回，不扣分。打扰了，抱歉。"
        )
        assert "路人甲" in taken_back
        assert "市场部王五" in taken_back
        (round_,) = [text for text in said if "【待确认提醒】" in text]
        assert f"按不成立结案，不扣分，提醒已撤回：{first}、{second}" in round_
        async with scene.storage.view() as unit:
            assert await unit.ledger.total((await person(scene, "someone")).key) == 0
            assert (await unit.ledger.verify()).holds
        (digest,) = [text for text in await until(scene, "11-16 17:30") if text.startswith("【日报】")]
        assert "逾期未决、按不成立结案 2 件" in digest


async def test_what_was_reopened_since_is_not_closed_at_once(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        await scene.says("someone", AD)
        number = (await scene.the_case()).number
        await until(scene, "11-12 10:00")
        await says(scene, "li", f"/违规 确认 {number}", where=OFFICE)
        await says(scene, "li", f"/违规 撤销 {number} 看错了", where=OFFICE)
        await until(scene, "11-16 09:31")
        assert (await states(scene))[number] is CaseState.PROVISIONAL
        await until(scene, "12-14 09:31")
        assert (await states(scene))[number] is CaseState.PROVISIONAL, "the tenth working day of December"
        await until(scene, "12-15 09:31")
        assert (await states(scene))[number] is CaseState.DISMISSED


WALL = "啊" * 300
WEIGHED = "只有恶意刷屏才扣分，连续误发、赶工汇报等请驳回"


async def test_whether_a_flood_was_malicious_is_asked_before_it_is_confirmed(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        await scene.says("wangwu", WALL)
        case = await scene.the_case()
        assert (case.rule, case.state) == ("flooding", CaseState.PROVISIONAL)
        await scene.says("someone", AD)
        shown = await says(scene, "li", "/违规 确认 今日", where=OFFICE)
        assert shown.count(f"请权衡（刷屏）：{WEIGHED}") == 1


async def test_what_is_put_before_people_says_what_to_weigh(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        await scene.says("chen", WALL)  # a head is always reviewed first
        (item,) = [said for said in scene.heard(OFFICE) if "【待审核】" in said]
        assert f"请权衡：{WEIGHED}" in item
        await scene.says("chen", AD)
        assert "请权衡" not in scene.heard(OFFICE)[-1]
