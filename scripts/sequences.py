"""Counts which characters follow one another in what is trained on: the rows of the language model that is shipped."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from rules.reading.classify import model_text
from rules.reading.language import Row, level

LEAST = (3, 4, 7)
"""So often a single character, a pair and a group of three have to stand, to be kept."""
DISCOUNT = 0.75
"""Taken from each count, for what was not seen (absolute discounting, Ney and others 1994)."""


def sequences(texts: Iterable[tuple[str, int]]) -> Mapping[str, Row]:
    """For each context of up to two characters what follows it, at which cost.

    Args:
        texts: folded texts, and how often each counts.
    """
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for plain, times in texts:
        text = model_text(plain)
        for at, character in enumerate(text):
            for size in range(min(at, 2) + 1):
                counts[text[at - size : at]][character] += times
    return {context: row for context, after in counts.items() if (row := _row(context, after)).after}


def _row(context: str, after: Counter[str]) -> Row:
    seen = after.total()
    ranked = sorted(after.items(), key=lambda item: (-item[1], item[0]))
    kept = [(character, count - DISCOUNT) for character, count in ranked if count >= LEAST[len(context)]]
    left = max(seen - sum(count for _, count in kept), DISCOUNT)
    return Row(
        "".join(character for character, _ in kept),
        bytes(level(math.log(seen / count)) for _, count in kept),
        math.log(seen / left),
    )
