"""The daily digest (policy 6.1a): on each working day at a set time, to the supervisors, exactly once.

Work groups get a shorter one of their own numbers, if they are named for it, and never otherwise.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.jobs.tick import Within
from bot.pipeline.notice import SUPERVISION
from bot.pipeline.policy import Policy
from bot.reports.digest import compose, compose_for_room
from bot.reports.figures import Figures, InRoom, gather, titles
from bot.reports.period import start_of, unique
from bot.reports.topics import EVERY_ROOM, Talk, listen, topics
from bot.settings import DigestSettings
from bot.texts import Texts
from storage.records import Outgoing, Room
from storage.session import Storage, UnitOfWork

CATCH_UP = 10
"""Two weeks of working days: so many missed digests are made up for."""


@dataclass(frozen=True, slots=True)
class Digest:
    """Writes digests into the outbox.

    Attributes:
        options: gives the settings in force; while it is off each day counts as done, and none is made up for.
        confirm_days: gives within how many working days after its month a case is confirmed, or closed.
        courteous: the earliest moment at which a work group may be spoken to, seen from a moment.
    """

    storage: Storage
    policy: Policy
    texts: Texts
    options: Callable[[], DigestSettings]
    confirm_days: Callable[[], int]
    courteous: Callable[[datetime], datetime]

    async def draft(self, due: datetime, now: datetime) -> Within:
        """The rows for one due time, worked out without holding anybody up; the unit only keeps them."""
        enabled = self.options().enabled
        rows = tuple(await self._rows(due, now)) if enabled else ()

        async def keep(unit: UnitOfWork, due: datetime, now: datetime) -> str:  # noqa: ARG001 - the duty's signature
            added = await unit.outbox.add(rows)
            return f"pages {len(added)}" if enabled else "off"

        return keep

    async def _rows(self, due: datetime, now: datetime) -> Sequence[Outgoing]:
        calendar = self.policy.book.calendar
        async with self.storage.view() as unit:
            since = await start_of(unit, due, calendar)
            figures = await gather(
                unit, since, due, now, calendar, titles(self.policy.book), self.confirm_days()
            )
            groups = await self._groups(unit)
            talk = await listen(unit, since, due) if self.options().topics else Talk()
        found = await asyncio.to_thread(topics, talk, [room.key for room in groups])
        figures = replace(figures, topics=found[EVERY_ROOM])
        name = unique(calendar.local(due).date())
        rows = [
            Outgoing(SUPERVISION, text, now, now, kind="report", unique=f"{name} page {number}")
            for number, text in enumerate(compose(figures, self.texts, calendar), 1)
        ]
        for room in groups:
            if not self.policy.muted(room.key, now):
                text = self._of_room(room, replace(figures, topics=found[room.key]))
                rows.append(
                    Outgoing(
                        room.gateway_id,
                        text,
                        self.courteous(now),
                        now,
                        kind="report",
                        unique=f"{name} room {room.key}",
                    )
                )
        return rows

    def _of_room(self, room: Room, figures: Figures) -> str:
        own = next((one for one in figures.rooms if one.key == room.key), InRoom(room.key, room.topic, 0))
        return compose_for_room(figures, own, self.texts, self.policy.book.calendar)

    async def _groups(self, unit: UnitOfWork) -> list[Room]:
        """The rooms that get a shorter digest; where a name could mean several, none of them does."""
        rooms = await unit.rooms.all()
        found: dict[int, Room] = {}
        for name in self.options().rooms:
            pinned = await unit.meta.get(f"pin guarded {name}")
            meant = [room for room in rooms if str(room.key) == pinned]
            meant = meant or [room for room in rooms if name in (room.gateway_id, room.topic)]
            if len(meant) == 1:
                found[meant[0].key] = meant[0]
        return list(found.values())
