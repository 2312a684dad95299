"""What `qungui digest` prints."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from bot.clock import SystemClock
from bot.errors import QunguiError
from bot.reports.digest import compose
from bot.reports.figures import gather, titles
from bot.reports.period import JOB, run_on, start_of, unique
from bot.reports.topics import EVERY_ROOM, listen, topics
from bot.settings import Settings
from bot.texts import Texts
from rules.core.book import Rulebook
from storage.errors import StorageError
from storage.session import Storage, UnitOfWork


async def texts(settings: Settings, book: Rulebook, day: date | None) -> list[str]:
    """The digests that `qungui digest` prints; with ``day`` those of that day. It only reads.

    Raises:
        QunguiError: the database can't be read, or there was no digest that day.
    """
    key = settings.ledger.key.get_secret_value().encode() if settings.ledger.key else b""
    try:
        storage = await Storage.open(settings.storage.address, migrate="never", ledger_key=key)
        try:
            async with storage.view() as unit:
                if day is None:
                    return await _waiting(unit) + await _since_the_last(unit, settings, book)
                return await _of_day(unit, settings, book, day)
        finally:
            await storage.close()
    except StorageError as failure:
        raise QunguiError(failure.message, failure.remedy) from failure


async def _waiting(unit: UnitOfWork) -> list[str]:
    """Digests that still wait to be sent, because there is no supervision room, or no gateway."""
    return [row.text for row in await unit.outbox.kept(f"{JOB} ", unsent=True) if " page " in row.unique]


async def _since_the_last(unit: UnitOfWork, settings: Settings, book: Rulebook) -> list[str]:
    now = SystemClock().now()
    return await _counted(unit, settings, book, await start_of(unit, now, book.calendar), now)


async def _of_day(unit: UnitOfWork, settings: Settings, book: Rulebook, day: date) -> list[str]:
    if kept := await unit.outbox.kept(f"{unique(day)} page "):
        return [row.text for row in kept]
    run = await run_on(unit, day, book.calendar)
    if run is None:
        raise QunguiError(
            f"there was no digest on {day}", "leave --date out for what happened since the last one"
        )
    return await _counted(unit, settings, book, await start_of(unit, run.due_at, book.calendar), run.due_at)


async def _counted(
    unit: UnitOfWork, settings: Settings, book: Rulebook, since: datetime, until: datetime
) -> list[str]:
    figures = await gather(
        unit, since, until, SystemClock().now(), book.calendar, titles(book), settings.review.confirm_days
    )
    if settings.digest.topics:
        figures = replace(figures, topics=topics(await listen(unit, since, until))[EVERY_ROOM])
    return list(compose(figures, Texts.load(), book.calendar))
