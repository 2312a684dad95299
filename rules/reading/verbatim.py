"""A text as exact readers take it: digits and letters unified, what is invisible dropped, separators kept.

Folding for words drops spaces and dashes, with which people group numbers and end passwords; here each character
stays one character or goes. No table has to be loaded, so whoever masks a text reads it like the rules do.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from rules.reading.normalize import LOOKALIKES
from rules.reading.span import Span
from rules.reading.stickers import blank_stickers

_REMEMBERED = 30_000
_BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0\u2800")
_BREAKS = frozenset("\n\r\v\f\x85\u2028\u2029")
_KEPT = frozenset("★☆，！？；")
"""Signs that carry meaning: the level of secrecy stands before a star, and no password goes on over Chinese commas."""


@dataclass(frozen=True, slots=True)
class Verbatim:
    """What was typed, unified; ``places`` holds for each of its characters the index in the original."""

    text: str
    places: Sequence[int]

    def span(self, start: int, end: int) -> Span:
        """A span of ``text`` (not empty) as a span of the original."""
        return self.places[start], self.places[end - 1] + 1


class _Characters(dict[int, int | None]):
    """What a code point becomes; remembered, within bounds."""

    def __missing__(self, point: int) -> int | None:
        found = _unified(chr(point))
        if len(self) < _REMEMBERED:
            self[point] = found
        return found


_CHARACTERS = _Characters()


def verbatim(text: str, offset: int = 0) -> Verbatim:
    """Unify a text in linear time; ``offset`` is where it begins in the original. Never fails."""
    if "[" in text:
        text = blank_stickers(text)
    unified = text.translate(_CHARACTERS)
    if len(unified) == len(text):  # nothing was dropped, and nothing ever grows
        return Verbatim(unified, range(offset, offset + len(text)))
    places = [offset + index for index, one in enumerate(text) if _CHARACTERS[ord(one)] is not None]
    return Verbatim(unified, places)


def _unified(character: str) -> int | None:
    if character in _BREAKS:
        return ord("\n")
    if character == "\t" or character in _KEPT or " " <= character <= "~":
        return ord(character)
    if character.isdecimal():
        return ord(str(unicodedata.decimal(character)))
    kind = unicodedata.category(character)
    if character in _BLANK_LETTERS or kind in ("Cc", "Cf", "Cn", "Co", "Cs", "Mn", "Me"):
        return None
    if kind == "Zs":
        return ord(" ")
    if kind == "Pd" or character == "−":
        return ord("-")
    alike = LOOKALIKES.get(character, "")
    if len(alike) == 1:
        return ord(alike)
    same = unicodedata.normalize("NFKC", character)
    if len(same) == 1 and same != character:
        return ord(same)
    return ord(" ") if kind == "So" else ord(character)
