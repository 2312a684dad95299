"""What a change would have done: stored messages judged twice, as things are and as they would be. It only reads.

What storage does not keep can't play again: whom a message mentioned, what came of doubts about a quoted block, and
texts that were erased. Exemptions count as they are now, on both sides.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.pipeline import record
from bot.pipeline.places import Place, Places, Wanted, found_before
from bot.pipeline.policy import Policy, reviewed_first
from bot.pipeline.replay import known
from bot.settings import Settings
from rules.core.book import Rulebook
from rules.core.compare import BookOf, Comparison
from rules.core.context import HORIZON, lookback
from rules.core.model import Message
from rules.procedure.impact import Grade, Impact
from storage.records import Person, Room, StoredMessage, Switch
from storage.results import Stretch
from storage.session import Storage, UnitOfWork

PAGE = 500
SKEW = timedelta(minutes=5)
"""Clocks of phones and gateways may go before ours: what was said just now counts too."""

DAYS = 7
"""How far back a change from chat is tried."""

IN_ROOM = 2_000
ELSEWHERE = 2_000
"""Messages on which a change from chat is tried, and those around them that only fill the windows."""


@dataclass(frozen=True, slots=True)
class Regime:
    """A configuration with what chat laid over it, and the rooms that it guards."""

    policy: Policy
    places: Places

    @classmethod
    async def of(cls, storage: Storage, settings: Settings, book: Rulebook, now: datetime) -> Regime:
        """What these settings, and their book, come to on what storage holds now."""
        policy = Policy(book, settings.notices.stale_after, settings.book_options())
        await policy.refresh(storage, now)
        async with storage.view() as unit:
            places = await found_before(unit, Wanted.of(settings.rooms))
        policy.call(places.named)
        return cls(policy, places)

    def books(self, rooms: Iterable[Room]) -> BookOf:
        """The book of each room; none where nothing is guarded."""
        books = {
            room.gateway_id: self.policy.of(room)
            if self.places.of(room.gateway_id, room.topic) is Place.GUARDED
            else None
            for room in rooms
        }
        return lambda message: books.get(message.room_id, self.policy.book)


@dataclass(frozen=True, slots=True)
class Foresight:
    """What became of the stored messages.

    Attributes:
        stretch: which of them were replayed.
        erased: how many more were judged in that time, and have no text any more.
    """

    stretch: Stretch
    erased: int


@dataclass(frozen=True, slots=True)
class _Heard:
    message: Message
    exempt: frozenset[str]
    reviewed_first: bool
    counts: bool


async def foresee(
    storage: Storage,
    before: Regime,
    after: Regime,
    since: datetime,
    now: datetime,
    most: int,
    impact: Impact,
    tell: Callable[[int, int], None],
) -> Foresight:
    """Replay the newest ``most`` messages that were sent from ``since`` on, in order of receipt.

    What was said shortly before them fills the windows. Pages are read and judged one by one.

    Args:
        impact: what is found is added to it.
        tell: hears after each page how many messages of how many are done.
    """
    async with storage.view() as unit:
        rooms = {room.key: room for room in await unit.rooms.all()}
        until = now + SKEW
        stretch = await unit.messages.stretch(since, until, most)
        erased = await unit.inbox.erased(since, until)
        comparison = Comparison(before.books(rooms.values()), after.books(rooms.values()))
        people: dict[str, Person | None] = {}
        books = [one.policy.of(room) for one in (before, after) for room in rooms.values()]
        seq, warm = 0, lookback(before.policy.book, after.policy.book, *books)
        start = (stretch.oldest or until) - warm
        while page := await unit.messages.page(start, until, seq, stretch.last, PAGE):
            seq = page[-1][0]
            heard = [
                await _heard(
                    unit,
                    before.policy,
                    stored,
                    rooms.get(stored.room_key),
                    people,
                    now,
                    counts=number >= stretch.first and stored.sent_at >= since,
                )
                for number, stored in page
            ]
            await asyncio.to_thread(_add, comparison, impact, heard)
            tell(impact.messages, stretch.count)
    return Foresight(stretch, erased)


async def _heard(
    unit: UnitOfWork,
    policy: Policy,
    stored: StoredMessage,
    room: Room | None,
    people: dict[str, Person | None],
    now: datetime,
    *,
    counts: bool,
) -> _Heard:
    if stored.person_key not in people:
        people[stored.person_key] = await unit.people.get(stored.person_key)
    person = people[stored.person_key]
    return _Heard(
        known(record.remembered(stored, room), person, stored.sender_name),
        policy.exempt(stored.person_key, stored.room_key, now),
        person is not None and reviewed_first(person),
        counts,
    )


def _add(comparison: Comparison, impact: Impact, heard: Sequence[_Heard]) -> None:
    for one in heard:
        if one.counts:
            compared = comparison.take(one.message, one.exempt)
            impact.add(compared, reviewed_first=one.reviewed_first)
        else:
            comparison.remember(one.message, one.exempt)


@dataclass(frozen=True, slots=True)
class Tried:
    """What one rule finds in the rooms in which it would come to run otherwise.

    Attributes:
        rooms: how many those are.
        runs: it is what the rule would find; otherwise what it finds now, and would not any more.
        impact: its findings, on the one side that it runs on.
    """

    rule: str
    rooms: int
    runs: bool
    impact: Impact

    def found(self, grade: Grade) -> int:
        """How many findings of a tier."""
        return self.impact.found["after" if self.runs else "before", self.rule, grade]


async def switching(
    unit: UnitOfWork,
    policy: Policy,
    rule: str,
    switches: tuple[Switch, ...],
    rooms: Sequence[Room],
    now: datetime,
) -> Tried:
    """Try a rule on the messages of the last :data:`DAYS`, where other switches make a difference to it.

    A rule on trial is taken for one that is on: what it would find, at either tier, is what is asked for. At most
    :data:`IN_ROOM` messages, the newest, are judged, in a thread; so nobody waits for long.

    Args:
        switches: all of them, as they would be.
        rooms: the rooms that are switched.
    """
    supposed = policy.supposing(switches)
    meant = {one.key: one for one in rooms if policy.of(one).entry(rule) != supposed.of(one).entry(rule)}
    runs = any(supposed.of(one).entry(rule).enabled for one in meant.values())
    running = supposed if runs else policy
    books = {one.gateway_id: _alone(running.of(one), rule) for one in meant.values()}
    elsewhere = replace(policy.book, entries=(), rooms={})  # it fills the windows, and nothing is judged

    def judging(message: Message) -> Rulebook:
        return books.get(message.room_id, elsewhere)

    def nothing(_: Message) -> None:
        return None

    until = now + SKEW
    people: dict[str, Person | None] = {}
    named = {one.key: one for one in await unit.rooms.all()}
    heard = [
        await _heard(
            unit, policy, stored, named.get(stored.room_key), people, now, counts=stored.room_key in meant
        )
        for stored in await _said(unit, until - timedelta(days=DAYS), until, rooms)
    ]
    comparison = Comparison(nothing, judging) if runs else Comparison(judging, nothing)
    tried = Tried(rule, len(meant), runs, Impact())
    await asyncio.to_thread(_add, comparison, tried.impact, heard)
    return tried


async def _said(
    unit: UnitOfWork, since: datetime, until: datetime, rooms: Sequence[Room]
) -> list[StoredMessage]:
    """What is judged, and what was said elsewhere meanwhile, as far as it is looked at; oldest first."""
    if len(rooms) != 1:
        return (await unit.messages.texts(since, until, IN_ROOM))[::-1]
    (room,) = rooms
    here = await unit.messages.texts(since, until, IN_ROOM, room.key)
    if not here:
        return []
    others = await unit.messages.texts(here[-1].sent_at - HORIZON, until, ELSEWHERE)
    return sorted(
        [*here[::-1], *(one for one in others if one.room_key != room.key)], key=lambda one: one.sent_at
    )


def _alone(book: Rulebook, rule: str) -> Rulebook:
    """A book in which one rule alone runs, if it does at all, and in earnest."""
    return replace(book, entries=(replace(book.entry(rule), shadow=False),), rooms={})
