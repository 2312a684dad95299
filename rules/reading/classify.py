"""Trained scores: how much a text reads like what a rule looks for, as a sum of n-gram weights.

One automaton finds the n-grams of all labels in one pass; each n-gram counts once, however often it stands there, and so
does each sign (:mod:`rules.reading.signs`). What a text scores is the sum of its best stretch, so that padding an advertisement with decent talk does not dilute it. The
weights come from ``scripts/train.py``; two anchors of each label, set on ordinary talk that was not trained on, turn
a sum into a confidence. Pure, and linear in the length of the text.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from rules.reading.span import Span

REVIEW: Final = 0.5
"""The confidence at a label's lower anchor: about two in a thousand ordinary messages score higher."""

VIOLATION: Final = 0.9
"""The confidence at a label's upper anchor: about two in ten thousand ordinary messages score higher."""

STRETCH: Final = 120
"""Code points of a stretch; the next one begins in its middle."""

_DIGITS: Final = str.maketrans("123456789*", "000000000x")
_MASKED: Final = re.compile("x{2,}")
_HEADER: Final = "label"


class WeightsError(ValueError):
    """Weights that can't be used; the message names the file and the line."""


@dataclass(frozen=True, slots=True)
class Anchors:
    """A label's constant term, and the sums at which people look (``review``) and the bot is sure (``violation``)."""

    bias: float
    review: float
    violation: float

    def confidence(self, total: float) -> float:
        """A sum as a confidence between 0 and 1, rising strictly; linear between the anchors."""
        if total < self.review:
            return REVIEW * math.exp((total - self.review) / 2)
        if total < self.violation:
            share = (total - self.review) / (self.violation - self.review)
            return REVIEW + (VIOLATION - REVIEW) * share
        return 1.0 - (1.0 - VIOLATION) * math.exp((self.violation - total) / 2)


