"""The hosted gateway: order, doubles, and a bot that goes deaf without a word."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from fakes.guest import hosted, started
from fakes.puppet_client import ROOM, people

from bot.clock import SystemClock
from bot.errors import GatewayUnavailable, TokenRejected
from bot.gateway.hosted import HostedGateway
from bot.gateway.port import Event, EventKind
from bot.gateway.simulator import Simulator
from bot.gateway.wire.connection import Timing

QUICK = Timing(call=1, keepalive=0.1, keepalive_timeout=0.3, verify=0.01)
CALM = Timing(call=1)
SOON = 5.0


@asynccontextmanager
async def guest(sim: Simulator, timing: Timing = CALM) -> AsyncIterator[tuple[HostedGateway, Any, Any]]:
    """A gateway in a bot, its events once it is online, and the bot's puppet."""
    async with hosted(people(sim), timing) as (gateway, puppet):
        events = gateway.events()
        assert (await soon(events)).kind is EventKind.ONLINE
        yield gateway, events, puppet


async def soon(events: Any) -> Event:
    event: Event = await asyncio.wait_for(anext(events), SOON)
    return event


async def test_ids_come_in_the_order_of_the_stream_and_once() -> None:
    async with Simulator() as sim, guest(sim) as (gateway, events, _):
        posted = [sim.say(ROOM, "zhang", f"第{number}条") for number in range(50)]
        heard = []
        for number in range(50):
            heard.append((await soon(events)).id)
            gateway.take_message(
                posted[number]
            )  # python-wechaty's own event, which comes later and in any order
        assert heard == posted
        last = sim.say(ROOM, "li", "最后一条")
        assert (await soon(events)).id == last


async def test_a_bot_that_goes_deaf_is_noticed_and_its_restart_too() -> None:
    async with Simulator() as sim, guest(sim, QUICK) as (gateway, events, puppet):
        async with asyncio.timeout(SOON):
            while not sim.calls["Ding"]:  # noqa: ASYNC110 - another task counts
                await asyncio.sleep(0.02)
        await asyncio.sleep(QUICK.keepalive_timeout)  # until its answer is known
        before = SystemClock().now()
        sim.end_stream()
        deaf = await soon(events)
        assert (
            deaf.at - before
        ).total_seconds() < QUICK.keepalive_timeout  # the last sign of life, not the alarm
        assert (deaf.kind, deaf.text) == (EventKind.OFFLINE, "the python-wechaty bot receives no events")
        running = await started(gateway, puppet)
        assert (await soon(events)).kind is EventKind.ONLINE
        heard = sim.say(ROOM, "zhang", "回来了")
        assert (await soon(events)).id == heard
        running.cancel()


async def test_a_frozen_gateway_is_offline_until_it_thaws() -> None:
    async with Simulator() as sim, guest(sim, QUICK) as (_, events, _puppet):
        sim.freeze()
        assert (await soon(events)).kind is EventKind.OFFLINE
        sim.thaw()
        assert (await soon(events)).kind is EventKind.ONLINE


async def test_no_call_hangs_on_a_frozen_gateway() -> None:
    async with Simulator() as sim, guest(sim) as (gateway, _, _puppet):
        sim.freeze()
        with pytest.raises(GatewayUnavailable):
            await gateway.rooms()
        sim.thaw()


async def test_closing_leaves_the_bots_own_connection_alone() -> None:
    async with Simulator() as sim, guest(sim) as (gateway, events, puppet):
        calls = dict(sim.calls)
        await gateway.close()
        with pytest.raises(StopAsyncIteration):
            await soon(events)
        assert await puppet.room_list() == [ROOM]
        assert sim.calls["Stop"] == calls["Stop"]
        assert sim.calls["Logout"] == 0


async def test_events_may_be_read_again_and_begin_with_where_the_bot_stands() -> None:
    async with Simulator() as sim, guest(sim) as (gateway, events, _):
        await gateway.close()
        with pytest.raises(StopAsyncIteration):
            await soon(events)
        meanwhile = sim.say(ROOM, "zhang", "在吗")
        again = gateway.events()
        assert (await soon(again)).kind is EventKind.ONLINE
        assert (await soon(again)).id == meanwhile


async def test_a_rejected_token_names_the_bots_own_setting() -> None:
    async with Simulator() as sim, guest(sim) as (gateway, _, puppet):
        stranger = HostedGateway("another-token", SystemClock(), gateway._log, CALM)
        stranger.attach(puppet)
        with pytest.raises(TokenRejected) as caught:
            await stranger.rooms()
        assert "python-wechaty" in caught.value.remedy
        assert "another-token" not in str(caught.value)


async def test_before_the_first_login_nothing_can_be_asked() -> None:
    async with Simulator() as sim, guest(sim) as (gateway, _, _puppet):
        early = HostedGateway("", SystemClock(), gateway._log, CALM)
        assert early.self_id == ""
        with pytest.raises(GatewayUnavailable):
            await early.rooms()
