"""How many cases there are: by state, rule and room, opened or decided in a time."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, case, func, literal, not_, select

from rules.core import conduct
from storage.records import CaseState, RuleCount
from storage.repository import Repository
from storage.tables import outbox, people, violations
from storage.types import Words

When = Literal["created_at", "sent_at", "decided_at", "published_at"]

BONUS = conduct.BONUS
"""The rule of points given by hand: such cases are no violations, and count as none."""


REMINDER = and_(
    violations.c.state == CaseState.PROVISIONAL, violations.c.points == 0, violations.c.graver_points == 0
)
"""Cases that nobody has to decide, as :func:`rules.procedure.reminder.settled` tells them."""


class CaseCounts(Repository):
    """Counts over every case of a violation."""

    async def counts(
        self,
        room_key: int | None = None,
        person_key: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Mapping[CaseState, int]:
        """How many cases stand in each state (absent: none). Times bound ``created_at``, half-open."""
        found = await self._connection.execute(
            select(violations.c.state, func.count())
            .where(*filters(room_key, person_key, None, since, until))
            .group_by(violations.c.state)
        )
        return {CaseState(state): count for state, count in found}

    async def to_confirm(self) -> int:
        """How many cases wait to be confirmed; reminders don't."""
        found = await self._connection.scalar(
            select(func.count()).where(violations.c.state == CaseState.PROVISIONAL, not_(REMINDER))
        )
        return int(found or 0)

    async def rule_counts(self, since: datetime, until: datetime) -> list[RuleCount]:
        """Cases opened in ``[since, until)``, counted by rule, room, state, verdict and what found them."""
        return await self._count_rules(violations.c.created_at, since, until)

    async def decided(self, since: datetime, until: datetime) -> list[RuleCount]:
        """Cases last decided in ``[since, until)``, counted like those of :meth:`rule_counts`."""
        return await self._count_rules(violations.c.decided_at, since, until)

    async def _count_rules(
        self, when: ColumnElement[Any], since: datetime, until: datetime
    ) -> list[RuleCount]:
        found_by = case(
            (violations.c.recorded_by != "", literal("", Words)),
            (violations.c.filed_rule != "", violations.c.filed_rule),
            else_=violations.c.rule,
        ).label("found_by")
        counted = select(
            violations.c.rule, violations.c.room_key, violations.c.state, violations.c.verdict, found_by
        ).where(when >= since, when < until, violations.c.rule != BONUS)
        rows = counted.subquery().c
        by = (rows.rule, rows.room_key, rows.state, rows.verdict, rows.found_by)
        found = await self._connection.execute(select(*by, func.count()).group_by(*by).order_by(*by))
        return [
            RuleCount(rule, room_key, CaseState(state), verdict, count, finder)
            for rule, room_key, state, verdict, finder, count in found
        ]

    async def untold(self, limit: int) -> list[str]:
        """Numbers of the cases of which something private waits for a friendship, longest waiting first."""
        found = await self._connection.scalars(
            select(outbox.c.case)
            .where(outbox.c.state == "waiting", outbox.c.case != "")
            .group_by(outbox.c.case)
            .order_by(func.min(outbox.c.id))
            .limit(limit)
        )
        return list(found)

    async def oldest(self, state: CaseState) -> datetime | None:
        """When the oldest case that stands in a state and is no reminder was opened; ``None`` if none does."""
        return await self._connection.scalar(
            select(violations.c.created_at)
            .where(violations.c.state == state, not_(REMINDER))
            .order_by(violations.c.created_at)
            .limit(1)
        )


def filters(
    room_key: int | None,
    person_key: str | None,
    states: Collection[CaseState] | None,
    since: datetime | None,
    until: datetime | None,
    *,
    by: When = "created_at",
    department: str | None = None,
    bonuses: bool = False,
    reminders: bool = True,
) -> list[ColumnElement[bool]]:
    """What a query asks of cases for every condition that is given; times bound ``by``, half-open."""
    conditions: list[ColumnElement[bool]] = [] if bonuses else [violations.c.rule != BONUS]
    when = violations.c[by]
    if room_key is not None:
        conditions.append(violations.c.room_key == room_key)
    if person_key is not None:
        conditions.append(violations.c.person_key == person_key)
    if states is not None:
        conditions.append(violations.c.state.in_(list(states)))
    if department is not None:
        theirs = select(people.c.key).where(people.c.department == department)
        conditions.append(violations.c.person_key.in_(theirs))
    if not reminders:
        conditions.append(not_(REMINDER))
    if since is not None:
        conditions.append(when >= since)
    if until is not None:
        conditions.append(when < until)
    return conditions
