"""A failure that nobody foresaw: what is printed and left on disk holds no secret and nothing personal."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest
from fakes.command_line import Cli, command_line

from bot import cli as commands
from bot.cli.crash import write_no_core

TOKEN = "puppet-token-7f3a"


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    return command_line(tmp_path, monkeypatch, capsys)


def test_a_crash_is_told_without_secrets_and_moves_no_cursor(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUNGUI_GATEWAY_TOKEN", TOKEN)
    monkeypatch.setenv("QUNGUI_STORAGE_URL", "postgresql://bot:p%40ss-word@db/qungui")

    def crash() -> None:
        raise KeyError(f"{TOKEN} p@ss-word p%40ss-word 13812345678 \x1b[2J\u202e")

    monkeypatch.setattr(commands, "app", crash)
    done = cli("run")
    assert done.returncode == 1
    assert "KeyError" in done.stderr
    assert "remedy: " in done.stderr
    for secret in (TOKEN, "p@ss-word", "p%40ss-word", "13812345678", "\x1b", "\u202e"):
        assert secret not in done.stderr + done.stdout


def test_what_the_process_knows_is_written_into_no_core_dump() -> None:
    before = resource.getrlimit(resource.RLIMIT_CORE)
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (before[1], before[1]))
        write_no_core()
        assert resource.getrlimit(resource.RLIMIT_CORE) == (0, before[1])
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, before)
