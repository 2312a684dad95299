"""What a confirmation counts, what its reviewer has seen, and who reads why: read as chat transcripts."""

from __future__ import annotations

from pathlib import Path

from fakes.offices import says, staffed
from fakes.scene import AD, OFFICE, ROOM, TUESDAY, Scene, opened

from bot.settings import Settings
from storage.records import SYSTEM, Case, CaseState

AD_WITH_A_DOUBT = AD + "，晚上一起去赌博吧"


async def doubted(scene: Scene) -> Case:
    """A sure advertisement (2 points) that also looks like gambling (5 points)."""
    await scene.says("zhang", AD_WITH_A_DOUBT)
    case = await scene.the_case()
    assert (case.state, case.points, case.graver_points) == (CaseState.PROVISIONAL, 2, 5)
    return case


async def charged(scene: Scene, case: Case) -> int:
    async with scene.storage.view() as unit:
        return -sum(entry.points for entry in await unit.ledger.entries(case.number))


# ---- the graver doubt


async def test_confirming_counts_what_the_notice_said(tmp_path: Path) -> None:
    for words in ("", " 从轻"):
        (tmp_path / f"w{len(words)}").mkdir()
        async with staffed(tmp_path / f"w{len(words)}") as scene:
            case = await doubted(scene)
            assert "扣 2 分" in await says(scene, "li", f"/违规 确认 {case.number}{words}", where=OFFICE)
            after = await scene.the_case()
            assert (after.rule, after.points, await charged(scene, case)) == ("advertising", 2, 2)


