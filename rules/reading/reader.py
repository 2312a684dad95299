"""Reads one message: strips the quoted block, normalises with a map back, scans the lexicon once."""

from __future__ import annotations

from copy import copy
from dataclasses import replace

from rules.reading import quote
from rules.reading.classify import SILENT, Classifier
from rules.reading.disguise import LETTERED, restore
from rules.reading.lexicon import Lexicon
from rules.reading.normalize import NormalisationTable
from rules.reading.reading import Hit, Match, Reading, Term, Unmasked
from rules.reading.signs import signs_of
from rules.reading.stickers import blank_stickers
from rules.reading.unmask import SHORTEST, Unmasker

__all__ = ["Hit", "Reader", "Reading", "Term"]

DISGUISED = ("advertising", "banned", "hostility", "incivility")
"""The labels of what people write in disguise."""

DOUBTED, SUSPECTED = 0.15, 0.4
"""From these scores on first letters are taken for words, and disguises looked for in ordinary language, too."""


class Reader:
    """Turns text into a :class:`Reading`; holds the table and the lexicon, built once by the loader.

    Immutable, so it may be shared between threads and swapped as a whole.
    """

    def __init__(
        self,
        table: NormalisationTable,
        lexicon: Lexicon,
        classifier: Classifier = SILENT,
        unmasker: Unmasker | None = None,
    ) -> None:
        self.table = table
        self.lexicon = lexicon
        self.classifier = classifier
        self.unmasker = unmasker

    def read(self, text: str) -> Reading:
        """Read one text, in time linear in its length. Never fails, whatever the text holds."""
        reading = self._read(text)
        if self.unmasker is None:
            return reading
        suspicion = max(reading.score(label) for label in DISGUISED)
        known = {at for hit in reading.hits if hit.term.weight > 0 for at in range(hit.start, hit.end)}
        guesses = self.unmasker.guesses(
            reading.plain,
            reading.origin,
            thorough=suspicion >= SUSPECTED,
            doubted=suspicion >= DOUBTED,
            known=known,
        )
        if guesses:  # nothing is guessed into what is allowed
            spared = self.lexicon.spared(reading.plain, reading.origin)
            guesses = tuple(
                guess for guess in guesses if spared.isdisjoint(reading.origin[guess.start : guess.end])
            )
        if not guesses:
            return reading
        restored, pieces = restore(text, reading.origin, guesses)
        odd = any(not guess.weak for guess in guesses)
        telling = any(len(guess.word) > SHORTEST or guess.how & LETTERED for guess in guesses)
        return replace(reading, unmasked=Unmasked(self._read(restored), pieces, odd, telling))

    def _read(self, text: str) -> Reading:
        quoted = quote.parse(text) if text.startswith("「") else None
        start = quoted.typed[0] if quoted else 0
        typed = text[start:] if start else text
        if "[" in typed:
            typed = blank_stickers(typed)
        plain = self.table.fold(typed)
        origin = self.table.origin(typed)
        hits = self.lexicon.find(typed, plain, origin)
        if start:
            origin = self.table.origin(typed, start)
            hits = tuple(Hit(hit.term, hit.start + start, hit.end + start) for hit in hits)
        scores = self.classifier.scores(plain, signs_of(hits, typed, plain))
        return Reading(
            text,
            (start, len(text)),
            plain,
            origin,
            hits,
            quoted,
            scores,
            classifier=self.classifier,
        )

    def account(self, reading: Reading) -> tuple[Match, ...]:
        """Every term whose characters stand in what was read, and why it is a hit or none."""
        start = reading.typed[0]
        typed = blank_stickers(reading.original[start:])
        found = self.lexicon.account(typed, reading.plain, self.table.origin(typed))
        return tuple(replace(match, start=match.start + start, end=match.end + start) for match in found)

    def with_classifier(self, classifier: Classifier) -> Reader:
        """The same reader with another classifier."""
        other = copy(self)
        other.classifier = classifier
        return other

    def key(self, text: str) -> str:
        """The folded form of any text, to compare texts by."""
        return self.table.fold(text)
