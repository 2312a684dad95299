"""What learning takes in and gives out, as storage hands it out: frozen values, times in UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Decided:
    """What people decided about the text of a case; ``sender`` and ``decider`` are person keys."""

    number: str
    rule: str
    text: str
    right: bool
    sender: str
    decider: str


@dataclass(frozen=True, slots=True)
class LocalVersion:
    """One version of the local weights, without the weights.

    Attributes:
        examples: how many decisions it learnt from.
        figures: what was measured, as JSON.
        before: the version in whose place it came; 0 for none.
    """

    version: int
    at: datetime
    by: str
    examples: int
    figures: str
    in_force: bool
    before: int


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a model said of a case: one opinion, of which nothing follows."""

    number: str
    violation: bool
    reason: str
    model: str
    asked_at: datetime