@dataclass(frozen=True)
class Weights:
    """What training gave: anchors for each label, and for each n-gram what it adds to which labels."""

    anchors: Mapping[str, Anchors]
    grams: Mapping[str, Mapping[str, float]]

    def plus(self, other: Mapping[str, Mapping[str, float]], bias: Mapping[str, float]) -> Weights:
        """These weights with others added, by n-gram and label and to the constant terms; unknown labels are left out."""
        grams = {gram: dict(row) for gram, row in self.grams.items()}
        for gram, row in other.items():
            mine = grams.setdefault(gram, {})
            for label, weight in row.items():
                if label in self.anchors:
                    mine[label] = mine.get(label, 0.0) + weight
        anchors = {
            label: Anchors(known.bias + bias.get(label, 0.0), known.review, known.violation)
            for label, known in self.anchors.items()
        }
        return Weights(anchors, grams)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One n-gram that stands in a text; ``start`` and ``end`` are indexes of the folded text."""

    gram: str
    start: int
    end: int
    weight: float


def parse_weights(text: str, source: str) -> Weights:
    """Read a file of weights: a line for each label (``label``, name, bias, review, violation), then a line a n-gram.

    Fields are separated by tabs; a n-gram's line has one number a label, in the labels' order, empty for zero.

    Raises:
        WeightsError: a line that is neither.
    """
    anchors: dict[str, Anchors] = {}
    grams: dict[str, Mapping[str, float]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        first, *rest = line.split("\t")
        try:
            if first == _HEADER:
                name, bias, review, violation = rest
                anchors[name] = Anchors(float(bias), float(review), float(violation))
            else:
                row = zip(anchors, rest, strict=True)
                grams[first] = {label: float(weight) for label, weight in row if weight}
        except ValueError as wrong:
            raise WeightsError(f"{source}, line {number}: {wrong}") from wrong
    if not anchors:
        raise WeightsError(f"{source}: it names no label")
    if bad := [label for label, known in anchors.items() if not known.review < known.violation]:
        raise WeightsError(f"{source}: review is not below violation for {', '.join(bad)}")
    return Weights(MappingProxyType(anchors), MappingProxyType(grams))


def render_weights(weights: Weights, heading: Sequence[str] = ()) -> str:
    """The text of a file of weights, the same for the same weights; ``heading`` becomes comments."""
    lines = [f"# {line}" for line in heading]
    for label, known in weights.anchors.items():
        lines.append(f"{_HEADER}\t{label}\t{known.bias:.2f}\t{known.review:.2f}\t{known.violation:.2f}")
    for gram in sorted(weights.grams):
        row = weights.grams[gram]
        cells = [_number(row.get(label, 0.0)) for label in weights.anchors]
        if any(cells):
            lines.append("\t".join((gram, *cells)))
    return "\n".join(lines) + "\n"


def _number(weight: float) -> str:
    return f"{weight:.2f}".rstrip("0").rstrip(".") if abs(weight) >= 0.005 else ""


def model_text(plain: str) -> str:
    """A folded text as n-grams are taken from it: digits are alike, and so is what masks them; same length."""
    text = plain.translate(_DIGITS)
    return _MASKED.sub(lambda found: "0" * len(found[0]), text) if "xx" in text else text


def stretches(length: int) -> Iterable[Span]:
    """The stretches of a text of this length: of a short one the whole."""
    if length <= STRETCH:
        return ((0, length),)
    step = STRETCH // 2
    return ((start, min(start + STRETCH, length)) for start in range(0, length - step, step))


@dataclass(frozen=True)
class Classifier:
    """Weights, ready to score; immutable, shared by everything that reads; some tenths of a second to build."""

    weights: Weights
    _labels: tuple[str, ...] = field(init=False, repr=False)
    _rows: tuple[tuple[tuple[int, float], ...], ...] = field(init=False, repr=False)
    _signs: Mapping[str, tuple[tuple[int, float], ...]] = field(init=False, repr=False)
    _grams: tuple[str, ...] = field(init=False, repr=False)
    _automaton: AhoCorasick = field(init=False, repr=False)

    def __post_init__(self) -> None:
        labels = tuple(self.weights.anchors)
        place = {label: index for index, label in enumerate(labels)}
        every = {
            gram: tuple((place[label], weight) for label, weight in row.items())
            for gram, row in self.weights.grams.items()
            if row
        }
        grams = tuple(gram for gram in every if not gram.startswith("="))
        rows = tuple(every[gram] for gram in grams)
        signs = {gram: row for gram, row in every.items() if gram.startswith("=")}
        automaton = AhoCorasick(
            list(grams) or ["\x00"],
            matchkind=MatchKind.Standard,
            implementation=Implementation.ContiguousNFA,
        )
        for name, value in (
            ("_labels", labels),
            ("_rows", rows),
            ("_signs", signs),
            ("_grams", grams),
            ("_automaton", automaton),
        ):
            object.__setattr__(self, name, value)

    def scores(self, plain: str, signs: Iterable[str] = ()) -> Mapping[str, float]:
        """For each label how sure it is that a folded text with these signs deserves it, from 0 to 1."""
        known = self.weights.anchors
        return {label: known[label].confidence(total) for label, total in self.totals(plain, signs).items()}

    def totals(self, plain: str, signs: Iterable[str] = ()) -> Mapping[str, float]:
        """For each label the weights of a text's signs and of its best stretch, with the constant term."""
        text = model_text(plain)
        base = [known.bias for known in self.weights.anchors.values()]
        for sign in sorted(signs):
            for label, weight in self._signs.get(sign, ()):
                base[label] += weight
        best: list[float] | None = None
        for start, end in stretches(len(text)):
            sums = base.copy()
            for gram in self._found(text[start:end]):
                for label, weight in self._rows[gram]:
                    sums[label] += weight
            best = sums if best is None else list(map(max, best, sums))
        return dict(zip(self._labels, best or (), strict=True))

    def evidence(self, plain: str, label: str) -> tuple[Evidence, ...]:
        """The n-grams that speak for or against a label in a folded text, the weightiest first; each once."""
        text = model_text(plain)
        found: dict[str, Evidence] = {}
        for index, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            if not self._grams:
                break
            gram = self._grams[index]
            weight = self.weights.grams[gram].get(label, 0.0)
            if weight and gram not in found:
                found[gram] = Evidence(gram, start, end, weight)
        return tuple(sorted(found.values(), key=lambda one: (-abs(one.weight), one.start, one.end)))

    def strongest(self, plain: str, label: str, most: int = 3) -> tuple[Span, ...]:
        """Where a folded text speaks most for a label: up to ``most`` spans of it that don't overlap, in order."""
        heat: dict[int, float] = defaultdict(float)
        for one in self.evidence(plain, label):
            for index in range(one.start, one.end):
                heat[index] += one.weight / (one.end - one.start)
        spans: list[Span] = []
        for index in sorted(heat):
            if heat[index] <= 0:
                continue
            if spans and spans[-1][1] == index:
                spans[-1] = (spans[-1][0], index + 1)
            else:
                spans.append((index, index + 1))
        spans.sort(key=lambda span: -sum(heat[index] for index in range(*span)))
        return tuple(sorted(spans[:most]))

    def _found(self, text: str) -> set[int]:
        if not self._grams:
            return set()
        return {match[0] for match in self._automaton.find_matches_as_indexes(text, overlapping=True)}


SILENT: Final = Classifier(Weights({}, {}))
"""A classifier that knows nothing: every text scores nothing."""
