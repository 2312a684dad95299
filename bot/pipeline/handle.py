"""THE path of a message: a command is answered; everything that was said is judged, decided and recorded.

Read :meth:`Handler._one` from top to bottom. A batch is one UnitOfWork: outcomes, cases, ledger and outbox rows of
its messages are committed together or not at all.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial

from structlog.typing import FilteringBoundLogger

from bot.clock import Clock
from bot.gateway.port import IncomingMessage
from bot.pipeline import bursts, record
from bot.pipeline.acquaintance import Acquaintance, Met
from bot.pipeline.fetch import Fetched
from bot.pipeline.handled import Attention, Commands, Handled
from bot.pipeline.nicknames import Nicknames, Spotted
from bot.pipeline.notice import NoticeWriter
from bot.pipeline.patience import patiently
from bot.pipeline.places import Place, Places
from bot.pipeline.policy import Policy
from bot.pipeline.quoted import with_doubts
from rules.core.book import Rulebook
from rules.core.context import Windows, lookback
from rules.core.judge import judge
from rules.core.model import (
    Judgement,
    Message,
    MessageType,
)
from rules.procedure import penalty
from rules.procedure.defence import Defence, exempted, softened
from rules.reading import quote
from storage.records import Arrival, Room, StoredMessage
from storage.session import Storage, UnitOfWork

RECALLS = 2_000


@dataclass(slots=True)
class _Batch:
    """What one batch gathers on its way to the commit.

    Attributes:
        outcomes, messages: rows that are written together at the end.
        met: whom storage was asked for; remembered once it is committed.
        spotted: nicknames that were noted down; remembered once it is committed.
    """

    outcomes: list[tuple[int, str]] = field(default_factory=list)
    messages: list[StoredMessage] = field(default_factory=list)
    met: list[tuple[IncomingMessage, Met]] = field(default_factory=list)
    spotted: list[Spotted] = field(default_factory=list)


class Handler:
    """Takes fetched messages in order of receipt.

    Args:
        places: gives the present places.
    """

    def __init__(
        self,
        storage: Storage,
        policy: Policy,
        places: Callable[[], Places],
        commands: Commands,
        notices: NoticeWriter,
        nicknames: Nicknames,
        enquiries: Attention,
        clock: Clock,
        log: FilteringBoundLogger,
    ) -> None:
        self._storage = storage
        self.policy = policy
        self._places = places
        self._commands = commands
        self._notices = notices
        self._nicknames = nicknames
        self._enquiries = enquiries
        self._clock = clock
        self._log = log
        self._windows = Windows()
        self._astray = False  # the windows hold what was never committed
        self._unsure = False  # a unit of work began, and nobody knows that it is committed
        self._turn = asyncio.Lock()  # late messages come from another task than the line's
        self._acquaintance = Acquaintance()
        self._recalled: OrderedDict[tuple[str, str, str], None] = OrderedDict()
        self.listeners: list[Callable[[Handled], None]] = []

    async def take(self, batch: Sequence[Fetched]) -> list[Arrival]:
        """Handle a batch in one unit of work; if that fails, one by one, so that one message harms no other.

        A command that changes what is in force ends its unit of work: what follows begins a new one.

        Returns what could not be handled; it has to be tried again later.
        """
        left = batch
        while left:
            try:
                handled = await patiently(partial(self._in_turn, left), self._clock, self._log)
            except Exception as failure:  # noqa: BLE001 - any failure here must cost one message at most; told below
                if len(left) > 1:
                    self._log.warning(
                        "batch failed, taking its messages one by one", failure=type(failure).__name__
                    )
                    return [arrival for item in left for arrival in await self.take([item])]
                seq, kind = left[0].arrival.seq, type(failure).__name__
                self._log.error("message could not be handled", seq=seq, failure=kind, exc_info=failure)
                return [left[0].arrival]
            left = left[len(handled) :]
            await self._follow_commands()
            for one in handled:
                self._tell(one)
        return []

    def _tell(self, handled: Handled) -> None:
        """Tell every listener; one that fails costs nobody a message."""
        for listener in self.listeners:
            try:
                listener(handled)
            except Exception as failure:  # noqa: BLE001 - whoever only listens must not end the guard; told in the log
                self._log.error("a listener failed", failure=type(failure).__name__, exc_info=failure)

    async def _follow_commands(self) -> None:
        """Put in force what commands of a committed batch changed: that batch is done with, whatever fails here."""
        if not self._commands.take_change():
            return
        self.forget()  # somebody may be another person, or of another kind, since
        try:
            await patiently(self.refresh, self._clock, self._log)
        except Exception as failure:  # noqa: BLE001 - the next minute's refresh does it again; told in the log
            self._log.error(
                "what a command changed is not in force yet, it is tried again within a minute",
                failure=type(failure).__name__,
                exc_info=failure,
            )

    async def restore(self) -> None:
        """Rebuild after a restart what is not stored as such, waiting for storage if need be."""
        await patiently(self.refresh, self._clock, self._log)
        await patiently(self._nicknames.restore, self._clock, self._log)
        await patiently(self.remember, self._clock, self._log)

    async def refresh(self) -> bool:
        """Read anew what supervisors set over the configuration; whether anything changed."""
        return await self.policy.refresh(self._storage, self._clock.now())

    async def remember(self) -> int:
        """Rebuild the working windows from what was stored lately; returns how many messages that was."""
        async with self._storage.view() as unit:
            rooms = {room.key: room for room in await unit.rooms.all()}
            books = [self.policy.of(room) for room in rooms.values()]
            since = self._clock.now() - lookback(self.policy.book, *books)
            past = await unit.messages.since(since, limit=20_000)
        # Beside the event loop: at a start, and after a failure, it is hours of talk that are judged again.
        self._windows = await asyncio.to_thread(self._replayed, past, rooms)
        self._astray = False
        return len(past)

    def _replayed(self, past: Sequence[StoredMessage], rooms: Mapping[int, Room]) -> Windows:
        windows = Windows()
        for stored in past:
            room = rooms.get(stored.room_key)
            book, message = self.policy.of(room), record.remembered(stored, room)
            context = windows.look(message, book)
            windows.advance(message, context, judge(book, message, context))
        return windows

    @asynccontextmanager
    async def between_batches(self) -> AsyncIterator[None]:
        """Nothing is judged meanwhile; should the rules look further back afterwards, the windows are rebuilt."""
        async with self._turn:
            before = lookback(self.policy.book)
            yield
            self._astray |= lookback(self.policy.book) > before

    def forget(self) -> None:
        """Ids may mean others now (a new login): ask storage for everybody again."""
        self._acquaintance.forget()

    async def _in_turn(self, batch: Sequence[Fetched]) -> list[Handled]:
        async with self._turn:
            return await self._commit(batch)

    async def _commit(self, batch: Sequence[Fetched]) -> list[Handled]:
        """Handle a batch, or as much of it as comes before what is in force changes."""
        if self._astray:
            await self.remember()
        gathered, handled = _Batch(), []
        async with self._storage.unit() as unit:
            # Whether a commit arrived whose answer was lost, only storage can tell.
            settled = await unit.inbox.settled([item.arrival.seq for item in batch]) if self._unsure else ()
            self._unsure = True
            for item in batch:
                if item.arrival.seq in settled:
                    handled.append(Handled(None, Place.ELSEWHERE, "handled before"))
                    continue
                handled.append(await self._one(unit, item, gathered))
                gathered.outcomes.append((item.arrival.seq, handled[-1].outcomes))
                if self._commands.policy_changed:
                    break  # what was said after a command is judged by what it put in force
            await unit.messages.add(gathered.messages)
            await unit.inbox.settle(gathered.outcomes)
        self._astray = self._unsure = False
        for message, met in gathered.met:
            self._acquaintance.remember(message, met, self._clock.now())
        self._nicknames.remember(gathered.spotted)
        return handled

    async def _one(self, unit: UnitOfWork, item: Fetched, gathered: _Batch) -> Handled:
        """The path of one message."""
        incoming = item.message
        if incoming is None:
            return Handled(None, Place.ELSEWHERE, "own or gone")

        place = self._places().of(incoming.room_id, incoming.room_topic)
        outgoing = await self._commands.overheard(unit, incoming) if incoming.room_id else ()
        await unit.outbox.add(outgoing)
        if place is Place.ELSEWHERE:
            return Handled(incoming, place, "unguarded", outgoing=outgoing)

        now = self._clock.now()
        room, sender = self._acquaintance.of(incoming, now) or await self._meet(unit, incoming, gathered)

        quoted = quote.parse(incoming.text)
        typed = incoming.text[slice(*quoted.typed)] if quoted else incoming.text
        served, said = None, incoming
        if incoming.type is MessageType.TEXT:
            served = await self._commands.take(unit, incoming, place, sender, typed, late=item.late)
        if served is not None:
            await unit.outbox.add(served.rows)
            outgoing += served.rows
            said = replace(incoming, text=incoming.text.removesuffix(typed) + served.left)
            # The command may have changed who that is.
            room, sender = await self._meet(unit, incoming, gathered)
        await self._enquiries.heard(unit, incoming, place, room, sender, command=served is not None)
        if place is not Place.GUARDED or room is None or (served is not None and not served.left):
            note = "not judged" if served is None else "command"
            return Handled(incoming, place, note, outgoing=outgoing)
        if incoming.type is MessageType.RECALLED:
            recalled = await record.recalled(unit, incoming, room, sender, now)
            if recalled is None:
                self._note_recall(incoming)
            return Handled(incoming, place, "recalled", case=recalled, outgoing=outgoing)
        if (incoming.room_id, incoming.sender_id, incoming.id) in self._recalled:
            return Handled(incoming, place, "recalled before it was read", outgoing=outgoing)

        book, exempt = self.policy.of(room), self.policy.exempt(sender.key, room.key, now)
        defence = served.defence if served is not None else Defence.NONE
        exempt |= exempted(defence, (entry.rule.id for entry in book.entries))
        message = record.judged(said, sender, await record.called(unit, said, room))
        judgement = self._judge(message, book, exempt)
        if quoted and not judgement.live:
            judgement = await with_doubts(
                unit, said, quoted, room, judgement, book, gathered.messages, exempt
            )
        if defence:
            judgement = softened(judgement)
        gathered.messages.append(record.stored(incoming, room, sender))

        notices = self._notices.of_crash(judgement)
        decision, case = None, None
        if judgement.live or judgement.on_trial:
            again, sender = await self._meet(unit, incoming, gathered)  # a case rests on no memory
            room = again or room
            situation = self.policy.situation(sender, room, incoming.sent_at, now)
            decision = penalty.decide(judgement.live, situation) or penalty.on_trial(judgement.on_trial)
        if decision:
            case, join = await bursts.counted(unit, incoming, room, sender, judgement, decision, book)
            if case is None:
                case = await record.open_case(unit, said, room, sender, decision, now)
                notices += await self._notices.of_case(unit, case, decision, book, incoming)
            elif join is penalty.Join.GRAVER:
                notices += await self._notices.of_doubt(unit, case, decision, book, incoming)
        if spotted := self._nicknames.spot(judgement, incoming, room, sender):
            situation = self.policy.situation(sender, room, incoming.sent_at, now)
            notices += await self._nicknames.heard(unit, spotted, situation)
            gathered.spotted.append(spotted)
        await unit.outbox.add(notices)
        note = record.outcomes(judgement, late=item.late)
        if served is not None:
            note = f"command {note}"
        return Handled(incoming, place, note, judgement, decision, case, (*outgoing, *notices))

    async def _meet(self, unit: UnitOfWork, incoming: IncomingMessage, gathered: _Batch) -> Met:
        now = self._clock.now()
        room = await record.room(unit, incoming, now)
        met = room, await record.sender(unit, incoming, room, now)
        gathered.met.append((incoming, met))
        return met

    def _note_recall(self, incoming: IncomingMessage) -> None:
        """A recall may overtake a message whose payload is slow: nobody can see that message any more."""
        self._recalled[incoming.room_id, incoming.sender_id, incoming.text.strip()] = None
        if len(self._recalled) > RECALLS:
            self._recalled.popitem(last=False)

    def _judge(self, message: Message, book: Rulebook, exempt: frozenset[str]) -> Judgement:
        self._astray = True  # until what the windows take in is committed
        context = self._windows.look(message, book, exempt)
        judgement = judge(book, message, context)
        self._windows.advance(message, context, judgement)
        return judgement
