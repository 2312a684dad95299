"""What a second opinion said of cases; the budget of a day is counted here, so that it holds over restarts."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, func, select, update

from storage.case_reading import QUERY, case_of
from storage.records import Case, CaseState, Opinion
from storage.repository import Repository
from storage.tables import evidence, opinions, violations

ASKED, ANSWERED, FAILED = "asked", "answered", "failed"
CaseList = list[Case]


class Opinions(Repository):
    """One opinion a case, by its number."""

    async def wanted(self, rules: Collection[str], since: datetime, limit: int) -> CaseList:
        """Cases in review of these rules, opened at or after ``since``, that were not asked about yet; oldest first."""
        asked = select(opinions.c.number).where(opinions.c.number == violations.c.number).exists()
        found = await self._connection.execute(
            QUERY.where(
                violations.c.state == CaseState.REVIEW,
                violations.c.rule.in_(rules),
                violations.c.created_at >= since,
                evidence.c.text != "",
                ~asked,
            )
            .order_by(violations.c.id)
            .limit(limit)
        )
        return [case_of(row) for row in found]

    async def ask(self, number: str, model: str, now: datetime, since: datetime, budget: int) -> bool:
        """Note that a model is asked about a case, before it is: what is sent is counted, whatever becomes of it.

        Returns False, and changes nothing, if it was asked about already or ``budget`` was asked since ``since``.
        """
        await self._serialise("opinions")
        spent = await self._connection.scalar(
            select(func.count()).select_from(opinions).where(opinions.c.asked_at >= since)
        )
        if int(spent or 0) >= budget:
            return False
        added = await self._connection.execute(
            self._insert(opinions)
            .values(number=number, asked_at=now, state=ASKED, violation=False, reason="", model=model)
            .on_conflict_do_nothing(index_elements=["number"])
            .returning(opinions.c.number)
        )
        return added.first() is not None

    async def answer(self, number: str, violation: bool, reason: str) -> None:
        """Keep what was answered."""
        await self._settle(number, state=ANSWERED, violation=violation, reason=reason)

    async def fail(self, number: str) -> None:
        """Note that no answer came that could be used; the case is not asked about again."""
        await self._settle(number, state=FAILED)

    async def _settle(self, number: str, **values: object) -> None:
        await self._connection.execute(update(opinions).where(opinions.c.number == number).values(**values))

    async def get(self, number: str) -> Opinion | None:
        """What was answered about a case; ``None`` if nothing was."""
        found = await self._connection.execute(
            select(
                opinions.c.number,
                opinions.c.violation,
                opinions.c.reason,
                opinions.c.model,
                opinions.c.asked_at,
            ).where(opinions.c.number == number, opinions.c.state == ANSWERED)
        )
        row = found.first()
        return (
            None
            if row is None
            else Opinion(row.number, bool(row.violation), row.reason, row.model, row.asked_at)
        )

    async def counts(self, since: datetime) -> dict[str, int]:
        """How many were asked since ``since``, by what became of them (absent: none)."""
        found = await self._connection.execute(
            select(opinions.c.state, func.count())
            .where(opinions.c.asked_at >= since)
            .group_by(opinions.c.state)
        )
        return {str(state): int(count) for state, count in found}

    async def purge(self, before: datetime) -> int:
        """Forget opinions from before ``before``; returns how many."""
        return (await self._connection.execute(delete(opinions).where(opinions.c.asked_at < before))).rowcount
