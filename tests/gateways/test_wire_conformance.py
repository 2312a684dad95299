"""What the wire client does with real gateways that behave."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from fakes.node_gateway import ROOM, SELF, Ear, NodeGateway, require

from bot.clock import SystemClock
from bot.errors import GatewayError, StaleVerification
from bot.gateway.port import EventKind
from bot.gateway.wire import WireGateway
from rules.core.model import MessageType


@pytest.fixture
async def client(shared: NodeGateway, connect) -> tuple[WireGateway, Ear]:
    await shared.do("log", clear=True)
    return await connect(shared)


async def test_login_starts_the_puppet_and_never_stops_it(node: NodeGateway, connect) -> None:
    client, ear = await connect(node, online=False)
    online = await ear.until(EventKind.ONLINE)
    assert online.id == client.self_id == SELF
    await client.close()
    await ear.ended()
    assert len(await node.did("start")) == 1
    assert await node.did("stop") == []
    assert await node.did("logout") == []


async def test_a_room_message_with_alias_and_mention(shared: NodeGateway, client) -> None:
    gateway, ear = client
    told = await shared.say("c1", ROOM, "@群管家\u2005 在吗", mentions=[SELF])
    event = await ear.message(told)
    message = await gateway.message(told)
    assert event.kind is EventKind.MESSAGE
    assert message is not None
    assert (message.room_id, message.room_topic) == (ROOM, "工作群0")
    assert (message.sender_id, message.sender_name, message.sender_alias) == ("c1", "成员1", "部门-c1")
    assert (message.type, message.text) == (MessageType.TEXT, "@群管家\u2005 在吗")
    assert message.mentions == (SELF,)
    assert not message.is_friend
    assert abs(message.sent_at - datetime.now(UTC)) < timedelta(seconds=30)


async def test_a_private_message_has_no_room(shared: NodeGateway, client) -> None:
    gateway, ear = client
    told = await shared.say("c2", SELF, "/状态")
    await ear.message(told)
    message = await gateway.message(told)
    assert message is not None
    assert (message.room_id, message.room_topic, message.sender_alias) == ("", "", "")
    assert (message.sender_name, message.is_friend) == ("成员2", True)


async def test_times_in_seconds_and_none_at_all(shared: NodeGateway, client) -> None:
    gateway, ear = client
    moment = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    in_seconds = await shared.say("c1", ROOM, "一", timestamp=int(moment.timestamp()))
    in_milliseconds = await shared.say("c1", ROOM, "二", timestamp=int(moment.timestamp() * 1000))
    missing = await shared.say("c1", ROOM, "三", timestamp=0)
    received = (await ear.message(missing)).at
    sent = [await gateway.message(told) for told in (in_seconds, in_milliseconds, missing)]
    assert [message.sent_at for message in sent if message] == [moment, moment, received]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{{ 7*7 }} %s {0} ${HOME}",
        "\u202e反转\u202c\u200b零宽 👩\u200d👩\u200d👧 🇨🇳",
        "长" * 20_000,
        "一行\r\n两行\t\u2028三行",
    ],
    ids=["empty", "braces", "bidi", "long", "lines"],
)
async def test_any_text_arrives_as_it_was_sent(shared: NodeGateway, client, text: str) -> None:
    gateway, ear = client
    told = await shared.say("c1", ROOM, text)
    await ear.message(told)
    message = await gateway.message(told)
    assert message is not None
    assert message.text == text


async def test_nul_and_lone_surrogates_never_get_in(shared: NodeGateway, client) -> None:
    gateway, ear = client
    told = await shared.say("c1", ROOM, "甲\x00乙\ud800丙")
    await ear.message(told)
    message = await gateway.message(told)
    assert message is not None
    assert message.text.startswith("甲\ufffd乙")
    assert message.text.replace("\ufffd", "") == "甲乙丙"  # one generation of servers drops surrogates itself


async def test_what_the_bot_says_arrives_with_its_mentions_and_is_no_message(
    shared: NodeGateway, client
) -> None:
    gateway, ear = client
    sent = await gateway.say(ROOM, "@成员1\u2005 请注意", ["c1"])
    assert sent
    [send] = await shared.did("send")
    assert (send["to"], send["text"], send["mentions"]) == (ROOM, "@成员1\u2005 请注意", ["c1"])
    await ear.message(sent)
    assert await gateway.message(sent) is None


async def test_a_message_that_does_not_exist_is_none(client) -> None:
    gateway, _ = client
    assert await gateway.message("no-such-message") is None
    assert await gateway.member(ROOM, "nobody") is None
    assert await gateway.member("", "nobody") is None


async def test_an_announcement_is_made_and_verified(shared: NodeGateway, client) -> None:
    gateway, _ = client
    await gateway.announce("r1@chatroom", "本周五\n全员大会")
    [announced] = await shared.did("announce")
    assert (announced["room"], announced["text"]) == ("r1@chatroom", "本周五\n全员大会")


@pytest.mark.parametrize("version", ["v0", "v1"])
async def test_a_change_that_did_not_happen_is_an_error(version: str, connect) -> None:
    """The mock as it ships says yes to an announcement and changes nothing."""
    require(version)
    stock = NodeGateway(version, stock=True)
    stock.start()
    try:
        gateway, _ = await connect(stock)
        with pytest.raises(StaleVerification, match="announcement did not change"):
            await gateway.announce(ROOM, "新公告")
        assert [entry["text"] for entry in await stock.did("announce")] == ["新公告"]
        assert await gateway.say(ROOM, "好") == ""  # it tells no id either
    finally:
        stock.kill()


async def test_topic_change_by_somebody_else_reaches_the_next_message(shared: NodeGateway, client) -> None:
    gateway, ear = client
    before = await gateway.message(await shared.say("c1", "r2@chatroom", "一"))
    await shared.do("topic", room="r2@chatroom", text="改了名", by="c3")
    event = await ear.until(EventKind.TOPIC)
    assert (event.text, event.actor_id) == ("改了名", "c3")
    await shared.do("raw", event="dirty", payload={"payloadType": 3, "payloadId": "r2@chatroom"})
    told = await shared.say("c1", "r2@chatroom", "二")
    await ear.message(told)
    after = await gateway.message(told)
    assert before is not None
    assert after is not None
    assert (before.room_topic, after.room_topic) == ("工作群2", "改了名")


async def test_joining_and_leaving(shared: NodeGateway, client) -> None:
    gateway, ear = client
    await shared.do("leave", room=ROOM, contact="c9", by="c1")
    left = await ear.until(EventKind.LEFT)
    assert (left.room_id, left.contact_ids, left.actor_id) == (ROOM, ("c9",), "c1")
    await gateway.add_member(ROOM, "c9")
    joined = await ear.until(EventKind.JOINED)
    assert (joined.room_id, joined.contact_ids, joined.actor_id) == (ROOM, ("c9",), SELF)
    await gateway.remove_member(ROOM, "c9")
    left = await ear.until(EventKind.LEFT)
    assert left.actor_id == SELF
    await gateway.add_member(ROOM, "c9")
    await ear.until(EventKind.JOINED)


async def test_a_new_alias_shows_once_the_gateway_says_so(shared: NodeGateway, client) -> None:
    gateway, ear = client
    first = await gateway.member(ROOM, "c4")
    await shared.do("alias", room=ROOM, contact="c4", alias="财务部李四")
    told = await shared.say("c4", ROOM, "我改名了")
    await ear.message(told)
    message = await gateway.message(told)
    await shared.do("alias", room=ROOM, contact="c4", alias="部门-c4")
    assert first is not None
    assert message is not None
    assert (first.alias, message.sender_alias) == ("部门-c4", "财务部李四")


class SkippingClock(SystemClock):
    """The machine's clock, some time ahead."""

    ahead = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.ahead


