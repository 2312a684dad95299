"""Why each rule did or did not fire on a message, with every view of its text.

What people are told of a judgement rests on this: it judges with the same functions as the bot, and keeps what the
judge throws away (findings below the bars, terms that were no word where they stood). Pure; slower than judging.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rules.core.book import Entry, Rulebook
from rules.core.declare import Bars
from rules.core.judge import judge, missing
from rules.core.model import Context, Message, MessageType, Outcome, Tier, Verdict
from rules.reading.disguise import EDGE
from rules.reading.reading import Match

_RAN = frozenset({Verdict.CLEAN, Verdict.VIOLATION, Verdict.REVIEW})


@dataclass(frozen=True, slots=True)
class Weighed:
    """One finding, whatever its confidence; ``tier`` is ``None`` below both bars."""

    category: str
    confidence: float
    tier: Tier | None
    clause: str
    points: int
    signs: str


@dataclass(frozen=True, slots=True)
class RuleView:
    """What one rule made of a message, and what it went by.

    Attributes:
        verdict: as the judge gives it.
        note: why, if the verdict is not plain.
        lacking: what the rule needs and is not known.
        findings: everything it noticed, the surest first; also when all of it is below the bars.
        trial: it is on trial here.
    """

    rule: str
    title: str
    verdict: Verdict
    bars: Bars
    note: str = ""
    lacking: tuple[str, ...] = ()
    findings: tuple[Weighed, ...] = ()
    trial: bool = False


@dataclass(frozen=True, slots=True)
class TextView:
    """Every view of a text.

    Attributes:
        original: as it came.
        quoted: whose message it quotes; empty if it quotes none.
        typed: what its sender typed, without the quoted block.
        plain: ``typed`` normalised for matching.
        places: for each code point of ``plain`` its index in ``original``.
        words: ``plain`` as it is cut where word boundaries are asked for.
        matches: every lexicon term whose characters stand in it, and why it is a hit or none.
        meant: every way it may read without its disguises, the most telling first; none if nothing looks disguised.
        letters: what stands in first letters, where people look because of it; nobody can tell what it says.
    """

    original: str
    quoted: str
    typed: str
    plain: str
    places: tuple[int, ...]
    words: tuple[str, ...]
    matches: tuple[Match, ...]
    meant: tuple[str, ...] = ()
    letters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """A message explained: its text, and every rule in the rulebook's order."""

    text: TextView
    rules: tuple[RuleView, ...]

    def rule(self, name: str) -> RuleView | None:
        """What one rule made of it; ``None`` if there is no such rule."""
        return next((view for view in self.rules if view.rule == name), None)


def explain(book: Rulebook, message: Message, context: Context) -> Explanation:
    """Explain what :func:`~rules.core.judge.judge` says of a message."""
    outcomes = judge(book, message, context).outcomes
    rules = tuple(
        _view(entry, outcome, message, context) for entry, outcome in zip(book.entries, outcomes, strict=True)
    )
    return Explanation(_text(book, context), rules)


def _text(book: Rulebook, context: Context) -> TextView:
    reading = context.reading
    return TextView(
        original=reading.original,
        quoted=reading.quote.author if reading.quote else "",
        typed=reading.original[slice(*reading.typed)],
        plain=reading.plain,
        places=tuple(reading.origin),
        words=tuple(book.reader.lexicon.words_of(reading.plain)),
        matches=book.reader.account(reading),
        meant=tuple(
            dict.fromkeys(
                view.reading.original.replace(EDGE, "") for view in reading.views if not view.letters
            )
        ),
        letters=tuple(
            dict.fromkeys(reading.original[slice(*span)] for view in reading.views for span in view.letters)
        ),
    )


def _view(entry: Entry, outcome: Outcome, message: Message, context: Context) -> RuleView:
    findings: Sequence[Weighed] = ()
    if outcome.verdict in _RAN and message.type is not MessageType.RECALLED:
        findings = sorted(_weighed(entry, message, context), key=lambda found: -found.confidence)
    lacking = missing(entry, message, context) if outcome.verdict is Verdict.UNKNOWN else ()
    return RuleView(
        rule=entry.rule.id,
        title=entry.rule.title,
        verdict=outcome.verdict,
        bars=entry.bars,
        note=outcome.note,
        lacking=tuple(lacking),
        findings=tuple(findings),
        trial=entry.shadow,
    )


def _weighed(entry: Entry, message: Message, context: Context) -> Iterator[Weighed]:
    for finding in entry.rule(message, context, entry.settings):
        # Whatever the bars say, a finding has signs, clause and points: they are asked for as if it reached them.
        ruling = entry.price(finding, Tier.REVIEW)
        yield Weighed(
            category=finding.category,
            confidence=ruling.confidence,
            tier=entry.bars.tier(finding.confidence),
            clause=ruling.clause,
            points=ruling.points,
            signs=ruling.signs,
        )
