"""What was learnt from people, as it is kept and laid over the shipped weights (:mod:`rules.reading.learning`)."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final

from rules.reading.classify import Weights, WeightsError, render_weights

LONGEST: Final = 4
"""Characters of a n-gram at most."""

_LARGEST_FILE: Final = 2_000_000


@dataclass(frozen=True)
class LocalWeights:
    """What was learnt: what n-grams add to which labels.

    Constant terms are left alone: people decide about what was flagged, and following them there would only hide it.

    Attributes:
        base: fingerprint of the weights that it lies over.
    """

    base: str = ""
    grams: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def over(self, weights: Weights) -> Weights:
        """The weights with this laid over them."""
        return weights.plus(self.grams, {})

    def without(self, labels: Collection[str]) -> LocalWeights:
        """The part that is about other labels."""
        grams = {
            gram: kept
            for gram, row in self.grams.items()
            if (kept := {label: weight for label, weight in row.items() if label not in labels})
        }
        return LocalWeights(self.base, grams)

    def beside(self, other: LocalWeights) -> LocalWeights:
        """Both together; they are about different labels."""
        grams = {gram: dict(row) for gram, row in self.grams.items()}
        for gram, row in other.grams.items():
            grams.setdefault(gram, {}).update(row)
        return LocalWeights(self.base, grams)

    def written(self) -> str:
        """The text that storage keeps; the same for the same weights."""
        held = {"base": self.base, "grams": self.grams}
        return json.dumps(held, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def parse_local(text: str) -> LocalWeights:
    """What :meth:`LocalWeights.written` wrote.

    Raises:
        WeightsError: it is something else, or holds what learning never keeps.
    """
    try:
        if len(text) > _LARGEST_FILE:
            raise ValueError("it is too large")
        held = json.loads(text)
        grams = {str(gram): _numbers(row) for gram, row in held["grams"].items()}
        if wrong := [gram for gram in grams if not 0 < len(gram) <= LONGEST]:
            raise ValueError(f"{len(wrong)} n-grams are longer than {LONGEST} characters")
        return LocalWeights(str(held["base"]), grams)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as wrong:
        raise WeightsError(f"what was learnt can't be read: {wrong}") from wrong


def _numbers(row: Mapping[str, object]) -> dict[str, float]:
    found = {str(label): float(str(weight)) for label, weight in row.items()}
    if not all(map(math.isfinite, found.values())):
        raise ValueError("a weight is no number")
    return found


def fingerprint(weights: Weights) -> str:
    """Short, and different for different shipped weights."""
    return blake2b(render_weights(weights).encode(), digest_size=8).hexdigest()
