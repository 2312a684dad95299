"""The real thing: a resilient client of a Wechaty puppet service, 0.25 or 1.x."""

from bot.gateway.wire.client import WireGateway, WireListener

__all__ = ["WireGateway", "WireListener"]
