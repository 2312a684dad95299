"""A gateway in memory: the same world as the simulator's, handed over without gRPC.

``from fakes.recording import RecordingGateway``. ``gateway.world`` is driven and asked like a simulator:
``gateway.world.say(room, contact, text)``, ``gateway.world.sent``, ``await gateway.world.next_sent()``.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from typing import Literal, TypeVar

from bot.clock import Clock
from bot.errors import GatewayRefused, GatewayUnavailable, GatewayUncertain
from bot.gateway.port import DEEDS as DEEDS
from bot.gateway.port import Event, EventKind, FriendRequest, IncomingMessage, MemberInfo, RoomInfo
from bot.gateway.simulator.account import Account
from bot.gateway.simulator.nouns import Posted
from rules.core.model import MessageType

T = TypeVar("T")


class RecordingGateway:
    """Implements :class:`bot.gateway.port.Gateway` on a simulated world, and fails on demand.

    Args:
        clock, self_id, name: of the world's account.
        replay: keep what happens while offline and deliver it later; real Node gateways lose it.
        tell_mentions: whether messages name who is mentioned.

    Attributes:
        world: the people, rooms and messages, and the record of what the bot did.
        calls: how often each method of the port was called.
        lost: message ids that no longer exist for the gateway: their payload is ``None``.
        received: when each message that was asked for had been announced, as far as the asker told.
    """

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        self_id: str = "bot",
        name: str = "群管家",
        replay: bool = False,
        tell_mentions: bool = True,
    ) -> None:
        self.world = Account(clock=clock, self_id=self_id, name=name)
        self.calls: Counter[str] = Counter()
        self.lost: set[str] = set()
        self.received: dict[str, datetime | None] = {}
        self._replay = replay
        self._tell_mentions = tell_mentions
        self._connected = True
        self._closed = False
        self._waiting: deque[Event] = deque()
        self._wake = asyncio.Event()
        self._failures: dict[str, deque[Exception]] = {}
        self._lost_answers: dict[str, deque[Exception]] = {}
        self._unknown: Counter[str] = Counter()
        self._hollow: set[str] = set()
        self._withheld: dict[str, asyncio.Event] = {}
        self.world.listen(self._receive)
        self._receive(self._event(EventKind.ONLINE, self.world.self_id))

    # ---- faults

    def fail(self, call: str, error: Exception | None = None, *, times: int = 1, after: bool = False) -> None:
        """Let the next calls of a method of the port raise ``error``, by default ``GatewayUnavailable``.

        With ``after`` the deed is done first (only calls with effects), and the default is
        ``GatewayUncertain``.
        """
        if after and call not in DEEDS:
            raise ValueError(f"{call} has no effect after which it could fail")
        usual = GatewayUncertain if after else GatewayUnavailable
        error = error or usual(f"{call} fails on demand", "try again")
        failures = self._lost_answers if after else self._failures
        failures.setdefault(call, deque()).extend([error] * times)

    def hollow(self, call: str) -> None:
        """From now on a deed is taken without a complaint and has no effect, as with some puppets and stock mocks."""
        if call not in ("add_member", "remove_member"):
            raise ValueError(f"{call} always has its effect here")
        self._hollow.add(call)

    def withhold(self, message_id: str) -> None:
        """Let :meth:`message` hang for this message, until :meth:`release`."""
        self._withheld[message_id] = asyncio.Event()

    def release(self, message_id: str) -> None:
        """Answer for a withheld message after all."""
        self._withheld.pop(message_id).set()

    def hide(self, part: Literal["room_topic", "sender_alias"], *, times: int = 1) -> None:
        """Let the next payloads of room messages come without this: it is ``None``, not known just now."""
        self._unknown[part] += times

    def lose(self, message_id: str) -> None:
        """Forget a message: its payload is ``None`` from now on."""
        self.lost.add(message_id)

    def disconnect(self, why: str = "the stream broke") -> None:
        """Break the connection: calls fail, and what happens is lost (or kept, with ``replay``)."""
        self._put(self._event(EventKind.OFFLINE, self.world.self_id, why))
        self._connected = False

    def reconnect(self) -> None:
        """The connection is back."""
        self._connected = True
        self._waiting.appendleft(self._event(EventKind.ONLINE, self.world.self_id))
        self._wake.set()

    # ---- the port

    @property
    def self_id(self) -> str:
        return self.world.self_id

    async def events(self) -> AsyncIterator[Event]:
        while not self._closed:
            while self._waiting and (self._connected or self._waiting[0].kind is EventKind.OFFLINE):
                yield self._waiting.popleft()
            self._wake.clear()
            if not self._closed and not (self._waiting and self._connected):
                await self._wake.wait()

    async def message(self, message_id: str, received_at: datetime | None = None) -> IncomingMessage | None:
        self.received[message_id] = received_at
        await self._call("message")
        if (held := self._withheld.get(message_id)) is not None:
            await held.wait()
        message = self.world.messages.get(message_id)
        if message is None or message_id in self.lost or message.sender_id == self.world.self_id:
            return None
        return self._incoming(message)

    async def rooms(self) -> Sequence[RoomInfo]:
        await self._call("rooms")
        mine = [self.world.place(room_id) for room_id in self.world.own_rooms()]
        return [RoomInfo(room.id, room.topic, room.owner_id, room.member_ids) for room in mine]

    async def member(self, room_id: str, contact_id: str) -> MemberInfo | None:
        await self._call("member")
        try:
            person = self.world.member(room_id, contact_id) if room_id else self.world.person(contact_id)
        except LookupError:
            return None
        return MemberInfo(person.id, person.name, self.world.alias_of(room_id, contact_id), person.friend)

    async def say(self, conversation_id: str, text: str, mentions: Sequence[str] = ()) -> str:
        await self._call("say")
        return self._do("say", lambda: self.world.bot_says(conversation_id, text, mentions))

    async def announce(self, room_id: str, text: str) -> None:
        await self._call("announce")
        self._do("announce", lambda: self.world.bot_announces(room_id, text))

    async def add_member(self, room_id: str, contact_id: str) -> None:
        await self._call("add_member")
        if "add_member" in self._hollow:
            return
        self._do("add_member", lambda: self.world.bot_adds(room_id, contact_id))

    async def remove_member(self, room_id: str, contact_id: str) -> None:
        await self._call("remove_member")
        if "remove_member" in self._hollow:
            return
        self._do("remove_member", lambda: self.world.bot_removes(room_id, contact_id))

    async def friend_request(self, friendship_id: str) -> FriendRequest | None:
        await self._call("friend_request")
        known = self.world.friendships.get(friendship_id)
        if known is None or known.confirms:
            return None
        return FriendRequest(known.id, known.contact_id, known.hello)

    async def accept_friend(self, friendship_id: str) -> None:
        await self._call("accept_friend")
        self._do("accept_friend", lambda: self.world.bot_accepts(friendship_id))

    async def ding(self, data: str) -> None:
        await self._call("ding")

    async def close(self) -> None:
        self._closed = True
        self._wake.set()

    def reopen(self) -> None:
        """Serve another bot after :meth:`close`, as a gateway does that goes on when its client ends."""
        self._closed = False
        self._waiting.append(self._event(EventKind.ONLINE, self.world.self_id))

    # ---- inside

    async def _call(self, name: str) -> None:
        self.calls[name] += 1
        await asyncio.sleep(0)  # every call over a wire gives way to others
        if queue := self._failures.get(name):
            raise queue.popleft()
        if not self._connected or self._closed:
            raise GatewayUnavailable(f"{name}: there is no connection to the gateway", "wait for it")

    def _do(self, name: str, deed: Callable[[], T]) -> T:
        try:
            done = deed()
        except LookupError as error:
            raise GatewayRefused(str(error)) from error
        except GatewayRefused as error:
            # Real servers do not say that a refusal is final, so the client can't tell it from an outage.
            raise GatewayUnavailable(str(error)) from error
        if queue := self._lost_answers.get(name):
            raise queue.popleft()
        return done

    def _incoming(self, message: Posted) -> IncomingMessage:
        sender = self.world.person(message.sender_id)
        text = message.text
        if message.type is MessageType.CONTACT:
            text = self.world.person(text).name
        return IncomingMessage(
            id=message.id,
            room_id=message.room_id,
            room_topic=self._part(message, "room_topic", lambda room: self.world.place(room).topic),
            sender_id=sender.id,
            sender_name=sender.name,
            sender_alias=self._part(
                message, "sender_alias", lambda room: self.world.alias_of(room, sender.id)
            ),
            type=message.type,
            text=text,
            sent_at=message.sent_at,
            mentions=message.mentions if self._tell_mentions else (),
            is_friend=sender.friend,
        )

    def _part(self, message: Posted, part: str, read: Callable[[str], str]) -> str | None:
        if not message.room_id:
            return ""
        if not self._unknown[part]:
            return read(message.room_id)
        self._unknown[part] -= 1
        return None

    def _event(self, kind: EventKind, about: str, text: str = "") -> Event:
        return Event(kind, self.world.clock.now(), about, text=text)

    def _receive(self, event: Event) -> None:
        if (self._connected and self.world.online) or self._replay:
            self._put(event)

    def _put(self, event: Event) -> None:
        self._waiting.append(event)
        self._wake.set()
