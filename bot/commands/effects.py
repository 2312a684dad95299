"""What one more word would do: tried on everyday words and on the messages of the last days, changing nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.pipeline import record
from bot.pipeline.foresight import DAYS, SKEW
from bot.pipeline.notice import surroundings
from bot.pipeline.policy import Policy
from rules.core.book import Rulebook
from rules.core.compare import Comparison
from rules.core.load_words import load_frequencies
from rules.core.options import LEXICON_RULE
from storage.records import Room, StoredMessage, Word
from storage.session import UnitOfWork

MOST_MESSAGES = 20_000
EXCERPTS = 5
EVERYDAY_SHOWN = 5
TRIED = 40


@dataclass(frozen=True, slots=True)
class Effect:
    """What a word would do.

    Attributes:
        frequency: how common it is, if it is an everyday word; else ``None``.
        harmed: everyday words that it would be found in.
        spared: everyday words, and pairs of them, that hold its characters and would be left alone.
        hits: how many of the messages it changes the reading of.
        read: how many messages were tried.
        excerpts: the surroundings of some of the hits, masked; without anybody's name.
        changed: messages of which something else comes than now: a case more, or none any more.
    """

    frequency: int | None
    harmed: tuple[str, ...]
    spared: tuple[str, ...]
    hits: int
    read: int
    excerpts: tuple[str, ...]
    changed: int = 0

    @property
    def doubtful(self) -> bool:
        """Whether somebody should look twice."""
        return self.frequency is not None or bool(self.harmed) or self.hits > 0


async def effect_of(unit: UnitOfWork, policy: Policy, word: Word, now: datetime) -> Effect:
    """Try a word that is to be forbidden, or an allow-phrase, on what was said lately; nothing changes."""
    said = await unit.messages.texts(now - timedelta(days=DAYS), now + SKEW, MOST_MESSAGES)
    rooms = {room.key: room for room in await unit.rooms.all()}
    books = {key: policy.of(room).only({LEXICON_RULE}) for key, room in rooms.items()}
    return await asyncio.to_thread(_tried, policy, word, said, (rooms, books))


Ground = tuple[Mapping[int, Room], Mapping[int, Rulebook]]
"""The rooms, and the rule of words as it runs in each."""


def _tried(policy: Policy, word: Word, said: Sequence[StoredMessage], ground: Ground) -> Effect:
    book, common = policy.preview(word), load_frequencies()
    # An allow-phrase takes hits away; what counts there is what it hides.
    changed = _hidden if word.allow else _found
    key = book.reader.key
    folded = key(word.word)
    # Reading is dear, and most messages don't even hold the characters; stickers hide between them.
    near = [stored for stored in said if "[" in stored.text or folded in key(stored.text)]
    found = [(stored, at) for stored in near if (at := changed(policy.book, book, stored.text, word))]
    harmed: list[str] = []
    spared: list[str] = []
    if not word.allow:
        holding = [(other,) for other in common.holding(word.word, TRIED)]
        for parts in (*holding, *common.across(word.word, TRIED)):
            side = harmed if _found(policy.book, book, "".join(parts), word) else spared
            side.append("+".join(parts))
    return Effect(
        frequency=None if word.allow else common.everyday(word.word),
        harmed=tuple(harmed[:EVERYDAY_SHOWN]),
        spared=tuple(spared[:EVERYDAY_SHOWN]),
        hits=len(found),
        read=len(said),
        excerpts=tuple(surroundings(stored.text, at[0]) for stored, at in found[:EXCERPTS]),
        changed=_consequences([stored for stored, _ in reversed(found)], book, ground),
    )


def _consequences(found: Sequence[StoredMessage], book: Rulebook, ground: Ground) -> int:
    """How many of these messages, oldest first, are judged otherwise where they were said."""
    rooms, books = ground
    now = {room.gateway_id: books[key] for key, room in rooms.items()}
    then = {name: replace(one, reader=book.reader) for name, one in now.items()}
    comparison = Comparison(
        lambda message: now.get(message.room_id), lambda message: then.get(message.room_id)
    )
    messages = (record.remembered(stored, rooms.get(stored.room_key)) for stored in found)
    return sum(1 for message in messages if comparison.take(message).changes)


Span = tuple[int, int]


def _found(_: Rulebook, after: Rulebook, text: str, word: Word) -> tuple[Span, ...]:
    """Where a forbidden word would be found."""
    hits = after.reader.read(text).of(LEXICON_RULE)
    return tuple((hit.start, hit.end) for hit in hits if hit.term.word == word.word)


def _hidden(before: Rulebook, after: Rulebook, text: str, _: Word) -> tuple[Span, ...]:
    """Where something would no longer be found."""
    still = {(hit.start, hit.end) for hit in after.reader.read(text).of(LEXICON_RULE)}
    was = {(hit.start, hit.end) for hit in before.reader.read(text).of(LEXICON_RULE)}
    return tuple(sorted(was - still))
