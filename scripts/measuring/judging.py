"""Texts judged as ``qungui check`` judges a line that holds nothing but its text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from labelled import Row

from measuring.expected import Meaning
from rules.core.book import Rulebook
from rules.core.context import Windows
from rules.core.judge import judge, missing
from rules.core.model import Context, Message, Outcome, Tier, Verdict

GRADED = frozenset({"advertising", "incivility"})
"""The rules of which it is measured what other bars would do."""

_RAN = frozenset({Verdict.CLEAN, Verdict.REVIEW, Verdict.VIOLATION})


class Crashed(Exception):
    """A rule failed on a text; says which and where, and nothing of the text."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A text, what its label says, and what the rules said.

    Attributes:
        tiers: the graver tier of each rule that found something.
        sure: for the graded rules the greatest confidence of any finding, whatever the bars.
    """

    row: Row
    meaning: Meaning
    tiers: Mapping[str, Tier]
    sure: Mapping[str, float]

    def found(self, rules: Iterable[str], surely: bool = False) -> bool:
        """Whether one of these rules found it; ``surely``: at the tier of violations."""
        tiers = (self.tiers.get(rule) for rule in rules)
        return any(tier is Tier.VIOLATION or (tier is not None and not surely) for tier in tiers)


def context_of(book: Rulebook, text: str) -> tuple[Message, Context]:
    """A message of which the text alone is known, and what its rules may know."""
    message = Message(text)
    return message, Windows().look(message, book)


def lacking(book: Rulebook) -> dict[str, list[str]]:
    """For each rule that runs, what it needs to know beyond a text: nothing if texts alone measure it."""
    message, context = context_of(book, "")
    return {entry.rule.id: missing(entry, message, context) for entry in book.entries if entry.enabled}


def judged(book: Rulebook, row: Row, meaning: Meaning) -> Judged:
    """Judge one row.

    Raises:
        Crashed: a rule failed.
    """
    message, context = context_of(book, row.text)
    outcomes = _outcomes(book, message, context)
    sure = {
        entry.rule.id: max(
            (found.confidence for found in entry.rule(message, context, entry.settings)), default=0.0
        )
        for entry, outcome in zip(book.entries, outcomes, strict=True)
        if entry.rule.id in GRADED and outcome.verdict in _RAN
    }
    return Judged(row, meaning, _tiers(outcomes), sure)


def tiers_of(book: Rulebook, text: str) -> Mapping[str, Tier]:
    """The graver tier of each rule that finds something in a text.

    Raises:
        Crashed: a rule failed.
    """
    return _tiers(_outcomes(book, *context_of(book, text)))


def _outcomes(book: Rulebook, message: Message, context: Context) -> Sequence[Outcome]:
    outcomes = judge(book, message, context).outcomes
    for outcome in outcomes:
        if outcome.verdict is Verdict.CRASHED:
            raise Crashed(f"the rule {outcome.rule} fails: {outcome.note}")
    return outcomes


def _tiers(outcomes: Iterable[Outcome]) -> Mapping[str, Tier]:
    return {outcome.rule: Tier(outcome.verdict.value) for outcome in outcomes if outcome.rulings}
