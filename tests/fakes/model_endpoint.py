"""An OpenAI-compatible endpoint on this machine, real to the last byte, that answers as badly as a test asks for."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Behave = Callable[[BaseHTTPRequestHandler, threading.Event], None]


def says(content: str) -> Behave:
    """Answers with this content, as a model would."""
    return sends(json.dumps({"choices": [{"message": {"role": "assistant", "content": content}}]}).encode())


def sends(body: bytes, status: int = 200, **headers: str) -> Behave:
    """Answers with these bytes."""

    def behave(handler: BaseHTTPRequestHandler, _: threading.Event) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        with suppress(OSError):
            handler.wfile.write(body)

    return behave


def drips(handler: BaseHTTPRequestHandler, over: threading.Event) -> None:
    """Sends a byte now and then, for ever: no single wait is long."""
    handler.send_response(200)
    handler.end_headers()
    with suppress(OSError):
        while not over.wait(0.02):
            handler.wfile.write(b" ")
            handler.wfile.flush()


def sleeps(_: BaseHTTPRequestHandler, over: threading.Event) -> None:
    """Says nothing at all."""
    over.wait(20)


@dataclass
class Endpoint:
    """What runs, and what it was asked; ``behave`` may be changed at any time."""

    url: str = ""
    behave: Behave = field(default_factory=lambda: says("{}"))
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)

    def settings(self, **more: Any) -> dict[str, Any]:
        """The section of the configuration that leads here."""
        return {"endpoint": self.url, "model": "model-x", **more}


@contextmanager
def running() -> Iterator[Endpoint]:
    """An endpoint that runs as long as the block."""
    endpoint, over = Endpoint(), threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            endpoint.asked.append(json.loads(body))
            endpoint.headers.append(dict(self.headers))
            endpoint.paths.append(self.path)
            endpoint.behave(self, over)

        def log_message(self, *_: object) -> None:
            """Nothing on the terminal."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    endpoint.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    try:
        yield endpoint
    finally:
        over.set()
        server.shutdown()
        server.server_close()
