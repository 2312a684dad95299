"""Opening a database: what is set up, what is refused, and what is never shown."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import text

from storage import engine as engines
from storage import schema, urls
from storage.errors import Ahead, Behind, Foreign, StorageError, Unavailable
from storage.session import Storage
from storage.tables import metadata


def _declared(name: str | None, kind: str, _parents: object) -> bool:
    """The full-text search keeps tables of its own, which differ by database; SQLAlchemy does not know them."""
    return not (kind == "table" and (name or "").startswith("archive_words"))


async def _do(url: str, *statements: str) -> None:
    engine = engines.create(urls.parse(url))
    async with engine.begin() as connection:
        for statement in statements:
            await connection.execute(text(statement))
    await engine.dispose()


async def test_a_new_database_is_set_up_and_opens_again(url: str) -> None:
    for _ in range(2):
        storage = await Storage.open(url)
        async with storage.unit() as unit:
            assert await unit.rooms.all() == []
        await storage.close()
    assert (await schema.current(url)).state == "current"


async def test_never_sets_nothing_up(sqlite_url: str, tmp_path: Path) -> None:
    with pytest.raises(StorageError) as refused:
        await Storage.open(sqlite_url, migrate="never")
    assert "qungui db upgrade" in refused.value.remedy
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - pathlib would block just as long


async def test_never_refuses_an_empty_database(postgres_url: str) -> None:
    with pytest.raises(StorageError) as refused:
        await Storage.open(postgres_url, migrate="never")
    assert "qungui db upgrade" in refused.value.remedy
    assert (await schema.current(postgres_url)).state == "empty"


async def test_a_newer_database_is_refused_in_every_mode(url: str) -> None:
    await (await Storage.open(url)).close()
    await _do(url, "UPDATE alembic_version SET version_num = '9999'")
    for mode in ("new", "all", "never"):
        with pytest.raises(Ahead) as refused:
            await Storage.open(url, migrate=mode)
        assert "newer" in refused.value.remedy


async def test_an_older_database_is_refused_until_it_is_upgraded(
    url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    await (await Storage.open(url)).close()
    # The same migrations, with one more at their end: what the next release will bring.
    later = tmp_path / "migrations"
    (later / "versions").mkdir(parents=True)
    ours = Path(schema.__file__).parent / "migrations"
    for path in (ours / "env.py", *ours.glob("versions/*.py")):
        (later / path.relative_to(ours)).write_text(path.read_text())
    head = (await schema.current(url)).head
    (later / "versions" / "9000_next.py").write_text(
        f"from alembic import op\nimport sqlalchemy as sa\nrevision = '9000'\ndown_revision = '{head}'\n"
        "def upgrade():\n    op.create_table('next', sa.Column('id', sa.Integer, primary_key=True))\n"
    )

    def configured() -> Config:
        settings = Config()
        settings.set_main_option("script_location", str(later))
        return settings

    monkeypatch.setattr(schema, "config", configured)
    for mode in ("new", "never"):
        with pytest.raises(Behind) as refused:
            await Storage.open(url, migrate=mode)
        assert "qungui db upgrade" in refused.value.remedy
    assert (await schema.current(url)).state == "behind"
    await (await Storage.open(url, migrate="all")).close()
    assert (await schema.current(url)).revision == "9000"


async def test_a_database_of_something_else_is_refused_and_left_alone(url: str) -> None:
    await _do(url, "CREATE TABLE customers (id INTEGER PRIMARY KEY)")
    for mode in ("new", "all", "never"):
        with pytest.raises(Foreign):
            await Storage.open(url, migrate=mode)
    assert (await schema.current(url)).state == "foreign"


async def test_another_projects_migrations_are_foreign(url: str) -> None:
    await _do(
        url,
        "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)",
        "INSERT INTO alembic_version VALUES ('abc')",
    )
    with pytest.raises(Foreign):
        await Storage.open(url)


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database at all, but long enough to be looked at as one" * 100)
    with pytest.raises(StorageError, match="not a database"):
        await Storage.open(f"sqlite:///{path}")
    assert path.read_text().startswith("not a database")


async def test_migrations_and_tables_say_the_same(url: str) -> None:
    await schema.upgrade(url)
    engine = engines.create(urls.parse(url))
    async with engine.connect() as connection:
        differences = await connection.run_sync(
            lambda sync: compare_metadata(
                MigrationContext.configure(
                    sync,
                    opts={"compare_type": True, "compare_server_default": True, "include_name": _declared},
                ),
                metadata,
            )
        )
    await engine.dispose()
    assert differences == []


async def test_the_file_is_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "down" / "group.db"
    storage = await Storage.open(f"sqlite:///{path}")
    async with storage.unit() as unit:
        await unit.meta.set("a", "b")
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    await storage.close()
    assert set(modes) >= {"group.db", "group.db-wal"}
    assert set(modes.values()) == {0o600}


async def test_a_file_that_others_could_read_is_tightened(sqlite_url: str, tmp_path: Path) -> None:
    path = tmp_path / "group.db"
    path.touch(mode=0o644)
    await (await Storage.open(sqlite_url)).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_sqlite_is_durable_and_checks_foreign_keys(sqlite_url: str) -> None:
    storage = await Storage.open(sqlite_url)
    async with storage.unit() as unit:
        connection = unit._connection
        assert connection is not None
        settings = {
            name: (await connection.exec_driver_sql(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    await storage.close()
    assert settings == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": engines.BUSY_TIMEOUT_MS,
    }


@pytest.mark.parametrize(
    "written",
    [
        "",
        "nonsense hunter2",
        "mysql://me:hunter2@localhost/db",
        "postgresql://me:hunter2@localhost:not-a-port/db",
        "postgresql://me:hunter2@localhost",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///file:x?mode=memory&uri=true",
    ],
)
async def test_an_unusable_url_names_the_remedy_and_never_the_password(written: str) -> None:
    with pytest.raises(StorageError) as refused:
        await Storage.open(written)
    assert "QUNGUI_STORAGE_URL" in refused.value.remedy
    assert "hunter2" not in str(refused.value)
    assert refused.value.__cause__ is None


@pytest.mark.parametrize(
    "written",
    [
        "postgresql://me:hunter2@127.0.0.1:1/db",
        "postgres://me:hunter2@127.0.0.1:1/db",
        "postgresql+asyncpg://me:hunter2@127.0.0.1:1/db",
        "postgresql://127.0.0.1:1/db?password=hunter2&user=me",
        "postgresql://me:hun@ter2@127.0.0.1:1/db",
    ],
)
async def test_a_server_that_is_down_is_named_without_the_password(written: str) -> None:
    with pytest.raises(Unavailable) as refused:
        await Storage.open(written)
    assert "hunter2" not in str(refused.value)
    assert "ter2" not in str(refused.value)
    assert "postgresql://" in str(refused.value)


def test_sslmode_of_libpq_is_understood() -> None:
    parsed = urls.parse("postgresql://h/db?sslmode=require")
    assert dict(parsed.query) == {"ssl": "require"}
