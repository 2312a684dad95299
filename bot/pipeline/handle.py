"""THE path of a message: a command is answered; everything else is judged, decided and recorded.

Read :meth:`Handler._one` from top to bottom. A batch is one UnitOfWork: outcomes, cases, ledger and outbox
rows of its messages are committed together or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from structlog.typing import FilteringBoundLogger

from bot.clock import Clock
from bot.gateway.port import IncomingMessage
from bot.pipeline import record
from bot.pipeline.acquaintance import Acquaintance, Met
from bot.pipeline.fetch import Fetched
from bot.pipeline.places import Place, Places
from rules.core.book import Rulebook
from rules.core.context import Windows, lookback
from rules.core.judge import judge
from rules.core.model import Judgement, Kind, Member, Message, MessageType
from rules.procedure import penalty
from rules.reading import quote
from storage.errors import StorageError
from storage.records import Case, Outgoing, Person, Room, StoredMessage
from storage.session import Storage, UnitOfWork

SET_ASIDE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Handled:
    """What became of one message; told to listeners once it is committed.

    Attributes:
        outcomes: the compact column of the inbox: every rule's outcome that is not clean, or why none was asked.
    """

    message: IncomingMessage
    place: Place
    outcomes: str
    judgement: Judgement | None = None
    decision: penalty.Decision | None = None
    case: Case | None = None
    outgoing: tuple[Outgoing, ...] = ()


class Commands(Protocol):
    """Who answers slash commands (``bot.commands.desk``)."""

    async def take(
        self, unit: UnitOfWork, message: IncomingMessage, place: Place, sender: Person, typed: str
    ) -> tuple[Outgoing, ...] | None:
        """Answer a command; ``None`` if the text is no command."""
        ...


class Notices(Protocol):
    """Who words and addresses what the bot says by itself (``bot.pipeline.notice``)."""

    def of_case(
        self, case: Case, decision: penalty.Decision, book: Rulebook, message: IncomingMessage
    ) -> tuple[Outgoing, ...]:
        """The public notice, or the item for the review queue."""
        ...

    def of_crash(self, judgement: Judgement) -> tuple[Outgoing, ...]:
        """A word to the operators about rules that failed."""
        ...


@dataclass(slots=True)
class Policy:
    """What may be swapped while running: the rulebook, the places, and how old is stale."""

    book: Rulebook
    places: Places
    stale_after: timedelta


@dataclass(slots=True)
class _Batch:
    """What one batch gathers on its way to the commit.

    Attributes:
        judged: judgements by order of receipt; they outlive a commit that has to be repeated, so that nothing
            is judged twice.
        outcomes, messages: rows that are written together at the end.
        met: whom storage was asked for; remembered once it is committed.
    """

    judged: dict[int, Judgement] = field(default_factory=dict)
    outcomes: list[tuple[int, str]] = field(default_factory=list)
    messages: list[StoredMessage] = field(default_factory=list)
    met: list[tuple[IncomingMessage, Met]] = field(default_factory=list)

    def again(self) -> _Batch:
        """A new batch with the judgements of this one."""
        return _Batch(self.judged)


class Handler:
    """Takes fetched messages in order of receipt."""

    def __init__(
        self,
        storage: Storage,
        policy: Policy,
        commands: Commands,
        notices: Notices,
        clock: Clock,
        log: FilteringBoundLogger,
    ) -> None:
        self._storage = storage
        self.policy = policy
        self._commands = commands
        self._notices = notices
        self._clock = clock
        self._log = log
        self._windows = Windows()
        self._acquaintance = Acquaintance()
        self.listeners: list[Callable[[Handled], None]] = []

    async def take(self, batch: Sequence[Fetched]) -> None:
        """Handle a batch in one unit of work; if that fails, one by one, so that one message harms no other."""
        gathered = _Batch()
        try:
            handled = await self._commit(batch, gathered)
        except Exception as failure:  # noqa: BLE001 - any failure here must cost one message at most; told below
            if len(batch) == 1:
                await self._give_up(batch[0], failure)
                return
            self._log.warning("batch failed, taking its messages one by one", failure=type(failure).__name__)
            for item in batch:
                await self._single(item, gathered.again())
            return
        self._tell(handled)

    async def remember(self) -> int:
        """Rebuild the working windows from what was stored lately (after a restart); returns how many messages."""
        since = self._clock.now() - lookback(self.policy.book)
        async with self._storage.unit() as unit:
            past = await unit.messages.since(since, limit=20_000)
            rooms = {room.key: room for room in await unit.rooms.all()}
        for stored in past:
            message = _remembered(stored, rooms.get(stored.room_key))
            context = self._windows.look(message, self.policy.book)
            self._windows.advance(message, context, judge(self.policy.book, message, context))
        return len(past)

    def forget(self) -> None:
        """Ids may mean others now (a new login): ask storage for everybody again."""
        self._acquaintance.forget()

    async def _single(self, item: Fetched, gathered: _Batch) -> None:
        try:
            self._tell(await self._commit([item], gathered))
        except Exception as failure:  # noqa: BLE001 - as above: told and set aside
            await self._give_up(item, failure)

    async def _commit(self, batch: Sequence[Fetched], gathered: _Batch) -> list[Handled]:
        handled = []
        async with self._storage.unit() as unit:
            for item in batch:
                handled.append(await self._one(unit, item, gathered))
                gathered.outcomes.append((item.arrival.seq, handled[-1].outcomes))
            await unit.messages.add(gathered.messages)
            await unit.inbox.settle(gathered.outcomes)
        for message, met in gathered.met:
            self._acquaintance.remember(message, met, self._clock.now())
        return handled

    async def _one(self, unit: UnitOfWork, item: Fetched, gathered: _Batch) -> Handled:
        """The path of one message."""
        incoming = item.message
        if incoming is None:
            return _gone(item)

        place = self.policy.places.of(incoming.room_id, incoming.room_topic)
        if place is Place.ELSEWHERE:
            return Handled(incoming, place, "unguarded")

        now = self._clock.now()
        room, sender = self._acquaintance.of(incoming, now) or await self._meet(unit, incoming, gathered)

        quoted = quote.parse(incoming.text)
        typed = incoming.text[slice(*quoted.typed)] if quoted else incoming.text
        answers = await self._commands.take(unit, incoming, place, sender, typed)
        if answers is not None:
            await unit.outbox.add(answers)
            return Handled(incoming, place, "command", outgoing=answers)
        if place is not Place.GUARDED or room is None:
            return Handled(incoming, place, "not judged")
        if incoming.type is MessageType.RECALLED:
            return Handled(incoming, place, "recalled", case=await record.recalled(unit, incoming, now))

        judgement = self._judge(item.arrival.seq, incoming, sender, gathered)
        gathered.messages.append(record.stored(incoming, room, sender))
        outgoing = self._notices.of_crash(judgement)
        decision, case = None, None
        if judgement.rulings:
            room, sender = await self._meet(unit, incoming, gathered)  # a case rests on no memory
            decision = penalty.decide(judgement, self._situation(incoming, sender))
        if decision is not None and room is not None:
            case = await record.open_case(unit, incoming, room, sender, decision, now)
            outgoing += self._notices.of_case(case, decision, self.policy.book, incoming)
        await unit.outbox.add(outgoing)
        note = record.outcomes(judgement, late=item.late)
        return Handled(incoming, place, note, judgement, decision, case, outgoing)

    async def _meet(self, unit: UnitOfWork, incoming: IncomingMessage, gathered: _Batch) -> Met:
        now = self._clock.now()
        room = await record.room(unit, incoming, now)
        met = room, await record.sender(unit, incoming, room, now)
        gathered.met.append((incoming, met))
        return met

    def _judge(self, seq: int, incoming: IncomingMessage, sender: Person, gathered: _Batch) -> Judgement:
        if seq not in gathered.judged:
            message = _judged(incoming, sender)
            context = self._windows.look(message, self.policy.book)
            judgement = judge(self.policy.book, message, context)
            self._windows.advance(message, context, judgement)
            gathered.judged[seq] = judgement
        return gathered.judged[seq]

    def _situation(self, incoming: IncomingMessage, sender: Person) -> penalty.Situation:
        return penalty.Situation(
            now=self._clock.now(),
            sent_at=incoming.sent_at,
            reviewed_first=bool(sender.roles) or sender.is_head,
            stale_after=self.policy.stale_after,
        )

    async def _give_up(self, item: Fetched, failure: Exception) -> None:
        """Set one message aside after a failure that is no rule's: it stays stored and is tried again later."""
        self._log.error(
            "message could not be handled, set aside",
            seq=item.arrival.seq,
            failure=type(failure).__name__,
            exc_info=failure,
        )
        try:
            async with self._storage.unit() as unit:
                await unit.inbox.unread([item.arrival.seq], self._clock.now() + SET_ASIDE)
        except StorageError as broken:
            # Still pending in the inbox: the next start hands it over again.
            self._log.error("could not even set it aside", failure=str(broken))

    def _tell(self, handled: Sequence[Handled]) -> None:
        for one in handled:
            for listener in self.listeners:
                listener(one)


def _gone(item: Fetched) -> Handled:
    nothing = IncomingMessage(
        id=item.arrival.message_id,
        room_id="",
        room_topic="",
        sender_id="",
        sender_name="",
        sender_alias="",
        type=MessageType.OTHER,
        text="",
        sent_at=item.arrival.received_at,
    )
    return Handled(nothing, Place.ELSEWHERE, "own or gone")


def _judged(incoming: IncomingMessage, sender: Person) -> Message:
    return Message(
        text=incoming.text,
        type=incoming.type,
        id=incoming.id,
        room_id=incoming.room_id,
        room=incoming.room_topic,
        sender=Member(sender.key, incoming.sender_name, incoming.sender_alias, Kind(sender.kind)),
        sent_at=incoming.sent_at,
        mentions=incoming.mentions,
    )


def _remembered(stored: StoredMessage, room: Room | None) -> Message:
    return Message(
        text=stored.text,
        type=MessageType(stored.type),
        id=stored.message_id,
        room_id=room.gateway_id if room else str(stored.room_key),
        room=room.topic if room else "",
        sender=Member(stored.person_key, stored.sender_name),
        sent_at=stored.sent_at,
    )
