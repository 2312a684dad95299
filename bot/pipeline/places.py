"""Where a message was written, as far as the bot's manners depend on it.

A room is configured by topic or id. A topic only *finds* the room, once: from then on our own key of it counts, since
any member may rename a room, or open another one under the same name.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from structlog.typing import FilteringBoundLogger

from bot.clock import Clock
from bot.gateway.port import RoomInfo
from bot.settings import RoomSettings
from storage.names import folded
from storage.records import SYSTEM, AuditEntry, Binding, Role, Room
from storage.session import UnitOfWork


class Place(StrEnum):
    """The four kinds of places; only in a guarded room is anything judged."""

    PRIVATE = "private"
    SUPERVISION = "supervision"
    GUARDED = "guarded"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True)
class Places:
    """Which rooms are guarded and which one is the supervision room.

    Attributes:
        guard_all: every room is guarded, apart from the supervision room.
        listed: topics or ids of the guarded rooms otherwise.
        pinned: gateway ids of listed rooms that were found before, whatever they are called now.
        supervision: gateway id of the supervision room; empty while there is none.
        named: what the configuration calls the rooms that have rules of their own, by our key.
    """

    guard_all: bool
    listed: Collection[str] = frozenset()
    pinned: Collection[str] = frozenset()
    supervision: str = ""
    named: Mapping[int, str] = field(default_factory=dict)

    def of(self, room_id: str, topic: str | None) -> Place:
        """The kind of a place; an empty ``room_id`` is a private chat."""
        if not room_id:
            return Place.PRIVATE
        if self.supervision and room_id == self.supervision:
            return Place.SUPERVISION
        if (
            self.guard_all
            or room_id in self.pinned
            or room_id in self.listed
            or (topic and topic in self.listed)
        ):
            return Place.GUARDED
        return Place.ELSEWHERE


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the configuration asks for: names are topics or ids; ``overrides`` are rooms with rules of their own."""

    guard_all: bool
    listed: Collection[str] = frozenset()
    supervision: str = ""
    overrides: Collection[str] = frozenset()

    @classmethod
    def of(cls, rooms: RoomSettings) -> Wanted:
        """What these settings ask for."""
        return cls(
            rooms.guard == "all", frozenset(rooms.listed), rooms.supervision, frozenset(rooms.overrides)
        )


async def found_before(unit: UnitOfWork, wanted: Wanted) -> Places:
    """The places as they were last found; the gateway is not asked, and nothing is written."""
    rooms = {str(room.key): room for room in await unit.rooms.all()}

    async def held(duty: str, name: str) -> Room | None:
        return rooms.get(await unit.meta.get(f"pin {duty} {name}") or "")

    supervision = await held("supervision", wanted.supervision) if wanted.supervision else None
    if supervision is None and wanted.supervision:
        called = [room for room in rooms.values() if wanted.supervision in (room.gateway_id, room.topic)]
        supervision = called[0] if len(called) == 1 else None
    listed = [await held("guarded", name) for name in sorted(wanted.listed)]
    own = {
        name: await held("override", name) or await held("guarded", name) for name in sorted(wanted.overrides)
    }
    return Places(
        wanted.guard_all,
        frozenset(wanted.listed),
        frozenset(room.gateway_id for room in listed if room is not None),
        supervision.gateway_id if supervision is not None else "",
        {room.key: name for name, room in own.items() if room is not None},
    )


BORN = "room first called "
GONE = "gone "
"""Before duty and name of a room that was found once and is not among the account's rooms now."""

PINNED_BY = "supervision pinned by"
"""Under which account the supervision room was last seen."""

ACCOUNT = "account"
PRESIDING = frozenset({Role.HR_LEAD, Role.SUPERVISOR})


@dataclass(frozen=True, slots=True)
class _Pin:
    """A room that was found: our key of it, and its gateway id at present."""

    key: int
    room_id: str


