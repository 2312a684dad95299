"""Pipes, devices and files of somebody else's where a configuration, a rota or a roster should be."""

from __future__ import annotations

import os
import time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.roster.table import Reading
from bot.settings.file import MAX_BYTES, MAX_DEPTH, MOST_NODES, digest_of, parse_document, read_document
from rules.core.load_file import NoPlainFile, read_bytes
from rules.core.load_rota import load_rota, parse_rota
from rules.core.options import OptionsError

ZONE = ZoneInfo("Asia/Shanghai")
PASSWD = "root:x:0:0:root:/root:/bin/bash,s3cret,person\n"


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    os.mkfifo(path := tmp_path / "pipe")
    return path


def test_a_pipe_that_nobody_writes_to_is_not_waited_for(pipe: Path) -> None:
    with pytest.raises(NoPlainFile):
        read_bytes(pipe, 10)
    (located,) = read_document(pipe).mistakes
    assert located.mistake.problem == "is a pipe or a device, not a file"
    assert located.mistake.remedy == "put a plain file there"
    assert digest_of(pipe) not in ("", digest_of(pipe.parent / "none"))


def test_a_device_without_end_is_no_file() -> None:
    with pytest.raises(NoPlainFile):
        read_bytes(Path("/dev/zero"), 10)


def test_a_folder_is_none_and_no_more_is_read_than_asked_for(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        read_bytes(tmp_path, 10)
    (tmp_path / "long").write_bytes(b"x" * 100)
    assert read_bytes(tmp_path / "long", 10) == b"x" * 10


def test_a_rota_that_is_a_pipe_is_a_mistake(pipe: Path) -> None:
    with pytest.raises(OptionsError, match="pipe or a device"):
        load_rota(str(pipe), ZONE)


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (b"[" * 200_000, "is nested too deeply"),
        (b"- " * 100_000, "is nested too deeply"),
        (b"a: " + b"{a: " * (MAX_DEPTH + 2), "is nested too deeply"),
        (b"rooms: [" + b"a," * 127_000 + b"]", f"holds more than {MOST_NODES} keys and values"),
    ],
)
def test_a_file_that_would_take_long_to_read_is_put_down(raw: bytes, problem: str) -> None:
    assert len(raw) <= MAX_BYTES or raw.startswith((b"[", b"- "))
    started = time.process_time()
    (located,) = parse_document(raw).mistakes
    assert located.mistake.problem == problem
    assert located.line == 1
    assert time.process_time() - started < 8


def test_what_stands_in_a_file_that_is_no_rota_is_never_repeated() -> None:
    with pytest.raises(OptionsError) as refused:
        parse_rota(PASSWD, ZONE)
    assert "cell 1" in str(refused.value)
    assert not any(secret in str(refused.value) for secret in ("root", "bash", "s3cret"))


def test_what_stands_in_a_file_that_is_no_roster_is_never_repeated() -> None:
    found = Reading().finish([(1, PASSWD.strip().split(","))], "UTF-8")
    assert found.rows == ()
    assert found.ignored == ()
    assert not any(secret in line for line in found.complaints() for secret in ("root", "bash", "s3cret"))
