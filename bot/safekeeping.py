"""What the operator does for a database to be kept safe: verify it, back it up, put a backup back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from bot.clock import SystemClock
from bot.errors import QunguiError, UsageError
from bot.reports.soundness import Soundness, examine, supervised
from bot.settings import Settings
from storage.backup import Progress, Taken, dump
from storage.errors import NoBackup, StorageError
from storage.records import OPERATOR, AuditEntry
from storage.restore import contents, occupied_rows, put_back, require_free
from storage.results import LedgerHead
from storage.session import Storage, UnitOfWork


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back, what verifying it found, and how many of its messages had not left when it was taken."""

    taken: Taken
    sound: Soundness
    unsent: int


async def verify(
    settings: Settings, heads: Sequence[LedgerHead] = (), at: datetime | None = None
) -> Soundness:
    """Check the ledger's chains and every invariant.

    Args:
        settings: name the database.
        heads: where the chains ended when somebody last looked: a cut tail shows against them.
        at: for a database that was put back, when its backup was taken.

    Raises:
        QunguiError: the database can't be used; with the remedy.
    """
    key = settings.ledger.key.get_secret_value().encode() if settings.ledger.key else b""
    with _told():
        storage = await Storage.open(settings.storage.address, migrate="never", ledger_key=key)
        try:
            async with storage.view() as unit:
                there = await supervised(unit, settings.rooms.supervision)
                return await examine(unit, heads, supervised=there, at=at)
        finally:
            await storage.close()


async def back_up(settings: Settings, stream: BinaryIO, progress: Progress) -> Taken:
    """Write a backup while the bot may run.

    Raises:
        QunguiError: the database can't be used, or the stream can't be written; with the remedy.
    """
    with _told():
        return await dump(settings.storage.address, stream, SystemClock().now(), progress)


async def note_backup(settings: Settings, taken: Taken) -> str:
    """Note in the audit that a backup was taken; returns why that could not be done, empty if it was.

    A backup of a database that can't be written any more is worth all the more.
    """
    url = settings.storage.address
    entry = AuditEntry(taken.head.taken_at, OPERATOR, "backup taken", "", f"{taken.total} 行")
    try:
        await _note(url, entry)
    except StorageError as failure:
        return failure.message
    return ""


async def held(settings: Settings) -> int:
    """How many rows the database holds that a backup is to be put back into; it is nobody else's just now.

    Raises:
        QunguiError: somebody has it open, or it is newer than this program, or not ours; with the remedy.
    """
    with _told():
        rows = await occupied_rows(settings.storage.address)
        await require_free(settings.storage.address)
        return rows


def look(stream: BinaryIO, name: str) -> Taken:
    """What a backup holds, read to its end.

    Raises:
        UsageError: it is no backup.
        QunguiError: it is damaged, or of a newer program; with the remedy.
    """
    with _told():
        return contents(stream, name)


async def restore(
    settings: Settings, stream: BinaryIO, name: str, *, replace: bool, progress: Progress
) -> Restored:
    """Put a backup back, and verify what is there then; with ``replace`` in the place of what was there before.

    Raises:
        UsageError: the file is no backup.
        QunguiError: it is not whole, or the database can't be used; nothing is changed then.
    """
    url = settings.storage.address
    with _told():
        taken = await put_back(url, stream, name, replace=replace, progress=progress)
        note = f"{taken.head.taken_at:%Y-%m-%dT%H:%M:%SZ} 所制，{taken.total} 行"
        unsent = await _note(url, AuditEntry(SystemClock().now(), OPERATOR, "backup restored", "", note))
    return Restored(taken, await verify(settings, at=taken.head.taken_at), unsent)


async def _note(url: str, entry: AuditEntry) -> int:
    """Keep an entry of the audit; returns how many messages are still to leave."""

    async def keep(unit: UnitOfWork) -> int:
        await unit.audit.add(entry)
        return (await unit.outbox.counts()).pending

    storage = await Storage.open(url, migrate="never")
    try:
        return await storage.run(keep)
    finally:
        await storage.close()


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except NoBackup as failure:
        raise UsageError(failure.message, failure.remedy) from failure
    except StorageError as failure:
        raise QunguiError(failure.message, failure.remedy) from failure
