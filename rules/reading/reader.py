"""Reads one message: strips the quoted block, normalises with a map back, scans the lexicon once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rules.reading import quote
from rules.reading.classify import SILENT, Classifier
from rules.reading.lexicon import Lexicon
from rules.reading.normalize import NormalisationTable
from rules.reading.reading import Hit, Match, Reading, Term, Unmasked
from rules.reading.signs import signs_of
from rules.reading.span import Span
from rules.reading.stickers import blank_stickers
from rules.reading.unmask import Unmasker, restore

__all__ = ["Hit", "Reader", "Reading", "Term"]

SUSPECTED = 0.3
"""From this score on disguises are looked for where the characters are ordinary language, too."""


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
        suspected = any(hit.term.weight > 0 for hit in reading.hits) or any(
            score >= SUSPECTED for score in reading.scores.values()
        )
        known = [(hit.start, hit.end) for hit in reading.hits if hit.term.weight > 0]
        guesses = [
            guess
            for guess in self.unmasker.guesses(reading.plain, reading.origin, thorough=suspected)
            if not _overlaps(reading.span(guess.start, guess.end), known)
        ]
        if not guesses:
            return reading
        restored, pieces = restore(text, reading.origin, guesses)
        return replace(reading, unmasked=Unmasked(self._read(restored), pieces))

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
        scores = self.classifier.scores(plain, signs_of(hits, typed))
        return Reading(text, (start, len(text)), plain, origin, hits, quoted, scores)

    def account(self, reading: Reading) -> tuple[Match, ...]:
        """Every term whose characters stand in what was read, and why it is a hit or none."""
        start = reading.typed[0]
        typed = blank_stickers(reading.original[start:])
        found = self.lexicon.account(typed, reading.plain, self.table.origin(typed))
        return tuple(replace(match, start=match.start + start, end=match.end + start) for match in found)

    def key(self, text: str) -> str:
        """The folded form of any text, to compare texts by."""
        return self.table.fold(text)


def _overlaps(span: Span, others: Sequence[Span]) -> bool:
    return any(span[0] < end and start < span[1] for start, end in others)