async def test_the_graver_doubt_counts_only_when_it_is_meant(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        case = await doubted(scene)
        told = f"/违规 确认 {case.number} 从重"
        assert told in "\n".join(scene.heard(OFFICE))
        assert told in await says(scene, "li", f"/违规 查看 {case.number}", where=OFFICE)
        row = await says(scene, "li", "/违规", where=OFFICE)
        assert "2 分（另疑不宜内容 5 分）" in row
        assert "从重" in row
        assert "扣 5 分" in await says(scene, "li", told, where=OFFICE)
        after = await scene.the_case()
        assert (after.rule, after.points, await charged(scene, case)) == ("banned_words", 5, 5)
        await says(scene, "li", f"/违规 撤销 {case.number}", where=OFFICE)
        after = await scene.the_case()
        assert (after.rule, after.points, await charged(scene, case)) == ("advertising", 2, 2)


async def test_a_decided_case_has_no_open_doubt(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        case = await doubted(scene)
        assert "另有更重的疑点" in await says(scene, "li", f"/违规 查看 {case.number}", where=OFFICE)
        await says(scene, "li", f"/违规 确认 {case.number} 从重", where=OFFICE)
        assert "更重的疑点" not in await says(scene, "li", f"/违规 查看 {case.number}", where=OFFICE)


# ---- what a reviewer has seen


async def test_lists_show_what_was_written(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        await scene.says("zhang", AD + "，电话 13812345678")
        for line in ("/违规", "/违规 确认 今日"):
            said = await says(scene, "li", line, where=OFFICE)
            assert "兼职刷单" in said
            assert "1381" not in said  # three digits tell it from another number, and no more
        before = len(scene.heard("someone"))
        await says(scene, "someone", "/违规", where="someone")
        assert "兼职刷单" not in "\n".join(scene.heard("someone")[before:])


# ---- a reason is about one case


async def test_a_reason_is_for_one_case_since_its_subject_reads_it(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        for who in ("zhang", "wangwu"):
            await scene.says(who, AD)
        first, second = [case.number for case in await scene.cases()]
        for move in ("确认", "驳回"):
            said = await says(scene, "li", f"/违规 {move} {first} {second} 张三是惯犯", where=OFFICE)
            assert "一次只写一个编号" in said
        assert {case.state for case in await scene.cases()} == {CaseState.PROVISIONAL}
        await says(scene, "li", f"/违规 确认 {first} 张三发过多次", where=OFFICE)
        await says(scene, "li", f"/违规 确认 {second}", where=OFFICE)
        assert "张三发过多次" in "\n".join(scene.heard("zhang"))
        assert "张三" not in "\n".join(scene.heard("wangwu"))
        assert "理由会告知本人" in await says(scene, "li", "/帮助 违规", where=OFFICE)


# ---- undoing


async def test_what_somebody_else_undid_is_decided_by_somebody_else(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        await scene.says("zhang", AD)
        number = (await scene.the_case()).number
        await says(scene, "li", f"/违规 确认 {number}", where=OFFICE)
        await says(scene, "li", f"/违规 撤销 {number}", where=OFFICE)
        assert "已确认" in await says(scene, "li", f"/违规 确认 {number}", where=OFFICE)  # an own slip
        await says(scene, "wang", f"/违规 撤销 {number}", where=OFFICE)
        assert "其他监督员重新处理" in await says(scene, "li", f"/违规 驳回 {number}", where=OFFICE)
        assert (await scene.the_case()).state is CaseState.PROVISIONAL
        assert "不成立" in await says(scene, "wang", f"/违规 驳回 {number}", where=OFFICE)


async def test_a_decision_stands_after_a_few_working_days_or_once_published(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:  # Tuesday
        for who in ("zhang", "wangwu"):
            await scene.says(who, AD)
        first, second = [case.number for case in await scene.cases()]
        await says(scene, "li", f"/违规 确认 {first} {second}", where=OFFICE)
        async with scene.storage.unit() as unit:
            await unit.cases.publish([first], scene.clock.now())
        assert "已经公示" in await says(scene, "li", f"/违规 撤销 {first}", where=OFFICE)
        await scene.later(days=3)
        assert "待确认" in await says(scene, "li", f"/违规 撤销 {second}", where=OFFICE)
        await says(scene, "li", f"/违规 确认 {second}", where=OFFICE)
        await scene.later(days=6)  # Thursday, four working days on
        assert "超过 3 个工作日" in await says(scene, "li", f"/违规 撤销 {second}", where=OFFICE)
        assert {case.state for case in await scene.cases()} == {CaseState.CONFIRMED}


# ---- what its subject could not be told


async def test_results_that_wait_for_a_friendship_are_named_to_supervisors(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:  # 周杰 is no contact of the account, 刘洋 is
        await scene.says("wang", "收到")
        await scene.appoint("wang")
        for who in ("zhou", "liu"):
            await scene.says(who, AD)
        to_zhou, to_liu = (text for text in scene.heard(ROOM) if "【群规提醒】" in text)
        assert "私聊请先加我为好友，结果也会私下告知" in to_zhou
        assert "好友" not in to_liu
        for case in await scene.cases():
            await scene.says("wang", f"/违规 确认 {case.number}", where=OFFICE)
        first, second = [case.number for case in await scene.cases()]
        (status,) = await scene.says("wang", "/状态", where=OFFICE)
        (line,) = [line for line in status.splitlines() if "未能送达本人" in line]
        assert first in line
        assert second not in line


async def test_what_is_not_upheld_is_called_that_whatever_the_reason(tmp_path: Path) -> None:
    always_doubtful = {"rules": {"advertising": {"violation": 1.0}}}
    settings = Settings.model_validate({"rooms": {"supervision": "群规监督组"}} | always_doubtful)
    async with opened(tmp_path, settings=settings) as scene:
        await scene.says("wang", "收到")
        await scene.appoint("wang")
        await scene.says("liu", AD)
        number = (await scene.the_case()).number
        for verb in ("确认", "撤销", "驳回"):
            await scene.says("wang", f"/违规 {verb} {number}", where=OFFICE)
        assert "不予认定" in scene.heard("liu")[-1]
        assert "误判" not in scene.heard("liu")[-1]


async def test_newcomers_are_told_the_days_that_are_set(tmp_path: Path) -> None:
    settings = Settings.model_validate({"rooms": {"guard": "all"}, "appeals": {"days": 5}})
    async with opened(tmp_path, settings=settings) as scene:
        (digest,) = await scene.says("liu", "/入群 须知", where="")
        assert "5 个工作日内申诉" in digest


async def test_newcomers_are_told_what_costs_points_and_how_long_texts_are_kept(tmp_path: Path) -> None:
    settings = Settings.model_validate(
        {
            "rooms": {"guard": "all"},
            "policy": {"advertising": {"points": 3}},
            "rules": {"rumour": {"enabled": False}},
            "penalty": {"ladder": [{"points": 8, "days": 60, "action": "tell_head"}]},
            "retention": {"messages_days": 14, "evidence_days": 90},
        }
    )
    async with opened(tmp_path, settings=settings) as scene:
        (digest,) = await scene.says("liu", "/入群 须知", where="")
        assert "7. 扣分（每次）：未及时回复工作消息 1 分；与工作无关 2 分；商业推广、刷屏 3 分；" in digest
        assert "未经证实的信息" not in digest.partition("7. 扣分")[2]
        assert "经人工确认的积分计入绩效考核；60 天内累计 8 分告知部门负责人。" in digest
        assert "系统自动识别" in digest
        assert "普通消息原文保存 14 天，案件依据在结案后保存 90 天" in digest


# ---- what its subject may read


async def test_whoever_was_told_of_a_case_privately_may_read_it_without_a_code(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        await scene.says("zhang", AD)
        number = (await scene.the_case()).number
        line = f"/违规 查看 {number}"
        assert "需要确认身份" in await says(scene, "zhang", line, where="zhang")  # was told in the group
        await says(scene, "li", f"/违规 确认 {number} 属实", where=OFFICE)
        assert "理由：属实" in await says(scene, "zhang", line, where="zhang")
        assert "怎样识别" in await says(scene, "zhang", f"/为什么 {number}", where="zhang")
        assert "需要确认身份" in await says(scene, "wangwu", line, where="wangwu")
        assert "需要确认身份" in await says(scene, "zhang", "/违规", where="zhang")
        for unknown in (line, "/违规 查看 V-22222"):
            assert "没有找到案件" in await says(scene, "chen", unknown, where="chen")


async def test_the_explanation_says_what_is_so(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        await scene.says("chen", AD)
        case = await scene.the_case()
        said = await says(scene, "chen", f"/为什么 {case.number}", where="chen")
        assert "不作其他用途" not in said
        assert "改进识别" in said
        assert "审核前不计入考核" in said
        async with scene.storage.unit() as unit:
            await unit.cases.move(
                case.number, (case.state,), CaseState.DISMISSED, SYSTEM, scene.clock.now(), reason=""
            )
        said = await says(scene, "chen", f"/为什么 {case.number}", where="chen")
        assert "逾期无人处理" in said
        assert "人工审核。" not in said


async def test_after_hours_is_explained_with_the_hours_and_what_to_do(tmp_path: Path) -> None:
    async with staffed(tmp_path, start=TUESDAY.replace(hour=22)) as scene:
        await scene.says("chen", "请大家把周报发给我")
        case = (await scene.cases())[-1]
        assert case.rule == "after_hours"
        said = await says(scene, "chen", f"/为什么 {case.number}", where="chen")
        assert "工作日 09:00 至 18:00" in said
        assert "【紧急】" in said


# ---- refusals


async def test_a_refusal_to_a_role_holder_or_with_names_stays_out_of_the_group(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        world = scene.gateway.world
        world.alias(ROOM, "lisi", "市场部王五")
        await scene.says("lisi", "收到")
        before = len(scene.heard(ROOM))
        await says(scene, "li", "/违规 确认 V-22222")
        assert "没有找到案件" in scene.heard("li")[-1]
        await says(scene, "li", "/豁免 添加 市场部王五 全部 全部群 3天 理由")
        assert "可能是以下几位" in scene.heard("li")[-1]
        assert len(scene.heard(ROOM)) == before
        await says(
            scene, "someone", "/违规 确认 V-22222"
        )  # a member's refusal is answered where it was typed
        assert "需要权限" in scene.heard(ROOM)[-1]
        assert "没有找到案件" in await says(scene, "li", "/违规 确认 V-22222", where=OFFICE)
        assert "没有找到案件" in scene.heard(OFFICE)[-1]


# ---- exemptions


async def test_an_exemption_that_goes_far_is_asked_back_and_supervisors_are_told(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        for line in (
            "/豁免 添加 E1001 全部 项目工作群 3天 活动",
            "/豁免 添加 E1001 商业推广 全部群 3天 活动",
            "/豁免 添加 E1001 商业推广 项目工作群 31天 活动",
        ):
            assert f"{line} 确认" in await says(scene, "li", line, where="li")
        assert not [text for text in scene.heard(OFFICE) if "豁免" in text]
        assert "已登记豁免 1" in await says(
            scene, "li", "/豁免 添加 E1001 商业推广 项目工作群 30天 活动", where="li"
        )
        assert "已登记豁免 1：人力资源部张三" in scene.heard(OFFICE)[-1]
        await says(scene, "li", "/豁免 添加 E1001 全部 全部群 3天 活动 确认", where="li")
        assert "已登记豁免 2" in scene.heard(OFFICE)[-1]


# ---- words


async def test_a_word_from_chat_is_shown_first_told_and_for_people_to_look_at(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        line = "/词库 添加 青鸾 公司自定 代号"
        said = await says(scene, "wang", line, where="wang")
        assert "尚未生效" in said
        assert "人工审核" in said
        async with scene.storage.view() as unit:
            assert await unit.words.all() == []
        assert "已禁用" in await says(scene, "wang", f"{line} 确认", where="wang")
        assert "【规则变更】" in scene.heard(OFFICE)[-1]
        assert "青鸾" in scene.heard(OFFICE)[-1]
        before = len(scene.heard(ROOM))
        await scene.says("zhang", "青鸾什么时候上线")
        case = await scene.the_case()
        assert (case.rule, case.state) == ("banned_words", CaseState.REVIEW)
        assert len(scene.heard(ROOM)) == before
