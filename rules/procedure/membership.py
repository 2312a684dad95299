"""Who comes into a group and who leaves it (policy 2.1): which steps a request takes, and who may take them.

Joining: the head of the member's department applies, HR approves and adds. Outsiders: an employee stands sponsor, a
leader approves, HR adds. Leaving: HR removes, told by the head. Nobody approves what they asked for, nor their own
joining. Whoever leads HR and takes another step takes HR's with it; what HR itself asks for needs somebody else's
word. A request is done when somebody saw that it is; what the gateway can't do is left for people.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from rules.procedure.actor import HR_LEAD, LEADER, Actor


class Kind(StrEnum):
    """What is asked for."""

    JOIN = "join"
    JOIN_EXTERNAL = "join_external"
    LEAVE = "leave"


class State(StrEnum):
    """Where a request stands."""

    NONE = ""  # not asked yet
    WAITING_HEAD = "waiting_head"
    WAITING_LEADER = "waiting_leader"
    WAITING_HR = "waiting_hr"
    APPROVED = "approved"  # the bot is to carry it out
    BY_HAND = "by_hand"  # left for people to do
    DONE = "done"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class Move(StrEnum):
    """A step of the one who asks (ask, withdraw), of those who decide, or of the bot (verify, hand over).

    ``FINISH`` is HR's word that people did it by hand.
    """

    ASK = "ask"
    APPROVE = "approve"
    REJECT = "reject"
    WITHDRAW = "withdraw"
    VERIFY = "verify"
    HAND_OVER = "hand_over"
    FINISH = "finish"


class Refusal(StrEnum):
    """Why a move is refused."""

    NOT_ENTITLED = "not_entitled"
    OWN_REQUEST = "own_request"
    NOT_YOURS = "not_yours"
    NOT_APPROVED = "not_approved"
    NOT_ASKED = "not_asked"
    ALREADY = "already"
    CLOSED = "closed"
    SYSTEM_ONLY = "system_only"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a request stands.

    Attributes:
        state: its state; ``State.NONE`` before it is asked.
        kind: what is asked for.
        asker: key of whoever asked; of outsiders the sponsor.
        subject: key of whom it is about; empty while nobody knows.
        heads: keys of those who surely head the member's department.
        asker_is_hr: the asker leads HR.
    """

    state: State
    kind: Kind
    asker: str
    subject: str = ""
    heads: frozenset[str] = field(default_factory=frozenset)
    asker_is_hr: bool = False


WAITING = frozenset({State.WAITING_HEAD, State.WAITING_LEADER, State.WAITING_HR})
FINAL = frozenset({State.DONE, State.REJECTED, State.WITHDRAWN})
_DONE_FROM = frozenset({State.APPROVED, State.BY_HAND})


def consider(standing: Standing, move: Move, actor: Actor) -> State | Refusal:
    """The state that a move leads to, or why it is refused (policy 2.1a to 2.1c).

    Args:
        standing: the request; of ``ASK``, as it would stand.
        move: what the actor wants.
        actor: a person with their roles, or the bot. The bot asks for leaving only, where the roster says that
            somebody left.
    """
    if move is Move.ASK:
        return _ask(standing, actor) if standing.state is State.NONE else Refusal.ALREADY
    if standing.state is State.NONE:
        return Refusal.NOT_ASKED
    if refusal := _not_theirs(standing, move, actor):
        return refusal
    if standing.state in FINAL:
        return Refusal.CLOSED
    if move in (Move.APPROVE, Move.REJECT):
        return _decide(standing, move, actor)
    if move is Move.WITHDRAW:
        return State.WITHDRAWN if standing.state in WAITING else Refusal.ALREADY
    if standing.state not in _DONE_FROM:
        return Refusal.NOT_APPROVED
    if move is Move.HAND_OVER:
        return State.BY_HAND if standing.state is State.APPROVED else Refusal.ALREADY
    return State.DONE


def may_decide(standing: Standing, actor: Actor) -> bool:
    """Whether somebody is entitled to the step that a request waits for, and has no part in it."""
    if actor.is_system or actor.key in (standing.asker, standing.subject):
        return False
    match standing.state:
        case State.WAITING_HEAD:
            return actor.key in standing.heads
        case State.WAITING_LEADER:
            # An employee's joining comes here if HR asked for it: another who leads HR is as good.
            hr_asked = standing.kind is Kind.JOIN
            return LEADER in actor.roles or (hr_asked and HR_LEAD in actor.roles)
        case State.WAITING_HR:
            return HR_LEAD in actor.roles
        case _:
            return False


def _ask(standing: Standing, actor: Actor) -> State | Refusal:
    leads_hr = HR_LEAD in actor.roles
    if standing.kind is Kind.LEAVE:
        if actor.is_system or leads_hr:
            return State.APPROVED  # it is HR who removes: nobody is left to ask
        return State.WAITING_HR if actor.key in standing.heads else Refusal.NOT_ENTITLED
    if actor.is_system or not actor.employee:
        return Refusal.NOT_ENTITLED
    if standing.kind is Kind.JOIN_EXTERNAL:
        return State.WAITING_LEADER
    others = standing.heads - {actor.key, standing.subject}
    if actor.key not in standing.heads and others:
        return State.WAITING_HEAD
    return State.WAITING_LEADER if leads_hr else State.WAITING_HR


def _not_theirs(standing: Standing, move: Move, actor: Actor) -> Refusal | None:
    if move is Move.WITHDRAW:
        return None if actor.key == standing.asker else Refusal.NOT_YOURS
    if move in (Move.VERIFY, Move.HAND_OVER):
        return None if actor.is_system else Refusal.SYSTEM_ONLY
    if move is Move.FINISH:
        return None if HR_LEAD in actor.roles else Refusal.NOT_ENTITLED
    if actor.key in (standing.asker, standing.subject):
        return Refusal.OWN_REQUEST
    return None


def _decide(standing: Standing, move: Move, actor: Actor) -> State | Refusal:
    if standing.state not in WAITING:
        return Refusal.ALREADY
    if not may_decide(standing, actor):
        return Refusal.NOT_ENTITLED
    if move is Move.REJECT:
        return State.REJECTED
    hr_agreed = standing.state is State.WAITING_HR or standing.asker_is_hr or HR_LEAD in actor.roles
    return State.APPROVED if hr_agreed else State.WAITING_HR
