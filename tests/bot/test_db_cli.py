"""`qungui db backup`, `restore` and `verify` on the command line: files, refusals, remedies, exit status."""

from __future__ import annotations

import asyncio
import json
import resource
import secrets
import sqlite3
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fakes.command_line import Cli, command_line
from fakes.histories import contents, fill

from storage.session import Storage

NOW = datetime(2026, 11, 2, 1, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A SQLite file with something in every table."""
    path = tmp_path_factory.mktemp("full") / "full.db"

    async def filled() -> None:
        storage = await Storage.open(f"sqlite:///{path}")
        async with storage.unit() as unit:
            await fill(unit, NOW)
        await storage.close()

    asyncio.run(filled())
    return path.read_bytes()


@pytest.fixture
def folder(tmp_path: Path, template: bytes) -> Path:
    (tmp_path / "qungui.db").write_bytes(template)
    return tmp_path


@pytest.fixture
def cli(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    return command_line(folder, monkeypatch, capsys)


def test_a_backup_is_for_its_owner_only_and_comes_back_into_a_new_database(
    folder: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = cli("db", "backup", "kept.backup")
    assert done.returncode == 0, done.stderr
    assert "schema" in done.stderr
    assert stat.S_IMODE((folder / "kept.backup").stat().st_mode) == 0o600
    assert cli("db", "backup", ".").returncode == 0
    assert len(list(folder.glob("qungui-20*Z.backup"))) == 1
    assert not list(folder.glob(".qungui-*")), "nothing of the writing is left"

    monkeypatch.setenv("QUNGUI_STORAGE_URL", f"sqlite:///{folder / 'new.db'}")
    back = cli("db", "restore", "kept.backup")
    assert back.returncode == 0, back.stderr
    assert "all of it holds" in back.stdout
    assert "1 messages had not left" in back.stderr
    old, new = (asyncio.run(contents(f"sqlite:///{folder / name}")) for name in ("qungui.db", "new.db"))
    assert {name for name in old if old[name] != new[name]} == {"audit"}
    assert [row["action"] for row in old["audit"]][-2:] == ["backup taken", "backup taken"]
    assert new["audit"][-1]["action"] == "backup restored"


def test_no_file_is_replaced_unless_that_is_wanted(folder: Path, cli: Cli) -> None:
    (folder / "kept.backup").write_text("precious")
    done = cli("db", "backup", "kept.backup")
    assert done.returncode == 2
    assert "--force" in done.stderr
    assert (folder / "kept.backup").read_text() == "precious"
    # The command knows no -o: its file is an argument.
    assert "name another file, or give --force to replace it" in done.stderr
    assert cli("db", "backup", "kept.backup", "--force").returncode == 0
    assert (folder / "kept.backup").read_bytes()[:2] == b"\x1f\x8b"


def test_a_disk_that_is_full_leaves_neither_half_a_file_nor_a_lost_one(folder: Path, cli: Cli) -> None:
    (folder / "kept.backup").write_text("precious")
    with sqlite3.connect(folder / "qungui.db") as connection:
        connection.execute("INSERT INTO meta VALUES ('long', ?)", (secrets.token_hex(200_000),))
    connection.close()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
        done = cli("db", "backup", "kept.backup", "--force")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert done.returncode == 1
    assert "kept.backup can't be written" in done.stderr
    assert "make room" in done.stderr
    assert (folder / "kept.backup").read_text() == "precious"
    assert not list(folder.glob(".qungui-*"))


def test_what_is_there_is_kept_before_it_is_replaced(folder: Path, cli: Cli) -> None:
    assert cli("db", "backup", "kept.backup").returncode == 0
    with sqlite3.connect(folder / "qungui.db") as connection:
        connection.execute("UPDATE rooms SET topic = 'later'")
    connection.close()
    refused = cli("db", "restore", "kept.backup")
    assert refused.returncode == 2
    assert "not empty" in refused.stderr
    done = cli("db", "restore", "kept.backup", "--force")
    assert done.returncode == 0, done.stderr
    assert "warning" in done.stderr
    (before,) = folder.glob("qungui-before-restore-*.backup")
    assert cli("db", "restore", str(before), "--force").returncode == 0
    rooms = asyncio.run(contents(f"sqlite:///{folder / 'qungui.db'}"))["rooms"]
    assert {row["topic"] for row in rooms} == {"later"}


def test_a_database_that_somebody_has_open_is_not_replaced(folder: Path, cli: Cli) -> None:
    assert cli("db", "backup", "kept.backup").returncode == 0
    bot = sqlite3.connect(folder / "qungui.db")
    bot.execute("PRAGMA journal_mode=WAL")
    bot.execute("SELECT count(*) FROM rooms").fetchall()
    refused = cli("db", "restore", "kept.backup", "--force")
    bot.close()
    assert refused.returncode == 1
    assert "stop the bot" in refused.stderr
    assert not list(folder.glob("qungui-before-restore-*"))


@pytest.mark.parametrize(
    ("content", "status", "said"),
    [(b"notes", 2, "is no backup"), (None, 2, "can't be read"), (b"cut", 1, "cut off")],
)
def test_another_file_or_half_a_file_is_refused_with_the_remedy(
    folder: Path, cli: Cli, content: bytes | None, status: int, said: str
) -> None:
    if content == b"cut":
        assert cli("db", "backup", "whole").returncode == 0
        content = (folder / "whole").read_bytes()[:-20]
    if content is not None:
        (folder / "it").write_bytes(content)
    done = cli("db", "restore", "it", "--force")
    assert done.returncode == status
    assert said in done.stderr
    assert "remedy: " in done.stderr


def test_a_newer_database_is_refused_by_everything_that_opens_it(folder: Path, cli: Cli) -> None:
    (folder / "roster.csv").write_text(
        "工号,姓名,部门,负责人,状态\n1001,张三,技术部,否,在职\n", encoding="utf-8"
    )
    (folder / "next.yaml").write_text("{}\n")
    assert cli("db", "backup", "kept.backup").returncode == 0
    with sqlite3.connect(folder / "qungui.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    before = (folder / "qungui.db").read_bytes()
    for line in (
        "db upgrade", "db verify", "db backup other.backup", "db restore kept.backup --force", "digest",
        "claim --role operator", "export cases", "roster import roster.csv --yes", "plan next.yaml",
        "privacy export 1001", "privacy erase 1001 --yes", "doctor",
    ):  # fmt: skip
        done = cli(*line.split())
        assert done.returncode == 1, (line, done.stdout, done.stderr)
        assert "newer" in done.stdout + done.stderr, line
    assert (folder / "qungui.db").read_bytes() == before
    assert not (folder / "other.backup").exists()


def test_verify_says_what_does_not_hold_in_words_and_for_programs(folder: Path, cli: Cli) -> None:
    done = cli("db", "verify", "--json")
    assert done.returncode == 0
    sound = json.loads(done.stdout)
    assert (sound["holds"], sound["findings"], sound["entries"]) == (True, [], 6)
    with sqlite3.connect(folder / "qungui.db") as connection:
        number, said = connection.execute(
            "SELECT number, reason FROM violations WHERE state = 'review'"
        ).fetchone()
        connection.execute("UPDATE violations SET state = 'confirmed' WHERE state = 'review'")
        connection.execute("UPDATE ledger SET points = -9 WHERE seq = 1 AND room_key = 1")
        stale = (NOW - timedelta(days=1)).strftime("%Y-%m-%d %H:%M:%S.000000")
        connection.execute("UPDATE outbox SET due_at = ? WHERE state = 'pending'", (stale,))
    connection.close()
    words = cli("db", "verify")
    assert words.returncode == 1
    assert "room 1, entry 1: was changed" in words.stdout
    assert f"sums: {number} is confirmed: -3 points are due, 0 are in the ledger" in words.stdout
    assert "unsent: 1 answer, 0 attempts" in words.stdout
    assert said not in words.stdout
    program = cli("db", "verify", "--json")
    assert program.returncode == 1
    assert {one["check"] for one in json.loads(program.stdout)["findings"]} == {"ledger", "sums", "unsent"}
