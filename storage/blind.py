"""When nothing could be received: a gateway replays nothing, so an outage is recorded and shown."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import case, or_, select, update

from storage.records import Blind
from storage.repository import Repository
from storage.tables import blind

_COLUMNS = (blind.c.since, blind.c.until, blind.c.reason)


class BlindPeriods(Repository):
    """At most one of them lasts at any time."""

    async def begin(self, since: datetime, reason: str) -> bool:
        """Note that we are blind; returns False, and changes nothing, if that was known already."""
        insert = self._insert(blind).values(since=since, reason=reason, lasting=1)
        begun = await self._connection.execute(
            insert.on_conflict_do_nothing(index_elements=["lasting"]).returning(blind.c.id)
        )
        return begun.first() is not None

    async def end(self, until: datetime) -> Blind | None:
        """Note that we see again; returns the period that ended, ``None`` if none was open.

        A clock that was put back makes no period end before it began.
        """
        at = case((blind.c.since > until, blind.c.since), else_=until)
        ended = await self._connection.execute(
            update(blind).where(blind.c.lasting == 1).values(until=at, lasting=None).returning(*_COLUMNS)
        )
        row = ended.first()
        return None if row is None else Blind(*row)

    async def recent(self, limit: int) -> list[Blind]:
        """The newest periods, newest first."""
        found = await self._connection.execute(select(*_COLUMNS).order_by(blind.c.id.desc()).limit(limit))
        return [Blind(*row) for row in found]

    async def between(self, start: datetime, end: datetime) -> list[Blind]:
        """The periods that touch ``[start, end)``, oldest first."""
        found = await self._connection.execute(
            select(*_COLUMNS)
            .where(blind.c.since < end, or_(blind.c.until.is_(None), blind.c.until > start))
            .order_by(blind.c.id)
        )
        return [Blind(*row) for row in found]

    async def open(self) -> Blind | None:
        """The period that lasts; ``None`` if we see."""
        row = (await self._connection.execute(select(*_COLUMNS).where(blind.c.lasting == 1))).first()
        return None if row is None else Blind(*row)
