"""From gateway payloads to port values: what is told, and that nothing a gateway sends can break it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.gateway.port import Event, EventKind
from bot.gateway.wire.translate import (
    Dirty,
    Fault,
    Login,
    Logout,
    Quiet,
    Scan,
    Unreadable,
    WireEvent,
    card_text,
    clean,
    message_type,
    says_absent,
    sent_at,
    signal,
)
from rules.core.model import MessageType

NOW = datetime(2026, 10, 8, 9, 0, tzinfo=UTC)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
KEYS = (
    "messageId",
    "friendshipId",
    "roomId",
    "contactId",
    "data",
    "inviteeIdList",
    "inviterId",
    "removeeIdList",
    "removerId",
    "changerId",
    "newTopic",
    "oldTopic",
    "payloadType",
    "payloadId",
    "timestamp",
    "gerror",
)
ANY_TEXT = st.text(st.characters())  # lone surrogates and NUL included


def told(kind: WireEvent, **payload: object) -> object:
    return signal(kind, json.dumps(payload).encode(), NOW)


def test_every_event_that_the_bot_reacts_to() -> None:
    room = "r@chatroom"
    assert told(WireEvent.MESSAGE, messageId="m1") == Event(EventKind.MESSAGE, NOW, id="m1")
    assert told(WireEvent.FRIENDSHIP, friendshipId="f1") == Event(EventKind.FRIENDSHIP, NOW, id="f1")
    joined = told(WireEvent.ROOM_JOIN, roomId=room, inviteeIdList=["a", "b"], inviterId="c", timestamp=1)
    assert joined == Event(EventKind.JOINED, NOW, room_id=room, contact_ids=("a", "b"), actor_id="c")
    left = told(WireEvent.ROOM_LEAVE, roomId=room, removeeIdList=["a"], removerId="c", timestamp=1)
    assert left == Event(EventKind.LEFT, NOW, room_id=room, contact_ids=("a",), actor_id="c")
    renamed = told(WireEvent.ROOM_TOPIC, roomId=room, newTopic="新", oldTopic="旧", changerId="c")
    assert renamed == Event(EventKind.TOPIC, NOW, room_id=room, actor_id="c", text="新")


def test_what_the_client_itself_reacts_to() -> None:
    assert told(WireEvent.LOGIN, contactId="bot") == Login("bot")
    assert told(WireEvent.LOGOUT, contactId="bot", data="kicked") == Logout("kicked")
    assert told(WireEvent.SCAN, qrcode="x", status=2) == Scan()
    assert told(WireEvent.DIRTY, payloadType=4, payloadId="r1") == Dirty(4, "r1")
    assert told(WireEvent.ERROR, gerror="…") == Fault()
    assert signal(WireEvent.ERROR, b"\xff not json", NOW) == Fault()


@pytest.mark.parametrize("number", [1, 4, 18, 23, 24])
def test_signs_of_life_are_quiet(number: int) -> None:
    assert signal(number, b"{}", NOW) == Quiet()


@pytest.mark.parametrize("number", [0, 5, 28, 4711, -1])
def test_unknown_types_are_all_one(number: int) -> None:
    assert signal(number, b'{"messageId":"m"}', NOW) == Unreadable("unknown event type")


def test_there_are_few_reasons_why_something_is_unreadable() -> None:
    payloads = [b"{", *(json.dumps({f"k{i}": i}).encode() for i in range(50))]
    read = [signal(number, payload, NOW) for number in range(-100, 1000) for payload in payloads]
    assert len({item.why for item in read if isinstance(item, Unreadable)}) <= 1 + 2 * len(WireEvent)


def test_what_is_too_long_is_cut() -> None:
    long, crowd = "长" * 10**6, [f"c{i}" for i in range(10**4)]
    assert told(WireEvent.LOGOUT, data=long) == Logout("长" * 200)
    renamed = told(WireEvent.ROOM_TOPIC, roomId=long, newTopic=long, changerId=long)
    cut = "长" * 1000
    assert renamed == Event(EventKind.TOPIC, NOW, room_id=cut, actor_id=cut, text="长" * 200)
    assert told(WireEvent.MESSAGE, messageId=long) == Event(EventKind.MESSAGE, NOW, id=cut)
    assert told(WireEvent.DIRTY, payloadType=4, payloadId=long) == Dirty(4, cut)
    joined = told(WireEvent.ROOM_JOIN, roomId="r", inviteeIdList=["", 7, *crowd], inviterId="c")
    assert joined == Event(EventKind.JOINED, NOW, room_id="r", contact_ids=tuple(crowd[:500]), actor_id="c")
    assert len(card_text("", long, long, long)) == 100_000


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"null",
        b"[]",
        b"7",
        b'"text"',
        b"{",
        b'{"messageId":7}',
        b'{"messageId":""}',
        b"{}",
        b"\xff\xfe",
        b"[" * 100_000,
        b"9" * 10_000,
    ],
)
def test_broken_payloads_are_unreadable(payload: bytes) -> None:
    read = signal(WireEvent.MESSAGE, payload, NOW)
    assert isinstance(read, Unreadable)
    assert "message" in read.why


def test_why_something_is_unreadable_shows_nothing_of_it() -> None:
    read = signal(WireEvent.MESSAGE, '{"secret":"绝密"}'.encode(), NOW)
    assert isinstance(read, Unreadable)
    assert "绝密" not in read.why
    assert "secret" not in read.why


@given(st.integers(), st.binary())
def test_any_bytes_give_a_signal(number: int, payload: bytes) -> None:
    assert signal(number, payload, NOW) is not None


@given(st.sampled_from(WireEvent), st.dictionaries(st.sampled_from(KEYS), JSON))
def test_any_json_gives_a_signal_of_storable_texts(kind: WireEvent, payload: dict[str, object]) -> None:
    read = signal(kind, json.dumps(payload).encode(), NOW)
    if isinstance(read, Event):
        texts = (read.id, read.room_id, read.actor_id, read.text, *read.contact_ids)
        assert read.at == NOW
        assert all("\x00" not in text for text in texts)
        "".join(texts).encode("utf-8")  # raises on a lone surrogate
        assert read.id or read.room_id


@given(ANY_TEXT)
def test_cleaning_keeps_the_length_and_makes_any_text_storable(text: str) -> None:
    cleaned = clean(text)
    assert len(cleaned) == len(text)
    assert cleaned.encode("utf-8").decode("utf-8") == cleaned
    assert "\x00" not in cleaned
    assert clean(cleaned) == cleaned


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (1, MessageType.FILE),
        (2, MessageType.AUDIO),
        (3, MessageType.CONTACT),
        (4, MessageType.OTHER),
        (5, MessageType.EMOTICON),
        (6, MessageType.IMAGE),
        (7, MessageType.TEXT),
        (8, MessageType.OTHER),
        (9, MessageType.MINI_PROGRAM),
        (13, MessageType.RECALLED),
        (14, MessageType.URL),
        (15, MessageType.VIDEO),
        (16, MessageType.OTHER),
        (0, MessageType.OTHER),
        (-3, MessageType.OTHER),
        (4711, MessageType.OTHER),
    ],
)
def test_message_types_are_those_of_the_typescript_enum(number: int, kind: MessageType) -> None:
    assert message_type(number) is kind


def test_sent_at_reads_seconds_and_milliseconds() -> None:
    moment = datetime(2026, 10, 8, 8, 59, 30, tzinfo=UTC)
    assert sent_at(int(moment.timestamp()), NOW) == moment
    assert sent_at(int(moment.timestamp() * 1000), NOW) == moment
    assert sent_at(int(moment.timestamp() * 1000) + 250, NOW) == moment + timedelta(milliseconds=250)


@pytest.mark.parametrize("value", [0, -1, 10**30, 2**64 - 1])
def test_an_unusable_time_is_the_time_of_receipt(value: int) -> None:
    assert sent_at(value, NOW) == NOW


def test_a_time_ahead_is_believed_for_a_day() -> None:
    hour, two_days = NOW + timedelta(hours=1), NOW + timedelta(days=2)
    assert sent_at(int(hour.timestamp()), NOW) == hour
    assert sent_at(int(two_days.timestamp()), NOW) == NOW


@given(st.integers())
def test_any_number_gives_a_time_at_most_a_day_ahead(value: int) -> None:
    moment = sent_at(value, NOW)
    assert moment.tzinfo is not None
    assert moment <= NOW + timedelta(days=1)


def test_a_card_says_title_description_and_address() -> None:
    told_json = json.dumps(
        {"title": "标题", "description": "描述", "url": "https://a.example", "thumbnailUrl": "x"}
    )
    assert card_text(told_json) == "标题\n描述\nhttps://a.example"
    assert card_text("", "标题", "", "https://a.example") == "标题\nhttps://a.example"
    assert card_text(told_json, "新标题") == "新标题\n描述\nhttps://a.example"
    assert card_text('{"title": 7, "url": null}') == ""


@given(ANY_TEXT | JSON.map(json.dumps), ANY_TEXT, ANY_TEXT, ANY_TEXT)
def test_any_card_gives_a_storable_text(json_text: str, title: str, description: str, url: str) -> None:
    text = card_text(json_text, title, description, url)
    assert "\x00" not in text
    assert text.encode("utf-8").decode("utf-8") == text


@pytest.mark.parametrize(
    ("details", "absent"),
    [
        ("no payload found for id x", True),
        ("MockContact.load(): c1 not exist.", True),
        ("Room Not Found", True),
        ("not logged in", False),
        ("read ECONNRESET", False),
        ("", False),
    ],
)
def test_a_refusal_that_says_there_is_no_such_thing(details: str, absent: bool) -> None:
    assert says_absent(details) is absent
