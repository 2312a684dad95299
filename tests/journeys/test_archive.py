"""Journeys of what is kept: quoted, tagged, found again by those who are in the group, and by nobody else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fakes.offices import audit, says, staffed
from fakes.scene import OFFICE, ROOM, SHANGHAI, Scene

from bot.reports.archive import HEADINGS, archive_rows

HOLIDAY = "国庆节放假安排：10月1日至7日放假，8日上班，值班电话 13800138000"
BUDGET = "四季度预算上限为三十万元，超出须总经办批准"
SALES = "sales@chatroom"
NUMBER = re.compile(r"A-\w{5}")


def quoting(name: str, text: str, typed: str) -> str:
    return f"「{name}：{text}」\n- - - - - - - - - - - - - - -\n{typed}"


async def kept(scene: Scene, who: str, text: str, tags: str = "", room: str = ROOM) -> str:
    """Somebody keeps a text; returns its number."""
    answer = await says(scene, who, f"/归档 {tags}\n{text}", where=room)
    found = NUMBER.search(answer)
    assert found is not None, answer
    return found[0]


async def other_room(scene: Scene) -> None:
    """A second group that 张三 is not in."""
    world = scene.gateway.world
    world.room(SALES, "销售群", ["wang", "chen", "wangwu"])
    for who in ("wang", "chen", "wangwu"):
        world.say(SALES, who, "收到")
    world.join(SALES, "bot")  # the bot looks at its rooms anew
    await scene.quiet()


async def test_a_quoted_message_is_kept_and_found(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        await says(scene, "wang", HOLIDAY)
        answer = await says(scene, "wangwu", quoting("人力资源部王敏", HOLIDAY[:15], "/归档 #制度 放假"))
        (number,) = NUMBER.findall(answer.split("\n")[0])
        assert "#制度 #放假" in answer
        assert "保存 36 个月" in answer
        for typed in ("/查 国庆 放假", "/查 國慶節放假", "/查　“值班”", "/find 放假 #制度", "/查 放假 10月"):
            found = await says(scene, "zhang", typed)
            assert number in found, typed
            assert "人力资源部王敏" in found
            assert "13800138000" not in found
        whole = await says(scene, "zhang", f"/归档 查看 {number}")
        assert "值班电话 ***********" in whole
        async with scene.storage.view() as unit:
            archived = await unit.archive.get(number)
            writer = await unit.people.by_contact("wang")
        assert archived is not None
        assert writer is not None
        assert archived.text == HOLIDAY
        assert archived.sender_key == writer.key
        assert "已经归档" in await says(scene, "chen", quoting("人力资源部王敏", HOLIDAY, "/归档"))


async def test_a_quote_that_could_be_two_is_asked_back(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        await says(scene, "wang", HOLIDAY)
        await says(scene, "wang", HOLIDAY.replace("8日上班", "9日上班"))
        quote = quoting("人力资源部王敏", HOLIDAY[:15], "/归档 放假")
        asked = await says(scene, "zhang", quote)
        assert "第1条" in asked
        assert "第2条" in asked
        assert NUMBER.search(asked) is None
        done = await says(scene, "zhang", quote.replace("/归档 ", "/归档 第2条 "))
        assert NUMBER.search(done) is not None
        assert "8日上班" in await says(scene, "zhang", "/查 上班")


async def test_the_same_said_twice_is_no_question(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        for _ in range(2):
            await says(scene, "wang", BUDGET)
            scene.clock.advance(400)
        assert "已归档" in await says(scene, "zhang", quoting("人力资源部王敏", BUDGET, "/归档 预算"))


async def test_nothing_leaks_from_a_group_to_whoever_is_not_in_it(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        await other_room(scene)
        secret = await kept(scene, "chen", BUDGET, "财务", SALES)
        own = await kept(scene, "wang", HOLIDAY, "放假")
        for who, where in (("zhang", ""), ("zhang", ROOM), ("chen", ROOM), ("li", ""), ("liu", "")):
            for typed in ("/查 预算", "/查 #财务", "/查 销售群 预算", "/归档 列表", f"/归档 查看 {secret}"):
                answer = await says(scene, who, typed, where=where)
                assert secret not in answer or typed.endswith(secret), (who, typed)
                assert "三十万" not in answer, (who, typed)
                scene.clock.advance(10)
        assert "没有找到归档" in await says(scene, "zhang", f"/归档 删除 {secret} 确认", where="")
        both = await says(scene, "wang", "/归档 列表", where="")
        assert secret in both
        assert own in both
        assert "销售群" in both
        narrowed = await says(scene, "wang", "/查 销售群 #财务", where="")
        assert secret in narrowed
        assert own not in narrowed


async def test_in_the_supervision_room_everybody_gets_only_the_own(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        await other_room(scene)
        await kept(scene, "chen", BUDGET, "财务", SALES)
        scene.gateway.world.say(OFFICE, "wang", "/查 预算")
        await scene.quiet()
        assert any("三十万" in text for text in scene.heard("wang"))
        assert not any("三十万" in text for text in scene.heard(OFFICE) if "待审核" not in text)


async def test_whoever_left_the_group_finds_nothing(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        number = await kept(scene, "wang", HOLIDAY)
        assert number in await says(scene, "wangwu", "/查 放假", where="")
        scene.gateway.world.leave(ROOM, "wangwu")
        await scene.quiet()
        assert number not in await says(scene, "wangwu", "/查 放假", where="")


@pytest.mark.parametrize(
    "typed",
    [
        '"* OR NEAR(',
        "') OR 1=1 --",
        "放假* AND NOT",
        "words:放假 ^放假",
        "{{7*7}}",
        "\u202e放\u0000假",
        "%_" * 40,
        "“”",
    ],
)
async def test_nothing_that_is_typed_is_a_query_language(tmp_path: Path, typed: str) -> None:
    async with staffed(tmp_path) as scene:
        await kept(scene, "wang", HOLIDAY)
        answer = await says(scene, "zhang", f"/查 {typed}")
        assert answer
        assert "49" not in answer
        assert any(word in answer for word in ("没有查到", "请写明要查的词", "以下信息含有", "找到"))


async def test_the_best_comes_first_page_by_page(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        for day in range(7):
            await kept(
                scene,
                "wang",
                f"第{day}周例会纪要，顺带提到预算，另外讨论了人员安排、场地和设备采购等其他事项",
            )
            scene.clock.advance(60)
        best = await kept(scene, "wang", BUDGET, "预算")
        first = await says(scene, "zhang", "/查 预算")
        assert NUMBER.findall(first)[0] == best
        assert "找到 8 条" in first
        assert len(NUMBER.findall(first)) == 5
        second = await says(scene, "zhang", "/查 预算 第2页")
        assert len(NUMBER.findall(second)) == 3
        assert set(NUMBER.findall(first)).isdisjoint(NUMBER.findall(second))
        assert "第 9 页没有内容" in await says(scene, "zhang", "/查 预算 第9页")


async def test_times_narrow_a_search(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        old = await kept(scene, "wang", BUDGET)
        await scene.later(days=40)
        new = await kept(scene, "wang", BUDGET + "（修订）")
        for typed, both in (("近30天", False), ("本周", False), ("10月", True), ("近60天", True)):
            found = await says(scene, "wang", f"/查 预算 {typed}")
            assert (old in found) is both, typed
            assert (new in found) is (typed != "10月"), typed


async def test_what_is_cut_otherwise_is_found_by_its_characters(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        number = await kept(scene, "wang", "请走北京路口交通岗")
        found = await says(scene, "zhang", "/查 口交通岗亭".replace("亭", ""))
        assert number in found


async def test_who_kept_it_or_supervises_may_remove_it(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        first = await kept(scene, "zhang", HOLIDAY)
        second = await kept(scene, "zhang", BUDGET)
        assert "须由归档人或监督员删除" in await says(scene, "wangwu", f"/归档 删除 {first} 确认")
        assert f"确定请输入：/归档 删除 {first} 确认" in await says(scene, "zhang", f"/归档 删除 {first}")
        assert "已删除" in await says(scene, "zhang", f"/归档 删除 {first} 确认")
        assert "已删除" in await says(scene, "li", f"/归档 删除 {second} 确认", where="")
        assert "没有归档的信息" in await says(scene, "zhang", "/归档 列表")
        assert "没有查到" in await says(scene, "wang", "/查 放假")
        assert (await audit(scene)).count("archive removed") == 2


async def test_mistakes_are_answered(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        for typed, answer in (
            ("/归档", "请引用要归档的消息"),
            ("/归档 制度", "请引用要归档的消息"),
            ("/归档 “一段文字” 制度!", "标签只能用"),
            ("/归档 “一段文字” " + " ".join(f"标签{n}" for n in range(9)), "标签最多 8 个"),
            ("/归档 长\n" + "长" * 2001, "最多 2000 字"),
            (quoting("某人", "从没说过的话", "/归档 制度"), "没有找到所引用的消息"),
            ("/归档 查看", "请写明归档编号"),
            ("/归档 查看 A-22222", "没有找到归档 A-22222"),
            ("/归档 删除 <script>", "没有找到归档，"),
            ("/归档 列表 别的", "用法：/归档 列表"),
            ("/查", "请写明要查的词"),
            ("/查 元旦", "没有查到"),
        ):
            said = await says(scene, "wang", typed)
            assert answer in said, f"{typed[:40]}: {said}"
        assert "请在消息所在的群里归档" in await says(scene, "wang", "/归档 “一段文字” 制度", where="")


async def test_what_was_kept_as_rows(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        number = await kept(scene, "wang", HOLIDAY, "制度 放假")
        async with scene.storage.view() as unit:
            (row,) = await archive_rows(unit, SHANGHAI)
    assert len(row) == len(HEADINGS)
    assert row[:5] == (number, "项目工作群", "2026-10-13 10:00", "人力资源部王敏", "制度 放假")
    assert row[5].endswith("值班电话 ***********")
