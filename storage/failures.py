"""What the drivers raise, in our own words: without statements, parameters or passwords."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError, SQLAlchemyError

from storage import urls
from storage.errors import Busy, Conflict, StorageError, Unavailable

# serialization failure, deadlock, lock not available
_BUSY_STATES = frozenset({"40001", "40P01", "55P03"})
_REACH = "check that the database runs, that QUNGUI_STORAGE_URL is right and that its disk is not full"


def translate(error: BaseException, url: URL) -> StorageError | None:
    """The storage error that stands for ``error``; ``None`` if it is none of ours to explain."""
    name = urls.shown(url)
    if isinstance(error, DBAPIError):
        state = str(getattr(error.orig, "sqlstate", "") or "")
        words = urls.scrub(str(error.orig).splitlines()[0] if str(error.orig) else "", url)
        if state in _BUSY_STATES or "database is locked" in words or "database table is locked" in words:
            return Busy(f"{name} is busy: another process holds it", "try again")
        if isinstance(error, IntegrityError):
            return Conflict(f"{name} refused a row that breaks a constraint")
        if "not a database" in words:
            return StorageError(f"{name} is not a database", "name another file in QUNGUI_STORAGE_URL")
        gone = error.connection_invalidated or state[:2] in {"08", "28", "3D", "53", "57"}
        if gone or (not state and isinstance(error, (OperationalError, InterfaceError))):
            return Unavailable(f"{name} can't be used: {words}", _REACH)
        return StorageError(f"{name} failed: {type(error.orig).__name__} {state}".rstrip())
    if isinstance(error, SQLAlchemyError):
        return StorageError(f"{name} failed: {type(error).__name__}")
    if isinstance(error, sqlite3.OperationalError):  # raised past SQLAlchemy, by a PRAGMA
        locked = "locked" in str(error)
        return Busy(f"{name} is busy", "try again") if locked else Unavailable(f"{name}: {error}", _REACH)
    if isinstance(error, (OSError, TimeoutError)):
        return Unavailable(
            f"{name} can't be used: {urls.scrub(str(error) or type(error).__name__, url)}", _REACH
        )
    return None


@contextmanager
def translated(url: URL) -> Iterator[None]:
    """Turn what a driver raises inside the block into a :class:`StorageError`."""
    try:
        yield
    except StorageError:
        raise
    except (SQLAlchemyError, sqlite3.OperationalError, OSError, TimeoutError) as error:
        raise (translate(error, url) or error) from error
