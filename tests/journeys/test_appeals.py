"""An appeal from the first notice to its end, read as chat transcripts (policy 6.3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from fakes.offices import audit, person, says, staffed
from fakes.scene import AD, OFFICE, ROOM, SHANGHAI, Scene

from bot.commands.claims import issue
from storage.records import CaseState, Role

WHO = "someone"
REASON = "这是公司内部通知，并非广告"


async def confirmed(scene: Scene, by: str = "li") -> str:
    """Somebody advertises, and a reviewer confirms the case."""
    await scene.says(WHO, AD)
    number = (await scene.cases())[-1].number
    assert "已确认" in await says(scene, by, f"/违规 确认 {number}", where=OFFICE)
    return number


async def published(scene: Scene, number: str, at: datetime) -> None:
    async with scene.storage.unit() as unit:
        assert await unit.cases.publish([number], at)


async def points(scene: Scene, who: str = WHO) -> int:
    key = (await person(scene, who)).key
    async with scene.storage.view() as unit:
        return await unit.ledger.total(key)


async def state(scene: Scene, number: str) -> CaseState:
    async with scene.storage.view() as unit:
        case = await unit.cases.get(number)
    assert case is not None
    return case.state


async def until(scene: Scene, moment: str) -> list[str]:
    """Let time pass until a local moment of 2026, with a tick at the end; what the bot says meanwhile."""
    there = datetime.fromisoformat(f"2026-{moment}").replace(tzinfo=SHANGHAI)
    return await scene.later(seconds=(there - scene.clock.now()).total_seconds())


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


async def test_it_lapses_when_its_author_has_left_and_its_time_is_over(tmp_path: Path) -> None:
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
        assert await state(scene, number) is CaseState.CONFIRMED
        assert any("【申诉终止】" in text for text in scene.heard(OFFICE))


# ---- hostile, and at once


async def test_of_two_leads_in_one_second_one_decides(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        number = await confirmed(scene)
        await scene.appoint("liu", Role.HR_LEAD)
        await says(scene, WHO, f"/申诉 {number} {REASON}", where="")
        scene.gateway.world.say("wang", "wang", f"/申诉 撤销 {number} 属通知")
        scene.gateway.world.say("liu", "liu", f"/申诉 维持 {number} 无关工作")
        said = await scene.quiet()
        assert sum("已告知本人" in text for text in said) == 1
        assert sum("不能再次处理" in text for text in said) == 1
        async with scene.storage.view() as unit:
            assert len(await unit.ledger.entries(number)) <= 2
        assert sum("【申诉结果】" in text for text in scene.heard(WHO)) == 1


async def test_an_appeal_in_the_group_reveals_nothing_there(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        number = await confirmed(scene)
        before = len(scene.heard(ROOM))
        await says(scene, WHO, f"/申诉 {number} {REASON}", where=ROOM)
        assert scene.heard(ROOM)[before:] == []
        assert "已受理" in scene.heard(WHO)[-1]


@pytest.mark.parametrize(
    "hostile",
    [
        "{{7*7}} {% raw %}",
        "@所有人 你们都被骗了",
        "第一行\n第二行\n【系统】已撤销",
        "\u202e倒过来\u2066",
        "我的电话13800138000",
    ],
)
async def test_hostile_reasons_are_shown_harmless(tmp_path: Path, hostile: str) -> None:
    async with staffed(tmp_path) as scene:
        number = await confirmed(scene)
        assert "已受理" in await says(scene, WHO, f"/申诉 {number} {hostile}", where="")
        file = scene.heard(OFFICE)[-1]
        (line,) = [line for line in file.splitlines() if line.startswith("申诉理由")]
        for mark in ("@", "\u202e", "\u2066", "13800138000", "49"):
            assert mark not in line


@pytest.mark.parametrize(
    "typed", ["／申诉　{number}　{reason}", "/申诉 {short} “{reason}”", "/appeal {low} {reason}"]
)
async def test_it_may_be_typed_as_people_type(tmp_path: Path, typed: str) -> None:
    async with staffed(tmp_path) as scene:
        number = await confirmed(scene)
        line = typed.format(
            number=number, short=number.replace("V-", "v－"), low=number.lower(), reason=REASON
        )
        assert "已受理" in await says(scene, WHO, line, where="")


@pytest.mark.parametrize(
    "typed", ["/申诉", "/申诉 {number}", "/申诉 维持", "/申诉 撤销 V-22222 没有", "/申诉 我不服"]
)
async def test_what_lacks_something_gets_a_short_answer(tmp_path: Path, typed: str) -> None:
    async with staffed(tmp_path) as scene:
        number = await confirmed(scene)
        answer = await says(
            scene,
            "wang" if "维持" in typed or "撤销" in typed else WHO,
            typed.format(number=number),
            where="",
        )
        assert answer
        assert len(answer) < 120
        assert await state(scene, number) is CaseState.CONFIRMED


async def test_a_new_login_keeps_record_points_and_open_appeal(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        await scene.says("chen", AD)
        number = (await scene.the_case()).number
        await says(scene, "li", f"/违规 确认 {number}", where=OFFICE)
        await says(scene, "chen", f"/申诉 {number} {REASON}", where="")
        key = (await person(scene, "chen")).key
        scene.gateway.disconnect("logged out")
        await scene.quiet()
        scene.gateway.world.relogin({"chen": "chen-2", "wang": "wang-2", ROOM: "room-2@chatroom"})
        scene.gateway.reconnect()
        await scene.quiet()
        assert (await person(scene, "chen-2")).key == key
        assert await points(scene, "chen-2") == -2
        look = f"/申诉 查看 {number}"
        assert "/认领" in await says(scene, "chen-2", look, where=""), "a likeness is not enough"
        async with scene.storage.unit() as unit:
            code = await issue(unit, Role.MEMBER, "E1006", "operator", scene.clock.now())
        await says(scene, "chen-2", f"/认领 {code}", where="")
        assert (await person(scene, "chen-2")).key == key
        assert "审理中" in await says(scene, "chen-2", look, where="")
        async with scene.storage.unit() as unit:
            code = await issue(unit, Role.HR_LEAD, "E1002", "operator", scene.clock.now())
        await says(scene, "wang-2", f"/认领 {code}", where="")
        assert "退回 2 分" in await says(scene, "wang-2", f"/申诉 撤销 {number} 属通知", where="")
        assert await points(scene, "chen-2") == 0
        assert "【申诉结果】" in scene.heard("chen-2")[-1]
