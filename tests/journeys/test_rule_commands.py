"""Rules, reasons and words from chat: who may do what, what it changes, and what nobody gets to read."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from fakes.scene import AD, OFFICE, ORDINARY, ROOM, Scene, opened

from storage.records import CaseState, Mode, Role

LEAD, MEMBER = "wang", "liu"
INTERNALS = ("违规线", "待审线", "权重", "迹象", "命中", "把握", "advertising")


async def cast(scene: Scene) -> None:
    await scene.appoint(LEAD, Role.HR_LEAD)
    await scene.appoint(MEMBER, Role.MEMBER)


async def ordered(scene: Scene, line: str, where: str = "") -> str:
    """The lead types a line, and reads the last answer to it."""
    return (await scene.says(LEAD, line, where=where))[-1]


async def accused(scene: Scene, who: str = MEMBER, text: str = AD) -> str:
    await scene.says(who, text)
    return (await scene.cases())[-1].number


# ---- /规则


async def test_a_member_reads_which_rules_are_on_and_nothing_else(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        (said,) = await scene.says(MEMBER, "/规则 列表")
        assert "商业推广　群规第 3.1d 条　每次 2 分" in said
        assert "群昵称" in said
        for internal in (*INTERNALS, "配置", "撤销率"):
            assert internal not in said


async def test_a_rule_that_is_off_or_on_trial_is_not_told_to_members(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await cast(scene)
        await ordered(scene, "/规则 试运行 flooding 项目工作群")
        await ordered(scene, "/规则 关闭 商业推广 项目工作群")
        (said,) = await scene.says(MEMBER, "/规则")
        assert "商业推广" not in said
        assert "消息过于密集" not in said
        assert "不宜内容" in said


async def test_the_lead_sees_where_modes_come_from_and_how_often_a_rule_erred(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await cast(scene)
        right, wrong = await accused(scene), await accused(scene, "zhou")
        await ordered(scene, f"/违规 确认 {right}")
        await ordered(scene, f"/违规 驳回 {wrong}")
        await ordered(scene, "/规则 关闭 flooding 项目工作群")
        said = await ordered(scene, "/规则")
        assert "商业推广（advertising）　第 3.1d 条　2 分　开启（按配置）" in said
        assert "案件 2，审结 2，撤销率 50%" in said
        assert "项目工作群：关闭（王敏 10-13" in said


async def test_what_a_trial_got_right_is_counted(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await cast(scene)
        await ordered(scene, "/规则 试运行 商业推广 项目工作群")
        number = await accused(scene)
        assert (await scene.the_case()).state is CaseState.SHADOW
        await ordered(scene, f"/违规 确认 {number}")
        said = await ordered(scene, "/规则")
        assert "案件 0，审结 0；试运行 1，判断正确 1，误判 0" in said


async def test_a_rule_switched_off_in_the_group_is_silent_with_the_next_message(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await cast(scene)
        await scene.says(LEAD, "／规则　关闭　“商业推广”")
        assert any("规则变更" in text and "项目工作群" in text for text in scene.heard(OFFICE))
        assert scene.heard(ROOM) == []  # how it is guarded is no business of the group
        assert await scene.says(MEMBER, AD) == []
        await ordered(scene, "/规则 恢复 商业推广 项目工作群")
        assert "拟扣 2 分" in (await scene.says(MEMBER, AD))[0]
        async with scene.storage.view() as unit:
            audit = [entry for entry in await unit.audit.recent(20) if entry.action == "rule switched"]
        assert {entry.target for entry in audit} == {"advertising"}
        assert len(audit) == 2


async def test_every_room_is_switched_only_after_confirming(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await cast(scene)
        asked = await ordered(scene, "/规则 关闭 商业推广 全部", OFFICE)
        line = "/规则 关闭 advertising 全部 确认"
        assert line in asked
        async with scene.storage.view() as unit:
            assert await unit.switches.all() == []
        await ordered(scene, line, OFFICE)
        async with scene.storage.view() as unit:
            (switch,) = await unit.switches.all()
        assert (switch.rule, switch.room_key, switch.mode) == ("advertising", 0, Mode.OFF)
        assert await scene.says(MEMBER, AD) == []
        assert len([text for text in scene.heard(OFFICE) if "规则变更" in text]) == 0  # it was said there


async def test_a_rooms_own_setting_outlives_one_for_every_room_and_is_named(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await cast(scene)
        await ordered(scene, "/规则 试运行 商业推广 项目工作群")
        assert "不受影响：项目工作群" in await ordered(scene, "/规则 关闭 商业推广 全部")
        await ordered(scene, "/规则 关闭 商业推广 全部 确认")
        await scene.says(MEMBER, AD)
        assert (await scene.the_case()).state is CaseState.SHADOW
        assert "一并取消" in await ordered(scene, "/规则 恢复 商业推广 全部")
        await ordered(scene, "/规则 恢复 商业推广 全部 确认")
        async with scene.storage.view() as unit:
            assert await unit.switches.all() == []


async def test_switching_what_is_so_already_says_so_and_writes_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await cast(scene)
        assert "无需改动" in await ordered(scene, "/规则 开启 商业推广 项目工作群")
        assert "无需改动" in await ordered(scene, "/规则 开启 商业推广 全部 确认")
        assert "无需改动" in await ordered(scene, "/规则 恢复 商业推广 项目工作群")
        async with scene.storage.view() as unit:
            assert await unit.switches.all() == []


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("/规则 关闭", "请写明规则"),
        ("/规则 关闭 商业推厂 全部", "您是指“商业推广”吗"),
        ("/规则 关闭 {{7*7}} 全部", "没有这条规则"),
        ("/规则 关闭 商业推广 没有这个群", "没有这个群"),
    ],
)
async def test_what_cannot_be_switched_is_refused(tmp_path: Path, line: str, part: str) -> None:
    async with opened(tmp_path) as scene:
        await cast(scene)
        said = await ordered(scene, line)
        assert part in said
        assert "49" not in said
        async with scene.storage.view() as unit:
            assert await unit.switches.all() == []


async def test_outside_of_a_guarded_room_the_room_has_to_be_named(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await cast(scene)
        for where in ("", OFFICE):
            await ordered(scene, "/规则 关闭 商业推广", where)
        async with scene.storage.view() as unit:
            assert await unit.switches.all() == []


@pytest.mark.parametrize("line", ["/规则 关闭 商业推广", "/词库 添加 青鸾", "/词库 测试 赌博", "/词库 列表"])
async def test_members_may_not(tmp_path: Path, line: str) -> None:
    async with opened(tmp_path) as scene:
        await cast(scene)
        (said,) = await scene.says(MEMBER, line, where="")
        assert "需要权限" in said


async def test_a_supervisor_may_try_words_and_keep_none(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await scene.appoint("li")
        assert "赌博　命中" in (await scene.says("li", "/词库 测试 去赌博", where=""))[0]
        assert "需要权限" in (await scene.says("li", "/词库 添加 青鸾", where=""))[0]
        assert "需要权限" in (await scene.says("li", "/规则 关闭 商业推广 全部", where=""))[0]


# ---- /为什么


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
        assert "消息过于密集：未触发" in said
        assert len(said) <= 1520  # with the mention


async def test_a_case_tells_what_would_be_decided_now(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await cast(scene)
        await ordered(scene, "/词库 添加 青鸾 公司自定 未公开")
        number = await accused(scene, text="青鸾上线了")
        await ordered(scene, "/词库 删除 青鸾")
        assert "现在：按现行规则重判，不会触发" in await ordered(scene, f"/为什么 {number}")
        await ordered(scene, "/规则 关闭 不宜内容 项目工作群")
        assert "该规则已关闭" in await ordered(scene, f"/为什么 {number}")


async def test_a_burst_is_explained_by_what_was_said_before_it(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await cast(scene)
        for turn in range(12):
            await scene.says("zhou", f"在吗在吗{turn % 2}")
        case = next(case for case in await scene.cases() if case.rule == "flooding")
        said = await ordered(scene, f"/为什么 {case.number}")
        assert "结果相同" in said
        assert "消息过于密集：" in said


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


@pytest.mark.parametrize(
    "text",
    [
        "{{7*7}} {% if %} {0} %s",
        ".*(a+)+$ [",
        "赌" + "\u200b" * 40 + "博",
        "\u202e反向\u2066 @所有人 \x00\x1b[31m",
        "　全角　空格　“引号”「」",
        "\u200b" * 500,
        "赌博 " * 150,
        "v信加我",
    ],
)
async def test_hostile_texts_are_explained_safely(tmp_path: Path, text: str) -> None:
    async with opened(tmp_path) as scene:
        await cast(scene)
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


# ---- /词库


async def test_a_word_counts_from_the_next_message_on_until_it_is_removed(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await cast(scene)
        assert await scene.says(MEMBER, "青鸾上线") == []
        assert "尚未生效" in await ordered(scene, "/词库 添加 青鸾 涉赌 代号")  # it would have hit a message
        assert "已禁用" in await ordered(scene, "/词库 添加 青鸾 涉赌 代号 确认")
        await scene.says(MEMBER, "青 鸾 什么时候上线")
        case = await scene.the_case()
        assert (case.rule, case.category) == ("banned_words", "gambling")
        assert "青鸾　涉赌　代号" in await ordered(scene, "/词库 列表")
        assert "已删除" in await ordered(scene, "/词库 删除 青鸞")
        assert await scene.says("li", "青鸾上线了吗") == []


async def test_an_everyday_word_is_shown_with_what_it_would_hit_and_by_nobody(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await cast(scene)
        await scene.says("zhou", ORDINARY + "，有事打 13812345678")
        said = await ordered(scene, "/词库 添加 开会 公司自定 少开会")
        assert "常用词" in said
        assert "1 条会命中" in said
        assert "下午三点开会" in said
        assert "138" not in said
        assert "周杰" not in said
        async with scene.storage.view() as unit:
            assert await unit.words.all() == []
        assert "/词库 添加 开会 公司自定 少开会 确认" in said


async def test_an_allow_phrase_spares_what_lies_in_it(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await cast(scene)
        await scene.says(MEMBER, "赌博网站一览")
        assert len(await scene.cases()) == 1
        said = await ordered(scene, "/词库 放行 赌博网站一览 公益活动")
        assert "1 条会不再命中" in said
        await ordered(scene, "/词库 放行 赌博网站一览 公益活动 确认")
        await scene.says("zhou", "赌博网站一览")
        assert len(await scene.cases()) == 1


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("/词库 添加 ！！！", "什么都不剩"),
        ("/词库 添加 “\u200b 　”", "什么都不剩"),
        ("/词库 添加 " + "长" * 41, "最多 40 个字"),
        ("/词库 添加 赌愽网站".replace("愽", "博"), "内置"),
        ("/词库 添加 賭博網站", "内置"),
        ("/词库 放行 开会", "没有禁用词"),
        ("/词库 删除 赌博网站", "lexicon.remove"),
        ("/词库 删除 没有", "没有“没有”"),
        ("/词库 添加", "用法"),
        ("/词库 添加 确认", "用法"),
    ],
)
async def test_what_cannot_be_kept_is_refused(tmp_path: Path, line: str, part: str) -> None:
    async with opened(tmp_path) as scene:
        await cast(scene)
        assert part in await ordered(scene, line)
        async with scene.storage.view() as unit:
            assert await unit.words.all() == []


async def test_the_same_word_twice_or_on_both_sides_is_refused(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await cast(scene)
        await ordered(scene, "/词库 添加 青鸾")
        assert "已经是禁用词（聊天中添加）" in await ordered(scene, "/词库 添加 青鸞")
        assert "已经是禁用词" in await ordered(scene, "/词库 放行 青鸾")
        await ordered(scene, "/词库 放行 青鸾花")
        assert "已经是放行短语" in await ordered(scene, "/词库 添加 青鸾花 确认")


async def test_templates_and_patterns_are_words_like_others(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await cast(scene)
        await ordered(scene, "/词库 添加 {{7*7}} {{reason}} 确认")
        await ordered(scene, "/词库 添加 .*x+ 确认")
        said = await ordered(scene, "/词库 列表")
        assert "{{7*7}}" in said
        assert "49" not in said
        assert await scene.says(MEMBER, "数字 4 9，文件 abc") == []
