"""Where the bot stands: connected or blind, in which rooms, under which names.

Reacts to every event that is no message. A time without a connection is recorded ("blind from … to …"), because
a gateway replays nothing: what was said then was judged by nobody.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TypeVar

from structlog.typing import FilteringBoundLogger

from bot.clock import Clock
from bot.errors import GatewayError
from bot.gateway.port import Event, EventKind, Listener, RoomInfo
from bot.pipeline.friends import Friends
from bot.pipeline.notice import SUPERVISION, shown
from bot.pipeline.patience import patiently
from bot.pipeline.places import Pins, Place, Places
from bot.pipeline.relogin import Relogin
from bot.texts import Texts
from storage.records import Outgoing, Room
from storage.session import Storage, UnitOfWork

T = TypeVar("T")

ALIVE = "alive_at"
FIRST_START = "first_start"
NAMED = 20
NEWCOMERS = 500
LOOK_AGAIN_SECONDS = 1.0
LOOK_AGAIN_AT_MOST_SECONDS = 256.0


class Presence:
    """Keeps track of connection and rooms.

    Args:
        friends: decides on friend requests; ``None``: they are left to people.
    """

    def __init__(
        self,
        gateway: Listener,
        storage: Storage,
        friends: Friends | None,
        relogin: Relogin,
        pins: Pins,
        texts: Texts,
        clock: Clock,
        log: FilteringBoundLogger,
    ) -> None:
        self._gateway = gateway
        self._storage = storage
        self._friends = friends
        self._relogin = relogin
        self._pins = pins
        self._texts = texts
        self._opened: Callable[[], Awaitable[None]] | None = None
        self._closed: Callable[[], None] | None = None
        self._looked: Callable[[], None] | None = None
        self._clock = clock
        self._log = log
        self._warned_of_rooms = False
        self._settled = False
        self._rooms: Sequence[RoomInfo] | None = None
        self._newcomers: deque[Event] = deque(maxlen=NEWCOMERS)
        self.places: Places = pins.unsettled
        self._moved = ""
        self.online = False
        self.since: datetime | None = None
        self.names: frozenset[str] = frozenset()

    def follow(
        self,
        *,
        opened: Callable[[], Awaitable[None]],
        closed: Callable[[], None],
        looked: Callable[[], None],
    ) -> None:
        """Say whom to call: ``opened`` after each login, once rooms and people are known again, ``closed`` at a loss.

        ``looked`` is called whenever the rooms were learnt anew: ids may mean others since.
        """
        self._opened, self._closed, self._looked = opened, closed, looked

    @property
    def supervision(self) -> str:
        """Gateway id of the supervision room; empty while there is none."""
        return self.places.supervision

    def guards(self, room: Room) -> bool:
        """Whether the account is in a room, as far as it is known, and on guard there."""
        there = self._rooms is None or any(one.id == room.gateway_id for one in self._rooms)
        return there and self.places.of(room.gateway_id, room.topic) is Place.GUARDED

    async def begin(self) -> None:
        """Note that the bot has started: since its last sign of life it was blind; a new database missed nothing."""
        now = self._clock.now()

        async def note(unit: UnitOfWork) -> None:
            if await unit.meta.get(FIRST_START) is None:
                await unit.meta.set(FIRST_START, now.isoformat())
            alive = await unit.meta.get(ALIVE)
            if alive is not None and await unit.blind.open() is None:
                await unit.blind.begin(datetime.fromisoformat(alive), "the bot was not running")

        await self._write(note)

    async def alive(self) -> None:
        """Leave a sign of life, from which the next start knows how long nobody was on guard."""
        if self.online:
            now = self._clock.now()
            await self._write(lambda unit: unit.meta.set(ALIVE, now.isoformat()))

    async def look_again(self) -> None:
        """Learn the rooms if that has failed so far, and tell the supervisors' former room of a new one."""
        if self._moved:
            now, text = self._clock.now(), self._texts.render("operator.supervision_moved")
            row = Outgoing(self._moved, text, now, now, kind="alert", unique=f"moved {self._moved} {now:%F}")
            await self._write(lambda unit: unit.outbox.add([row]))
            self._moved = ""
        if self.online and not self._settled:
            await self._look_around()

    async def react(self, event: Event) -> None:
        """Take one event that is no message."""
        if event.kind is EventKind.ONLINE:
            await self._online(event)
        elif event.kind is EventKind.OFFLINE:
            await self._offline(event)
        elif event.kind is EventKind.FRIENDSHIP:
            if self._friends is not None:
                await self._friends.react(event)
        elif event.kind is EventKind.TOPIC:
            await self._renamed(event)
            await self._look_around()
        elif self._gateway.self_id in event.contact_ids:
            await self._look_around()
        elif event.kind is EventKind.LEFT:
            await self._left(event)
        elif event.kind is EventKind.JOINED:
            self._newcomers.append(event)

    def newcomers(self) -> list[Event]:
        """Who has come into which room since this was last asked; of very many only the latest."""
        found, self._newcomers = list(self._newcomers), deque(maxlen=NEWCOMERS)
        return found

    async def _online(self, event: Event) -> None:
        self.online = True
        self.since = self.since or event.at

        async def note(unit: UnitOfWork) -> None:
            await unit.blind.end(event.at)
            await unit.meta.set(ALIVE, event.at.isoformat())

        await self._write(note)
        # Judging before rooms and people are recognised could give one person two records.
        wait = LOOK_AGAIN_SECONDS
        while not await self._look_around() and wait <= LOOK_AGAIN_AT_MOST_SECONDS:
            await self._clock.sleep(wait)
            wait *= 2
        self._log.info("on guard", account=self._gateway.self_id)
        if self._opened is not None:
            await self._opened()

    async def _offline(self, event: Event) -> None:
        if not self.online:
            self._log.warning("the gateway can't be reached, waiting for it", reason=event.text)
            return
        self.online = False
        self._settled = False
        if self._closed is not None:
            self._closed()
        await self._write(lambda unit: unit.blind.begin(event.at, event.text or "the gateway was lost"))
        self._log.warning("blind: the gateway is gone, waiting for it", reason=event.text)

    async def _left(self, event: Event) -> None:
        now = self._clock.now()

        async def note(unit: UnitOfWork) -> None:
            if (room := await unit.rooms.by_gateway(event.room_id)) is not None:
                for contact_id in event.contact_ids:
                    await unit.people.left(room.key, contact_id, now)

        await self._write(note)

    async def _renamed(self, event: Event) -> None:
        """A guarded room that changes its name stays guarded; the supervisors are told."""
        if event.room_id not in self.places.pinned and event.room_id != self.places.supervision:
            return
        now = self._clock.now()
        text = self._texts.render("operator.room_renamed", topic=shown(event.text))
        self._log.warning("a kept room was renamed and stays what it was", room=event.room_id)
        await self._write(lambda unit: unit.outbox.add([Outgoing(SUPERVISION, text, now, now, kind="alert")]))

    async def _look_around(self) -> bool:
        """Learn the account's rooms and names; ids that changed on a re-login are bound anew. Whether it worked."""
        try:
            rooms = await self._gateway.rooms()
            await self._relogin.recognise(rooms)
            self.names = await self._own_names(rooms)
        except GatewayError as failure:
            self._settled = False
            self._log.warning("rooms could not be listed, asked again soon", failure=str(failure))
            return False
        self._rooms = rooms
        self.places = await self._settle(rooms)
        self._settled = True
        if self._looked is not None:
            self._looked()
        guarded = [room for room in rooms if self.places.of(room.id, room.topic) is Place.GUARDED]
        if self.places.guard_all and not self._warned_of_rooms:
            self._warned_of_rooms = True
            self._log.warning(
                "every room of this account is guarded; set rooms.guard to listed and name the rooms",
                rooms=[shown(room.topic) or room.id for room in guarded[:NAMED]],
                count=len(guarded),
            )
        return True

    async def _settle(self, rooms: Sequence[RoomInfo]) -> Places:
        """The places; from the beginning if other rooms were configured meanwhile."""
        while True:
            pins = self._pins
            places = await self.foresee(pins, rooms)
            if pins is self._pins:
                return places

    async def foresee(self, pins: Pins, rooms: Sequence[RoomInfo] | None = None) -> Places:
        """The places that these pins would give, among the rooms that were seen last."""
        known = self._rooms if rooms is None else rooms
        if known is None:
            return pins.unsettled
        return await self._write(lambda unit: pins.settle(unit, known))

    def adopt(self, pins: Pins, places: Places) -> None:
        """Keep to other rooms from now on: the places as they were foreseen, until the rooms are listed again."""
        if self.places.supervision and places.supervision != self.places.supervision:
            self._moved = self.places.supervision
        self._pins, self.places = pins, places
        self._settled = self._warned_of_rooms = False
        if self._looked is not None:
            self._looked()

    async def _own_names(self, rooms: Sequence[RoomInfo]) -> frozenset[str]:
        """Under which names the bot may be mentioned: its own, and its nicknames in the rooms."""
        places = [RoomInfo("", ""), *rooms]
        own = await asyncio.gather(
            *(self._gateway.member(room.id, self._gateway.self_id) for room in places[: NAMED * 10])
        )
        return frozenset(name for one in own if one for name in (one.name, one.alias) if name)

    async def _write(self, work: Callable[[UnitOfWork], Awaitable[T]]) -> T:
        async def once() -> T:
            async with self._storage.unit() as unit:
                return await work(unit)

        return await patiently(once, self._clock, self._log)
