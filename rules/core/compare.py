"""Two rulebooks on the same messages, side by side: what the one finds and the other does not. Pure.

What a book would do is seen here before anybody feels it: a changed configuration, a rule on trial, a further word,
other weights. Books are opaque; whatever differs between them shows in what they find. Each side has windows of its
own, so that history and bursts are those of that side's book, and is asked in the order in which messages come.
Memory is bounded, however long the log is.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Generic, TypeVar

from rules.core.book import Rulebook
from rules.core.context import Windows, moment_of
from rules.core.judge import judge
from rules.core.model import Burst, Judgement, Message, Ruling

BookOf = Callable[[Message], Rulebook | None]
"""Gives the book of a message's room, ``None`` where nothing is judged."""

NOBODY_EXEMPT: Final[frozenset[str]] = frozenset()
_REMEMBERED: Final = 16_384


class ChangeKind(StrEnum):
    """How the second book differs from the first in one finding."""

    NEW = "new"
    GONE = "gone"
    CHANGED = "changed"


class Part(StrEnum):
    """What of a finding differs; how sure it is does so only where that moves it over a bar."""

    TIER = "tier"
    POINTS = "points"
    CLAUSE = "clause"
    CATEGORY = "category"
    TRIAL = "trial"
    REASON = "reason"
    MOMENT = "moment"  # the same burst, on another of its messages


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What was told of an earlier message, by its position, and is void now."""

    position: int
    kind: ChangeKind


@dataclass(frozen=True, slots=True)
class Change:
    """One finding that differs.

    Attributes:
        before, after: the finding by either book; of a new one there is no ``before``, of a lost one no ``after``.
        parts: what differs, where both have it.
        withdrawn: this burst was given out as new or gone when only one side had found it.
    """

    kind: ChangeKind
    before: Ruling | None
    after: Ruling | None
    parts: frozenset[Part] = frozenset()
    withdrawn: Withdrawn | None = None

    @property
    def ruling(self) -> Ruling:
        """The finding: by the second book, if it has it."""
        ruling = self.after or self.before
        assert ruling is not None  # noqa: S101 - one of the two is what makes it a change
        return ruling

    @property
    def rule(self) -> str:
        """The rule that it is a finding of."""
        return self.ruling.rule


@dataclass(frozen=True, slots=True)
class Side:
    """What one book made of a message.

    Attributes:
        book: the book of its room; ``None``: nothing is judged there.
        found: its findings; one about how its sender stands in the room comes once, and not with every message.
        burst: the burst that was open when it came.
    """

    book: Rulebook | None
    judgement: Judgement
    found: tuple[Ruling, ...]
    burst: Burst | None


@dataclass(frozen=True, slots=True)
class Compared:
    """One message by both books; ``position`` counts the compared messages from 1."""

    position: int
    message: Message
    before: Side
    after: Side
    changes: tuple[Change, ...]


def by_room(book: Rulebook) -> Callable[[Message], Rulebook]:
    """The book of each room, as an exported log names rooms: by topic, or by id."""
    rooms = {name: book.for_room(name) for name in book.rooms}

    def of(message: Message) -> Rulebook:
        return rooms.get(message.room) or rooms.get(message.room_id) or book

    return of


class Comparison:
    """Judges one chronological stream twice.

    Args:
        before, after: the books of each room.
    """

    def __init__(self, before: BookOf, after: BookOf) -> None:
        self._before, self._after = _Judge(before), _Judge(after)
        self._position = 0
        self._told: _Seen[Hashable, None] = _Seen()
        self._bursts: _Seen[Hashable, _Lone] = _Seen()

    @property
    def size(self) -> int:
        """How much is remembered: senders, rooms, bursts and nicknames."""
        return len(self._told) + len(self._bursts) + self._before.size + self._after.size

    def remember(self, message: Message, exempt: frozenset[str] = NOBODY_EXEMPT) -> None:
        """Take a message into the windows that came before what is compared."""
        self._before.judge(message, exempt)
        self._after.judge(message, exempt)

    def take(self, message: Message, exempt: frozenset[str] = NOBODY_EXEMPT) -> Compared:
        """Judge the next message by both books.

        Args:
            exempt: the rules that don't apply to its sender in that room.
        """
        self._position += 1
        before, after = self._before.judge(message, exempt), self._after.judge(message, exempt)
        changes = []
        for change in differences(before.judgement.rulings, after.judgement.rulings):
            if change.ruling.standing:
                key = (
                    _stance(message),
                    change.kind,
                    change.rule,
                    _effect(change.before),
                    _effect(change.after),
                )
                if self._told.note(key, None):
                    changes.append(change)
            else:
                changes.append(self._of_one_burst(change, message, before, after))
        return Compared(self._position, message, before, after, tuple(changes))

    def _of_one_burst(self, change: Change, message: Message, before: Side, after: Side) -> Change:
        """The change itself; or, where the other side found the same burst earlier, what differs in that."""
        now = moment_of(message)
        if change.kind is ChangeKind.CHANGED or message.sender is None or now is None:
            return change
        key = (message.room_id or message.room, message.sender.id, change.rule)
        other = after if change.kind is ChangeKind.GONE else before
        lone = self._bursts.pop(key)
        if lone is None or lone.kind is change.kind or not lone.opened(other.burst):
            entry = other.book.entry(change.rule) if other.book is not None else None
            if entry is not None and entry.rule.episodic and entry.enabled:
                self._bursts.note(key, _Lone(change.kind, change.ruling, self._position, now))
            return change
        pair = (lone.ruling, change.ruling)
        first, second = pair if lone.kind is ChangeKind.GONE else pair[::-1]
        parts = _parts(first, second) | {Part.MOMENT}
        return Change(ChangeKind.CHANGED, first, second, parts, Withdrawn(lone.position, lone.kind))


@dataclass(frozen=True, slots=True)
class _Lone:
    """A burst that one side found, and the other has not found yet."""

    kind: ChangeKind
    ruling: Ruling
    position: int
    moment: datetime

    def opened(self, burst: Burst | None) -> bool:
        """Whether it is this burst that goes on."""
        return burst is not None and burst.since <= self.moment <= burst.last


class _Judge:
    """One book, or one for each room, over one stream."""

    def __init__(self, book_of: BookOf) -> None:
        self._book_of = book_of
        self._windows = Windows()
        self._stances: _Seen[Hashable, None] = _Seen()

    @property
    def size(self) -> int:
        return self._windows.size + len(self._stances)

    def judge(self, message: Message, exempt: frozenset[str]) -> Side:
        book = self._book_of(message)
        if book is None:
            return Side(None, Judgement(message, ()), (), None)
        context = self._windows.look(message, book, exempt)
        judgement = judge(book, message, context)
        self._windows.advance(message, context, judgement)
        found = tuple(
            ruling
            for ruling in judgement.rulings
            if not ruling.standing or self._stances.note((_stance(message), _effect(ruling)), None)
        )
        return Side(book, judgement, found, context.burst)


def differences(before: Sequence[Ruling], after: Sequence[Ruling]) -> Iterator[Change]:
    """What differs between two judgements of one message.

    Findings of one rule belong together by category and place first, then by category, then by the rule alone.
    """
    old, new = list(before), list(after)
    likenesses: tuple[Callable[[Ruling], Hashable], ...] = (
        lambda one: (one.rule, one.category, one.field, one.spans),
        lambda one: (one.rule, one.category),
        lambda one: one.rule,
    )
    for likeness in likenesses:
        for first in list(old):
            second = next((one for one in new if likeness(one) == likeness(first)), None)
            if second is None:
                continue
            old.remove(first)
            new.remove(second)
            if parts := _parts(first, second):
                yield Change(ChangeKind.CHANGED, first, second, parts)
    yield from (Change(ChangeKind.GONE, one, None) for one in old)
    yield from (Change(ChangeKind.NEW, None, one) for one in new)


def _parts(first: Ruling, second: Ruling) -> frozenset[Part]:
    pairs = {
        Part.TIER: (first.tier, second.tier),
        Part.POINTS: (first.points, second.points),
        Part.CLAUSE: (first.clause, second.clause),
        Part.CATEGORY: (first.category, second.category),
        Part.TRIAL: (first.shadow, second.shadow),
        Part.REASON: (first.reason, second.reason),
    }
    return frozenset(part for part, (one, other) in pairs.items() if one != other)


def _effect(ruling: Ruling | None) -> Hashable:
    if ruling is None:
        return None
    return ruling.rule, ruling.category, ruling.tier, ruling.points, ruling.clause, ruling.shadow


def _stance(message: Message) -> Hashable:
    """Who stands in which room, and how."""
    sender = message.sender
    who = (sender.id, sender.alias, sender.kind) if sender is not None else None
    return message.room_id or message.room, who


K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class _Seen(Generic[K, V]):
    """The last things that were noted down, bounded; what was not seen for longest goes first."""

    def __init__(self) -> None:
        self._items: OrderedDict[K, V] = OrderedDict()

    def __len__(self) -> int:
        return len(self._items)

    def note(self, key: K, value: V) -> bool:
        """Note something down; whether it is new."""
        new = key not in self._items
        self._items[key] = value
        self._items.move_to_end(key)
        if len(self._items) > _REMEMBERED:
            self._items.popitem(last=False)
        return new

    def pop(self, key: K) -> V | None:
        """Take something out; ``None`` if it is not there."""
        return self._items.pop(key, None)
