"""A turn of phrase as a pattern: what it tells, how much, and whether somebody has to be meant by it.

Patterns are tried on :attr:`rules.reading.targets.Speech.said`. None runs across a break, and what repeats in them is
bounded, so that trying one takes time in proportion to the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Frame:
    """A pattern of attack.

    Attributes:
        kind: ``belittle``, ``threat``, ``menace`` or ``hint``; the last two only ever bring a message to people.
        weight: log-odds.
        aimed: it counts less where nobody is addressed or spoken of.
    """

    kind: str
    weight: float
    pattern: re.Pattern[str]
    aimed: bool = True


def frame(kind: str, weight: float, pattern: str, *, aimed: bool = True) -> Frame:
    """A frame out of a verbose pattern: blanks outside of brackets mean nothing."""
    return Frame(kind, weight, re.compile(pattern, re.VERBOSE), aimed)
