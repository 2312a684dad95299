"""The end-to-end probe: a gateway whose events no longer come is noticed although it answers every call."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fakes.node_gateway import Ear
from fakes.process import until

from bot.clock import SystemClock
from bot.gateway.port import EventKind
from bot.gateway.simulator import Simulator
from bot.gateway.wire import WireGateway
from bot.gateway.wire.connection import Timing

QUICK = Timing(
    call=1,
    keepalive=0.1,
    keepalive_timeout=1,
    dong=0.15,
    login=0.05,
    retry_first=0.02,
    retry_longest=0.05,
)


@asynccontextmanager
async def listening(sim: Simulator) -> AsyncIterator[Ear]:
    gateway = WireGateway(sim.endpoint, sim.token, "off", SystemClock(), timing=QUICK)
    ear = Ear(gateway)
    try:
        await ear.until(EventKind.ONLINE)
        yield ear
    finally:
        await gateway.close()
        await ear.close()


async def dinged(sim: Simulator, times: int = 1) -> None:
    """Wait until the gateway was asked so many times more."""
    target = sim.calls["Ding"] + times
    await until(lambda: sim.calls["Ding"] >= target, 5, "a ding")


async def test_a_deaf_stream_is_blind_from_its_last_sign_of_life_until_it_hears_again() -> None:
    async with Simulator() as sim, listening(sim) as ear:
        sim.contact("li", "李")
        sim.room("r@chatroom", "群", ["li"])
        await dinged(sim, 2)
        before = SystemClock().now()
        sim.deafen()
        sim.say("r@chatroom", "li", "没人听见")
        lost = await ear.until(EventKind.OFFLINE)
        assert "passes no events" in lost.text
        assert (lost.at - before).total_seconds() < 0.2
        attaches = sim.calls["Event"]
        await until(
            lambda: sim.calls["Event"] >= attaches + 3, 5, "further attaches, where nothing comes either"
        )
        assert ear.heard == []
        sim.deafen(False)
        await ear.until(EventKind.ONLINE)
        told = sim.say("r@chatroom", "li", "听见了")
        assert (await ear.until(EventKind.MESSAGE)).id == told


async def test_a_gateway_that_never_answers_a_ding_is_left_alone() -> None:
    async with Simulator() as sim:
        sim.mute()
        async with listening(sim) as ear:
            await dinged(sim, 4)
            assert ear.heard == []
            assert sim.calls["Event"] == 1


async def test_a_gateway_that_answers_no_ding_any_more_is_believed_after_one_reconnect() -> None:
    async with Simulator() as sim, listening(sim) as ear:
        await dinged(sim, 2)
        sim.mute()
        await ear.until(EventKind.OFFLINE)
        await ear.until(EventKind.ONLINE)
        await ear.until(EventKind.OFFLINE)
        await ear.until(EventKind.ONLINE)
        await dinged(sim, 4)
        assert ear.heard == []


async def test_a_puppet_that_hangs_behind_a_gateway_that_answers_is_noticed() -> None:
    async with Simulator() as sim, listening(sim) as ear:
        await dinged(sim, 2)
        sim.delay("Ding", 30)
        sim.mute()
        assert "passes no events" in (await ear.until(EventKind.OFFLINE)).text
