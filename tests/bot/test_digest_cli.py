"""`qungui digest` and `qungui db verify --heads`: what is kept is shown, and a cut tail shows."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from datetime import datetime
from pathlib import Path

import pytest
from fakes.command_line import Cli, command_line
from fakes.scene import AD, SHANGHAI, opened

from bot.settings import Settings

ALONE = Settings.model_validate({"rooms": {"guard": "all"}})
THURSDAY = datetime(2026, 10, 8, 16, 0, tzinfo=SHANGHAI)


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    return command_line(tmp_path, monkeypatch, capsys)


@pytest.fixture(scope="module")
def afternoon(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with two cases and one digest that had nowhere to go."""
    folder = tmp_path_factory.mktemp("afternoon")
    asyncio.run(live(folder))
    return folder


@pytest.fixture
def folder(tmp_path: Path, afternoon: Path) -> Path:
    """The same afternoon again, in the folder of the test."""
    shutil.copytree(afternoon, tmp_path, dirs_exist_ok=True)
    return tmp_path


async def live(folder: Path) -> None:
    async with opened(folder, start=THURSDAY, settings=ALONE) as scene:
        await scene.says("liu", AD)
        await scene.says("zhou", AD + " 先到先得")
        await scene.later(minutes=91)


def test_unsent_ones_are_printed_and_nothing_is_written(folder: Path, cli: Cli) -> None:
    before = (folder / "qungui.db").read_bytes()
    done = cli("digest")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("【日报】") == 2
    assert done.stdout.startswith("【日报】10-08 16:00 至 10-08 17:30\n检查消息 2 条：项目工作群 2\n")
    assert (folder / "qungui.db").read_bytes() == before
    kept = cli("digest", "--date", "2026-10-08")
    assert kept.returncode == 0
    assert kept.stdout.strip() in done.stdout


def test_alerts_that_have_nowhere_to_go_are_printed_after_the_digests(folder: Path, cli: Cli) -> None:
    """config.yaml said that they are shown, and they were only counted."""
    with sqlite3.connect(folder / "qungui.db") as database:
        database.execute(
            "UPDATE outbox SET target = '@supervision', state = 'pending', kind = 'alert', text = '【待审】' || id,"
            " unique_key = NULL WHERE kind = 'notice'"
        )
        ids = [row[0] for row in database.execute("SELECT id FROM outbox WHERE text LIKE '【待审】%'")]
    database.close()
    assert ids
    said = cli("digest").stdout
    places = [
        said.index("【日报】"),
        *(said.index(f"【待审】{one}\n") for one in ids),
        said.rindex("【日报】"),
    ]
    assert places == sorted(places)


def test_a_pause_whose_beginning_was_erased_broke_every_digest(folder: Path, cli: Cli) -> None:
    with sqlite3.connect(folder / "qungui.db") as database:
        database.execute(
            "INSERT INTO audit (at, actor, action, target, detail)"
            " VALUES ('2026-10-08 10:00:00.000000', 'system', 'sending resumed', '', '')"
        )
    database.close()
    done = cli("digest")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_day_without_one_and_a_day_that_is_none(folder: Path, cli: Cli) -> None:
    none = cli("digest", "--date", "2026-10-07")
    assert none.returncode == 1
    assert "no digest on 2026-10-07" in none.stderr
    wrong = cli("digest", "--date", "08.10.2026")
    assert wrong.returncode == 2
    assert "2026-10-08" in wrong.stderr


def test_without_a_database_it_says_what_to_do(tmp_path: Path, cli: Cli) -> None:
    done = cli("digest")
    assert done.returncode == 1
    assert "qungui db upgrade" in done.stderr
    assert not (tmp_path / "qungui.db").exists()


def test_a_cut_tail_shows_against_the_heads_of_a_digest(folder: Path, cli: Cli) -> None:
    digest = cli("digest", "--date", "2026-10-08").stdout
    (folder / "old.txt").write_text(f"机器人 17:30:01\n{digest}", encoding="utf-8")
    whole = cli("db", "verify", "--heads", "old.txt")
    assert whole.returncode == 0
    assert "compared with 1 earlier head" in whole.stdout
    with sqlite3.connect(folder / "qungui.db") as connection:
        (last,) = connection.execute("select max(seq) from ledger").fetchone()
        assert last == 2
        connection.execute("delete from ledger where seq = 2")
        connection.execute("delete from ledger_texts where seq = 2")
    alone = cli("db", "verify")
    assert "all of it holds" in alone.stdout, "nothing inside the chain tells of it"
    assert "0 are in the ledger" in alone.stdout, "its case does, as long as that is left alone"
    cut = cli("db", "verify", "--heads", "-", text=digest)
    assert cut.returncode == 1
    assert "room 1, entry 2: was removed" in cut.stdout


def test_another_hash_at_the_same_place_shows(folder: Path, cli: Cli) -> None:
    done = cli("db", "verify", "--heads", "-", text="1:2:0000000000000000")
    assert done.returncode == 1
    assert "was changed" in done.stdout


def test_a_file_without_heads_is_a_mistake(folder: Path, cli: Cli) -> None:
    done = cli("db", "verify", "--heads", "-", text="【日报】一切正常")
    assert done.returncode == 2
    assert "no ledger heads" in done.stderr
    assert cli("db", "verify", "--heads", "nowhere.txt").returncode == 2
