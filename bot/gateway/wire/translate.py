"""From what a gateway sends to what the port says: pure functions, made for hostile input.

Nothing here raises on any bytes, texts or numbers a gateway may send; what can't be read becomes
:class:`Unreadable` or is left out, and what is longer than WeChat would ever make it is cut.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from itertools import islice

from bot.gateway.port import Event, EventKind
from rules.core.model import MessageType


class WireEvent(IntEnum):
    """Event types on the wire."""

    HEARTBEAT = 1
    MESSAGE = 2
    DONG = 3
    POST = 4
    ERROR = 16
    FRIENDSHIP = 17
    ROOM_INVITE = 18
    ROOM_JOIN = 19
    ROOM_LEAVE = 20
    ROOM_TOPIC = 21
    SCAN = 22
    READY = 23
    RESET = 24
    LOGIN = 25
    LOGOUT = 26
    DIRTY = 27


class DirtyKind(IntEnum):
    """What a dirty event declares stale."""

    MESSAGE = 1
    CONTACT = 2
    ROOM = 3
    ROOM_MEMBER = 4
    FRIENDSHIP = 5


@dataclass(frozen=True, slots=True)
class Login:
    """The account is logged in."""

    contact_id: str


@dataclass(frozen=True, slots=True)
class Logout:
    """The account is logged out; ``reason`` is the gateway's word for it."""

    reason: str


@dataclass(frozen=True, slots=True)
class Scan:
    """The account waits for somebody to scan its QR code: it is not logged in."""


@dataclass(frozen=True, slots=True)
class Dirty:
    """Something that may be cached is stale. For a member, ``id`` names the room and perhaps the contact."""

    kind: int
    id: str


@dataclass(frozen=True, slots=True)
class Fault:
    """The gateway reports an error of its own."""


@dataclass(frozen=True, slots=True)
class Quiet:
    """A sign of life that the bot does not react to."""


@dataclass(frozen=True, slots=True)
class Dong:
    """The answer to a ding: a call has gone all the way round, through the puppet and back by the stream."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An event that could not be read; ``why`` is one of a few sentences and holds nothing of its content."""

    why: str


Signal = Event | Login | Logout | Scan | Dirty | Fault | Quiet | Dong | Unreadable

# The numbers of the TypeScript enum, which is what servers of both generations put on the wire.
_TYPES: Mapping[int, MessageType] = {
    1: MessageType.FILE,
    2: MessageType.AUDIO,
    3: MessageType.CONTACT,
    5: MessageType.EMOTICON,
    6: MessageType.IMAGE,
    7: MessageType.TEXT,
    9: MessageType.MINI_PROGRAM,
    13: MessageType.RECALLED,
    14: MessageType.URL,
    15: MessageType.VIDEO,
}
CARDS = frozenset({MessageType.URL, MessageType.MINI_PROGRAM, MessageType.CONTACT})
# Their text, where a puppet sends any, is WeChat's XML: nothing that anybody wrote.
MEDIA = frozenset({MessageType.IMAGE, MessageType.EMOTICON, MessageType.VIDEO, MessageType.AUDIO})
NAME_LENGTH = 200  # code points of names, nicknames, topics, greetings and reasons
TEXT_LENGTH = 100_000  # code points of what a message says
ID_LENGTH = 1_000  # code points; an id that long is nobody's
PEOPLE = 500  # in one message or event; WeChat lets no more into a room
_SECONDS_BELOW = 10**11
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_ABSENT = re.compile(r"not\s+found|no\s+payload|not\s+exist|no\s+such|unknown\s+id", re.IGNORECASE)


def clean(text: str) -> str:
    """The text with what no database or socket takes (NUL, lone surrogates) replaced, length unchanged."""
    return _UNSTORABLE.sub("�", text)


def name(text: str) -> str:
    """A name, nickname, topic or greeting as the port hands it out: clean, at most ``NAME_LENGTH``."""
    return clean(text[:NAME_LENGTH])


def body(text: str) -> str:
    """What a message says as the port hands it out: clean, at most ``TEXT_LENGTH``."""
    return clean(text[:TEXT_LENGTH])


def identity(text: str) -> str:
    """An id as the port hands it out: clean, at most ``ID_LENGTH``."""
    return clean(text[:ID_LENGTH])


def people(ids: Iterable[str]) -> tuple[str, ...]:
    """Contact ids as the port hands them out: those that are not empty, at most ``PEOPLE``."""
    return tuple(islice((identity(contact_id) for contact_id in ids if contact_id), PEOPLE))


