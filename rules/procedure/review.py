"""What people may decide about a case, as a pure table of moves (policy: what fairness asks).

A decision confirms or dismisses; it may be undone while nothing rests on it. Nobody decides their own case.
While a case is appealed its appeal decides (:mod:`rules.procedure.appeal`); what that has upheld or overturned stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from rules.procedure.appeal import UNDER_APPEAL


class Move(StrEnum):
    """A reviewer's move."""

    CONFIRM = "confirm"
    DISMISS = "dismiss"
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a case stands, as far as a decision depends on it.

    Attributes:
        state: the case's state.
        before: the state from which the last decision came; empty if there was none.
        subject: key of the person whose case it is.
    """

    state: str
    before: str
    subject: str


class Refusal(StrEnum):
    """Why a move is refused."""

    OWN_CASE = "own_case"
    ALREADY = "already"
    NOTHING_TO_UNDO = "nothing_to_undo"
    CLOSED = "closed"
    APPEALED = "appealed"  # its appeal is to be decided


OPEN = frozenset({"review", "provisional"})
TRIAL = "shadow"
TARGET: Mapping[Move, str] = MappingProxyType({Move.CONFIRM: "confirmed", Move.DISMISS: "dismissed"})
DECIDED = frozenset(TARGET.values())


def consider(standing: Standing, move: Move, actor: str) -> str | Refusal:
    """The state that a move leads to, or why it is refused.

    Args:
        standing: the case.
        move: what the actor wants.
        actor: person key of the reviewer.
    """
    if actor == standing.subject:
        return Refusal.OWN_CASE
    if standing.state == TRIAL:
        # It stays what it is; the verdict is kept beside it, and the last one counts.
        return Refusal.NOTHING_TO_UNDO if move is Move.UNDO else TRIAL
    if standing.state == UNDER_APPEAL:
        return Refusal.APPEALED
    if move is Move.UNDO:
        if standing.state in OPEN:
            return Refusal.NOTHING_TO_UNDO
        if standing.state not in DECIDED or standing.before not in OPEN:
            return Refusal.CLOSED
        return standing.before
    target = TARGET[move]
    if standing.state in OPEN:
        return target
    return Refusal.ALREADY if standing.state in DECIDED else Refusal.CLOSED
