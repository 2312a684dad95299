"""How people write a word so that a filter does not see it: seeded, pure transformations of words within a text.

Nothing here knows how the product reads; of its files only the table of characters is used
(``rules/data/characters.txt``). What a kind can't change stays as it is: full width does nothing to 微信.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

import opencc
from pypinyin import Style, lazy_pinyin

CHARACTERS = Path(__file__).resolve().parent.parent / "rules" / "data" / "characters.txt"

Change = Callable[[str, random.Random], str]
"""Writes one word in another way; the word itself where this way does not apply."""

ZERO_WIDTH = "\u200b\u200c\u200d\u2060\ufeff"
MARKS = ".。、·*-_/|~,"
EMOJI = ("😀", "❤️", "🔥", "💰", "👉", "🌹", "⭐", "🍀", "🐧", "✨")
FURTHER = 0.5
"""How likely each further character is changed, where one that is changed already makes another word of it."""

_LATIN = {
    "a": "аα", "b": "Ьβ", "c": "сϲ", "d": "ԁ", "e": "еε", "g": "ɡ", "h": "һ", "i": "іι", "j": "ј", "k": "кκ",
    "l": "ӏ", "m": "м", "n": "п", "o": "оο", "p": "рρ", "q": "ԛ", "s": "ѕ", "t": "тτ", "u": "υ", "v": "ѵν",
    "w": "ԝω", "x": "хχ", "y": "уγ",
    "A": "АΑ", "B": "ВΒ", "C": "СϹ", "E": "ЕΕ", "H": "НΗ", "I": "ІΙ", "J": "Ј", "K": "КΚ", "M": "МΜ", "N": "Ν",
    "O": "ОΟ", "P": "РΡ", "Q": "Ԛ", "S": "Ѕ", "T": "ТΤ", "V": "Ѵ", "W": "Ԝ", "X": "ХΧ", "Y": "УΥ", "Z": "Ζ",
}  # fmt: skip
_RINGS = ((0x24D0, 0x24B6), (0x1F150, 0x1F150), (0x1F130, 0x1F130), (0x1F170, 0x1F170))
"""Where the circled, black circled, squared and black squared letters begin: small ones, capitals."""


def is_han(character: str) -> bool:
    """Whether it is a Chinese character of the usual block."""
    return "\u4e00" <= character <= "\u9fff"


def full_width(word: str, _: random.Random) -> str:
    """Letters, digits and ASCII signs in full width."""
    return "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in word)


def homoglyph(word: str, chance: random.Random) -> str:
    """Letters as Cyrillic, Greek or circled ones, digits as circled ones."""
    return "".join(chance.choice(options) if (options := _alike(sign)) else sign for sign in word)


def _alike(sign: str) -> Sequence[str]:
    if not sign.isascii():
        return ()
    if sign.isdigit():
        number = int(sign)
        return (chr(0x245F + number), chr(0x2775 + number)) if number else ("⓪", "⓿")
    if not sign.isalpha():
        return ()
    place = ord(sign.lower()) - ord("a")
    return (
        *_LATIN.get(sign, ""),
        *(chr((capital if sign.isupper() else small) + place) for small, capital in _RINGS),
    )


def _between(word: str, put: Callable[[], str]) -> str:
    return "".join(sign if not index else put() + sign for index, sign in enumerate(word))


def spaces(word: str, _: random.Random) -> str:
    """A space between any two characters."""
    return _between(word, lambda: " ")


def punctuation(word: str, chance: random.Random) -> str:
    """One mark, the same throughout the word, between any two characters."""
    mark = chance.choice(MARKS)
    return _between(word, lambda: mark)


def zero_width(word: str, chance: random.Random) -> str:
    """An invisible character between any two."""
    return _between(word, lambda: chance.choice(ZERO_WIDTH))


def emoji(word: str, chance: random.Random) -> str:
    """A picture between any two characters."""
    return _between(word, lambda: chance.choice(EMOJI))


def traditional(word: str, _: random.Random) -> str:
    """Traditional characters, as OpenCC writes the word; half a surrogate pair it can't read, and the word stays."""
    try:
        converted: str = _converter().convert(word)
    except UnicodeEncodeError:
        return word
    return converted


