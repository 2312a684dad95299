"""The simulator's friends, rooms and re-logins, as the raw stub sees them in both dialects."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

import betterproto
import pytest
from fakes.puppet_client import ROOM, attached, refused
from grpclib.const import Status
from wechaty_grpc.wechaty import puppet as pb

from bot.clock import ManualClock
from bot.errors import GatewayRefused
from bot.gateway.simulator.nouns import Accepted, Added, Announced, Removed, Renamed

MORNING = datetime(2026, 10, 12, 9, 30, tzinfo=timezone(timedelta(hours=8)))
both = pytest.mark.parametrize("dialect", ["1.x", "0.25"])

# ---- friends


@both
async def test_no_private_chat_with_who_is_no_friend(dialect: Any) -> None:
    async with attached(dialect=dialect) as (sim, client):
        error = await refused(client.stub.message_send_text(conversation_id="li", text="结果"))
        # No status of its own, as the real servers have it.
        assert error.status is (Status.UNKNOWN if dialect == "1.x" else Status.INTERNAL)
        with pytest.raises(GatewayRefused):
            sim.say("li", "li", "在吗")
        assert sim.sent == []


async def test_accepting_a_request_makes_a_friend_and_says_so() -> None:
    async with attached(clock=ManualClock(MORNING)) as (sim, client):
        asked = sim.befriend_request("li", "我是李四")
        kind = pb.EventType.EVENT_TYPE_FRIENDSHIP
        assert (await client.event(kind))["friendshipId"] == asked
        request = await client.stub.friendship_payload(id=asked)
        assert (request.contact_id, request.hello, int(request.type)) == ("li", "我是李四", 2)
        assert not (await client.stub.contact_payload(id="li")).friend

        await client.stub.friendship_accept(id=asked)
        confirmed = (await client.event(kind))["friendshipId"]
        confirmation = await client.stub.friendship_payload(id=confirmed)
        assert (confirmation.contact_id, int(confirmation.type)) == ("li", 1)
        assert (await client.stub.contact_payload(id="li")).friend
        await client.stub.message_send_text(conversation_id="li", text="你好")
        assert sim.accepted == [Accepted(asked, "li", MORNING)]


# ---- rooms


async def test_rooms_and_members_are_told_with_aliases() -> None:
    async with attached() as (sim, client):
        sim.room("r2@chatroom", "别的群", [])
        assert (await client.stub.room_list()).ids == [ROOM, "r2@chatroom"]
        room = await client.stub.room_payload(id=ROOM)
        assert (room.topic, room.owner_id, room.member_ids) == ("工作群", "zhang", ["bot", "zhang", "li"])
        member = await client.stub.room_member_payload(id=ROOM, member_id="zhang")
        assert (member.name, member.room_alias) == ("张三", "人力资源部张三")
        assert await refused(client.stub.room_member_payload(id=ROOM, member_id="wang"))
        assert set((await client.stub.contact_list()).ids) == {"bot", "zhang", "li", "wang"}


async def test_joins_leaves_and_topics_are_events_and_an_alias_is_none() -> None:
    async with attached(clock=ManualClock(MORNING)) as (sim, client):
        at = int(MORNING.timestamp() * 1000)
        assert (await client.event())["type"] == pb.EventType.EVENT_TYPE_READY
        sim.alias(ROOM, "li", "财务部李四")
        sim.join(ROOM, "wang", by="zhang")
        sim.leave(ROOM, "li")
        sim.topic(ROOM, "新群名", by="zhang")
        assert [await client.event() for _ in range(3)] == [
            {"type": 19, "inviteeIdList": ["wang"], "inviterId": "zhang", "roomId": ROOM, "timestamp": at},
            {"type": 20, "removeeIdList": ["li"], "removerId": "li", "roomId": ROOM, "timestamp": at},
            {
                "type": 21,
                "changerId": "zhang",
                "newTopic": "新群名",
                "oldTopic": "工作群",
                "roomId": ROOM,
                "timestamp": at,
            },
        ]
        assert (await client.stub.room_member_list(id=ROOM)).member_ids == ["bot", "zhang", "wang"]


async def test_the_bot_adds_removes_and_quits() -> None:
    async with attached(clock=ManualClock(MORNING)) as (sim, client):
        await client.stub.room_add(id=ROOM, contact_id="wang")
        await client.stub.room_del(id=ROOM, contact_id="li")
        assert sim.added == [Added(ROOM, "wang", MORNING)]
        assert sim.removed == [Removed(ROOM, "li", MORNING)]
        await client.stub.room_quit(id=ROOM)
        assert (await client.stub.room_list()).ids == []
        assert await refused(client.stub.message_send_text(conversation_id=ROOM, text="还在吗"))


@dataclass(eq=False, repr=False)
class Text1x(betterproto.Message):
    """A request as a 1.x client writes it."""

    id: str = betterproto.string_field(1)
    text: str = betterproto.string_field(3)


class Emptying1x(Text1x):
    """A request that sets an empty text, which the library itself can't write."""

    def SerializeToString(self) -> bytes:  # noqa: N802 - the library's name
        return bytes(self) + b"\x1a\x00"