async def test_an_alias_that_no_event_tells_of_is_ten_minutes_old_at_most(
    shared: NodeGateway, connect
) -> None:
    clock = SkippingClock()
    gateway, _ = await connect(shared, clock=clock)
    seen = [await gateway.member(ROOM, "c6")]
    await shared.do("alias", room=ROOM, contact="c6", alias="法务部王六", silent=True)
    clock.ahead = 590
    seen.append(await gateway.member(ROOM, "c6"))
    clock.ahead = 610
    seen.append(await gateway.member(ROOM, "c6"))
    await shared.do("alias", room=ROOM, contact="c6", alias="部门-c6")
    assert [member.alias for member in seen if member] == ["部门-c6", "部门-c6", "法务部王六"]


async def test_rooms_with_topic_owner_and_members(client) -> None:
    gateway, _ = client
    rooms = {room.id: room for room in await gateway.rooms()}
    assert set(rooms) == {"r0@chatroom", "r1@chatroom", "r2@chatroom"}
    assert rooms[ROOM].topic == "工作群0"
    assert rooms[ROOM].owner_id == SELF
    assert {"bot", "c0", "c19"} <= set(rooms[ROOM].member_ids)


async def test_members(client) -> None:
    gateway, _ = client
    in_room, alone = await gateway.member(ROOM, "c2"), await gateway.member("", "c2")
    assert in_room is not None
    assert alone is not None
    assert (in_room.name, in_room.alias, in_room.is_friend) == ("成员2", "部门-c2", True)
    assert (alone.name, alone.alias, alone.is_friend) == ("成员2", "", True)


