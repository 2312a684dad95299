"""How Chinese characters sound, what they are taken for, and how they are taken apart: frozen tables.

The sounds come from pypinyin; look-alikes and splits from ``rules/data/characters.txt``, which is our own.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

_SAME_PART: Final = str.maketrans(
    "言水手才人イ心金食丝糸犬草艸文攴衣之走辵足刀肉玉竹四网牛示火阜邑冰爪",
    "讠氵扌扌亻亻忄钅饣纟纟犭艹艹攵攵衤辶辶辶⻊刂月王⺮罒罒牜礻灬阝阝冫爫",
)
"""Radicals, and the characters that stand for them when somebody takes a character apart."""

ONLY_PARTS: Final = frozenset(
    "讠氵扌亻忄钅饣纟犭艹攵衤辶刂⺮罒牜礻灬阝冫爫宀冖亠勹冂凵匚卩厶廴彐彳彡夂癶疒虍覀丶丿乚丨卝"
)
"""Characters that stand in no word: who writes one means a part of another."""


class CharactersError(ValueError):
    """A table of characters that can't be used; the message names the line."""


READINGS: Final = 2
"""So many readings of a character count; further ones are rare."""

_UMLAUT: Final = str.maketrans(dict.fromkeys("üǖǘǚǜ", "v"))


@dataclass(frozen=True)
class Characters:
    """The tables.

    Attributes:
        sounds: for a character its usual syllables, without the tone: at most :data:`READINGS`.
        taken_for: for a character those that it looks like, or that may be meant by it.
        splits: for the first part of a split, every split that begins with it and the character it makes.
    """

    sounds: Mapping[str, tuple[str, ...]]
    taken_for: Mapping[str, frozenset[str]]
    splits: Mapping[str, tuple[tuple[str, str], ...]]


def part(text: str) -> str:
    """Characters as parts of others: those that stand for the same radical are the same."""
    return text.translate(_SAME_PART)


def toneless(readings: str) -> tuple[str, ...]:
    """The first syllables, without their tones, out of readings with tone marks that commas separate."""
    bare = unicodedata.normalize("NFD", readings.translate(_UMLAUT))
    plain = "".join(sign for sign in bare if sign.isascii())
    return tuple(dict.fromkeys(plain.split(",")))[:READINGS]


def parse_characters(
    lines: Iterable[str], readings: Mapping[int, str], fold: Callable[[str], str]
) -> Characters:
    """Build the tables.

    Args:
        lines: ``character TAB splits TAB look-alikes``, as in ``rules/data/characters.txt``.
        readings: for a code point its readings with tone marks.
        fold: a text as it is searched; some parts are signs that nothing is left of.

    Raises:
        CharactersError: a line of another shape.
    """
    taken_for: dict[str, set[str]] = defaultdict(set)
    splits: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        fields = line.rstrip("\n").split("\t")
        if len(fields) != 3 or len(fields[0]) != 1:
            raise CharactersError(f"line {number}: a line is a character, its splits and its look-alikes")
        character, apart, alike = fields
        for other in alike:
            taken_for[other].add(character)
        for split in apart.split():
            parts = part(fold(split))
            if len(parts) > 1:
                splits[parts[0]].append((parts, character))
            elif parts and parts != character:  # of the others nothing is left
                taken_for[parts].add(character)
    return Characters(
        sounds={chr(point): toneless(text) for point, text in readings.items() if 0x4E00 <= point <= 0x9FFF},
        taken_for={key: frozenset(found) for key, found in taken_for.items()},
        splits={key: tuple(found) for key, found in splits.items()},
    )
