"""The command line as an operator meets it: what it prints, how it ends."""

from __future__ import annotations

import os
import pty
import subprocess
from pathlib import Path

import pytest
from fakes.command_line import Cli, command_line
from fakes.process import environment, qungui


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    return command_line(tmp_path, monkeypatch, capsys)


def process(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own command line
        qungui(*arguments),
        capture_output=True,
        text=True,
        cwd=folder,
        env=environment(folder, **settings),
        check=False,
    )


def test_help_teaches(tmp_path: Path) -> None:
    done = process(tmp_path, "--help")
    assert done.returncode == 0
    for command in ("run", "demo", "check", "plan", "claim", "config", "db"):
        assert command in done.stdout


def test_a_configuration_mistake_names_file_key_and_remedy(tmp_path: Path, cli: Cli) -> None:
    (tmp_path / "config.yaml").write_text("room:\n  guard: all\nnotices:\n  stale_minutes: -3\n")
    done = cli("config", "check")
    assert done.returncode == 2
    assert "config.yaml:1" in done.stderr
    assert "did you mean 'rooms'" in done.stderr
    assert "notices.stale_minutes" in done.stderr


def test_run_without_a_gateway_says_what_to_set(tmp_path: Path) -> None:
    done = process(tmp_path, "run")
    assert done.returncode == 2
    assert "QUNGUI_GATEWAY_ENDPOINT" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_variable_is_refused(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUNGUI_NOTICES_QUITE_HOURS", "off")
    done = cli("config", "check")
    assert done.returncode == 2
    assert "QUNGUI_NOTICES_QUIET_HOURS" in done.stderr


def test_a_claim_prints_the_command_to_type(tmp_path: Path, cli: Cli) -> None:
    done = cli("claim", "--role", "supervisor")
    assert done.returncode == 0
    assert done.stdout.startswith("/认领 ")
    assert (tmp_path / "qungui.db").stat().st_mode & 0o077 == 0
    unknown = cli("claim", "--role", "member", "--employee", "E404")
    assert unknown.returncode == 2
    assert "roster" in unknown.stderr


def test_the_database_is_set_up_verified_and_a_foreign_one_refused(
    tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cli("db", "upgrade").returncode == 0
    assert cli("db", "verify").returncode == 0
    other = tmp_path / "other.db"
    other.write_text("this is no database, whatever its name says" * 100)
    monkeypatch.setenv("QUNGUI_STORAGE_URL", f"sqlite:///{other}")
    done = cli("db", "verify")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("arguments", [(), ("nonsense",), ("check",), ("claim",)])
def test_wrong_usage_is_status_two(cli: Cli, arguments: tuple[str, ...]) -> None:
    done = cli(*arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_the_demo_plays_a_whole_day(tmp_path: Path) -> None:
    done = process(tmp_path, "demo", "--no-input")
    assert done.returncode == 0, done.stderr
    assert len({word for word in done.stdout.split() if word.startswith("V-")}) >= 3
    assert done.stdout.count("判断为正常") >= 2
    assert "现为已确认" in done.stdout
    assert "校验通过" in done.stdout
    assert done.stderr == ""


def test_the_demo_lets_one_type_along(tmp_path: Path) -> None:
    parent, child = pty.openpty()
    running = subprocess.Popen(  # noqa: S603 - our own command line
        qungui("demo"),
        stdin=child,
        stdout=subprocess.PIPE,
        cwd=tmp_path,
        env=environment(tmp_path),
        text=True,
    )
    os.close(child)
    ad = "加薇❤信 abc12345 兼职刷单日结300，扫码进群"
    os.write(parent, f"大家好\n:1\n/状态\n:5\n{ad}\n{ad}，速来\n:退出\n".encode())
    out, _ = running.communicate(timeout=120)
    os.close(parent)
    assert running.returncode == 0
    assert "轮到您了" in out
    typed = out.split("轮到您了")[1]
    assert "在岗" in typed
    assert typed.count("群规提醒") == 1
    assert "（同一时段第 2 条），不另扣分" in typed
