"""After a new login: rooms and people are recognised, since WeChat gave them other ids.

A room keeps its key if topic and members agree; a person is matched by nickname, which is `probable`:
enough to address a notice, not enough to read a record or hold a role. Whoever can't be told apart is
nobody, and the supervisors are told.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from structlog.typing import FilteringBoundLogger

from bot.clock import Clock
from bot.gateway.port import Listener, MemberInfo, RoomInfo
from bot.pipeline.notice import SUPERVISION, shown
from bot.pipeline.patience import patiently
from bot.pipeline.places import ACCOUNT
from bot.texts import Texts
from storage.records import SYSTEM, AuditEntry, Outgoing, Room
from storage.session import Storage, UnitOfWork

AT_ONCE = 16


class Relogin:
    """Binds known rooms and people to the ids they have now."""

    def __init__(
        self, gateway: Listener, storage: Storage, texts: Texts, clock: Clock, log: FilteringBoundLogger
    ) -> None:
        self._gateway = gateway
        self._storage = storage
        self._texts = texts
        self._clock = clock
        self._log = log

    async def recognise(self, rooms: Sequence[RoomInfo]) -> None:
        """Remember the account's rooms; where ids have changed, find out who and what is which.

        Members are asked for only then: it costs a call each.

        Raises:
            GatewayError: the gateway does not tell who is in a room.
        """
        before, known = await patiently(self._known, self._clock, self._log)
        present = {room.id for room in rooms}
        changed = before is not None and before != self._gateway.self_id
        strange = [room for room in rooms if room.id not in known] if known - present else []
        affected = list(rooms) if changed else strange
        members = {room.id: await self._members(room) for room in affected}
        await patiently(lambda: self._bind(rooms, affected, members, before), self._clock, self._log)

    async def _known(self) -> tuple[str | None, set[str]]:
        async with self._storage.view() as unit:
            return await unit.meta.get(ACCOUNT), {room.gateway_id for room in await unit.rooms.all()}

    async def _bind(
        self,
        rooms: Sequence[RoomInfo],
        affected: Sequence[RoomInfo],
        members: Mapping[str, Sequence[MemberInfo]],
        before: str | None,
    ) -> None:
        now = self._clock.now()
        async with self._storage.unit() as unit:
            await unit.meta.set(ACCOUNT, self._gateway.self_id)
            current = [(room.id, room.topic, _names(members.get(room.id, []))) for room in rooms]
            # A name alone proves a room only where every id has changed; otherwise somebody just opened another.
            relogin = before is not None and before != self._gateway.self_id
            found = await unit.rooms.reconcile(current, now, by_topic_alone=relogin)
            for old, new in found.rebound:
                await self._audit(unit, "room id changed", old.gateway_id, new.gateway_id)
                await unit.outbox.readdress(old.gateway_id, new.gateway_id)
            for doubt in found.ambiguous:
                await self._audit(unit, "room not recognised", doubt.made.gateway_id, "")
                text = self._texts.render("operator.room_ambiguous", room=shown(doubt.made.topic))
                await self._tell(unit, text, f"ambiguous room {doubt.made.gateway_id}")
            if before is not None:
                moved = {new.gateway_id: new for _, new in found.rebound}
                # Rooms that were recognised come first: there people have nicknames to be known by.
                for room in sorted(affected, key=lambda one: one.id not in moved):
                    if (place := moved.get(room.id) or await unit.rooms.by_gateway(room.id)) is not None:
                        await self._people(unit, place, members[room.id])

    async def report_contested(self, since: datetime) -> None:
        """Tell the supervisors of nicknames that somebody else has put on since then."""
        async with self._storage.unit() as unit:
            for doubt in await unit.people.contested_since(since):
                text = self._texts.render(
                    "operator.nickname_contested", name=shown(doubt.label), ids=len(doubt.contact_ids)
                )
                await self._tell(unit, text, f"contested {' '.join(doubt.contact_ids)}")

    async def _people(self, unit: UnitOfWork, room: Room, members: Sequence[MemberInfo]) -> None:
        now = self._clock.now()
        present = [(one.id, one.name, one.alias) for one in members if one.id != self._gateway.self_id]
        earlier = {person.key: person.contact_id for person in await unit.people.in_room(room.key)}
        found = await unit.people.reconcile_room(room.key, present, now)
        for person in found.matched:
            old = earlier.get(person.key, "")
            await self._audit(unit, "contact id changed", old, person.contact_id)
            if old:
                await unit.outbox.readdress(old, person.contact_id)
        for doubt in found.contested:
            await self._audit(unit, "person not recognised", doubt.label, " ".join(doubt.contact_ids))
            text = self._texts.render(
                "operator.person_contested",
                room=shown(room.topic),
                name=shown(doubt.label),
                ids=len(doubt.contact_ids),
            )
            await self._tell(unit, text, f"contested {room.key} {' '.join(doubt.contact_ids)}")

    async def _members(self, room: RoomInfo) -> list[MemberInfo]:
        """Everybody in a room; a list with gaps would make people look as if they had left, so none is given."""
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(contact_id: str) -> MemberInfo | None:
            async with gate:
                member = await self._gateway.member(room.id, contact_id)
            return replace(member, id=contact_id) if member else None

        found = await asyncio.gather(*(one(contact_id) for contact_id in room.member_ids))
        return [member for member in found if member is not None]

    async def _audit(self, unit: UnitOfWork, action: str, target: str, detail: str) -> None:
        await unit.audit.add(AuditEntry(self._clock.now(), SYSTEM, action, target, detail))

    async def _tell(self, unit: UnitOfWork, text: str, unique: str) -> None:
        self._log.warning("ids changed and somebody can't be told apart", what=unique)
        now = self._clock.now()
        await unit.outbox.add([Outgoing(SUPERVISION, text, now, now, kind="alert", unique=unique)])


def _names(members: Sequence[MemberInfo]) -> frozenset[str]:
    return frozenset(label for one in members for label in (one.name, one.alias) if label)
