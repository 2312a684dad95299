"""Whether a run of letters is a word, a name or an abbreviation, or the first letters of Chinese characters.

The letters of 这种人是真的恶心 (zzrszdex) follow one another as syllables of Chinese begin, those of words as words are
spelt: no syllable begins with i, u or v, and few words hold zzr. What is gained by the one over the other is kept for
every pair of letters. The table comes from ``scripts/train.py``. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from itertools import pairwise
from string import ascii_lowercase
from typing import Final

END: Final = "."
"""Stands before the first letter of a run, and behind the last one."""

AFTER: Final = ascii_lowercase + END
"""What may follow a letter, in the order of the table's columns."""

_WORDS: Final = "words"


class LettersError(ValueError):
    """A table of letters that can't be used; the message names the file and the line."""


@dataclass(frozen=True)
class Letters:
    """The table.

    Attributes:
        gains: for a letter (or :data:`END`) and what follows it the nats that first letters are likelier by.
        words: runs that are common in decent talk, whatever their letters look like (https, xlsx).
    """

    gains: Mapping[str, float]
    words: Set[str]

    def gain(self, run: str) -> float:
        """Nats by which a run of small letters is likelier to be first letters than anything else; 0 for a word."""
        if run in self.words:
            return 0.0
        return sum(self.gains[one + other] for one, other in pairwise(f"{END}{run}{END}"))


def parse_letters(text: str, source: str) -> Letters:
    """Read a table: a line for each letter with its gains in hundredths, and one with the words.

    Raises:
        LettersError: a line of another shape, or a letter that has none.
    """
    gains: dict[str, float] = {}
    words: frozenset[str] = frozenset()
    for number, line in enumerate(text.splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        first, *fields = line.split("\t")
        if first == _WORDS:
            words = frozenset(fields)
            continue
        if first not in AFTER or len(fields) != len(AFTER):
            raise LettersError(f"{source}, line {number}: a letter and {len(AFTER)} numbers")
        try:
            row = {first + other: int(field) / 100 for other, field in zip(AFTER, fields, strict=True)}
        except ValueError as wrong:
            raise LettersError(f"{source}, line {number}: {wrong}") from wrong
        gains |= row
    if len(gains) != len(AFTER) ** 2:
        raise LettersError(f"{source}: it has {len(gains) // len(AFTER)} of {len(AFTER)} letters")
    return Letters(gains, words)


def render_letters(letters: Letters, heading: str) -> str:
    """The text of a table, the same for the same table; ``heading`` becomes a comment."""
    rows = (
        "\t".join([one, *(str(round(100 * letters.gains[one + other])) for other in AFTER)]) for one in AFTER
    )
    return "\n".join([f"# {heading}", *rows, "\t".join([_WORDS, *sorted(letters.words)])]) + "\n"
