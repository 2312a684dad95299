"""How much of what is found plain is still found when its key words are disguised."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from evasions import EVASIONS as KINDS
from evasions import evaded
from labelled import Row

from measuring.expected import BASES, EVASIONS, LISTED
from measuring.figures import KEPT, Line
from measuring.intervals import Figure
from measuring.judging import Judged, tiers_of
from measuring.targets import DISGUISED
from rules.core.book import Rulebook
from rules.core.model import Tier
from rules.reading.classify import REVIEW
from rules.reading.reader import Reader
from rules.reading.span import Span

LEARNT: Mapping[str, tuple[str, ...]] = {
    "advertising": ("advertising",),
    "banned_words": ("banned",),
    "incivility": ("incivility", "hostility"),
}
"""The classifier's labels that speak for each rule."""

MOST_TEXTS = 250
"""Texts of one set, for one rule."""
SHORTEST = 2
"""Code points of a key word."""


def key_words(reader: Reader, text: str, rule: str, *, listed: bool = False) -> tuple[Span, ...]:
    """Where the words stand for which a rule finds a plain text: joined where they overlap, in order.

    They are the lexicon's hits that speak for a finding and, unless only what is ``listed`` is asked for, what the
    classifier goes by most where it is sure of its own accord.
    """
    reading = reader.read(text)
    spans = [
        (hit.start, hit.end)
        for hit in reading.of(rule)
        if hit.term.weight > 0 and min(len(hit.term.word), hit.end - hit.start) >= SHORTEST
    ]
    for label in () if listed else LEARNT[rule]:
        if reading.score(label) >= REVIEW:
            found = reader.classifier.strongest(reading.said, label)
            spans += [reading.span(start, end) for start, end in found if end - start >= SHORTEST]
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)


def sampled(name: str, rows: Iterable[Judged], rule: str) -> list[Judged]:
    """The positives of a rule that it finds plain, so many at most, drawn the same every time."""
    base = BASES.get(name)
    plain = (
        row
        for row in rows
        if rule in row.meaning.found_by and row.found((rule,)) and base in (None, row.row.detail)
    )
    return sorted(plain, key=lambda row: (row.row.share(), row.row.text))[:MOST_TEXTS]


def disguised(book: Rulebook, sets: Mapping[str, Sequence[Judged]], rules: Sequence[str]) -> list[Line]:
    """For each rule and kind of evasion a line over all sets, and one for each set; and one for listed words alone.

    A text that a kind leaves as it is does not count.

    Raises:
        Crashed: a rule failed.
    """
    lines = []
    for rule in [rule for rule in DISGUISED if rule in rules]:
        kept: dict[tuple[str, str], list[tuple[bool, Tier | None]]] = defaultdict(list)
        for name, rows in sets.items():
            for row in sampled(name, rows, rule):
                sure = row.found((rule,), surely=True)
                for kind, tier in _tried(book, row.row, rule):
                    kept[kind, EVASIONS].append((sure, tier))
                    kept[kind, f"{EVASIONS}/{name}"].append((sure, tier))
                for kind, tier in _tried(book, row.row, rule, listed=True):
                    kept[kind, LISTED].append((sure, tier))
        lines += [_line(name, kind, rule, seen) for (kind, name), seen in sorted(kept.items(), key=_order)]
    return lines


def _order(item: tuple[tuple[str, str], object]) -> tuple[str, int]:
    kind, name = item[0]
    return name, tuple(KINDS).index(kind)


def _tried(book: Rulebook, row: Row, rule: str, *, listed: bool = False) -> Iterable[tuple[str, Tier | None]]:
    words = key_words(book.reader, row.text, rule, listed=listed)
    if not words:
        return
    for kind in KINDS:
        text = evaded(row.text, words, kind, row.key or row.text)
        if text != row.text:
            yield kind, tiers_of(book, text).get(rule)


def _line(name: str, kind: str, rule: str, seen: Sequence[tuple[bool, Tier | None]]) -> Line:
    sure = [tier for plain, tier in seen if plain]
    return Line(
        name,
        KEPT,
        kind,
        rule,
        Figure(sum(tier is Tier.VIOLATION for tier in sure), len(sure)),
        Figure(sum(tier is not None for _, tier in seen), len(seen)),
    )