async def test_cards_and_files_say_what_they_show_without_fetching_media(shared: NodeGateway, client) -> None:
    gateway, ear = client
    link = {"title": "兼职", "description": "日结", "url": "https://example.com/a"}
    ids = [
        await shared.say("c1", ROOM, "<msg/>", type=14, card=link),
        await shared.say("c1", ROOM, "<msg/>", type=9, card={"title": "拼团", "description": "三人成团"}),
        await shared.say("c1", ROOM, "<msg/>", type=3, card={"contact": "c5"}),
        await shared.say("c1", ROOM, "<msg/>", type=1, filename="客户名单.xlsx"),
        await shared.say("c1", ROOM, "<msg/>", type=6),
        await shared.say("c1", ROOM, "将来的类型", type=16),
        await shared.say("c1", ROOM, "未知的类型", type=4711),
    ]
    await ear.message(ids[-1])
    messages = [await gateway.message(told) for told in ids]
    assert [(message.type, message.text) for message in messages if message] == [
        (MessageType.URL, "兼职\n日结\nhttps://example.com/a"),
        (MessageType.MINI_PROGRAM, "拼团\n三人成团"),
        (MessageType.CONTACT, "成员5"),
        (MessageType.FILE, "客户名单.xlsx"),
        (MessageType.IMAGE, ""),
        (MessageType.OTHER, "将来的类型"),
        (MessageType.OTHER, "未知的类型"),
    ]
    assert "messageFile" not in await shared.do("calls")


async def test_a_card_that_cannot_be_had_leaves_what_the_message_says(shared: NodeGateway, client) -> None:
    gateway, ear = client
    told = await shared.say("c1", ROOM, "名片", type=3, card={"contact": "nobody"})
    await ear.message(told)
    message = await gateway.message(told)
    assert message is not None
    assert message.text == "名片"


async def test_a_stranger_without_payload_is_no_reason_to_lose_the_message(
    shared: NodeGateway, client
) -> None:
    gateway, ear = client
    told = await shared.say("ghost", ROOM, "谁")
    await ear.message(told)
    message = await gateway.message(told)
    assert message is not None
    assert (message.sender_id, message.sender_name, message.text) == ("ghost", "", "谁")


async def test_many_at_once_ask_for_a_sender_once(node: NodeGateway, connect) -> None:
    gateway, ear = await connect(node)
    ids = [await node.say("c7", ROOM, f"第{i}条") for i in range(32)]
    await ear.message(ids[-1])
    await node.do("calls", clear=True)
    messages = await asyncio.gather(*(gateway.message(told) for told in ids))
    calls = await node.do("calls")
    assert [message.text for message in messages if message] == [f"第{i}条" for i in range(32)]
    assert calls["messagePayload"] == 32
    assert (calls["contactPayload"], calls["roomPayload"], calls["roomMemberPayload"]) == (1, 1, 1)


async def test_events_that_make_no_sense_are_counted_and_nothing_breaks(shared: NodeGateway, client) -> None:
    gateway, ear = client
    await shared.do("error")
    for payload in ({}, {"messageId": None}, {"messageId": ["x"]}, [], "text", 7):
        await shared.do("raw", event="message", payload=payload)
    await shared.do("raw", event="room-join", payload={"inviteeIdList": "c1"})
    await shared.do("raw", event="dirty", payload={"payloadType": 5})
    await shared.do("raw", event="heartbeat", payload={})
    told = await shared.say("c1", ROOM, "还在")
    assert (await ear.message(told)).kind is EventKind.MESSAGE
    assert gateway.counts["error event"] == 1
    assert sum(gateway.counts.values()) >= 9
    assert [event for event in ear.heard if event.kind is EventKind.OFFLINE] == []


async def test_a_friend_request_is_read_and_accepted(shared: NodeGateway, client) -> None:
    gateway, ear = client
    assert (await gateway.member("", "c11")).is_friend is False
    told = (await shared.do("friend", contact="c11", hello="我是财务部的"))["id"]
    event = await ear.until(EventKind.FRIENDSHIP)
    assert event.id == told
    request = await gateway.friend_request(told)
    assert request is not None
    assert (request.id, request.contact_id, request.hello) == (told, "c11", "我是财务部的")
    await gateway.accept_friend(told)
    assert [entry["friendship"] for entry in await shared.did("accept")] == [told]
    assert (await gateway.member("", "c11")).is_friend is True
    with pytest.raises(GatewayError):
        await gateway.accept_friend("friendship-that-nobody-made")


async def test_ding(shared: NodeGateway, client) -> None:
    gateway, _ = client
    await gateway.ding("probe-1")
    assert [entry["data"] for entry in await shared.did("ding")] == ["probe-1"]
