"""Adds up what speaks for and against a finding: indicators by kind, and a trained score.

Weights are log-odds. Within a kind the strongest counts in full and each further one a part, and no kind counts without
bound: whoever repeats a word makes it no truer. Pure, and linear in the text.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from rules.reading.reading import Reading
from rules.reading.span import Span

FURTHER = 0.4
"""Each further indicator of a kind counts so much of its weight."""

MOST_OF_A_KIND = 4.0
"""How far one kind can go in either direction."""

LOWEST, HIGHEST = -4.0, 3.0
"""How far a trained score can go: it is one witness among others."""

Pattern = tuple[re.Pattern[str], str, float]
"""A pattern over the folded text, the kind of indicator that it shows, and its weight."""


@dataclass(frozen=True, slots=True)
class Indicator:
    """Something that speaks for (weight above zero) or against a finding; ``span`` points into the original."""

    kind: str
    weight: float
    span: Span


@dataclass(frozen=True)
class Balance:
    """What indicators add up to: for each kind its bounded sum, and where it stands."""

    sums: Mapping[str, float]
    spans: Mapping[str, tuple[Span, ...]]

    def of(self, kinds: Iterable[str]) -> float:
        """The sum of some kinds."""
        return sum(self.sums.get(kind, 0.0) for kind in kinds)

    @property
    def total(self) -> float:
        """The sum of all kinds."""
        return sum(self.sums.values())

    def places(self, kinds: Collection[str]) -> tuple[Span, ...]:
        """Where some kinds stand, in order, each place once."""
        return tuple(sorted({span for kind in kinds for span in self.spans.get(kind, ())}))


@dataclass(frozen=True)
class Claim:
    """How a message that asserts something is weighed: by how it says it and what it says, and by a trained score.

    Attributes:
        how, what: the kinds of indicators of each; where both are there, they are worth ``meets`` more.
        repeating: kinds that tell that the message repeats a claim and makes none: its words count ``repeated`` less.
        base: what no indicator at all adds up to.
        style: the same where no word speaks for it, and the score has to outweigh it alone.
    """

    how: frozenset[str]
    what: frozenset[str]
    repeating: frozenset[str]
    meets: float
    repeated: float
    base: float
    style: float

    def confidence(self, weighed: Balance, shown: Collection[str], score: float) -> float:
        """The confidence of a message with these indicators, of which ``shown`` speak for it, and this score."""
        spoken = weighed.of(shown)
        total = (self.base if shown else self.style) + weighed.total + log_odds(score)
        if not self.repeating.isdisjoint(weighed.sums):
            return probability(total - self.repeated * spoken)
        return probability(total + max(0.0, min(weighed.of(self.how), weighed.of(self.what), self.meets)))


def weigh(found: Iterable[Indicator]) -> Balance:
    """Add indicators up, kind by kind."""
    weights: dict[str, list[float]] = defaultdict(list)
    spans: dict[str, list[Span]] = defaultdict(list)
    for indicator in found:
        weights[indicator.kind].append(indicator.weight)
        spans[indicator.kind].append(indicator.span)
    return Balance(
        {kind: _bounded(values) for kind, values in weights.items()},
        {kind: tuple(places) for kind, places in spans.items()},
    )


def words(reading: Reading, rule: str) -> Iterator[Indicator]:
    """The hits of a rule's terms, each term once: repeating a word is no further evidence."""
    seen: set[str] = set()
    for hit in reading.of(rule):
        if hit.term.word not in seen:
            seen.add(hit.term.word)
            yield Indicator(hit.term.category, hit.term.weight, (hit.start, hit.end))


def turns(reading: Reading, patterns: Iterable[Pattern]) -> Iterator[Indicator]:
    """The turns of phrase that patterns find, each pattern once."""
    for pattern, kind, weight in patterns:
        if found := pattern.search(reading.plain):
            yield Indicator(kind, weight, reading.span(*found.span()))


def asked(reading: Reading) -> bool:
    """Whether what was typed ends as a question."""
    start, end = reading.typed
    return reading.original[start:end].rstrip().endswith(("?", "？"))


def log_odds(score: float) -> float:
    """A trained score as log-odds, bounded: 0 where two ordinary messages in a thousand come."""
    if score <= 0.0:
        return LOWEST
    if score >= 1.0:
        return HIGHEST
    return max(LOWEST, min(HIGHEST, math.log(score / (1.0 - score))))


def probability(total: float) -> float:
    """Log-odds as a confidence between 0 and 1."""
    return 1.0 / (1.0 + math.exp(-total))


def _bounded(weights: list[float]) -> float:
    strongest = max(weights, key=abs)
    total = strongest + FURTHER * (sum(weights) - strongest)
    return max(-MOST_OF_A_KIND, min(MOST_OF_A_KIND, total))
