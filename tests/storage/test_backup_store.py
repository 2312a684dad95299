"""A backup holds everything, of any revision, and comes back whole into either database, or not at all."""

from __future__ import annotations

import asyncio
import gzip
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from fakes.histories import REVISIONS, USED_UP, Rows, contents, make, present
from sqlalchemy import text

from storage import engine as engines
from storage import schema, urls
from storage.backup import dump
from storage.errors import Ahead, Conflict, Damaged, Foreign, NoBackup, Occupied, StorageError
from storage.lateness import Horizon
from storage.records import Arrival
from storage.restore import contents as looked_at
from storage.restore import occupied_rows, put_back, require_free
from storage.session import Storage

NOW = datetime(2026, 11, 2, 1, 30, 15, 123456, tzinfo=UTC)


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Rows:
    """What a full database of the present revision holds."""
    return asyncio.run(present(f"sqlite:///{tmp_path_factory.mktemp('full') / 'full.db'}", NOW))


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory, rows: Rows) -> bytes:
    """A backup of all that."""
    url = f"sqlite:///{tmp_path_factory.mktemp('packed') / 'full.db'}"

    async def taken() -> bytes:
        await make(url, REVISIONS[-1], rows)
        return (await backup(url)).getvalue()

    return asyncio.run(taken())


@pytest.fixture
def other_url(url: str, request: pytest.FixtureRequest) -> str:
    """An empty database of the other kind."""
    name: str = request.getfixturevalue("postgres_url" if url.startswith("sqlite") else "sqlite_url")
    return name


async def backup(url: str) -> io.BytesIO:
    stream = io.BytesIO()
    await dump(url, stream, NOW)
    return io.BytesIO(stream.getvalue())


async def do(url: str, *statements: str) -> None:
    engine = engines.create(urls.parse(url))
    async with engine.begin() as connection:
        for statement in statements:
            await connection.execute(text(statement))
    await engine.dispose()


@pytest.mark.parametrize("revision", REVISIONS)
async def test_data_of_every_revision_is_upgraded_backed_up_and_put_back_into_the_other_database(
    url: str, other_url: str, revision: str, rows: Rows
) -> None:
    before = await make(url, revision, rows)
    assert all(before.values()), "a table without a row would prove nothing"
    older = await backup(url)
    assert (await schema.upgrade(url)).state == "current"
    upgraded = await contents(url)
    for table, kept in before.items():
        columns = kept[0].keys() & upgraded[table][0].keys()
        assert [[row[name] for name in columns] for row in upgraded[table]] == [
            [row[name] for name in columns] for row in kept
        ], table
    taken = await put_back(other_url, older, "older", replace=False)
    assert (taken.head.schema, taken.total) == (revision, sum(map(len, before.values())))
    assert (await schema.current(other_url)).state == "current"
    assert await contents(other_url) == upgraded
    storage = await Storage.open(other_url, migrate="never")
    async with storage.unit() as unit:
        assert (await unit.ledger.verify()).problems == ()
        assert (await unit.invariants.examine(Horizon(NOW))).breaches == ()
        # A number that was used up is not given again, though its row is gone.
        (arrival,) = await unit.inbox.add([Arrival("new", NOW)])
        assert arrival.seq == USED_UP["inbox"] + 1
    await storage.close()


async def test_there_and_back_again_is_the_same_file(url: str, other_url: str, rows: Rows) -> None:
    await make(url, REVISIONS[-1], rows)
    first = await backup(url)
    await put_back(other_url, first, "first", replace=False)
    second = await backup(other_url)
    kinds = [gzip.decompress(one.getvalue()).decode().splitlines() for one in (first, second)]
    assert sorted(kinds[0][1:-2]) == sorted(kinds[1][1:-2])
    counters = [json.loads(lines[-2])["counters"] for lines in kinds]
    # PostgreSQL counts every key up, SQLite those whose numbers must not come twice.
    common = counters[0].keys() & counters[1].keys()
    assert counters[0]["inbox"] == USED_UP["inbox"]
    assert [counters[0][table] for table in common] == [counters[1][table] for table in common]


async def test_what_is_written_meanwhile_is_not_in_it_and_waits_for_nothing(ready_url: str) -> None:
    storage = await Storage.open(ready_url)
    async with storage.unit() as unit:
        await unit.inbox.add([Arrival(f"m{number}", NOW) for number in range(1200)])
    written: list[int] = []

    def meanwhile(done: int, of: int) -> None:
        written.append(done)

    stream = io.BytesIO()
    async with storage.unit() as unit:
        await unit.inbox.add([Arrival("uncommitted", NOW)])
        taken = await dump(ready_url, stream, NOW, meanwhile)
    assert taken.rows["inbox"] == 1200
    assert written == [500, 1000, 1200]
    await storage.close()


def changed(line: int, of: Callable[[str], str]) -> Callable[[bytes], bytes]:
    """A backup with one line put differently."""

    def change(packed: bytes) -> bytes:
        lines = gzip.decompress(packed).decode().splitlines()
        lines[line] = of(lines[line])
        return gzip.compress("\n".join(lines).encode() + b"\n")

    return change


