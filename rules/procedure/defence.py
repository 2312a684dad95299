"""What somebody says in their own procedure: an appeal that is filed, an explanation that was asked for.

It has to name what happened, so it holds the very words that were complained of; to charge them again would punish
the appeal (policy 6.3). An attack on somebody and a secret harm others wherever they stand: people look at those.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from enum import StrEnum

from rules.core.model import Judgement, Outcome, Tier, Verdict


class Defence(StrEnum):
    """Whether something was said in the sender's own procedure."""

    NONE = ""
    OFFERED = "offered"  # about a case of their own, and refused: they may not be confirmed yet
    TAKEN = "taken"  # it is part of the procedure now


STILL_HEARD = frozenset({"incivility", "confidential"})
"""The rules that look at what was taken all the same."""


def exempted(defence: Defence, rules: Iterable[str]) -> frozenset[str]:
    """Of these rules those that do not apply; to what was only offered all do, or anything could be said so."""
    return frozenset(rules) - STILL_HEARD if defence is Defence.TAKEN else frozenset()


def softened(judgement: Judgement) -> Judgement:
    """The judgement with doubts for violations: people read what is said in defence before a word is said to it."""
    return replace(judgement, outcomes=tuple(map(doubted, judgement.outcomes)))


def doubted(outcome: Outcome, note: str = "") -> Outcome:
    """The outcome of a rule as a doubt, where it found something."""
    if not outcome.rulings:
        return outcome
    rulings = tuple(replace(ruling, tier=Tier.REVIEW) for ruling in outcome.rulings)
    return replace(outcome, verdict=Verdict.REVIEW, rulings=rulings, note=note or outcome.note)
