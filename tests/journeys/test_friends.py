"""Friend requests: none is lost to a gateway that stumbles, and a name that is easily worn opens once a day."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes.scene import Scene, opened

from bot.pipeline.friends import TRIES
from bot.settings import Settings
from storage.records import Outgoing

LISTED = Settings.model_validate({"friends": {"accept": "known", "listed": ["周杰"]}})


def accepted(scene: Scene) -> list[str]:
    return [one.contact_id for one in scene.gateway.world.accepted]


async def minutes(scene: Scene, count: int) -> None:
    for _ in range(count):
        await scene.later(minutes=1)


@pytest.mark.parametrize("call", ["friend_request", "member"])
async def test_a_request_that_can_not_be_read_at_once_is_read_with_the_next_tick(
    tmp_path: Path, call: str
) -> None:
    async with opened(tmp_path, settings=LISTED) as scene:
        scene.gateway.fail(call)
        scene.gateway.world.befriend_request("zhou", "我是周杰")
        await scene.quiet()
        assert accepted(scene) == []
        await minutes(scene, 2)
        assert accepted(scene) == ["zhou"]
        await minutes(scene, 3)
        assert accepted(scene) == ["zhou"], "it is decided on once"


async def test_a_request_that_can_never_be_read_is_given_up(tmp_path: Path) -> None:
    async with opened(tmp_path, settings=LISTED) as scene:
        scene.gateway.fail("friend_request", times=TRIES)
        scene.gateway.world.befriend_request("zhou", "我是周杰")
        await scene.quiet()
        await minutes(scene, TRIES + 3)
        assert accepted(scene) == []
        assert scene.gateway.calls["friend_request"] == TRIES


async def test_somebody_who_is_waited_for_stands_in_no_namesakes_way(tmp_path: Path) -> None:
    async with opened(tmp_path, settings=LISTED) as scene:
        world, now = scene.gateway.world, scene.clock.now()
        for contact_id in ("zhou-1", "zhou-2", "zhou-3"):
            world.contact(contact_id, "周杰", friend=False)
        async with scene.storage.unit() as unit:
            (row,) = await unit.outbox.add([Outgoing("zhou-1", "答复", now, now, private=True)])
            await unit.outbox.hold(row.id)
        for contact_id in ("zhou-1", "zhou-2", "zhou-3"):
            world.befriend_request(contact_id, "你好")
            await scene.quiet()
        for _ in range(4):
            await scene.later(minutes=30)
        # The first was asked for; of those who only wear the name, one a day is accepted.
        assert accepted(scene) == ["zhou-1", "zhou-2"]
