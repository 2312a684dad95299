"""The worst errors, and why they were made; texts are cut and masked, since they are for a screen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bot.masking import one_line, personal_data_hidden
from measuring.disguised import LEARNT
from measuring.figures import ALARMS, RECALL
from measuring.judging import Judged, context_of
from rules.core.book import Rulebook
from rules.core.explain import Explanation, explain
from rules.reading.reader import Reader

LONGEST = 90
"""Code points of a text that are shown."""
FEW = 5
"""Terms and n-grams that are shown."""


@dataclass(frozen=True, slots=True)
class Error:
    """One error of one rule: a false violation, or a positive that no rule found."""

    kind: str
    rule: str
    set: str
    label: str
    text: str
    why: tuple[str, ...]

    def document(self) -> dict[str, Any]:
        """All of it as JSON takes it."""
        return asdict(self)


def shown(text: str) -> str:
    """A text as it may be shown: on one line, cut, without personal data."""
    cut = text if len(text) <= LONGEST else text[:LONGEST] + "…"
    return one_line(personal_data_hidden(cut))


def worst(
    book: Rulebook, sets: Mapping[str, Sequence[Judged]], rules: Sequence[str], most: int
) -> list[Error]:
    """Up to ``most`` false violations, the surest first, and missed positives, the least sure first, of each rule."""
    errors = []
    for rule in rules:
        for kind, picked in ((ALARMS, _false(sets, rule)), (RECALL, _missed(sets, rule))):
            views = [(name, row, explain(book, *context_of(book, row.row.text))) for name, row in picked]
            views.sort(
                key=lambda view: (_sure(view[2], rule) * (1 if kind == RECALL else -1), view[1].row.share())
            )
            for name, row, view in views[:most]:
                label = f"{row.row.label} {row.row.detail}".strip()
                called = "false violation" if kind == ALARMS else "missed"
                errors.append(
                    Error(
                        called, rule, name, label, shown(row.row.text), tuple(_why(book.reader, view, rule))
                    )
                )
    return errors


MOST_EXPLAINED = 400
"""Missed positives that are explained to find the worst among them."""


def _false(sets: Mapping[str, Sequence[Judged]], rule: str) -> list[tuple[str, Judged]]:
    return [
        (name, row)
        for name, rows in sets.items()
        for row in rows
        if row.meaning.fine_by(rule) and row.found((rule,), surely=True)
    ]


def _missed(sets: Mapping[str, Sequence[Judged]], rule: str) -> list[tuple[str, Judged]]:
    missed = [
        (name, row)
        for name, rows in sets.items()
        for row in rows
        if rule in row.meaning.found_by[:1] and not row.found(row.meaning.found_by)
    ]
    return sorted(missed, key=lambda one: (one[1].row.share(), one[0]))[:MOST_EXPLAINED]


def _sure(view: Explanation, rule: str) -> float:
    found = view.rule(rule)
    return found.findings[0].confidence if found is not None and found.findings else 0.0


def _why(reader: Reader, view: Explanation, rule: str) -> Iterator[str]:
    own = view.rule(rule)
    for found in own.findings[:FEW] if own is not None else ():
        yield shown(
            f"{found.category} {found.confidence:.2f} ({found.tier or 'below the bars'}) {found.signs}"
        )
    terms = [match for match in view.text.matches if match.term.rule == rule]
    if terms:
        yield shown(
            "terms: " + ", ".join(f"{one.term.word} {one.term.weight:+g} ({one.fate})" for one in terms[:FEW])
        )
    reading = reader.read(view.text.original)
    for label in LEARNT.get(rule, (rule,)):
        evidence = [(one.gram, one.weight) for one in reader.classifier.evidence(reading.said, label)]
        known = (
            (sign, reader.classifier.weights.grams.get(sign, {}).get(label, 0.0)) for sign in reading.signs
        )
        evidence += [(sign, weight) for sign, weight in known if weight]
        if strongest := sorted(evidence, key=lambda one: -abs(one[1]))[:FEW]:
            grams = " ".join(f"{gram} {weight:+.2f}" for gram, weight in strongest)
            yield shown(f"{label} {reading.score(label):.2f}: {grams}")
