"""An appeal from the first notice to its end, read as chat transcripts (policy 6.3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from fakes.appellant import REASON, WHO, confirmed, points, published, state, until
from fakes.offices import audit, person, says, staffed
from fakes.scene import AD, OFFICE, ROOM, SHANGHAI

from storage.records import CaseState, Role

# ---- the whole life


async def test_an_appeal_from_filing_to_points_given_back(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        number = await confirmed(scene)
        assert await points(scene) == -2
        answer = await says(scene, WHO, f"/申诉 {number} {REASON}", where="")
        assert "已受理" in answer
        assert await state(scene, number) is CaseState.APPEALED
        file = scene.heard(OFFICE)[-1]
        for part in ("【申诉】", number, "商业推广", "3.1d", REASON, "李强", "可审理：王敏", "10-20"):
            assert part in file
        assert "申诉中" in await says(scene, WHO, f"/违规 {number}", where="")
        whole = await says(scene, "wang", f"/申诉 查看 {number}", where=OFFICE)
        assert "归一" in whole, "why each rule fired"
        listed = await says(scene, "wang", "/申诉 列表", where=OFFICE)
        assert number in listed
        said = await says(scene, "wang", f"/申诉 撤销 {number} 属公司通知", where=OFFICE)
        assert "退回 2 分" in said
        assert await points(scene) == 0
        assert await state(scene, number) is CaseState.OVERTURNED
        (told,) = [text for text in scene.heard(WHO) if "【申诉结果】" in text]
        assert "属公司通知" in told
        (public,) = [text for text in scene.heard(ROOM) if "经重新审查不成立" in text]
        assert "属公司通知" not in public
        assert {"appeal filed", "appeal read", "appeal overturned"} <= set(await audit(scene))
        async with scene.storage.view() as unit:
            kinds = [entry.kind for entry in await unit.ledger.entries(number)]
            (label,) = await unit.labels.list()
            assert (await unit.ledger.verify()).holds
        assert kinds == ["penalty", "reversal"]
        assert (label.number, label.verdict) == (number, "dismissed")


async def test_upheld_the_points_stay_and_only_its_author_hears(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        number = await confirmed(scene)
        await says(scene, WHO, f"/申诉 {number} {REASON}", where="")
        before = scene.heard(ROOM)
        said = await says(scene, "wang", f"/申诉 维持 {number} 内容与工作无关", where=OFFICE)
        assert "维持原决定" in said
        assert await points(scene) == -2
        assert await state(scene, number) is CaseState.UPHELD
        assert scene.heard(ROOM) == before
        assert "不能再次处理" in await says(scene, "wang", f"/申诉 撤销 {number} 再想想", where=OFFICE)
        assert "不能再次处理" in await says(scene, WHO, f"/申诉 {number} 再来一次", where="")
        assert await points(scene) == -2


async def test_withdrawn_the_case_stands_as_before_with_its_decider(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        number = await confirmed(scene)
        await says(scene, WHO, f"/申诉 {number} {REASON}", where="")
        assert "已撤回" in await says(scene, WHO, f"/申诉 撤回 {number}", where="")
        async with scene.storage.view() as unit:
            case = await unit.cases.get(number)
        assert case is not None
        assert case.state is CaseState.CONFIRMED
        assert case.decided_by == (await person(scene, "li")).key
        assert "【申诉撤回】" in scene.heard(OFFICE)[-1]
        assert "不能再次处理" in await says(scene, WHO, f"/申诉 {number} 又想申诉", where="")
        assert "没有" in await says(scene, "wang", "/申诉 列表", where=OFFICE)


async def test_an_early_appeal_against_what_nobody_has_confirmed_is_welcome(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        await scene.says(WHO, AD)
        number = (await scene.the_case()).number
        assert "尚未经人工确认" in await says(scene, WHO, f"/申诉 {number} {REASON}", where="")
        assert "申诉中" in await says(scene, "li", f"/违规 确认 {number}", where=OFFICE)
        await says(scene, "wang", f"/申诉 撤销 {number} 属通知", where=OFFICE)
        assert await points(scene) == 0


# ---- who may


async def test_whoever_confirmed_it_does_not_decide_and_hears_what_to_do(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        number = await confirmed(scene, by="wang")
        assert "已提请另行授权" in await says(scene, WHO, f"/申诉 {number} {REASON}", where="")
        assert "/授权 人力资源负责人" in scene.heard(OFFICE)[-1]
        for word in ("维持", "撤销"):
            said = await says(scene, "wang", f"/申诉 {word} {number} 理由充分", where=OFFICE)
            assert "由您认定" in said
            assert "/授权 人力资源负责人" in said
        assert await state(scene, number) is CaseState.APPEALED
        await scene.appoint("liu", Role.HR_LEAD)
        assert "可审理：刘洋" in await says(scene, "wang", f"/申诉 撤销 {number} 理由", where=OFFICE)
        assert "退回 2 分" in await says(scene, "liu", f"/申诉 撤销 {number} 属通知", where="")


async def test_nobody_decides_their_own_appeal(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        await scene.says("wang", AD)
        number = (await scene.the_case()).number
        await says(scene, "li", f"/违规 确认 {number}", where=OFFICE)
        said = await says(scene, "wang", f"/申诉 {number} {REASON}", where=OFFICE)
        assert "已提请另行授权" in said
        assert "已受理" in scene.heard("wang")[-1], "in the supervisors' room, too, it is told privately"
        assert "与您本人有关" in await says(scene, "wang", f"/申诉 撤销 {number} 我说不算", where=OFFICE)
        assert await points(scene, "wang") == -2


async def test_a_supervisor_appeals_own_and_only_hr_decides(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        await scene.says("li", AD)
        number = (await scene.the_case()).number
        await scene.appoint("zhao", Role.SUPERVISOR)
        await says(scene, "zhao", f"/违规 确认 {number}", where=OFFICE)
        assert "已受理" in await says(scene, "li", f"/申诉 {number} {REASON}", where="")
        assert "需要权限" in await says(scene, "li", f"/申诉 撤销 {number} 不算", where=OFFICE)
        assert "需要权限" in await says(scene, "zhao", f"/申诉 维持 {number} 属实", where=OFFICE)
        assert "退回 2 分" in await says(scene, "wang", f"/申诉 撤销 {number} 属实", where=OFFICE)


async def test_somebody_elses_case_is_as_unknown_as_none(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        number = await confirmed(scene)
        other = await says(scene, "chen", f"/申诉 {number} 我来替他说", where="")
        none = await says(scene, "chen", "/申诉 V-22222 我来替他说", where="")
        assert other.replace(number, "") == none.replace("V-22222", "")
        assert "没有找到案件" in await says(scene, "chen", f"/申诉 查看 {number}", where="")
        assert await state(scene, number) is CaseState.CONFIRMED


async def test_a_likeness_is_told_how_to_confirm(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        await scene.says("zhang", AD)
        number = (await scene.the_case()).number
        said = await says(scene, "zhang", f"/申诉 {number} {REASON}")
        assert "/认领" in said
        assert await state(scene, number) is CaseState.PROVISIONAL


# ---- until when


@pytest.mark.parametrize(
    ("out", "typed", "late"),
    [
        ("10-13 10:00", "10-16 23:59", False),
        ("10-13 10:00", "10-17 00:00", True),
        ("09-29 17:00", "10-09 23:59", False),  # 09-30, then National Day: 10-08 and 10-09
        ("09-29 17:00", "10-10 00:00", True),
    ],
)
async def test_three_working_days_from_publication_to_the_minute(
    tmp_path: Path, out: str, typed: str, late: bool
) -> None:
    start = datetime.fromisoformat(f"2026-{out}").replace(tzinfo=SHANGHAI)
    async with staffed(tmp_path, start=start) as scene:
        number = await confirmed(scene)
        await published(scene, number, scene.clock.now())
        moment = datetime.fromisoformat(f"2026-{typed}").replace(tzinfo=SHANGHAI)
        scene.clock.advance_to(moment)
        said = await says(scene, WHO, f"/申诉 {number} {REASON}", where="")
        if late:
            assert "已截止" in said
            assert f"申诉期至 {(moment - timedelta(days=1)):%m-%d}" in said
            assert await state(scene, number) is CaseState.CONFIRMED
        else:
            assert "已受理" in said


async def test_what_nobody_answered_for_is_reminded_on_day_three_and_five_and_beyond(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:  # a Tuesday
        number = await confirmed(scene)
        await says(scene, WHO, f"/申诉 {number} {REASON}", where="")

        def reminders() -> int:
            return sum("【申诉待审理】" in text for text in scene.heard(OFFICE))

        counts = []
        for day in ("10-14", "10-15", "10-16", "10-17", "10-19", "10-20", "10-21"):
            await until(scene, f"{day} 10:00")
            await until(scene, f"{day} 15:00")
            counts.append(reminders())
        assert counts == [0, 0, 1, 1, 1, 2, 3], "Friday is the third day, Tuesday the fifth"
        (*_, last) = [text for text in scene.heard(OFFICE) if "【申诉待审理】" in text]
        assert "已超过答复期限" in last
        assert any("待审理申诉 1" in text for text in scene.heard(OFFICE) if text.startswith("【日报】"))
        assert await state(scene, number) is CaseState.APPEALED, "it never lapses because nobody decided it"


async def test_left_undecided_it_ends_in_favour_of_an_author_who_has_left(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        await scene.says("chen", AD)
        number = (await scene.the_case()).number
        await says(scene, "li", f"/违规 确认 {number}", where=OFFICE)
        await says(scene, "chen", f"/申诉 {number} {REASON}", where="")
        async with scene.storage.unit() as unit:
            rows = await unit.people.roster()
            told = [replace(row, active=row.active and row.employee_no != "E1006") for row in rows]
            await unit.people.import_roster(told, scene.clock.now())
        await until(scene, "10-16 10:00")
        assert await state(scene, number) is CaseState.APPEALED
        await until(scene, "10-21 10:00")
        assert await state(scene, number) is CaseState.OVERTURNED
        assert await points(scene, "chen") == 0
        for reader in (OFFICE, "chen"):
            (told,) = [text for text in scene.heard(reader) if "【申诉结案】" in text]
            assert told == f"【申诉结案】案件 {number}：逾期未作决定，按申诉成立处理，已退回 2 分。"
        async with scene.storage.view() as unit:
            appeal = await unit.appeals.get(number)
            assert (await unit.ledger.verify()).holds
        assert appeal is not None
        assert (appeal.state, appeal.decided_by) == ("overturned", "system")
        assert "appeal overturned" in await audit(scene)
