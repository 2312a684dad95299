"""What the drivers raise, in our own words: without statements, parameters or passwords."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError, SQLAlchemyError

from storage import urls
from storage.errors import Busy, Conflict, ReadOnly, StorageError, Unavailable

# serialization failure, deadlock, lock not available
_BUSY_STATES = frozenset({"40001", "40P01", "55P03"})
_READ_ONLY_STATE = "25006"
# What passes, or what somebody mends while we wait. Anything else that SQLite says is said again at each try.
_SQLITE_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_SQLITE_AWAY = frozenset({sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_FULL})
_WRITE = (
    "see that its disk is mounted for writing, and that it may be written by the user whom qungui runs as"
)
_REACH = "check that the database runs, that QUNGUI_STORAGE_URL is right and that its disk is not full"


def translate(error: BaseException, url: URL) -> StorageError | None:
    """The storage error that stands for ``error``; ``None`` if it is none of ours to explain."""
    name = urls.shown(url)
    if isinstance(error, DBAPIError):
        if isinstance(error, IntegrityError):
            return Conflict(f"{name} refused a row that breaks a constraint")
        if isinstance(error.orig, sqlite3.Error):
            return _of_sqlite(error.orig, url)
        state = str(getattr(error.orig, "sqlstate", "") or "")
        if state in _BUSY_STATES:
            return Busy(f"{name} is busy: another process holds it", "try again")
        if state == _READ_ONLY_STATE:
            return ReadOnly(f"{name} can't be written, it has become read-only", _WRITE)
        gone = error.connection_invalidated or state[:2] in {"08", "28", "3D", "53", "57"}
        if gone or (not state and isinstance(error, (OperationalError, InterfaceError))):
            return Unavailable(f"{name} can't be used: {_words(error.orig, url)}", _REACH)
        return StorageError(f"{name} failed: {type(error.orig).__name__} {state}".rstrip())
    if isinstance(error, SQLAlchemyError):
        return StorageError(f"{name} failed: {type(error).__name__}")
    if isinstance(error, sqlite3.Error):  # raised past SQLAlchemy, by a PRAGMA
        return _of_sqlite(error, url)
    if isinstance(error, (OSError, TimeoutError)):
        return Unavailable(
            f"{name} can't be used: {urls.scrub(str(error) or type(error).__name__, url)}", _REACH
        )
    return None


def _of_sqlite(error: sqlite3.Error, url: URL) -> StorageError:
    """What SQLite says: busy or away, which can be waited for, or a failure for good."""
    name, code = urls.shown(url), getattr(error, "sqlite_errorcode", None)
    primary = None if code is None else code & 0xFF
    if primary in _SQLITE_BUSY:
        return Busy(f"{name} is busy: another process holds it", "try again")
    if primary == sqlite3.SQLITE_READONLY:
        return ReadOnly(f"{name} can't be written, it has become read-only", _WRITE)
    if primary in _SQLITE_AWAY:
        return Unavailable(f"{name} can't be used: {_words(error, url)}", _REACH)
    if primary == sqlite3.SQLITE_NOTADB:
        return StorageError(f"{name} is not a database", "name another file in QUNGUI_STORAGE_URL")
    said = getattr(error, "sqlite_errorname", "")
    return StorageError(f"{name} failed: {type(error).__name__} {said}".rstrip())


def _words(error: BaseException | None, url: URL) -> str:
    return urls.scrub(next(iter(str(error).splitlines()), ""), url)


@contextmanager
def translated(url: URL) -> Iterator[None]:
    """Turn what a driver raises inside the block into a :class:`StorageError`."""
    try:
        yield
    except StorageError:
        raise
    except (SQLAlchemyError, sqlite3.Error, OSError, TimeoutError) as error:
        raise (translate(error, url) or error) from error
