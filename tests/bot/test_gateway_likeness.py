"""One script, all gateways: the recording fake shows the bot what both dialects show it over gRPC.

And so does the guest of a python-wechaty bot, over that bot's own connection.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta, timezone

import pytest
from fakes.guest import hosted
from fakes.recording import RecordingGateway
from grpclib.const import Status

from bot.clock import Clock, SystemClock
from bot.errors import GatewayRefused, GatewayUnavailable
from bot.gateway.port import Event, EventKind, FriendRequest, Gateway, MemberInfo, RoomInfo
from bot.gateway.simulator import Simulator
from bot.gateway.simulator.account import Account
from bot.gateway.wire import WireGateway
from bot.gateway.wire.connection import Timing
from rules.core.model import MessageType

ROOM = "r1@chatroom"
SOON = 5.0
SENT_AT = datetime(2026, 10, 12, 9, 30, tzinfo=timezone(timedelta(hours=8)))


class Place:
    """A gateway, the world behind it, and the events that have come out."""

    def __init__(self, gateway: Gateway, world: Account) -> None:
        self.gateway = gateway
        self.world = world
        self._events = gateway.events()

    async def event(self) -> Event:
        return await asyncio.wait_for(anext(self._events), SOON)

    async def message(self) -> str:
        event = await self.event()
        assert event.kind is EventKind.MESSAGE
        return event.id


def populate(world: Account) -> None:
    world.contact("zhang", "张三")
    world.contact("li", "李四", friend=False)
    world.contact("wang", "王五", friend=False)
    world.room(ROOM, "工作群", ["zhang", "li"], "zhang")
    world.alias(ROOM, "zhang", "人力资源部张三")


@asynccontextmanager
async def opened(kind: str) -> AsyncIterator[Place]:
    clock: Clock = SystemClock()
    if kind == "recording":
        fake = RecordingGateway(clock=clock)
        populate(fake.world)
        yield Place(fake, fake.world)
        await fake.close()
        return
    async with Simulator(clock=clock, dialect="1.x" if "1.x" in kind else "0.25") as sim:
        populate(sim)
        if kind.startswith("hosted"):
            async with hosted(sim, Timing(verify=0.01)) as (guest, _):
                yield Place(guest, sim)
            return
        wire = WireGateway(sim.endpoint, sim.token, "off", clock, timing=Timing(verify=0.01))
        try:
            yield Place(wire, sim)
        finally:
            await wire.close()


@pytest.fixture(params=["recording", "1.x", "0.25", "hosted 1.x", "hosted 0.25"])
async def place(request: pytest.FixtureRequest) -> AsyncIterator[Place]:
    async with opened(request.param) as there:
        online = await there.event()
        assert (online.kind, online.id, there.gateway.self_id) == (EventKind.ONLINE, "bot", "bot")
        yield there


async def test_a_message_arrives_with_all_that_judging_needs(place: Place) -> None:
    text = f"{place.world.at(ROOM, 'li')}请回复"
    posted = place.world.say(ROOM, "zhang", text, mentions=["li"], sent_at=SENT_AT)
    assert await place.message() == posted
    message = await place.gateway.message(posted)
    assert message is not None
    assert (message.id, message.room_id, message.room_topic) == (posted, ROOM, "工作群")
    assert (message.sender_id, message.sender_name, message.sender_alias) == (
        "zhang",
        "张三",
        "人力资源部张三",
    )
    assert (message.type, message.text, message.sent_at) == (MessageType.TEXT, text, SENT_AT)
    assert (message.mentions, message.is_friend) == (("li",), True)


SPOKEN = [
    (MessageType.TEXT, "你好", "你好"),
    (
        MessageType.URL,
        "大促\n全场一折\nhttps://a.example/?x=1&y=2",
        "大促\n全场一折\nhttps://a.example/?x=1&y=2",
    ),
    (MessageType.URL, "只有标题", "只有标题"),
    (MessageType.MINI_PROGRAM, "点餐\n满减", "点餐\n满减"),
    (MessageType.FILE, "客户名单.xlsx", "客户名单.xlsx"),
    (MessageType.CONTACT, "wang", "王五"),
    (MessageType.EMOTICON, "", ""),
    (MessageType.IMAGE, "", ""),
]


@pytest.mark.parametrize(("kind", "said", "read"), SPOKEN)
async def test_every_type_says_the_same(place: Place, kind: MessageType, said: str, read: str) -> None:
    message = await place.gateway.message(place.world.say(ROOM, "zhang", said, type=kind))
    assert message is not None
    assert (message.type, message.text) == (kind, read)


async def test_a_private_message_has_no_room(place: Place) -> None:
    message = await place.gateway.message(place.world.say("zhang", "zhang", "/状态"))
    assert message is not None
    assert (message.room_id, message.room_topic, message.sender_alias) == ("", "", "")


async def test_what_is_ours_or_unknown_is_no_message(place: Place) -> None:
    own = await place.gateway.say(ROOM, "提醒", ["zhang"])
    assert await place.message() == own
    assert await place.gateway.message(own) is None
    assert await place.gateway.message("no such message") is None


async def test_what_is_said_is_recorded(place: Place) -> None:
    own = await place.gateway.say(ROOM, "提醒", ["zhang"])
    sent = await place.world.next_sent()
    assert (sent.conversation_id, sent.text, sent.mentions, sent.message_id) == (
        ROOM,
        "提醒",
        ("zhang",),
        own,
    )


async def test_who_is_no_friend_gets_no_private_word(place: Place) -> None:
    # Real servers do not say that it is final: it looks like a passing failure.
    with pytest.raises(GatewayUnavailable):
        await place.gateway.say("li", "你的记录")
    with pytest.raises(GatewayRefused):
        await place.gateway.say("nobody", "你的记录")
    assert place.world.sent == []


async def test_a_friend_request_is_seen_accepted_and_confirmed(place: Place) -> None:
    asked = place.world.befriend_request("li", "我是李四")
    event = await place.event()
    assert (event.kind, event.id) == (EventKind.FRIENDSHIP, asked)
    assert await place.gateway.friend_request(asked) == FriendRequest(asked, "li", "我是李四")
    await place.gateway.accept_friend(asked)
    confirmed = await place.event()
    assert confirmed.kind is EventKind.FRIENDSHIP
    assert await place.gateway.friend_request(confirmed.id) is None
    member = await place.gateway.member("", "li")
    assert member == MemberInfo("li", "李四", is_friend=True)
    assert await place.gateway.say("li", "你好")
    assert [accepted.contact_id for accepted in place.world.accepted] == ["li"]


async def test_rooms_and_members(place: Place) -> None:
    assert list(await place.gateway.rooms()) == [RoomInfo(ROOM, "工作群", "zhang", ("bot", "zhang", "li"))]
    assert await place.gateway.member(ROOM, "zhang") == MemberInfo("zhang", "张三", "人力资源部张三", True)
    assert await place.gateway.member(ROOM, "wang") is None


async def test_people_come_go_and_rename(place: Place) -> None:
    place.world.join(ROOM, "wang", by="zhang")
    place.world.leave(ROOM, "li")
    place.world.topic(ROOM, "新群名", by="zhang")
    joined, left, renamed = [await place.event() for _ in range(3)]
    assert (joined.kind, joined.room_id, joined.contact_ids) == (EventKind.JOINED, ROOM, ("wang",))
    assert (left.kind, left.room_id, left.contact_ids) == (EventKind.LEFT, ROOM, ("li",))
    assert (renamed.kind, renamed.room_id, renamed.text) == (EventKind.TOPIC, ROOM, "新群名")
    assert joined.actor_id == renamed.actor_id == "zhang"
    assert list(await place.gateway.rooms()) == [RoomInfo(ROOM, "新群名", "zhang", ("bot", "zhang", "wang"))]


async def test_the_bot_changes_a_room(place: Place) -> None:
    await place.gateway.add_member(ROOM, "wang")
    await place.gateway.remove_member(ROOM, "li")
    await place.gateway.announce(ROOM, "周五放假")
    room = place.world.place(ROOM)
    assert room.announcement == "周五放假"
    assert room.member_ids == ("bot", "zhang", "wang")
    assert [announced.text for announced in place.world.announced] == ["周五放假"]


async def test_a_logout_is_offline_and_a_relogin_online_under_other_ids(place: Place) -> None:
    place.world.relogin({"zhang": "zhang2", "bot": "bot2"})
    offline, online = await place.event(), await place.event()
    assert (offline.kind, online.kind, online.id) == (EventKind.OFFLINE, EventKind.ONLINE, "bot2")
    assert place.gateway.self_id == "bot2"
    message = await place.gateway.message(place.world.say(ROOM, "zhang2", "换号了"))
    assert message is not None
    assert (message.sender_id, message.sender_alias) == ("zhang2", "人力资源部张三")


async def test_the_recording_fake_fails_hangs_and_forgets_on_demand() -> None:
    async with opened("recording") as there:
        fake = there.gateway
        assert isinstance(fake, RecordingGateway)
        fake.fail("say", times=2)
        for _ in range(2):
            with pytest.raises(GatewayUnavailable):
                await fake.say(ROOM, "提醒")
        assert await fake.say(ROOM, "提醒")
        held, lost = there.world.say(ROOM, "zhang", "慢"), there.world.say(ROOM, "zhang", "丢")
        fake.withhold(held)
        fake.lose(lost)
        waiting = asyncio.create_task(fake.message(held))
        assert await fake.message(lost) is None
        assert not waiting.done()
        fake.release(held)
        assert (await waiting) is not None


@pytest.mark.parametrize("replay", [False, True])
async def test_the_recording_fake_loses_or_replays_what_it_missed(replay: bool) -> None:
    fake = RecordingGateway(replay=replay)
    populate(fake.world)
    there = Place(fake, fake.world)
    assert (await there.event()).kind is EventKind.ONLINE
    fake.disconnect()
    assert (await there.event()).kind is EventKind.OFFLINE
    missed = there.world.say(ROOM, "zhang", "有人吗")
    with pytest.raises(GatewayUnavailable):
        await fake.message(missed)
    fake.reconnect()
    heard = there.world.say(ROOM, "zhang", "回来了")
    assert (await there.event()).kind is EventKind.ONLINE
    assert [await there.message() for _ in range(1 + replay)] == ([missed, heard] if replay else [heard])
    await fake.close()
    with pytest.raises(StopAsyncIteration):
        await there.event()


@asynccontextmanager
async def wired(sim: Simulator) -> AsyncIterator[Place]:
    timing = Timing(keepalive=0.1, keepalive_timeout=0.1, retry_first=0.01, retry_longest=0.05)
    wire = WireGateway(sim.endpoint, sim.token, "off", SystemClock(), timing=timing)
    there = Place(wire, sim)
    try:
        assert (await there.event()).kind is EventKind.ONLINE
        yield there
    finally:
        await wire.close()


@pytest.mark.parametrize("fault", ["killed", "frozen", "dropped", "cut", "ended", "refused"])
async def test_the_wire_comes_back_after_every_fault_of_the_simulator(fault: str) -> None:
    async with Simulator() as sim:
        populate(sim)
        async with wired(sim) as there:
            if fault == "killed":
                await sim.stop_serving()
            elif fault == "frozen":
                sim.freeze()
            elif fault == "dropped":
                await sim.drop_stream()
            elif fault == "cut":
                sim.drop_connections()
            else:
                if fault == "refused":
                    sim.fail("Event", Status.ALREADY_EXISTS, times=3)
                sim.end_stream()
            assert (await there.event()).kind is EventKind.OFFLINE
            if fault == "killed":
                await sim.serve()
            sim.thaw()
            assert (await there.event()).kind is EventKind.ONLINE
            heard = sim.say(ROOM, "zhang", "回来了")
            assert await there.message() == heard
            assert await there.gateway.say(ROOM, "在")


@pytest.mark.parametrize(
    ("part", "rpc"), [("room_topic", "RoomPayload"), ("sender_alias", "RoomMemberPayload")]
)
@pytest.mark.parametrize("status", [Status.UNKNOWN, Status.INTERNAL, Status.NOT_FOUND])
async def test_what_the_gateway_cannot_tell_just_now_is_none_and_asked_for_again(
    place: Place, part: str, rpc: str, status: Status
) -> None:
    if isinstance(place.gateway, RecordingGateway):
        place.gateway.hide("room_topic" if part == "room_topic" else "sender_alias")
    else:
        assert isinstance(place.world, Simulator)
        place.world.fail(rpc, status)
    posted = place.world.say(ROOM, "zhang", "你好")
    first, second = [await place.gateway.message(posted) for _ in range(2)]
    assert first is not None
    assert second is not None
    assert getattr(first, part) is None
    assert (first.text, first.sender_name) == ("你好", "张三")
    assert (second.room_topic, second.sender_alias) == ("工作群", "人力资源部张三")


async def test_an_unnamed_room_and_no_nickname_are_empty(place: Place) -> None:
    place.world.room("r2@chatroom", "", ["zhang"], "zhang")
    message = await place.gateway.message(place.world.say("r2@chatroom", "zhang", "你好"))
    assert message is not None
    assert (message.room_topic, message.sender_alias) == ("", "")
