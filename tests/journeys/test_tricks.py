"""Tricks that once worked on the bot, each by the name of what went wrong."""

from __future__ import annotations

from pathlib import Path

from fakes.offices import audit, says, staffed
from fakes.scene import OFFICE, Scene

from bot.examination import _read


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
