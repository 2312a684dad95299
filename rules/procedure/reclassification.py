"""A case that is confirmed under another rule than it was filed under, as a pure decision (policy: what fairness asks).

The bot may have seen the right message and named the wrong clause. Whoever confirms the case then names the right one.
That must not cost its subject more than they were told of: nobody's points may grow by a decision that they first
hear of as a result. Who has not heard of the case yet is charged what the clause costs, as in any other case.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate

from rules.procedure.review import TRIAL, Move, Weight


class Refusal(StrEnum):
    """Why a case can't be confirmed under another rule."""

    NO_MOVE = "no_move"  # only what is confirmed stands under a rule
    ON_TRIAL = "on_trial"
    NO_RULE = "no_rule"
    NO_REASON = "no_reason"
    UNCLEAR = "unclear"  # more than is due, or words that only sound like less
    SAME = "same"
    JOINED = "joined"  # it is the graver finding that waits beside: 从重 confirms that
    OTHER_GROUNDS = "other_grounds"  # a nickname or a missing answer is no message
    NOT_IN_FORCE = "not_in_force"  # the room does not go by that rule


@dataclass(frozen=True, slots=True)
class Wish:
    """What a reviewer asks for.

    Attributes:
        rule: the rule as it was typed; empty if none was.
        weight: what was said of how much counts.
    """

    move: Move
    rule: str
    weight: Weight
    reason: bool


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a case is filed under, or is to be: a rule and one of its categories."""

    rule: str
    category: str


def asked(wish: Wish, state: str) -> Refusal | None:
    """Why a wish can't be followed, whatever the rule is; ``None`` if it may be."""
    if wish.move is not Move.CONFIRM:
        return Refusal.NO_MOVE
    if state == TRIAL:
        return Refusal.ON_TRIAL
    if not wish.rule:
        return Refusal.NO_RULE
    if wish.weight in (Weight.GRAVER, Weight.UNCLEAR):
        return Refusal.UNCLEAR
    return None if wish.reason else Refusal.NO_REASON


def alike(rules: Collection[str], apart: Collection[str]) -> Refusal | None:
    """Why rules can't stand for each other at all; ``None`` if they may.

    Args:
        apart: what is about no single message (a nickname, an answer that did not come): it stands for nothing else.
    """
    return Refusal.OTHER_GROUNDS if any(rule in apart for rule in rules) else None


def fits(filed: Grounds, other: Grounds, *, graver: str, named: bool, in_force: bool) -> Refusal | None:
    """Why a case does not fit under another rule; ``None`` if it does.

    Args:
        graver: the rule of the graver finding that waits beside; empty for none.
        named: a category of the rule was named.
        in_force: the room goes by that rule now.
    """
    if filed == other or (filed.rule == other.rule and not named):
        return Refusal.SAME
    if other.rule == graver:
        return Refusal.JOINED
    return None if in_force else Refusal.NOT_IN_FORCE


def charged(points: int, filed: int, entries: Iterable[int], *, told: bool, lesser: bool) -> int:
    """What a case costs under another rule.

    Args:
        points: what that rule costs.
        filed: what the case costs as it was filed.
        entries: the points of every ledger entry of the case so far; deductions are negative.
        told: its subject has heard of the case: of what it was filed at, or of an earlier decision.
        lesser: the reviewer wants the lesser of the two.
    """
    if not told and not lesser:
        return points
    # An earlier decision may have told of more than it was filed at.
    heard = 0 if lesser else max((-standing for standing in accumulate(entries)), default=0)
    return min(points, max(filed, heard))
