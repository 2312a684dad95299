"""Why a rule fired: everything for supervisors, the right to an explanation for members, recipes for nobody."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from fakes.lead import INTERNALS, LEAD, MEMBER, accused, cast, ordered
from fakes.scene import OFFICE, ROOM, opened


async def test_a_supervisor_sees_why_every_rule_did_or_did_not_fire(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await cast(scene)
        number = await accused(scene)
        said = await ordered(scene, f"/为什么 {number}", OFFICE)
        for part in (
            "当时：商业推广，违规",
            "结果相同",
            "归一：加薇信abc12345",
            "兼职刷单　命中",
            "违规线 90%",
        ):
            assert part in said
        assert "刷屏：未触发" in said
        assert len(said) <= 1520  # with the mention


async def test_a_case_tells_what_would_be_decided_now(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await cast(scene)
        await ordered(scene, "/词库 添加 青鸾 公司自定 未公开 确认")
        number = await accused(scene, text="青鸾上线了")
        await ordered(scene, "/词库 删除 青鸾")
        assert "现在：按现行规则重判，不会触发" in await ordered(scene, f"/为什么 {number}")
        await ordered(scene, "/规则 关闭 不宜内容 项目工作群")
        assert "该规则已关闭" in await ordered(scene, f"/为什么 {number}")


async def test_a_disguised_text_is_shown_as_it_was_read(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await cast(scene)
        number = await accused(scene, text="亻尔也酉己当组长？一群feiwu，加薇信13700001111")
        said = await ordered(scene, f"/为什么 {number}", OFFICE)
        assert "还原：你也配当组长？一群废物" in said
        assert "13700001111" not in said


async def test_a_burst_is_explained_by_what_was_said_before_it(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await cast(scene)
        for turn in range(12):
            await scene.says("zhou", f"在吗在吗{turn % 2}")
        case = next(case for case in await scene.cases() if case.rule == "flooding")
        said = await ordered(scene, f"/为什么 {case.number}")
        assert "结果相同" in said
        assert "刷屏：" in said


async def test_an_erased_message_is_said_to_be_erased(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await cast(scene)
        number = await accused(scene)
        async with scene.storage.unit() as unit:
            await unit.messages.purge(scene.clock.now() + timedelta(days=1))
        said = await ordered(scene, f"/为什么 {number}")
        assert "只按留存的证据判断" in said
        assert "兼职刷单" in said
        await ordered(scene, f"/违规 确认 {number}")
        async with scene.storage.unit() as unit:
            await unit.cases.erase_evidence(scene.clock.now() + timedelta(days=1))
        said = await ordered(scene, f"/为什么 {number}")
        assert "均已过保存期限" in said
        assert "当时：商业推广" in said
        assert "兼职" not in said


async def test_a_member_gets_clause_reason_and_appeal_and_no_recipe(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await cast(scene)
        number = await accused(scene)
        before = len(scene.heard(ROOM))
        (said,) = await scene.says(MEMBER, f"/为什么 {number.lower()}")
        assert len(scene.heard(ROOM)) == before
        for part in (number, "商业推广", "3.1d", "人工", "申诉", "3 个工作日"):
            assert part in said
        for internal in (*INTERNALS, "加薇", "兼职"):
            assert internal not in said


async def test_somebody_elses_case_is_as_unknown_as_none(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await cast(scene)
        theirs = await accused(scene, "zhou")
        (other,) = await scene.says(MEMBER, f"/为什么 {theirs}", where="")
        (none,) = await scene.says(MEMBER, "/为什么 V-22222", where="")
        assert other.replace(theirs, "V-22222") == none


async def test_what_a_rule_on_trial_made_of_a_message_is_not_told_to_its_sender(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await cast(scene)
        await ordered(scene, "/规则 试运行 商业推广 项目工作群")
        number = await accused(scene)
        (said,) = await scene.says(MEMBER, f"/为什么 {number}", where="")
        assert "没有找到案件" in said


async def test_a_member_cannot_try_texts_nor_an_unconfirmed_one_read_cases(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await cast(scene)
        number = await accused(scene, "zhou")
        (said,) = await scene.says(MEMBER, "/为什么 赌博网站", where="")
        assert said.startswith("用法")
        (said,) = await scene.says("li", f"/为什么 {number}", where="")
        assert "确认身份" in said


HOSTILE = (
    "{{7*7}} {% if %} {0} %s",
    ".*(a+)+$ [",
    "赌" + "\u200b" * 40 + "博",
    "\u202e反向\u2066 @所有人 \x00\x1b[31m",
    "　全角　空格　“引号”「」",
    "\u200b" * 500,
    "赌博 " * 150,
    "v信加我",
)


async def test_hostile_texts_are_explained_safely(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await cast(scene)
        for text in HOSTILE:
            for command in ("/为什么", "/词库 测试"):
                said = await ordered(scene, f"{command} {text}")
                assert len(said) <= 1500
                assert "49" not in said
                assert not {"\u202e", "\u2066", "\u200b", "\x1b", "@"} & set(said)


async def test_personal_data_is_hidden_in_every_view(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await cast(scene)
        said = await ordered(scene, "/为什么 我的号 138.1234.5678 邮箱 zhangsan@example.com 加薇信")
        for secret in ("1381234", "138.1234", "5678", "zhangsan", "examplecom"):
            assert secret not in said
        assert "加薇信" in said


async def test_in_a_work_group_the_explanation_goes_to_whoever_asked(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await cast(scene)
        await scene.says(LEAD, "/为什么 推荐赌博网站")
        assert scene.heard(ROOM) == []
        assert "赌博网站　命中" in scene.heard(LEAD)[-1]
