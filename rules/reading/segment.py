"""Where words begin and end: segmentation decides whether a hit is a word or an accident of neighbours.

口交 stands in 路口交通 as characters, but not as a word. The cutter is handed in by the loader; it
knows the short terms of the lexicon as words, and it runs on texts with hits only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from rules.reading.normalize import NormalisationTable

Cut = Callable[[str], Sequence[str]]
"""Cuts a text into words that put together give the text again."""


def every_character(text: str) -> Sequence[str]:
    """The cutter that knows no words: each character stands alone, so that every place is a boundary."""
    return list(text)


def word_starts(text: str, table: NormalisationTable, cut: Cut) -> frozenset[int]:
    """Indexes of ``text`` at which a word begins, its end included.

    The text is cut as it reads when folded, so that spaces and emoji do not tear words apart.
    """
    origin = table.origin(text)
    starts = {len(text)}
    position = 0
    for word in _checked(cut(table.fold(text)), len(origin)):
        starts.add(origin[position])
        position += len(word)
    return frozenset(starts)


def _checked(words: Iterable[str], length: int) -> Sequence[str]:
    found = list(words)
    if sum(map(len, found)) != length:
        raise ValueError("the cutter returned other text than it was given")
    return found
