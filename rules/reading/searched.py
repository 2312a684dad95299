"""A text while disguised words are looked for in it: which of its characters are odd, and what its letters spell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from rules.reading.names import SURNAMES, reads_as_name
from rules.reading.span import Span
from rules.reading.spelling import is_han

LONGEST_NAME: Final = 4
SHORTEST_NAME: Final = 3

_LETTERS_IN_ROW = re.compile("[a-z]{2,}")
_TOKEN = re.compile("[a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Searched:
    """One text while it is searched: which characters are odd, and where a word may end: not within letters."""

    plain: str
    origin: Sequence[int]
    odd: Sequence[bool]
    ends: frozenset[int]
    thorough: bool
    doubted: bool


def within_name(text: Searched, start: int, end: int) -> bool:
    """Whether a stretch lies in what stands by itself and reads as a person's name: 汇报人：张建波."""
    first, last = start, end
    while first and text.origin[first - 1] == text.origin[first] - 1 and is_han(text.plain[first - 1]):
        first -= 1
        if end - first > LONGEST_NAME:
            return False
    while (
        last < len(text.plain) and text.origin[last] == text.origin[last - 1] + 1 and is_han(text.plain[last])
    ):
        last += 1
        if last - first > LONGEST_NAME:
            return False
    name = text.plain[first:last]
    return (len(name) >= SHORTEST_NAME and reads_as_name(name)) or _is_called(name)


def _is_called(name: str) -> bool:
    """Whether it is how colleagues call one another: 老郑, 小段."""
    return name[0] in "小老大阿" and name[1:] in SURNAMES


def tokens(plain: str, origin: Sequence[int]) -> Iterator[Span]:
    """Runs of letters and digits that were typed without a gap."""
    for run in _TOKEN.finditer(plain):
        start = run.start()
        for index in range(start + 1, run.end()):
            if origin[index] != origin[index - 1] + 1:
                yield start, index
                start = index
        yield start, run.end()


def ends_of_runs(plain: str, origin: Sequence[int]) -> frozenset[int]:
    """The indexes at which no run of letters goes on; the length of the text is one of them."""
    within = {
        index
        for run in _LETTERS_IN_ROW.finditer(plain)
        for index in range(run.start() + 1, run.end())
        if origin[index] == origin[index - 1] + 1
    }
    return frozenset(range(len(plain) + 1)) - within


def is_latin(character: str) -> bool:
    """Whether it is a letter of folded text."""
    return "a" <= character <= "z"
