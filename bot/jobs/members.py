"""Carries out what was agreed on about members (policy 2.1): adds, removes, and looks whether it happened.

Whoever is to come in is added, whoever is to leave is removed; it is done when the members of the room say so. What
the gateway can't do is put to people, and followed until it shows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial

from structlog.typing import FilteringBoundLogger

from bot.errors import GatewayError
from bot.gateway.port import Gateway, RoomInfo
from bot.jobs.deeds import Deed, Deeds, Next
from bot.jobs.departures import Departures, Leaving
from bot.pipeline.membership import AGREED, MOST, Membership, meant_by
from bot.pipeline.presence import Presence
from bot.settings import MemberSettings
from bot.texts import Texts
from rules.procedure.membership import Kind, Move, State
from storage.records import Binding, MemberRequest, Outgoing, Person
from storage.session import Storage, UnitOfWork

CALM = timedelta(minutes=15)
"""How often rooms are read for what only people can do."""

WHY = {
    Next.REFUSED: "members.why_refused",
    Next.UNSEEN: "members.why_unseen",
}

Rooms = Mapping[str, RoomInfo]


class Doors:
    """Keeps the doors of the guarded rooms.

    Args:
        settings: gives the settings that are in force now.
    """

    def __init__(
        self,
        gateway: Gateway,
        storage: Storage,
        presence: Presence,
        settings: Callable[[], MemberSettings],
        texts: Texts,
        log: FilteringBoundLogger,
    ) -> None:
        self._gateway = gateway
        self._storage = storage
        self._presence = presence
        self._texts = texts
        self._log = log
        self._deeds = Deeds(storage, log)
        self._departures = Departures(gateway, storage, presence, self._deeds, settings, texts)
        self._looked: datetime | None = None

    async def __call__(self, now: datetime) -> None:
        """Go on with everything that is under way; without anything under way no gateway is asked."""
        if not self._presence.online:
            return
        await self._departures.notice(now)
        async with self._storage.view() as unit:
            requests = await unit.requests.list(AGREED, limit=MOST)
            leaving = await unit.departures.open()
        fresh = any(request.state == State.APPROVED for request in requests) or self._departures.busy(now)
        if not requests and not leaving:
            return
        if not fresh and self._looked is not None and now - self._looked < CALM:
            return
        try:
            rooms = {room.id: room for room in await self._gateway.rooms()}
        except GatewayError as failure:
            self._log.warning("rooms could not be listed", failure=str(failure))
            return
        self._looked = now
        for request in requests:
            if request.kind != Kind.LEAVE:
                await self._join(request, rooms, now)
        orders = [request for request in requests if request.kind == Kind.LEAVE]
        for order in orders:
            if order.state == State.APPROVED:
                await self._departures.order(order, now)
        stuck = await self._departures.follow(rooms, orders, now)
        for order in orders:
            await self._left(order, stuck, now)

    async def _join(self, request: MemberRequest, rooms: Rooms, now: datetime) -> None:
        async with self._storage.view() as unit:
            room = await unit.rooms.get(request.room_key)
            info = rooms.get(room.gateway_id) if room is not None else None
            contact_id = await self._sure_contact(unit, request)
            known = await unit.people.members(request.room_key)
        present = frozenset(info.member_ids) if info is not None else frozenset[str]()
        by_id = contact_id if contact_id in present else ""
        seen = by_id or next(
            (
                person.contact_id
                for person, _, alias in known
                if person.contact_id in present and meant_by(request, person, person.contact_id, (alias,))
            ),
            "",
        )
        if seen:
            await self._storage.run(lambda unit: self._arrived(unit, request, seen, now))
        elif request.state != State.APPROVED:
            return
        elif info is None:
            await self._hand_over(request, "members.why_no_room", now)
        elif not contact_id:
            await self._hand_over(request, "members.why_unknown", now)
        else:
            act = partial(self._gateway.add_member, info.id, contact_id)
            step = await self._deeds.go_on(Deed(f"add {request.number}", agreed_at(request), act), now)
            if step in WHY:
                await self._hand_over(request, WHY[step], now)

    async def _sure_contact(self, unit: UnitOfWork, request: MemberRequest) -> str:
        """The id to add: that of the person where it is confirmed, since ids change, else the one that was named."""
        person = await unit.people.get(request.person_key) if request.person_key else None
        if person is not None and person.binding is Binding.CONFIRMED and person.contact_id:
            return person.contact_id
        return request.contact_id

    async def _arrived(
        self, unit: UnitOfWork, request: MemberRequest, contact_id: str, now: datetime
    ) -> None:
        person = await unit.people.by_contact(contact_id)
        await arrived(unit, self._membership(), request, person, contact_id, now)

    async def _left(self, order: MemberRequest, stuck: Mapping[str, str], now: datetime) -> None:
        """Close a request to leave once nobody is left to remove, or put the rest of it to people."""

        async def close(unit: UnitOfWork) -> None:
            remaining = [one for one in await unit.departures.open() if one.person_key == order.person_key]
            rows: tuple[Outgoing, ...] = ()
            if not remaining:
                rows = await self._membership().by_the_bot(unit, order, Move.VERIFY, now)
            elif order.state == State.APPROVED and all(_key(one) in stuck for one in remaining):
                reason = self._texts.render(stuck[_key(remaining[0])])
                rows = await self._membership().by_the_bot(unit, order, Move.HAND_OVER, now, reason)
            await unit.outbox.add(rows)

        await self._storage.run(close)

    async def _hand_over(self, request: MemberRequest, why: str, now: datetime) -> None:
        reason = self._texts.render(why)

        async def note(unit: UnitOfWork) -> None:
            rows = await self._membership().by_the_bot(unit, request, Move.HAND_OVER, now, reason)
            await unit.outbox.add(rows)

        await self._storage.run(note)

    def _membership(self) -> Membership:
        return Membership(self._texts, self._presence.supervision)


def agreed_at(request: MemberRequest) -> datetime:
    """When the last step that a request needed was taken."""
    return next(
        (step.at for step in reversed(request.steps) if step.state == State.APPROVED), request.created_at
    )


async def arrived(
    unit: UnitOfWork,
    membership: Membership,
    request: MemberRequest,
    person: Person | None,
    contact_id: str,
    now: datetime,
) -> None:
    """Note that somebody who was asked for is in the room; outsiders are known as such from then on."""
    key = person.key if person is not None else ""
    rows = await membership.by_the_bot(
        unit, request, Move.VERIFY, now, contact_id=contact_id, person_key=key or request.person_key
    )
    await unit.outbox.add(rows)
    outsider = request.kind == Kind.JOIN_EXTERNAL
    if rows and outsider and person is not None and not person.employee_no and not person.kind_told:
        await unit.people.set_kind(person.key, "external", request.sponsor or request.asked_by, now)


def _key(leaving: Leaving) -> str:
    return f"{leaving.person_key} {leaving.room_key} {leaving.contact_id}"
