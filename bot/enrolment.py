"""Takes a roster over into the database from the command line, as a whole or not at all (policy 2.1, 2.2)."""

from __future__ import annotations

from collections.abc import Sequence

from bot import compose
from bot.clock import SystemClock
from bot.errors import QunguiError
from bot.pipeline.notice import shown
from bot.reports.roster import counted
from bot.settings import Settings
from storage.records import OPERATOR, AuditEntry, RosterRow
from storage.results import RosterDiff
from storage.session import UnitOfWork

_SOURCE_LENGTH = 80


async def preview(settings: Settings, rows: Sequence[RosterRow]) -> tuple[list[RosterRow], RosterDiff]:
    """The roster as it is, and what ``rows`` would change in it; nothing of it is written.

    Raises:
        QunguiError: the database can't be used.
    """
    async with compose.opened_storage(settings) as storage, storage.view() as unit:
        return await unit.people.roster(), await unit.people.preview_roster(rows)


async def take_over(settings: Settings, rows: Sequence[RosterRow], agreed: RosterDiff, source: str) -> None:
    """Import ``rows`` in one unit, with a line in the audit that names nobody.

    Args:
        settings: which database.
        rows: the roster.
        agreed: what somebody agreed to; if it would be anything else by now, nothing is done.
        source: the file's name, for the audit.

    Raises:
        QunguiError: the roster was changed meanwhile, or the database can't be used.
    """
    now = SystemClock().now()

    async def importing(unit: UnitOfWork) -> None:
        diff = await unit.people.import_roster(rows, now)
        if diff != agreed:
            raise QunguiError(
                "the roster was changed by somebody else meanwhile; nothing was imported", "run it again"
            )
        target = shown(source, _SOURCE_LENGTH)
        await unit.audit.add(AuditEntry(now, OPERATOR, "roster imported", target, counted(diff)))

    async with compose.opened_storage(settings) as storage:
        await storage.run(importing)
