"""Out of the groups (policy 2.1b): by request and by roster, removed or listed, and seen to be out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from fakes.offices import ROSTER, says, staffed
from fakes.scene import OFFICE, ROOM, Scene

from bot.errors import GatewayUnavailable
from rules.procedure.membership import State
from storage.records import SYSTEM, AuditEntry, Binding, Departure, MemberRequest

OTHER = "other@chatroom"


async def newest(scene: Scene) -> MemberRequest:
    async with scene.storage.view() as unit:
        return (await unit.requests.list(limit=1))[0]


def told(scene: Scene, target: str, part: str) -> list[str]:
    return [text for text in scene.heard(target) if part in text]


async def departures(scene: Scene, employee_no: str) -> list[Departure]:
    async with scene.storage.view() as unit:
        person = await unit.people.by_employee_no(employee_no)
        assert person is not None
        return await unit.departures.of_person(person.key)


async def roster_says(scene: Scene, *left: str) -> None:
    """A roster is imported by which these have left."""
    rows = [replace(row, active=row.active and row.employee_no not in left) for row in ROSTER]
    now = scene.clock.now()
    async with scene.storage.unit() as unit:
        await unit.people.import_roster(rows, now)
        await unit.audit.add(AuditEntry(now, SYSTEM, "roster imported", "roster.csv"))


@asynccontextmanager
async def two_rooms(
    folder: Path, mode: str = "list", confirmed: Sequence[tuple[str, str]] = ()
) -> AsyncIterator[Scene]:
    """张三 and 王五 are in two groups; who is ``confirmed`` is so for certain."""
    async with staffed(folder) as scene:
        world = scene.gateway.world
        world.room(OTHER, "市场群", ["chen", "zhang", "wangwu"])
        world.join(OTHER, world.self_id, by="chen")
        for key, alias in (("chen", "市场部陈晨"), ("zhang", "人力资源部张三"), ("wangwu", "市场部王五")):
            world.alias(OTHER, key, alias)
            world.say(OTHER, key, "收到")
        await scene.quiet()
        async with scene.storage.unit() as unit:
            for contact_id, number in confirmed:
                employee = await unit.people.by_employee_no(number)
                assert employee is not None
                await unit.people.bind(
                    contact_id, employee.key, Binding.CONFIRMED, "operator", scene.clock.now()
                )
        settings = scene.bot.in_force.settings
        members = settings.members.model_copy(update={"remove_departed": mode})
        scene.bot.in_force.settings = settings.model_copy(update={"members": members})
        await scene.later(minutes=1)
        yield scene


async def test_hr_removes_somebody_from_every_group_at_once(tmp_path: Path) -> None:
    async with two_rooms(tmp_path) as scene:
        world = scene.gateway.world
        assert "需要权限" in await says(scene, "li", "/退群 王五")
        assert "本人" in await says(scene, "wang", "/退群 E1002", where=OFFICE)
        preview = await says(scene, "wang", "/退群 E1005 已办理离职", where=OFFICE)
        assert "项目工作群" in preview
        assert "市场群" in preview
        assert "身份未确认" in preview
        assert "确认" in preview
        async with scene.storage.view() as unit:
            assert await unit.requests.list() == []
        answer = await says(scene, "wang", "/退群 E1005 已办理离职 确认", where=OFFICE)
        request = await newest(scene)
        assert request.number in answer
        assert request.remark == "已办理离职"
        await scene.later(minutes=1)
        assert {(one.room_id, one.contact_id) for one in world.removed} == {
            (ROOM, "wangwu"),
            (OTHER, "wangwu"),
        }
        await scene.later(minutes=1)
        assert (await newest(scene)).state == State.DONE
        assert len(told(scene, OFFICE, "经核对群成员属实")) == 1
        assert [one.how for one in await departures(scene, "E1005")] == ["seen out", "seen out"]
        assert "无需移出" in await says(scene, "wang", "/退群 E1005 确认", where=OFFICE)


async def test_a_head_asks_and_hr_agrees_to_what_is_certain(tmp_path: Path) -> None:
    async with two_rooms(tmp_path, confirmed=[("wangwu", "E1005")]) as scene:
        world, gateway = scene.gateway.world, scene.gateway
        assert "部门负责人" in await says(scene, "chen", "/退群 张三 确认", where="")
        gateway.hollow("remove_member")
        await says(scene, "chen", "/退群 王五 调岗 确认", where="")
        request = await newest(scene)
        assert request.state == State.WAITING_HR
        assert told(scene, OFFICE, "退群申请")
        await scene.later(minutes=2)
        assert gateway.calls["remove_member"] == 0
        await says(scene, "wang", f"/退群 同意 {request.number}", where=OFFICE)
        for _ in range(20):
            await scene.later(minutes=1)
        assert (
            gateway.calls["remove_member"] == 2
        )  # one try for each group, and none again without a complaint
        assert (await newest(scene)).state == State.BY_HAND
        (task,) = told(scene, OFFICE, "请人工办理")
        assert "王五移出" in task
        world.leave(ROOM, "wangwu")
        world.leave(OTHER, "wangwu")
        await scene.quiet()
        await scene.later(minutes=16)
        assert (await newest(scene)).state == State.DONE
        assert told(scene, "chen", "已不在群里")


async def test_who_has_left_is_listed_and_followed_until_they_are_out(tmp_path: Path) -> None:
    async with two_rooms(tmp_path, confirmed=[("zhang", "E1001")]) as scene:
        world = scene.gateway.world
        await roster_says(scene, "E1001", "E1005")
        await scene.later(minutes=1)
        (listed,) = told(scene, OFFICE, "离职未退群")
        assert listed.count("张三") >= 2
        assert "仅凭昵称匹配" in listed
        await scene.later(minutes=30)
        assert len(told(scene, OFFICE, "离职未退群")) == 1
        assert world.removed == []
        world.leave(ROOM, "zhang")
        await scene.quiet()
        await scene.later(minutes=16)
        (gone,) = told(scene, OFFICE, "已核对")
        assert "张三" in gone
        assert "项目工作群" in gone
        assert "市场群" not in gone
        # The roster was wrong about 王五.
        await roster_says(scene, "E1001")
        await scene.later(minutes=16)
        assert told(scene, OFFICE, "恢复在职")
        assert {one.how for one in await departures(scene, "E1005")} == {"returned"}
        await scene.later(days=7)
        assert len(told(scene, OFFICE, "离职未退群")) == 2
        assert [one.how for one in await departures(scene, "E1001")] == ["seen out", ""]


async def test_only_who_is_certain_is_removed_and_refusals_are_tried_again(tmp_path: Path) -> None:
    async with two_rooms(tmp_path, mode="remove", confirmed=[("zhang", "E1001")]) as scene:
        world, gateway = scene.gateway.world, scene.gateway
        gateway.fail("remove_member", GatewayUnavailable("no"), times=1)
        await roster_says(scene, "E1001", "E1005")
        await scene.later(minutes=1)
        assert [one.contact_id for one in world.removed] == ["zhang"]
        (listed,) = told(scene, OFFICE, "离职未退群")
        assert "王五" in listed
        assert "张三" not in listed
        for _ in range(7):
            await scene.later(minutes=1)
        assert [one.contact_id for one in world.removed] == ["zhang", "zhang"]
        assert {one.how for one in await departures(scene, "E1001")} == {"seen out"}
        assert {one.how for one in await departures(scene, "E1005")} == {""}
        assert "wangwu" in world.place(ROOM).member_ids


async def test_nothing_is_done_about_departures_where_that_is_off(tmp_path: Path) -> None:
    async with two_rooms(tmp_path, mode="off", confirmed=[("zhang", "E1001")]) as scene:
        await roster_says(scene, "E1001")
        await scene.later(minutes=30)
        assert told(scene, OFFICE, "离职") == []
        assert await departures(scene, "E1001") == []