@dataclass(eq=False, repr=False)
class Answer1x(betterproto.Message):
    """An answer as a 1.x client reads it."""

    text: str = betterproto.string_field(2)


async def test_1x_takes_a_text_in_the_old_field_for_a_question() -> None:
    async with attached() as (sim, client):
        await client.stub.room_announce(id=ROOM, text="放假")
        await client.stub.room_topic(id=ROOM, topic="改名")
        assert sim.announced == []
        assert sim.place(ROOM).topic == "工作群"


async def test_1x_reads_and_answers_in_the_new_fields() -> None:
    async with attached(clock=ManualClock(MORNING)) as (sim, client):
        for name, text in (("RoomAnnounce", "放假"), ("RoomTopic", "改名"), ("RoomAnnounce", "")):
            path = f"/wechaty.Puppet/{name}"
            request = Text1x(id=ROOM, text=text) if text else Emptying1x(id=ROOM)
            await client.stub._unary_unary(path, request, Answer1x)
            asked = await client.stub._unary_unary(path, Text1x(id=ROOM), Answer1x)
            assert asked.text == text
        assert sim.deeds == [
            Announced(ROOM, "放假", MORNING),
            Renamed(ROOM, "改名", MORNING),
            Announced(ROOM, "", MORNING),
        ]


async def test_025_reads_and_answers_in_the_old_fields() -> None:
    async with attached(dialect="0.25") as (_, client):
        await client.stub.room_announce(id=ROOM, text="放假")
        await client.stub.room_topic(id=ROOM, topic="改名")
        await client.stub.contact_alias(id="li", alias="财务李四")
        assert (await client.stub.room_announce(id=ROOM)).text == "放假"
        assert (await client.stub.room_topic(id=ROOM)).topic == "改名"
        assert (await client.stub.contact_payload(id="li")).alias == "财务李四"


# ---- logging out and in


async def test_a_relogin_gives_people_and_rooms_other_ids() -> None:
    async with attached() as (sim, client):
        sim.relogin({"zhang": "zhang2", ROOM: "r9@chatroom", "bot": "bot2"})
        assert (await client.event(pb.EventType.EVENT_TYPE_LOGOUT))["contactId"] == "bot"
        assert (await client.event(pb.EventType.EVENT_TYPE_LOGIN))["contactId"] == "bot2"
        assert (await client.stub.room_list()).ids == ["r9@chatroom"]
        room = await client.stub.room_payload(id="r9@chatroom")
        assert (room.owner_id, room.member_ids) == ("zhang2", ["bot2", "zhang2", "li"])
        member = await client.stub.room_member_payload(id="r9@chatroom", member_id="zhang2")
        assert (member.name, member.room_alias) == ("张三", "人力资源部张三")
        assert await refused(client.stub.contact_payload(id="zhang"))


async def test_a_logged_out_account_hears_and_does_nothing() -> None:
    async with attached() as (sim, client):
        sim.logout("kicked")
        assert (await client.event(pb.EventType.EVENT_TYPE_LOGOUT))["data"] == "kicked"
        sim.say(ROOM, "zhang", "有人吗")
        assert await refused(client.stub.message_send_text(conversation_id=ROOM, text="在"))
        sim.login()
        assert (await client.event())["type"] == pb.EventType.EVENT_TYPE_LOGIN
