"""Trained scores: how much a text reads like what a rule looks for, as a sum of n-gram weights.

One automaton finds the n-grams of all labels in one pass; each counts once, however often it stands there, and so does
each sign (:mod:`rules.reading.signs`). What a text scores is the sum of its best stretch, so that padding an
advertisement with decent talk does not dilute it. The weights come from ``scripts/train.py``; two anchors of each
label, set on ordinary talk that was not trained on, turn a sum into a confidence. Pure, and linear in the length of the
text.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from string import ascii_lowercase
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

LEAST_WAY: Final = 1.5
"""Where anchors are nearer than so many nats people could teach hardly anything, and mean as much by a decision: a
company whose staff sales are dismissed again and again is to see fewer of them."""

SWAY: Final = 2.0
"""What lies over the weights moves a sum by at most so many times the way from its lower anchor to its upper one."""

_DIGITS: Final = str.maketrans("123456789", "000000000")
_MASKED: Final = re.compile("x{2,}")
_HEADER: Final = "label"
_SIGN: Final = "="
_CELL: Final = re.compile(r"([a-z])(-?\d+)", re.ASCII)


class WeightsError(ValueError):
    """Weights that can't be used; the message names the file and the line."""


@dataclass(frozen=True, slots=True)
class Anchors:
    """A label's constant term, and the sums at which people look (``review``) and the bot is sure (``violation``)."""

    bias: float
    review: float
    violation: float

    @property
    def way(self) -> float:
        """Nats from the lower to the upper one, :data:`LEAST_WAY` at least; what people teach is measured by it."""
        return max(LEAST_WAY, self.violation - self.review)

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
    """What training gave: anchors for each label, and for each n-gram what it adds to which labels.

    ``over`` and ``over_bias`` are a small adjustment laid over them; no sum is moved further than :data:`SWAY` allows.
    """

    anchors: Mapping[str, Anchors]
    grams: Mapping[str, Mapping[str, float]]
    over: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    over_bias: Mapping[str, float] = field(default_factory=dict)

    def plus(self, other: Mapping[str, Mapping[str, float]], bias: Mapping[str, float]) -> Weights:
        """These weights with an adjustment over them, in place of any other; unknown labels are left out."""
        over = {
            gram: known
            for gram, row in other.items()
            if (known := {label: weight for label, weight in row.items() if label in self.anchors})
        }
        return replace(
            self,
            over=over,
            over_bias={label: moved for label, moved in bias.items() if label in self.anchors},
        )

    def sway(self, label: str) -> float:
        """How far at most the adjustment moves a sum of this label."""
        return SWAY * self.anchors[label].way

    def weight(self, gram: str, label: str) -> float:
        """What a n-gram adds to a label, the adjustment included."""
        return self.grams.get(gram, {}).get(label, 0.0) + self.over.get(gram, {}).get(label, 0.0)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One n-gram that stands in a text; ``start`` and ``end`` are indexes of the folded text."""

    gram: str
    start: int
    end: int
    weight: float


def parse_weights(text: str, source: str) -> Weights:
    """Read a file of weights: a line for each label (``label``, letter, name, bias, review, violation), then one
    for each n-gram.

    Fields are separated by tabs; a n-gram's line has one more field: for each label that it weighs for the label's
    letter and the weight in hundredths, as in ``a34c-120``.

    Raises:
        WeightsError: a line that is neither.
    """
    anchors: dict[str, Anchors] = {}
    named: dict[str, str] = {}
    # Most n-grams weigh for one label, and share a row with others.
    alike: dict[str, Mapping[str, float]] = {}
    grams: dict[str, Mapping[str, float]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        first, *rest = line.split("\t")
        try:
            if first == _HEADER:
                letter, name, bias, review, violation = rest
                named[letter] = name
                anchors[name] = Anchors(float(bias), float(review), float(violation))
            else:
                (cells,) = rest
                grams[first] = alike.get(cells) or alike.setdefault(cells, _cells(cells, named))
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
    letters = dict(zip(weights.anchors, ascii_lowercase[: len(weights.anchors)], strict=True))
    for label, known in weights.anchors.items():
        anchors = f"{known.bias:.2f}\t{known.review:.2f}\t{known.violation:.2f}"
        lines.append(f"{_HEADER}\t{letters[label]}\t{label}\t{anchors}")
    for gram in sorted(weights.grams):
        row = weights.grams[gram]
        cells = [(letters[label], round(100 * row[label])) for label in weights.anchors if label in row]
        if any(hundredths for _, hundredths in cells):
            lines.append(f"{gram}\t{''.join(f'{letter}{number}' for letter, number in cells if number)}")
    return "\n".join(lines) + "\n"


def _cells(text: str, named: Mapping[str, str]) -> Mapping[str, float]:
    """The weights of one n-gram.

    Raises:
        ValueError: something else than letters of labels with numbers.
    """
    found = _CELL.findall(text)
    if not found or "".join(letter + number for letter, number in found if letter in named) != text:
        raise ValueError(f"no letters of labels with numbers: {text}")
    return {named[letter]: int(number) / 100 for letter, number in found}


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


_Row = tuple[tuple[int, float], ...]
"""What one n-gram adds to each label, by the label's place."""


