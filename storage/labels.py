"""Decisions kept as examples: what a rule should find, and what it should not."""

from __future__ import annotations

from sqlalchemy import delete, exists, not_, select

from storage.errors import NotFound
from storage.numbers import CASE, normal
from storage.records import Label
from storage.repository import Repository
from storage.tables import evidence, labels, violations

_COLUMNS = (
    labels.c.number,
    labels.c.text,
    labels.c.rule,
    labels.c.verdict,
    labels.c.labelled_by.label("by"),
    labels.c.at,
)
LabelList = list[Label]


class Labels(Repository):
    """Labels by case and rule; the last decision stands."""

    async def add(self, label: Label) -> None:
        """Keep a decision; an earlier one on the same case and rule is replaced.

        Raises:
            NotFound: there is no such case.
        """
        number = normal(label.number, CASE)
        if (
            await self._connection.scalar(select(violations.c.id).where(violations.c.number == number))
            is None
        ):
            raise NotFound(f"there is no case {number}")
        values = {"text": label.text, "verdict": label.verdict, "labelled_by": label.by, "at": label.at}
        await self._connection.execute(
            self._insert(labels)
            .values(number=number, rule=label.rule, **values)
            .on_conflict_do_update(index_elements=["number", "rule"], set_=values)
        )

    async def drop(self, number: str) -> int:
        """Forget what was decided of a case, because the decision was undone; returns how many labels."""
        gone = await self._connection.execute(delete(labels).where(labels.c.number == normal(number, CASE)))
        return gone.rowcount

    async def list(self, rule: str | None = None, limit: int = 1000) -> LabelList:
        """The newest ``limit`` labels, of one rule or of all, newest first."""
        query = select(*_COLUMNS).order_by(labels.c.at.desc(), labels.c.number).limit(limit)
        if rule is not None:
            query = query.where(labels.c.rule == rule)
        return [Label(**row._mapping) for row in await self._connection.execute(query)]

    async def purge(self) -> int:
        """Forget the labels of cases whose evidence is gone, of which they are a copy; returns how many."""
        kept = exists().where(evidence.c.number == labels.c.number)
        return (await self._connection.execute(delete(labels).where(not_(kept)))).rowcount
