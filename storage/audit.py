"""Who did what to what, when."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select

from storage.records import AuditEntry
from storage.repository import Repository
from storage.tables import audit

CLAIM_ISSUED = "claim issued"
"""An action whose detail is an employee number."""
SENDING_RESUMED = "sending resumed"
"""An action whose detail is a moment, which the digest reads."""


class Audit(Repository):
    """A log that is only added to, until its time of keeping is over."""

    async def add(self, entry: AuditEntry) -> None:
        """Keep an entry."""
        await self._connection.execute(
            audit.insert().values(
                at=entry.at, actor=entry.actor, action=entry.action, target=entry.target, detail=entry.detail
            )
        )

    async def recent(self, limit: int) -> list[AuditEntry]:
        """The newest entries, newest first."""
        found = await self._connection.execute(
            select(audit.c.at, audit.c.actor, audit.c.action, audit.c.target, audit.c.detail)
            .order_by(audit.c.id.desc())
            .limit(limit)
        )
        return [AuditEntry(*row) for row in found]

    async def last(self, action: str) -> AuditEntry | None:
        """The newest entry of one action; ``None`` if there is none."""
        found = await self._connection.execute(
            select(audit.c.at, audit.c.actor, audit.c.action, audit.c.target, audit.c.detail)
            .where(audit.c.action == action)
            .order_by(audit.c.id.desc())
            .limit(1)
        )
        row = found.first()
        return None if row is None else AuditEntry(*row)

    async def between(self, action: str, since: datetime, until: datetime) -> list[AuditEntry]:
        """The entries of one action made in ``[since, until)``, oldest first."""
        found = await self._connection.execute(
            select(audit.c.at, audit.c.actor, audit.c.action, audit.c.target, audit.c.detail)
            .where(audit.c.action == action, audit.c.at >= since, audit.c.at < until)
            .order_by(audit.c.id)
        )
        return [AuditEntry(*row) for row in found]

    async def during(self, since: datetime, until: datetime) -> list[AuditEntry]:
        """Every entry made in ``[since, until)``, oldest first."""
        found = await self._connection.execute(
            select(audit.c.at, audit.c.actor, audit.c.action, audit.c.target, audit.c.detail)
            .where(audit.c.at >= since, audit.c.at < until)
            .order_by(audit.c.id)
        )
        return [AuditEntry(*row) for row in found]

    async def purge(self, before: datetime) -> int:
        """Forget entries made before ``before``; returns how many."""
        return (await self._connection.execute(delete(audit).where(audit.c.at < before))).rowcount
