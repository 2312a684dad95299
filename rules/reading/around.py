"""What a text reads like around words, or in their sentence: decent talk elsewhere buys nothing.

Pure; only so many places are looked at.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from typing import Final

from rules.reading.normalize import HARD_BREAKS
from rules.reading.reading import Reading
from rules.reading.signs import signs_of
from rules.reading.span import Span, meets

NEAR: Final = 12
"""So many characters to each side of the words are read with them."""

LOOKED_AT: Final = 8
"""So many places are looked at."""

REACH: Final = 60
"""Code points to each side in which a sentence is looked for."""

SHORT: Final = 24
"""A text of so many characters is read at once."""

_ENDS: Final = re.compile(f"[{re.escape(''.join(sorted(HARD_BREAKS)))}~～\\s]")


def around(reading: Reading, spans: Iterable[Span], labels: Collection[str]) -> float:
    """How much a text reads like any of the labels around one of these spans of the original, from 0 to 1."""
    return max((score(reading, _near(reading, span), labels) for span in _first(spans)), default=0.0)


def in_their_sentence(reading: Reading, spans: Iterable[Span], labels: Collection[str]) -> float:
    """How much the sentence, or part of one, that one of these spans stands in does by itself, from 0 to 1.

    Of a text so short that it is read at once, 0: there the sentences belong together (脑子进水，是主机进水).
    """
    if len(reading.plain) <= SHORT:
        return 0.0
    return max((score(reading, sentence(reading, span), labels) for span in _first(spans)), default=0.0)


def sentence(reading: Reading, span: Span) -> Span:
    """The sentence, or the part of one, that a span of the original stands in: from one mark or blank to the next."""
    start, end = reading.typed
    first, last = max(start, span[0] - REACH), min(end, span[1] + REACH)
    ends = [mark.end() for mark in _ENDS.finditer(reading.original, first, span[0])]
    behind = _ENDS.search(reading.original, span[1], last)
    return ends[-1] if ends else first, behind.start() if behind else last


def left(reading: Reading, stretch: Span, without: Sequence[Span] = ()) -> str:
    """A stretch of the original, folded, with a blank for each character of some words.

    Args:
        without: where those words stand, in order and apart (:func:`rules.reading.span.disjoint`).
    """
    first, last = (bisect_left(reading.origin, place) for place in stretch)
    return "".join(
        " " if meets(without, place, place + 1) else sign
        for sign, place in zip(reading.plain[first:last], reading.origin[first:last], strict=True)
    )


def score(reading: Reading, stretch: Span, labels: Collection[str], without: Sequence[Span] = ()) -> float:
    """How much a stretch of the original by itself reads like any of the labels, from 0 to 1.

    Args:
        without: as for :func:`left`.
    """
    text = left(reading, stretch, without)
    if not text:
        return 0.0
    start, end = stretch
    hits = [
        hit
        for hit in reading.hits
        if start <= hit.start and hit.end <= end and not meets(without, hit.start, hit.end)
    ]
    scores = reading.classifier.scores(text, signs_of(hits, reading.original[start:end], text))
    return max(scores.get(label, 0.0) for label in labels)


def _first(spans: Iterable[Span]) -> list[Span]:
    return sorted(set(spans))[:LOOKED_AT]


def _near(reading: Reading, span: Span) -> Span:
    """The span of the original with so many folded characters to each side."""
    origin = reading.origin
    first = max(0, bisect_left(origin, span[0]) - NEAR)
    last = min(len(origin), bisect_left(origin, span[1]) + NEAR)
    return (origin[first], origin[last - 1] + 1) if first < last else (0, 0)
