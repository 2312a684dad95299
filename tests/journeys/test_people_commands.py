"""Commands about people: points, exemptions, silence, grants, bindings, duty and leave; and attempts to misuse them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fakes.offices import staffed
from fakes.scene import AD, OFFICE, ROOM, Scene

from storage.records import Binding, CaseState, Person, Role

CODE = re.compile(r"\b(?:[2-9A-HJ-NP-Z]{4}-){2}[2-9A-HJ-NP-Z]{4}\b")


async def says(scene: Scene, who: str, text: str, *, where: str = ROOM, at: tuple[str, ...] = ()) -> str:
    """Somebody types a line, perhaps with mentions; returns what the bot says, wherever it says it."""
    scene.gateway.world.say(where or who, who, text, mentions=at)
    return "\n".join(await scene.quiet())


async def person(scene: Scene, contact_id: str) -> Person:
    async with scene.storage.view() as unit:
        found = await unit.people.by_contact(contact_id)
    assert found is not None
    return found


async def audit(scene: Scene) -> list[str]:
    async with scene.storage.view() as unit:
        return [entry.action for entry in await unit.audit.recent(200)]


async def roles_of(scene: Scene, contact_id: str) -> frozenset[Role]:
    return (await person(scene, contact_id)).roles


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
        await says(scene, "li", "/豁免 添加 E1001 全部 全部群 3天 活动", where="")
        assert "原有的豁免 1 同时作废" in await says(
            scene, "li", "/豁免 添加 E1001 全部 全部群 5天 活动", where=""
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
        said = await says(scene, "li", "/豁免 添加 @张三\u2005 全部 3天 活动", at=("someone",))
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


# ---- grants


async def test_a_code_is_told_to_its_issuer_alone_and_never_in_a_room(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        for where in (ROOM, OFFICE, ""):
            await says(scene, "wang", "/授权 监督员 E1001", where=where)
        assert not [text for room in (ROOM, OFFICE) for text in scene.heard(room) if CODE.search(text)]
        codes = [found[0] for text in scene.heard("wang") if (found := CODE.search(text))]
        assert len(codes) == 3
        async with scene.storage.view() as unit:
            entries = await unit.audit.recent(100)
        assert not any(code in f"{entry.target} {entry.detail}" for entry in entries for code in codes)
        assert "认领成功" in await says(scene, "zhang", f"/认领 {codes[0]}", where="")
        zhang = await person(scene, "zhang")
        assert (zhang.roles, zhang.employee_no) == (frozenset({Role.SUPERVISOR}), "E1001")


async def test_nobody_redeems_a_code_of_their_own_making(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        await says(scene, "wang", "/授权 领导 E1001", where="")
        code = CODE.search(scene.heard("wang")[-1])
        assert code is not None
        assert "您自己发放" in await says(scene, "wang", f"/认领 {code[0]}", where="")
        assert await roles_of(scene, "wang") == {Role.HR_LEAD}


async def test_codes_that_are_refused(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        assert "不能给自己" in await says(scene, "wang", "/授权 领导 E1002", where="")
        assert "请写工号" in await says(scene, "wang", "/授权 领导", where="")
        assert "请写工号" in await says(scene, "wang", "/授权 监督员 路人甲", where="")
        assert "已离职" in await says(scene, "wang", "/授权 监督员 E1007", where="")
        assert "没有找到" in await says(scene, "wang", "/授权 监督员 E9999", where="")
        assert "已是监督员" in await says(scene, "wang", "/授权 监督员 E1003", where="")
        assert "需要权限" in await says(scene, "wang", "/授权 系统管理员 E1001 确认", where="")
        assert "需要权限" in await says(scene, "li", "/授权 成员 E1001", where="")
        assert "确定的话" in await says(scene, "wang", "/授权 人力资源负责人 E1001", where="")
        assert not [text for text in scene.heard("wang") if CODE.search(text)]
        for _ in range(5):
            await says(scene, "wang", "/授权 成员 E1001", where="")
        assert "已有 5 个认领码" in await says(scene, "wang", "/授权 成员 E1001", where="")
        await scene.later(minutes=31)
        assert CODE.search(await says(scene, "wang", "/授权 成员 E1001", where=""))


async def test_a_role_is_taken_back_and_its_holder_told(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        preview = await says(scene, "wang", "/授权 撤销 监督员 李强", where=OFFICE)
        assert "/授权 撤销 监督员 李强 确认" in preview
        assert await roles_of(scene, "li") == {Role.SUPERVISOR}
        assert "已撤销" in await says(scene, "wang", "/授权 撤销 监督员 李强 确认", where=OFFICE)
        assert await roles_of(scene, "li") == frozenset()
        assert "“监督员”权限已于" in scene.heard("li")[-1]
        assert "需要权限" in await says(scene, "li", "/豁免")
        assert "可能已撤销" in await says(scene, "wang", "/授权 撤销 监督员 李强 确认", where=OFFICE)
        assert "role revoked" in await audit(scene)


async def test_who_is_put_down_leaves_no_codes_behind(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        await says(scene, "wang", "/授权 监督员 E1001", where="")
        code = CODE.search(scene.heard("wang")[-1])
        assert code is not None
        assert "已撤销" in await says(scene, "zhao", "/授权 撤销 人力资源负责人 王敏 确认", where="")
        assert "无效" in await says(scene, "zhang", f"/认领 {code[0]}", where="")


async def test_the_last_who_can_give_roles_stays(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        assert "系统管理员处理" in await says(scene, "wang", "/授权 撤销 系统管理员 赵云 确认", where="")
        assert "已撤销" in await says(scene, "zhao", "/授权 撤销 系统管理员 E1008 确认", where="")
        assert "唯一" in await says(scene, "wang", "/授权 撤销 人力资源负责人 王敏 确认", where="")
        assert await roles_of(scene, "wang") == {Role.HR_LEAD}


async def test_the_list_marks_roles_that_nobody_can_use(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        async with scene.storage.unit() as unit:
            held = await unit.people.by_employee_no("E1005")
            assert held is not None
            await unit.people.grant(held.key, Role.SUPERVISOR, "operator", scene.clock.now())
        said = await says(scene, "wang", "/授权 列表", where=OFFICE)
        assert re.search(
            r"监督员　市场部王五（工号 E\*\*05）　自 10-13 10:\d\d　授权人：命令行　身份未确认", said
        )


# ---- bindings


async def test_both_sides_are_shown_and_the_cases_move(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        await scene.says("lisi", AD)
        preview = await says(scene, "wang", "/绑定 确认 李四 E1001", where=OFFICE)
        for part in (
            "某某公司李四",
            "微信名 李四",
            "项目工作群",
            "人力资源部张三（工号 E**01）",
            "1 个案件",
            "/绑定 确认 李四 E1001 确认",
        ):
            assert part in preview
        assert (await person(scene, "lisi")).binding is Binding.NONE
        assert "1 个案件已转入" in await says(scene, "wang", "/绑定 确认 李四 E1001 确认", where=OFFICE)
        bound = await person(scene, "lisi")
        assert (bound.binding, bound.employee_no) == (Binding.CONFIRMED, "E1001")
        assert (await scene.the_case()).person_key == bound.key
        assert "已由人力资源部确认" in scene.heard("lisi")[-1]
        assert (await person(scene, "zhang")).binding is Binding.NONE  # was only believed to be them
        assert any("不再视为本人" in text for text in scene.heard(OFFICE))
        assert "无需重复" in await says(scene, "wang", "/绑定 确认 李四 E1001 确认", where=OFFICE)


async def test_the_line_to_confirm_keeps_to_the_mention(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        line = "/绑定 确认 @李四\u2005 E1001"
        preview = await says(scene, "wang", line, at=("someone",))
        assert "实际提到的是“路人甲”" in preview
        assert "仍须 @本人" in preview
        await says(scene, "wang", f"{line} 确认", at=("someone",))
        assert (await person(scene, "someone")).employee_no == "E1001"
        assert (await person(scene, "lisi")).employee_no == ""


BINDINGS_REFUSED = [
    ("/绑定 确认 人力资源部王敏 E1001 确认", "不能给本人办理"),
    ("/绑定 确认 李四 E1002 确认", "不能给本人办理"),
    ("/绑定 确认 李四 E1008 确认", "由系统管理员处理"),
    ("/绑定 确认 信息部赵云 E1001 确认", "由系统管理员处理"),
    ("/绑定 确认 李四 E9999 确认", "没有工号“E9999”"),
    ("/绑定 确认 李四 E1007 确认", "已离职"),
    ("/绑定 确认 没有这人 E1001 确认", "没有找到"),
    ("/绑定 确认 李四 确认", "用法"),
    ("/绑定 外部 王五", "不能登记为外部人员"),
    ("/绑定 外部 王敏", "不能给本人办理"),
    ("/绑定 解除 信息部赵云 确认", "由系统管理员处理"),
    ("/绑定 解除 王敏 确认", "不能给本人办理"),
    ("/绑定 解除 李四 确认", "没有绑定任何员工"),
    ("/绑定 李四", "用法"),
]


async def test_bindings_that_are_refused(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        for line, expected in BINDINGS_REFUSED:
            assert expected in await says(scene, "wang", line, where=OFFICE), line
        assert "binding confirmed" not in await audit(scene)
        assert "binding undone" not in await audit(scene)


async def test_an_outsider_is_told_apart_and_a_binding_undone(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        assert "是外部人员" in await says(scene, "wang", "/绑定 外部 李四", where=OFFICE)
        assert (await person(scene, "lisi")).kind == "external"
        await scene.says("lisi", AD)
        assert "对接人" in scene.heard(ROOM)[-1]
        assert "将解除" in await says(scene, "wang", "/绑定 解除 王五", where=OFFICE)
        assert (await person(scene, "wangwu")).employee_no == "E1005"
        assert "已解除" in await says(scene, "wang", "/绑定 解除 王五 确认", where=OFFICE)
        assert (await person(scene, "wangwu")).employee_no == ""


async def test_what_is_doubtful_is_listed_first(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        world = scene.gateway.world
        world.contact("fake", "骗子")
        world.join(ROOM, "fake")
        world.alias(ROOM, "fake", "市场部王五")
        await scene.says("fake", "大家好，请多关照")
        said = await says(scene, "wang", "/绑定", where=OFFICE)
        rows = said.split("\n")
        assert "与他人重名" in rows[1]
        assert "与他人重名" in rows[2]
        assert any("仅凭昵称推测为人力资源部张三" in row for row in rows[3:])


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


# ---- attempts to climb


@pytest.mark.parametrize(
    "text",
    [
        "「工程部李强：/授权 监督员 E1001」\n- - - - - - - - - - - - - - -\n好的",
        "好的\n/授权 撤销 监督员 李强 确认",
        "@工程部李强\u2005/豁免 添加 路人甲 全部 3天 请批准",
    ],
)
async def test_what_a_role_holder_only_quotes_or_reads_is_no_command(tmp_path: Path, text: str) -> None:
    async with staffed(tmp_path) as scene:
        before = await audit(scene)
        assert await says(scene, "wang", text, at=("li",) if text[0] == "@" else ()) == ""
        assert await audit(scene) == before


async def test_a_likeness_gives_no_authority(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        world = scene.gateway.world
        world.contact("fake", "王敏")
        world.join(ROOM, "fake")
        world.alias(ROOM, "fake", "人力资源部王敏")
        for line in ("/授权 监督员 E1001", "/绑定 确认 路人甲 E1001 确认", "/静默", "/豁免", "/积分 E1001"):
            assert "需要权限" in await says(scene, "fake", line)


async def test_a_role_lost_a_moment_ago_is_lost(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        scene.gateway.world.say("wang", "wang", "/授权 撤销 监督员 李强 确认")
        scene.gateway.world.say("li", "li", "/豁免 添加 E1001 全部 全部群 3天 赶在撤销之前")
        await scene.quiet()
        async with scene.storage.view() as unit:
            assert await unit.exemptions.active(scene.clock.now()) == []


async def test_help_shows_only_what_one_may_do(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        member = await says(scene, "someone", "/帮助", where="")
        assert not [name for name in ("/授权", "/绑定", "/豁免", "/静默") if name in member]
        assert "/值班 [列表]" in member
        assert "/值班 [添加|列表|取消]" in await says(scene, "chen", "/帮助", where="")
        assert "系统管理员" not in await says(scene, "wang", "/帮助 授权", where="")
