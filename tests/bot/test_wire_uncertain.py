"""A deed whose answer is lost may have been done: the wire client says so, and only then."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from fakes.recording import DEEDS, RecordingGateway
from grpclib.const import Status

from bot.clock import SystemClock
from bot.errors import GatewayError, GatewayFault, GatewayRefused, GatewayUnavailable, GatewayUncertain
from bot.gateway.port import Gateway, MemberInfo
from bot.gateway.simulator import Simulator
from bot.gateway.simulator.account import Account
from bot.gateway.wire import WireGateway
from bot.gateway.wire.connection import Timing

ROOM = "r1@chatroom"
RPCS = {
    "say": "MessageSendText",
    "announce": "RoomAnnounce",
    "add_member": "RoomAdd",
    "remove_member": "RoomDel",
    "accept_friend": "FriendshipAccept",
}
every_deed = pytest.mark.parametrize("deed", sorted(DEEDS))
Act = Callable[[], Awaitable[object]]


def populate(world: Account) -> None:
    world.contact("zhang", "张三")
    world.contact("wang", "王五", friend=False)
    world.room(ROOM, "工作群", ["zhang"], "zhang")


def acting(gateway: Gateway, world: Account, deed: str) -> Act:
    acts: dict[str, Act] = {
        "say": lambda: gateway.say(ROOM, "提醒"),
        "announce": lambda: gateway.announce(ROOM, "周五放假"),
        "add_member": lambda: gateway.add_member(ROOM, "wang"),
        "remove_member": lambda: gateway.remove_member(ROOM, "zhang"),
        "accept_friend": lambda: gateway.accept_friend(asked),
    }
    asked = world.befriend_request("wang", "我是王五")
    return acts[deed]


@asynccontextmanager
async def wired(call: float = 5.0) -> AsyncIterator[tuple[WireGateway, Simulator]]:
    async with Simulator() as sim:
        populate(sim)
        timing = Timing(call=call, verify=0.01)
        wire = WireGateway(sim.endpoint, sim.token, "off", SystemClock(), timing=timing)
        try:
            yield wire, sim
        finally:
            await wire.close()


async def failure(act: Act) -> GatewayError:
    with pytest.raises(GatewayError) as caught:
        await act()
    return caught.value


@every_deed
@pytest.mark.parametrize("status", [None, Status.CANCELLED, Status.DEADLINE_EXCEEDED])
async def test_a_deed_is_uncertain_when_its_answer_is_lost(deed: str, status: Status | None) -> None:
    async with wired() as (wire, sim):
        act = acting(wire, sim, deed)
        sim.fail(RPCS[deed], status, after=True)
        assert isinstance(await failure(act), GatewayUncertain)
        assert len(sim.deeds) == sim.calls[RPCS[deed]] == 1


@every_deed
async def test_a_deed_is_uncertain_when_its_answer_comes_too_late(deed: str) -> None:
    async with wired(call=0.2) as (wire, sim):
        act = acting(wire, sim, deed)
        sim.delay(RPCS[deed], 30)
        assert isinstance(await failure(act), GatewayUncertain)
        assert len(sim.deeds) == 1


@pytest.mark.parametrize("loss", ["cut", "killed", "closed here"])
async def test_a_deed_is_uncertain_when_the_connection_breaks_while_it_waits(loss: str) -> None:
    async with wired() as (wire, sim):
        sim.delay("MessageSendText", 30)
        waiting = asyncio.ensure_future(wire.say(ROOM, "提醒"))
        await sim.next_sent()
        if loss == "cut":
            sim.drop_connections()
        elif loss == "killed":
            await sim.stop_serving()
        else:
            await wire.close()
        assert isinstance(await failure(lambda: waiting), GatewayUncertain)
        assert len(sim.sent) == 1


async def test_a_frozen_gateway_leaves_a_deed_uncertain() -> None:
    async with wired(call=0.2) as (wire, sim):
        assert await wire.say(ROOM, "早")
        sim.freeze()
        assert isinstance(await failure(lambda: wire.say(ROOM, "提醒")), GatewayUncertain)


@every_deed
async def test_what_never_left_is_certain(deed: str) -> None:
    async with wired() as (wire, sim):
        act = acting(wire, sim, deed)
        await sim.stop_serving()
        assert type(await failure(act)) is GatewayUnavailable
        assert sim.deeds == []


@pytest.mark.parametrize("status", [Status.UNAVAILABLE, Status.RESOURCE_EXHAUSTED, Status.INTERNAL])
async def test_an_answer_that_says_no_is_certain(status: Status) -> None:
    async with wired() as (wire, sim):
        sim.fail("MessageSendText", status)
        failed = await failure(lambda: wire.say(ROOM, "提醒"))
        assert isinstance(failed, GatewayUnavailable)
        assert not isinstance(failed, GatewayUncertain)
        assert await wire.say(ROOM, "提醒")
        assert len(sim.sent) == 1


async def test_a_gateway_that_is_asked_too_much_is_not_taken_for_away() -> None:
    async with wired() as (wire, sim):
        sim.fail("MessageSendText", Status.RESOURCE_EXHAUSTED)
        assert type(await failure(lambda: wire.say(ROOM, "提醒"))) is GatewayFault


async def test_a_text_that_cannot_be_sent_is_certain() -> None:
    async with wired() as (wire, sim):
        failed = await failure(lambda: wire.say(ROOM, "\ud800"))
        assert not isinstance(failed, GatewayUncertain)
        assert sim.calls["MessageSendText"] == 0


async def test_readings_are_never_uncertain() -> None:
    async with wired(call=0.2) as (wire, sim):
        posted = sim.say(ROOM, "zhang", "你好")
        for rpc, read in (
            ("MessagePayload", lambda: wire.message(posted)),
            ("RoomList", wire.rooms),
            ("RoomMemberPayload", lambda: wire.member(ROOM, "zhang")),
        ):
            sim.delay(rpc, 30)
            assert type(await failure(read)) is GatewayUnavailable


@pytest.mark.parametrize("status", [Status.UNAVAILABLE, Status.UNIMPLEMENTED])
async def test_a_change_that_cannot_be_read_back_is_uncertain(status: Status) -> None:
    async with wired() as (wire, sim):
        act = acting(wire, sim, "announce")
        sim.observe(lambda _: sim.fail("RoomAnnounce", status, times=2))
        assert isinstance(await failure(act), GatewayUncertain)
        assert len(sim.deeds) == 1


async def test_accepted_is_accepted_whatever_comes_of_the_refresh() -> None:
    async with wired() as (wire, sim):
        asked = sim.befriend_request("wang", "我是王五")
        assert await wire.member("", "wang") == MemberInfo("wang", "王五", is_friend=False)
        sim.fail("FriendshipPayload", Status.INTERNAL)
        await wire.accept_friend(asked)
        assert await wire.member("", "wang") == MemberInfo("wang", "王五", is_friend=True)


@every_deed
async def test_the_recording_fake_loses_answers_too(deed: str) -> None:
    fake = RecordingGateway()
    populate(fake.world)
    act = acting(fake, fake.world, deed)
    fake.fail(deed, after=True)
    assert isinstance(await failure(act), GatewayUncertain)
    assert len(fake.world.deeds) == 1
    with pytest.raises(ValueError, match="member has no effect"):
        fake.fail("member", after=True)


async def test_the_recording_fake_fails_as_it_is_told_after_the_deed() -> None:
    fake = RecordingGateway()
    populate(fake.world)
    fake.fail("say", GatewayRefused("no"), after=True, times=2)
    for _ in range(2):
        assert type(await failure(lambda: fake.say(ROOM, "提醒"))) is GatewayRefused
    await fake.say(ROOM, "提醒")
    assert len(fake.world.sent) == 3
