"""Whether a text is a list of people or things that were numbered, a line each: who signed up, who has which tool.

Such lists are passed on and added to all day (接龙); a model that reads sentences has nothing to read in them. Pure.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

FEWEST: Final = 3
"""So many numbered lines in a row."""

LONGEST: Final = 24
"""Code points of a line: a paragraph that is numbered is no entry."""

MOSTLY: Final = 0.6
"""So many of the lines are entries."""

_ENTRY: Final = re.compile(r"\s*(\d{1,3})\s?[.、．)）:：,，]\s*(\S.*)")


def is_roll(typed: str) -> bool:
    """Whether most lines of what was typed are entries, numbered one after the other."""
    lines = [line for line in typed.splitlines() if line.strip()]
    if len(lines) < FEWEST:
        return False
    entries = [(int(found[1]), found[2]) for line in lines if (found := _ENTRY.fullmatch(line))]
    if len(entries) < FEWEST or any(len(said) > LONGEST for _, said in entries):
        return False
    numbers = [number for number, _ in entries]
    in_order = all(later - former == 1 for former, later in pairwise(numbers))
    return in_order and len(entries) >= MOSTLY * len(lines)
