"""What reading a text gives: frozen values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType

from rules.reading.classify import SILENT, Classifier
from rules.reading.machine import covered
from rules.reading.quote import Quote
from rules.reading.span import Span

NO_SCORES: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Term:
    """One lexicon entry.

    Attributes:
        word: as written in the lexicon.
        rule: the id of the rule that uses it.
        category: the rule's category, or an indicator's name.
        weight: what it adds (indicators) or its confidence (words); below zero it speaks against a finding.
        allow: an allow-phrase: it beats every term of its rule that lies inside it.
        reason: why it is in the list.
        open: nobody has a reason to disguise it; it is looked for as it is written only.
        whole: a word boundary is asked for at its end even where three characters would vouch for it.
    """

    word: str
    rule: str
    category: str
    weight: float = 1.0
    allow: bool = False
    reason: str = ""
    whole: bool = False
    open: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """A term found in a text; ``start`` and ``end`` point into the original."""

    term: Term
    start: int
    end: int


class Fate(StrEnum):
    """What became of a term whose characters stand in a text."""

    HIT = "hit"
    NO_WORD = "no_word"  # an accident of neighbours: no word begins or ends there
    LONGER = "longer"  # a longer term of its rule stands there
    ALLOWED = "allowed"  # it lies inside an allow-phrase
    ALLOWS = "allows"  # it is an allow-phrase
    SPLIT = "split"  # it is an allow-phrase that was split up, and excuses nothing


@dataclass(frozen=True, slots=True)
class Match:
    """A term whose characters stand in a text, and why it counts or not; spans point into the original."""

    term: Term
    start: int
    end: int
    fate: Fate


@dataclass(frozen=True)
class Reading:
    """One text as the rules see it.

    Attributes:
        original: the field as it came.
        typed: the span of ``original`` that the sender typed (without the quoted block).
        plain: ``typed`` normalised for matching: evidence is never taken from it.
        origin: for each code point of ``plain`` its index in ``original``.
        hits: what the lexicon found (longest match, allow-phrases applied, word boundaries respected).
        quote: the quoted block, if the text begins with one.
        scores: how much it reads like what each label of the classifier stands for, from 0 to 1; 0.5 and 0.9 are where
            ordinary talk hardly and never comes (:mod:`rules.reading.classify`).
        classifier: what gave the scores.
        machine: the spans of ``original`` that programs wrote (:mod:`rules.reading.machine`).
        signs: what it shows beside its words (:mod:`rules.reading.signs`).
        views: how it may read without its disguises, the most telling first; only where words may be disguised.
    """

    original: str
    typed: Span = (0, 0)
    plain: str = ""
    origin: Sequence[int] = field(default=())
    hits: tuple[Hit, ...] = ()
    quote: Quote | None = None
    scores: Mapping[str, float] = field(default_factory=lambda: NO_SCORES)
    machine: tuple[Span, ...] = ()
    signs: frozenset[str] = frozenset()
    views: tuple[Unmasked, ...] = ()
    classifier: Classifier = field(default=SILENT, repr=False, compare=False)

    @cached_property
    def said(self) -> str:
        """``plain`` as the classifier reads it: as long, with what programs wrote covered."""
        return covered(self.plain, self.origin, self.machine) if self.machine else self.plain

    def score(self, label: str) -> float:
        """How much it reads like what a label stands for; 0 where no classifier knows the label."""
        return self.scores.get(label, 0.0)

    def strongest(self, label: str) -> tuple[Span, ...]:
        """Where it reads most like what a label stands for: a few spans of the original, none if it never does."""
        return tuple(self.span(*span) for span in self.classifier.strongest(self.said, label))

    def of(self, rule: str) -> tuple[Hit, ...]:
        """The hits of one rule's terms, in order of appearance."""
        return tuple(hit for hit in self.hits if hit.term.rule == rule)

    def span(self, start: int, end: int) -> Span:
        """A span of ``plain`` (not empty) as a span of the original."""
        return self.origin[start], self.origin[end - 1] + 1


@dataclass(frozen=True)
class Unmasked:
    """A text as it reads where guesses at disguised words stand in place of what was written: never by itself a ground.

    Attributes:
        reading: the restored text, read; it has no views of its own.
        pieces: for each word that was put in, its span in the restored text and the span of the original it stands for.
        odd: whether one of them stands where no ordinary word was.
        telling: whether one of them has more than two characters, or was written in letters: few are accidents.
        veiled: whether so much of it is no language as it stands that it was meant not to be read.
        deciphered: whether it was read by what is likely, and not only by listed words.
        letters: the spans of the original that are first letters, where the whole is taken as such
            (:mod:`rules.reading.initials`): nothing was put in, and nobody can tell what it says.
    """

    reading: Reading
    pieces: tuple[tuple[Span, Span], ...]
    odd: bool
    telling: bool = False
    veiled: bool = False
    deciphered: bool = False
    letters: tuple[Span, ...] = ()

    @property
    def decides(self) -> bool:
        """Whether it may lead to more than that people look: it is no ordinary text that was read otherwise."""
        if self.letters:
            return False
        return self.veiled if self.deciphered else self.odd

    def guessed(self, start: int, end: int) -> bool:
        """Whether a span of the restored text holds anything that was put in."""
        return any(start < last and first < end for (first, last), _ in self.pieces)

    def back(self, start: int, end: int) -> Span:
        """A span of the restored text (not empty) as a span of the original; of a word that was put in the whole."""
        return self._place(start)[0], self._place(end - 1)[1]

    def _place(self, index: int) -> Span:
        moved = 0
        for (first, last), (start, end) in self.pieces:
            if index < first:
                break
            if index < last:
                return start, end
            moved = end - last
        return index + moved, index + moved + 1
