"""A small world of WeChat: people, rooms and what they say to each other, seen from one account.

It knows nothing of gRPC and nothing of the bot: others drive it through methods named after what people do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import count
from typing import TypeVar

from bot.clock import Clock, SystemClock
from bot.errors import GatewayRefused
from bot.gateway.port import Event, EventKind
from bot.gateway.simulator.nouns import Card, Friendship, Person, Posted, Room
from rules.core.model import MessageType

MENTION_END = "\u2005"  # what WeChat puts behind the name of somebody who is mentioned

T = TypeVar("T")


def _known(things: Mapping[str, T], key: str, what: str) -> T:
    try:
        return things[key]
    except KeyError:
        raise LookupError(f"no payload found for id {key!r}: there is no such {what}") from None


class World:
    """The people, rooms and messages around one account, and what the others do there.

    The methods are plain and take effect at once; call them from the event loop. Unknown ids raise
    ``LookupError``; what WeChat would not carry raises :class:`GatewayRefused`.

    Attributes:
        self_id: the contact id of our account.
        online: whether it is logged in.
        people, rooms, messages, friendships: what there is, by id.
    """

    def __init__(self, *, clock: Clock | None = None, self_id: str = "bot", name: str = "群管家") -> None:
        self.clock: Clock = clock or SystemClock()
        self.self_id = self_id
        self.online = True
        self.people: dict[str, Person] = {}
        self.rooms: dict[str, Room] = {}
        self.messages: dict[str, Posted] = {}
        self.friendships: dict[str, Friendship] = {}
        self._aliases: dict[tuple[str, str], str] = {}
        self._listeners: list[Callable[[Event], None]] = []
        # Ids stay unique over restarts of a world whose clock goes on, and are the same in every replay.
        self._ids = count(int(self.clock.now().timestamp()) * 1_000_000 + 1)
        self.contact(self_id, name)

    def listen(self, listener: Callable[[Event], None]) -> None:
        """Have every event that our account would receive handed to ``listener``, in order."""
        self._listeners.append(listener)

    # ---- what there is

    def contact(self, contact_id: str, name: str, friend: bool = True) -> str:
        """Put a person into the world, or change their name or friendship; returns the id."""
        known = self.people.get(contact_id)
        self.people[contact_id] = Person(contact_id, name, friend, known.remark if known else "")
        return contact_id

    def room(self, room_id: str, topic: str, member_ids: Iterable[str], owner: str = "") -> str:
        """Open a room; our account is always in it, and owns it if nobody else does. Returns the id."""
        members = tuple(dict.fromkeys((self.self_id, *member_ids)))
        for member in (*members, owner or self.self_id):
            self.person(member)
        self.rooms[room_id] = Room(room_id, topic, owner or self.self_id, members)
        return room_id

    def alias(self, room: str, contact: str, text: str) -> None:
        """Give a member another nickname in a room. WeChat sends no event for that."""
        self.member(room, contact)
        self._aliases[room, contact] = text

    def alias_of(self, room: str, contact: str) -> str:
        """A member's nickname in a room, empty if none is set."""
        return self._aliases.get((room, contact), "")

    def at(self, room: str, contact: str) -> str:
        """How a mention of a member looks in the text of a message."""
        return f"@{self.alias_of(room, contact) or self.person(contact).name}{MENTION_END}"

    def person(self, contact_id: str) -> Person:
        """A person by id."""
        return _known(self.people, contact_id, "contact")

    def member(self, room: str, contact: str) -> Person:
        """A member of a room."""
        if contact not in self.place(room).member_ids:
            raise LookupError(f"no payload found for id {contact!r}: no such member of room {room!r}")
        return self.person(contact)

    def place(self, room_id: str) -> Room:
        """A room by id."""
        return _known(self.rooms, room_id, "room")

    def own_rooms(self) -> list[str]:
        """The ids of the rooms our account is in."""
        return [room.id for room in self.rooms.values() if self.self_id in room.member_ids]

    def posted(self, message_id: str) -> Posted:
        """A message by id."""
        return _known(self.messages, message_id, "message")

    def friendship(self, friendship_id: str) -> Friendship:
        """A friend request or confirmation by id."""
        return _known(self.friendships, friendship_id, "friendship")

    # ---- what the others do

    def say(
        self,
        place: str,
        contact: str,
        text: str,
        mentions: Iterable[str] = (),
        type: MessageType = MessageType.TEXT,  # noqa: A002 - as the port and the rules call it
        sent_at: datetime | None = None,
        card: Card | None = None,
    ) -> str:
        """Somebody says something in a room, or privately to our account (``place`` is a contact then).

        Links and mini-programs show ``card``, or else the card of ``text`` (see :meth:`Card.of`).
        Our own account may speak too: somebody typed on its phone. Returns the message's id.
        """
        if place in self.rooms:
            self.member(place, contact)
        elif not self.person(contact).friend:
            raise GatewayRefused(f"{contact!r} is not a friend of the account: no private chat")
        if type in (MessageType.URL, MessageType.MINI_PROGRAM):
            card = card or Card.of(text)
            text = card.text if type is MessageType.URL else replace(card, url="").text
        if type is MessageType.CONTACT:
            self.person(text)
        room_id = place if place in self.rooms else ""
        listener = "" if room_id else (place if contact == self.self_id else self.self_id)
        return self._post(
            Posted(
                id=self._new_id(),
                room_id=room_id,
                sender_id=contact,
                listener_id=listener,
                text=text,
                type=type,
                sent_at=sent_at or self.clock.now(),
                mentions=tuple(mentions),
                card=card,
            )
        )

    def recall(self, message_id: str) -> str:
        """A sender takes a message back: a message of type recalled whose text is the id of the first."""
        first = self.posted(message_id)
        notice = replace(
            first,
            id=self._new_id(),
            text=message_id,
            type=MessageType.RECALLED,
            sent_at=self.clock.now(),
            mentions=(),
            card=None,
        )
        return self._post(notice)

    def join(self, room: str, *contacts: str, by: str = "") -> None:
        """People come into a room, brought by a member (the owner, if not said)."""
        before = self.place(room)
        for contact in contacts:
            self.person(contact)
        self.rooms[room] = replace(before, member_ids=tuple(dict.fromkeys((*before.member_ids, *contacts))))
        self._happen(EventKind.JOINED, room_id=room, contact_ids=contacts, actor_id=by or before.owner_id)

    def leave(self, room: str, *contacts: str, by: str = "") -> None:
        """People leave a room, by themselves or removed by a member. Their nickname there goes with them."""
        for contact in contacts:
            self.member(room, contact)
            self._aliases.pop((room, contact), None)
        before = self.place(room)
        stay = tuple(member for member in before.member_ids if member not in contacts)
        self.rooms[room] = replace(before, member_ids=stay)
        self._happen(EventKind.LEFT, room_id=room, contact_ids=contacts, actor_id=by or contacts[0])

    def topic(self, room: str, text: str, by: str = "") -> None:
        """A member gives a room another name."""
        before = self.place(room)
        self.rooms[room] = replace(before, topic=text, former_topic=before.topic)
        self._happen(EventKind.TOPIC, room_id=room, actor_id=by or before.owner_id, text=text)

    def befriend_request(self, contact: str, hello: str = "") -> str:
        """Somebody asks to become a contact of our account; returns the friendship's id."""
        return self._befriend(Friendship(self._new_id(), self.person(contact).id, hello))

    def logout(self, reason: str = "logged out") -> None:
        """The account is logged out: nothing reaches it any more, and it can do nothing."""
        self._happen(EventKind.OFFLINE, about=self.self_id, text=reason)
        self.online = False

    def login(self) -> None:
        """The account is logged in (again)."""
        self.online = True
        self._happen(EventKind.ONLINE, about=self.self_id)

    def relogin(self, ids: Mapping[str, str]) -> None:
        """Log out and in again; WeChat then gives contacts and rooms other ids (``ids``: old to new).

        Earlier messages keep the ids they were sent with.
        """
        self.logout("logged out to log in again")

        def new(old: str) -> str:
            return ids.get(old, old)

        self.self_id = new(self.self_id)
        self.people = {new(p.id): replace(p, id=new(p.id)) for p in self.people.values()}
        self.rooms = {
            new(r.id): replace(
                r, id=new(r.id), owner_id=new(r.owner_id), member_ids=tuple(map(new, r.member_ids))
            )
            for r in self.rooms.values()
        }
        self._aliases = {(new(room), new(who)): text for (room, who), text in self._aliases.items()}
        self.friendships = {
            key: replace(f, contact_id=new(f.contact_id)) for key, f in self.friendships.items()
        }
        self.login()

    # ---- inside

    def _new_id(self) -> str:
        return str(next(self._ids))

    def _post(self, message: Posted) -> str:
        self.messages[message.id] = message
        self._happen(EventKind.MESSAGE, about=message.id)
        return message.id

    def _befriend(self, friendship: Friendship) -> str:
        self.friendships[friendship.id] = friendship
        self._happen(EventKind.FRIENDSHIP, about=friendship.id)
        return friendship.id

    def _happen(
        self,
        kind: EventKind,
        *,
        about: str = "",
        room_id: str = "",
        contact_ids: tuple[str, ...] = (),
        actor_id: str = "",
        text: str = "",
    ) -> None:
        event = Event(kind, self.clock.now(), about, room_id, contact_ids, actor_id, text)
        for listener in self._listeners:
            listener(event)
