"""Who gives roles and says who is who, and attempts to climb."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fakes.offices import audit, person, roles_of, says, staffed
from fakes.scene import AD, OFFICE, ROOM

from storage.records import Binding, Role

CODE = re.compile(r"\b(?:[2-9A-HJ-NP-Z]{4}-){2}[2-9A-HJ-NP-Z]{4}\b")


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


async def test_whoever_was_known_as_an_employee_hears_of_another_id(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        await says(scene, "wang", "/绑定 确认 李四 E1004 确认", where=OFFICE)
        assert "如非您本人所为" in scene.heard("liu")[-1]
        assert Role.LEADER in await roles_of(scene, "liu")


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
        scene.gateway.world.say("li", "li", "/豁免 添加 E1001 全部 全部群 3天 赶在撤销之前 确认")
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
