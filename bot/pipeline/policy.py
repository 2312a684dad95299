"""What is in force now, in each room: the configuration, and over it what supervisors set in chat.

The configuration gives the base. Storage holds the rest: rules switched on, off or on trial, words, exemptions,
muted rooms, shifts, and the roster. :meth:`Policy.refresh` reads it and builds new rulebooks where something
changed; a rulebook itself never changes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from rules.core.book import Entry, Rulebook
from rules.core.load import retrained, reworded
from rules.core.model import Kind
from rules.core.options import COMPANY, LEXICON_RULE, BookOptions, LexiconWord
from rules.core.roster import Employee, Roster
from rules.core.rota import Rota, Shift, ShiftKind
from rules.procedure.penalty import Situation
from rules.reading.classify import WeightsError
from storage.records import Exemption, Mode, MutedRoom, Person, Room, RosterRow, ShiftRow, Switch, Word
from storage.session import Storage, UnitOfWork

EVERY_ROOM = 0
EVERY_RULE = ""
SHIFTS_KEPT = timedelta(days=92)
"""Shifts that ended longer ago put no deadline off that still runs; what comes in now needs the last days alone."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything that storage holds over the configuration."""

    switches: tuple[Switch, ...] = ()
    words: tuple[Word, ...] = ()
    exemptions: tuple[Exemption, ...] = ()
    muted: tuple[MutedRoom, ...] = ()
    shifts: tuple[ShiftRow, ...] = ()
    roster: tuple[RosterRow, ...] = ()
    learnt: int = 0  # the version of what was learnt from people; 0 for none

    @classmethod
    async def read(cls, unit: UnitOfWork, now: datetime) -> Standing:
        """Read all of it."""
        return cls(
            switches=tuple(await unit.switches.all()),
            words=tuple(await unit.words.all()),
            exemptions=tuple(await unit.exemptions.active(now)),
            muted=tuple(await unit.silences.active(now)),
            shifts=tuple(await unit.shifts.since(now - SHIFTS_KEPT)),
            roster=tuple(await unit.people.roster()),
            learnt=await unit.local_weights.in_force(),
        )

    def modes(self, room_key: int) -> dict[str, Mode]:
        """The switches of one room, or those for every room, by rule."""
        return {switch.rule: switch.mode for switch in self.switches if switch.room_key == room_key}


@dataclass(slots=True)
class Policy:
    """What is in force.

    Attributes:
        book: the rulebook of rooms without rules of their own.
        stale_after: what is decided later than this after it was sent is not scolded in public.
        options: the configuration's part of it.
        names: what the configuration calls a room that it named once, by our key.
        trial: every rule is on trial, whatever anybody set: recorded and reviewed, nothing is said or charged.
    """

    book: Rulebook
    stale_after: timedelta
    options: BookOptions = field(default_factory=BookOptions)
    names: Mapping[int, str] = field(default_factory=dict)
    trial: bool = False
    _base: Rulebook = field(init=False)
    _worded: Rulebook = field(init=False)
    _standing: Standing = field(default_factory=Standing)
    _learnt: str = ""
    _rooms: dict[int, Rulebook] = field(default_factory=dict)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        self._base = self._worded = self.book
        self.book = self._tried(self.book)

    def of(self, room: Room | None) -> Rulebook:
        """The rulebook of a room."""
        if room is None:
            return self.book
        known = self._rooms.get(room.key)
        if known is None:
            known = self._rooms[room.key] = self._in_room(room)
        return known

    def exempt(self, person_key: str, room_key: int, now: datetime) -> frozenset[str]:
        """The rules that do not apply to somebody in a room now."""
        found = {
            exemption.rule
            for exemption in self._standing.exemptions
            if exemption.person_key == person_key
            and exemption.room_key in (EVERY_ROOM, room_key)
            and (exemption.until is None or now < exemption.until)
        }
        if EVERY_RULE in found:
            return frozenset(entry.rule.id for entry in self.book.entries)
        return frozenset(found)

    def muted(self, room_key: int, now: datetime) -> bool:
        """Whether the bot is asked to say nothing in a room now."""
        return any(room.room_key == room_key and now < room.until for room in self._standing.muted)

    def situation(self, who: Person, room: Room, sent_at: datetime, now: datetime) -> Situation:
        """What a decision about somebody depends on beyond the findings (policy: what fairness asks; 1.2)."""
        return Situation(
            now=now,
            sent_at=sent_at,
            reviewed_first=reviewed_first(who),
            stale_after=self.stale_after,
            muted=self.muted(room.key, now),
            outsider=who.kind == Kind.EXTERNAL,
        )

    def call(self, names: Mapping[int, str]) -> None:
        """Take over what the configuration calls which room."""
        if names != self.names:
            self.names, self._rooms = names, {}

    async def adopt(self, options: BookOptions, base: Rulebook, stale_after: timedelta) -> None:
        """Take a changed configuration over; what storage holds is laid over it again."""
        async with self._turn:
            # Building a lexicon takes a moment, and what is in force stays whole until it is built.
            worded = await asyncio.to_thread(self._built, options, base, self._standing.words, self._learnt)
            book = self._tried(_laid_over(worded, base, options, self._standing))
            self.options, self.stale_after = options, stale_after
            self._base, self._worded, self.book, self._rooms = base, worded, book, {}

    async def refresh(self, storage: Storage, now: datetime) -> bool:
        """Read what storage holds; returns whether anything in force changed.

        Raises:
            StorageError: it can't be read now; what was in force stays.
        """
        async with self._turn:
            learnt = self._learnt
            async with storage.view() as unit:
                standing = await Standing.read(unit, now)
                if standing.learnt != self._standing.learnt:
                    learnt = await unit.local_weights.weights(standing.learnt)
            if standing == self._standing:
                return False
            worded = self._worded
            if (standing.words, standing.learnt) != (self._standing.words, self._standing.learnt):
                # Building a lexicon takes a moment, and messages go on coming in.
                worded = await asyncio.to_thread(
                    self._built, self.options, self._base, standing.words, learnt
                )
            book = self._tried(_laid_over(worded, self._base, self.options, standing))
            # Only what is in force counts as known: should anything above fail, the next refresh does it again.
            self._standing, self._worded, self.book, self._rooms = standing, worded, book, {}
            self._learnt = learnt
            return True

    def _built(self, options: BookOptions, base: Rulebook, words: tuple[Word, ...], learnt: str) -> Rulebook:
        """The base book with words from chat and with what was learnt; without the latter where it can't be read."""
        worded = _with_words(options, base, words)
        try:
            return retrained(worded, learnt) if learnt else worded
        except WeightsError:
            return worded  # `qungui doctor` tells, with the remedy

    def preview(self, word: Word) -> Rulebook:
        """The rulebook as it would be with one more word from chat; nothing changes. Some tenths of a second."""
        return self._built(self.options, self._base, (*self._standing.words, word), self._learnt)

    def supposing(self, switches: tuple[Switch, ...]) -> Policy:
        """What would be in force with other switches; nothing changes."""
        standing = replace(self._standing, switches=switches)
        other = Policy(self._base, self.stale_after, self.options, self.names, self.trial)
        other._worded, other._standing, other._learnt = self._worded, standing, self._learnt
        other.book = other._tried(_laid_over(self._worded, self._base, self.options, standing))
        return other

    def _in_room(self, room: Room) -> Rulebook:
        """The narrower setting counts: this room's switch, its configuration, the switch for every room."""
        topic = "" if room.topic in self.names.values() else room.topic  # it is another room's name
        names = (self.names.get(room.key, ""), room.gateway_id, topic)
        own = self.book.for_room(*names)
        entries = own.entries
        if own is not self.book:
            name = next(name for name in names if name in self.book.rooms)
            wide = self._standing.modes(EVERY_ROOM)
            named = self.options.rooms[name].rules
            entries = switched(entries, {rule: mode for rule, mode in wide.items() if rule not in named})
        modes = self._standing.modes(room.key)
        if own is self.book and not modes:
            return own
        return self._tried(replace(own, entries=switched(entries, modes)))

    def _tried(self, book: Rulebook) -> Rulebook:
        """A book as it is followed: with every rule on trial in a dry run."""
        if not self.trial:
            return book
        return replace(book, entries=tuple(replace(entry, shadow=True) for entry in book.entries))