def message_type(number: int) -> MessageType:
    """What a message carries; ``OTHER`` for every type that no rule looks at, known or not."""
    return _TYPES.get(number, MessageType.OTHER)


def sent_at(value: int, received: datetime) -> datetime:
    """When a message was sent, UTC: some puppets say milliseconds, some seconds.

    The time of receipt stands in for zero, for nonsense, and for more than a day ahead.
    """
    if value <= 0:
        return received
    try:
        moment = datetime.fromtimestamp(value if value < _SECONDS_BELOW else value / 1000, UTC)
    except (OverflowError, OSError, ValueError):
        return received
    return moment if moment <= received + timedelta(days=1) else received


def says_absent(details: str) -> bool:
    """Whether a server's refusal means that the thing asked for does not exist."""
    return _ABSENT.search(details) is not None


def card_text(json_text: str, *fields: str) -> str:
    """What a link or mini-program card says: title, description and address, one a line.

    Args:
        json_text: the card as 0.x servers tell it; empty or broken: not used.
        fields: title, description and address as 1.x servers tell them; they win where they are not empty.
    """
    told = _object(json_text) or {}
    title, description, address = (*fields, "", "", "")[:3]
    parts = (
        title or _text(told, "title"),
        description or _text(told, "description"),
        address or _text(told, "url"),
    )
    return body("\n".join(part for part in parts if part))


def signal(number: int, payload: bytes, at: datetime) -> Signal:
    """One event of the stream; ``at`` is when it was received."""
    try:
        kind = WireEvent(number)
    except ValueError:
        return Unreadable("unknown event type")
    if kind is WireEvent.DONG:
        return Dong()
    if kind in (WireEvent.HEARTBEAT, WireEvent.READY, WireEvent.RESET):
        return Quiet()
    if kind in (WireEvent.ROOM_INVITE, WireEvent.POST):
        return Quiet()
    if kind is WireEvent.SCAN:
        return Scan()
    if kind is WireEvent.ERROR:
        return Fault()
    told = _object(payload.decode("utf-8", errors="replace"))
    if told is None:
        return Unreadable(f"payload of a {kind.name.lower()} event is no JSON object")
    read = _read(kind, told, at)
    return read if read is not None else Unreadable(f"payload of a {kind.name.lower()} event lacks a key")


def _read(kind: WireEvent, told: Mapping[str, object], at: datetime) -> Signal | None:
    room_id = _id(told, "roomId")
    match kind:
        case WireEvent.LOGIN:
            contact_id = _id(told, "contactId")
            return Login(contact_id) if contact_id else None
        case WireEvent.LOGOUT:
            return Logout(name(_text(told, "data")))
        case WireEvent.DIRTY:
            number, stale_id = told.get("payloadType"), _id(told, "payloadId")
            return Dirty(number, stale_id) if isinstance(number, int) and stale_id else None
        case WireEvent.MESSAGE:
            return _identified(EventKind.MESSAGE, _id(told, "messageId"), at)
        case WireEvent.FRIENDSHIP:
            return _identified(EventKind.FRIENDSHIP, _id(told, "friendshipId"), at)
        case WireEvent.ROOM_JOIN if room_id:
            contacts, actor = _people(told, "inviteeIdList"), _id(told, "inviterId")
            return Event(EventKind.JOINED, at, room_id=room_id, contact_ids=contacts, actor_id=actor)
        case WireEvent.ROOM_LEAVE if room_id:
            contacts, actor = _people(told, "removeeIdList"), _id(told, "removerId")
            return Event(EventKind.LEFT, at, room_id=room_id, contact_ids=contacts, actor_id=actor)
        case WireEvent.ROOM_TOPIC if room_id:
            actor, topic = _id(told, "changerId"), _text(told, "newTopic")
            return Event(EventKind.TOPIC, at, room_id=room_id, actor_id=actor, text=name(topic))
    return None


def _identified(kind: EventKind, identity: str, at: datetime) -> Event | None:
    return Event(kind, at, id=identity) if identity else None


def _object(text: str) -> Mapping[str, object] | None:
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) else None


def _text(told: Mapping[str, object], key: str) -> str:
    value = told.get(key)
    return value if isinstance(value, str) else ""


def _id(told: Mapping[str, object], key: str) -> str:
    return identity(_text(told, key))


def _people(told: Mapping[str, object], key: str) -> tuple[str, ...]:
    value = told.get(key)
    return people(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()
