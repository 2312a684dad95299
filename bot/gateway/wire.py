"""A resilient client of a Wechaty puppet service, 0.25 or 1.x: the gateway port over gRPC."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import TypeVar

import structlog
from structlog.typing import FilteringBoundLogger

from bot.clock import Clock
from bot.errors import GatewayError, GatewayRefused, StaleVerification, TokenRejected
from bot.gateway.port import Event, EventKind, FriendRequest, IncomingMessage, MemberInfo, RoomInfo
from bot.gateway.wire_cache import SharedCache
from bot.gateway.wire_connection import Absent, Connection, GatewayFault, Timing
from bot.gateway.wire_proto import CONTACT_RECEIVE
from bot.gateway.wire_stream import EventStream
from bot.gateway.wire_translate import (
    Dirty,
    DirtyKind,
    Signal,
    card_text,
    clean,
    message_type,
    sent_at,
)
from rules.core.model import MessageType

T = TypeVar("T")

_BACKLOG = 1000  # events that may wait for the consumer
_RECEIPTS = 20_000  # messages whose time of receipt is remembered
_MEMBERS_AGE = 600.0  # no event tells of a changed alias
_OTHERS_AGE = 1800.0
_ROOMS_AT_ONCE = 8
_READINGS = 4


class WireGateway:
    """:class:`bot.gateway.port.Gateway` over one puppet service."""

    def __init__(
        self,
        endpoint: str,
        token: str,
        tls: str,
        clock: Clock,
        log: FilteringBoundLogger | None = None,
        *,
        timing: Timing | None = None,
        self_id: str = "",
    ) -> None:
        """
        Args:
            endpoint: ``host:port``.
            token: what the gateway was started with; never logged.
            tls: ``off``, ``insecure-default`` (Wechaty's public CA, no host-name check) or a CA file's path.
            timing: deadlines and pauses.
            self_id: the account's contact id if it is known from before.

        Raises:
            ConfigError: one of these can't be used.
        """
        self._timing = timing or Timing()
        self._clock = clock
        self._log: FilteringBoundLogger = log or structlog.get_logger("bot.gateway.wire")
        self._connection = Connection(endpoint, token, tls, self._timing)
        self._stream = EventStream(
            self._connection, clock, self._log, self._timing, self._observe, self._forget_all, _BACKLOG
        )
        self._stream.self_id = self_id
        self._receipts: OrderedDict[str, datetime] = OrderedDict()
        self._rooms: SharedCache[str, RoomInfo] = SharedCache(2000, _OTHERS_AGE, clock.monotonic)
        self._contacts: SharedCache[str, MemberInfo] = SharedCache(20_000, _OTHERS_AGE, clock.monotonic)
        self._members: SharedCache[tuple[str, str], MemberInfo] = SharedCache(
            50_000, _MEMBERS_AGE, clock.monotonic
        )

    @property
    def self_id(self) -> str:
        return self._stream.self_id

    @property
    def counts(self) -> Mapping[str, int]:
        """How often each tolerated oddity of the gateway was met."""
        return MappingProxyType(self._stream.counts)

    def events(self) -> AsyncIterator[Event]:
        return self._stream.events()

    async def close(self) -> None:
        await self._stream.close()
        self._connection.close()

    async def message(self, message_id: str) -> IncomingMessage | None:
        received = self._receipts.get(message_id) or self._clock.now()
        try:
            told = await self._connection.call("message", lambda stub: stub.message_payload(id=message_id))
        except Absent:
            return None
        if not told.from_id or told.from_id == self.self_id:
            return None
        kind = message_type(told.type)
        blank = MemberInfo(id=told.from_id, name="")
        contact, member, room, text = await asyncio.gather(
            self._or(blank, self._contact(told.from_id)),
            self._or(blank, self._member(told.room_id, told.from_id)),
            self._or(RoomInfo(told.room_id, ""), self._room(told.room_id)),
            self._text(message_id, kind, told.text, told.filename),
        )
        return IncomingMessage(
            id=message_id,
            room_id=clean(told.room_id),
            room_topic=room.topic,
            sender_id=clean(told.from_id),
            sender_name=contact.name or member.name,
            sender_alias=member.alias,
            type=kind,
            text=text,
            sent_at=sent_at(told.timestamp, received),
            mentions=tuple(clean(contact_id) for contact_id in told.mention_ids if contact_id),
            is_friend=contact.is_friend,
        )

    async def rooms(self) -> Sequence[RoomInfo]:
        listed = await self._connection.call("rooms", lambda stub: stub.room_list())
        gate = asyncio.Semaphore(_ROOMS_AT_ONCE)

        async def one(room_id: str) -> RoomInfo:
            async with gate:
                return await self._or(RoomInfo(clean(room_id), ""), self._room(room_id))

        return tuple(await asyncio.gather(*(one(room_id) for room_id in dict.fromkeys(listed.ids))))

    async def member(self, room_id: str, contact_id: str) -> MemberInfo | None:
        try:
            if not room_id:
                return await self._contact(contact_id)
            member = await self._member(room_id, contact_id)
        except Absent:
            return None
        contact = await self._or(member, self._contact(contact_id))
        return MemberInfo(contact_id, contact.name or member.name, member.alias, contact.is_friend)

    async def say(self, conversation_id: str, text: str, mentions: Sequence[str] = ()) -> str:
        return await self._connection.call(
            "say", lambda stub: stub.send_text(conversation_id, text, list(mentions))
        )

    async def announce(self, room_id: str, text: str) -> None:
        await self._connection.call("announce", lambda stub: stub.set_announcement(room_id, text))
        for attempt in range(_READINGS):
            if attempt:
                await self._clock.sleep(self._timing.verify)
            now = await self._connection.call("announcement", lambda stub: stub.announcement(room_id))
            if _same(now, text):
                return
        raise _stale("announcement")

    async def set_topic(self, room_id: str, topic: str) -> None:
        await self._connection.call("topic", lambda stub: stub.set_topic(room_id, topic))
        for attempt in range(_READINGS):
            if attempt:
                await self._clock.sleep(self._timing.verify)
            now = await self._connection.call("topic", lambda stub: stub.topic(room_id))
            self._rooms.drop(room_id)
            if _same(now, topic) or _same((await self._room(room_id)).topic, topic):
                return
        raise _stale("topic")

    async def add_member(self, room_id: str, contact_id: str) -> None:
        await self._connection.call("add", lambda stub: stub.room_add(id=room_id, contact_id=contact_id))
        self._forget_room(room_id)

    async def remove_member(self, room_id: str, contact_id: str) -> None:
        await self._connection.call("remove", lambda stub: stub.room_del(id=room_id, contact_id=contact_id))
        self._forget_room(room_id)

    async def friend_request(self, friendship_id: str) -> FriendRequest | None:
        try:
            told = await self._connection.call(
                "friendship", lambda stub: stub.friendship_payload(id=friendship_id)
            )
        except Absent:
            return None
        self._contacts.drop(told.contact_id)
        if told.type != CONTACT_RECEIVE or not told.contact_id:
            return None
        return FriendRequest(friendship_id, clean(told.contact_id), clean(told.hello))

    async def accept_friend(self, friendship_id: str) -> None:
        await self._connection.call("accept", lambda stub: stub.friendship_accept(id=friendship_id))
        self._contacts.clear()  # the payload of whoever it was says "no friend" until it is asked for again

    async def ding(self, data: str) -> None:
        await self._connection.call("ding", lambda stub: stub.ding(data=data))

    # What is asked for again and again, and therefore remembered.

    async def _contact(self, contact_id: str) -> MemberInfo:
        async def fetch() -> MemberInfo:
            told = await self._connection.call("contact", lambda stub: stub.contact_payload(id=contact_id))
            return MemberInfo(clean(contact_id), clean(told.name), is_friend=bool(told.friend))

        return await self._contacts.get(contact_id, fetch)

    async def _member(self, room_id: str, contact_id: str) -> MemberInfo:
        async def fetch() -> MemberInfo:
            told = await self._connection.call(
                "member", lambda stub: stub.room_member_payload(id=room_id, member_id=contact_id)
            )
            return MemberInfo(clean(contact_id), clean(told.name), clean(told.room_alias))

        if not room_id:
            return MemberInfo(clean(contact_id), "")
        return await self._members.get((room_id, contact_id), fetch)

    async def _room(self, room_id: str) -> RoomInfo:
        async def fetch() -> RoomInfo:
            told = await self._connection.call("room", lambda stub: stub.room_payload(id=room_id))
            members = told.member_ids
            if not members:  # some puppets tell the members only when asked for them
                listed = await self._or(
                    None,
                    self._connection.call("members", lambda stub: stub.room_member_list(id=room_id)),
                )
                members = listed.member_ids if listed is not None else []
            ids = tuple(clean(member_id) for member_id in members)
            return RoomInfo(clean(room_id), clean(told.topic), clean(told.owner_id), ids)

        if not room_id:
            return RoomInfo("", "")
        return await self._rooms.get(room_id, fetch)

    async def _text(self, message_id: str, kind: MessageType, text: str, filename: str) -> str:
        """What a message says; cards are asked for, media never."""
        if kind is MessageType.FILE:
            return clean(filename or text)
        return clean(await self._or("", self._card(message_id, kind)) or text)

    async def _card(self, message_id: str, kind: MessageType) -> str:
        call = self._connection.call
        if kind is MessageType.URL:
            link = await call("link", lambda stub: stub.link_card(message_id))
            return card_text(link.json, link.fields.title, link.fields.description, link.fields.url)
        if kind is MessageType.MINI_PROGRAM:
            card = await call("mini program", lambda stub: stub.mini_program_card(message_id))
            return card_text(card.json, card.fields.title, card.fields.description)
        if kind is MessageType.CONTACT:
            shared = await call("contact card", lambda stub: stub.message_contact(id=message_id))
            return (await self._contact(shared.id)).name if shared.id else ""
        return ""

    async def _or(self, fallback: T, wanted: Awaitable[T]) -> T:
        """``wanted``, or ``fallback`` if the gateway has no answer to it; an outage is still raised."""
        try:
            return await wanted
        except TokenRejected:
            raise
        except (GatewayFault, GatewayRefused) as error:
            self._stream.counts["went without"] += 1
            self._log.debug("gateway.without", error=str(error))
            return fallback

    # What makes remembered values stale.

    def _observe(self, told: Signal) -> None:
        match told:
            case Event(kind=EventKind.MESSAGE):
                self._receipts[told.id] = told.at
                if len(self._receipts) > _RECEIPTS:
                    self._receipts.popitem(last=False)
            case Event(kind=EventKind.JOINED | EventKind.LEFT):
                self._forget_room(told.room_id)
            case Event(kind=EventKind.TOPIC):
                self._rooms.drop(told.room_id)
            case Event(kind=EventKind.FRIENDSHIP) | Dirty(kind=DirtyKind.FRIENDSHIP):
                self._contacts.clear()
            case Dirty(kind=DirtyKind.CONTACT):
                self._contacts.drop(told.id)
                self._members.drop_if(lambda key: key[1] == told.id)
            case Dirty(kind=DirtyKind.ROOM):
                self._rooms.drop(told.id)
            case Dirty(kind=DirtyKind.ROOM_MEMBER):
                # The id is the room's, alone or joined with the member's in one of several ways.
                self._members.drop_if(lambda key: key[0] in told.id)
                self._rooms.drop_if(lambda room_id: room_id in told.id)

    def _forget_room(self, room_id: str) -> None:
        self._rooms.drop(room_id)
        self._members.drop_if(lambda key: key[0] == room_id)

    def _forget_all(self) -> None:
        self._rooms.clear()
        self._contacts.clear()
        self._members.clear()


def _same(one: str, other: str) -> bool:
    return one.replace("\r\n", "\n").strip() == other.replace("\r\n", "\n").strip()


def _stale(what: str) -> GatewayError:
    return StaleVerification(
        f"the gateway said yes, but the {what} did not change",
        "change it by hand in WeChat, or ask the gateway's provider whether it supports this call",
    )
