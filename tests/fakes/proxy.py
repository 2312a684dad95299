"""A line to a gateway that can go silent without breaking: what a router does that forgets a connection."""

from __future__ import annotations

import asyncio
import contextlib
from types import TracebackType
from typing import Self


class Proxy:
    """Passes everything on to ``endpoint``, until it is told to swallow it."""

    def __init__(self, endpoint: str) -> None:
        host, _, port = endpoint.rpartition(":")
        self._there = (host, int(port))
        self._server: asyncio.Server | None = None
        self._lines: set[asyncio.Task[None]] = set()
        self._silent: set[asyncio.StreamWriter] = set()
        self._writers: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for line in self._lines:
            line.cancel()
        await asyncio.gather(*self._lines, return_exceptions=True)

    @property
    def endpoint(self) -> str:
        assert self._server is not None
        return f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def forget(self) -> None:
        """Swallow what comes over the connections of this moment, in both directions; new ones are served."""
        self._silent |= self._writers

    def cut_forgotten(self) -> None:
        """What the gateway's own system does in the end with connections that have gone silent."""
        for writer in self._silent:
            writer.transport.abort()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection(*self._there)
        for source, target in ((reader, there_writer), (there_reader, writer)):
            self._writers.add(target)
            line = asyncio.create_task(self._pass_on(source, target))
            self._lines.add(line)
            line.add_done_callback(self._lines.discard)

    async def _pass_on(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(65_536):
                if target not in self._silent:
                    target.write(data)
                    await target.drain()
        except ConnectionError:
            pass
        finally:
            if target not in self._silent:
                with contextlib.suppress(ConnectionError):
                    target.close()
            self._writers.discard(target)
