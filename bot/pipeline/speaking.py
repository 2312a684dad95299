"""How one message leaves: what its kind asks of the gateway, and as what it leaves where that can't be had."""

from __future__ import annotations

from collections.abc import Sequence

from bot.errors import GatewayError, GatewayUnavailable, GatewayUncertain, TokenRejected
from bot.gateway.port import Gateway
from storage.records import Outgoing

ANNOUNCEMENT = "announcement"
"""Kind of what is to stand as the group's announcement."""

POST = "post"
"""Kind of an announcement that leaves as an ordinary message."""


async def speak(gateway: Gateway, group: Sequence[Outgoing], target: str) -> str:
    """Do what rows of one message ask for; returns the id of the message that was sent, empty if there is none.

    Raises:
        GatewayError: it was not done, or nobody knows.
    """
    first = group[0]
    if first.kind == "friend":
        await gateway.accept_friend(target)
        return ""
    if first.kind == ANNOUNCEMENT:
        await gateway.announce(target, first.text)
        return ""
    mentions = tuple(dict.fromkeys(contact for row in group for contact in row.mentions))
    return await gateway.say(target, "\n".join(row.text for row in group), mentions)


def instead(row: Outgoing, failure: GatewayError) -> str:
    """The kind as which a row is to leave after a failure; empty if it stays what it is.

    Whatever a gateway says to an announcement other than that it is away: the account may own no such group, or
    the announcement did not change. What may have been done is not said once more.
    """
    if row.kind != ANNOUNCEMENT or isinstance(failure, GatewayUncertain | TokenRejected):
        return ""
    return "" if type(failure) is GatewayUnavailable else POST
