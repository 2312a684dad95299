"""Announcements (policy 3.3a): no major decision or event is posted before a leader has approved it.

A draft is submitted, approved or returned, and posted at its time. Its author never approves it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from rules.procedure.actor import HR_LEAD, LEADER, Actor


class State(StrEnum):
    """Where an announcement stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    RETURNED = "returned"
    POSTED = "posted"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


class Move(StrEnum):
    """A step of the author (edit, submit, withdraw), of an approver, or of the bot (post, fail)."""

    EDIT = "edit"
    SUBMIT = "submit"
    APPROVE = "approve"
    RETURN = "return"
    WITHDRAW = "withdraw"
    POST = "post"
    FAIL = "fail"


class Refusal(StrEnum):
    """Why a move is refused."""

    NOT_AUTHOR = "not_author"
    OWN_DRAFT = "own_draft"
    NOT_APPROVER = "not_approver"
    SYSTEM_ONLY = "system_only"
    NOT_SUBMITTED = "not_submitted"
    NOT_APPROVED = "not_approved"
    ALREADY = "already"
    TOO_EARLY = "too_early"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an announcement stands.

    Attributes:
        state: its state.
        author: key of the person who wrote it.
        post_at: when it is to be posted (:func:`post_at`); ``None`` as long as that is open.
    """

    state: State
    author: str
    post_at: datetime | None = None


APPROVERS = frozenset({LEADER, HR_LEAD})
FINAL = frozenset({State.POSTED, State.FAILED, State.WITHDRAWN})
_BY_AUTHOR = frozenset({Move.EDIT, Move.SUBMIT, Move.WITHDRAW})
_BY_APPROVER = frozenset({Move.APPROVE, Move.RETURN})
# What is approved is what was seen: only a draft that nobody is looking at changes. An approval may be taken back
# (RETURN) until the text stands in the group.
TABLE: Mapping[tuple[State, Move], State] = MappingProxyType(
    {
        (State.DRAFT, Move.EDIT): State.DRAFT,
        (State.RETURNED, Move.EDIT): State.DRAFT,
        (State.DRAFT, Move.SUBMIT): State.SUBMITTED,
        (State.RETURNED, Move.SUBMIT): State.SUBMITTED,
        (State.SUBMITTED, Move.APPROVE): State.APPROVED,
        (State.SUBMITTED, Move.RETURN): State.RETURNED,
        (State.APPROVED, Move.RETURN): State.RETURNED,
        (State.DRAFT, Move.WITHDRAW): State.WITHDRAWN,
        (State.SUBMITTED, Move.WITHDRAW): State.WITHDRAWN,
        (State.RETURNED, Move.WITHDRAW): State.WITHDRAWN,
        (State.APPROVED, Move.WITHDRAW): State.WITHDRAWN,
        (State.APPROVED, Move.POST): State.POSTED,
        (State.APPROVED, Move.FAIL): State.FAILED,
    }
)


def post_at(planned: datetime | None, approved: datetime) -> datetime:
    """When an announcement is posted: at its time, or at once if that has passed on approval or there is none."""
    return approved if planned is None else max(planned, approved)


def consider(standing: Standing, move: Move, actor: Actor, now: datetime) -> State | Refusal:
    """The state that a move leads to, or why it is refused (policy 3.3a).

    Args:
        standing: the announcement.
        move: what the actor wants.
        actor: a person with their roles, or the bot.
        now: when it is asked for; only posting depends on it.
    """
    if refusal := _not_theirs(standing, move, actor):
        return refusal
    target = TABLE.get((standing.state, move))
    if target is None:
        return _out_of_turn(standing.state, move)
    early = move is Move.POST and standing.post_at is not None and now < standing.post_at
    return Refusal.TOO_EARLY if early else target


def _not_theirs(standing: Standing, move: Move, actor: Actor) -> Refusal | None:
    if move in _BY_AUTHOR:
        return None if actor.key == standing.author else Refusal.NOT_AUTHOR
    if move not in _BY_APPROVER:
        return None if actor.is_system else Refusal.SYSTEM_ONLY
    if actor.key == standing.author:
        return Refusal.OWN_DRAFT
    return None if actor.roles & APPROVERS and not actor.is_system else Refusal.NOT_APPROVER


def _out_of_turn(state: State, move: Move) -> Refusal:
    if state in FINAL:
        return Refusal.CLOSED
    if move in _BY_APPROVER:
        return Refusal.ALREADY if state is State.APPROVED else Refusal.NOT_SUBMITTED
    return Refusal.ALREADY if move in _BY_AUTHOR else Refusal.NOT_APPROVED
