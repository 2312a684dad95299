"""Where the bot stands: connected or blind, in which rooms, under which name.

Reacts to every event that is no message. A time without a connection is recorded ("blind from … to …"), because
a gateway replays nothing: what was said then was judged by nobody.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from structlog.typing import FilteringBoundLogger

from bot.clock import Clock
from bot.errors import GatewayError
from bot.gateway.port import Event, EventKind, Gateway
from bot.pipeline.friends import Friends
from bot.pipeline.notice import shown
from bot.pipeline.places import Place, Places
from bot.pipeline.relogin import Relogin
from storage.session import Storage

ALIVE = "alive_at"
FIRST_START = "first_start"
NAMED = 20


class Presence:
    """Keeps track of connection and rooms.

    Args:
        places: gives the present places.
        opened: called after each login, before later messages are taken.
        closed: called when the connection is lost.
    """

    def __init__(
        self,
        gateway: Gateway,
        storage: Storage,
        friends: Friends,
        relogin: Relogin,
        places: Callable[[], Places],
        opened: Callable[[], Awaitable[None]],
        closed: Callable[[], None],
        clock: Clock,
        log: FilteringBoundLogger,
    ) -> None:
        self._gateway = gateway
        self._storage = storage
        self._friends = friends
        self._relogin = relogin
        self._places = places
        self._opened = opened
        self._closed = closed
        self._clock = clock
        self._log = log
        self._warned_of_rooms = False
        self.online = False
        self.since: datetime | None = None
        self.names: frozenset[str] = frozenset()
        self.supervision = ""

    async def begin(self) -> None:
        """Note that the bot has started: since its last sign of life it was blind; a fresh database missed nothing."""
        now = self._clock.now()
        async with self._storage.unit() as unit:
            first = await unit.meta.get(FIRST_START)
            if first is None:
                await unit.meta.set(FIRST_START, now.isoformat())
            alive = await unit.meta.get(ALIVE)
            if alive is not None and await unit.blind.open() is None:
                await unit.blind.begin(datetime.fromisoformat(alive), "the bot was not running")

    async def alive(self) -> None:
        """Leave a sign of life, from which the next start knows how long nobody was on guard."""
        if not self.online:
            return
        async with self._storage.unit() as unit:
            await unit.meta.set(ALIVE, self._clock.now().isoformat())

    async def react(self, event: Event) -> None:
        """Take one event that is no message."""
        if event.kind is EventKind.ONLINE:
            await self._online(event)
        elif event.kind is EventKind.OFFLINE:
            await self._offline(event)
        elif event.kind is EventKind.FRIENDSHIP:
            await self._friends.react(event)
        elif event.kind is EventKind.TOPIC or self._gateway.self_id in event.contact_ids:
            await self._look_around()

    async def _online(self, event: Event) -> None:
        self.online = True
        self.since = self.since or event.at
        async with self._storage.unit() as unit:
            await unit.blind.end(event.at)
            await unit.meta.set(ALIVE, event.at.isoformat())
        await self._look_around()
        self._log.info("on guard", account=self._gateway.self_id)
        await self._opened()

    async def _offline(self, event: Event) -> None:
        if not self.online:
            self._log.warning("the gateway can't be reached, waiting for it", reason=event.text)
            return
        self.online = False
        self._closed()
        async with self._storage.unit() as unit:
            await unit.blind.begin(event.at, event.text or "the gateway was lost")
        self._log.warning("blind: the gateway is gone, waiting for it", reason=event.text)

    async def _look_around(self) -> None:
        """Learn the account's rooms and its own name; ids that changed on a re-login are bound anew."""
        try:
            rooms = await self._gateway.rooms()
            own = await self._gateway.member("", self._gateway.self_id)
        except GatewayError as failure:
            self._log.warning(
                "rooms could not be listed, they are learnt from messages", failure=str(failure)
            )
            return
        places = self._places()
        self.names = frozenset({own.name}) if own and own.name else frozenset()
        self.supervision = next(
            (room.id for room in rooms if places.of(room.id, room.topic) is Place.SUPERVISION), ""
        )
        try:
            await self._relogin.recognise(rooms, self.supervision)
        except GatewayError as failure:
            self._log.warning("members could not be listed", failure=str(failure))
        guarded = [room for room in rooms if places.of(room.id, room.topic) is Place.GUARDED]
        if places.guard_all and not self._warned_of_rooms:
            self._warned_of_rooms = True
            self._log.warning(
                "every room of this account is guarded; set rooms.guard to listed and name the rooms",
                rooms=[shown(room.topic) or room.id for room in guarded[:NAMED]],
                count=len(guarded),
            )
