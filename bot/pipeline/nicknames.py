"""Nicknames (policy 2.2a): what a judgement says of them is noted once, and a case is opened when grace is over.

A nickname is no message: it is judged with every message of its bearer, and once a day for everybody
(:mod:`bot.jobs.nicknames`), who is reminded first. One person and nickname make one case, in however many rooms.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from bot.clock import Clock
from bot.gateway.port import IncomingMessage, MemberInfo
from bot.pipeline import record
from bot.pipeline.notice import NoticeWriter
from bot.pipeline.policy import Policy
from rules.core.book import Rulebook
from rules.core.model import Judgement, MessageType, Ruling, Tier, Verdict
from rules.procedure.grace import Grace, Reminded, Step, next_step
from rules.procedure.penalty import Situation, decide
from storage.names import folded
from storage.records import NicknameNote, Outgoing, Person, Room
from storage.session import Storage, UnitOfWork


@dataclass(frozen=True, slots=True)
class Spotted:
    """A nickname about which something is to be written down.

    Attributes:
        message: the message it was seen with; it is what a case points to, without its text.
        ruling: what is wrong with it; ``None`` if it is fine now.
    """

    message: IncomingMessage
    room: Room
    person: Person
    ruling: Ruling | None

    @property
    def alias(self) -> str:
        """The nickname as it was seen."""
        return self.message.sender_alias or ""

    @property
    def key(self) -> tuple[str, str]:
        """Whose nickname it is, and which."""
        return self.person.key, folded(self.alias)


class Nicknames:
    """Keeps the notes on nicknames, and knows which of them are open without asking storage."""

    def __init__(self, storage: Storage, policy: Policy, notices: NoticeWriter, clock: Clock) -> None:
        self._storage = storage
        self._policy = policy
        self._notices = notices
        self._clock = clock
        self._open: dict[tuple[str, str], Tier] = {}

    async def restore(self) -> None:
        """Learn which notes are open."""
        async with self._storage.view() as unit:
            notes = await unit.nicknames.open()
        self._open = {(note.person_key, folded(note.alias)): Tier(note.tier) for note in notes}

    def spot(
        self, judgement: Judgement, message: IncomingMessage, room: Room, person: Person
    ) -> Spotted | None:
        """What a judgement says of its sender's nickname, if that is new."""
        found = Spotted(message, room, person, worst(judgement))
        return found if self.news(found, judgement) else None

    def news(self, found: Spotted, judgement: Judgement) -> bool:
        """Whether what was found has to be written down: it is not known, or what was known is over."""
        if found.message.sender_alias is None:
            return False
        if found.ruling is not None:
            return self._open.get(found.key) is not found.ruling.tier
        return self._fine(judgement) and any(key[0] == found.person.key for key in self._open)

    async def heard(self, unit: UnitOfWork, spotted: Spotted, situation: Situation) -> tuple[Outgoing, ...]:
        """Write it down; the rows of the case, if one is due."""
        now = self._clock.now()
        ruling, person = spotted.ruling, spotted.person
        # Whatever else was worn here before is worn no more.
        worn = spotted.alias if ruling is not None else None
        # One wrong nickname after the other is one time of grace.
        before = [
            note
            for note in (await unit.nicknames.open() if ruling is not None else ())
            if note.person_key == person.key and note.room_key == spotted.room.key
        ]
        first = min((note.first_reminded_at for note in before if note.first_reminded_at), default=None)
        last = max((note.reminded_at for note in before if note.reminded_at), default=None)
        contact_id = spotted.message.sender_id
        await unit.nicknames.clear(person.key, contact_id, now, spotted.room.key, worn=worn)
        if ruling is None:
            return ()
        note = await unit.nicknames.note(
            NicknameNote(
                person_key=person.key,
                alias=spotted.alias,
                room_key=spotted.room.key,
                contact_id=spotted.message.sender_id,
                tier=ruling.tier.value,
                category=ruling.category,
                clause=ruling.clause,
                points=ruling.points,
                reason=ruling.reason,
                signs=ruling.signs,
                since=now,
                first_reminded_at=first,
                reminded_at=last,
            )
        )
        # An outsider is asked, and nothing more: there is no appraisal that a case could count in.
        if ruling.tier is not Tier.VIOLATION or situation.outsider:
            return ()
        if self.step(note, self._policy.of(spotted.room)) is not Step.CASE:
            return ()
        return await self.open_case(unit, note, spotted, ruling, situation)

    def step(self, note: NicknameNote, book: Rulebook) -> Step:
        """What is due for a note now."""
        told = Reminded(note.first_reminded_at, note.reminded_at, settled=bool(note.number))
        return next_step(told, patience(book), self._clock.now(), book.calendar)

    async def open_case(
        self, unit: UnitOfWork, note: NicknameNote, spotted: Spotted, ruling: Ruling, situation: Situation
    ) -> tuple[Outgoing, ...]:
        """Open the one case of a person and nickname, and word its notice."""
        now, book = self._clock.now(), self._policy.of(spotted.room)
        decision = decide((ruling,), situation)
        if decision is None:
            return ()
        # The case is about no message, and recalling one does not mend a nickname.
        about = replace(spotted.message, id=case_id(note), text="", sent_at=now)
        case = await record.open_case(unit, about, spotted.room, spotted.person, decision, now)
        await unit.nicknames.settled(note.person_key, note.alias, case.number)
        return await self._notices.of_case(unit, case, decision, book, about)

    def remember(self, spotted: Iterable[Spotted]) -> None:
        """Keep in mind what was committed."""
        for one in spotted:
            if one.ruling is not None:
                self._open[one.key] = one.ruling.tier
            else:
                self._open = {key: tier for key, tier in self._open.items() if key[0] != one.person.key}

    def _fine(self, judgement: Judgement) -> bool:
        standing = self._policy.book.standing
        said = [outcome.verdict for outcome in judgement.outcomes if outcome.rule in standing]
        return bool(said) and all(verdict is Verdict.CLEAN for verdict in said)


def worst(judgement: Judgement) -> Ruling | None:
    """What is surest wrong with how the sender stands; ``None`` if nothing is."""
    return min(judgement.standing, key=lambda ruling: ruling.tier is not Tier.VIOLATION, default=None)


def patience(book: Rulebook) -> Grace:
    """How patient the book's standing rule is; its declaration vouches for the two settings."""
    for entry in book.entries:
        if entry.rule.standing:
            settings = entry.settings.model_dump()
            return Grace(days=settings["grace_days"], remind_every=settings["remind_every_days"])
    return Grace(days=0, remind_every=1)


def case_id(note: NicknameNote) -> str:
    """What stands in the place of a message id in a nickname's case: the same for the same note."""
    digest = hashlib.sha256(folded(note.alias).encode("utf-8", "surrogatepass")).hexdigest()
    return f"nickname {note.person_key} {digest[:16]} {note.since:%Y%m%d}"


def seen_as(room: Room, member: MemberInfo, now: datetime) -> IncomingMessage:
    """Somebody in a room as a message without content, for judging a nickname when nothing was said."""
    return IncomingMessage(
        id="",
        room_id=room.gateway_id,
        room_topic=room.topic,
        sender_id=member.id,
        sender_name=member.name,
        sender_alias=member.alias,
        type=MessageType.OTHER,
        text="",
        sent_at=now,
        is_friend=member.is_friend,
    )
