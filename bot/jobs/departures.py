"""Whoever has left the company leaves its groups (policy 2.1b): removed where that is certain and wanted, else listed.

Every one is kept with when it was noted and how it ended, and HR is told both times.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from bot.gateway.port import Gateway, RoomInfo
from bot.jobs.deeds import Deed, Deeds, Next
from bot.pipeline.membership import named
from bot.pipeline.notice import shown
from bot.pipeline.policy import EVERY_ROOM
from bot.pipeline.presence import Presence
from bot.pipeline.telling import to_supervisors
from bot.settings import MemberSettings
from bot.texts import Texts
from rules.procedure.membership import State
from storage.records import Binding, Departure, Employment, MemberRequest, Person, Room
from storage.session import Storage, UnitOfWork

Leaving = Departure
SCAN_EVERY = timedelta(minutes=10)
AGAIN_AFTER = timedelta(days=7)
"""Who is still there after that is listed again."""

LISTED = 20
OUT, RETURNED, ROOM_LOST = "seen out", "returned", "the account has left the room"


@dataclass(frozen=True, slots=True)
class Remaining:
    """Somebody who is still in a room, for people to see to; ``why`` is a text's key, empty where nothing was tried."""

    departure: Departure
    person: Person
    room: Room
    label: str
    sure: bool
    why: str


