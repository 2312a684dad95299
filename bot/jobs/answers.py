"""What is due for messages that ask for an answer (policy 3.2c, 4.1, 6.2c): reminders, cases, one summary.

Reminders of a room go out as one message. An overdue answer becomes a case that people decide on: only they can say
whether it held work up. Nobody gets one for a time in which the bot was blind, or when many were asked at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from structlog.typing import FilteringBoundLogger

from bot.errors import GatewayError
from bot.gateway.port import Listener
from bot.jobs.answer_rows import Matter, Wording
from bot.pipeline.enquiries import Enquiries, last_reminded
from bot.pipeline.leave import names_of
from bot.pipeline.policy import Policy
from rules.core.model import Kind
from rules.procedure import reply
from rules.procedure.reply import Asked, Due, State
from storage.records import Addressee, Employment, Enquiry, Outgoing, Person, Room
from storage.session import Storage, UnitOfWork


class Answers:
    """Does what is due, once a minute."""

    def __init__(
        self,
        gateway: Listener,
        storage: Storage,
        policy: Policy,
        enquiries: Enquiries,
        wording: Wording,
        log: FilteringBoundLogger,
    ) -> None:
        self._gateway = gateway
        self._storage = storage
        self._policy = policy
        self._enquiries = enquiries
        self._options = wording.options
        self._wording = wording
        self._log = log

    async def __call__(self, now: datetime) -> int:
        """Do what is due at ``now``; returns how many rows that makes for the outbox."""
        async with self._storage.view() as unit:
            matters = await self._matters(unit, now)
            closed = await unit.enquiries.unsummed()
            self._enquiries.compare([one.number for one in await unit.enquiries.active()])
            askers = {one.enquiry.asker for one in matters if one.due.summary} | {one.asker for one in closed}
            people = [await unit.people.get(key) for key in askers]
        if not matters and not closed:
            return 0
        friends = {one.key for one in people if one is not None and await self._is_friend(one)}
        return await self._storage.run(lambda unit: self._act(unit, now, friends))

    async def _is_friend(self, person: Person) -> bool:
        """Whether somebody can be written to privately; if that is not known now, they can't."""
        try:
            known = await self._gateway.member("", person.contact_id) if person.contact_id else None
        except GatewayError as failure:
            self._log.warning("an asker could not be read", failure=type(failure).__name__)
            return False
        return known is not None and known.is_friend

    # ---- what is due

    async def _matters(self, unit: UnitOfWork, now: datetime) -> list[Matter]:
        """The open requests for which something is due."""
        found = []
        for enquiry in await unit.enquiries.active():
            room = await unit.rooms.get(enquiry.room_key)
            if room is None:
                continue
            everybody = tuple(await unit.enquiries.addressees(enquiry.number))
            due = self._due(enquiry, room, [_asked(one) for one in everybody], now)
            if due == Due():
                continue
            matter = await self._in_full(unit, Matter(enquiry, room, everybody, {}, due), now)
            found.append(matter)
        return self._once(found)

    def _due(self, enquiry: Enquiry, room: Room, people: Sequence[Asked], now: datetime) -> Due:
        options, calendar = self._options(), self._policy.of(room).calendar
        due = reply.due(_known(enquiry), people, now, calendar)
        if not options.remind or self._policy.muted(room.key, now):
            due = replace(due, remind=())
        return due

    async def _in_full(self, unit: UnitOfWork, matter: Matter, now: datetime) -> Matter:
        """The same once more, with leave, duty and other reminders of those who are missing."""
        enquiry, room = matter.enquiry, matter.room
        liable = await self._liable(unit, enquiry, matter.addressees, now)
        people: dict[str, Person] = {}
        asked: list[Asked] = []
        for one in matter.addressees:
            person = await unit.people.get(one.person_key) if one.state == State.MISSING else None
            if person is None:
                asked.append(_asked(one))
                continue
            people[person.key] = person
            asked.append(await self._standing(unit, matter, one, person, now, liable=liable))
        return replace(matter, people=people, due=self._due(enquiry, room, asked, now))

    @staticmethod
    def _once(matters: Sequence[Matter]) -> list[Matter]:
        """Nobody is reminded in two rooms at once: the second waits for the next half-day."""
        told: dict[str, int] = {}
        found = []
        for matter in matters:
            remind = tuple(
                key for key in matter.due.remind if told.setdefault(key, matter.room.key) == matter.room.key
            )
            found.append(replace(matter, due=replace(matter.due, remind=remind)))
        return [one for one in found if one.due != Due()]

    async def _standing(
        self,
        unit: UnitOfWork,
        matter: Matter,
        one: Addressee,
        person: Person,
        now: datetime,
        *,
        liable: bool,
    ) -> Asked:
        rota = self._policy.of(matter.room).rota
        who = await names_of(unit, person.key)
        gone = person.status == Employment.LEFT
        return replace(
            _asked(one),
            away=gone or rota.on_leave(who, now),
            away_then=gone or rota.on_leave(who, matter.enquiry.due_at),
            on_duty=rota.on_duty(who, now),
            told_at=await last_reminded(unit, person.key, now),
            liable=liable
            and person.kind != Kind.EXTERNAL
            and not self._policy.exempt(person.key, matter.room.key, now),
        )

    async def _liable(
        self, unit: UnitOfWork, enquiry: Enquiry, everybody: Sequence[Addressee], now: datetime
    ) -> bool:
        """Whether a missing answer may become a case: few were asked, and the bot heard whatever was said since."""
        options = self._options()
        if options.points == 0 or len(everybody) > options.named_at_most:
            return False
        return not await unit.blind.between(enquiry.asked_at, now)

    # ---- what is done

    async def _act(self, unit: UnitOfWork, now: datetime, friends: set[str]) -> int:
        matters = await self._matters(unit, now)
        rows: list[Outgoing] = []
        for matter in matters:
            self._enquiries.changed(matter.room.key)
            number, due = matter.enquiry.number, matter.due
            for key in due.excuse:
                await unit.enquiries.excuse(number, key)
            await unit.enquiries.remind(number, due.remind, now)
            for key in due.overdue:
                rows += await self._wording.overdue(unit, matter, matter.people[key], now)
            if due.summary:
                rows.append(await self._wording.summary(unit, matter.enquiry, matter.room, now, friends))
                await unit.enquiries.summarised(number, now)
            if due.finish:
                await unit.enquiries.close(number, now, "done")
        to_remind = [one for one in matters if one.due.remind]
        for room in {one.room.key: one.room for one in to_remind}.values():
            here = [one for one in to_remind if one.room.key == room.key]
            rows.append(await self._wording.reminder(unit, room, here, now))
        for enquiry in await unit.enquiries.unsummed():
            where = await unit.rooms.get(enquiry.room_key)
            if where is not None:
                rows.append(await self._wording.summary(unit, enquiry, where, now, friends))
            await unit.enquiries.summarised(enquiry.number, now)
        await unit.outbox.add(rows)
        return len(rows)


def _known(enquiry: Enquiry) -> reply.Enquiry:
    return reply.Enquiry(
        enquiry.asked_at, enquiry.due_at, urgent=enquiry.urgent, summarised=enquiry.summary_at is not None
    )


def _asked(one: Addressee) -> Asked:
    return Asked(
        key=one.person_key,
        state=State(one.state),
        reminded_at=one.reminded_at,
        reminders=one.reminders,
        told_at=one.reminded_at,
        charged=bool(one.overdue_case),
    )
