"""Makes python-wechaty importable on Python 3.11 to 3.13 with the present versions of what it stands on.

Import this before ``wechaty``. Where ``import wechaty`` works by itself nothing is changed; otherwise each cure
puts back the one name that python-wechaty still asks for, and only where it is missing.
"""

from __future__ import annotations

import importlib
import importlib.util
import socket
import sys
from types import ModuleType

_NEEDED = (
    "the plugin needs python-wechaty; install qungui with its extra: pip install '.[plugin]' in its folder"
)


class PortProbe:
    """Stands in for ``telnetlib.Telnet``, of which python-wechaty only ever asks whether a port is open."""

    def open(self, host: str, port: int = 0, timeout: float = 3.0) -> None:
        """Connect and hang up at once.

        Raises:
            OSError: nobody listens there.
        """
        socket.create_connection((host, port), timeout).close()

    def close(self) -> None:
        """Nothing is held."""


def event_emitter() -> None:
    """pyee 12 moved ``AsyncIOEventEmitter`` into a module of its own; python-wechaty asks for it at the top."""
    import pyee
    from pyee.asyncio import AsyncIOEventEmitter

    if not hasattr(pyee, "AsyncIOEventEmitter"):
        pyee.AsyncIOEventEmitter = AsyncIOEventEmitter  # type: ignore[attr-defined]  # pyee 12 has no such name


def host_of_url() -> None:
    """urllib3 2 dropped ``get_host``; ``wechaty.user.url_link`` imports it."""
    import urllib3
    from urllib3.util import parse_url

    def get_host(url: str) -> tuple[str, str | None, int | None]:
        parts = parse_url(url)
        return parts.scheme or "http", parts.hostname, parts.port

    if not hasattr(urllib3, "get_host"):
        urllib3.get_host = get_host  # type: ignore[attr-defined]  # urllib3 2 has no such name


def port_probe() -> None:
    """Python 3.13 has no ``telnetlib``; python-wechaty probes ports with it."""
    if "telnetlib" not in sys.modules and importlib.util.find_spec("telnetlib") is None:
        stand_in = ModuleType("telnetlib")
        stand_in.Telnet = PortProbe  # type: ignore[attr-defined]  # mypy sees a bare module, made in the line above
        sys.modules["telnetlib"] = stand_in


def hashable_options() -> None:
    """Since Python 3.11 dataclasses refuse a default that can't be hashed, such as ``PuppetOptions()``."""
    from wechaty_puppet.schemas.puppet import PuppetOptions

    if PuppetOptions.__hash__ is None:
        PuppetOptions.__hash__ = object.__hash__


# In the order in which their lack shows; the last imports what the first ones make importable.
CURES = (event_emitter, host_of_url, port_probe, hashable_options)


def make_importable() -> bool:
    """Import python-wechaty, with the cures if it needs any; returns whether it did. Calling it again is free.

    Raises:
        ImportError: it is not installed (the message says how to install it), or the cures do not help.
    """
    for name in ("wechaty", "wechaty_puppet", "wechaty_puppet_service"):
        if importlib.util.find_spec(name) is None:
            raise ImportError(_NEEDED, name=name)
    try:
        _import()
    except (ImportError, ValueError):  # ValueError is how dataclasses refuse a default
        for cure in CURES:
            cure()
        _import()
        return True
    return False


def _import() -> None:
    for name in ("wechaty", "wechaty_puppet_service"):
        importlib.import_module(name)
