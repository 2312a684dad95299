"""A resilient client of a Wechaty puppet service, 0.25 or 1.x: the gateway port over gRPC, or half of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from types import MappingProxyType
from typing import ClassVar

import structlog
from structlog.typing import FilteringBoundLogger

from bot.clock import Clock
from bot.gateway.port import Event
from bot.gateway.wire.connection import Connection, Timing
from bot.gateway.wire.deeds import Deeds
from bot.gateway.wire.proto import ListeningStub, Stub
from bot.gateway.wire.questions import Questions
from bot.gateway.wire.stream import EventStream

_BACKLOG = 1000  # events that may wait for the consumer


class WireListener(Questions):
    """:class:`bot.gateway.port.Listener` over one puppet service: it hears and asks, and has no way to act."""

    _stub: ClassVar[type[Stub]] = ListeningStub

    def __init__(
        self,
        endpoint: str,
        token: str,
        tls: str,
        clock: Clock,
        log: FilteringBoundLogger | None = None,
        *,
        timing: Timing | None = None,
        self_id: str = "",
    ) -> None:
        """
        Args:
            endpoint: ``host:port``.
            token: what the gateway was started with; never logged.
            tls: ``off``, ``insecure-default`` (Wechaty's public CA, no host-name check) or a CA file's path.
            timing: deadlines and pauses.
            self_id: the account's contact id if it is known from before.

        Raises:
            ConfigError: one of these can't be used.
        """
        known = timing or Timing()
        self._own = Connection(endpoint, token, tls, known, self._stub)
        super().__init__(self._own, clock, log or structlog.get_logger("bot.gateway.wire"), known.verify)
        self._stream = EventStream(
            self._own, clock, self._log, known, self.observe, self._directory.forget_all, _BACKLOG
        )
        self._stream.self_id = self_id

    @property
    def self_id(self) -> str:
        return self._stream.self_id

    @property
    def counts(self) -> Mapping[str, int]:
        """How often each tolerated oddity of the gateway was met."""
        return MappingProxyType(self._stream.counts + self._directory.counts)

    def events(self) -> AsyncIterator[Event]:
        return self._stream.events()

    async def close(self) -> None:
        await self._stream.close()
        self._own.close()


class WireGateway(WireListener, Deeds):
    """:class:`bot.gateway.port.Gateway` over one puppet service."""

    _stub: ClassVar[type[Stub]] = Stub
