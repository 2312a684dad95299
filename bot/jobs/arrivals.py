"""Newcomers (policy 2.1c, 2.1d): whoever came in without a record is reported, everybody is told the rules once.

Nothing happens for those who were there before the bot first started: only what the gateway tells as it happens
counts. Whatever a minute brings is reported in one message, so that a whole room that is moved over alarms once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from structlog.typing import FilteringBoundLogger

from bot.errors import GatewayError
from bot.gateway.port import Event, Listener, MemberInfo
from bot.jobs.members import arrived
from bot.pipeline.membership import AGREED, MOST, UNDER_WAY, Membership, meant_by
from bot.pipeline.notice import shown
from bot.pipeline.places import Place
from bot.pipeline.policy import Policy
from bot.pipeline.presence import Presence
from bot.pipeline.telling import to_supervisors
from bot.reports.primer import primer
from bot.settings import Settings
from bot.texts import Texts
from rules.procedure.membership import Kind
from storage.records import Employment, MemberRequest, Outgoing, Person, Room
from storage.session import Storage, UnitOfWork

TRIES = 5
LISTED = 20
NUMBERS = 5


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody who has just come into a room, as the gateway tells them; ``inviter`` is empty where nobody knows."""

    room_id: str
    member: MemberInfo
    inviter: str


