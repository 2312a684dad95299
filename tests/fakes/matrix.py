"""Tables of every move, written to be read: a row for each move and state, a column for each kind of actor.

A cell holds the state that follows or the refusal; ``-`` stands for the empty word (no such thing yet).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Cell:
    """What an actor's move out of a state comes to."""

    move: str
    state: str
    actor: str
    outcome: str

    def __str__(self) -> str:
        return f"{self.actor} {self.move} {self.state or 'none'}"


def matrix(text: str, moves: Collection[StrEnum], states: Collection[StrEnum]) -> list[Cell]:
    """The cells of a table; it must have a row for each of ``moves`` in each of ``states``, and no other.

    Raises:
        ValueError: a row is missing, doubled, unknown or too short.
    """
    head, *rows = (line.split() for line in text.strip().splitlines() if line.strip())
    cells: list[Cell] = []
    seen: list[tuple[str, str]] = []
    for move, state, *outcomes in rows:
        place = (move, "" if state == "-" else state)
        seen.append(place)
        cells += [Cell(*place, actor, outcome) for actor, outcome in zip(head[2:], outcomes, strict=True)]
    expected = [(move.value, state.value) for move in moves for state in states]
    if sorted(seen) != sorted(expected):
        raise ValueError(f"the table is not whole: {sorted(set(seen) ^ set(expected))}")
    return cells


def broken(cells: Iterable[Cell], consider: Callable[[Cell], str]) -> list[str]:
    """Which cells do not hold, each with what it came to; a table is one test, as its cells take microseconds."""
    found = []
    for cell in cells:
        try:
            outcome = consider(cell)
        except Exception as failure:
            failure.add_note(f"in the cell: {cell}")
            raise
        if outcome != cell.outcome:
            found.append(f"{cell}: {outcome}, not {cell.outcome}")
    return found
