"""The ecosystem's own gateway is stopped in its tracks, or ends its stream: a whole bot behind it goes on."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from fakes.aftermath import rows
from fakes.databases import set_up
from fakes.lives import Life, Lives
from fakes.node_gateway import ROOM, NodeGateway, require
from fakes.process import at_any_hour, environment, until
from fakes.scene import AD


async def told(gateway: NodeGateway, url: str, messages: list[str]) -> list[dict[str, Any]]:
    """What was sent about these messages, once each has its case and its notice."""
    named = ", ".join(f"'{message}'" for message in messages)
    query = f"select number from violations where message_id in ({named})"  # noqa: S608 - our own ids
    async with asyncio.timeout(30):
        while True:
            numbers = [number for (number,) in await rows(url, query)]
            sent = [
                one for one in await gateway.did("send") if any(number in one["text"] for number in numbers)
            ]
            if len(numbers) == len(messages) and len({one["text"] for one in sent}) == len(messages):
                return sent
            await asyncio.sleep(0.1)


def logins(life: Life) -> int:
    return life.log.count("on guard")


async def heard_again(life: Life, gateway: NodeGateway, url: str, before: int) -> None:
    """After one login more than before, what is said is judged and answered once."""
    await until(lambda: logins(life) > before, what="the next login")
    await asyncio.sleep(1)  # a gateway that comes to may break off once more
    await until(lambda: life.log.count("blind:") < logins(life), what="the last login")
    said = [await gateway.say(f"c{number}", ROOM, f"第{before}{number}批 {AD}") for number in range(4)]
    assert len(await told(gateway, url, said)) == len(said)


@pytest.mark.parametrize(("version", "tls"), [("v0", False), ("v1", True)], ids=["0.25", "1.x-tls"])
async def test_a_frozen_gateway_and_one_that_ends_its_stream(
    version: str, tls: bool, lives: Lives, tmp_path: Path
) -> None:
    require(version)
    gateway = NodeGateway(version, tls=tls)
    await asyncio.to_thread(gateway.start)
    url = await set_up(tmp_path / "qungui.db")
    named = {
        "GATEWAY_ENDPOINT": gateway.endpoint,
        "GATEWAY_TOKEN": gateway.token,
        "GATEWAY_TLS": gateway.tls,
        "NOTICES_QUIET_HOURS": "off",
        "OUTBOX_PACING": "off",
        "CONFIG": at_any_hour(tmp_path),
    }
    try:
        life = lives.begin(environment(tmp_path, **named), tmp_path, quick=True)
        await heard_again(life, gateway, url, 0)

        said = [await gateway.say(f"c{number}", ROOM, f"冻结前{number}：{AD}") for number in range(5, 9)]
        before = logins(life)
        gateway.freeze()
        await until(lambda: "blind" in life.log, what="the loss")
        gateway.thaw()
        await heard_again(life, gateway, url, before)
        received = [message for (message,) in await rows(url, "select message_id from inbox")]
        sent = await told(gateway, url, [message for message in said if message in received])
        repeated = len(sent) - len({one["text"] for one in sent})
        assert repeated <= 1

        before = logins(life)
        await gateway.do("end")
        await heard_again(life, gateway, url, before)
        for _ in range(100):  # what is under way when it stops comes with the next start
            if not await rows(url, "select 1 from inbox where state <> 'done'"):
                break
            await asyncio.sleep(0.1)
        assert await life.stop() == 0
        assert await rows(url, "select 1 from inbox where state <> 'done'") == []
        assert "    | " not in life.log
    finally:
        gateway.kill()