@dataclass(frozen=True)
class Classifier:
    """Weights, ready to score; immutable, shared by everything that reads; some tenths of a second to build."""

    weights: Weights
    _labels: tuple[str, ...] = field(init=False, repr=False)
    _start: tuple[float, ...] = field(init=False, repr=False)
    _sways: tuple[float, ...] = field(init=False, repr=False)
    _rows: tuple[tuple[tuple[int, float], ...], ...] = field(init=False, repr=False)
    _signs: Mapping[str, tuple[tuple[int, float], ...]] = field(init=False, repr=False)
    _grams: tuple[str, ...] = field(init=False, repr=False)
    _automaton: AhoCorasick = field(init=False, repr=False)

    def __post_init__(self) -> None:
        known = self.weights
        labels = tuple(known.anchors)
        place = {label: index for index, label in enumerate(labels)}
        start = [anchors.bias for anchors in known.anchors.values()]
        if known.over or known.over_bias:
            # What is laid over is summed up beside the rest, so that it can be bounded.
            start += [known.over_bias.get(label, 0.0) for label in labels]
        # Most n-grams share a row with others, and so do they here.
        shared: dict[int, _Row] = {}
        grams: dict[str, _Row] = {}
        signs: dict[str, _Row] = {}
        for gram, weighs in known.grams.items():
            row = shared.get(id(weighs))
            if row is None:
                row = shared[id(weighs)] = tuple((place[label], weight) for label, weight in weighs.items())
            if row:
                (signs if gram.startswith(_SIGN) else grams)[gram] = row
        for gram, weighs in known.over.items():
            beside = tuple((len(labels) + place[label], weight) for label, weight in weighs.items())
            if beside:
                where = signs if gram.startswith(_SIGN) else grams
                where[gram] = where.get(gram, ()) + beside
        automaton = AhoCorasick(
            list(grams) or ["\x00"],
            matchkind=MatchKind.Standard,
            implementation=Implementation.ContiguousNFA,
        )
        for name, value in (
            ("_labels", labels),
            ("_start", tuple(start)),
            ("_sways", tuple(known.sway(label) for label in labels)),
            ("_rows", tuple(grams.values())),
            ("_signs", signs),
            ("_grams", tuple(grams)),
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
        base = list(self._start)
        for sign in sorted(signs):
            for index, weight in self._signs.get(sign, ()):
                base[index] += weight
        best: list[float] | None = None
        for start, end in stretches(len(text)):
            sums = base.copy()
            for gram in self._found(text[start:end]):
                for index, weight in self._rows[gram]:
                    sums[index] += weight
            if len(sums) > len(self._labels):
                sums = self._bounded(sums)
            best = sums if best is None else list(map(max, best, sums))
        return dict(zip(self._labels, best or (), strict=True))

    def _bounded(self, sums: list[float]) -> list[float]:
        """The sums of the weights with what is laid over them, as far as that may move them."""
        many = len(self._labels)
        moved = zip(sums[:many], sums[many:], self._sways, strict=True)
        return [own + max(-sway, min(sway, over)) for own, over, sway in moved]

    def evidence(self, plain: str, label: str) -> tuple[Evidence, ...]:
        """The n-grams that speak for or against a label in a folded text, the weightiest first; each once."""
        text = model_text(plain)
        found: dict[str, Evidence] = {}
        for index, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            if not self._grams:
                break
            gram = self._grams[index]
            weight = self.weights.weight(gram, label)
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