def shape(word: str, chance: random.Random) -> str:
    """At least one character as one of the three that look most like it."""
    return _some(word, [characters()[1].get(sign, ())[:3] for sign in word], chance)


def split(word: str, chance: random.Random) -> str:
    """At least one character taken apart into what it is made of."""
    return _some(word, [characters()[0].get(sign, ()) for sign in word], chance)


def homophone(word: str, chance: random.Random) -> str:
    """At least one character as another common one that is spoken alike, whatever the tone."""
    pairs = zip(word, _spoken(word), strict=True)
    return _some(
        word, [[one for one in _by_sound().get(said, ()) if one != sign] for sign, said in pairs], chance
    )


def _some(word: str, options: Sequence[Sequence[str]], chance: random.Random) -> str:
    """The word with some of its characters exchanged, at least one of those for which there is another."""
    places = [index for index, sign in enumerate(word) if is_han(sign) and options[index]]
    if not places:
        return word
    sure = chance.choice(places)
    chosen = {index for index in places if index == sure or chance.random() < FURTHER}
    return "".join(
        chance.choice(options[index]) if index in chosen else sign for index, sign in enumerate(word)
    )


def pinyin(word: str, _: random.Random) -> str:
    """The whole word in letters, without tones."""
    return "".join(_spoken(word))


def initials(word: str, _: random.Random) -> str:
    """The first letter of each syllable."""
    return "".join(said[0] if is_han(sign) else sign for sign, said in zip(word, _spoken(word), strict=True))


def reverse(word: str, _: random.Random) -> str:
    """The word from back to front."""
    return word[::-1]


EVASIONS: Mapping[str, Change] = {
    "full_width": full_width,
    "homoglyph": homoglyph,
    "spaces": spaces,
    "spaces_everywhere": spaces,
    "punctuation": punctuation,
    "zero_width": zero_width,
    "emoji": emoji,
    "traditional": traditional,
    "shape": shape,
    "split": split,
    "homophone": homophone,
    "pinyin": pinyin,
    "initials": initials,
    "reversed": reverse,
}
"""By kind what becomes of a key word."""

EVERYWHERE = frozenset({"spaces_everywhere"})
"""The kinds that take the whole text for one key word."""


def evaded(text: str, words: Iterable[tuple[int, int]], kind: str, seed: str = "") -> str:
    """A text with its key words in disguise; the same for the same arguments.

    Args:
        words: where the key words stand, as half-open spans of ``text``; of two that overlap the first counts.
        kind: one of :data:`EVASIONS`.
        seed: what chance is drawn from, beside the kind.

    Raises:
        KeyError: there is no such kind.
    """
    change = EVASIONS[kind]
    chance = random.Random(f"{kind} {seed}")  # noqa: S311 - the same evasion every time is what is wanted
    if kind in EVERYWHERE:
        return change(text.replace(" ", ""), chance)
    parts, at = [], 0
    for start, end in sorted(words):
        if start >= at:
            parts += [text[at:start], change(text[start:end], chance)]
            at = end
    return "".join([*parts, text[at:]])


@cache
def characters() -> tuple[Mapping[str, tuple[str, ...]], Mapping[str, tuple[str, ...]]]:
    """By character how it is taken apart, and what looks like it, the most alike first."""
    apart, alike = {}, {}
    for line in CHARACTERS.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            sign, splits, looks = line.split("\t")
            apart[sign], alike[sign] = tuple(splits.split()), tuple(looks)
    return apart, alike


def _spoken(word: str) -> list[str]:
    """What is said for each character, without tones; what is not Chinese stands for itself."""
    return lazy_pinyin(
        word,
        style=Style.NORMAL,
        errors=list,  # type: ignore[arg-type]  # it takes what gives a list as well, one for each character
    )


@cache
def _by_sound() -> Mapping[str, Sequence[str]]:
    """The characters of GB 2312's first level, the common ones, by what is said for them."""
    sounds = defaultdict(list)
    for first in range(0xB0, 0xD8):
        for second in range(0xA1, 0xFF):
            sign = bytes((first, second)).decode("gb2312", errors="ignore")
            if sign:
                sounds[_spoken(sign)[0]].append(sign)
    return sounds


@cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("s2t")
