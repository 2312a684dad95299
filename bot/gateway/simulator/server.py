"""A gRPC server that can cut its connections, and stop reading from them: well-behaved ones never have to."""

from __future__ import annotations

import asyncio
import ssl
from typing import Any, cast

from grpclib.protocol import H2Protocol
from grpclib.server import Handler, Server


class _Door(Handler):
    """Takes ``:authority`` for the token where none is given, as 1.x servers do."""

    def accept(self, stream: Any, headers: list[tuple[str, str]], release_stream: Any) -> None:
        known = dict(headers)
        if "authorization" not in known:
            headers = [*headers, ("authorization", f"Wechaty {known.get(':authority', '')}")]
        super().accept(stream, headers, release_stream)


class _Line(H2Protocol):
    """One connection, in its server's list as long as it lives."""

    transport: asyncio.Transport

    def __init__(self, server: PuppetServer, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._in = server

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # TCP and TLS have no other kind
        self._in.lines.add(self)
        super().connection_made(transport)
        if self._in.shutting:
            self.transport.abort()
        elif self._in.frozen:
            self.transport.pause_reading()

    def connection_lost(self, exc: BaseException | None) -> None:
        self._in.lines.discard(self)
        super().connection_lost(exc)


class PuppetServer(Server):
    """Serves one service on one port of loopback."""

    def __init__(self, service: Any) -> None:
        super().__init__([service])
        self.lines: set[_Line] = set()
        self.frozen = False
        self.shutting = False

    async def open(self, host: str, port: int, tls: ssl.SSLContext | None) -> int:
        """Listen (port 0: on any free one); returns the port."""
        await self.start(host, port, ssl=tls)
        server = cast("asyncio.Server", self._server)  # start() has just made it
        return int(server.sockets[0].getsockname()[1])

    def cut(self) -> None:
        """Cut every connection, without a word of farewell."""
        for line in self.lines:
            line.transport.abort()

    def freeze(self) -> None:
        """Read nothing any more, from old connections and new ones: not even a ping gets its answer."""
        self.frozen = True
        for line in self.lines:
            line.transport.pause_reading()

    def thaw(self) -> None:
        """Read again."""
        self.frozen = False
        for line in self.lines:
            line.transport.resume_reading()

    async def shut(self) -> None:
        """Stop listening and cut every connection, those included that are just coming in."""
        self.shutting = True
        self.close()
        self.cut()
        await self.wait_closed()

    def _protocol_factory(self) -> _Line:
        handler = _Door(self._mapping, self._codec, self._status_details_codec, self.__dispatch__)
        self._handlers.add(handler)
        return _Line(self, handler, self._config, self._h2_config)
