"""A tiny HTTP server for fixed pages: GET only, everything bounded, and nothing of a request is kept or logged."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from structlog.typing import FilteringBoundLogger

from bot.errors import ConfigError

REQUEST_BYTES = 8_192
REQUEST_SECONDS = 5.0
AT_ONCE = 16
_REQUEST = re.compile(rb"([A-Z]{1,20}) (/[!-~]{0,2000}) HTTP/1\.[01]\r\n")
_REASONS = {
    200: "OK",
    400: "Bad Request",
    404: "Not Found",
    405: "Method Not Allowed",
    431: "Request Header Fields Too Large",
    500: "Internal Server Error",
    503: "Service Unavailable",
}


@dataclass(frozen=True, slots=True)
class Response:
    """What is answered: an HTTP status and a body."""

    status: int
    body: bytes
    type: str = "text/plain; charset=utf-8"


Page = Callable[[], Awaitable[Response]]


class Server:
    """Serves ``pages`` by their paths; each connection carries one request.

    Args:
        pages: what answers a path; it never sees the request.
    """

    def __init__(
        self, pages: Mapping[str, Page], log: FilteringBoundLogger, seconds: float = REQUEST_SECONDS
    ) -> None:
        self._pages = pages
        self._log = log
        self._seconds = seconds
        self._server: asyncio.Server | None = None
        self._serving: set[asyncio.Task[None]] = set()

    async def open(self, host: str, port: int) -> int:
        """Listen (port 0: on any free one); returns the port.

        Raises:
            ConfigError: that is not possible there.
        """
        try:
            self._server = await asyncio.start_server(self._connected, host, port, limit=REQUEST_BYTES)
        except OSError as failure:
            raise ConfigError(
                f"health.listen: {host}:{port} can't be listened on ({failure.strerror or type(failure).__name__})",
                "name a free port and an address of this machine, or stop what listens there",
            ) from failure
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Stop listening, and cut whoever is still connected."""
        if self._server is not None:
            self._server.close()
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._serving) >= AT_ONCE:
            writer.transport.abort()
            return
        task = asyncio.create_task(self._serve(reader, writer), name="health request")
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(self._seconds):
                writer.write(_written(await self._answer(reader)))
                await writer.drain()
                writer.close()
                await writer.wait_closed()
        except (OSError, EOFError, TimeoutError):
            return  # whoever asked is gone, or too slow
        finally:
            writer.transport.abort()

    async def _answer(self, reader: asyncio.StreamReader) -> Response:
        try:
            request = _REQUEST.match(await reader.readuntil(b"\r\n\r\n"))
        except asyncio.LimitOverrunError:
            return _plain(431)
        if request is None:
            return _plain(400)
        if request[1] != b"GET":
            return _plain(405)
        page = self._pages.get(request[2].partition(b"?")[0].decode("ascii"))
        if page is None:
            return _plain(404)
        try:
            return await page()
        except Exception as failure:  # noqa: BLE001 - monitoring must not end the bot; told here
            self._log.error("a health page failed", failure=type(failure).__name__, exc_info=failure)
            return _plain(500)


def _plain(status: int) -> Response:
    return Response(status, f"{_REASONS[status]}\n".encode())


def _written(response: Response) -> bytes:
    head = [
        f"HTTP/1.1 {response.status} {_REASONS[response.status]}",
        f"Content-Type: {response.type}",
        f"Content-Length: {len(response.body)}",
        "Connection: close",
        "Cache-Control: no-store",
        "X-Content-Type-Options: nosniff",
        *(("Allow: GET",) if response.status == 405 else ()),
    ]
    return "\r\n".join([*head, "", ""]).encode("ascii") + response.body
