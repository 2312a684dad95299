"""`/违规 登记`: what the bot could not hear becomes a case, which somebody else decides."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes.offices import audit, says, staffed
from fakes.scene import OFFICE, ROOM, Scene, opened

from bot.reports.soundness import examine
from bot.settings import Settings
from storage.records import Case, CaseState

FACTS = "10-12 下午发推销海报图片"
LINE = f"/违规 登记 E1006 商业推广 项目工作群 {FACTS}"


async def recorded(scene: Scene, line: str = LINE, who: str = "li") -> Case:
    assert "已登记案件" in await says(scene, who, line, where=OFFICE)
    return (await scene.cases())[-1]


async def entries(scene: Scene, case: Case) -> list[int]:
    async with scene.storage.view() as unit:
        return [entry.points for entry in await unit.ledger.entries(case.number)]


async def test_what_is_recorded_waits_for_somebody_else_and_nobody_is_told_yet(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        in_room, to_chen = len(scene.heard(ROOM)), len(scene.heard("chen"))
        case = await recorded(scene)
        assert (case.rule, case.clause, case.points, case.state, case.reason) == (
            "advertising",
            "3.1d",
            2,
            CaseState.REVIEW,
            FACTS,
        )
        assert await entries(scene, case) == []
        item = next(text for text in scene.heard(OFFICE) if f"【待审核】{case.number}" in text)
        for part in (
            "李强登记，须由他人处理",
            "项目工作群",
            "市场部陈晨",
            FACTS,
            f"/违规 确认 {case.number}",
        ):
            assert part in item
        assert (len(scene.heard(ROOM)), len(scene.heard("chen"))) == (in_room, to_chen)
        assert FACTS in await says(scene, "wang", "/违规", where=OFFICE)
        assert "case recorded" in await audit(scene)


@pytest.mark.parametrize("mode", ["试运行", "关闭"])
async def test_nothing_is_held_against_anybody_that_the_room_does_not_go_by(
    tmp_path: Path, mode: str
) -> None:
    async with staffed(tmp_path) as scene:
        await says(scene, "wang", f"/规则 {mode} 商业推广 项目工作群", where=OFFICE)
        assert "“项目工作群”没有执行“商业推广”，不能据此登记" in await says(scene, "li", LINE, where=OFFICE)
        assert await scene.cases() == []


async def test_whoever_recorded_it_decides_neither_the_case_nor_its_appeal(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        case = await recorded(scene, who="wang")
        for line in (
            f"/违规 确认 {case.number}",
            f"/违规 确认 {case.number} 仅提醒 初犯",
            f"/违规 驳回 {case.number} 看错了",
        ):
            assert "由您登记，须由其他监督员处理" in await says(scene, "wang", line, where=OFFICE)
        assert (await scene.the_case()).state is CaseState.REVIEW
        assert "已确认，扣 2 分" in await says(scene, "li", f"/违规 确认 {case.number} 属实", where=OFFICE)
        assert "由您登记" in await says(scene, "wang", f"/违规 撤销 {case.number}", where=OFFICE)
        assert await entries(scene, case) == [-2]
        assert "已受理" in await says(scene, "chen", f"/申诉 {case.number} 不是我发的", where="chen")
        file = next(text for text in reversed(scene.heard(OFFICE)) if "【申诉】" in text)
        assert f"登记的事实（王敏）：{FACTS}" in file
        assert "系统把握" not in file
        assert "目前无人可以审理" in file
        await says(scene, "wang", f"/申诉 维持 {case.number} 属实", where=OFFICE)
        assert (await scene.the_case()).state is CaseState.APPEALED
        async with scene.storage.view() as unit:
            assert (await examine(unit, supervised=True)).holds


async def test_its_subject_hears_and_reads_what_was_recorded_and_not_by_whom(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        case = await recorded(scene)
        await says(scene, "wang", f"/违规 确认 {case.number}", where=OFFICE)
        told = scene.heard("chen")[-1]
        for part in (
            f"监督员登记您“{FACTS}”，经另一人确认，认定为商业推广",
            "第 3.1d 条",
            "扣 2 分",
            "/申诉",
        ):
            assert part in told
        for line in (f"/违规 查看 {case.number}", f"/为什么 {case.number}"):
            said = await says(scene, "chen", line, where="chen")
            assert FACTS in said
            assert "把握" not in said
            assert "识别为" not in said
            assert "李强" not in said
        assert "李强，须由他人处理" in await says(scene, "wang", f"/违规 查看 {case.number}", where=OFFICE)
        assert "没有经机器人识别的消息" in await says(scene, "wang", f"/为什么 {case.number}", where=OFFICE)


async def test_what_people_wrote_down_teaches_no_rule(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        case = await recorded(scene)
        await says(scene, "wang", f"/违规 驳回 {case.number} 系公司活动海报", where=OFFICE)
        async with scene.storage.view() as unit:
            assert await unit.labels.list() == []
        # Nobody had heard of it.
        assert not any(case.number in text for text in scene.heard("chen"))


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("/违规 登记", "用法"),
        ("/违规 登记 E1006 商业推广 项目工作群", "用法"),
        ("/违规 登记 E1003 商业推广 项目工作群 误发海报", "不能登记本人"),
        ("/违规 登记 E9999 商业推广 项目工作群 海报", "没有找到"),
        ("/违规 登记 E1006 商业广播 项目工作群 海报", "商业推广"),
        ("/违规 登记 E1006 商业推广/none 项目工作群 海报", "规则/类别"),
        ("/违规 登记 E1006 商业推广 没有的群 海报", "没有找到群"),
        ("/违规 登记 E1005 商业推广 项目工作群 海报", "尚未确认身份"),
        ("/违规 登记 @某某公司李四\u2005 商业推广 项目工作群 海报", "外部人员"),
    ],
)
async def test_what_can_not_be_recorded_is_said(tmp_path: Path, line: str, answer: str) -> None:
    async with staffed(tmp_path) as scene:
        await says(scene, "wang", "/绑定 外部 @某某公司李四\u2005", at=("lisi",))
        at = ("lisi",) if "李四" in line else ()
        assert answer in await says(scene, "li", line, where=OFFICE, at=at)
        assert await scene.cases() == []


async def test_a_member_records_nobody(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        assert "需要权限" in await says(scene, "someone", LINE)
        assert await scene.cases() == []


async def test_where_categories_cost_differently_one_has_to_be_named(tmp_path: Path) -> None:
    settings = Settings.model_validate(
        {
            "rooms": {"guard": "all", "supervision": "群规监督组"},
            "policy": {"banned_words/gambling": {"points": 3}},
        }
    )
    async with opened(tmp_path, settings=settings) as scene:
        for who in ("wang", "liu"):
            await scene.says(who, "收到")
        await scene.appoint("wang")
        await scene.appoint("liu")
        line = "/违规 登记 @市场部刘洋\u2005 {} 项目工作群 发赌博网站截图"

        async def typed(rule: str) -> str:
            scene.gateway.world.say(OFFICE, "wang", line.format(rule), mentions=("liu",))
            return "\n".join(await scene.quiet())

        said = await typed("不宜内容")
        assert "请写明“规则/类别”" in said
        assert "不宜内容/gambling　第 3.1d 条　3 分" in said
        assert await scene.cases() == []
        assert "拟扣 3 分" in await typed("不宜内容/gambling")
        assert (await scene.the_case()).category == "gambling"
