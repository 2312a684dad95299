"""Where something stands in a text."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence

Span = tuple[int, int]
"""Half-open, in code points of the original."""


def disjoint(spans: Iterable[Span]) -> Sequence[Span]:
    """The same places in order, spans that overlap or touch joined to one."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined


def meets(places: Sequence[Span], start: int, end: int) -> bool:
    """Whether a span overlaps one of these, which are in order and apart (:func:`disjoint`)."""
    before = bisect_left(places, (end, end)) - 1
    return before >= 0 and places[before][1] > start
