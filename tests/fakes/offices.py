"""A scene with a roster, roles and a few people whom commands can be about.

``from fakes.offices import staffed``: 王敏 leads HR, 李强 supervises, 刘洋 leads the company, 赵云 runs the machine,
陈晨 heads 市场部, 张三 (E1001) and 王五 (E1005) are believed by nickname, 李四 is an outsider, 路人 is on no roster.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from fakes.recording import RecordingGateway
from fakes.scene import OFFICE, ROOM, TUESDAY, Scene, opened

from bot.clock import ManualClock
from bot.commands.claims import issue
from bot.settings import Settings
from storage.records import Person, Role, RosterRow

ROSTER = (
    RosterRow("E1001", "张三", "人力资源部", is_head=False, active=True),
    RosterRow("E1002", "王敏", "人力资源部", is_head=True, active=True),
    RosterRow("E1003", "李强", "工程部", is_head=False, active=True),
    RosterRow("E1004", "刘洋", "总经办", is_head=False, active=True),
    RosterRow("E1005", "王五", "市场部", is_head=False, active=True),
    RosterRow("E1006", "陈晨", "市场部", is_head=True, active=True),
    RosterRow("E1007", "周杰", "市场部", is_head=False, active=False),
    RosterRow("E1008", "赵云", "信息部", is_head=False, active=True),
)
MEMBERS = (
    ("wang", "王敏", "人力资源部王敏"),
    ("li", "李强", "工程部李强"),
    ("liu", "刘洋", "总经办刘洋"),
    ("zhao", "赵云", "信息部赵云"),
    ("chen", "陈晨", "市场部陈晨"),
    ("zhang", "张三", "人力资源部张三"),
    ("lisi", "李四", "某某公司李四"),
    ("wangwu", "王五", "市场部王五"),
    ("someone", "路人", "路人甲"),
)
APPOINTED = (
    ("wang", Role.HR_LEAD, "E1002"),
    ("li", Role.SUPERVISOR, "E1003"),
    ("liu", Role.LEADER, "E1004"),
    ("zhao", Role.OPERATOR, "E1008"),
    ("chen", Role.MEMBER, "E1006"),
    ("someone", Role.MEMBER, ""),
)
WHO = {
    Role.HR_LEAD: "wang",
    Role.SUPERVISOR: "li",
    Role.LEADER: "liu",
    Role.OPERATOR: "zhao",
    Role.MEMBER: "someone",
}
"""Who plays a role."""


@asynccontextmanager
async def staffed(
    folder: Path, *, start: datetime = TUESDAY, **sections: Mapping[str, object]
) -> AsyncIterator[Scene]:
    """The scene, running; everybody has spoken once and holds their role the way it is given.

    ``sections`` are parts of the configuration in place of those that the scene has.
    """
    gateway = RecordingGateway(clock=ManualClock(start))
    world = gateway.world
    for key, name, _ in MEMBERS:
        world.contact(key, name)
    world.room(ROOM, "项目工作群", [key for key, *_ in MEMBERS])
    world.room(OFFICE, "群规监督组", ["wang", "li", "zhao"])
    for key, _, alias in MEMBERS:
        world.alias(ROOM, key, alias)
    settings = Settings.model_validate(
        {"rooms": {"guard": "all", "supervision": "群规监督组"}, "outbox": {"pacing": False}, **sections}
    )
    async with opened(folder, settings=settings, start=start, gateway=gateway) as scene:
        clock = world.clock = scene.clock  # people and bot go by one clock
        async with scene.storage.unit() as unit:
            await unit.people.import_roster(ROSTER, clock.now())
        for key, *_ in MEMBERS:
            world.say(ROOM, key, "收到")
        await scene.quiet()
        codes = []
        async with scene.storage.unit() as unit:
            for _, role, number in APPOINTED:
                codes.append(await issue(unit, role, number, "operator", clock.now()))
        for (key, *_), code in zip(APPOINTED, codes, strict=True):
            world.say(key, key, f"/认领 {code}")
        await scene.quiet()
        yield scene


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
