"""Commands about people: points, exemptions, silence, duty and leave, and what of it is refused."""

from __future__ import annotations

from pathlib import Path

from fakes.offices import audit, person, says, staffed
from fakes.scene import AD, OFFICE, ROOM

from storage.records import CaseState

# ---- points


async def test_a_member_sees_confirmed_and_provisional_points_apart(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        await scene.says("someone", AD)
        await scene.says("wang", f"/违规 确认 {(await scene.the_case()).number}", where=OFFICE)
        scene.clock.advance(600)
        await scene.says("someone", "加薇❤信 xyz98765 刷单兼职日结500，扫码进群领红包")
        first, second = await scene.cases()
        said = await says(scene, "someone", "/积分", where="")
        assert "已确认：-2 / -2 分" in said
        assert "待确认：-2 / -2 分" in said
        assert f"{first.number}（已确认）" in said
        assert f"{second.number}（待确认）" in said
        assert "申诉" in said
        await says(scene, "wang", f"/违规 驳回 {second.number}", where=OFFICE)
        said = await says(scene, "someone", "/积分", where="")
        assert "待确认：0 / 0 分" in said
        assert "退回" in said


async def test_points_of_last_month_count_in_total_only(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        await scene.says("someone", AD)
        await scene.says("wang", f"/违规 确认 {(await scene.the_case()).number}", where=OFFICE)
        await scene.later(days=25)
        assert "已确认：0 / -2 分" in await says(scene, "someone", "/积分", where="")


async def test_a_record_is_for_its_confirmed_owner_alone(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        assert "需要确认身份" in await says(scene, "wangwu", "/积分", where="")
        assert "需要权限" in await says(scene, "someone", "/积分 E1001")
        assert "需要权限" in await says(scene, "chen", "/积分 查看 王五")  # a head has no say here
        before = len(scene.heard(ROOM))
        assert "的积分" in await says(scene, "someone", "/积分")
        assert len(scene.heard(ROOM)) == before
        assert "的积分" in scene.heard("someone")[-1]


async def test_a_supervisor_reads_a_record_and_that_is_noted_down(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        said = await says(scene, "li", "/积分 @人力资源部张三\u2005", at=("zhang",))
        assert "人力资源部张三（工号 E**01）的积分" in said
        assert scene.heard("li")[-1] in said
        assert "record read" in await audit(scene)
        assert "周杰" in await says(
            scene, "li", "/积分 查看 E1007", where=""
        )  # who has left has a record still


# ---- exemptions


async def test_an_exemption_counts_until_it_ends_or_is_cancelled(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        said = await says(scene, "li", "/豁免 添加 @张三\u2005 商业推广 2小时 负责客户活动", at=("zhang",))
        assert "已登记豁免 1：人力资源部张三（工号 E**01），商业推广，项目工作群，至 10-13 12:0" in said
        assert await scene.says("zhang", AD) == []
        assert await scene.cases() == []
        assert "负责客户活动" in await says(scene, "wang", "/豁免", where=OFFICE)
        assert "已取消豁免 1" in await says(scene, "wang", "/豁免 取消 1", where=OFFICE)
        assert "没有编号为“#1”的有效记录" in await says(scene, "li", "/豁免 取消 #1", where=OFFICE)
        await scene.says("zhang", AD)
        assert len(await scene.cases()) == 1
        assert {"exemption added", "exemption cancelled"} <= set(await audit(scene))


async def test_an_exemption_ends_by_itself(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        await says(scene, "li", "/豁免 添加 E1001 advertising 30分钟 活动")
        await scene.later(minutes=31)
        await scene.says("zhang", AD)
        assert len(await scene.cases()) == 1
        assert "目前没有豁免" in await says(scene, "li", "/豁免 列表", where="")


async def test_renewing_an_exemption_leaves_one(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        await says(scene, "li", "/豁免 添加 E1001 全部 全部群 3天 活动 确认", where="")
        assert "原有的豁免 1 同时作废" in await says(
            scene, "li", "/豁免 添加 E1001 全部 全部群 5天 活动 确认", where=""
        )
        async with scene.storage.view() as unit:
            assert [one.id for one in await unit.exemptions.active(scene.clock.now())] == [2]


async def test_an_exemption_for_good_is_asked_back(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        line = "/豁免 添加 E1001 全部 全部群 长期 公告账号"
        said = await says(scene, "li", line, where="")
        assert f"{line} 确认" in said
        async with scene.storage.view() as unit:
            assert await unit.exemptions.active(scene.clock.now()) == []
        assert "长期" in await says(scene, "li", f"{line} 确认", where="")
        async with scene.storage.view() as unit:
            (made,) = await unit.exemptions.active(scene.clock.now())
        assert (made.until, made.rule, made.room_key, made.reason) == (None, "", 0, "公告账号")


EXEMPTIONS_REFUSED = [
    ("/豁免 添加 工程部李强 全部 3天 我自己", "不能给本人办理"),
    ("/豁免 添加 E1003 全部 3天 我自己", "不能给本人办理"),
    ("/豁免 添加 E1001 全部 400天 太久", "最长一年"),
    ("/豁免 添加 E1001 全部 10-08 过去", "已经过去"),
    ("/豁免 添加 E1001 全部 2-30 没有", "没有这个日期"),
    ("/豁免 添加 E1001 全部 3天", "写明理由"),
    ("/豁免 添加 E1001 全部 活动 需要", "什么时候为止"),
    ("/豁免 添加 E1001 没这规则 3天 活动", "没有规则“没这规则”"),
    ("/豁免 添加 E1001 全部 没这群 3天 活动", "没有找到群“没这群”"),
    ("/豁免 添加 E9999 全部 3天 活动", "没有找到“E9999”"),
    ("/豁免 添加 E1007 全部 3天 活动", "已离职"),
    ("/豁免 添加 E1001", "用法"),
    ("/豁免 E1001", "用法"),
    ("/豁免 取消 abc", "没有编号为“abc”"),
    ("/豁免 取消", "没有编号"),
]


async def test_exemptions_that_are_refused(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        for line, expected in EXEMPTIONS_REFUSED:
            assert expected in await says(scene, "li", line), line
        async with scene.storage.view() as unit:
            assert await unit.exemptions.active(scene.clock.now()) == []


async def test_the_mentioned_one_is_meant_whatever_the_text_says(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        said = await says(scene, "li", "/豁免 添加 @张三\u2005 全部 3天 活动 确认", at=("someone",))
        assert "文字写的是“张三”，实际提到的是“路人甲”" in said
        async with scene.storage.view() as unit:
            (made,) = await unit.exemptions.active(scene.clock.now())
        assert made.person_key == (await person(scene, "someone")).key


# ---- silence


async def test_a_muted_room_hears_nothing_and_cases_go_on(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        assert "“项目工作群”静默至 10-13 12:0" in await says(scene, "li", "/静默")
        before = len(scene.heard(ROOM))
        await scene.says("someone", AD)
        assert len(scene.heard(ROOM)) == before
        assert (await scene.the_case()).state is CaseState.PROVISIONAL
        assert any("群规提醒" in text for text in scene.heard("someone"))
        assert "项目工作群" in await says(scene, "wang", "/静默 列表", where=OFFICE)
        assert "已取消" in await says(scene, "zhao", "/静默 取消 项目工作群", where="")
        assert "目前没有静默" in await says(scene, "zhao", "/静默 取消 项目工作群", where="")
        assert {"room muted", "room unmuted"} <= set(await audit(scene))


async def test_what_silences_are_refused(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        assert "最长静默 7 天" in await says(scene, "li", "/静默 8天")
        assert "写明是哪个群" in await says(scene, "li", "/静默", where=OFFICE)
        assert "写明是哪个群" in await says(scene, "li", "/静默 2小时", where="")
        assert "用法" in await says(scene, "li", "/静默 项目工作群 2小时 谢谢")
        assert "没有找到群" in await says(scene, "li", "/静默 取笑", where="")
        assert "没有看懂时间" not in await says(scene, "li", "/静默 ３０分钟")
        async with scene.storage.view() as unit:
            (muted,) = await unit.silences.active(scene.clock.now())
        assert 1700 < (muted.until - scene.clock.now()).total_seconds() <= 1800


# ---- duty and leave


async def test_a_head_enters_duty_for_the_own_department_alone(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        said = await says(scene, "chen", "/值班 添加 王五 今晚")
        assert "已登记值班 1：市场部王五（工号 E**05），10-13 18:00 至 10-14 00:00" in said
        assert "只能办理本部门" in await says(scene, "chen", "/值班 添加 E1001 今晚")
        assert "不能给本人" in await says(scene, "chen", "/值班 添加 陈晨 今晚")
        assert "不能给本人" in await says(scene, "li", "/请假 添加 E1003 明天")
        assert "需要权限（监督员、人力资源负责人、部门负责人）" in await says(
            scene, "someone", "/值班 添加 王五 今晚"
        )
        assert "已经登记过了，编号 1" in await says(scene, "li", "/值班 添加 王五 10-13 18:00 至 24:00")
        assert "时间重叠" in await says(scene, "li", "/请假 添加 王五 今晚 8点 到 明天 8点")
        assert "王五" in await says(scene, "chen", "/值班", where="")
        assert "已取消值班 1" in await says(scene, "chen", "/值班 取消 1")
        assert "没有编号为“1”" in await says(scene, "chen", "/值班 取消 1")
        assert {"duty added", "duty cancelled", "leave added"} <= set(await audit(scene))


async def test_duty_is_in_force_at_once(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        await says(scene, "li", "/值班 添加 王五 今晚")
        key = (await person(scene, "wangwu")).key
        evening = scene.clock.now().replace(hour=12)  # 20:00 in Shanghai
        rota = scene.bot.handler.policy.book.rota
        assert rota.on_duty((key.casefold(),), evening)
        await says(scene, "li", "/值班 取消 1")
        assert not scene.bot.handler.policy.book.rota.on_duty((key.casefold(),), evening)


async def test_everybody_sees_the_own_shifts_only(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        await says(scene, "li", "/值班 添加 E1006 今晚")
        await says(scene, "li", "/值班 添加 E1001 今晚")
        await says(scene, "li", "/值班 添加 路人甲 明晚")
        own = await says(scene, "someone", "/值班", where="")
        assert "您的值班安排" in own
        assert "10-14 18:00" in own
        assert "陈晨" not in own
        ours = await says(scene, "chen", "/值班 列表", where="")
        assert "陈晨" in ours
        assert "张三" not in ours
        everything = await says(scene, "wang", "/值班 列表", where="")
        assert all(name in everything for name in ("陈晨", "张三", "路人"))
        assert "需要确认身份" in await says(scene, "zhang", "/值班", where="")
        assert "没有编号为“2”" in await says(
            scene, "chen", "/值班 取消 2"
        )  # nothing to see of another department


SHIFTS_REFUSED = [
    ("/值班 添加 E1001 10-15 至 11-20", "最长"),
    ("/值班 添加 E1001 2028-01-05", "提前一年"),
    ("/值班 添加 E1001 10-01 至 10-03", "已经过去"),
    ("/值班 添加 E1001 10-17 至 10-15", "结束时间须晚于"),
    ("/值班 添加 E1001 回头", "没有看懂时间"),
    ("/值班 添加 E1001", "用法"),
    ("/值班 E1001 明天", "用法"),
    ("/值班 添加 E1007 明天", "已离职"),
    ("/请假 取消 1", "没有编号为“1”"),
    ("/请假 添加 李强强 明天", "没有找到"),
]


async def test_shifts_that_are_refused(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        for line, expected in SHIFTS_REFUSED:
            assert expected in await says(scene, "wang", line), line
        async with scene.storage.view() as unit:
            assert await unit.shifts.since(scene.clock.now()) == []
