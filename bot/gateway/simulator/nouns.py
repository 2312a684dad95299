"""What the simulated world is made of: frozen values for what there is, and for what the bot did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from rules.core.model import MessageType


@dataclass(frozen=True, slots=True)
class Person:
    """A WeChat account; ``remark`` is what our account calls it."""

    id: str
    name: str
    friend: bool = True
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Room:
    """A group. ``former_topic`` is what it was called before its last change of name."""

    id: str
    topic: str
    owner_id: str
    member_ids: tuple[str, ...]
    former_topic: str = ""
    announcement: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """What a link or a mini-program shows."""

    title: str
    description: str = ""
    url: str = ""

    @property
    def text(self) -> str:
        """Title, description and url, a line each, as far as they are there."""
        return "\n".join(part for part in (self.title, self.description, self.url) if part)

    @classmethod
    def of(cls, text: str) -> Card:
        """The card that shows ``text``: its first line is the title, a last line with ``://`` the url."""
        title, *rest = text.split("\n")
        url = rest.pop() if rest and "://" in rest[-1] else ""
        return cls(title, "\n".join(rest), url)


@dataclass(frozen=True, slots=True)
class Posted:
    """One message in a room, or in a private chat with our account (``room_id`` is empty then).

    ``text`` is what the message says: for links and mini-programs what the card shows, for files the name,
    for a contact's card the contact's id, for a recall the id of the message that was taken back.
    """

    id: str
    room_id: str
    sender_id: str
    listener_id: str
    text: str
    type: MessageType
    sent_at: datetime
    mentions: tuple[str, ...] = ()
    card: Card | None = None


@dataclass(frozen=True, slots=True)
class Friendship:
    """A request to become a contact, or (``confirms``) the word that somebody is one now."""

    id: str
    contact_id: str
    hello: str = ""
    confirms: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """The bot said something to a room or a contact."""

    conversation_id: str
    text: str
    mentions: tuple[str, ...]
    message_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Added:
    """The bot brought a contact into a room."""

    room_id: str
    contact_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Removed:
    """The bot removed a contact from a room."""

    room_id: str
    contact_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Announced:
    """The bot set a room's announcement."""

    room_id: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Renamed:
    """The bot gave a room another name."""

    room_id: str
    topic: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Accepted:
    """The bot accepted a friend request."""

    friendship_id: str
    contact_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Recalled:
    """The bot took back a message of its own."""

    message_id: str
    at: datetime


Deed = Sent | Added | Removed | Announced | Renamed | Accepted | Recalled
