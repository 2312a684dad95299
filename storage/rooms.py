"""Rooms: our key stays, the gateway's id changes with every new login."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select, update

from storage.errors import Conflict, NotFound
from storage.names import folded
from storage.records import Binding, Room
from storage.repository import AnyRow, Repository
from storage.results import AmbiguousRoom, Attendance, RoomReconciliation
from storage.tables import bindings, members, room_bindings, rooms

CurrentRoom = tuple[str, str, frozenset[str]]
_Pair = tuple[int, str]  # the key of a known room, and an id that may be its new one

# Known members are those who spoke, so few of the present ones: the share is of the smaller set.
_MOSTLY = 0.6
# Names are anybody's to take: who is outdone by this factor is no rival, who comes closer may be the true one.
_CLEARLY = 2

_CURRENT = (
    select(rooms.c.key, room_bindings.c.gateway_id, rooms.c.topic, rooms.c.last_seen)
    .join(room_bindings, room_bindings.c.room_key == rooms.c.key)
    .where(room_bindings.c.until.is_(None))
)


def _room(row: AnyRow) -> Room:
    return Room(key=row.key, gateway_id=row.gateway_id, topic=row.topic)


class Rooms(Repository):
    """Rooms by key and by the id they are bound to now; earlier bindings stay as rows."""

    async def seen(self, gateway_id: str, topic: str | None, now: datetime) -> Room:
        """The room with this id, made on first sight; an empty or unread ``topic`` never replaces a known one."""
        row = (
            await self._connection.execute(_CURRENT.where(room_bindings.c.gateway_id == gateway_id))
        ).first()
        if row is None:
            await self._serialise("rooms")
            row = (
                await self._connection.execute(_CURRENT.where(room_bindings.c.gateway_id == gateway_id))
            ).first()
        if row is None:
            return await self._create(gateway_id, topic or "", now)
        topic = topic or row.topic
        if topic != row.topic or (now - row.last_seen).total_seconds() > 3600:
            await self._connection.execute(
                update(rooms).where(rooms.c.key == row.key).values(topic=topic, last_seen=now)
            )
        return Room(row.key, gateway_id, topic)

    async def _create(self, gateway_id: str, topic: str, now: datetime) -> Room:
        key: int = (
            await self._connection.execute(
                rooms.insert().values(topic=topic, first_seen=now, last_seen=now).returning(rooms.c.key)
            )
        ).scalar_one()
        await self._bind(key, gateway_id, now)
        return Room(key, gateway_id, topic)

    async def _bind(self, key: int, gateway_id: str, now: datetime) -> None:
        await self._connection.execute(
            room_bindings.insert().values(gateway_id=gateway_id, room_key=key, since=now)
        )

    async def get(self, key: int) -> Room | None:
        """The room with our key."""
        row = (await self._connection.execute(_CURRENT.where(rooms.c.key == key))).first()
        return None if row is None else _room(row)

    async def by_gateway(self, gateway_id: str) -> Room | None:
        """The room that is, or last was, bound to an id; its ``gateway_id`` is the present one."""
        row = (
            await self._connection.execute(_CURRENT.where(room_bindings.c.gateway_id == gateway_id))
        ).first()
        if row is not None:
            return _room(row)
        key = await self._connection.scalar(
            select(room_bindings.c.room_key)
            .where(room_bindings.c.gateway_id == gateway_id)
            .order_by(room_bindings.c.id.desc())
            .limit(1)
        )
        return None if key is None else await self.get(key)

    async def all(self) -> list[Room]:
        """Every room, in the order in which they became known."""
        return [_room(row) for row in await self._connection.execute(_CURRENT.order_by(rooms.c.key))]

    async def attendance(
        self, *, person_keys: Collection[str] = (), settled: bool = True
    ) -> list[Attendance]:
        """Which contact ids are known to be in which room, in the order in which they came to be known.

        Args:
            person_keys: only those of these people; of everybody without any.
            settled: those that are confirmed, too.
        """
        query = (
            select(
                bindings.c.person_key,
                bindings.c.contact_id,
                bindings.c.level,
                members.c.name,
                members.c.alias,
                rooms.c.key,
                rooms.c.topic,
                room_bindings.c.gateway_id,
            )
            .join(members, members.c.contact_id == bindings.c.contact_id)
            .join(rooms, rooms.c.key == members.c.room_key)
            .join(room_bindings, room_bindings.c.room_key == rooms.c.key)
            .where(bindings.c.until.is_(None), members.c.left_at.is_(None), room_bindings.c.until.is_(None))
            .order_by(bindings.c.id, rooms.c.key)
        )
        if person_keys:
            query = query.where(bindings.c.person_key.in_(person_keys))
        if not settled:
            query = query.where(bindings.c.level != Binding.CONFIRMED)
        return [
            Attendance(
                row.person_key, row.contact_id, Binding(row.level), _room(row), row.name, row.alias or ""
            )
            for row in await self._connection.execute(query)
        ]

    async def rebind(self, old_key: int, new_gateway_id: str, now: datetime) -> Room:
        """Give a known room a new id of the gateway.

        Raises:
            NotFound: no room has this key.
            Conflict: another room is bound to the id.
        """
        room = await self.get(old_key)
        if room is None:
            raise NotFound(f"there is no room {old_key}")
        if room.gateway_id == new_gateway_id:
            return room
        await self._serialise("rooms")
        holder = (
            await self._connection.execute(_CURRENT.where(room_bindings.c.gateway_id == new_gateway_id))
        ).first()
        if holder is not None:
            raise Conflict(f"the id belongs to room {holder.key}", present=str(holder.key))
        await self._connection.execute(
            update(room_bindings)
            .where(room_bindings.c.room_key == old_key, room_bindings.c.until.is_(None))
            .values(until=now)
        )
        await self._bind(old_key, new_gateway_id, now)
        return Room(old_key, new_gateway_id, room.topic)

    async def reconcile(
        self, current: Sequence[CurrentRoom], now: datetime, *, by_topic_alone: bool = True
    ) -> RoomReconciliation:
        """Match rooms after a new login; ``current`` is every room now: id, topic, names and nicknames of its members.

        A known room whose id vanished keeps its key under an unknown id with the same topic and, where
        members are known, mostly the same names and nicknames. Where several could be it, the one in which clearly
        more are recognised is: whoever opens a room under its name and two of its members' is no rival. Everything
        else becomes a new room, and what could have been more than one is reported. ``by_topic_alone`` says whether
        the topic is enough where no member is known: not unless every id has changed.
        """
        await self._serialise("rooms")
        known = await self.all()
        present = {gateway_id for gateway_id, _, _ in current}
        bound = {room.gateway_id for room in known}
        lost = [room for room in known if room.gateway_id not in present]
        fresh = [entry for entry in current if entry[0] not in bound]
        labels = {room.key: await self._labels(room.key) for room in lost} if fresh else {}
        likely = {
            (room.key, gateway_id): likeness
            for gateway_id, topic, who in fresh
            for room in lost
            if (likeness := _likeness(room, labels[room.key], topic, who, by_topic_alone)) is not None
        }
        found, open_pairs = _matched(likely)
        by_key = {room.key: room for room in lost}
        rebound: list[tuple[Room, Room]] = []
        doubtful: list[AmbiguousRoom] = []
        for gateway_id, topic, _ in fresh:
            if (key := found.get(gateway_id)) is not None:
                await self.rebind(key, gateway_id, now)
                rebound.append((by_key[key], await self.seen(gateway_id, topic, now)))
                continue
            made = await self.seen(gateway_id, topic, now)
            if rivals := tuple(by_key[key] for key, other in open_pairs if other == gateway_id):
                doubtful.append(AmbiguousRoom(made, rivals))
        return RoomReconciliation(tuple(rebound), tuple(doubtful))

    async def _labels(self, key: int) -> list[frozenset[str]]:
        """Of each known member of a room, the name and the nickname there, folded."""
        found = await self._connection.execute(
            select(members.c.name_key, members.c.alias_key).where(
                members.c.room_key == key, members.c.left_at.is_(None)
            )
        )
        return [who for row in found if (who := frozenset(filter(None, (row.name_key, row.alias_key))))]


def _likeness(
    room: Room, known: Sequence[frozenset[str]], topic: str, labels: frozenset[str], by_topic_alone: bool
) -> int | None:
    """By how many names and nicknames a known room is recognised in a new one; ``None`` if it can't be that one."""
    if not folded(topic) or folded(topic) != folded(room.topic):
        return None
    present = frozenset(filter(None, map(folded, labels)))
    if not known or not present:
        return 0 if by_topic_alone else None
    met = [who & present for who in known if who & present]
    return sum(map(len, met)) if len(met) >= _MOSTLY * min(len(known), len(present)) else None


def _matched(likely: Mapping[_Pair, int]) -> tuple[dict[str, int], set[_Pair]]:
    """Which new id is which known room, and the pairs between which nothing decides.

    A pair counts if it clearly outdoes every other one of its room and of its id; what it decides may decide more.
    """
    found: dict[str, int] = {}
    rest = dict(likely)
    while True:
        sure = next((pair for pair in rest if _outdoes_all(pair, rest)), None)
        if sure is None:
            return found, set(rest)
        found[sure[1]] = sure[0]
        rest = {pair: score for pair, score in rest.items() if pair[0] != sure[0] and pair[1] != sure[1]}


def _outdoes_all(pair: _Pair, likely: Mapping[_Pair, int]) -> bool:
    rivals = [
        score
        for other, score in likely.items()
        if other != pair and (other[0] == pair[0] or other[1] == pair[1])
    ]
    return all(likely[pair] > rival and likely[pair] >= _CLEARLY * rival for rival in rivals)
