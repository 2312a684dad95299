"""Where a database stands against this program's migrations, and how it is brought up to date."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

from storage import engine as engines
from storage import urls
from storage.errors import Ahead, Behind, Foreign, StorageError
from storage.failures import translated

Migrate = Literal["new", "never", "all"]
State = Literal["empty", "current", "behind", "ahead", "foreign"]

_UPGRADE = "stop the bot, take a backup, and run `qungui db upgrade`"
# Any number will do, as long as every qungui process asks for the same one.
_MIGRATION_LOCK = 7_105_117_110


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a database stands; ``revision`` is empty for one without our tables."""

    state: State
    revision: str
    head: str


def config() -> Config:
    """Alembic's configuration; the environment takes its connection from ``attributes``."""
    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    return settings


def _scripts() -> ScriptDirectory:
    """This program's migrations."""
    return _scripts_in(config().get_main_option("script_location") or "")


@cache
def _scripts_in(location: str) -> ScriptDirectory:
    # Read once: every module there is run for it, at each opening of a database.
    return ScriptDirectory(location)


def standing(connection: Connection) -> Standing:
    """Where the database behind ``connection`` stands."""
    head = _scripts().get_current_head() or ""
    revision = MigrationContext.configure(connection).get_current_revision() or ""
    if not revision:
        tables = set(inspect(connection).get_table_names()) - {"alembic_version"}
        return Standing("foreign" if tables else "empty", "", head)
    if revision == head:
        return Standing("current", revision, head)
    if revision in revisions():
        return Standing("behind", revision, head)
    # Another project's alembic leaves revisions that we don't know, too; ours come with a violations table.
    ours = inspect(connection).has_table("violations") and inspect(connection).has_table("ledger")
    return Standing("ahead" if ours else "foreign", revision, head)


def take_turns(connection: Connection) -> None:
    """Wait until no other process changes the schema; until this transaction ends it is ours alone to change."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})


def revisions() -> tuple[str, ...]:
    """Every revision that this program knows, oldest first."""
    return tuple(reversed([script.revision for script in _scripts().walk_revisions()]))


def require_ours(now: Standing, name: str) -> None:
    """Refuse a database that a newer program made, or that belongs to something else.

    Raises:
        Ahead, Foreign: it is one of these.
    """
    if now.state == "ahead":
        raise Ahead(
            f"{name} was made by a newer qungui (schema {now.revision})",
            "install the qungui that made it, or a newer one",
        )
    if now.state == "foreign":
        raise Foreign(
            f"{name} holds tables that are not qungui's",
            "name an empty or new database in QUNGUI_STORAGE_URL",
        )


def migrate(connection: Connection, mode: Migrate, name: str) -> Standing:
    """Bring the database to this program's schema as far as ``mode`` allows, in the running transaction.

    Raises:
        Behind, Ahead, Foreign, StorageError: it may not, or can't, be brought there.
    """
    take_turns(connection)
    now = standing(connection)
    require_ours(now, name)
    match now.state:
        case "current":
            return now
        case "behind" if mode != "all":
            raise Behind(f"{name} has schema {now.revision}, this qungui needs {now.head}", _UPGRADE)
        case "empty" if mode == "never":
            raise StorageError(
                f"{name} has not been set up", "start `qungui run` once, or run `qungui db upgrade`"
            )
    settings = config()
    settings.attributes["connection"] = connection
    command.upgrade(settings, "head")
    return standing(connection)


async def prepare(engine: AsyncEngine, mode: Migrate) -> Standing:
    """Check and, as far as ``mode`` allows, migrate; of two processes at once, one after the other."""
    name = urls.shown(engine.url)
    async with engine.begin() as connection:
        return await connection.run_sync(migrate, mode, name)


async def upgrade(url: str) -> Standing:
    """Bring the database at ``url`` to this program's schema; a new one is set up.

    Raises:
        Ahead, Foreign: it is newer than this program, or not ours.
        StorageError: it can't be reached or written.
    """
    parsed = urls.parse(url)
    with translated(parsed):
        engines.make_private(parsed)
    engine = engines.create(parsed)
    try:
        with translated(parsed):
            return await prepare(engine, "all")
    finally:
        await engine.dispose()


async def current(url: str) -> Standing:
    """Where the database at ``url`` stands; nothing is changed, and no file is created.

    Raises:
        StorageError: it can't be reached or read.
    """
    parsed = urls.parse(url)
    if not engines.exists(parsed):
        return Standing("empty", "", _scripts().get_current_head() or "")
    engine = engines.create(parsed)
    try:
        with translated(parsed):
            async with engine.connect() as connection:
                return await connection.run_sync(standing)
    finally:
        await engine.dispose()
