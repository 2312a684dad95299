"""What other bars would do: how much a rule finds at each level of false alarms on work talk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from labelled import WORK

from measuring.intervals import Figure
from measuring.judging import GRADED, Judged

LEVELS = (0.0001, 0.0003, 0.001, 0.003, 0.01)
"""Shares of work talk that may be flagged."""


@dataclass(frozen=True, slots=True)
class Point:
    """What a rule finds of each set when only what is surer than ``bar`` counts.

    Attributes:
        level: the share of work talk that may be flagged; ``alarms`` is what it comes to.
    """

    rule: str
    level: float
    bar: float
    alarms: Figure
    found: Mapping[str, Figure]

    def document(self) -> dict[str, Any]:
        """All of it as JSON takes it."""
        return {
            "rule": self.rule,
            "level": self.level,
            "bar": round(self.bar, 6),
            "alarms": self.alarms.document(),
            "found": {name: figure.document() for name, figure in self.found.items()},
        }


def swept(rule: str, ordinary: Sequence[float], positives: Mapping[str, Sequence[float]]) -> list[Point]:
    """The points of one rule, from its confidence in ordinary texts and in the positives of each set."""
    ranked = sorted(ordinary, reverse=True)
    points = []
    for level in LEVELS:
        allowed = int(level * len(ranked))
        bar = ranked[allowed] if allowed < len(ranked) else 0.0
        found = {
            name: Figure(sum(sure > bar for sure in scores), len(scores))
            for name, scores in positives.items()
        }
        alarms = Figure(sum(sure > bar for sure in ranked), len(ranked))
        points.append(Point(rule, level, bar, alarms, found))
    return points


def frontier(sets: Mapping[str, Sequence[Judged]], rules: Sequence[str]) -> list[Point]:
    """The points of every graded rule; work talk is what was kept aside of it. None without work talk."""
    points = []
    for rule in sorted(GRADED.intersection(rules)):
        ordinary = [row.sure.get(rule, 0.0) for name in WORK for row in sets.get(name, ()) if row.row.aside]
        positives = {
            name: scores
            for name, rows in sets.items()
            if (scores := [row.sure.get(rule, 0.0) for row in rows if rule in row.meaning.found_by])
        }
        if ordinary and positives:
            points += swept(rule, ordinary, positives)
    return points
