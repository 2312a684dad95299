"""HR puts two records of one person together and takes that apart; nobody launders anything by it (policy 6.2, 6.3)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fakes.appellant import REASON, points, state, until
from fakes.offices import ROSTER, audit, person, says, staffed
from fakes.scene import AD, OFFICE, ROOM, Scene, opened

from bot.commands.claims import issue
from storage.lateness import Horizon
from storage.records import CaseState, Role, RosterRow

OTHER_AD = "加薇❤信 xyz98765 刷单兼职日结500，扫码进群领红包"
RETURNED = RosterRow("E0906", "陈晨", "市场部", is_head=False, active=False)


async def confirmed_case(scene: Scene, who: str, text: str = AD) -> str:
    await scene.says(who, text)
    number = (await scene.cases())[-1].number
    await says(scene, "li", f"/违规 确认 {number}", where=OFFICE)
    assert await state(scene, number) is CaseState.CONFIRMED
    return number


async def merged(scene: Scene, what: str, into: str = "E1006") -> str:
    """The number of a merger that HR makes; shown first, then confirmed."""
    line = f"/合并 并入 {what} {into} 换过手机的同一人"
    assert "请核对" in await says(scene, "wang", line, where="")
    said = await says(scene, "wang", f"{line} 确认", where="")
    found = re.search(r"M-[2-9A-Z]{5}", said)
    assert found, said
    return found[0]


async def known(scene: Scene, who: str, employee_no: str) -> None:
    async with scene.storage.unit() as unit:
        code = await issue(unit, Role.MEMBER, employee_no, "operator", scene.clock.now())
    assert "认领成功" in await says(scene, who, f"/认领 {code}", where="")


async def holds(scene: Scene) -> None:
    async with scene.storage.view() as unit:
        assert (await unit.ledger.verify()).holds
        assert (await unit.invariants.examine(Horizon(scene.clock.now()))).breaches == ()


async def entries(scene: Scene) -> int:
    async with scene.storage.view() as unit:
        return (await unit.ledger.verify()).entries


async def test_record_points_and_an_open_appeal_follow_a_merger_through_a_restart_and_back(
    tmp_path: Path,
) -> None:
    async with staffed(tmp_path) as scene:
        await known(scene, "wangwu", "E1005")
        number = await confirmed_case(scene, "someone")
        assert "已受理" in await says(scene, "someone", f"/申诉 {number} {REASON}", where="")
        scene.clock.advance(600)
        await scene.says("someone", OTHER_AD)
        before = await entries(scene)
        made = await merged(scene, number, "E1005")
        assert await entries(scene) == before, "the ledger is not touched"
        assert await points(scene, "wangwu") == -4
        assert "合并" in scene.heard("wangwu")[-1]
        assert "合并" in scene.heard("someone")[-1]
        assert any("【记录合并】" in text for text in scene.heard(OFFICE))
        await holds(scene)
    scene.gateway.reopen()
    async with opened(tmp_path, start=scene.clock.now(), gateway=scene.gateway) as again:
        for who in ("wangwu", "someone"):
            assert "审理中" in await says(again, who, f"/申诉 查看 {number}", where=""), who
        assert "退回 2 分" in await says(again, "wang", f"/申诉 撤销 {number} 属通知", where="")
        assert await points(again, "wangwu") == -2
        said = await says(again, "wang", f"/合并 拆分 {made} 不是同一人 确认", where="")
        assert f"已撤销合并 {made}" in said
        assert await points(again, "someone") == -2
        assert await points(again, "wangwu") == 0
        assert number not in await says(again, "wangwu", "/积分", where="")
        assert number in await says(again, "someone", "/积分", where="")
        listed = await says(again, "wang", "/合并 列表", where="")
        for part in (made, "王敏：换过手机的同一人", "拆分：不是同一人"):
            assert part in listed
        assert {"records merged", "records split"} <= set(await audit(again))
        await holds(again)


async def test_a_case_that_a_statement_told_of_is_in_no_other_after_a_merger(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        number = await confirmed_case(scene, "someone")
        await until(scene, "11-02 09:46")
        assert "私下告知 1 人" in await says(scene, "wang", "/公示 2026-10 确认", where=OFFICE)
        await merged(scene, number)
        await confirmed_case(scene, "chen", OTHER_AD)
        await until(scene, "12-01 09:46")
        await says(scene, "wang", "/公示 2026-11 确认", where=OFFICE)
        async with scene.storage.view() as unit:
            kept = await unit.statements.get("2026-11")
        assert kept is not None
        (line,) = kept.lines
        assert (line.person_key, line.deducted, line.corrected) == ((await person(scene, "chen")).key, 2, ())
        assert number not in line.cases


async def test_what_waits_to_be_said_and_to_be_answered_reaches_them_after_a_merger(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        number = await confirmed_case(scene, "someone")
        await says(scene, "li", f"/说明 {number} 请说明情况", where=OFFICE)
        await merged(scene, number)
        answer = f"/说明 {number} 当时没有看清群规，已经删除"
        said = await says(scene, "someone", answer, where="")
        assert f"已收到您就案件 {number} 提交的说明" in said
        await holds(scene)


@pytest.mark.parametrize(
    ("who", "why"), [("li", "需要权限"), ("liu", "需要权限"), ("zhao", "需要权限"), ("someone", "需要权限")]
)
async def test_only_hr_puts_records_together(tmp_path: Path, who: str, why: str) -> None:
    async with staffed(tmp_path) as scene:
        number = await confirmed_case(scene, "someone")
        for line in (f"/合并 并入 {number} E1006 理由 确认", "/合并 拆分 M-7K2QM 理由 确认", "/合并"):
            assert why in await says(scene, who, line, where=""), line
        assert "records merged" not in await audit(scene)


async def test_an_hr_lead_puts_no_record_of_their_own_to_another(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        await scene.appoint("liu", Role.HR_LEAD)
        number = await confirmed_case(scene, "someone")
        await scene.says("wang", AD)
        own = (await scene.cases())[-1].number
        for line in (
            f"/合并 并入 {own} E1006 理由 确认",
            f"/合并 并入 {number} E1002 理由 确认",
            f"/合并 并入 E1002 {number} 理由 确认",
        ):
            assert "不能给本人办理" in await says(scene, "wang", line, where=""), line
        assert "merger refused" in await audit(scene)
        # Nor do they take back what another lead did with it.
        line = f"/合并 并入 {number} E1002 同一人 确认"
        assert "已合并" in await says(scene, "liu", line, where="")
        async with scene.storage.view() as unit:
            (made,) = await unit.mergers.recent(10)
        assert "不能给本人办理" in await says(scene, "wang", f"/合并 拆分 {made.number} 理由 确认", where="")
        # And what came over is now theirs to appeal against, not to decide.
        assert "与您本人有关" in await says(scene, "wang", f"/违规 撤销 {number} 理由", where="")
        assert await state(scene, number) is CaseState.CONFIRMED
        assert (await person(scene, "someone")).roles == frozenset(), "the id that came over got no role"
        assert "需要权限" in await says(scene, "someone", "/授权 列表", where="")


REFUSED = [
    ("/合并 并入 {case} E1007 理由 确认", "已离职"),
    ("/合并 并入 E1001 E1006 理由 确认", "在职员工"),
    ("/合并 并入 E1003 E1006 理由 确认", "持有权限"),
    ("/合并 并入 {case} E1005 理由 确认", "仅凭昵称|只是凭昵称"),
    ("/合并 并入 {case} {case} 理由 确认", "同一份记录"),
    ("/合并 并入 路人甲 E1006 理由 确认", "姓名和昵称谁都可以改"),
    ("/合并 并入 {case} 陈晨 理由 确认", "姓名和昵称谁都可以改"),
    ("/合并 并入 {case} E1006 确认", "用法"),
    ("/合并 并入 {case} E1008 理由 确认", "系统管理员"),
    ("/合并 并入 V-22222 E1006 理由 确认", "没有找到"),
    ("/合并 拆分 M-22222 理由 确认", "没有编号为"),
    ("/合并 拆分 M-22222", "用法"),
    ("/合并 {case}", "用法"),
]


async def test_mergers_that_are_refused(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        number = await confirmed_case(scene, "someone")
        for line, expected in REFUSED:
            said = await says(scene, "wang", line.format(case=number), where="")
            assert re.search(expected, said), f"{line}: {said}"
        await says(scene, "wang", "/绑定 外部 @路人甲\u2005", at=("someone",))
        said = await says(scene, "wang", f"/合并 并入 {number} E1006 理由 确认", where="")
        assert "一方是外部人员" in said
        async with scene.storage.view() as unit:
            assert await unit.mergers.recent(10) == []
        assert await points(scene, "someone") == -2


async def test_no_head_of_a_department_is_made_by_a_merger(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        number = await confirmed_case(scene, "someone")
        await merged(scene, number)
        assert (await person(scene, "someone")).key == (await person(scene, "chen")).key
        assert "需要权限" in await says(scene, "someone", "/值班 添加 王五 今晚")
        assert "已登记" in await says(scene, "chen", "/值班 添加 王五 今晚")
        # A code that names nobody makes them themselves again, and no 陈晨.
        await scene.appoint("someone", Role.MEMBER)
        assert (await person(scene, "someone")).key != (await person(scene, "chen")).key


async def test_whoever_came_back_under_another_number_has_one_record(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        async with scene.storage.unit() as unit:
            await unit.people.import_roster([*ROSTER, RETURNED], scene.clock.now())
        assert "可能是以下几位" in await says(scene, "li", "/积分 查看 陈晨", where="")
        await merged(scene, "E0906")
        assert "工号 E**06" in await says(scene, "li", "/积分 查看 E0906", where="")
        assert "的积分" in await says(scene, "li", "/积分 查看 陈晨", where="")


async def test_a_new_login_keeps_a_merger_and_its_appeal(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        number = await confirmed_case(scene, "someone")
        await says(scene, "someone", f"/申诉 {number} {REASON}", where="")
        made = await merged(scene, number)
        key = (await person(scene, "chen")).key
        scene.gateway.disconnect("logged out")
        await scene.quiet()
        scene.gateway.world.relogin(
            {"chen": "chen-2", "someone": "some-2", "wang": "wang-2", ROOM: "room-2@chatroom", "bot": "bot-2"}
        )
        scene.gateway.reconnect()
        await scene.quiet()
        line = f"/合并 拆分 {made} 不是同一人 确认"
        assert "需要权限" in await says(scene, "wang-2", line, where=""), "a likeness splits nothing"
        assert await state(scene, number) is CaseState.APPEALED
        assert (await person(scene, "chen-2")).key == key
        assert await points(scene, "chen-2") == -2
        await known(scene, "chen-2", "E1006")
        assert "审理中" in await says(scene, "chen-2", f"/申诉 查看 {number}", where="")
        await holds(scene)


async def test_what_is_typed_as_a_reason_reaches_others_harmless(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        number = await confirmed_case(scene, "someone")
        said = await says(
            scene, "wang", f"/合并 并入 {number} E1006 {{{{7*7}}}}@所有人\u202e {'长' * 400} 确认", where=""
        )
        assert "已合并" in said
        for text in (said, scene.heard("chen")[-1], *scene.heard(OFFICE)[-1:]):
            assert "49" not in text
            assert "@所有人" not in text
            assert "\u202e" not in text
            assert all(len(part) < 300 for part in text.splitlines())