class Pins:
    """Finds the configured rooms and holds on to them."""

    def __init__(self, wanted: Wanted, clock: Clock, log: FilteringBoundLogger) -> None:
        self._wanted = wanted
        self._clock = clock
        self._log = log
        self._missed: set[str] = set()
        self._born: dict[str, str] = {}

    @property
    def unsettled(self) -> Places:
        """The places before any room is known."""
        return Places(self._wanted.guard_all, frozenset(self._wanted.listed))

    async def settle(self, unit: UnitOfWork, rooms: Sequence[RoomInfo]) -> Places:
        """The places as they are now; ``rooms`` are the account's rooms, storage has them already."""
        ids = {room.key: room.gateway_id for room in await unit.rooms.all()}
        self._born = await self._first_topics(unit, rooms, ids)
        supervision = None
        if self._wanted.supervision:
            supervision = await self._pin(unit, "supervision", self._wanted.supervision, rooms, ids)
        listed = {
            name: await self._pin(unit, "guarded", name, rooms, ids) for name in sorted(self._wanted.listed)
        }
        own = {
            name: listed[name] if name in listed else await self._pin(unit, "override", name, rooms, ids)
            for name in sorted(self._wanted.overrides)
        }
        return Places(
            self._wanted.guard_all,
            frozenset(self._wanted.listed),
            frozenset(pin.room_id for pin in listed.values() if pin is not None),
            supervision.room_id if supervision is not None else "",
            {pin.key: name for name, pin in own.items() if pin is not None},
        )

    async def _pin(
        self, unit: UnitOfWork, duty: str, name: str, rooms: Sequence[RoomInfo], ids: dict[int, str]
    ) -> _Pin | None:
        """The configured room as it is now; ``None`` if it can't be told which one it is."""
        held = await unit.meta.get(f"pin {duty} {name}")
        if held is None and duty == "override":
            held = await unit.meta.get(f"pin guarded {name}")  # it was listed, and found, by this name before
        if held is not None and held.isdecimal() and (room_id := ids.get(int(held))) is not None:
            if any(room.id == room_id for room in rooms):
                await self._there(unit, duty, name)
                return _Pin(int(held), room_id)
            if (
                duty == "supervision"
                and (pin := await self._after_relogin(unit, name, rooms, ids)) is not None
            ):
                return pin
            await unit.meta.set(f"{GONE}{duty} {name}", held)
            self._say_once(f"{duty} (left)", name, 0)
            return None
        found = [room for room in rooms if name in (room.id, room.topic)]
        if duty != "guarded" and any(self._was_renamed(room, name) for room in found):
            # Any member may rename a work group: it must not become the supervisors' room, or get another's rules.
            self._say_renamed(duty, name)
            return None
        if len(found) != 1:
            self._say_once(duty, name, len(found))
            return None
        self._log.info("room found", duty=duty, name=name, room=found[0].id, members=len(found[0].member_ids))
        return await self._hold(unit, duty, name, found[0], "room found")

    async def _hold(self, unit: UnitOfWork, duty: str, name: str, found: RoomInfo, how: str) -> _Pin:
        room = await unit.rooms.seen(found.id, found.topic, self._clock.now())
        await unit.meta.set(f"pin {duty} {name}", str(room.key))
        await self._there(unit, duty, name)
        await unit.audit.add(AuditEntry(self._clock.now(), SYSTEM, f"{duty} {how}", found.id, name))
        return _Pin(room.key, found.id)

    async def _there(self, unit: UnitOfWork, duty: str, name: str) -> None:
        await unit.meta.delete(f"{GONE}{duty} {name}")
        if duty == "supervision":
            await unit.meta.set(PINNED_BY, await unit.meta.get(ACCOUNT) or "")

    async def _after_relogin(
        self, unit: UnitOfWork, name: str, rooms: Sequence[RoomInfo], ids: dict[int, str]
    ) -> _Pin | None:
        """The supervision room after a login that hid which one it is: the only one of its name with authority in it.

        Without a new login the account was put out of it, and then no other room becomes it.
        """
        if (by := await unit.meta.get(PINNED_BY)) is None or by == await unit.meta.get(ACCOUNT):
            return None
        keys = {room_id: key for key, room_id in ids.items()}
        holders = {who.key for who, role, *_ in await unit.people.roles_held() if role in PRESIDING}
        met = [
            room
            for room in rooms
            if room.topic == name and not self._was_renamed(room, name) and room.id in keys
            if await self._presided(unit, keys[room.id], holders)
        ]
        if len(met) != 1:
            return None
        self._log.warning(
            "the supervision room was not recognised after a new login; taken up again where its people are",
            name=name,
            room=met[0].id,
            members=len(met[0].member_ids),
        )
        return await self._hold(unit, "supervision", name, met[0], "room taken up again")

    async def _presided(self, unit: UnitOfWork, key: int, holders: Collection[str]) -> bool:
        """Whether somebody with authority is in a room: confirmed, or found again by nickname and of the same name."""
        return any(
            person.key in holders
            and (
                person.binding is Binding.CONFIRMED
                or (person.binding is Binding.PROBABLE and folded(called) == folded(person.name))
            )
            for person, called, _ in await unit.people.members(key)
        )

    async def _first_topics(
        self, unit: UnitOfWork, rooms: Sequence[RoomInfo], ids: dict[int, str]
    ) -> dict[str, str]:
        """What each room was called when it was first seen, by its present id."""
        keys = {room_id: key for key, room_id in ids.items()}
        known = await unit.meta.all(BORN)
        born: dict[str, str] = {}
        for room in rooms:
            if (key := keys.get(room.id)) is None:
                continue
            if (topic := known.get(f"{BORN}{key}")) is None and room.topic:
                topic = await unit.meta.settle(f"{BORN}{key}", room.topic)
            born[room.id] = topic or ""
        return born

    def _was_renamed(self, room: RoomInfo, name: str) -> bool:
        return room.id != name and self._born.get(room.id, name) != name

    def _say_renamed(self, duty: str, name: str) -> None:
        if (about := f"{duty} {name} renamed") not in self._missed:
            self._missed.add(about)
            self._log.error(
                "a room that had another name bears the configured one, give its id if it is meant",
                duty=duty,
                name=name,
            )

    def _say_once(self, duty: str, name: str, many: int) -> None:
        if (about := f"{duty} {name} {many}") in self._missed:
            return
        self._missed.add(about)
        if many:
            self._log.error(
                "several rooms have the configured name, give the id", duty=duty, name=name, rooms=many
            )
        else:
            # A room that was found before and is gone gives its duty to no other room of the same name.
            self._log.warning("the account is not in the configured room; give its id", duty=duty, name=name)
