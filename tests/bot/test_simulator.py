"""The simulator as its clients see it: how they come in, and what messages are on the wire."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from fakes.puppet_client import ROOM, TOKEN, attached, connect, people, refused
from grpclib.const import Status
from wechaty_grpc.wechaty import puppet as pb

from bot.clock import ManualClock
from bot.gateway.simulator import Simulator
from bot.gateway.simulator.nouns import Card, Deed, Sent
from rules.core.model import MessageType

MORNING = datetime(2026, 10, 12, 9, 30, tzinfo=timezone(timedelta(hours=8)))

# ---- coming in


async def test_1x_greets_with_heartbeat_login_and_ready() -> None:
    async with Simulator(token=TOKEN) as sim, connect(sim) as client:
        await client.attach()
        assert [(await client.event())["type"] for _ in range(3)] == [1, 25, 23]


async def test_025_greets_with_login_alone() -> None:
    async with Simulator(dialect="0.25") as sim, connect(sim) as client:
        await client.attach()
        assert await client.event() == {"type": 25, "contactId": "bot"}
        await client.stub.ding(data="x")
        assert (await client.event())["type"] == pb.EventType.EVENT_TYPE_DONG


@pytest.mark.parametrize(("header", "token"), [(True, "wrong"), (False, TOKEN)])
async def test_1x_lets_nobody_in_without_the_token(header: bool, token: str) -> None:
    async with Simulator(token=TOKEN) as sim, connect(sim, token=token, header=header) as client:
        assert (await refused(client.stub.version())).status is Status.UNAUTHENTICATED
        await_event = client.stub.event().__anext__()
        assert (await refused(await_event)).status is Status.UNAUTHENTICATED


async def test_1x_takes_the_authority_for_the_token() -> None:
    async with Simulator(token="plain-token") as sim, connect(sim, header=False) as client:
        client.channel._authority = "plain-token"
        assert (await client.stub.version()).version


async def test_025_lets_everybody_in() -> None:
    async with Simulator(dialect="0.25", token=TOKEN) as sim, connect(sim, token="wrong") as client:
        assert (await client.stub.version()).version


async def test_a_second_event_stream_is_turned_away_and_the_first_goes_on() -> None:
    async with attached() as (sim, client), connect(sim) as second:
        assert (await refused(second.stub.event().__anext__())).status is Status.ALREADY_EXISTS
        sim.say(ROOM, "zhang", "早")
        assert await client.event(pb.EventType.EVENT_TYPE_MESSAGE)


async def test_no_event_before_start_and_stop_ends_the_stream() -> None:
    async with Simulator(token=TOKEN) as sim, connect(sim) as client:
        people(sim)
        client.stream = client.stub.event()
        assert (await client.event())["type"] == pb.EventType.EVENT_TYPE_HEARTBEAT
        sim.say(ROOM, "zhang", "没人听见")
        await client.stub.start()
        assert (await client.event())["type"] == pb.EventType.EVENT_TYPE_LOGIN
        await client.stub.stop()
        with pytest.raises(EOFError):
            await client.event()
        assert not sim.started


async def test_what_is_not_served_is_unimplemented() -> None:
    async with attached() as (_, client):
        assert (await refused(client.stub.tag_contact_list())).status is Status.UNIMPLEMENTED


# ---- messages


async def test_a_message_is_an_event_and_a_payload() -> None:
    async with attached(clock=ManualClock(MORNING)) as (sim, client):
        message = sim.say(ROOM, "zhang", f"{sim.at(ROOM, 'li')}请回复", mentions=["li"])
        assert (await client.event())["type"] == pb.EventType.EVENT_TYPE_READY
        assert await client.event() == {"type": 2, "messageId": message}
        payload = await client.stub.message_payload(id=message)
        assert payload.to_dict() == {
            "id": message,
            "text": "@李四\u2005请回复",
            "timestamp": str(int(MORNING.timestamp() * 1000)),
            "type": "MESSAGE_TYPE_VIDEO",  # 7: text in the numbers that are really sent
            "fromId": "zhang",
            "roomId": ROOM,
            "mentionIds": ["li"],
        }


async def test_seconds_and_silence_about_mentions_as_some_puppets_have_it() -> None:
    async with attached(clock=ManualClock(MORNING), timestamps="s", tell_mentions=False) as (sim, client):
        message = sim.say(ROOM, "zhang", "好", mentions=["li"], sent_at=datetime(2026, 1, 1, tzinfo=UTC))
        payload = await client.stub.message_payload(id=message)
        assert (payload.timestamp, payload.mention_ids) == (1767225600, [])


async def test_a_private_message_has_no_room() -> None:
    async with attached() as (sim, client):
        payload = await client.stub.message_payload(id=sim.say("zhang", "zhang", "/状态"))
        assert (payload.from_id, payload.room_id, payload.to_id) == ("zhang", "", "bot")


NUMBERS = [
    (MessageType.TEXT, 7),
    (MessageType.IMAGE, 6),
    (MessageType.FILE, 1),
    (MessageType.URL, 14),
    (MessageType.MINI_PROGRAM, 9),
    (MessageType.CONTACT, 3),
    (MessageType.EMOTICON, 5),
    (MessageType.VIDEO, 15),
    (MessageType.AUDIO, 2),
    (MessageType.RECALLED, 13),
]


@pytest.mark.parametrize(("kind", "number"), NUMBERS)
async def test_types_are_the_numbers_of_the_typescript_enumeration(kind: MessageType, number: int) -> None:
    async with attached() as (sim, client):
        message = sim.say(ROOM, "zhang", "li", type=kind)
        assert (await client.stub.message_payload(id=message)).type == number


async def test_cards_and_files_tell_their_content_by_rpc() -> None:
    async with attached() as (sim, client):
        stub = client.stub
        link = sim.say(ROOM, "zhang", "大促\n全场一折\nhttps://a.example/?x=1&y=2", type=MessageType.URL)
        assert "<title>大促</title>" in (await stub.message_payload(id=link)).text
        assert json.loads((await stub.message_url(id=link)).url_link) == {
            "title": "大促",
            "description": "全场一折",
            "url": "https://a.example/?x=1&y=2",
        }
        card = Card("点餐", "满减", "pages/index")
        mini = sim.say(ROOM, "zhang", "", type=MessageType.MINI_PROGRAM, card=card)
        assert json.loads((await stub.message_mini_program(id=mini)).mini_program)["title"] == "点餐"
        file = sim.say(ROOM, "zhang", "客户名单.xlsx", type=MessageType.FILE)
        assert (await stub.message_payload(id=file)).filename == "客户名单.xlsx"
        assert json.loads((await stub.message_file(id=file)).filebox)["name"] == "客户名单.xlsx"
        shared = sim.say(ROOM, "zhang", "wang", type=MessageType.CONTACT)
        assert (await stub.message_contact(id=shared)).id == "wang"


async def test_a_recall_is_a_message_whose_text_is_the_id_of_the_first() -> None:
    async with attached() as (sim, client):
        first = sim.say(ROOM, "zhang", "说错了")
        await client.event(pb.EventType.EVENT_TYPE_MESSAGE)
        sim.recall(first)
        event = await client.event(pb.EventType.EVENT_TYPE_MESSAGE)
        payload = await client.stub.message_payload(id=event["messageId"])
        assert (int(payload.type), payload.text, payload.from_id) == (13, first, "zhang")


async def test_the_bots_own_words_are_recorded_and_come_back() -> None:
    deeds: list[Deed] = []
    async with attached(clock=ManualClock(MORNING)) as (sim, client):
        sim.observe(deeds.append)
        answer = await client.stub.message_send_text(conversation_id=ROOM, text="提醒", mentonal_ids=["li"])
        event = await client.event(pb.EventType.EVENT_TYPE_MESSAGE)
        assert event["messageId"] == answer.id
        assert (await client.stub.message_payload(id=answer.id)).from_id == "bot"
        sent = await sim.next_sent()
        assert sent == Sent(ROOM, "提醒", ("li",), answer.id, MORNING)
        assert deeds == sim.sent == [sent]


async def test_next_sent_hands_out_each_send_once_and_waits_for_the_next() -> None:
    async with attached() as (sim, client):
        for text in ("一", "二"):
            await client.stub.message_send_text(conversation_id=ROOM, text=text)
        assert [(await sim.next_sent()).text for _ in range(2)] == ["一", "二"]
        with pytest.raises(TimeoutError, match="nothing more"):
            await sim.next_sent(within=0.01)
        later = asyncio.create_task(sim.next_sent())
        await client.stub.message_send_text(conversation_id=ROOM, text="三")
        assert (await later).text == "三"


async def test_recalling_works_for_ones_own_messages_only() -> None:
    async with attached() as (sim, client):
        own = (await client.stub.message_send_text(conversation_id=ROOM, text="发错群了")).id
        other = sim.say(ROOM, "zhang", "嗯")
        assert (await client.stub.message_recall(id=own)).success
        assert not (await client.stub.message_recall(id=other)).success
