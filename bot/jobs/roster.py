"""Follows the roster's file (policy 2.1, 2.2): once it has changed and lies still, it is taken over as a whole.

What stops an import by hand stops this one: a wrong line, or a file by which most people would leave or change their
name. Then nothing changes, and the supervisors are told once for each content, over restarts too.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path

from structlog.typing import FilteringBoundLogger

from bot.pipeline.notice import SUPERVISION, shown
from bot.reports.roster import changes_anything, counted, doubt
from bot.roster import LARGEST_FILE, RosterFile, UnreadableRoster, read_roster
from bot.settings import MemberSettings
from bot.texts import Texts
from rules.core.load_file import read_bytes
from storage.records import SYSTEM, AuditEntry, Outgoing, RosterRow
from storage.results import RosterDiff
from storage.session import Storage, UnitOfWork

JUDGED = "roster file"
LISTED = 10
TOLD_LENGTH = 200
WHAT = {"added": "新增", "left": "离职", "returned": "恢复在职", "changed": "变更"}


@dataclass(frozen=True, slots=True)
class _Found:
    """A file as it is: its content, and what tells one content from another. Without one it can't be read."""

    digest: str
    data: bytes = b""
    failure: str = ""


class RosterWatch:
    """Watches one roster file.

    Args:
        settings: gives the settings that are in force now.
    """

    def __init__(
        self,
        storage: Storage,
        settings: Callable[[], MemberSettings],
        texts: Texts,
        log: FilteringBoundLogger,
    ) -> None:
        self._storage = storage
        self._settings = settings
        self._texts = texts
        self._log = log
        self._looked: datetime | None = None
        self._seen = ""

    async def __call__(self, now: datetime) -> None:
        """Look at the file if it is time to; judge it when two looks in a row find the same new content."""
        settings = self._settings()
        if not settings.roster_file:
            return
        if not self._seen and self._looked is not None and now - self._looked < settings.check:
            return
        self._looked = now
        path = Path(settings.roster_file)
        found = await asyncio.to_thread(_read, path)
        async with self._storage.view() as unit:
            judged = await unit.meta.get(JUDGED) or ""
        if judged.partition(" ")[0] == found.digest:
            self._seen = ""
        elif found.digest != self._seen:
            self._seen = found.digest  # somebody may be saving it: looked at again with the next tick
        else:
            self._seen = ""
            await self._judge(path.name, found, now, was_wrong=judged.endswith(" wrong"))

    async def _judge(self, file: str, found: _Found, now: datetime, *, was_wrong: bool) -> None:
        if found.failure:
            await self._refuse(found, self._unreadable(file, found.failure), now)
            return
        try:
            roster = await asyncio.to_thread(read_roster, BytesIO(found.data))
        except UnreadableRoster as failure:
            await self._refuse(found, self._unreadable(file, str(failure).replace("\n  remedy: ", "；")), now)
            return
        if roster.bad:
            await self._refuse(found, self._mistakes(file, roster), now)
            return
        await self._storage.run(
            lambda unit: self._take_over(unit, file, found, roster, now, was_wrong=was_wrong)
        )

    async def _take_over(
        self,
        unit: UnitOfWork,
        file: str,
        found: _Found,
        roster: RosterFile,
        now: datetime,
        *,
        was_wrong: bool,
    ) -> None:
        """Import in one unit with the check and the word about it."""
        known = await unit.people.roster()
        diff = await unit.people.preview_roster(roster.rows)
        if (why := doubt(diff, known)) is not None:
            text = self._texts.render(
                "roster_file.sweeping",
                file=shown(file),
                many=why.many,
                active=why.active,
                left=why.what == "left",
            )
            await self._note(unit, found, text, now, wrong=True)
            return
        text = ""
        if changes_anything(diff):
            await unit.people.import_roster(roster.rows, now)
            await unit.audit.add(AuditEntry(now, SYSTEM, "roster imported", shown(file), counted(diff)))
            text = self._summary(file, diff, roster.rows)
        elif was_wrong:
            text = self._texts.render("roster_file.unchanged", file=shown(file))
        await self._note(unit, found, text, now, wrong=False)

    async def _refuse(self, found: _Found, text: str, now: datetime) -> None:
        self._log.error("the roster's file can't be taken over, the old roster stays")
        await self._storage.run(lambda unit: self._note(unit, found, text, now, wrong=True))

    async def _note(self, unit: UnitOfWork, found: _Found, text: str, now: datetime, *, wrong: bool) -> None:
        await unit.meta.set(JUDGED, f"{found.digest} {'wrong' if wrong else 'right'}")
        if text:
            unique = f"roster file {found.digest} {now.isoformat()}"
            await unit.outbox.add([Outgoing(SUPERVISION, text, now, now, kind="alert", unique=unique)])

    def _unreadable(self, file: str, reason: str) -> str:
        return self._texts.render(
            "roster_file.unreadable", file=shown(file), reason=shown(reason, TOLD_LENGTH)
        )

    def _mistakes(self, file: str, roster: RosterFile) -> str:
        return self._texts.render(
            "roster_file.wrong",
            file=shown(file),
            mistakes=[shown(str(one), TOLD_LENGTH) for one in roster.bad[:LISTED]],
            more=max(0, len(roster.bad) - LISTED) + roster.unlisted,
        )

    def _summary(self, file: str, diff: RosterDiff, rows: tuple[RosterRow, ...]) -> str:
        by_number = {row.employee_no: row for row in rows}
        changes = [
            {"what": WHAT[change.what], "who": shown(row.department) + shown(row.name)}
            for change in sorted(
                diff.details, key=lambda one: list(WHAT).index(one.what) if one.what in WHAT else 9
            )
            if change.what in WHAT and (row := change.after or by_number.get(change.employee_no)) is not None
        ]
        return self._texts.render(
            "roster_file.imported",
            file=shown(file),
            added=len(diff.added),
            changed=len(diff.changed),
            left=len(diff.left),
            returned=len(diff.returned),
            rows=changes[:LISTED],
            more=max(0, len(changes) - LISTED),
            missing=len(diff.missing),
        )


def _read(path: Path) -> _Found:
    try:
        data = read_bytes(path, LARGEST_FILE + 1)
    except (OSError, ValueError) as failure:
        reason = getattr(failure, "strerror", None) or type(failure).__name__
        return _Found(hashlib.sha256(reason.encode()).hexdigest(), failure=reason)
    return _Found(hashlib.sha256(data).hexdigest(), data)
