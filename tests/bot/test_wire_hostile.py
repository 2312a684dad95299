"""A gateway that sends too much of everything: what the port hands out, counts and logs stays small."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
import structlog
from grpclib.const import Status
from structlog.testing import CapturingLogger
from wechaty_grpc.wechaty import puppet as pb

from bot.clock import SystemClock
from bot.errors import GatewayFault, GatewayUnavailable
from bot.gateway.port import EventKind, FriendRequest, MemberInfo, RoomInfo
from bot.gateway.simulator import Simulator
from bot.gateway.wire import WireGateway, proto
from bot.gateway.wire.connection import Timing
from rules.core.model import MessageType

ROOM, OTHER = "r1@chatroom", "r2@chatroom"
LONG = "长" * 10**6
SOON = 5.0


@pytest.fixture
async def sim() -> AsyncIterator[Simulator]:
    async with Simulator() as there:
        there.contact("zhang", "张三")
        there.contact("li", "李四", friend=False)
        there.room(ROOM, "工作群", ["zhang"], "zhang")
        there.room(OTHER, "另一个群", ["zhang"], "zhang")
        yield there


@pytest.fixture
async def wire(sim: Simulator) -> AsyncIterator[WireGateway]:
    gateway = WireGateway(sim.endpoint, sim.token, "off", SystemClock(), timing=Timing(verify=0.01))
    yield gateway
    await gateway.close()


async def test_texts_and_names_are_cut(sim: Simulator, wire: WireGateway) -> None:
    sim.contact("zhang", LONG)
    sim.alias(ROOM, "zhang", LONG)
    sim.topic(ROOM, LONG)
    message = await wire.message(sim.say(ROOM, "zhang", LONG))
    assert message is not None
    name = "长" * 200
    assert (message.room_topic, message.sender_name, message.sender_alias) == (name, name, name)
    assert message.text == "长" * 100_000
    assert await wire.member(ROOM, "zhang") == MemberInfo("zhang", name, name, is_friend=True)
    assert [room.topic for room in await wire.rooms()] == [name, "另一个群"]
    asked = sim.befriend_request("li", LONG)
    assert await wire.friend_request(asked) == FriendRequest(asked, "li", name)


async def test_a_crowd_of_mentions_is_cut(sim: Simulator, wire: WireGateway) -> None:
    crowd = [f"c{i}" for i in range(10**4)]
    message = await wire.message(sim.say(ROOM, "zhang", "都来看", mentions=crowd))
    assert message is not None
    assert message.mentions == tuple(crowd[:500])


@pytest.mark.parametrize("kind", [MessageType.FILE, MessageType.URL, MessageType.MINI_PROGRAM])
async def test_files_and_cards_are_cut(sim: Simulator, wire: WireGateway, kind: MessageType) -> None:
    message = await wire.message(sim.say(ROOM, "zhang", LONG, type=kind))
    assert message is not None
    assert message.text == "长" * 100_000


async def test_what_is_far_too_large_is_refused_before_it_is_kept(
    sim: Simulator, wire: WireGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proto, "LARGEST", 64 * 1024)
    asked = sim.say(ROOM, "zhang", "长" * 30_000)
    with pytest.raises(GatewayFault):
        await wire.message(asked)
    assert await wire.message(sim.say(ROOM, "zhang", "还在吗")) is not None
    events = wire.events()
    assert (await asyncio.wait_for(anext(events), SOON)).kind is EventKind.ONLINE
    sim.emit_raw(2, "x" * 70_000)
    assert (await asyncio.wait_for(anext(events), SOON)).kind is EventKind.OFFLINE
    assert (await asyncio.wait_for(anext(events), SOON)).kind is EventKind.ONLINE


async def test_strange_events_fill_neither_counts_nor_log(sim: Simulator) -> None:
    lines = CapturingLogger()
    log = structlog.wrap_logger(
        lines,
        wrapper_class=structlog.make_filtering_bound_logger(0),
        processors=[structlog.processors.KeyValueRenderer()],
    )
    wire = WireGateway(sim.endpoint, sim.token, "off", SystemClock(), log)
    events = wire.events()
    assert (await asyncio.wait_for(anext(events), SOON)).kind is EventKind.ONLINE
    for number in range(1000, 1300):
        sim.emit(number, strange=True)
        sim.emit_raw(2, f"no JSON {number}")
        sim.emit(16, gerror=str(number))
    heard = sim.say(ROOM, "zhang", "还在吗")
    assert (await asyncio.wait_for(anext(events), SOON)).id == heard
    assert wire.counts["unknown event type"] == wire.counts["error event"] == 300
    assert len(wire.counts) <= 4
    assert len([call for call in lines.calls if call.method_name != "debug"]) <= 6
    await wire.close()


@pytest.mark.parametrize("rpc", ["RoomList", "RoomPayload"])
@pytest.mark.parametrize("status", [Status.UNAVAILABLE, Status.INTERNAL, Status.UNKNOWN])
async def test_a_list_of_rooms_has_no_gaps(
    sim: Simulator, wire: WireGateway, rpc: str, status: Status
) -> None:
    sim.fail(rpc, status)
    with pytest.raises(GatewayUnavailable):
        await wire.rooms()
    assert [room.id for room in await wire.rooms()] == [ROOM, OTHER]


async def test_a_room_that_is_gone_is_left_out(sim: Simulator, wire: WireGateway) -> None:
    sim.fail("RoomPayload", Status.NOT_FOUND)
    assert len(await wire.rooms()) == 1


async def test_members_told_only_on_request_are_no_gap_either(
    sim: Simulator, wire: WireGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "bot.gateway.simulator.encoding.room_payload",
        lambda room: pb.RoomPayloadResponse(id=room.id, topic=room.topic, owner_id=room.owner_id),
    )
    sim.fail("RoomMemberList", Status.INTERNAL)
    with pytest.raises(GatewayUnavailable):
        await wire.rooms()
    members = ("bot", "zhang")
    assert list(await wire.rooms()) == [
        RoomInfo(ROOM, "工作群", "zhang", members),
        RoomInfo(OTHER, "另一个群", "zhang", members),
    ]


async def test_who_was_accepted_is_a_friend_at_once(sim: Simulator, wire: WireGateway) -> None:
    assert await wire.member("", "li") == MemberInfo("li", "李四", is_friend=False)
    asked = sim.befriend_request("li", "我是李四")
    await wire.accept_friend(asked)
    assert await wire.member("", "li") == MemberInfo("li", "李四", is_friend=True)
    message = await wire.message(sim.say("li", "li", "你好"))
    assert message is not None
    assert message.is_friend


@pytest.mark.parametrize("told", ["contact dirty", "friendship dirty", "friendship"])
async def test_friendship_is_asked_for_anew_when_it_may_have_changed(
    sim: Simulator, wire: WireGateway, told: str
) -> None:
    events = wire.events()
    assert (await asyncio.wait_for(anext(events), SOON)).kind is EventKind.ONLINE
    assert await wire.member("", "li") == MemberInfo("li", "李四", is_friend=False)
    sim.contact("li", "李四", friend=True)
    if told == "contact dirty":
        sim.dirty(2, "li")
    elif told == "friendship dirty":
        sim.dirty(5, "f1")
    else:
        sim.emit(17, friendshipId="f1")
    heard = sim.say(ROOM, "zhang", "早")
    while (await asyncio.wait_for(anext(events), SOON)).id != heard:
        pass
    assert await wire.member("", "li") == MemberInfo("li", "李四", is_friend=True)


@pytest.mark.parametrize("told", [0, -1, 4 * 10**12])
async def test_a_message_that_an_earlier_run_received_was_dated_now(
    sim: Simulator, wire: WireGateway, monkeypatch: pytest.MonkeyPatch, told: int
) -> None:
    """Without a time that makes sense it was sent when it came, though this run has not heard it come."""
    monkeypatch.setattr("bot.gateway.simulator.encoding.milliseconds", lambda _: told)
    came = datetime(2026, 10, 8, 1, 30, tzinfo=UTC)
    message = await wire.message(sim.say(ROOM, "zhang", "早"), came)
    assert message is not None
    assert message.sent_at == came
