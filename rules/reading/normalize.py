"""One table that folds every code point to the form it is matched in, and the map back to the original.

The table serves matching only: evidence is always the original. It is built once, from all folds together,
so that reading a text is a single ``str.translate``. Every fold works on code points alone; that makes the
map back exact and keeps folds from undoing each other: what is alike under some folds is alike under more.
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Flag, auto
from itertools import compress
from typing import overload


class Fold(Flag):
    """What a table folds; all of it, unless a test asks for less."""

    COMPATIBILITY = auto()  # full width, circled, superscript … (NFKC), accents, other scripts' digits
    CASE = auto()
    TRADITIONAL = auto()  # traditional characters to simplified ones
    LOOKALIKES = auto()  # Cyrillic and Greek letters that pass for Latin ones; boxed letters
    INVISIBLE = auto()  # zero-width, bidi controls, selectors, combining marks, private use
    EMOJI = auto()  # pictographs and other symbols
    SEPARATORS = auto()  # spaces and punctuation


EVERY_FOLD = ~Fold(0)
# As plain numbers: a table asks for them half a million times, and every start waits for one.
_EVERY = EVERY_FOLD.value
_COMPATIBILITY, _CASE, _TRADITIONAL = Fold.COMPATIBILITY.value, Fold.CASE.value, Fold.TRADITIONAL.value
_LOOKALIKES, _INVISIBLE = Fold.LOOKALIKES.value, Fold.INVISIBLE.value
_EMOJI, _SEPARATORS = Fold.EMOJI.value, Fold.SEPARATORS.value

KEPT_SYMBOLS = frozenset("+%$¥€£")
"""Symbols that carry meaning in what is matched: 加 is often written +, and amounts have signs."""

HARD_BREAKS = frozenset('。！？；，、：．!?;,:\n\r\u2028\u2029（）()【】[]「」『』《》“”"…')
"""Punctuation that ends a phrase: a word does not run across it, unless all its characters are split off."""

_LAST_ASSIGNED_HAN = 0x323AF

_NOTHING = frozenset({"Cn", "Co"})
"""Categories of code points that stand for nothing: not assigned, and for private use."""

_IOTA_BELOW = "\u0345"
_BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0\u17b4\u17b5")  # letters by category, invisible on screen

# One letter stands for both of its cases, so that folding case before or after makes no difference.
# Digits are never folded to letters, nor letters to digits: 2024年4月 must stay what it is.
_LATIN_LOOKALIKES = dict(
    zip(
        "авеѕіјкмнорстухѵԁһӏԛԝьαβικνορτυχϲгп",
        "abesijkmhopctyxvdhlqwbabikvoptuxcrn",
        strict=True,
    )
)
_SMALL_CAPITALS = dict(zip("ᴀʙᴄᴅᴇɢʜɪᴊᴋʟᴍɴᴏᴘʀᴛᴜᴠᴡʏᴢ", "abcdeghijklmnoprtuvwyz", strict=True))


def _lookalikes() -> dict[str, str]:
    found = dict(_SMALL_CAPITALS)
    for letter, latin in _LATIN_LOOKALIKES.items():
        found[letter] = latin
        if len(letter.upper()) == 1:
            found[letter.upper()] = latin.upper()
    for first, ring in ((0x1F150, "A"), (0x1F170, "A"), (0x1F1E6, "A")):  # circles, squares, flags
        for offset in range(26):
            found[chr(first + offset)] = chr(ord(ring) + offset)
    for first in (0x2776, 0x2780, 0x278A):  # the three sets of circled digits that NFKC leaves alone
        for offset in range(10):
            found[chr(first + offset)] = str(offset + 1)
    for offset in range(10):
        found[chr(0x24EB + offset)] = str(offset + 11)
    found |= {"⓿": "0", "🄌": "0", "➕": "+", "🞣": "+"}
    return found


LOOKALIKES: Mapping[str, str] = _lookalikes()


@dataclass(frozen=True, eq=False)
class NormalisationTable:
    """A table as ``str.translate`` takes it; immutable by convention, shared by everything that reads.

    Attributes:
        entries: for each code point what it becomes: a code point, a string, or ``None`` when it is dropped.
        widths: for each code point into how many it becomes.
    """

    entries: Sequence[int | str | None]
    widths: bytes

    def fold(self, text: str) -> str:
        """The text as it is matched, in linear time."""
        return text.translate(self.entries)

    def drops(self, character: str) -> bool:
        """Whether nothing is left of this character."""
        return self.widths[ord(character)] == 0

    def origin(self, text: str, offset: int = 0) -> Sequence[int]:
        """For each code point of ``fold(text)`` its index in ``text`` plus ``offset``; lazy."""
        return Origin(text, offset, self.widths)


class Origin(Sequence[int]):
    """A map from folded back to original indexes that costs nothing until somebody looks."""

    __slots__ = ("_known", "_offset", "_text", "_widths")

    def __init__(self, text: str, offset: int, widths: bytes) -> None:
        self._text, self._offset, self._widths = text, offset, widths
        self._known: list[int] | None = None

    def _indexes(self) -> list[int]:
        if self._known is None:
            widths = [*map(self._widths.__getitem__, map(ord, self._text))]
            places = range(self._offset, self._offset + len(widths))
            if max(widths, default=0) <= 1:
                self._known = list(compress(places, widths))
            else:
                self._known = [
                    place for place, width in zip(places, widths, strict=True) for _ in range(width)
                ]
        return self._known

    @overload
    def __getitem__(self, index: int) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[int]: ...
    def __getitem__(self, index: int | slice) -> int | Sequence[int]:
        return self._indexes()[index]

    def __len__(self) -> int:
        return len(self._indexes())

    def __iter__(self) -> Iterator[int]:
        return iter(self._indexes())


def build_table(t2s: Mapping[str, str], folds: Fold = EVERY_FOLD) -> NormalisationTable:
    """Build the table once; some tenths of a second, so off the hot path.

    Args:
        t2s: traditional to simplified, character by character.
        folds: what to fold.
    """
    size = sys.maxunicode + 1
    dropped = Fold.INVISIBLE in folds
    entries: list[int | str | None] = [None] * size
    widths = bytearray(size)
    for point, character in enumerate(map(chr, range(_LAST_ASSIGNED_HAN + 1))):
        kind = unicodedata.category(character)
        if kind in _NOTHING and dropped:
            continue
        if _stays(character, kind, t2s):
            entries[point], widths[point] = point, 1
            continue
        folded = _fold_one(character, t2s, folds.value)
        widths[point] = len(folded)
        entries[point] = (ord(folded) if len(folded) == 1 else folded) if folded else None
    if not dropped:
        # Beyond the last Han block lie only tags, variation selectors, private use and nothing at all.
        for point in range(_LAST_ASSIGNED_HAN + 1, size):
            entries[point], widths[point] = point, 1
    return NormalisationTable(entries, bytes(widths))


def _stays(character: str, kind: str, t2s: Mapping[str, str]) -> bool:
    """Whether no fold changes a character, told without trying each: most of the table, and every start waits for it.

    Such are the letters without case of all scripts that are made of nothing else and stand for nothing else.
    """
    return (
        kind == "Lo"
        and character not in t2s
        and not unicodedata.decomposition(character)
        and character not in LOOKALIKES
        and character not in _BLANK_LETTERS
    )


def _fold_one(character: str, t2s: Mapping[str, str], folds: int) -> str:
    """Fold one code point until nothing changes; a surrogate, which is no character, is always dropped."""
    if "\ud800" <= character <= "\udfff":
        return ""
    if unicodedata.category(character) in _NOTHING:  # nothing folds them
        return "" if folds & _INVISIBLE else character
    text = character
    for _ in range(8):
        meant = "".join(_meaning(part, t2s, folds) for part in text)
        if meant == text:
            break
        text = meant
    return "".join(part for part in text if not _droppable(part, t2s, folds))


def _meaning(character: str, t2s: Mapping[str, str], folds: int) -> str:
    if folds & _LOOKALIKES and character in LOOKALIKES:
        return LOOKALIKES[character]
    if character.isascii():
        return character.lower() if folds & _CASE else character
    text = character
    # The lunate sigma passes for a Latin c, and is compatible with another sigma that does not.
    if folds & _COMPATIBILITY and text.lower() not in _LATIN_LOOKALIKES:
        if text.isdecimal():
            text = str(unicodedata.decimal(text))
        parts = unicodedata.normalize("NFKD", text)
        bare = "".join(part for part in parts if not "\u0300" <= part <= "\u036f")
        text = unicodedata.normalize("NFKC", bare or text)
    if folds & _CASE:
        # Casefolding makes a letter of the iota below another one, which is an accent wherever those are dropped.
        text = text.lower() if _IOTA_BELOW in unicodedata.normalize("NFKD", text) else text.casefold()
    if folds & _TRADITIONAL:
        text = "".join(t2s.get(part, part) for part in text)
    return text


def _droppable(character: str, t2s: Mapping[str, str], folds: int) -> bool:
    """Whether a fold drops this character; never what stands for something else (Ⓥ, ＋)."""
    if character in KEPT_SYMBOLS or _meaning(character, t2s, _EVERY) != character:
        return False
    kind = unicodedata.category(character)
    if character in "\t\n\r\v\f\x85" or kind[0] in "ZP" or kind in ("Sm", "Sc", "Sk"):
        return bool(folds & _SEPARATORS)
    if kind == "So":
        if "\u2e80" <= character <= "\u2fdf":  # a part of a character: ⺈人 stands for 欠
            return False
        return bool(folds & _EMOJI or (character == "\u2800" and folds & _INVISIBLE))
    unseen = kind in ("Cc", "Cf", "Cn", "Co", "Mn", "Me") or character in _BLANK_LETTERS
    return bool(unseen and folds & _INVISIBLE)
