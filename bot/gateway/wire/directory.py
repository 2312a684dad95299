"""Who and where: contacts, members and rooms, asked for once and remembered until they may be stale."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

from structlog.typing import FilteringBoundLogger

from bot.errors import GatewayFault, GatewayRefused, TokenRejected
from bot.gateway.port import Event, EventKind, MemberInfo, RoomInfo
from bot.gateway.wire.cache import SharedCache
from bot.gateway.wire.connection import Caller
from bot.gateway.wire.translate import Dirty, DirtyKind, Signal, identity, name

T = TypeVar("T")

_ROOMS, _CONTACTS, _MEMBERS = 2_000, 20_000, 50_000
_MEMBERS_AGE = 600.0  # no event tells of a changed alias
_OTHERS_AGE = 1800.0


class Directory:
    """What the gateway says of people and rooms; every call may raise what :meth:`Caller.call` raises."""

    def __init__(self, connection: Caller, monotonic: Callable[[], float], log: FilteringBoundLogger) -> None:
        self.counts: Counter[str] = Counter()
        self._call = connection.call
        self._log = log
        self._rooms: SharedCache[str, RoomInfo] = SharedCache(_ROOMS, _OTHERS_AGE, monotonic)
        self._rosters: SharedCache[str, tuple[str, ...]] = SharedCache(_ROOMS, _OTHERS_AGE, monotonic)
        self._contacts: SharedCache[str, MemberInfo] = SharedCache(_CONTACTS, _OTHERS_AGE, monotonic)
        self._members: SharedCache[tuple[str, str], MemberInfo] = SharedCache(
            _MEMBERS, _MEMBERS_AGE, monotonic
        )
        self._fresh: SharedCache[str, None] = SharedCache(_ROOMS, _MEMBERS_AGE, monotonic)

    async def contact(self, contact_id: str) -> MemberInfo:
        """A contact, without a nickname."""

        async def fetch() -> MemberInfo:
            told = await self._call("contact", lambda stub: stub.contact_payload(id=contact_id))
            return MemberInfo(identity(contact_id), name(told.name), is_friend=bool(told.friend))

        return await self._contacts.get(contact_id, fetch)

    async def member(self, room_id: str, contact_id: str) -> MemberInfo:
        """A member as the room knows them; whether they are a friend is not told here."""

        async def freshen() -> None:
            self._members.drop_if(lambda key: key[0] == room_id)
            await self.refresh(DirtyKind.ROOM_MEMBER, room_id)

        async def fetch() -> MemberInfo:
            told = await self._call(
                "member", lambda stub: stub.room_member_payload(id=room_id, member_id=contact_id)
            )
            return MemberInfo(identity(contact_id), name(told.name), name(told.room_alias))

        await self._fresh.get(room_id, freshen)
        return await self._members.get((room_id, contact_id), fetch)

    async def topic(self, room_id: str) -> str:
        """A room's name."""
        return (await self._room(room_id)).topic

    async def room(self, room_id: str) -> RoomInfo:
        """A room with its members."""

        async def fetch() -> tuple[str, ...]:
            told = await self._call("members", lambda stub: stub.room_member_list(id=room_id))
            return tuple(identity(member_id) for member_id in told.member_ids)

        told = await self._room(room_id)
        if told.member_ids:
            return told
        # Some puppets tell a room's members only to whoever asks for them.
        return replace(told, member_ids=await self._rosters.get(room_id, fetch))

    async def _room(self, room_id: str) -> RoomInfo:
        """A room as its payload tells it, be it without members."""

        async def fetch() -> RoomInfo:
            told = await self._call("room", lambda stub: stub.room_payload(id=room_id))
            members = tuple(identity(member_id) for member_id in told.member_ids)
            return RoomInfo(identity(room_id), name(told.topic), identity(told.owner_id), members)

        return await self._rooms.get(room_id, fetch)

    async def refresh(self, kind: DirtyKind, stale_id: str) -> None:
        """Have the gateway forget what it remembers itself: its own cache has no limit of age."""
        wanted = self._call("refresh", lambda stub: stub.dirty_payload(type=kind, id=stale_id))
        await self.otherwise(None, wanted)

    async def otherwise(self, fallback: T, wanted: Awaitable[T]) -> T:
        """``wanted``, or ``fallback`` if the gateway has no answer to it; an outage is still raised."""
        try:
            return await wanted
        except TokenRejected:
            raise
        except (GatewayFault, GatewayRefused) as error:
            self.counts["went without"] += 1
            self._log.debug("gateway.without", error=str(error))
            return fallback

    def observe(self, told: Signal) -> None:
        """Forget what an event of the stream makes stale."""
        match told:
            case Event(kind=EventKind.JOINED | EventKind.LEFT):
                self.forget_room(told.room_id)
            case Event(kind=EventKind.TOPIC):
                self.forget_topic(told.room_id)
            case Event(kind=EventKind.FRIENDSHIP) | Dirty(kind=DirtyKind.FRIENDSHIP):
                self.forget_contacts()
            case Dirty(kind=DirtyKind.CONTACT):
                self.forget_contact(told.id)
            case Dirty(kind=DirtyKind.ROOM):
                self._rosters.drop(told.id)
                self.forget_topic(told.id)
            case Dirty(kind=DirtyKind.ROOM_MEMBER):
                # The id is the room's, alone or joined with the member's in one of several ways.
                self._members.drop_if(lambda key: key[0] in told.id)
                self._rooms.drop_if(lambda room_id: room_id in told.id)
                self._rosters.drop_if(lambda room_id: room_id in told.id)

    def forget_contact(self, contact_id: str) -> None:
        """A contact has changed, and so may what rooms say of them."""
        self._contacts.drop(contact_id)
        self._members.drop_if(lambda key: key[1] == contact_id)

    def forget_contacts(self) -> None:
        """Some contact has changed, and nobody says which."""
        self._contacts.clear()

    def forget_topic(self, room_id: str) -> None:
        """A room has changed, its members have not."""
        self._rooms.drop(room_id)

    def forget_room(self, room_id: str) -> None:
        """A room and its members have changed."""
        self._rooms.drop(room_id)
        self._rosters.drop(room_id)
        self._members.drop_if(lambda key: key[0] == room_id)

    def forget_all(self) -> None:
        """Anything may have changed."""
        self._rooms.clear()
        self._rosters.clear()
        self._contacts.clear()
        self._members.clear()
        self._fresh.clear()
