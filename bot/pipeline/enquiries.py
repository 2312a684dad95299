"""Messages that ask for an answer, and the answers to them (policy 2.3a, 4.1a, 4.1b).

The path lets :class:`Enquiries` hear every message of a guarded room. It notes who asks whom, and what those who
were asked say; what is due then is for :mod:`bot.jobs.answers`. Nothing is said here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.gateway.port import IncomingMessage
from bot.pipeline.places import Place
from bot.pipeline.policy import Policy
from bot.settings.answers import AnswerSettings
from rules.core.model import Kind, MessageType
from rules.procedure import reply
from rules.procedure.reply import Refusal, State
from rules.reading import answers, asks, quote
from rules.reading.asks import Ask
from rules.reading.quote import Quote
from storage.errors import Conflict
from storage.names import folded
from storage.records import SYSTEM, Addressee, AuditEntry, Employment, Enquiry, Person, Room
from storage.session import Storage, UnitOfWork

A_DAY = 20
"""Requests of one person in one day that are followed up by themselves."""

REMINDED_BEFORE = timedelta(days=30)
"""How far back it is looked for when somebody was last reminded of anything."""

LATEST = 20
"""Open requests of a room among which an answer is looked for, newest first."""


@dataclass(frozen=True, slots=True)
class _Open:
    """An open request, and how the one who writes stands to it."""

    enquiry: Enquiry
    mine: Addressee

    @property
    def state(self) -> State:
        return State(self.mine.state)


class Enquiries:
    """Hears requests and answers. Ordinary talk costs a look into a dictionary.

    Args:
        options: gives the settings in force.
        self_id: gives the account's own contact id.
    """

    def __init__(
        self,
        storage: Storage,
        policy: Policy,
        options: Callable[[], AnswerSettings],
        self_id: Callable[[], str],
    ) -> None:
        self._storage = storage
        self._policy = policy
        self._options = options
        self._self_id = self_id
        self._asked: dict[int, frozenset[str]] | None = None
        self._changed: set[int] = set()
        self._numbers: frozenset[str] = frozenset()

    @property
    def astray(self) -> bool:
        """Whether :meth:`restore` would learn anything."""
        return self._asked is None or bool(self._changed)

    async def restore(self) -> None:
        """Learn anew who is asked in which room; to be called between two batches of messages."""
        asked: dict[int, set[str]] = {}
        numbers: set[str] = set()
        async with self._storage.view() as unit:
            for enquiry in await unit.enquiries.active():
                numbers.add(enquiry.number)
                known = asked.setdefault(enquiry.room_key, set())
                for one in await unit.enquiries.addressees(enquiry.number):
                    known |= {one.person_key, one.contact_id}
        self._asked = {room: frozenset(known) for room, known in asked.items()}
        self._numbers = frozenset(numbers)
        self._changed.clear()

    def compare(self, numbers: Iterable[str]) -> None:
        """Take note of what is open by now, whoever opened or closed it."""
        if self._numbers != frozenset(numbers):
            self._asked = None

    def changed(self, room_key: int) -> None:
        """What is open in a room may have changed: until :meth:`restore` storage is asked every time."""
        self._changed.add(room_key)

    async def heard(
        self,
        unit: UnitOfWork,
        message: IncomingMessage,
        place: Place,
        room: Room | None,
        sender: Person,
        *,
        command: bool,
    ) -> None:
        """Note what a message asks or answers, if it was said in a guarded room."""
        if place is not Place.GUARDED or room is None:
            return
        if command:
            self.changed(room.key)  # it may have opened or closed one
        elif message.type is MessageType.RECALLED:
            await self._recalled(unit, message, room, sender)
        elif message.type is MessageType.TEXT:
            if self._may_answer(room, sender, message):
                await self._note_answer(unit, message, room, sender)
            if self._options().enabled and sender.kind != Kind.EXTERNAL:
                await self._note_request(unit, message, room, sender)

    def _may_answer(self, room: Room, sender: Person, message: IncomingMessage) -> bool:
        if self._asked is None or room.key in self._changed:
            return True
        return not {sender.key, message.sender_id}.isdisjoint(self._asked.get(room.key, ()))

    # ---- requests

    async def _note_request(
        self, unit: UnitOfWork, message: IncomingMessage, room: Room, sender: Person
    ) -> None:
        book = self._policy.of(room)
        others = [one for one in message.mentions if one != self._self_id()]
        ask = asks.read(message.text, others, message.sent_at, book.calendar, book.reader.key)
        if ask is None or await unit.enquiries.of_message(message.id) is not None:
            return
        people = await asked_people(unit, room, ask, sender.key, message.sent_at)
        since = message.sent_at - timedelta(days=1)
        if not people or len(await unit.enquiries.asked_by(sender.key, since)) >= A_DAY:
            return
        self.changed(room.key)
        await begin(
            unit,
            room,
            sender,
            people,
            message_id=message.id,
            text=asks.typed_part(message.text).strip(),
            asked_at=message.sent_at,
            due_at=reply.deadline(
                message.sent_at, ask.due, book.calendar, self._options().patience, urgent=ask.urgent
            ),
            urgent=ask.urgent,
        )

    async def _recalled(self, unit: UnitOfWork, message: IncomingMessage, room: Room, sender: Person) -> None:
        """Whoever takes a request back awaits nothing any more."""
        enquiry = await unit.enquiries.of_message(message.text.strip())
        if enquiry is None or enquiry.state != "open":
            return
        if enquiry.room_key != room.key or enquiry.asker != sender.key:
            return
        self.changed(room.key)
        await unit.enquiries.close(enquiry.number, message.sent_at)
        await unit.enquiries.summarised(enquiry.number, message.sent_at)
        await unit.audit.add(AuditEntry(message.sent_at, SYSTEM, "enquiry recalled", enquiry.number))

    # ---- answers

    async def _note_answer(
        self, unit: UnitOfWork, message: IncomingMessage, room: Room, sender: Person
    ) -> None:
        found = await _addressed(unit, room, sender, message)
        if not found:
            return
        quoted = quote.parse(message.text)
        chosen, direct = found, False
        if quoted is not None:
            chosen, direct = [one for one in found if _quotes(quoted, one.enquiry)], True
        called = await self._called(unit, message, room) if not (quoted and chosen) else frozenset()
        if called:
            chosen, direct = [one for one in found if one.enquiry.asker in called], True
        if not chosen:
            return  # it is for somebody else
        book = self._policy.of(room)
        read = answers.read(message.text, message.sent_at, book.calendar, book.reader.key, direct=direct)
        if read is None:
            return
        said = State(read.said.value)
        target = _target(chosen, said)
        if target is None:
            return
        outcome = reply.consider(target.state, said)
        if isinstance(outcome, Refusal):
            if read.expected is None or outcome is Refusal.FINAL:
                return
            outcome = target.state  # the same once more, now with a time
        expected = f"{read.expected:%m-%d %H:%M}" if read.expected is not None else ""
        try:
            await unit.enquiries.answer(
                target.enquiry.number,
                target.mine.person_key,
                outcome.value,
                expected,
                message.id,
                message.sent_at,
            )
        except Conflict:
            return  # it was closed this very moment
        self.changed(room.key)
        if target.state is State.MISSING and message.sent_at > target.enquiry.due_at:
            note = f"{target.enquiry.number} {target.mine.overdue_case}".strip()
            await unit.audit.add(AuditEntry(message.sent_at, sender.key, "late answer", note))

    async def _called(self, unit: UnitOfWork, message: IncomingMessage, room: Room) -> frozenset[str]:
        """Keys of the people whom a message calls by name."""
        ids = [one for one in message.mentions if one not in (self._self_id(), *asks.EVERYBODY_IDS)]
        names = asks.names_in(asks.typed_part(message.text))
        return frozenset(one.key for one in await _named(unit, room, ids, names, message.sent_at))


def _target(found: Sequence[_Open], said: State) -> _Open | None:
    """The request that is answered: the newest without an answer, else the newest to which this adds something."""
    for one in found:
        if one.state is State.MISSING:
            return one
    for one in found:
        if not isinstance(reply.consider(one.state, said), Refusal):
            return one
    return next((one for one in found if one.state is not State.DONE), None)


def _quotes(quoted: Quote, enquiry: Enquiry) -> bool:
    """Whether a quote is of a request, or of a word about it that bears its number."""
    beginning = " ".join(quoted.beginning.split())
    return enquiry.number in beginning or (
        bool(beginning) and " ".join(enquiry.text.split()).startswith(beginning)
    )


async def _addressed(unit: UnitOfWork, room: Room, sender: Person, message: IncomingMessage) -> list[_Open]:
    """The open requests of a room that somebody is asked in, newest first."""
    found: list[_Open] = []
    active = sorted(await unit.enquiries.active(room.key), key=lambda one: one.asked_at, reverse=True)
    for enquiry in active[:LATEST]:
        if enquiry.asked_at > message.sent_at or enquiry.message_id == message.id:
            continue
        for one in await unit.enquiries.addressees(enquiry.number):
            if sender.key == one.person_key or message.sender_id == one.contact_id:
                found.append(_Open(enquiry, one))
                break
    return found


async def asked_people(unit: UnitOfWork, room: Room, ask: Ask, asker: str, now: datetime) -> list[Person]:
    """Whom a request means, without the one who asks, bots, and people who have left."""
    if ask.everybody:
        people = [person for person, _, _ in await unit.people.members(room.key)]
    else:
        people = await _named(unit, room, ask.mentions, ask.names, now)
    wanted = [
        one for one in people if one.key != asker and one.kind != "bot" and one.status != Employment.LEFT
    ]
    return list({one.key: one for one in wanted}.values())


async def _named(
    unit: UnitOfWork, room: Room, ids: Collection[str], names: Collection[str], now: datetime
) -> list[Person]:
    """People by id, those too who have never spoken; without ids, whose name exactly one member bears."""
    if ids:
        return [
            await unit.people.by_contact(contact_id)
            or await unit.people.seen(contact_id, "", None, room.key, now)
            for contact_id in ids
        ]
    if not names:
        return []
    members = await unit.people.members(room.key)
    found: list[Person] = []
    for name in map(folded, names):
        fitting = [person for person, own, alias in members if name in (folded(alias), folded(own))]
        found += fitting if len(fitting) == 1 else []
    return found


async def begin(
    unit: UnitOfWork,
    room: Room,
    asker: Person,
    people: Sequence[Person],
    *,
    message_id: str,
    text: str,
    asked_at: datetime,
    due_at: datetime,
    urgent: bool = False,
) -> Enquiry:
    """Open a request to some people; it is in the audit.

    Raises:
        Conflict: this message has opened one already; ``present`` is its number.
    """
    enquiry = Enquiry(
        number="",
        room_key=room.key,
        message_id=message_id,
        asker=asker.key,
        text=text,
        urgent=urgent,
        asked_at=asked_at,
        due_at=due_at,
    )
    addressed = [Addressee(number="", person_key=one.key, contact_id=one.contact_id) for one in people]
    enquiry = await unit.enquiries.open(enquiry, addressed)
    detail = f"{len(addressed)} 人"
    await unit.audit.add(AuditEntry(asked_at, asker.key, "enquiry opened", enquiry.number, detail))
    return enquiry


async def last_reminded(unit: UnitOfWork, person_key: str, now: datetime) -> datetime | None:
    """When somebody was last reminded of any request; ``None`` if never."""
    theirs = await unit.enquiries.of_person(person_key, now - REMINDED_BEFORE, now + timedelta(seconds=1))
    return max((one.reminded_at for _, one in theirs if one.reminded_at is not None), default=None)
