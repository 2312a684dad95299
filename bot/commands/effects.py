"""What one more word would do: tried on everyday words and on the messages of the last days, changing nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.masking import personal_data_hidden
from bot.pipeline.notice import shown
from bot.pipeline.policy import Policy
from rules.core.book import Rulebook
from rules.core.load_words import load_frequencies
from rules.core.options import LEXICON_RULE
from storage.records import StoredMessage, Word
from storage.session import UnitOfWork

DAYS = 7
MOST_MESSAGES = 20_000
SKEW = timedelta(minutes=5)
"""Clocks of phones and gateways may go before ours: what was said just now counts too."""

EXCERPTS = 5
BEFORE, AFTER = 12, 20
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
    """

    frequency: int | None
    harmed: tuple[str, ...]
    spared: tuple[str, ...]
    hits: int
    read: int
    excerpts: tuple[str, ...]

    @property
    def doubtful(self) -> bool:
        """Whether somebody should look twice."""
        return self.frequency is not None or bool(self.harmed) or self.hits > 0


async def effect_of(unit: UnitOfWork, policy: Policy, word: Word, now: datetime) -> Effect:
    """Try a word that is to be forbidden, or an allow-phrase, on what was said lately; nothing changes."""
    said = await unit.messages.texts(now - timedelta(days=DAYS), now + SKEW, MOST_MESSAGES)
    return await asyncio.to_thread(_tried, policy, word, said)


def _tried(policy: Policy, word: Word, said: Sequence[StoredMessage]) -> Effect:
    book, common = policy.preview(word), load_frequencies()
    # An allow-phrase takes hits away; what counts there is what it hides.
    changed = _hidden if word.allow else _found
    key = book.reader.key
    folded = key(word.word)
    # Reading is dear, and most messages don't even hold the characters; stickers hide between them.
    near = [stored.text for stored in said if "[" in stored.text or folded in key(stored.text)]
    found = [(text, at) for text in near if (at := changed(policy.book, book, text, word))]
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
        excerpts=tuple(_excerpt(text, at[0]) for text, at in found[:EXCERPTS]),
    )


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


def _excerpt(text: str, at: Span) -> str:
    """What stands around a hit; masked as a whole first, since half a number looks like none."""
    start, end = max(0, at[0] - BEFORE), at[1] + AFTER
    part = shown(personal_data_hidden(text)[start:end], end - start)
    return ("…" if start else "") + part + ("…" if end < len(text) else "")
