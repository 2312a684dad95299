"""Announcements: drafts, who approved them, and when they were posted (policy 3.3a)."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, or_, select, update

from storage import numbers
from storage.errors import Conflict, NotFound
from storage.records import Announcement
from storage.repository import AnyRow, Repository
from storage.tables import announcements

_DECISIONS = frozenset({"approved", "returned"})
_REVISABLE = ("draft", "returned")
_OVER = ("posted", "failed", "withdrawn")
AnnouncementList = list[Announcement]


def _announcement(row: AnyRow) -> Announcement:
    return Announcement(**dict(row._mapping) | {"rooms": tuple(json.loads(row.rooms))})


class Announcements(Repository):
    """Announcements by number."""

    async def add(self, announcement: Announcement) -> Announcement:
        """Keep a new announcement under a fresh number, which replaces ``announcement.number``."""
        number = await self._fresh_number(announcements.c.number, numbers.ANNOUNCEMENT)
        announcement = replace(announcement, number=number)
        values = {column.name: getattr(announcement, column.name) for column in announcements.c}
        await self._connection.execute(
            announcements.insert().values(**values | {"rooms": json.dumps(announcement.rooms)})
        )
        found = await self.get(number)
        return found or announcement

    async def get(self, number: str) -> Announcement | None:
        """The announcement with a number, however it was typed; ``None`` if there is none."""
        found = await self._connection.execute(
            select(announcements).where(
                announcements.c.number == numbers.normal(number, numbers.ANNOUNCEMENT)
            )
        )
        row = found.first()
        return None if row is None else _announcement(row)

    async def move(
        self,
        number: str,
        from_states: Collection[str],
        to_state: str,
        by: str,
        now: datetime,
        remark: str | None = None,
    ) -> Announcement:
        """Move an announcement from one of ``from_states``; of two approvers at once, one wins.

        ``decided_by`` and ``decided_at`` follow approving and returning, ``posted_at`` posting; ``remark``
        replaces the one before where it is given.

        Raises:
            NotFound: there is no such announcement.
            Conflict: it is in another state by now; ``present`` names it.
        """
        values: dict[str, object] = {"state": to_state}
        if to_state in _DECISIONS:
            values |= {"decided_by": by, "decided_at": now}
        if to_state == "posted":
            values["posted_at"] = now
        if remark is not None:
            values["remark"] = remark
        return await self._change(number, from_states, values)

    async def revise(
        self, number: str, text: str, rooms: tuple[int, ...], planned_at: datetime | None, *, tracked: bool
    ) -> Announcement:
        """Replace what a draft, or a returned one, says, where it goes and when.

        Raises:
            NotFound: there is no such announcement.
            Conflict: it lies with the approver, or is decided; ``present`` names its state.
        """
        values = {"text": text, "rooms": json.dumps(rooms), "planned_at": planned_at, "tracked": tracked}
        return await self._change(number, _REVISABLE, values)

    async def list(
        self, states: Collection[str] | None = None, author: str | None = None, limit: int = 20
    ) -> AnnouncementList:
        """Announcements that fit every given condition, newest first."""
        conditions: list[Any] = []
        if states is not None:
            conditions.append(announcements.c.state.in_(states))
        if author is not None:
            conditions.append(announcements.c.author == author)
        found = await self._connection.execute(
            select(announcements)
            .where(*conditions)
            .order_by(announcements.c.created_at.desc(), announcements.c.number)
            .limit(limit)
        )
        return [_announcement(row) for row in found]

    async def due(self, now: datetime) -> AnnouncementList:
        """Approved announcements that are to be posted by ``now``, longest due first."""
        when = func.coalesce(announcements.c.planned_at, announcements.c.decided_at)
        found = await self._connection.execute(
            select(announcements)
            .where(
                announcements.c.state == "approved",
                or_(announcements.c.planned_at.is_(None), announcements.c.planned_at <= now),
            )
            .order_by(when, announcements.c.number)
        )
        return [_announcement(row) for row in found]

    async def purge(self, before: datetime) -> int:
        """Forget announcements that are over and were made before ``before``; returns how many."""
        gone = await self._connection.execute(
            delete(announcements).where(announcements.c.state.in_(_OVER), announcements.c.created_at < before)
        )
        return gone.rowcount

    async def _change(
        self, number: str, from_states: Collection[str], values: dict[str, Any]
    ) -> Announcement:
        number = numbers.normal(number, numbers.ANNOUNCEMENT)
        row = await self._locked(select(announcements.c.state).where(announcements.c.number == number))
        if row is None:
            raise NotFound(f"there is no announcement {number}")
        if row.state not in from_states:
            raise Conflict(f"announcement {number} is {row.state}", present=row.state)
        changed = await self._connection.execute(
            update(announcements)
            .where(announcements.c.number == number)
            .values(**values)
            .returning(*announcements.c)
        )
        return _announcement(changed.one())
