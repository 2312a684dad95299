"""One knock at a gateway's door: is it there, does it take our token, is the way there as safe as we believe."""

from __future__ import annotations

from bot.gateway.wire.connection import Connection, Timing
from bot.gateway.wire.translate import clean

_LONGEST = 40


async def probe(endpoint: str, token: str, tls: str, seconds: float) -> str:
    """The version that the gateway tells.

    Asks for nothing else: starting, stopping or listening would end the stream of a bot that is on guard there.

    Raises:
        ConfigError: endpoint, token or CA file can't be used.
        TokenRejected: the gateway does not accept the token.
        GatewayError: it can't be reached, or gives no answer within ``seconds``.
    """
    connection = Connection(endpoint, token, tls, Timing(call=seconds))
    try:
        told = await connection.call("version", lambda stub: stub.version())
    finally:
        connection.close()
    return clean(told.version)[:_LONGEST]
