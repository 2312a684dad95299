"""How likely characters follow one another in what people write: a model over sequences of up to three of them.

It tells where a text stops being language, and what a disguised stretch most likely says. The counts come from
``scripts/train.py``. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

STEP: Final = 0.15
"""Costs are kept in steps of so many nats (natural logarithms of one over a probability)."""

FIRST_LEVEL, LEVELS = 33, 94
"""A level is written as one printable character: the first stands for no cost."""

UNKNOWN: Final = 15.0
"""Nats of a character that no text had: more than of any that one had."""


class LanguageError(ValueError):
    """A table of sequences that can't be used; the message names the file and the line."""


@dataclass(frozen=True, slots=True)
class Row:
    """What follows one context, and what it costs.

    Attributes:
        after: the characters that follow it.
        levels: of each its cost, in steps.
        otherwise: nats of turning to the shorter context for any other character.
    """

    after: str
    levels: bytes
    otherwise: float


_NOTHING: Final = Row("", b"", 0.0)


class Language:
    """Costs of characters by what stands before them; immutable.

    Args:
        rows: by context of up to two characters; the empty one holds every character that is known.
    """

    def __init__(self, rows: Mapping[str, Row]) -> None:
        self._rows = rows
        self._single = rows.get("", _NOTHING)

    def __contains__(self, character: object) -> bool:
        return isinstance(character, str) and character in self._single.after

    @property
    def characters(self) -> str:
        """Every character that it knows, the most common first."""
        return self._single.after

    def follows(self, before: str, character: str) -> bool:
        """Whether one character was often seen right after another."""
        return character in self.usual(before)

    def usual(self, before: str) -> str:
        """The characters that were often seen right after one."""
        return self._rows.get(before, _NOTHING).after

    def cost(self, before: str, character: str) -> float:
        """Nats of a character after up to two others."""
        total = 0.0
        while True:
            row = self._rows.get(before)
            if row is not None:
                at = row.after.find(character)
                if at >= 0:
                    return total + row.levels[at] * STEP
                total += row.otherwise
            if not before:
                return total + UNKNOWN
            before = before[1:]

    def in_place(self, plain: str, start: int, end: int, read: str) -> float:
        """Nats of what stands from two characters before a stretch to two behind it, with something in its place."""
        before = plain[max(0, start - 2) : start]
        total = 0.0
        for character in read + plain[end : end + 2]:
            total += self.cost(before[-2:], character)
            before += character
        return total


def level(nats: float) -> int:
    """A cost in steps, as it is kept."""
    return max(0, min(LEVELS - 1, round(nats / STEP)))


def parse_language(text: str, source: str) -> Language:
    """Read a file of sequences: a line a context, with its cost of anything else, what follows it, and the costs.

    Fields are separated by tabs; costs are written as levels (:data:`FIRST_LEVEL`), one character each.

    Raises:
        LanguageError: a line of another shape.
    """
    rows: dict[str, Row] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if not line or line.startswith("# "):
            continue
        fields = line.split("\t")
        if len(fields) != 4 or len(fields[1]) != 1 or len(fields[2]) != len(fields[3]):
            raise LanguageError(
                f"{source}, line {number}: a context, one cost, characters, and as many costs"
            )
        context, otherwise, after, costs = fields
        levels = [ord(sign) - FIRST_LEVEL for sign in otherwise + costs]
        if not all(0 <= one < LEVELS for one in levels):
            raise LanguageError(f"{source}, line {number}: a cost is one of the printable ASCII characters")
        rows[context] = Row(after, bytes(levels[1:]), levels[0] * STEP)
    return Language(rows)


def render_language(rows: Mapping[str, Row], heading: str) -> str:
    """The file of these rows, in the order of their contexts."""
    lines = [f"# {heading}"]
    for context, row in sorted(rows.items()):
        costs = "".join(chr(FIRST_LEVEL + one) for one in (level(row.otherwise), *row.levels))
        lines.append(f"{context}\t{costs[0]}\t{row.after}\t{costs[1:]}")
    return "\n".join(lines) + "\n"
