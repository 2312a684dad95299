"""Evidence of several kinds, summed in log-odds; and what lies between the points of a table."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from rules.reading.span import Span

FURTHER = 0.35
"""Each further piece of evidence of a kind counts so much of its weight."""

MOST_OF_A_KIND = 5.0


@dataclass
class Evidence:
    """The sum as it grows: per kind the weights seen, and where.

    Attributes:
        base: what no evidence at all adds up to.
        calm: what speaks against it all; zero or less.
    """

    base: float
    calm: float = 0.0
    kinds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    spans: dict[str, list[Span]] = field(default_factory=lambda: defaultdict(list))

    def add(self, kind: str, weight: float, span: Span) -> None:
        """One piece of evidence; without weight it is none."""
        if weight > 0:
            self.kinds[kind].append(weight)
            self.spans[kind].append(span)

    def of(self, kinds: Collection[str]) -> float:
        """What the evidence of some kinds adds up to."""
        return sum(min(MOST_OF_A_KIND, diminishing(self.kinds[kind])) for kind in self.kinds if kind in kinds)

    def confidence(self, kinds: Collection[str] | None = None) -> float:
        """The sum as a probability; with ``kinds`` of these alone."""
        total = self.base + self.calm + self.of(self.kinds if kinds is None else kinds)
        return 1.0 / (1.0 + math.exp(-total))

    def where(self, without: Collection[str]) -> list[Span]:
        """Where the evidence stands, in order; that of some kinds left out."""
        return sorted({span for kind, spans in self.spans.items() if kind not in without for span in spans})


def diminishing(weights: Sequence[float]) -> float:
    """The sum of weights of which only the greatest counts in full."""
    highest = max(weights)
    return highest + FURTHER * (sum(weights) - highest)


def between(points: Sequence[tuple[float, float]], value: float) -> float:
    """What a table of points, in order, gives for a value: on a straight line between two, the last beyond them."""
    for (left, low), (right, high) in pairwise(points):
        if value <= right:
            return low + (high - low) * (value - left) / (right - left)
    return points[-1][1]
