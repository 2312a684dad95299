"""What our own account does in the simulated world, and the record of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import replace

from bot.clock import Clock
from bot.errors import GatewayRefused
from bot.gateway.simulator.nouns import (
    Accepted,
    Added,
    Announced,
    Deed,
    Friendship,
    Recalled,
    Removed,
    Renamed,
    Sent,
)
from bot.gateway.simulator.world import World


class Account(World):
    """A world in which the bot acts: the ``bot_…`` methods are its deeds, and every one is recorded.

    Attributes:
        deeds: everything the bot did, in order.
        sent: what it said; ``added``, ``removed`` … are further parts of its deeds.
    """

    def __init__(self, *, clock: Clock | None = None, self_id: str = "bot", name: str = "群管家") -> None:
        super().__init__(clock=clock, self_id=self_id, name=name)
        self.deeds: list[Deed] = []
        self.sent: list[Sent] = []
        self._observers: list[Callable[[Deed], None]] = []
        self._handed_out = 0
        self._something_sent = asyncio.Event()

    # ---- watching

    def observe(self, observer: Callable[[Deed], None]) -> None:
        """Have every deed of the bot handed to ``observer`` as it happens."""
        self._observers.append(observer)

    @property
    def added(self) -> list[Added]:
        """Whom the bot brought into rooms."""
        return [deed for deed in self.deeds if isinstance(deed, Added)]

    @property
    def removed(self) -> list[Removed]:
        """Whom the bot removed from rooms."""
        return [deed for deed in self.deeds if isinstance(deed, Removed)]

    @property
    def announced(self) -> list[Announced]:
        """The announcements the bot set."""
        return [deed for deed in self.deeds if isinstance(deed, Announced)]

    @property
    def accepted(self) -> list[Accepted]:
        """The friend requests the bot accepted."""
        return [deed for deed in self.deeds if isinstance(deed, Accepted)]

    async def next_sent(self, within: float = 5.0) -> Sent:
        """The first thing the bot said that this method has not returned yet; waits for it in real time.

        Raises:
            TimeoutError: nothing more was said within so many seconds.
        """
        try:
            async with asyncio.timeout(within):
                while self._handed_out >= len(self.sent):
                    self._something_sent.clear()
                    await self._something_sent.wait()
        except TimeoutError:
            raise TimeoutError(f"the bot said nothing more within {within:g} s") from None
        self._handed_out += 1
        return self.sent[self._handed_out - 1]

    # ---- what the bot does

    def bot_says(self, conversation_id: str, text: str, mentions: Iterable[str] = ()) -> str:
        """The bot speaks in a room or to a contact; returns the message's id.

        Raises:
            GatewayRefused: the account is not in that room, or not a friend of that contact.
        """
        self._must_be_online()
        if conversation_id in self.rooms:
            self._must_be_in(conversation_id)
        elif not self.person(conversation_id).friend:
            raise GatewayRefused(f"{conversation_id!r} is not a friend of the account: no private chat")
        message_id = self.say(conversation_id, self.self_id, text, mentions)
        self._done(Sent(conversation_id, text, tuple(mentions), message_id, self.clock.now()))
        return message_id

    def bot_adds(self, room: str, contact: str) -> None:
        """The bot brings a contact into a room."""
        self._must_be_in(room)
        self.join(room, contact, by=self.self_id)
        self._done(Added(room, contact, self.clock.now()))

    def bot_removes(self, room: str, contact: str) -> None:
        """The bot removes a member from a room."""
        self._must_be_in(room)
        self.leave(room, contact, by=self.self_id)
        self._done(Removed(room, contact, self.clock.now()))

    def bot_announces(self, room: str, text: str) -> None:
        """The bot sets a room's announcement."""
        self._must_be_in(room)
        self.rooms[room] = replace(self.place(room), announcement=text)
        self._done(Announced(room, text, self.clock.now()))

    def bot_renames(self, room: str, topic: str) -> None:
        """The bot gives a room another name."""
        self._must_be_in(room)
        self.topic(room, topic, by=self.self_id)
        self._done(Renamed(room, topic, self.clock.now()))

    def bot_quits(self, room: str) -> None:
        """The bot leaves a room for good."""
        self._must_be_in(room)
        self.leave(room, self.self_id)
        self._done(Removed(room, self.self_id, self.clock.now()))

    def bot_remarks(self, contact: str, remark: str) -> None:
        """The bot notes what our account calls a contact; only our account sees that."""
        self._must_be_online()
        self.people[contact] = replace(self.person(contact), remark=remark)

    def bot_accepts(self, friendship_id: str) -> None:
        """The bot accepts a friend request: the contact is a friend from now on, and says so."""
        self._must_be_online()
        request = self.friendship(friendship_id)
        if request.confirms:
            raise GatewayRefused(f"friendship {friendship_id!r} is no request")
        self.people[request.contact_id] = replace(self.person(request.contact_id), friend=True)
        self._done(Accepted(friendship_id, request.contact_id, self.clock.now()))
        self._befriend(Friendship(self._new_id(), request.contact_id, confirms=True))

    def bot_recalls(self, message_id: str) -> bool:
        """The bot takes back a message; WeChat allows that for one's own only, and returns whether it did."""
        self._must_be_online()
        if self.posted(message_id).sender_id != self.self_id:
            return False
        self.recall(message_id)
        self._done(Recalled(message_id, self.clock.now()))
        return True

    # ---- inside

    def _must_be_online(self) -> None:
        if not self.online:
            raise GatewayRefused("the account is logged out")

    def _must_be_in(self, room: str) -> None:
        self._must_be_online()
        if self.self_id not in self.place(room).member_ids:
            raise GatewayRefused(f"the account is not in room {room!r}")

    def _done(self, deed: Deed) -> None:
        self.deeds.append(deed)
        if isinstance(deed, Sent):
            self.sent.append(deed)
            self._something_sent.set()
        for observer in self._observers:
            observer(deed)
