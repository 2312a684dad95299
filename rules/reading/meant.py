"""Whether rough words are meant as an attack: where the message does not read like one, only people can tell.

Pure, linear in the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from rules.reading.around import LOOKED_AT, around, in_their_sentence, left, score, sentence
from rules.reading.goodwill import jokes, means_well
from rules.reading.reading import Reading
from rules.reading.relayed import attributed, quoted, within_quotation
from rules.reading.span import Span, disjoint
from rules.reading.targets import Speech
from rules.reading.venting import vents

PERSONAL: Final = ("incivility",)
ATTACKS: Final = (*PERSONAL, "hostility")
"""The labels of an attack on a person, and of one on a person or a group."""

AGREES: Final = 0.5
"""What reads less like an attack than this, as a whole and around the rough words, is for people to judge."""

CALLED: Final = 0.4
"""The same where somebody is called by the words: they begin the message and a comma follows (贱人，…)."""

ENOUGH: Final = 0.5
"""What scores so much goes to people without a telling word."""

BEYOND_DOUBT: Final = 0.96
"""What scores so much is an attack without a telling word: of 1,298 harmless messages in an attack's words, by writers
who had seen nothing of the project, one does."""

_YOU: Final = re.compile("[你您]")

_TO_SOMEBODY: Final = re.compile("(?:[你您]们?)?(?:个|这个?|这种|这帮|这群|这些|一帮|一群)?")
"""Before a name that somebody is called by: 你个…，"""

_BIDDING: Final = frozenset("少别莫")
"""With these begins what is asked for, and no name (少废话，…)."""

BESIDE: Final = 0.2
BESIDE_AIMED: Final = 0.1
BEYOND_QUESTION: Final = 0.95
"""So much speaks of an attack beside rough words, unless the whole leaves no question: fewer harmless messages that
share a turn of phrase with attacks are accused by it, and one attack in twenty more goes to people."""


def likeness(reading: Reading) -> float:
    """How much the whole reads like an attack, on somebody or on a group, from 0 to 1."""
    return _worse(reading.scores, ATTACKS)


def reads_like_an_attack(
    reading: Reading, spans: Collection[Span], labels: Collection[str], *, aimed: bool, told: bool
) -> bool:
    """Whether a message reads like the attack that its rough words speak of.

    Args:
        spans: of the original, where those stand.
        labels: of what kind of attack they speak: on a person, on a group, or both.
        aimed: they say of whom they speak; else what stands beside them has to read more so.
        told: they say all of it, of whom and what.
    """
    return _reads_so(reading, spans, labels) and (
        told or _speaks_so_beside_them(reading, spans, labels, aimed=aimed)
    )


def leaves_no_doubt(reading: Reading) -> bool:
    """Whether the whole reads like an attack on a person as nothing harmless does, and quotes nobody."""
    return reading.score("incivility") >= BEYOND_DOUBT and not quoted(reading)


def for_people(reading: Reading, said: Speech, spans: Iterable[Span] = ()) -> bool:
    """Whether it jokes, wishes well, repeats somebody's words, or curses a thing or an animal.

    Args:
        spans: of the original, where the rough words stand.
    """
    own = not (attributed(reading) or within_quotation(reading, spans))
    return not own or jokes(reading) or means_well(reading) or vents(said)


def _reads_so(reading: Reading, spans: Iterable[Span], labels: Collection[str]) -> bool:
    """Whether the whole does, or what stands around one of the rough words."""
    places = sorted(set(spans))[:LOOKED_AT]
    if _worse(reading.scores, labels) >= (
        CALLED if any(_calls(reading, span) for span in places) else AGREES
    ):
        return True
    return max(around(reading, places, labels), in_their_sentence(reading, places, labels)) >= AGREES


def _speaks_so_beside_them(
    reading: Reading, spans: Collection[Span], labels: Collection[str], *, aimed: bool
) -> bool:
    """Whether what stands beside rough words speaks of an attack as well, or less stands there than they are.

    A word that insults tells of an attack wherever it stands, and so does a score that it is part of; 软骨头那种炖烂点
    is shown by what is left without it: of the whole, or of a sentence, whatever is written before or behind that.
    """
    if _worse(reading.scores, labels) >= BEYOND_QUESTION or any(_calls(reading, span) for span in spans):
        return True
    words = disjoint(spans)
    stretches = (reading.typed, *(sentence(reading, span) for span in words[:LOOKED_AT]))
    return any(
        _speaks_without(reading, stretch, words, labels, aimed=aimed) for stretch in dict.fromkeys(stretches)
    )


def _speaks_without(
    reading: Reading, stretch: Span, words: Sequence[Span], labels: Collection[str], *, aimed: bool
) -> bool:
    """Whether a stretch of the original without these words speaks of an attack, or hardly holds anything else.

    A sentence that is nothing but such words tells nothing, unless it is the whole or addresses somebody.
    """
    rest = left(reading, stretch, words)
    if len(rest) < 2 * rest.count(" "):
        return stretch == reading.typed or (aimed and _YOU.search(reading.original, *stretch) is not None)
    return score(reading, stretch, labels, words) >= (BESIDE_AIMED if aimed else BESIDE)


def _calls(reading: Reading, span: Span) -> bool:
    """Whether the words at a span of the original stand at its beginning as a name does, alone or after 你个."""
    before, after = reading.original[reading.typed[0] : span[0]], reading.original[span[1] : span[1] + 1]
    named = reading.original[span[0] : span[0] + 1] not in _BIDDING
    return named and _TO_SOMEBODY.fullmatch(before.strip()) is not None and after in set("，,！!")


def _worse(scores: Mapping[str, float], labels: Collection[str]) -> float:
    return max(scores.get(label, 0.0) for label in labels)
