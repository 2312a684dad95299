"""The simulated world in the words of ``wechaty.Puppet``: what real servers put on the wire."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Optional
from xml.sax.saxutils import escape

import betterproto
from wechaty_grpc.wechaty import puppet as pb

from bot.gateway.port import Event, EventKind
from bot.gateway.simulator.nouns import Card, Friendship, Person, Posted, Room
from rules.core.model import MessageType

Timestamps = Literal["ms", "s"]

# The TypeScript enumeration, which every server puts on the wire whatever the .proto file says.
MESSAGE_TYPES: Mapping[MessageType, int] = {
    MessageType.FILE: 1,
    MessageType.AUDIO: 2,
    MessageType.CONTACT: 3,
    MessageType.OTHER: 4,  # a forwarded chat history stands for all that no rule looks at
    MessageType.EMOTICON: 5,
    MessageType.IMAGE: 6,
    MessageType.TEXT: 7,
    MessageType.MINI_PROGRAM: 9,
    MessageType.RECALLED: 13,
    MessageType.URL: 14,
    MessageType.VIDEO: 15,
}
CARDS = (MessageType.URL, MessageType.MINI_PROGRAM)
WITHOUT_TEXT = (MessageType.FILE, MessageType.CONTACT)
FILE_BOX_BASE64 = 1


@dataclass(eq=False, repr=False)
class TextRequest(betterproto.Message):
    """Set or ask for a text of something: 0.x looks at field 2 only, 1.x at field 3 only.

    The group tells a plain text that is empty from one that is missing.
    """

    id: str = betterproto.string_field(1)
    wrapped: Optional[str] = betterproto.message_field(2, wraps=betterproto.TYPE_STRING)  # noqa: UP045 - betterproto fails on str | None
    plain: str = betterproto.string_field(3, group="_plain")

    def new_text(self, dialect: str) -> str | None:
        """The text to set; ``None`` if a server of this dialect takes the request for a question."""
        if dialect == "0.25":
            return self.wrapped
        name, value = betterproto.which_one_of(self, "_plain")
        return str(value) if name else None


@dataclass(eq=False, repr=False)
class TextResponse(betterproto.Message):
    """The text of something, in field 1 by 0.x and in field 2 by 1.x."""

    wrapped: Optional[str] = betterproto.message_field(1, wraps=betterproto.TYPE_STRING)  # noqa: UP045 - betterproto fails on str | None
    plain: str = betterproto.string_field(2)

    @classmethod
    def of(cls, text: str, dialect: str) -> TextResponse:
        """An answer as a server of this dialect gives it."""
        return cls(wrapped=text) if dialect == "0.25" else cls(plain=text)


def dumps(payload: Mapping[str, Any]) -> str:
    """JSON as Node writes it: nothing escaped that need not be."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":"))


def milliseconds(moment: datetime) -> int:
    """Unix time in milliseconds."""
    return int(moment.timestamp() * 1000)


def event(type_: int, **payload: Any) -> pb.EventResponse:
    """One item of the event stream."""
    return pb.EventResponse(type=type_, payload=dumps(payload))


def encode(happened: Event, room: Room | None) -> pb.EventResponse:
    """What the stream carries for something that happened; ``room`` is the room as it is now."""
    types, at = pb.EventType, milliseconds(happened.at)
    match happened.kind:
        case EventKind.MESSAGE:
            return event(types.EVENT_TYPE_MESSAGE, messageId=happened.id)
        case EventKind.ONLINE:
            return event(types.EVENT_TYPE_LOGIN, contactId=happened.id)
        case EventKind.OFFLINE:
            return event(types.EVENT_TYPE_LOGOUT, contactId=happened.id, data=happened.text)
        case EventKind.FRIENDSHIP:
            return event(types.EVENT_TYPE_FRIENDSHIP, friendshipId=happened.id)
        case EventKind.JOINED:
            return event(
                types.EVENT_TYPE_ROOM_JOIN,
                inviteeIdList=list(happened.contact_ids),
                inviterId=happened.actor_id,
                roomId=happened.room_id,
                timestamp=at,
            )
        case EventKind.LEFT:
            return event(
                types.EVENT_TYPE_ROOM_LEAVE,
                removeeIdList=list(happened.contact_ids),
                removerId=happened.actor_id,
                roomId=happened.room_id,
                timestamp=at,
            )
        case EventKind.TOPIC:
            return event(
                types.EVENT_TYPE_ROOM_TOPIC,
                changerId=happened.actor_id,
                newTopic=happened.text,
                oldTopic=room.former_topic if room else "",
                roomId=happened.room_id,
                timestamp=at,
            )


def message_payload(
    message: Posted, timestamps: Timestamps, *, tell_mentions: bool
) -> pb.MessagePayloadResponse:
    """The payload of a message. A card comes as WeChat's XML; what it says has an RPC of its own."""
    text = "" if message.type in WITHOUT_TEXT else message.text
    if message.type in CARDS:
        text = card_xml(message.card or Card.of(message.text))
    return pb.MessagePayloadResponse(
        id=message.id,
        filename=message.text if message.type is MessageType.FILE else "",
        text=text,
        timestamp=milliseconds(message.sent_at) // (1000 if timestamps == "s" else 1),
        type=MESSAGE_TYPES[message.type],
        from_id=message.sender_id,
        room_id=message.room_id,
        to_id=message.listener_id,
        mention_ids=list(message.mentions) if tell_mentions else [],
    )


def card_xml(card: Card) -> str:
    """A card as it stands in the text of its message."""
    fields = {"title": card.title, "des": card.description, "url": card.url}
    inside = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in fields.items())
    return f'<?xml version="1.0"?>\n<msg><appmsg appid="" sdkver="0">{inside}</appmsg></msg>'


def link_json(card: Card) -> str:
    """What a link shows, as ``MessageUrl`` answers it."""
    return dumps({"title": card.title, "description": card.description, "url": card.url})


def mini_program_json(card: Card) -> str:
    """What a mini-program shows, as ``MessageMiniProgram`` answers it."""
    return dumps({"title": card.title, "description": card.description, "pagePath": card.url})


def file_json(name: str) -> str:
    """A file as ``MessageFile`` answers it: the name, and no content."""
    return dumps(
        {"name": name, "metadata": {}, "type": FILE_BOX_BASE64, "boxType": FILE_BOX_BASE64, "base64": ""}
    )


def contact_payload(person: Person) -> pb.ContactPayloadResponse:
    """The payload of a contact."""
    return pb.ContactPayloadResponse(
        id=person.id,
        name=person.name,
        alias=person.remark,
        friend=person.friend,
        type=pb.ContactType.CONTACT_TYPE_PERSONAL,
    )


def room_payload(room: Room) -> pb.RoomPayloadResponse:
    """The payload of a room."""
    return pb.RoomPayloadResponse(
        id=room.id,
        topic=room.topic,
        owner_id=room.owner_id,
        admin_ids=[room.owner_id],
        member_ids=list(room.member_ids),
    )


def friendship_payload(friendship: Friendship) -> pb.FriendshipPayloadResponse:
    """The payload of a friend request or confirmation."""
    types = pb.FriendshipType
    return pb.FriendshipPayloadResponse(
        id=friendship.id,
        contact_id=friendship.contact_id,
        hello=friendship.hello,
        type=types.FRIENDSHIP_TYPE_CONFIRM if friendship.confirms else types.FRIENDSHIP_TYPE_RECEIVE,
        ticket="" if friendship.confirms else f"ticket-{friendship.id}",
    )
