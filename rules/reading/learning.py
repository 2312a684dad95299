"""Learns from people: what they decided about messages becomes a small adjustment laid over the shipped weights.

L2-regularised logistic regression on the n-grams of the decided texts, with the shipped score as its offset, solved in
the dual: what one text adds to any sum is bounded by construction (:data:`PULL`), and so are each n-gram's part
(:data:`MOST_EACH`) and the whole (:data:`rules.reading.classify.SWAY`). Nothing personal is kept: n-grams of at most
four characters, none with digits, none cut out of a name or of a longer run of letters, none that only one person
wrote. Pure and deterministic; some seconds for thousands of decisions.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from ahocorasick_rs import AhoCorasick, MatchKind

from rules.reading.classify import Classifier, model_text, stretches
from rules.reading.local import LONGEST, LocalWeights, fingerprint
from rules.reading.machine import COVER
from rules.reading.reader import Reader

SHORTEST: Final = 2
"""Characters of a n-gram at least; a single one says nothing of a company."""

COMMON: Final = 4
"""What stands in more lines of ordinary talk than these says nothing either."""

LEAST_PERSONS: Final = 2
"""So many people's messages have to hold a n-gram before it is looked at."""

OF_ONE_SENDER: Final = 10
"""So many messages of one person count at most, of those that were confirmed and of those that were dismissed."""

OF_ONE_DECIDER: Final = 300
"""So many decisions of one person count at most, likewise."""

PULL: Final = 1.0
"""What one text adds to any text's sum at most; half the way from a label's lower anchor to its upper one."""

MOST_EACH: Final = 0.4
"""What one n-gram adds at most, on the same scale."""

KEPT: Final = 600
"""N-grams that are kept for each label."""

_CANDIDATES: Final = 3_000
_SCALE: Final = 2.0
_NEAR: Final = -2.0
_SWEEPS: Final = 60
_STEPS: Final = 24
_STILL: Final = 1e-5
_LEAST: Final = 0.001
_DECIMALS: Final = 4
_LONG_RUN: Final = re.compile(r"(?:(?![\u3400-\u9fff\U00020000-\U000323af])[^\W_]|[_@.-](?=\w)){4,}")


@dataclass(frozen=True, slots=True)
class Said:
    """A text as it is scored: as it was written, folded, and its signs (:mod:`rules.reading.signs`)."""

    text: str
    plain: str
    signs: frozenset[str] = frozenset()

    @classmethod
    def of(cls, reader: Reader, text: str) -> Said:
        """A text as a reader reads it."""
        reading = reader.read(text)
        return cls(text, reading.said, reading.signs)


@dataclass(frozen=True, slots=True)
class Lesson:
    """What people decided about one message.

    Attributes:
        number: of the case; draws it into one part or the other (:func:`rules.core.learn.parted`).
        rule, label: whose case it is, and which label its rule reads.
        said: the text.
        sender, decider: keys of who wrote it, and of who decided; they only count, and are not kept.
        right: whether the finding was confirmed.
    """

    number: str
    rule: str
    label: str
    said: Said
    sender: str
    decider: str
    right: bool


def counted(lessons: Iterable[Lesson]) -> tuple[Lesson, ...]:
    """The lessons that count: each text once, and not too many of one sender or one decider.

    Args:
        lessons: the newest first; of two decisions about one text the newer counts.
    """
    texts: set[tuple[str, str]] = set()
    by_sender: Counter[tuple[str, str, bool]] = Counter()
    by_decider: Counter[tuple[str, str, bool]] = Counter()
    kept = []
    for lesson in lessons:
        text = lesson.label, lesson.said.plain
        sent = lesson.label, lesson.sender, lesson.right
        decided = lesson.label, lesson.decider, lesson.right
        if not lesson.said.plain or text in texts:
            continue
        texts.add(text)
        if by_sender[sent] >= OF_ONE_SENDER or by_decider[decided] >= OF_ONE_DECIDER:
            continue
        by_sender[sent] += 1
        by_decider[decided] += 1
        kept.append(lesson)
    return tuple(kept)


