"""Coming into a group (policy 2.1a, 2.1c): asked for, decided on, done by the bot, and seen to be done."""

from __future__ import annotations

from pathlib import Path

from fakes.offices import audit, person, says, staffed
from fakes.scene import OFFICE, ROOM, Scene

from rules.procedure.membership import State
from storage.records import MemberRequest

OTHER = "other@chatroom"


async def newest(scene: Scene) -> MemberRequest:
    async with scene.storage.view() as unit:
        return (await unit.requests.list(limit=1))[0]


async def asks(scene: Scene, who: str, line: str) -> MemberRequest:
    """Somebody asks in the group, a moment after what was asked before; returns the request."""
    scene.clock.advance(1)
    answer = await says(scene, who, line)
    request = await newest(scene)
    assert request.number in answer
    return request


def told(scene: Scene, target: str, part: str) -> list[str]:
    return [text for text in scene.heard(target) if part in text]


async def second_room(scene: Scene) -> None:
    """Another group of the same people, where all have spoken."""
    world = scene.gateway.world
    world.room(OTHER, "市场群", ["chen", "zhang", "wang", "lisi", "wangwu"])
    world.join(OTHER, world.self_id, by="chen")
    for key in ("chen", "zhang", "wang", "lisi", "wangwu"):
        world.say(OTHER, key, "收到")
    await scene.quiet()


