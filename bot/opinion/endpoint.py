"""Speaks to an OpenAI-compatible endpoint: one request, one bounded answer, within a time; nothing is followed.

Over TLS, or to this machine. Redirects are refused as any other status, proxies of the environment are not used, and
an endpoint that drips its answer is cut off at the time's end. Each call has a thread of its own that holds up nothing,
not even the end of the program.
"""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import socket
import ssl
import threading
from urllib.parse import urlsplit

from bot.opinion.question import NoAnswer

LARGEST = 64 * 1024
_PATH = "/chat/completions"


async def ask(url: str, key: str, body: bytes, seconds: float) -> bytes:
    """What the endpoint answers to a request.

    Raises:
        NoAnswer: it does not, or too late, or too much, or with another status than 200.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[bytes] = loop.create_future()

    def settle(found: bytes | NoAnswer) -> None:
        if done.cancelled():
            return
        if isinstance(found, NoAnswer):
            done.set_exception(found)
        else:
            done.set_result(found)

    def work() -> None:
        found: bytes | NoAnswer
        try:
            found = _posted(url, key, body, seconds)
        except NoAnswer as failure:
            found = failure
        except Exception as failure:  # noqa: BLE001 - whoever waits has to hear of any failure, whatever it is
            found = NoAnswer(type(failure).__name__)
        with contextlib.suppress(RuntimeError):  # the loop may be over: then nobody waits any more
            loop.call_soon_threadsafe(settle, found)

    threading.Thread(target=work, name="second opinion", daemon=True).start()
    return await done


def _posted(url: str, key: str, body: bytes, seconds: float) -> bytes:
    parts = urlsplit(url)
    path = parts.path.rstrip("/")
    path = path if path.endswith(_PATH) else path + _PATH
    headers = {"Content-Type": "application/json", "Accept": "application/json", "Connection": "close"}
    if key:
        headers["Authorization"] = f"Bearer {key}"
    host = parts.hostname or ""
    connection = (
        http.client.HTTPSConnection(host, parts.port, timeout=seconds, context=ssl.create_default_context())
        if parts.scheme == "https"
        else http.client.HTTPConnection(host, parts.port, timeout=seconds)
    )
    late = threading.Event()
    cut: threading.Timer | None = None
    try:
        connection.connect()
        cut = threading.Timer(seconds, _cut, (connection.sock, late))
        cut.daemon = True
        cut.start()
        connection.request("POST", path, body, headers)
        response = connection.getresponse()
        if response.status != http.HTTPStatus.OK:
            raise NoAnswer(f"HTTP status {response.status}")
        found = response.read(LARGEST + 1)
    except (OSError, http.client.HTTPException, ValueError) as failure:
        if late.is_set() or isinstance(failure, TimeoutError):
            raise NoAnswer(f"no answer within {seconds:g} s") from failure
        raise NoAnswer(type(failure).__name__) from failure
    finally:
        if cut is not None:
            cut.cancel()
        connection.close()
    if late.is_set():  # what was cut off may look like a whole answer
        raise NoAnswer(f"no whole answer within {seconds:g} s")
    if len(found) > LARGEST:
        raise NoAnswer(f"more than {LARGEST // 1024} KiB")
    return found


def _cut(connected: socket.socket, late: threading.Event) -> None:
    """Ends whatever still waits for the other side."""
    late.set()
    with contextlib.suppress(OSError):  # it has ended by itself
        connected.shutdown(socket.SHUT_RDWR)