class Shield:
    """Tells which n-grams of a text may be kept: nothing with digits, of a name, or of a longer run of letters.

    Args:
        names: folded; those of a single character are no names.
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        known = sorted({name for name in names if len(name) > 1})
        self._names = AhoCorasick(known, matchkind=MatchKind.Standard) if known else None

    def covered(self, plain: str) -> str:
        """The text as n-grams are taken from it, with breaks where nothing may be kept; of the same length."""
        text = _LONG_RUN.sub(lambda run: COVER * len(run[0]), model_text(plain))
        kept = list(text.replace("0", COVER))
        if self._names is not None:
            for _, start, end in self._names.find_matches_as_indexes(plain, overlapping=True):
                kept[start:end] = COVER * (end - start)
        return "".join(kept)

    def grams(self, plain: str) -> frozenset[str]:
        """The n-grams of a folded text that may be kept."""
        text = self.covered(plain)
        return frozenset(
            gram
            for size in range(SHORTEST, LONGEST + 1)
            for start in range(len(text) - size + 1)
            if COVER not in (gram := text[start : start + size])
            and gram[0] != "="  # which is how signs begin
        )


@dataclass(slots=True)
class _Row:
    """One text in training: its n-grams by place, whether it is to be found, its offset, and how much it may pull."""

    grams: tuple[int, ...]
    sign: float
    offset: float
    cost: float
    taken: float = 0.0


def learn_label(
    label: str, lessons: Sequence[Lesson], shipped: Classifier, ordinary: Iterable[Said], shield: Shield
) -> LocalWeights:
    """What lessons teach one label.

    Args:
        lessons: those of this label; their order does not matter.
        shipped: the classifier that is adjusted, without any adjustment.
        ordinary: talk of which nothing should be found; what comes near the label holds against it.
    """
    anchors = shipped.weights.anchors[label]
    gap = anchors.way / _SCALE

    def offset(said: Said) -> float:
        return (shipped.totals(said.plain, said.signs)[label] - anchors.review) / gap

    lessons = sorted(lessons, key=lambda lesson: (lesson.number, lesson.said.plain))
    texts = [shield.grams(_best(lesson.said.plain, label, shipped)) for lesson in lessons]
    talk = {
        said: shield.grams(said.plain) for said in sorted(ordinary, key=lambda said: (said.plain, said.text))
    }
    common = Counter(gram for grams in talk.values() for gram in grams)
    known = _candidates(lessons, texts, {gram for gram, many in common.items() if many > COMMON})
    many = Counter(lesson.right for lesson in lessons)
    rows = []
    for lesson, grams in zip(lessons, texts, strict=True):
        places = tuple(sorted(known[gram] for gram in grams if gram in known))
        rarer = min(many.values()) / many[lesson.right]  # the more frequent kind must not win by its number
        if places:
            rows.append(_row(places, 1.0 if lesson.right else -1.0, offset(lesson.said), max(rarer, 0.25)))
    for said, grams in talk.items():
        if (near := offset(said)) > _NEAR and (
            places := tuple(sorted(known[g] for g in grams if g in known))
        ):
            rows.append(_row(places, -1.0, near, 1.0))
    weights = _fit(rows, len(known))
    deltas = {
        gram: round(max(-MOST_EACH, min(MOST_EACH, weights[place])) * gap, _DECIMALS)
        for gram, place in known.items()
        if abs(weights[place]) >= _LEAST
    }
    strongest = sorted(deltas, key=lambda gram: (-abs(deltas[gram]), gram))[:KEPT]
    return LocalWeights(
        fingerprint(shipped.weights),
        {gram: {label: deltas[gram]} for gram in sorted(strongest) if deltas[gram]},
    )


def _best(plain: str, label: str, shipped: Classifier) -> str:
    """The stretch of a text that makes its score."""
    spans = list(stretches(len(plain)))
    if len(spans) == 1:
        return plain
    start, end = max(spans, key=lambda span: shipped.totals(plain[slice(*span)])[label])
    return plain[start:end]


def _candidates(
    lessons: Sequence[Lesson], texts: Sequence[frozenset[str]], common: Collection[str]
) -> dict[str, int]:
    """The n-grams that may count, each with its place: of several people and not common, the most frequent ones."""
    persons: dict[str, set[str]] = defaultdict(set)
    times: Counter[str] = Counter()
    for lesson, grams in zip(lessons, texts, strict=True):
        for gram in grams.difference(common):
            persons[gram].add(lesson.sender)
            times[gram] += 1
    shared = [gram for gram, who in persons.items() if len(who) >= LEAST_PERSONS]
    shared.sort(key=lambda gram: (-times[gram], gram))
    return {gram: place for place, gram in enumerate(sorted(shared[:_CANDIDATES]))}


def _row(places: tuple[int, ...], sign: float, offset: float, share: float) -> _Row:
    return _Row(places, sign, offset, PULL * share / len(places))


def _fit(rows: Sequence[_Row], many: int) -> list[float]:
    """The weights, by dual coordinate descent in a fixed order.

    A text's part in every weight is ``sign * taken``, and ``taken`` stays below its cost.
    """
    weights = [0.0] * many
    for _ in range(_SWEEPS):
        moved = 0.0
        for row in rows:
            size = len(row.grams)
            margin = row.sign * (row.offset + sum(weights[place] for place in row.grams))
            taken = _settled(margin - row.taken * size, size, row.cost)
            step = row.sign * (taken - row.taken)
            row.taken = taken
            moved = max(moved, abs(step) * size)
            for place in row.grams:
                weights[place] += step
        if moved < _STILL:
            break
    return weights


def _settled(margin: float, size: int, cost: float) -> float:
    """How much one text takes, given the margin that it has without its own part: halved again and again."""
    low, high = 0.0, cost
    for _ in range(_STEPS):
        middle = (low + high) / 2
        exponent = min(max(margin + middle * size, -500.0), 500.0)
        if middle * (1.0 + math.exp(exponent)) < cost:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def agreement(classifier: Classifier, label: str, lessons: Sequence[Lesson]) -> float:
    """In which share of the pairs of a confirmed and a dismissed lesson of a label the confirmed one scores higher."""
    own = [lesson for lesson in lessons if lesson.label == label]
    totals = [
        (classifier.totals(lesson.said.plain, lesson.said.signs)[label], lesson.right) for lesson in own
    ]
    confirmed = [total for total, right in totals if right]
    dismissed = sorted(total for total, right in totals if not right)
    pairs = len(confirmed) * len(dismissed)
    higher = sum(bisect_left(dismissed, total) + bisect_right(dismissed, total) for total in confirmed)
    return higher / (2 * pairs) if pairs else 1.0


def error_by_chance(label: str, lessons: Sequence[Lesson]) -> float:
    """The standard error of :func:`agreement` where chance decides; 0 without a pair."""
    right = sum(lesson.right for lesson in lessons if lesson.label == label)
    wrong = sum(not lesson.right for lesson in lessons if lesson.label == label)
    return math.sqrt((right + wrong + 1) / (12 * right * wrong)) if right and wrong else 0.0