@pytest.mark.parametrize(
    ("spoilt", "error"),
    [
        (lambda packed: b"", NoBackup),
        (lambda packed: b"PK\x03\x04 a workbook", NoBackup),
        (lambda packed: gzip.compress(b"notes\n"), NoBackup),
        (lambda packed: gzip.compress(b'{"a":1}\n'), NoBackup),
        (lambda packed: gzip.compress(b"[" * 100_000 + b"\n"), NoBackup),
        (changed(0, lambda line: line.replace('_backup":1', '_backup":2')), NoBackup),
        (lambda packed: packed[:-1], Damaged),
        (lambda packed: packed[: len(packed) // 2], Damaged),
        (lambda packed: packed[:200] + b"\x00" + packed[201:], Damaged),
        (changed(-1, lambda line: line.replace("sealed", "sealt")), Damaged),
        (changed(-1, lambda line: ""), Damaged),
        (changed(2, lambda line: line.replace("[", "[ ", 1)), Damaged),
        (changed(2, lambda line: "[]"), Damaged),
        (changed(2, lambda line: f"{line}\n{line}"), Damaged),
        (changed(1, lambda line: line.replace('"text"]', '"nonsense"]', 1)), Damaged),
        (changed(0, lambda line: line.replace(REVISIONS[-1], "9999")), Ahead),
    ],
)
async def test_what_is_not_whole_changes_nothing(
    tmp_path: Path, packed: bytes, spoilt: Callable[[bytes], bytes], error: type[StorageError]
) -> None:
    target = f"sqlite:///{tmp_path / 'b.db'}"
    packed = spoilt(packed)
    with pytest.raises(error) as refused:
        looked_at(io.BytesIO(packed), "it.backup")
    assert "it.backup" in refused.value.message
    assert refused.value.remedy
    with pytest.raises(error):
        await put_back(target, io.BytesIO(packed), "it.backup", replace=False)
    assert not (tmp_path / "b.db").exists()


async def test_a_file_with_a_table_that_is_none_of_ours_is_refused_before_it_is_run(
    url: str, packed: bytes
) -> None:
    lines = gzip.decompress(packed).decode().splitlines()
    lines[1] = lines[1].replace('"table":"', '"table":"; DROP TABLE people; --')
    body = "\n".join(lines[:-1]) + "\n"
    sealed = json.dumps({"sealed": sha256(body.encode()).hexdigest()}, separators=(",", ":"))
    with pytest.raises(Damaged, match="no such table"):
        await put_back(url, io.BytesIO(gzip.compress(f"{body}{sealed}\n".encode())), "f", replace=False)
    assert (await schema.current(url)).state == "empty"


async def test_a_database_that_holds_something_is_replaced_only_if_that_is_wanted(
    url: str, rows: Rows
) -> None:
    full = await make(url, REVISIONS[-1], rows)
    kept = await backup(url)
    await do(url, "DELETE FROM addressees", "UPDATE violations SET points = 99")
    with pytest.raises(Conflict) as refused:
        await put_back(url, kept, "kept", replace=False)
    assert "--force" in refused.value.remedy
    assert await occupied_rows(url) > 30
    kept.seek(0)
    await put_back(url, kept, "kept", replace=True)
    assert await contents(url) == full


async def test_one_that_is_set_up_and_empty_takes_a_backup(ready_url: str, packed: bytes, rows: Rows) -> None:
    taken = await put_back(ready_url, io.BytesIO(packed), "it", replace=False)
    assert taken.rows == {table: len(found) for table, found in (await contents(ready_url)).items()}
    assert taken.total >= sum(map(len, rows.values()))


async def test_whoever_has_it_open_is_noticed(ready_url: str) -> None:
    await require_free(ready_url)
    storage = await Storage.open(ready_url)
    async with storage.view() as unit:
        await unit.rooms.all()
    with pytest.raises(Occupied) as refused:
        await require_free(ready_url)
    assert "stop the bot" in refused.value.remedy
    await storage.close()
    await require_free(ready_url)


async def test_tables_of_others_are_neither_backed_up_nor_dropped(ready_url: str) -> None:
    await do(ready_url, "DROP TABLE IF EXISTS customers", "CREATE TABLE customers (id INTEGER PRIMARY KEY)")
    taken = await backup(ready_url)
    assert "customers" not in gzip.decompress(taken.getvalue()).decode()
    await put_back(ready_url, taken, "it", replace=True)
    await do(ready_url, "INSERT INTO customers VALUES (1)", "DROP TABLE customers")


async def test_neither_a_newer_database_nor_a_foreign_one_is_backed_up_or_replaced(
    url: str, rows: Rows
) -> None:
    await make(url, REVISIONS[-1], rows)
    kept = await backup(url)
    for statement, error in (
        ("UPDATE alembic_version SET version_num = '9999'", Ahead),
        ("DELETE FROM alembic_version", Foreign),
    ):
        await do(url, statement)
        with pytest.raises(error):
            await backup(url)
        kept.seek(0)
        with pytest.raises(error):
            await put_back(url, kept, "kept", replace=True)
