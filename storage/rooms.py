"""Rooms: our key stays, the gateway's id changes with every new login."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import func, select, update

from storage.errors import Conflict, NotFound
from storage.names import folded
from storage.records import Binding, Room
from storage.repository import AnyRow, Repository
from storage.results import AmbiguousRoom, Attendance, RoomReconciliation
from storage.tables import bindings, members, room_bindings, rooms

CurrentRoom = tuple[str, str, frozenset[str]]

# Known members are those who spoke, so few of the present ones: the share is of the smaller set.
_MOSTLY = 0.6

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
        """Match rooms after a new login; ``current`` is every room now: id, topic, names of its members.

        A known room whose id vanished keeps its key under an unknown id with the same topic and, where
        members are known, mostly the same names, if each is the other's only match. Everything else becomes
        a new room, and what could have been more than one is reported. ``by_topic_alone`` says whether the topic
        is enough where no member is known: not unless every id has changed.
        """
        await self._serialise("rooms")
        known = await self.all()
        present = {gateway_id for gateway_id, _, _ in current}
        bound = {room.gateway_id for room in known}
        lost = [room for room in known if room.gateway_id not in present]
        fresh = [entry for entry in current if entry[0] not in bound]
        names = {room.key: await self._names(room.key) for room in lost} if fresh else {}
        likely = {
            gateway_id: [room for room in lost if _alike(room, names[room.key], topic, who, by_topic_alone)]
            for gateway_id, topic, who in fresh
        }
        rebound: list[tuple[Room, Room]] = []
        doubtful: list[AmbiguousRoom] = []
        for gateway_id, topic, _ in fresh:
            rivals = [other for other, rooms_ in likely.items() if set(likely[gateway_id]) & set(rooms_)]
            if len(likely[gateway_id]) == 1 and rivals == [gateway_id]:
                old = likely[gateway_id][0]
                await self.rebind(old.key, gateway_id, now)
                rebound.append((old, await self.seen(gateway_id, topic, now)))
            else:
                made = await self.seen(gateway_id, topic, now)
                if likely[gateway_id]:
                    doubtful.append(AmbiguousRoom(made, tuple(likely[gateway_id])))
        return RoomReconciliation(tuple(rebound), tuple(doubtful))

    async def _names(self, key: int) -> frozenset[str]:
        found = await self._connection.scalars(
            select(members.c.name_key).where(members.c.room_key == key, members.c.left_at.is_(None))
        )
        return frozenset(filter(None, found))

    async def count(self) -> int:
        """How many rooms are known."""
        return await self._connection.scalar(select(func.count()).select_from(rooms)) or 0


def _alike(
    room: Room, known: frozenset[str], topic: str, names: frozenset[str], by_topic_alone: bool
) -> bool:
    if not folded(topic) or folded(topic) != folded(room.topic):
        return False
    present = frozenset(filter(None, map(folded, names)))
    if not known or not present:
        return by_topic_alone
    return len(known & present) >= _MOSTLY * min(len(known), len(present))
