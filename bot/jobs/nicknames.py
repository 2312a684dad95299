"""The daily round over every nickname (policy 2.2a): who is wrong is reminded, all of a room in one message.

People who never write wear nicknames too. Whoever was reminded and had time of grace gets the one case of person
and nickname; where it is not even sure that somebody is an employee, only the supervisors are told.
"""

from __future__ import annotations

import asyncio
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime

from structlog.typing import FilteringBoundLogger

from bot.errors import GatewayError
from bot.gateway.port import IncomingMessage, Listener, MemberInfo, RoomInfo
from bot.pipeline import record
from bot.pipeline.leave import on_leave
from bot.pipeline.nicknames import Nicknames, Spotted, patience, seen_as, worst
from bot.pipeline.notice import SUPERVISION, shown
from bot.pipeline.places import Place, Places
from bot.pipeline.policy import Policy
from bot.texts import Texts
from rules.core.context import Windows
from rules.core.judge import judge
from rules.core.model import Context, Judgement, Kind, Message, Tier
from rules.procedure.grace import Step, last_day
from storage.names import folded
from storage.records import NicknameNote, Outgoing, Person, Room
from storage.session import Storage, UnitOfWork

AT_ONCE = 8
IN_ONE_UNIT = 50
IN_ONE_MESSAGE = 20
LONGEST_NAME = 14

Addressed = tuple[Outgoing, Sequence[Spotted]]


