"""Reads one message: strips the quoted block, normalises with a map back, scans the lexicon once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import replace

from rules.reading import quote
from rules.reading.classify import SILENT, Classifier
from rules.reading.decipher import Decipherer
from rules.reading.disguise import EDGE, LETTERED, Disguise, Guess, joined, restore
from rules.reading.initials import Initials
from rules.reading.lexicon import Lexicon
from rules.reading.machine import machine_spans, without
from rules.reading.normalize import HARD_BREAKS, NormalisationTable
from rules.reading.reading import Hit, Match, Reading, Term, Unmasked
from rules.reading.signs import signs_of
from rules.reading.span import Span
from rules.reading.stickers import BLANK, blank_stickers
from rules.reading.unmask import SHORTEST, Unmasker

__all__ = ["Hit", "Reader", "Reading", "Term"]

DISGUISED = ("advertising", "banned", "hostility", "incivility")
"""The labels of what people write in disguise."""

DOUBTED, SUSPECTED = 0.14, 0.4
"""From these scores on first letters are taken for words, and disguises looked for in ordinary language, too."""

CHARGED = frozenset({"advertising", "banned_words", "incivility"})
NUMBER = 6
"""The rules whose words in a nickname would be held against whoever calls it; and so many digits are a telephone."""

VEILED = 13.0
"""So many nats of gain are no accident."""

_OURS = str.maketrans(dict.fromkeys(EDGE + BLANK, "\u200b"))


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
        decipherer: Decipherer | None = None,
        initials: Initials | None = None,
    ) -> None:
        self.table = table
        self.lexicon = lexicon
        self.classifier = classifier
        self.unmasker = unmasker
        self.decipherer = decipherer
        self.initials = initials

    def read(self, text: str) -> Reading:
        """Read one text, in time linear in its length. Never fails, whatever the text holds."""
        if EDGE in text or BLANK in text:  # nobody but the reader puts them in
            text = text.translate(_OURS)
        reading = self.as_it_stands(text)
        deciphered = self._decipher(reading)
        views = [
            self._unmask(reading),
            deciphered,
            deciphered and self._unmask(deciphered.reading, deciphered),
            self._in_letters(reading),
        ]
        found = [view for view in views if view is not None]
        if not found:
            return reading
        least = _suspicion(reading)
        found.sort(key=lambda view: _telling(view, least), reverse=True)
        return replace(reading, views=tuple(found))

    def _unmask(self, reading: Reading, deciphered: Unmasked | None = None) -> Unmasked | None:
        """The text with listed words in place of what may stand for them.

        Args:
            reading: the text as it stands, or as it was deciphered.
            deciphered: how it was.
        """
        if self.unmasker is None:
            return None
        suspicion = _suspicion(reading)
        known = {at for hit in reading.hits if hit.term.weight > 0 for at in range(hit.start, hit.end)}
        guesses = self._allowed(
            reading,
            self.unmasker.guesses(
                reading.plain,
                reading.origin,
                thorough=suspicion >= SUSPECTED,
                doubted=suspicion >= DOUBTED,
                attack=_attacks(reading),
                known=known,
            ),
        )
        if not guesses:
            return None
        restored, again = restore(reading.original, reading.origin, guesses)
        read = self.as_it_stands(restored)
        if deciphered is not None:
            return replace(deciphered, reading=read, pieces=joined(deciphered.pieces, again))
        odd = any(not guess.weak for guess in guesses)
        telling = any(len(guess.word) > SHORTEST or guess.how & LETTERED for guess in guesses)
        return Unmasked(read, again, odd, telling)

    def _decipher(self, reading: Reading) -> Unmasked | None:
        """The text with what it most likely says in place of what no one writes."""
        found = self.decipherer and self.decipherer.decipher(reading.plain, reading.origin)
        if not found or not (guesses := self._allowed(reading, found.guesses)):
            return None
        restored, pieces = restore(reading.original, reading.origin, guesses, edge="")
        return Unmasked(
            self.as_it_stands(restored),
            pieces,
            odd=True,
            telling=True,
            veiled=found.gain >= VEILED,
            deciphered=True,
        )

    def _in_letters(self, reading: Reading) -> Unmasked | None:
        """The text as it reads where its letters are first letters: as it stands, with other scores."""
        if self.initials is None:
            return None
        runs = self.initials.runs(reading.original, reading.plain, reading.origin, reading.machine)
        scores = self.initials.scores(reading.said, runs)
        if not any(scores.values()):
            return None
        letters = tuple(reading.span(run.start, run.end) for run in runs if run.gain > 0)
        return Unmasked(
            replace(reading, scores=scores), (), odd=True, telling=True, veiled=True, letters=letters
        )

    def _allowed(self, reading: Reading, guesses: Sequence[Guess]) -> Sequence[Guess]:
        """Nothing is guessed into what an allow-phrase covers, nor into what programs wrote, nor across the end of a
        phrase (夏炎、佘成东)."""
        guesses = [guess for guess in guesses if not _broken(reading, guess)]
        if not guesses:
            return ()
        if reading.machine:
            places = [reading.span(guess.start, guess.end) for guess in guesses]
            guesses = [
                guess
                for guess, place in zip(guesses, places, strict=True)
                if not _within(reading.machine, *place)
            ]
        spared = self.lexicon.spared(reading.plain, reading.origin)
        return [guess for guess in guesses if spared.isdisjoint(reading.origin[guess.start : guess.end])]

    def suspicious(self, name: str) -> bool:
        """Whether a nickname by itself reads like anything that people are charged with."""
        reading = self.as_it_stands(name)
        listed = any(hit.term.weight > 0 for hit in reading.hits if hit.term.rule in CHARGED)
        return listed or _suspicion(reading) >= SUSPECTED or sum(map(str.isdecimal, name)) >= NUMBER

    def as_it_stands(self, text: str) -> Reading:
        """Read one text without asking what it may hide."""
        quoted = quote.parse(text) if text.startswith("「") else None
        start = quoted.typed[0] if quoted else 0
        typed = text[start:] if start else text
        if "[" in typed:
            typed = blank_stickers(typed)
        plain = self.table.fold(typed)
        origin = self.table.origin(typed)
        machine = machine_spans(typed)
        hits = self.lexicon.find(typed, plain, origin)
        by_hand = without(typed, machine) if machine else typed
        if machine:
            hits = tuple(hit for hit in hits if not _within(machine, hit.start, hit.end))
        if start:
            origin = self.table.origin(typed, start)
            machine = tuple((first + start, last + start) for first, last in machine)
            hits = tuple(Hit(hit.term, hit.start + start, hit.end + start) for hit in hits)
        reading = Reading(
            text,
            (start, len(text)),
            plain,
            origin,
            hits,
            quoted,
            machine=machine,
            signs=frozenset(signs_of(hits, by_hand, plain)),
            classifier=self.classifier,
        )
        return replace(reading, scores=self.classifier.scores(reading.said, reading.signs))

    def account(self, reading: Reading) -> tuple[Match, ...]:
        """Every term whose characters stand in what was read, and why it is a hit or none."""
        start = reading.typed[0]
        typed = blank_stickers(reading.original[start:])
        found = self.lexicon.account(typed, reading.plain, self.table.origin(typed))
        places = (replace(match, start=match.start + start, end=match.end + start) for match in found)
        return tuple(match for match in places if not _within(reading.machine, match.start, match.end))

    def with_classifier(self, classifier: Classifier) -> Reader:
        """The same reader with another classifier."""
        other = copy(self)
        other.classifier = classifier
        return other

    def key(self, text: str) -> str:
        """The folded form of any text, to compare texts by."""
        return self.table.fold(text)


def _within(spans: Iterable[Span], start: int, end: int) -> bool:
    """Whether a stretch lies in one of the spans, wholly or in part."""
    return any(first < end and start < last for first, last in spans)


def _attacks(reading: Reading) -> bool:
    """Whether it reads rather like an attack than like an offer."""
    attack = max(reading.score("hostility"), reading.score("incivility"))
    return attack >= max(reading.score("advertising"), reading.score("banned"))


def _suspicion(reading: Reading) -> float:
    """How much it reads like anything that people write in disguise."""
    return max(reading.score(label) for label in DISGUISED)


def _telling(view: Unmasked, least: float) -> tuple[float, int, float]:
    """What a way to read a text is chosen by: of several that are bad enough, the one with more listed words.

    Args:
        least: how bad the text is as it stands.
    """
    listed = sum(hit.term.weight > 0 for hit in view.reading.hits)
    suspicion = _suspicion(view.reading)
    return min(max(suspicion, least), SUSPECTED), listed, suspicion


def _broken(reading: Reading, guess: Guess) -> bool:
    """Whether other characters are taken for a word across the end of a phrase, unless each of them was split off."""
    if guess.how is Disguise.BROKEN:
        return False
    origin = reading.origin
    gaps = [reading.original[origin[at] + 1 : origin[at + 1]] for at in range(guess.start, guess.end - 1)]
    return not (len(gaps) > 1 and all(gaps)) and not all(map(HARD_BREAKS.isdisjoint, gaps))
