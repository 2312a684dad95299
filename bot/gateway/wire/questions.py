"""What can be asked of a puppet service, 0.25 or 1.x: every call of the listening port but the events."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from structlog.typing import FilteringBoundLogger

from bot.clock import Clock
from bot.errors import Absent
from bot.gateway.port import Event, EventKind, FriendRequest, IncomingMessage, MemberInfo, RoomInfo
from bot.gateway.wire.connection import Caller
from bot.gateway.wire.directory import Directory
from bot.gateway.wire.proto import CONTACT_RECEIVE
from bot.gateway.wire.translate import (
    CARDS,
    MEDIA,
    DirtyKind,
    Signal,
    body,
    card_text,
    identity,
    message_type,
    name,
    people,
    sent_at,
)
from rules.core.model import MessageType

_RECEIPTS = 20_000  # messages whose time of receipt is remembered
_ROOMS_AT_ONCE = 8


class Questions(ABC):
    """The calls of :class:`bot.gateway.port.Listener`; whoever inherits them adds the events. None has an effect."""

    def __init__(
        self, connection: Caller, clock: Clock, log: FilteringBoundLogger, verify_seconds: float
    ) -> None:
        """
        Args:
            verify_seconds: pause between two readings when a change is verified.
        """
        self._connection: Caller = connection
        self._clock = clock
        self._log = log
        self._verify_seconds = verify_seconds
        self._directory = Directory(connection, clock.monotonic, log)
        self._receipts: OrderedDict[str, datetime] = OrderedDict()

    @property
    @abstractmethod
    def self_id(self) -> str:
        """The account's own contact id; empty while it is not known."""

    async def message(self, message_id: str, received_at: datetime | None = None) -> IncomingMessage | None:
        # What an earlier run received is asked for by this one, which has not heard of it.
        received = self._receipts.get(message_id) or received_at or self._clock.now()
        try:
            told = await self._connection.call("message", lambda stub: stub.message_payload(id=message_id))
        except Absent:
            return None
        if not told.from_id or told.from_id == self.self_id:
            return None
        kind = message_type(told.type)
        (sender, alias), topic, text = await asyncio.gather(
            self._sender(told.room_id, told.from_id),
            self._topic(told.room_id),
            self._text(message_id, kind, told.text, told.filename),
        )
        return IncomingMessage(
            id=message_id,
            room_id=identity(told.room_id),
            room_topic=topic,
            sender_id=identity(told.from_id),
            sender_name=sender.name,
            sender_alias=alias,
            type=kind,
            text=text,
            sent_at=sent_at(told.timestamp, received),
            mentions=people(told.mention_ids),
            is_friend=sender.is_friend,
        )

    async def rooms(self) -> Sequence[RoomInfo]:
        listed = await self._connection.call("rooms", lambda stub: stub.room_list())
        gate = asyncio.Semaphore(_ROOMS_AT_ONCE)

        async def one(room_id: str) -> RoomInfo | None:
            async with gate:
                try:
                    return await self._directory.room(room_id)
                except Absent:
                    return None

        # One room that can't be read fails them all: a list with gaps must never look complete.
        reading = [asyncio.ensure_future(one(room_id)) for room_id in dict.fromkeys(listed.ids)]
        try:
            found = await asyncio.gather(*reading)
        finally:
            for task in reading:
                task.cancel()
        return tuple(room for room in found if room is not None)

    async def member(self, room_id: str, contact_id: str) -> MemberInfo | None:
        try:
            if not room_id:
                return await self._directory.contact(contact_id)
            member = await self._directory.member(room_id, contact_id)
        except Absent:
            return None
        contact = await self._contact(contact_id)
        return replace(contact, name=contact.name or member.name, alias=member.alias)

    async def friend_request(self, friendship_id: str) -> FriendRequest | None:
        try:
            told = await self._connection.call(
                "friendship", lambda stub: stub.friendship_payload(id=friendship_id)
            )
        except Absent:
            return None
        if told.contact_id:
            self._directory.forget_contact(told.contact_id)
            await self._directory.refresh(DirtyKind.CONTACT, told.contact_id)
        if told.type != CONTACT_RECEIVE or not told.contact_id:
            return None
        return FriendRequest(friendship_id, identity(told.contact_id), name(told.hello))

    async def ding(self, data: str) -> None:
        await self._connection.call("ding", lambda stub: stub.ding(data=data))

    async def _sender(self, room_id: str, contact_id: str) -> tuple[MemberInfo, str | None]:
        """Who sent a message, as far as the gateway knows them, and their nickname if it can be told."""
        contact = await self._contact(contact_id)
        if not room_id:
            return contact, ""
        member = await self._directory.otherwise(None, self._directory.member(room_id, contact_id))
        if member is None:
            return contact, None
        return replace(contact, name=contact.name or member.name), member.alias

    async def _contact(self, contact_id: str) -> MemberInfo:
        blank = MemberInfo(identity(contact_id), "")
        return await self._directory.otherwise(blank, self._directory.contact(contact_id))

    async def _topic(self, room_id: str) -> str | None:
        if not room_id:
            return ""
        return await self._directory.otherwise(None, self._directory.topic(room_id))

    async def _text(self, message_id: str, kind: MessageType, text: str, filename: str) -> str:
        """What a message says; cards are asked for, media never."""
        if kind is MessageType.FILE:
            return body(filename or text)
        if kind in CARDS:
            return body(await self._directory.otherwise("", self._card(message_id, kind)) or text)
        return "" if kind in MEDIA else body(text)

    async def _card(self, message_id: str, kind: MessageType) -> str:
        call = self._connection.call
        if kind is MessageType.URL:
            link = await call("link", lambda stub: stub.link_card(message_id))
            return card_text(link.json, link.fields.title, link.fields.description, link.fields.url)
        if kind is MessageType.MINI_PROGRAM:
            card = await call("mini program", lambda stub: stub.mini_program_card(message_id))
            return card_text(card.json, card.fields.title, card.fields.description)
        shared = await call("contact card", lambda stub: stub.message_contact(id=message_id))
        return (await self._directory.contact(shared.id)).name if shared.id else ""

    def observe(self, told: Signal) -> None:
        """Note what an event of the gateway says about messages and about what is remembered."""
        self._directory.observe(told)
        if isinstance(told, Event) and told.kind is EventKind.MESSAGE:
            self._receipts[told.id] = told.at
            if len(self._receipts) > _RECEIPTS:
                self._receipts.popitem(last=False)
