"""What becomes of a message that did not leave, and what its failure says about the account. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum

from bot.errors import (
    Absent,
    GatewayError,
    GatewayFault,
    GatewayRefused,
    GatewayUnavailable,
    GatewayUncertain,
    TokenRejected,
)
from bot.pipeline.notice import SUPERVISION
from storage.records import Outgoing

AWAY = timedelta(seconds=5)
RETRY_SECONDS = 2.0
RETRY_FACTOR = 4
RETRY_AT_MOST_SECONDS = 1_800.0


class Fate(StrEnum):
    """What becomes of a message after an attempt that failed."""

    POSTPONED = (
        "postponed"  # it never left, and the gateway is away: no fault of the message, and not counted
    )
    AGAIN = "again"
    HELD = "held"  # the gateway thinks better of the friendship than WeChat does: wait for a real one
    DEAD = "dead"


def gone_out(group: Sequence[Outgoing], failure: GatewayError) -> bool:
    """Whether messages count as sent all the same.

    Nobody knows whether they arrived, twice already: better one too few than the same word again and again.
    """
    return isinstance(failure, GatewayUncertain) and all(row.attempts for row in group)


def of_the_account(row: Outgoing, failure: GatewayError) -> bool:
    """Whether a failure suggests that the account is throttled, or that the gateway carries nothing for it.

    A gateway that is away is waited for by whoever reconnects. That a room does not exist, or that a person will
    have no private word, is between the account and them.
    """
    if isinstance(failure, TokenRejected | Absent):
        return False
    if isinstance(failure, GatewayRefused):
        return not row.private
    return isinstance(failure, GatewayFault | GatewayUncertain)


def fate(row: Outgoing, failure: GatewayError, max_attempts: int) -> Fate:
    """What becomes of one message."""
    if type(failure) is GatewayUnavailable:  # none of its more particular kinds
        return Fate.POSTPONED
    if row.attempts + 1 >= max_attempts and row.target != SUPERVISION:
        return Fate.DEAD
    return Fate.HELD if row.private and isinstance(failure, GatewayRefused) else Fate.AGAIN


def patience(row: Outgoing) -> timedelta:
    """How long a message waits for its next attempt."""
    wait = RETRY_SECONDS * RETRY_FACTOR ** min(row.attempts, 10)
    return timedelta(seconds=min(wait, RETRY_AT_MOST_SECONDS))
