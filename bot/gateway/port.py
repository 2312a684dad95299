"""The gateway as the bot sees it: bare events in, a handful of calls out.

Everything behind this protocol (gRPC, the simulator, a python-wechaty bot) is replaceable; only
``bot.compose`` knows which one it is. Every value here is frozen, and every text in it is hostile input.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from rules.core.model import MessageType


class EventKind(StrEnum):
    """What the bot reacts to; everything else that a gateway may emit is dropped (and counted) in the adapter."""

    MESSAGE = "message"
    ONLINE = "online"  # logged in and receiving; also after every reconnect
    OFFLINE = "offline"  # the stream broke, ended or the account logged out
    JOINED = "joined"
    LEFT = "left"
    TOPIC = "topic"
    FRIENDSHIP = "friendship"


@dataclass(frozen=True, slots=True)
class Event:
    """One bare event, without any payload that would need another call.

    Attributes:
        kind: what happened.
        id: the message id (``MESSAGE``), the friendship id (``FRIENDSHIP``) or the account's id (``ONLINE``).
        at: when it was received, UTC; for ``OFFLINE`` since when nothing can have been received.
        room_id: for ``JOINED``, ``LEFT`` and ``TOPIC``.
        contact_ids: who joined or left.
        actor_id: who invited, removed or renamed; empty if unknown.
        text: the new topic (``TOPIC``) or why we are offline (``OFFLINE``).
    """

    kind: EventKind
    at: datetime
    id: str = ""
    room_id: str = ""
    contact_ids: tuple[str, ...] = ()
    actor_id: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class IncomingMessage:
    """A message with everything that judging needs, as the gateway told it.

    Attributes:
        room_id: empty for a private chat.
        room_topic: the room's name; empty if it has none (or for a private chat), ``None`` if the gateway
            could not tell it just now: what is known from before still holds.
        sender_name: the sender's own WeChat name; empty if it is not known just now.
        sender_alias: the nickname in this room; empty if none is set (or for a private chat), ``None`` if
            the gateway could not tell it just now: what is known from before still holds.
        sent_at: when it was sent, UTC; the time of receipt where the gateway's value is unusable.
        mentions: contact ids, as far as the gateway told them.
    """

    id: str
    room_id: str
    room_topic: str | None
    sender_id: str
    sender_name: str
    sender_alias: str | None
    type: MessageType
    text: str
    sent_at: datetime
    mentions: tuple[str, ...] = ()
    is_friend: bool = False


@dataclass(frozen=True, slots=True)
class RoomInfo:
    """A room the account is in."""

    id: str
    topic: str
    owner_id: str = ""
    member_ids: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class MemberInfo:
    """One contact; ``alias`` is the nickname in the room that was asked about, empty for none."""

    id: str
    name: str
    alias: str = ""
    is_friend: bool = False


@dataclass(frozen=True, slots=True)
class FriendRequest:
    """Somebody asks to become a contact of the account."""

    id: str
    contact_id: str
    hello: str = ""


class Listener(Protocol):
    """What can be heard and asked of one WeChat account behind one gateway; nothing here has an effect on anybody.

    Calls raise :class:`bot.errors.GatewayUnavailable` when trying again later makes sense,
    :class:`bot.errors.GatewayRefused` when it does not, and :class:`bot.errors.TokenRejected` for a token
    that is not accepted. No call hangs: each has a deadline.
    """

    @property
    def self_id(self) -> str:
        """The account's own contact id; empty until the first ``ONLINE``."""
        ...

    def events(self) -> AsyncIterator[Event]:
        """Events in order of receipt, for as long as the bot runs; reconnects by itself.

        Raises:
            TokenRejected: the gateway will never let us in with this token.
        """
        ...

    async def message(self, message_id: str, received_at: datetime | None = None) -> IncomingMessage | None:
        """The payload of a message; ``None`` for one the bot sent itself or that no longer exists.

        Args:
            received_at: when it was announced, where that is known: it stands in for a time that makes no sense.

        Raises:
            GatewayUnavailable: it did not come within the deadline; ask again later.
        """
        ...

    async def rooms(self) -> Sequence[RoomInfo]:
        """Every room the account is in, members included.

        Raises:
            GatewayUnavailable: the list or one of its rooms can't be read now; a list never has gaps.
        """
        ...

    async def member(self, room_id: str, contact_id: str) -> MemberInfo | None:
        """One member of a room (``room_id`` empty: the contact by itself); ``None`` if not found."""
        ...

    async def friend_request(self, friendship_id: str) -> FriendRequest | None:
        """The payload of a friend request; ``None`` if the event was something else (a confirmation)."""
        ...

    async def ding(self, data: str) -> None:
        """Ask the gateway for a sign of life (the answer shows as traffic).

        Each gateway does so by itself while its events are read: one that fails to answer as it used to is
        ``OFFLINE``, although its connection may stand.
        """
        ...

    async def close(self) -> None:
        """End the event stream and the connection. Never logs the account out and never stops its puppet."""
        ...


class Speaker(Protocol):
    """Everything that the account can do: what is not handed one of these has no way to act.

    Calls raise what those of :class:`Listener` do, :class:`bot.errors.GatewayFault` when the gateway answered with a
    failure of its own, and :class:`bot.errors.GatewayUncertain` when the request had gone out and no answer came:
    it may have had its effect.
    """

    async def say(self, conversation_id: str, text: str, mentions: Sequence[str] = ()) -> str:
        """Send text to a room or a contact; returns the new message's id, empty if the gateway tells none."""
        ...

    async def announce(self, room_id: str, text: str) -> None:
        """Set the group announcement and verify it by reading it back.

        Raises:
            StaleVerification: the gateway said yes, but the announcement did not change.
        """
        ...

    async def add_member(self, room_id: str, contact_id: str) -> None:
        """Invite a contact into a room."""
        ...

    async def remove_member(self, room_id: str, contact_id: str) -> None:
        """Remove a contact from a room."""
        ...

    async def accept_friend(self, friendship_id: str) -> None:
        """Accept a friend request."""
        ...


DEEDS = frozenset(name for name, member in vars(Speaker).items() if inspect.iscoroutinefunction(member))
"""The names of everything in :class:`Speaker`."""


class Gateway(Listener, Speaker, Protocol):
    """One WeChat account behind one gateway, with everything that it hears and can do."""
