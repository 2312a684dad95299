"""Points given by hand and taken back, read as chat transcripts (policy 6.2b)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fakes.offices import audit, person, says, staffed
from fakes.scene import AD, OFFICE, ROOM, Scene

from storage.records import CaseState, Role


def number_in(text: str) -> str:
    found = re.search(r"V-[0-9A-Z]{5}", text)
    assert found is not None, text
    return found[0]


async def total(scene: Scene, who: str) -> int:
    key = (await person(scene, who)).key
    async with scene.storage.view() as unit:
        assert (await unit.ledger.verify()).holds
        return await unit.ledger.total(key)


async def test_a_bonus_has_a_number_a_reason_an_author_and_is_told_privately(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        answer = await says(scene, "li", "/加分 陈晨 2分 主动分享 行业资料", where=OFFICE)
        assert "市场部陈晨" in answer
        number = number_in(answer)
        (told,) = [text for text in scene.heard("chen") if "【加分】" in text]
        assert number in told
        assert "+2 分" in told
        assert "主动分享 行业资料" in told
        assert not any(number in text for text in scene.heard(ROOM))
        assert await total(scene, "chen") == 2
        async with scene.storage.view() as unit:
            case = await unit.cases.get(number)
            (entry,) = await unit.ledger.entries(number)
        assert case is not None
        assert (case.rule, case.state, case.clause) == ("bonus", CaseState.CONFIRMED, "6.2b")
        assert entry.author_key == (await person(scene, "li")).key
        assert "bonus given" in await audit(scene)
        own = await says(scene, "chen", "/积分", where="")
        assert "其中加分与调整：+2 / +2 分" in own
        assert "加分：主动分享 行业资料" in own
        assert number in await says(scene, "li", "/加分 列表", where=OFFICE)


async def test_bonuses_and_deductions_stand_apart_and_provisional_ones_too(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        await says(scene, "li", "/加分 @路人甲\u2005 3 及时反馈", where=OFFICE, at=("someone",))
        await scene.says("someone", AD)
        said = await says(scene, "someone", "/积分", where="")
        assert "已确认：+3 / +3 分" in said
        assert "待确认：-2 / -2 分" in said
        await says(scene, "li", f"/违规 确认 {(await scene.the_case()).number}", where=OFFICE)
        said = await says(scene, "someone", "/积分", where="")
        assert "已确认：+1 / +1 分" in said
        assert "其中加分与调整：+3 / +3 分" in said


async def test_nobody_gives_themselves_anything_nor_an_outsider_nor_without_end(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        assert "不能处理自己" in await says(scene, "li", "/加分 李强 2 表现好", where=OFFICE)
        assert "不能处理自己" in await says(scene, "wang", "/加分 调整 E1002 2 表现好 确认", where=OFFICE)
        await says(scene, "wang", "/绑定 外部 @某某公司李四\u2005", where=OFFICE, at=("lisi",))
        assert "外部人员" in await says(
            scene, "li", "/加分 @某某公司李四\u2005 1 配合", where=OFFICE, at=("lisi",)
        )
        assert "一次最多加 5 分" in await says(scene, "li", "/加分 陈晨 6 表现好", where=OFFICE)
        for _ in range(2):
            assert "已给" in await says(scene, "li", "/加分 陈晨 5 表现好", where=OFFICE)
        full = await says(scene, "wang", "/加分 陈晨 1 表现好", where=OFFICE)
        assert "还可加 0 分" in full
        assert await total(scene, "chen") == 10
        assert "没有找到" in await says(scene, "li", "/加分 无名氏 1 表现好", where=OFFICE)
        assert "已离职" in await says(scene, "li", "/加分 E1007 1 表现好", where=OFFICE)


@pytest.mark.parametrize(
    "line",
    [
        "/加分",
        "/加分 陈晨",
        "/加分 陈晨 2",
        "/加分 陈晨 很多 表现好",
        "/加分 陈晨 -2 表现差",
        "/加分 陈晨 0 没事",
        "/加分 陈晨 2.5 表现好",
        "/加分 撤销",
        "/加分 撤销 V-7K2QM",
    ],
)
async def test_what_is_left_out_is_asked_for(tmp_path: Path, line: str) -> None:
    async with staffed(tmp_path) as scene:
        assert "用法" in await says(scene, "li", line, where=OFFICE)
        assert await total(scene, "chen") == 0


async def test_full_width_spaces_and_digits_are_read(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        assert "加 3 分" in await says(scene, "li", "／加分　陈晨　＋３分　“整理资料”", where=OFFICE)
        assert await total(scene, "chen") == 3


async def test_a_bonus_is_taken_back_by_a_reversal_once(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        number = number_in(await says(scene, "wang", "/加分 陈晨 2 重复登记", where=OFFICE))
        refused = await says(scene, "li", f"/加分 撤销 {number} 看错了", where=OFFICE)
        assert "由王敏办理" in refused
        assert await total(scene, "chen") == 2
        done = await says(scene, "wang", f"/加分 撤销 {number} 重复登记", where=OFFICE)
        assert "积分变动 -2 分" in done
        assert await total(scene, "chen") == 0
        assert "【积分变更】" in scene.heard("chen")[-1]
        assert "不能撤销" in await says(scene, "wang", f"/加分 撤销 {number} 再来", where=OFFICE)
        async with scene.storage.view() as unit:
            assert [entry.kind for entry in await unit.ledger.entries(number)] == ["bonus", "reversal"]
        # What was taken back makes room in the month again.
        assert "已给" in await says(scene, "li", "/加分 陈晨 5 表现好", where=OFFICE)
        assert "已给" in await says(scene, "li", "/加分 陈晨 5 表现好", where=OFFICE)


async def test_a_case_of_a_rule_is_no_bonus_and_the_own_bonus_stays(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        await scene.says("someone", AD)
        case = (await scene.the_case()).number
        assert "没有找到加分记录" in await says(scene, "wang", f"/加分 撤销 {case} 误判", where=OFFICE)
        number = number_in(await says(scene, "wang", "/加分 李强 2 表现好", where=OFFICE))
        assert "不能处理自己" in await says(scene, "li", f"/加分 撤销 {number} 不要", where=OFFICE)
        for word in ("确认", "驳回", "撤销"):
            await says(scene, "wang", f"/违规 {word} {number} 试试", where=OFFICE)
        assert await total(scene, "li") == 2


async def test_an_adjustment_is_shown_first_told_and_can_be_appealed_against(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        shown = await says(scene, "wang", "/加分 调整 陈晨 -3 上月重复加分", where=OFFICE)
        assert "将调整" in shown
        assert await total(scene, "chen") == 0
        done = await says(scene, "wang", "/加分 调整 陈晨 -3 上月重复加分 确认", where=OFFICE)
        number = number_in(done)
        assert await total(scene, "chen") == -3
        assert f"/申诉 {number}" in scene.heard("chen")[-1]
        assert "需要权限" in await says(scene, "li", "/加分 调整 陈晨 -3 试试 确认", where=OFFICE)
        assert "已受理" in await says(scene, "chen", f"/申诉 {number} 并未重复", where="")
        assert "不能撤销" in await says(scene, "wang", f"/加分 撤销 {number} 算了", where=OFFICE)
        await scene.appoint("liu", Role.HR_LEAD)
        await says(scene, "liu", f"/申诉 撤销 {number} 属实", where="")
        assert await total(scene, "chen") == 0


async def test_a_bonus_looked_up_by_its_number_reads_as_one(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        number = number_in(await says(scene, "li", "/加分 陈晨 2 分享资料", where=OFFICE))
        shown = await says(scene, "chen", f"/违规 {number}", where="")
        assert "加分与调整（第 6.2b 条，+2 分）" in shown
        assert number not in await says(scene, "chen", "/违规", where="")


@pytest.mark.parametrize(
    ("policy", "clauses"),
    [
        ({}, ("6.2b", "6.2b", "6.2c")),
        ({"bonus": {"clause": "9.1"}, "bonus/deducted": {"clause": "9.3"}}, ("9.1", "9.1", "9.3")),
    ],
)
async def test_points_taken_by_hand_have_a_clause_of_their_own(
    tmp_path: Path, policy: dict[str, object], clauses: tuple[str, ...]
) -> None:
    async with staffed(tmp_path, policy=policy) as scene:
        await says(scene, "wang", "/加分 陈晨 2 分享资料", where=OFFICE)
        await says(scene, "wang", "/加分 调整 陈晨 +1 补登 确认", where=OFFICE)
        await says(scene, "wang", "/加分 调整 陈晨 -1 重复登记 确认", where=OFFICE)
        async with scene.storage.view() as unit:
            cases = (await unit.cases.list(bonuses=True))[::-1]
        assert tuple(case.clause for case in cases) == clauses
        told = [text for text in scene.heard("chen") if "【加分】" in text or "【积分调整】" in text]
        assert len(told) == 3
        for text, clause in zip(told, clauses, strict=True):
            assert f"（第 {clause} 条）" in text


async def test_what_points_by_hand_are_called_is_the_companys_to_say(tmp_path: Path) -> None:
    async with staffed(tmp_path, policy={"bonus": {"title": "奖励与调整"}}) as scene:
        number = number_in(await says(scene, "wang", "/加分 陈晨 2 分享资料", where=OFFICE))
        assert "奖励与调整（第 6.2b 条" in await says(scene, "chen", f"/违规 查看 {number}", where="")