def reviewed_first(who: Person) -> bool:
    """Whether somebody's cases always go to people first (policy: what fairness asks)."""
    return who.holds_role or who.is_head


def switched(entries: tuple[Entry, ...], modes: Mapping[str, Mode]) -> tuple[Entry, ...]:
    """Entries with some rules switched on, off or on trial."""
    return tuple(
        replace(entry, enabled=mode is not Mode.OFF, shadow=mode is Mode.SHADOW)
        if (mode := modes.get(entry.rule.id)) is not None
        else entry
        for entry in entries
    )


def _laid_over(worded: Rulebook, base: Rulebook, options: BookOptions, standing: Standing) -> Rulebook:
    """A book with switches, roster and rota over it."""
    employees = tuple(
        Employee(row.employee_no, row.name, row.department, row.is_head, row.active)
        for row in standing.roster
    )
    shifts = tuple(
        Shift(row.person_key.casefold(), row.start, row.end, ShiftKind(row.kind)) for row in standing.shifts
    )
    return replace(
        worded,
        entries=switched(worded.entries, standing.modes(EVERY_ROOM)),
        roster=Roster.of(employees, options.departments),
        rota=Rota((*base.rota.shifts, *shifts)),
    )


def _with_words(options: BookOptions, base: Rulebook, words: tuple[Word, ...]) -> Rulebook:
    """The base book with the company's words from chat in its lexicon; the configuration's own go first.

    What one person forbids in a chat is for people to look at; what the configuration forbids decides.

    What chat added may not fit a later configuration: that never keeps a book from being made.
    """
    lexicon, key = options.lexicon, base.reader.key
    taken = {
        key(word) for word in (*(word.word for word in lexicon.add), *lexicon.allow, *lexicon.remove, "")
    }
    categories = base.entry(LEXICON_RULE).charges
    added: list[LexiconWord] = []
    allowed: list[str] = []
    for word in words:
        if key(word.word) in taken:
            continue
        taken.add(key(word.word))
        if word.allow:
            allowed.append(word.word)
        else:
            category = word.category if word.category in categories else COMPANY
            added.append(LexiconWord(word=word.word, category=category, reason=word.reason))
    if not added and not allowed:
        return base
    wider = lexicon.model_copy(update={"add": (*lexicon.add, *added), "allow": (*lexicon.allow, *allowed)})
    return reworded(base, wider, frozenset(word.word for word in added))
