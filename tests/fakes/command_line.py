"""The command line in this process: a process of its own would take longer than all that it does.

``from fakes.command_line import command_line``; a test's own fixture calls it and hands on what it returns.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.cli import main


@dataclass(frozen=True)
class Done:
    """How a command ended, and what it said."""

    returncode: int
    stdout: str
    stderr: str


Cli = Callable[..., Done]


def command_line(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    """Runs commands in ``folder``, on its database, without any other configuration."""
    for name in list(os.environ):
        if name.startswith("QUNGUI_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("QUNGUI_STORAGE_URL", f"sqlite:///{folder / 'qungui.db'}")
    monkeypatch.chdir(folder)

    def call(*arguments: str, text: str = "") -> Done:
        monkeypatch.setattr(sys, "argv", ["qungui", *arguments])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        code = ended.value.code
        return Done(code if isinstance(code, int) else 0, *capsys.readouterr())

    return call
