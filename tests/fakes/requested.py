"""Membership requests that examples of commands stand on, each at the step that its line takes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fakes.scene import OFFICE, ROOM, Scene

NUMBERS = ("R-7K2QM", "R-9RTC3")


def requested(asker: str, *, agreed: bool = False) -> Callable[[Scene, str], Awaitable[str]]:
    """There is the request that a line names, by ``asker``, and HR has agreed to it."""

    async def prepare(scene: Scene, line: str) -> str:
        world = scene.gateway.world
        name = f"周{'一二三四五六七八九'[len(world.messages) % 9]}{len(world.messages)}"
        world.say(ROOM, asker, f"/入群 {name} 信息部 项目工作群")
        await scene.quiet()
        async with scene.storage.view() as unit:
            number = next(one.number for one in await unit.requests.list(limit=50) if one.name == name)
        if agreed:
            world.say(OFFICE, "wang", f"/入群 同意 {number}")
            await scene.quiet()
        for placeholder in NUMBERS:
            line = line.replace(placeholder, number)
        return line

    return prepare


BEFORE = {
    (command, action): prepare
    for command in ("join", "leave_groups")
    for action, prepare in {
        "approve": requested("li"),
        "reject": requested("li"),
        "show": requested("li"),
        "withdraw": requested("wang"),
        "done": requested("li", agreed=True),
    }.items()
}
"""What has to be there before an example of a command's action, by the English names of both."""
