"""Whether what was learnt may be put in force: it is measured on decisions that it did not see, and on ordinary talk.

Better on the decisions kept back and worse nowhere, or nothing is changed. Pure.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Final

from rules.core.book import Rulebook
from rules.core.declare import Example
from rules.core.model import Tier
from rules.core.rehearse import rehearse
from rules.reading.classify import REVIEW, VIOLATION, Classifier
from rules.reading.learning import Lesson, Said, Shield, agreement, error_by_chance, learn_label
from rules.reading.local import LocalWeights, fingerprint

NEEDED: Final = 20
"""Decisions that a label needs before anything is learnt of it."""

NEEDED_OF_A_KIND: Final = 8
"""So many of them confirmed, and so many dismissed."""

HELD_OUT: Final = 0.3
"""So much of each kind is kept back, and what was learnt is measured on it."""

CLEAR_KEPT: Final = 0.95
"""So much of what is clear by itself, and is found now, has to be found afterwards."""


AGREEMENT: Final = 0.25
"""In at least so many pairs of a confirmed and a dismissed one the confirmed one has to score higher, as shipped.

Fewer, and people dismiss what is surest and confirm what is doubtful: decisions that were turned round, by a slip or on
purpose. No measure on decisions kept back can tell, for these are turned round too.
"""

TELLS: Final = 1.64
"""In more than half of the pairs of those kept back it has to score higher afterwards, by so many standard errors of
that share (Mann and Whitney 1947): what was learnt from decisions made by chance may find one more by luck."""


@dataclass(frozen=True, slots=True)
class Supply:
    """How many decisions there are for a label."""

    label: str
    confirmed: int
    dismissed: int

    @property
    def enough(self) -> bool:
        """Whether they are enough to learn from."""
        fewest = min(self.confirmed, self.dismissed)
        return fewest >= NEEDED_OF_A_KIND and self.confirmed + self.dismissed >= NEEDED

    @property
    def lacking(self) -> tuple[int, int]:
        """How many more confirmed and dismissed ones are needed, at least."""
        confirmed = max(0, NEEDED_OF_A_KIND - self.confirmed)
        dismissed = max(0, NEEDED_OF_A_KIND - self.dismissed)
        rest = max(0, NEEDED - self.confirmed - self.dismissed - confirmed - dismissed)
        return (
            (confirmed + rest, dismissed)
            if self.confirmed <= self.dismissed
            else (confirmed, dismissed + rest)
        )


@dataclass(frozen=True, slots=True)
class Tally:
    """How many of a number of texts are found at all, and how many surely."""

    review: int = 0
    violation: int = 0

    @classmethod
    def of(cls, tiers: Iterable[Tier | None]) -> Tally:
        """Count tiers."""
        found = [tier for tier in tiers if tier is not None]
        return cls(len(found), sum(tier is Tier.VIOLATION for tier in found))

    def less(self, other: Tally) -> bool:
        """Whether it is less in any respect."""
        return self.review < other.review or self.violation < other.violation


@dataclass(frozen=True, slots=True)
class Figures:
    """One line of the table: what becomes of the decisions of a rule that were kept back.

    Attributes:
        by: ``score`` (the label's score alone) or ``rule`` (the rule with everything it looks at).
        confirmed, dismissed: how many there are.
        kept, flagged: of the confirmed and the dismissed ones how many are found; before and after.
    """

    rule: str
    label: str
    by: str
    confirmed: int
    dismissed: int
    kept: tuple[Tally, Tally]
    flagged: tuple[Tally, Tally]

    @property
    def better(self) -> bool:
        """Whether more confirmed ones are found, or fewer dismissed ones."""
        return self.kept[0].less(self.kept[1]) or self.flagged[1].less(self.flagged[0])


@dataclass(frozen=True, slots=True)
class Guard:
    """Of texts that nobody decided about: how many are found before and after."""

    name: str
    texts: int
    found: tuple[Tally, Tally]


@dataclass(frozen=True, slots=True)
class Yardstick:
    """Shipped text to measure by: ordinary talk, and for each label what deserves it by itself."""

    ordinary: Sequence[Said]
    clear: Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Learnt:
    """What a run gave.

    Attributes:
        taught: lessons that it learnt from; those kept back are not among them.
        agreement: for each label the share of :data:`AGREEMENT`.
        faults: why it must not be put in force; empty if it may.
    """

    weights: LocalWeights
    taught: int
    agreement: Mapping[str, float]
    figures: tuple[Figures, ...]
    guards: tuple[Guard, ...]
    faults: tuple[str, ...]


def supplies(lessons: Iterable[Lesson], labels: Iterable[str]) -> tuple[Supply, ...]:
    """What there is to learn from, for each label in order."""
    known = list(lessons)
    return tuple(
        Supply(
            label,
            sum(lesson.right for lesson in known if lesson.label == label),
            sum(not lesson.right for lesson in known if lesson.label == label),
        )
        for label in sorted(set(labels))
    )


def parted(lessons: Iterable[Lesson]) -> tuple[tuple[Lesson, ...], tuple[Lesson, ...]]:
    """Lessons to learn from, and those that are kept back, by a digest of the case number; the same every time."""
    taught: list[Lesson] = []
    back: list[Lesson] = []
    kinds: dict[tuple[str, bool], list[Lesson]] = {}
    for lesson in lessons:
        kinds.setdefault((lesson.label, lesson.right), []).append(lesson)
    for kind in sorted(kinds):
        drawn = sorted(kinds[kind], key=lambda lesson: (_draw(lesson.number), lesson.number, lesson.rule))
        aside = math.ceil(len(drawn) * HELD_OUT)
        back += drawn[:aside]
        taught += drawn[aside:]
    return tuple(taught), tuple(back)


def _draw(number: str) -> bytes:
    return blake2b(number.encode("utf-8", "backslashreplace"), digest_size=8).digest()


def learn(
    book: Rulebook,
    shipped: Classifier,
    lessons: Sequence[Lesson],
    yardstick: Yardstick,
    names: Collection[str] = (),
    before: LocalWeights | None = None,
) -> Learnt:
    """Learn from decisions, and measure it against what is in force.

    Args:
        book: what is in force, with whatever was learnt before.
        shipped: the classifier without any of it.
        lessons: those that count (:func:`rules.reading.learning.counted`), of labels with enough of them.
        names: of people, folded; nothing of them is kept.
        before: what was learnt before; it stays for labels of which nothing is learnt now.
    """
    shield = Shield(names)
    taught, back = parted(lessons)
    labels = sorted({lesson.label for lesson in taught})
    weights = (before or LocalWeights()).without(labels)
    weights = replace(weights, base=fingerprint(shipped.weights))
    for label in labels:
        own = [lesson for lesson in taught if lesson.label == label]
        weights = weights.beside(learn_label(label, own, shipped, yardstick.ordinary, shield))
    old = _judged(book)
    new = replace(old, reader=book.reader.with_classifier(Classifier(weights.over(shipped.weights))))
    rules = {entry.rule.id for entry in old.entries if entry.rule.label in labels}
    benches = _Bench(old), _Bench(new)
    figures = tuple(_figures(*benches, back))
    guards = tuple(_guards(*benches, labels, rules, yardstick))
    agree = {label: agreement(shipped, label, lessons) for label in labels}
    tells = {label: agreement(new.reader.classifier, label, back) for label in labels}
    doubts = [
        f"{label}: people confirmed what scores low and dismissed what scores high; look at these decisions first"
        for label in labels
        if agree[label] < AGREEMENT
    ]
    doubts += [
        f"{label}: what was learnt tells decisions kept back apart no better than chance ({tells[label]:.2f})"
        for label in labels
        if tells[label] < 0.5 + TELLS * error_by_chance(label, back)
    ]
    return Learnt(weights, len(taught), agree, figures, guards, (*doubts, *faults(figures, guards)))


def _judged(book: Rulebook) -> Rulebook:
    """The rules that read a label, all of them on: what is off now is measured too."""
    entries = tuple(replace(entry, enabled=True, shadow=False) for entry in book.entries if entry.rule.label)
    return replace(book, entries=entries, rooms={})


class _Bench:
    """What a book finds in texts, by score and by rule; each text is read once."""

    def __init__(self, book: Rulebook) -> None:
        self._book = book
        self._known: dict[str, tuple[Mapping[str, float], Mapping[str, Tier]]] = {}

    def _judged(self, text: str) -> tuple[Mapping[str, float], Mapping[str, Tier]]:
        if text not in self._known:
            tiers: dict[str, Tier] = {}
            for outcome in rehearse(self._book, Example(bad=True, text=text)).final.outcomes:
                for ruling in outcome.rulings:
                    sure = Tier.VIOLATION in (ruling.tier, tiers.get(outcome.rule))
                    tiers[outcome.rule] = Tier.VIOLATION if sure else Tier.REVIEW
            self._known[text] = self._book.reader.read(text).scores, tiers
        return self._known[text]

    def scored(self, label: str, texts: Iterable[str]) -> Tally:
        """By a label's score alone."""
        scores = (self._judged(text)[0].get(label, 0.0) for text in texts)
        return Tally.of(
            Tier.VIOLATION if score >= VIOLATION else Tier.REVIEW if score >= REVIEW else None
            for score in scores
        )

    def ruled(self, rules: Collection[str], texts: Iterable[str]) -> Tally:
        """By these rules, with everything they look at."""
        found = ([tier for rule, tier in self._judged(text)[1].items() if rule in rules] for text in texts)
        return Tally.of(
            Tier.VIOLATION if Tier.VIOLATION in tiers else tiers[0] if tiers else None for tiers in found
        )


def _figures(old: _Bench, new: _Bench, back: Sequence[Lesson]) -> Iterator[Figures]:
    for rule, label in sorted({(lesson.rule, lesson.label) for lesson in back}):
        own = [lesson for lesson in back if lesson.rule == rule]
        confirmed = [lesson.said.text for lesson in own if lesson.right]
        dismissed = [lesson.said.text for lesson in own if not lesson.right]
        many = len(confirmed), len(dismissed)
        yield Figures(
            rule,
            label,
            "score",
            *many,
            kept=(old.scored(label, confirmed), new.scored(label, confirmed)),
            flagged=(old.scored(label, dismissed), new.scored(label, dismissed)),
        )
        yield Figures(
            rule,
            label,
            "rule",
            *many,
            kept=(old.ruled({rule}, confirmed), new.ruled({rule}, confirmed)),
            flagged=(old.ruled({rule}, dismissed), new.ruled({rule}, dismissed)),
        )


def _guards(
    old: _Bench, new: _Bench, labels: Sequence[str], rules: Collection[str], yardstick: Yardstick
) -> Iterator[Guard]:
    talk = [said.text for said in yardstick.ordinary]
    for label in labels:
        yield Guard(f"ordinary talk, {label}", len(talk), (old.scored(label, talk), new.scored(label, talk)))
    yield Guard("ordinary talk, all rules", len(talk), (old.ruled(rules, talk), new.ruled(rules, talk)))
    for label in labels:
        if texts := yardstick.clear.get(label, ()):
            yield Guard(f"clear {label}", len(texts), (old.scored(label, texts), new.scored(label, texts)))


def faults(figures: Iterable[Figures], guards: Iterable[Guard]) -> Iterator[str]:
    """Why what was learnt must not be put in force, by what was measured; nothing if it may."""
    known = list(figures)
    for line in known:
        if line.kept[1].less(line.kept[0]):
            yield f"{line.rule}, by {line.by}: fewer confirmed ones would be found"
        if line.flagged[0].less(line.flagged[1]):
            yield f"{line.rule}, by {line.by}: more dismissed ones would be flagged"
    for guard in guards:
        was, would = guard.found
        if guard.name.startswith("clear"):
            if would.review < CLEAR_KEPT * was.review:
                yield f"{guard.name}: less of what is clear by itself would be found"
        elif was.less(would):
            yield f"{guard.name}: more would be found in it"
    if not any(line.better for line in known):
        yield "nothing would get better"
