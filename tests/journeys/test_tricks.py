"""Tricks that once worked on the bot, each by the name of what went wrong."""

from __future__ import annotations

from pathlib import Path

from fakes.offices import audit, roles_of, says, staffed
from fakes.scene import AD, OFFICE, ROOM, TUESDAY, Scene, opened

from bot.examination import _read
from bot.settings import Settings
from storage.records import RosterRow


def everything_new(scene: Scene) -> dict[str, str]:
    world = scene.gateway.world
    return {key: f"new-{key}" for key in (*world.people, *world.rooms)}


async def relogin(scene: Scene) -> None:
    scene.gateway.disconnect("logged out")
    await scene.quiet()
    scene.gateway.world.relogin(everything_new(scene))
    scene.gateway.reconnect()
    await scene.quiet()


async def test_a_decoy_with_two_supervisors_names_does_not_take_the_supervision_room_away(
    tmp_path: Path,
) -> None:
    async with staffed(tmp_path) as scene:
        for who in ("wang", "li"):
            await says(scene, who, "/状态", where=OFFICE)
        world = scene.gateway.world
        world.contact("x1", "王敏")
        world.contact("x2", "李强")
        world.room("evil@chatroom", "群规监督组", ["x1", "x2"])
        await says(scene, "x1", "在吗", where="evil@chatroom")
        await relogin(scene)
        assert scene.bot.presence.supervision == f"new-{OFFICE}"
        assert "supervision room taken up again" in await audit(scene)


async def test_who_is_put_out_of_the_supervision_room_meets_the_supervisors_in_no_other(
    tmp_path: Path,
) -> None:
    async with staffed(tmp_path) as scene:
        world = scene.gateway.world
        world.rooms.pop(OFFICE)
        world.room("evil@chatroom", "群规监督组", ["wang", "someone"])
        await says(scene, "wang", "你们好", where="evil@chatroom")
        scene.gateway.disconnect("restart")
        await scene.quiet()
        scene.gateway.reconnect()
        await scene.quiet()
        assert scene.bot.presence.supervision == ""
        async with scene.storage.view() as unit:
            seen = await _read(unit, scene.clock.now())
        assert "supervision 群规监督组" not in seen.pins, "the doctor calls a room found that is gone"


async def test_an_employee_number_worn_as_a_nickname_puts_nobody_on_duty(tmp_path: Path) -> None:
    rota = tmp_path / "rota.csv"
    rota.write_text("person,from,to\nE1002,2026-10-13,2026-10-20\n")
    settings = Settings.model_validate({"rooms": {"supervision": "群规监督组"}, "work": {"rota": str(rota)}})
    async with opened(tmp_path, settings=settings, start=TUESDAY.replace(hour=21)) as scene:
        async with scene.storage.unit() as unit:
            rows = [RosterRow("E1002", "王敏", "人力资源部", is_head=True, active=True)]
            await unit.people.import_roster(rows, scene.clock.now())
        await scene.bot.handler.refresh()
        scene.gateway.world.alias(ROOM, "liu", "E1002")
        await scene.says("liu", "请各部门把本周数据发我汇总")
        assert [case.rule for case in await scene.cases()] == ["after_hours"]


async def test_a_binding_by_hr_is_not_told_as_a_code_that_was_redeemed(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        world = scene.gateway.world
        world.contact("double", "小王")
        world.join(ROOM, "double")
        world.alias(ROOM, "double", "小王来了")
        await says(scene, "double", "大家好")
        answer = await says(scene, "wang", "/绑定 确认 小王来了 E1005 确认", where="")
        assert "已确认" in answer, answer
        said = "\n".join(scene.heard(OFFICE))
        assert "人力资源部已确认“王五”的微信号" in said
        assert "认领码" not in said


async def test_who_holds_a_role_and_is_unbound_hears_of_it_and_so_do_the_supervisors(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        answer = await says(scene, "wang", "/绑定 解除 李强 确认", where="")
        assert "已解除" in answer, answer
        assert "您的权限不再生效" in "\n".join(scene.heard("li"))
        assert "其权限在重新确认身份之前不再生效" in "\n".join(scene.heard(OFFICE))
        assert await roles_of(scene, "li") == frozenset()


async def test_a_sticker_is_no_word_to_forbid(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        assert "加入词库不起作用" in await says(scene, "wang", "/词库 添加 [捂脸]", where="")


async def test_a_room_renamed_to_what_another_is_configured_as_gets_none_of_its_rules(tmp_path: Path) -> None:
    settings = Settings.model_validate(
        {
            "rooms": {
                "supervision": "群规监督组",
                "overrides": {"闲聊群": {"rules": {"advertising": {"enabled": False}}}},
            }
        }
    )
    async with opened(tmp_path, settings=settings) as scene:
        scene.gateway.world.topic(ROOM, "闲聊群", by="liu")
        await scene.quiet()
        await scene.later(minutes=2)
        scene.gateway.disconnect("restart")
        await scene.quiet()
        scene.gateway.reconnect()
        await scene.quiet()
        await scene.says("liu", AD)
        assert [case.rule for case in await scene.cases()] == ["advertising"]


async def test_asking_and_withdrawing_in_turns_calls_upon_those_who_decide_only_so_often(
    tmp_path: Path,
) -> None:
    async with staffed(tmp_path) as scene:
        for turn in range(6):
            scene.clock.advance(60)
            answer = await says(scene, "zhang", f"/入群 新人{turn} 市场部", where=ROOM)
            if turn == 5:
                assert "明天再提" in answer
                break
            async with scene.storage.view() as unit:
                request = (await unit.requests.list(limit=1))[0]
            assert request.number in answer
            await says(scene, "zhang", f"/入群 撤回 {request.number}", where=ROOM)


async def test_a_head_is_not_shown_in_which_groups_people_of_other_departments_are(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        answer = await says(scene, "chen", "/退群 张三", where="")
        assert "部门负责人或人力资源部" in answer
        assert "项目工作群" not in answer


async def test_a_refused_word_that_somebody_came_in_leaves_the_request_open(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        await says(scene, "zhang", "/入群 外部 某某公司 赵六 项目工作群")
        async with scene.storage.view() as unit:
            number = (await unit.requests.list(limit=1))[0].number
        await says(scene, "liu", f"/入群 同意 {number}", where="")
        await says(scene, "wang", f"/入群 同意 {number}", where="")
        async with scene.storage.view() as unit:
            before = (await unit.requests.list(limit=1))[0].state
        answer = await says(scene, "wang", f"/入群 完成 {number} @市场部王五", where=ROOM, at=("wangwu",))
        assert "不是为这位成员提出的" in answer
        async with scene.storage.view() as unit:
            assert (await unit.requests.list(limit=1))[0].state == before != "done"