class Arrivals:
    """Receives newcomers.

    Args:
        policy: gives the rules that are in force now.
        settings: gives the settings that are in force now.
    """

    def __init__(
        self,
        gateway: Listener,
        storage: Storage,
        presence: Presence,
        policy: Policy,
        settings: Callable[[], Settings],
        texts: Texts,
        log: FilteringBoundLogger,
    ) -> None:
        self._gateway = gateway
        self._storage = storage
        self._presence = presence
        self._policy = policy
        self._settings = settings
        self._texts = texts
        self._log = log
        self._waiting: list[Event] = []
        self._tries = 0

    async def __call__(self, now: datetime) -> tuple[Event, ...]:
        """Receive everybody who came since this was last asked; returns who came where, for others to look at."""
        self._waiting += self._presence.newcomers()
        events = [
            event for event in self._waiting if self._place(event) in (Place.GUARDED, Place.SUPERVISION)
        ]
        if not events:
            self._waiting.clear()
            return ()
        try:
            met = [one for event in events for one in await self._met(event)]
        except GatewayError as failure:
            self._tries += 1
            self._log.warning(
                "newcomers could not be read", failure=type(failure).__name__, tries=self._tries
            )
            if self._tries < TRIES:
                return ()
            met = []
        await self._storage.run(lambda unit: self._receive(unit, met, now))
        self._tries = 0
        self._waiting.clear()
        return tuple(event for event in events if self._place(event) is Place.GUARDED)

    def _place(self, event: Event) -> Place:
        return self._presence.places.of(event.room_id, None)

    async def _met(self, event: Event) -> list[Newcomer]:
        """Those of an event who are still there; the bot itself is no newcomer."""
        others = [contact_id for contact_id in event.contact_ids if contact_id != self._gateway.self_id]
        members = [await self._gateway.member(event.room_id, contact_id) for contact_id in others]
        inviter = ""
        if event.actor_id and event.actor_id not in (*others, self._gateway.self_id):
            found = await self._gateway.member(event.room_id, event.actor_id)
            inviter = shown(found.alias or found.name) if found is not None else ""
        return [Newcomer(event.room_id, member, inviter) for member in members if member is not None]

    async def _receive(self, unit: UnitOfWork, met: Sequence[Newcomer], now: datetime) -> None:
        agreed = await unit.requests.list(AGREED, limit=MOST)
        strangers: list[tuple[Newcomer, Room, Person]] = []
        welcomed: dict[tuple[str, bool], list[MemberInfo]] = defaultdict(list)
        for one in met:
            room = await unit.rooms.seen(one.room_id, None, now)
            member = one.member
            person = await unit.people.seen(member.id, member.name, member.alias, room.key, now)
            if person.kind == "bot":
                continue
            request = self._asked_for(agreed, person, member, room)
            if request is not None:
                agreed.remove(request)
                membership = Membership(self._texts, self._presence.supervision)
                await arrived(unit, membership, request, person, member.id, now)
                person = await unit.people.by_contact(member.id) or person
            elif not (person.employee_no and person.status == Employment.ACTIVE):
                strangers.append((one, room, person))
            if self._presence.places.of(one.room_id, None) is not Place.GUARDED:
                continue
            if self._settings().members.welcome and await unit.welcomes.note(person.key, room.key, now):
                outsider = person.kind == "external"
                if member.is_friend:
                    await unit.outbox.add([self._digest(member, room, now, outsider=outsider)])
                else:
                    welcomed[room.gateway_id, outsider].append(member)
        for (room_id, outsider), members in welcomed.items():
            await unit.outbox.add([self._line(room_id, members, now, outsiders=outsider)])
        if strangers:
            await self._report(unit, strangers, now)

    def _asked_for(
        self, agreed: Sequence[MemberRequest], person: Person, member: MemberInfo, room: Room
    ) -> MemberRequest | None:
        return next(
            (
                request
                for request in agreed
                if request.kind != Kind.LEAVE
                and request.room_key == room.key
                and meant_by(request, person, member.id, (member.alias, member.name))
            ),
            None,
        )

    def _digest(self, member: MemberInfo, room: Room, now: datetime, *, outsider: bool) -> Outgoing:
        text = primer(self._texts, self._settings(), self._policy.book, outsider=outsider)
        unique = f"welcome {room.key} {member.id}"
        return Outgoing(member.id, text, now, now, kind="notice", private=True, unique=unique)

    def _line(
        self, room_id: str, members: Sequence[MemberInfo], now: datetime, *, outsiders: bool
    ) -> Outgoing:
        """One short line for all who can't be told privately."""
        some = members[:LISTED]
        names = "".join(f"@{shown(one.alias or one.name)}\u2005" for one in some)
        text = self._texts.render("welcome.in_room", outsiders=outsiders, more=len(members) - len(some))
        return Outgoing(
            room_id,
            names + text,
            now,
            now,
            kind="notice",
            mentions=tuple(one.id for one in some),
            unique=f"welcome {room_id} {outsiders} {now.isoformat()}",
        )

    async def _report(
        self, unit: UnitOfWork, strangers: Sequence[tuple[Newcomer, Room, Person]], now: datetime
    ) -> None:
        rooms = {room.key for _, room, _ in strangers}
        waiting = [
            request.number
            for request in await unit.requests.list(UNDER_WAY, limit=MOST)
            if request.kind != Kind.LEAVE and request.room_key in rooms
        ]
        people = [
            {
                "room": shown(room.topic),
                "label": shown(one.member.alias or one.member.name) or "未知昵称",
                "known": await self._known(unit, one.member, person),
                "inviter": one.inviter,
            }
            for one, room, person in strangers[:LISTED]
        ]
        text = self._texts.render(
            "arrivals.strangers",
            people=people,
            more=max(0, len(strangers) - LISTED),
            open=waiting[:NUMBERS],
        )
        rows = await to_supervisors(
            unit, self._presence.supervision, text, now, f"strangers {now.isoformat()}"
        )
        await unit.outbox.add(list(rows))

    async def _known(self, unit: UnitOfWork, member: MemberInfo, person: Person) -> str:
        """What the roster says of people of this name, who may be others: ``active``, ``left`` or nothing."""
        likely = [person, *await unit.people.find(member.name), *await unit.people.find(member.alias)]
        said = {one.status for one in likely if one.employee_no}
        if Employment.ACTIVE in said:
            return "active"
        return "left" if Employment.LEFT in said else ""
