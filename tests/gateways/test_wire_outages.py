"""What the wire client does when the gateway dies, freezes, hangs up or is not there."""

from __future__ import annotations

import asyncio
import time

import pytest
from fakes.node_gateway import QUICK, ROOM, SELF, NodeGateway

from bot.clock import SystemClock
from bot.errors import GatewayUnavailable, GatewayUncertain
from bot.gateway.port import EventKind
from bot.gateway.wire import WireGateway
from bot.gateway.wire.connection import Timing


async def test_a_killed_and_restarted_gateway_is_survived_within_15_s(node: NodeGateway, connect) -> None:
    gateway, ear = await connect(node, timing=Timing())
    node.kill()
    assert (await ear.until(EventKind.OFFLINE)).text
    with pytest.raises(GatewayUnavailable) as failed:
        await gateway.say(ROOM, "有人吗")
    assert not isinstance(failed.value, GatewayUncertain)
    await asyncio.sleep(2)
    await asyncio.to_thread(node.start)
    began = time.monotonic()
    online = await ear.until(EventKind.ONLINE)
    told = await node.say("c1", ROOM, "我回来了")
    await ear.message(told, within=1)
    message = await gateway.message(told)
    assert time.monotonic() - began < 15
    assert online.id == SELF
    assert message is not None
    assert (message.text, message.sender_alias) == ("我回来了", "部门-c1")


async def test_a_gateway_that_is_down_is_waited_for_and_said_once(node: NodeGateway, connect) -> None:
    node.kill()
    gateway, ear = await connect(node, online=False)
    await ear.until(EventKind.OFFLINE)
    await asyncio.sleep(1)  # several attempts more
    assert ear.heard == []
    assert gateway.self_id == ""
    await asyncio.to_thread(node.start)
    assert (await ear.until(EventKind.ONLINE)).id == gateway.self_id == SELF
    assert await gateway.say(ROOM, "好了")


async def test_a_frozen_gateway_is_noticed(node: NodeGateway, connect) -> None:
    gateway, ear = await connect(node)
    node.freeze()
    began = time.monotonic()
    with pytest.raises(GatewayUncertain):
        await gateway.say(ROOM, "有人吗")
    await ear.until(EventKind.OFFLINE)
    assert time.monotonic() - began < 6  # probed every second, a second for the answer; 3 s for a call
    node.thaw()
    await ear.until(EventKind.ONLINE)
    told = await node.say("c1", ROOM, "醒了")
    await ear.message(told)


async def test_an_idle_healthy_stream_is_left_alone(node: NodeGateway, connect) -> None:
    _, ear = await connect(node)
    await asyncio.sleep(2.5)  # two probes
    assert ear.heard == []


async def test_a_stream_that_ends_cleanly_is_opened_again(node: NodeGateway, connect) -> None:
    gateway, ear = await connect(node)
    await node.do("end")
    assert "ended" in (await ear.until(EventKind.OFFLINE)).text
    await ear.until(EventKind.ONLINE)
    told = await node.say("c1", ROOM, "还在吗")
    await ear.message(told)
    assert await gateway.message(told) is not None
    assert len(await node.did("stop")) == 0


async def test_a_second_client_waits_its_turn_and_disturbs_nobody(node: NodeGateway, connect) -> None:
    first, first_ear = await connect(node)
    second, second_ear = await connect(node, online=False)
    reason = (await second_ear.until(EventKind.OFFLINE)).text
    assert "ALREADY_EXISTS" in reason
    told = await node.say("c1", ROOM, "给谁")
    await first_ear.message(told)
    assert second_ear.heard == first_ear.heard == []
    await first.close()
    await second_ear.until(EventKind.ONLINE)
    told = await node.say("c1", ROOM, "给第二个")
    await second_ear.message(told)
    assert await second.message(told) is not None


async def test_logging_out_and_in_again(node: NodeGateway, connect) -> None:
    _, ear = await connect(node)
    await node.do("logout")
    assert "logged out" in (await ear.until(EventKind.OFFLINE)).text
    await asyncio.sleep(1)  # longer than a login is assumed to hold
    assert ear.heard == []
    await node.do("login")
    assert (await ear.until(EventKind.ONLINE)).id == SELF


async def test_a_slow_consumer_gets_everything_in_order(node: NodeGateway, monkeypatch) -> None:
    monkeypatch.setattr("bot.gateway.wire.client._BACKLOG", 20)
    gateway = WireGateway(node.endpoint, node.token, node.tls, SystemClock(), timing=QUICK)
    events = gateway.events()
    assert (await anext(events)).kind is EventKind.ONLINE
    said = [await node.say("c1", ROOM, str(i)) for i in range(200)]
    waiting = gateway._stream._queue.qsize()
    heard = [(await anext(events)).id for _ in said]
    await gateway.close()
    assert waiting <= 20
    assert heard == said


async def test_closing_hands_out_what_was_received_and_ends(node: NodeGateway, connect) -> None:
    gateway, ear = await connect(node)
    told = await node.say("c1", ROOM, "最后一条")
    await asyncio.sleep(0.3)
    await gateway.close()
    await ear.ended()
    assert [event.id for event in ear.heard] == [told]


async def test_closing_while_the_gateway_dies_does_not_hang(node: NodeGateway, connect) -> None:
    gateway, ear = await connect(node)
    node.kill()
    async with asyncio.timeout(3):
        await gateway.close()
        await ear.ended()