class Departures:
    """Notices who has left, and follows them until they are out.

    Args:
        settings: gives the settings that are in force now.
    """

    def __init__(
        self,
        gateway: Gateway,
        storage: Storage,
        presence: Presence,
        deeds: Deeds,
        settings: Callable[[], MemberSettings],
        texts: Texts,
    ) -> None:
        self._gateway = gateway
        self._storage = storage
        self._presence = presence
        self._deeds = deeds
        self._settings = settings
        self._texts = texts
        self._scanned: tuple[datetime, object] | None = None
        self._acted: datetime | None = None

    def busy(self, now: datetime) -> bool:
        """Whether something was noted or tried so lately that its effect should be looked for at once."""
        return self._acted is not None and now - self._acted < SCAN_EVERY * 2

    async def notice(self, now: datetime) -> None:
        """Note everybody in a room whom the roster says have left: at once after an import, else now and then."""
        mode = self._settings().remove_departed
        async with self._storage.view() as unit:
            imported = await unit.audit.last("roster imported")
        state = (imported.at if imported is not None else None, mode)
        if self._scanned and self._scanned[1] == state and now - self._scanned[0] < SCAN_EVERY:
            return
        self._scanned = now, state
        if mode == "off":
            return

        async def note(unit: UnitOfWork) -> int:
            noted = 0
            for room in await unit.rooms.all():
                if not self._kept(room):
                    continue
                for person, *_ in await unit.people.members(room.key):
                    if person.status == Employment.LEFT:
                        noted += await unit.departures.note(person.key, room.key, person.contact_id, now)
            return noted

        if await self._storage.run(note):
            self._acted = now

    async def order(self, request: MemberRequest, now: datetime) -> None:
        """Note every room that a request wants somebody out of."""

        async def note(unit: UnitOfWork) -> None:
            for row in await unit.rooms.attendance(person_keys=(request.person_key,)):
                if self._kept(row.room) and request.room_key in (EVERY_ROOM, row.room.key):
                    await unit.departures.note(request.person_key, row.room.key, row.contact_id, now)

        await self._storage.run(note)

    async def follow(
        self, rooms: Mapping[str, RoomInfo], orders: Sequence[MemberRequest], now: datetime
    ) -> Mapping[str, str]:
        """Remove who may be removed and look who is out; returns what is left to people, and why (a text's key)."""
        async with self._storage.view() as unit:
            standing = await unit.departures.open()
        ordered = {order.person_key: order for order in orders}
        remaining: list[Remaining] = []
        ended: list[tuple[Departure, str]] = []
        for departure in standing:
            found = await self._one(departure, rooms, ordered.get(departure.person_key), now)
            if isinstance(found, Remaining):
                remaining.append(found)
            elif found:
                ended.append((departure, found))
        if ended:
            await self._storage.run(lambda unit: self._end(unit, ended, ordered, now))
        listed = [one for one in remaining if one.departure.person_key not in ordered]
        if listed and self._settings().remove_departed != "off":
            await self._storage.run(lambda unit: self._list(unit, listed, now))
        return {
            f"{one.departure.person_key} {one.departure.room_key} {one.departure.contact_id}": one.why
            for one in remaining
            if one.why
        }

    async def _one(
        self,
        departure: Departure,
        rooms: Mapping[str, RoomInfo],
        order: MemberRequest | None,
        now: datetime,
    ) -> Remaining | str:
        """How it ended, or what remains; empty while it is waited for."""
        async with self._storage.view() as unit:
            room = await unit.rooms.get(departure.room_key)
            person = await unit.people.get(departure.person_key)
            rows = await unit.rooms.attendance(person_keys=(departure.person_key,))
        if person is None or room is None or (info := rooms.get(room.gateway_id)) is None:
            return ROOM_LOST
        if departure.contact_id not in info.member_ids:
            return OUT
        if order is None and person.status != Employment.LEFT:
            return RETURNED
        row = next(
            (one for one in rows if (one.contact_id, one.room.key) == (departure.contact_id, room.key)), None
        )
        sure = row is not None and row.level is Binding.CONFIRMED
        left = partial(Remaining, departure, person, room, row.label if row else "", sure)
        if not self._may_remove(departure, order, sure=sure):
            return left("members.why_unsure" if not sure else "")
        act = partial(self._gateway.remove_member, room.gateway_id, departure.contact_id)
        deed = Deed(
            f"remove {departure.person_key} {room.key} {departure.contact_id}", departure.noted_at, act
        )
        step = await self._deeds.go_on(deed, now)
        self._acted = now if step is Next.WAIT else self._acted
        if step is Next.REFUSED:
            return left("members.why_refused")
        return left("members.why_unseen") if step is Next.UNSEEN else ""

    def _may_remove(self, departure: Departure, order: MemberRequest | None, *, sure: bool) -> bool:
        """A wrong removal is worse than a late one: never on a guess that nobody has looked at."""
        if order is None:
            return sure and self._settings().remove_departed == "remove"
        shown_to_hr = bool(order.steps) and order.steps[0].state == State.APPROVED
        return sure or shown_to_hr or departure.contact_id == order.contact_id

    async def _end(
        self,
        unit: UnitOfWork,
        ended: Sequence[tuple[Departure, str]],
        ordered: Mapping[str, MemberRequest],
        now: datetime,
    ) -> None:
        out: dict[str, list[str]] = defaultdict(list)
        for departure, how in ended:
            key, room_key = departure.person_key, departure.room_key
            if not await unit.departures.done(key, room_key, departure.contact_id, how, now):
                continue
            room, person = await unit.rooms.get(room_key), await unit.people.get(key)
            if how == OUT and key not in ordered and room is not None:
                out[key].append(shown(room.topic))
            if how == RETURNED:
                text = self._texts.render("departures.stays", who=named(person))
                await self._tell(unit, text, now, f"returned {key} {departure.noted_at.isoformat()}")
        for key, topics in out.items():
            text = self._texts.render("departures.gone", who=named(await unit.people.get(key)), rooms=topics)
            await self._tell(unit, text, now, f"gone {key} {now.isoformat()}")

    async def _list(self, unit: UnitOfWork, remaining: Sequence[Remaining], now: datetime) -> None:
        """Put to people what is left to them, in one message; again only after a while, or for a new reason."""
        fresh: list[Remaining] = []
        for one in remaining:
            noted = one.departure.noted_at
            due = noted + (now - noted) // AGAIN_AFTER * AGAIN_AFTER
            job = f"told {one.departure.person_key} {one.room.key} {one.departure.contact_id} {one.why}"
            if await unit.jobs.claim(job, due, now):
                await unit.jobs.finish(job, due, now, "told")
                fresh.append(one)
        if not fresh:
            return
        people = [
            {
                "who": named(one.person) or shown(one.label),
                "room": shown(one.room.topic),
                "label": shown(one.label),
                "sure": one.sure,
                "reason": self._texts.render(one.why) if one.why and one.sure else "",
            }
            for one in fresh[:LISTED]
        ]
        text = self._texts.render("departures.list", people=people, more=max(0, len(fresh) - LISTED))
        await self._tell(unit, text, now, f"departures {now.isoformat()}")

    async def _tell(self, unit: UnitOfWork, text: str, now: datetime, unique: str) -> None:
        await unit.outbox.add(list(await to_supervisors(unit, self._presence.supervision, text, now, unique)))

    def _kept(self, room: Room) -> bool:
        return self._presence.guards(room) or (
            bool(room.gateway_id) and room.gateway_id == self._presence.supervision
        )
