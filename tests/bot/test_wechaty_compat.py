"""python-wechaty imports on every Python we support; what is put back is put back once, and only if missing."""

from __future__ import annotations

import importlib.util
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from bot.gateway import wechaty_compat
from bot.gateway.wechaty_compat import PortProbe

FRESH = """
import sys
from bot.gateway.wechaty_compat import make_importable
first, second = make_importable(), make_importable()
import wechaty, wechaty_puppet_service
print(first, second, wechaty.WechatyOptions().port)
"""


def fresh(folder: Path, program: str) -> str:
    """What a program prints in an interpreter of its own."""
    root = Path(wechaty_compat.__file__).parents[2]
    env = {**os.environ, "PYTHONPATH": str(root)}
    line = [sys.executable, "-P", "-W", "ignore", "-c", program]
    done = subprocess.run(line, cwd=folder, env=env, capture_output=True, text=True, timeout=60)  # noqa: S603 - our own words
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_it_imports_with_cures_and_the_second_call_needs_none(tmp_path: Path) -> None:
    assert fresh(tmp_path, FRESH) == "True False 5000"


def test_where_it_imports_by_itself_nothing_is_changed(tmp_path: Path) -> None:
    """A python-wechaty that needs no cures: all names that it asks for are there before we come."""
    program = """
import pyee, urllib3
from bot.gateway import wechaty_compat
for cure in wechaty_compat.CURES: cure()
mark = object()
pyee.AsyncIOEventEmitter.mark, before = mark, urllib3.get_host
print(wechaty_compat.make_importable(), pyee.AsyncIOEventEmitter.mark is mark, urllib3.get_host is before)
"""
    assert fresh(tmp_path, program) == "False True True"


def test_every_cure_may_be_applied_twice(tmp_path: Path) -> None:
    program = """
from bot.gateway import wechaty_compat
for cure in wechaty_compat.CURES * 2: cure()
import urllib3
print(urllib3.get_host("https://a.example:8443/x"))
"""
    assert fresh(tmp_path, program) == "('https', 'a.example', 8443)"


def test_the_stand_in_for_telnet_tells_an_open_port_from_a_closed_one() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        probe = PortProbe()
        probe.open("127.0.0.1", port=port, timeout=3)
        connection, _ = server.accept()
        connection.settimeout(3)
        assert connection.recv(1) == b""  # hung up at once, nothing said
        connection.close()
        probe.close()
    with pytest.raises(OSError):
        PortProbe().open("127.0.0.1", port=port)


def test_without_python_wechaty_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r"pip install '\.\[plugin\]'"):
        wechaty_compat.make_importable()