class NicknameRound:
    """Looks at the nickname of everybody in every guarded room."""

    def __init__(
        self,
        gateway: Listener,
        storage: Storage,
        policy: Policy,
        nicknames: Nicknames,
        places: Callable[[], Places],
        texts: Texts,
        log: FilteringBoundLogger,
    ) -> None:
        self._gateway = gateway
        self._storage = storage
        self._policy = policy
        self._nicknames = nicknames
        self._places = places
        self._texts = texts
        self._log = log

    async def __call__(self, now: datetime) -> str:
        """Look at everybody and remind; returns how many of each, for the job-run row.

        Raises:
            GatewayError: nobody could be looked at now; to be tried again.
        """
        wrong: list[Spotted] = []
        looked, missed = 0, 0
        for info in await self._gateway.rooms():
            if self._places().of(info.id, info.topic) is not Place.GUARDED:
                continue
            members = await self._members(info)
            looked += len(members)
            missed += len(info.member_ids) - len(members) - (self._gateway.self_id in info.member_ids)
            for start in range(0, len(members), IN_ONE_UNIT):
                wrong += await self._look(info, members[start : start + IN_ONE_UNIT], now)
        once = list({one.key: one for one in reversed(wrong)}.values())[::-1]
        async with self._storage.unit() as unit:
            if not missed:
                await self._forget_absent(unit, once, now)
            reminded, cases = await self._act(unit, once, now)
        await self._nicknames.restore()
        return f"looked at {looked}, wrong {len(once)}, reminded {reminded}, cases {cases}"

    async def joined(self, room_id: str, contact_ids: Sequence[str], now: datetime) -> None:
        """Look at people who have just come into a room: it is noted, and they are reminded with the next round."""
        info = RoomInfo(room_id, "", member_ids=tuple(contact_ids))
        if self._places().of(room_id, None) is Place.GUARDED:
            await self._look(info, await self._members(info), now)

    async def _members(self, info: RoomInfo) -> list[MemberInfo]:
        """Everybody in a room but the bot; whoever can't be read now is left for the next round."""
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(contact_id: str) -> MemberInfo | None:
            async with gate:
                try:
                    return await self._gateway.member(info.id, contact_id)
                except GatewayError as failure:
                    self._log.warning("a member could not be read", failure=type(failure).__name__)
                    return None

        others = [contact_id for contact_id in info.member_ids if contact_id != self._gateway.self_id]
        return [member for member in await asyncio.gather(*map(one, others)) if member is not None]

    async def _look(self, info: RoomInfo, members: Sequence[MemberInfo], now: datetime) -> list[Spotted]:
        """Judge nicknames and write down what is new; returns those that are wrong, new or not."""
        wrong: list[Spotted] = []
        new: list[Spotted] = []
        async with self._storage.unit() as unit:
            room = await unit.rooms.seen(info.id, info.topic, now)
            for member in members:
                person = await unit.people.seen(member.id, member.name, member.alias, room.key, now)
                seen = seen_as(room, member, now)
                judgement = self._judge(room, person, seen, now)
                spotted = Spotted(seen, room, person, worst(judgement))
                if spotted.ruling is not None:
                    wrong.append(spotted)
                if self._nicknames.news(spotted, judgement):
                    situation = self._policy.situation(person, room, now, now)
                    rows = await self._nicknames.heard(unit, spotted, situation)
                    await unit.outbox.add(rows)
                    new.append(spotted)
        self._nicknames.remember(new)
        return wrong

    def _judge(self, room: Room, person: Person, seen: IncomingMessage, now: datetime) -> Judgement:
        book = self._policy.of(room)
        book = book.only(book.standing)
        message = record.judged(seen, person)
        context = Windows().look(message, book, self._policy.exempt(person.key, room.key, now))
        return judge(book, message, context)

    async def _forget_absent(self, unit: UnitOfWork, wrong: Sequence[Spotted], now: datetime) -> None:
        """Clear the notes of people who are in no room any more, or wear something else there."""
        worn = {one.key for one in wrong}
        for note in await unit.nicknames.open():
            if (note.person_key, folded(note.alias)) not in worn:
                await unit.nicknames.clear(note.person_key, note.contact_id, now, note.room_key)

    async def _act(self, unit: UnitOfWork, wrong: Sequence[Spotted], now: datetime) -> tuple[int, int]:
        """Remind and open cases; returns how many of each."""
        due: list[tuple[Spotted, date]] = []
        unclear: list[Spotted] = []
        cases = 0
        for one in wrong:
            note = await unit.nicknames.get(one.person.key, one.alias)
            if note is None or one.ruling is None:
                continue
            if one.ruling.tier is not Tier.VIOLATION:
                if note.reminded_at is None:
                    unclear.append(one)
                continue
            if await self._left_in_peace(unit, one, now):
                await unit.nicknames.pause(note.person_key, note.alias)
                continue
            book = self._policy.of(one.room)
            step = self._nicknames.step(note, book)
            until = last_day(note.first_reminded_at or now, patience(book), book.calendar)
            if step is Step.REMIND and self._may_be_told(one, note, until, now):
                due.append((one, until))
            elif step is Step.CASE and one.person.kind != Kind.EXTERNAL:
                situation = self._policy.situation(one.person, one.room, now, now)
                rows = await self._nicknames.open_case(unit, note, one, one.ruling, situation)
                await unit.outbox.add(rows)
                cases += 1
        said = list(self._reminders(due, now))
        if unclear:
            await self._say(unit, [(self._unclear(unclear, now), unclear[:IN_ONE_MESSAGE])], now)
        return await self._say(unit, said, now), cases

    async def _say(self, unit: UnitOfWork, said: Sequence[Addressed], now: datetime) -> int:
        """Keep messages to be sent; whom one that was really taken is about counts as reminded. Returns how many."""
        taken = {row.unique for row in await unit.outbox.add([row for row, _ in said])}
        reminded = [one for row, people in said if row.unique in taken for one in people]
        for one in reminded:
            await unit.nicknames.reminded(one.person.key, one.alias, now)
        return len(reminded)

    async def _left_in_peace(self, unit: UnitOfWork, one: Spotted, now: datetime) -> bool:
        """Whether somebody is away, or the bot is asked to be quiet: nobody's time of grace runs then."""
        if self._policy.muted(one.room.key, now):
            return True
        return await on_leave(unit, one.person.key, self._policy.of(one.room), now)

    def _may_be_told(self, one: Spotted, note: NicknameNote, until: date, now: datetime) -> bool:
        """Whether a reminder is worth its price: before everybody only at first and on the last day, outsiders once."""
        if one.person.kind == Kind.EXTERNAL:
            return note.first_reminded_at is None
        today = self._policy.of(one.room).calendar.local(now).date()
        return one.message.is_friend or note.first_reminded_at is None or today == until

    def _reminders(self, due: Sequence[tuple[Spotted, date]], now: datetime) -> Iterator[Addressed]:
        """Friends of the account are told privately; the others of a room in one message, or as few as will do."""
        public: dict[tuple[int, date, bool], list[Spotted]] = defaultdict(list)
        for one, until in due:
            outside = one.person.kind == Kind.EXTERNAL
            if one.message.is_friend:
                yield self._reminder([one], until, now, outside=outside, private=True), [one]
            else:
                public[one.room.key, until, outside].append(one)
        for (_, until, outside), people in public.items():
            for start in range(0, len(people), IN_ONE_MESSAGE):
                some = people[start : start + IN_ONE_MESSAGE]
                yield self._reminder(some, until, now, outside=outside, private=False), some

    def _reminder(
        self, people: Sequence[Spotted], until: date, now: datetime, *, outside: bool, private: bool
    ) -> Outgoing:
        room = people[0].room
        book = self._policy.of(room)
        names = "".join(f"@{self._presentable(one)}\u2005" for one in people)
        text = self._texts.render(
            "nickname.remind",
            clause=people[0].ruling.clause if people[0].ruling else "",
            until=f"{until:%m-%d}",
            room=shown(room.topic) if private else "",
            outsiders=outside,
        )
        day = book.calendar.local(now).date()
        return Outgoing(
            target=people[0].message.sender_id if private else room.gateway_id,
            text=text if private else names + text,
            due_at=book.calendar.next_opening(now),
            created_at=now,
            kind="notice",
            private=private,
            mentions=() if private else tuple(one.message.sender_id for one in people),
            unique=f"nicknames {room.key} {people[0].person.key} {day}",
        )

    def _presentable(self, one: Spotted) -> str:
        """A nickname as the bot may say it before everybody: what is no plausible name is not repeated."""
        name = shown(one.alias or one.message.sender_name)
        book = self._policy.of(one.room)
        read = book.reader.read(name)
        odd = any(unicodedata.category(sign)[0] in "PC" and sign not in "-_·()（）" for sign in name)
        said = judge(book, Message(name), Context(read, book.calendar)).rulings
        return self._texts.render("nickname.somebody") if odd or said or len(name) > LONGEST_NAME else name

    def _unclear(self, people: Sequence[Spotted], now: datetime) -> Outgoing:
        rows = [
            {
                "room": shown(one.room.topic),
                "alias": shown(one.alias or one.message.sender_name),
                "signs": one.ruling.signs if one.ruling else "",
            }
            for one in people[:IN_ONE_MESSAGE]
        ]
        text = self._texts.render("nickname.unclear", people=rows, more=max(0, len(people) - IN_ONE_MESSAGE))
        return Outgoing(SUPERVISION, text, now, now, kind="alert", unique=f"nicknames unclear {now:%Y-%m-%d}")
