"""Places in a text: joined, and met."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from rules.reading.span import Span, disjoint, meets

SPANS = st.lists(
    st.tuples(st.integers(0, 40), st.integers(1, 9)).map(lambda one: (one[0], one[0] + one[1])), max_size=12
)


def inside(spans: list[Span]) -> set[int]:
    """Every index that one of the spans holds."""
    return {index for start, end in spans for index in range(start, end)}


@given(SPANS)
def test_joined_spans_hold_the_same_places_and_stand_apart(spans: list[Span]) -> None:
    joined = list(disjoint(spans))
    assert inside(joined) == inside(spans)
    assert all(before[1] < after[0] for before, after in pairwise(joined))


@given(SPANS, st.integers(0, 50), st.integers(1, 9))
def test_a_span_meets_others_where_they_share_a_place(spans: list[Span], start: int, length: int) -> None:
    shared = inside(spans) & set(range(start, start + length))
    assert meets(disjoint(spans), start, start + length) is bool(shared)