async def test_an_employee_comes_in_by_head_and_hr(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        world = scene.gateway.world
        await second_room(scene)
        await says(scene, "li", "/绑定 列表", where=OFFICE)
        await says(scene, "wang", "/绑定 确认 王五 E1005 确认", where=OFFICE)
        world.leave(ROOM, "wangwu")
        await scene.quiet()

        request = await asks(scene, "li", "/入群 王五 市场部 项目工作群")
        assert request.state == State.WAITING_HEAD
        (word,) = told(scene, "chen", request.number)
        assert "市场部王五" in word
        assert "项目工作群" in word
        assert told(scene, OFFICE, request.number) == []

        # Once is enough, and nobody decides out of turn.
        assert request.number in await says(scene, "zhang", "/入群 E1005 项目工作群")
        assert (await newest(scene)).number == request.number
        assert "待部门负责人审批" in await says(scene, "wang", f"/入群 同意 {request.number}", where=OFFICE)
        assert "须由其他人审批" in await says(scene, "li", f"/入群 同意 {request.number}", where=OFFICE)
        assert "没有编号" in await says(scene, "zhang", f"/入群 同意 {request.number}")
        assert "没有这项" in await says(scene, "zhang", "/入群 同意 随便")

        assert "待人力资源部审批" in await says(
            scene, "chen", f"／入群　同意　{request.number.lower()}", where=""
        )
        assert told(scene, OFFICE, request.number)
        assert world.added == []
        assert "机器人办理中" in await says(scene, "wang", f"/入群 同意 {request.number} 欢迎", where=OFFICE)
        assert "目前的状态" in await says(scene, "wang", f"/入群 同意 {request.number}", where=OFFICE)
        assert told(scene, "li", "已获同意")

        await scene.later(minutes=1)
        assert [(one.room_id, one.contact_id) for one in world.added] == [(ROOM, "wangwu")]
        await scene.later(minutes=1)
        request = await newest(scene)
        assert request.state == State.DONE
        assert request.done_at is not None
        assert [step.state for step in request.steps] == ["waiting_head", "waiting_hr", "approved", "done"]
        assert len(told(scene, OFFICE, "已办结")) == 1
        assert told(scene, "li", "已在群里")
        assert told(scene, OFFICE, "新成员未登记") == []
        assert "欢迎" in await says(scene, "li", f"/入群 查看 {request.number}", where="")
        await scene.later(minutes=30)
        assert len(world.added) == 1
        assert {"request ask", "request approve"} <= set(await audit(scene))


async def test_an_outsider_comes_in_by_sponsor_leader_and_hr_and_is_told_the_rules(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        world = scene.gateway.world
        await second_room(scene)
        world.leave(ROOM, "lisi")
        await scene.quiet()
        mention = world.at(OTHER, "lisi").strip("\u2005")
        world.say(OTHER, "chen", f"/入群 外部 某某公司 {mention}\u2005 项目工作群", mentions=("lisi",))
        await scene.quiet()
        request = await newest(scene)
        assert (request.kind, request.state, request.contact_id) == (
            "join_external",
            State.WAITING_LEADER,
            "lisi",
        )
        assert told(scene, "liu", "外部人员")
        assert "须由其他人审批" in await says(scene, "chen", f"/入群 同意 {request.number}", where="")
        assert "待人力资源部审批" in await says(scene, "liu", f"/入群 同意 {request.number}", where="")
        await says(scene, "wang", f"/入群 同意 {request.number}", where=OFFICE)
        await scene.later(minutes=1)
        await scene.later(minutes=1)
        assert (await newest(scene)).state == State.DONE
        known = await person(scene, "lisi")
        assert (known.kind, known.kind_known) == ("external", True)
        (digest,) = told(scene, "lisi", "工作群须知")
        assert "公司+姓名" in digest
        assert "不计分" in digest
        async with scene.storage.view() as unit:
            (welcome,) = await unit.welcomes.of_person(known.key)
        assert welcome.at is not None

        # Whoever comes again is not told again.
        world.leave(ROOM, "lisi")
        world.join(ROOM, "lisi", by="chen")
        await scene.quiet()
        await scene.later(minutes=1)
        assert len(told(scene, "lisi", "工作群须知")) == 1
        assert "不计分" in await says(scene, "lisi", "/入群 须知", where=ROOM)


async def test_what_the_gateway_can_not_do_is_left_to_people_and_followed(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        world, gateway = scene.gateway.world, scene.gateway
        gateway.hollow("add_member")
        await second_room(scene)
        await says(scene, "wang", "/绑定 确认 王五 E1005 确认", where=OFFICE)
        world.leave(ROOM, "wangwu")
        first = await asks(scene, "chen", "/入群 E1005 项目工作群")
        assert first.state == State.WAITING_HR  # the head's own application
        await says(scene, "wang", f"/入群 同意 {first.number}", where=OFFICE)
        # Of 张伟 nobody knows the WeChat id.
        second = await asks(scene, "chen", "/入群 张伟 市场部 项目工作群")
        assert told(scene, OFFICE, "花名册上没有此人")
        await says(scene, "wang", f"/入群 同意 {second.number}", where=OFFICE)
        await scene.later(minutes=1)
        assert gateway.calls["add_member"] == 1
        (task,) = told(scene, OFFICE, "请人工办理")
        assert second.number in task
        assert "不知道对方的微信号" in task
        for _ in range(20):
            await scene.later(minutes=1)
        assert gateway.calls["add_member"] == 1  # an invitation is not sent twice
        assert [first.number in task for task in told(scene, OFFICE, "请人工办理")] == [False, True]

        world.join(ROOM, "wangwu", by="chen")
        world.contact("wei", "小伟")
        world.join(ROOM, "wei", by="chen")
        world.alias(ROOM, "wei", "市场部-张伟")
        await scene.quiet()
        await scene.later(minutes=1)
        done = told(scene, OFFICE, "已办结")
        assert sorted(
            number for number in (first.number, second.number) for text in done if number in text
        ) == sorted([first.number, second.number])
        assert told(scene, OFFICE, "新成员未登记") == []
        assert told(scene, "wei", "部门+姓名")


async def test_requests_end_by_no_by_withdrawal_and_by_hand(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        world = scene.gateway.world
        number = (await asks(scene, "li", "/入群 张伟 市场部 项目工作群")).number
        await says(scene, "chen", f"/入群 不同意 {number} 编制已满", where="")
        assert (await newest(scene)).state == State.REJECTED
        assert told(scene, "li", "编制已满")
        number = (await asks(scene, "li", "/入群 张伟 市场部 项目工作群")).number
        assert "不能撤回" in await says(scene, "chen", f"/入群 撤回 {number}", where="")
        assert "已撤回" in await says(scene, "li", f"/入群 撤回 {number}", where=OFFICE)
        assert "目前没有" in await says(scene, "li", "/入群 列表", where=OFFICE)

        # Nobody who heads 信息部 is known, so HR decides at once.
        request = await asks(scene, "li", "/入群 周伟 信息部 项目工作群")
        assert request.state == State.WAITING_HR
        assert "尚未获批" in await says(scene, "wang", f"/入群 完成 {request.number}", where=OFFICE)
        assert request.number in await says(scene, "wang", "/入群 列表", where=OFFICE)
        await says(scene, "wang", f"/入群 同意 {request.number}", where=OFFICE)
        await scene.later(minutes=1)
        world.contact("zw", "风清扬")
        world.join(ROOM, "zw", by="li")
        await scene.quiet()
        await scene.later(minutes=1)
        (report,) = told(scene, OFFICE, "新成员未登记")
        assert "风清扬" in report
        assert "李强" in report
        assert request.number in report
        world.say(ROOM, "zw", "收到")
        await scene.quiet()
        assert "已完成" in await says(scene, "wang", f"/入群 完成 {request.number} 风清扬", where=OFFICE)
        assert (await newest(scene)).contact_id == "zw"


async def test_outsiders_may_not_ask_and_what_is_wrong_is_told(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        await says(scene, "wang", "/绑定 外部 李四", where=OFFICE)
        assert "本公司员工" in await says(scene, "lisi", "/入群 赵六 市场部 项目工作群")
        for line, part in (
            ("/入群", "用法"),
            ("/入群 张伟", "用法"),
            ("/入群 外部 某某公司", "用法"),
            ("/入群 张伟 市场部 没有的群", "没有找到群"),
            ("/入群 张伟 市场部 群规监督组", "没有找到群"),
            ("/入群 E1007 项目工作群", "已离职"),
            ("/入群 周杰 市场部", "已离职"),
            ("/入群 外部 某某公司 赵六 项目工作群 对接人 路人", "不在花名册上"),
            ("/入群 同意 R-00000", "没有"),
            ("/入群 查看 V-7K2QM", "没有这项"),
        ):
            assert part in await says(scene, "li", line), line
            scene.clock.advance(61)
        async with scene.storage.view() as unit:
            assert await unit.requests.list() == []
        request = await asks(scene, "li", "/入群 外部 “某某 公司” 赵六 项目工作群 对接人：E1005")
        assert request.company == "某某 公司"
        assert request.sponsor == (await person(scene, "wangwu")).key
