"""Database URLs: plain ones, mapped to the async drivers and never shown with a password."""

from __future__ import annotations

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from storage.errors import StorageError

_REMEDY = "use sqlite:///path/to/file.db or postgresql://user:password@host/database (QUNGUI_STORAGE_URL)"
_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}


def parse(url: str) -> URL:
    """The URL with its async driver.

    Raises:
        StorageError: it is no URL, names another kind of database, or a SQLite database in memory.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # What make_url says may quote the URL, and with it the password.
        raise StorageError("the storage URL can't be read", _REMEDY) from None
    driver = _DRIVERS.get(parsed.drivername)
    if driver is None:
        raise StorageError(f"databases of the kind {parsed.get_backend_name()!r} are not supported", _REMEDY)
    parsed = parsed.set(drivername=driver)
    if driver.startswith("sqlite"):
        if not parsed.database or parsed.database == ":memory:":
            raise StorageError("a database in memory would forget every case at exit", _REMEDY)
        if parsed.database.startswith("file:"):
            raise StorageError("SQLite's own file: URIs are not supported", _REMEDY)
        return parsed
    if not parsed.database:
        raise StorageError("the storage URL names no database", _REMEDY)
    if "sslmode" in parsed.query:
        # libpq's name of the setting; asyncpg takes the same values under its own.
        parsed = parsed.update_query_dict({"ssl": parsed.query["sslmode"]}).difference_update_query(
            ["sslmode"]
        )
    return parsed


def shown(url: URL) -> str:
    """What may be printed of a URL: kind, host and database; no user, no password, no options."""
    if url.get_backend_name() == "sqlite":
        return f"sqlite:///{url.database}"
    parts = f"{url.host or 'localhost'}{f':{url.port}' if url.port else ''}/{url.database}"
    # An unescaped @ or : in a password ends up in the host.
    return "postgresql://…" if "@" in parts else f"postgresql://{parts}"


def scrub(words: str, url: URL) -> str:
    """``words`` without the password, wherever a driver may have quoted it."""
    secrets = [str(url.password or ""), *(str(value) for value in url.query.values())]
    for secret in filter(None, secrets):
        words = words.replace(secret, "***")
    return words
