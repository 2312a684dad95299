"""Published months: who lost and gained how many points by which cases (policy 6.2)."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update

from storage.errors import Conflict
from storage.records import Statement, StatementLine
from storage.repository import AnyRow, Repository
from storage.tables import statement_lines, statements

StatementList = list[Statement]


def _line(row: AnyRow) -> StatementLine:
    return StatementLine(
        person_key=row.person_key,
        deducted=row.deducted,
        bonus=row.bonus,
        cases=tuple(json.loads(row.cases)),
        restored=row.restored,
        corrected=tuple(json.loads(row.corrected)),
        department=row.department,
        reached_at=row.reached_at,
        reached_by=row.reached_by,
    )


class Statements(Repository):
    """Statements by month (``2026-10``); what is published stands.

    They hold keys and numbers only, and are kept as long as the ledger: a case enters one once.
    """

    async def publish(self, statement: Statement) -> Statement:
        """Keep a month's statement.

        Raises:
            Conflict: the month was published before; ``present`` says when (ISO 8601, UTC).
        """
        made = await self._connection.execute(
            self._insert(statements)
            .values(
                month=statement.month,
                published_at=statement.published_at,
                published_by=statement.published_by,
            )
            .on_conflict_do_nothing(index_elements=["month"])
            .returning(statements.c.month)
        )
        if made.first() is None:
            standing = await self.get(statement.month)
            when = standing.published_at.isoformat() if standing else ""
            raise Conflict(f"the statement of {statement.month} was published before", present=when)
        if statement.lines:
            await self._connection.execute(
                statement_lines.insert(),
                [
                    {
                        "month": statement.month,
                        "person_key": line.person_key,
                        "deducted": line.deducted,
                        "bonus": line.bonus,
                        "restored": line.restored,
                        "cases": json.dumps(line.cases),
                        "corrected": json.dumps(line.corrected),
                        "department": line.department,
                        "reached_at": line.reached_at,
                        "reached_by": line.reached_by,
                    }
                    for line in statement.lines
                ],
            )
        return statement

    async def get(self, month: str) -> Statement | None:
        """The statement of a month, lines in order of person key; ``None`` if none was published."""
        found = await self._connection.execute(select(statements).where(statements.c.month == month))
        return next(iter(await self._with_lines(found.all())), None)

    async def list(self, limit: int = 12) -> StatementList:
        """The newest ``limit`` statements, newest month first."""
        found = await self._connection.execute(
            select(statements).order_by(statements.c.month.desc()).limit(limit)
        )
        return await self._with_lines(found.all())

    async def reached(self, month: str, person_key: str, at: datetime, by: str) -> bool:
        """Note that somebody was told of their line, by the bot or by a person; the first time counts.

        Returns whether this was it.
        """
        noted = await self._connection.execute(
            update(statement_lines)
            .where(
                statement_lines.c.month == month,
                statement_lines.c.person_key == person_key,
                statement_lines.c.reached_at.is_(None),
            )
            .values(reached_at=at, reached_by=by)
        )
        return noted.rowcount > 0

    async def entered(self, number: str) -> StatementLine | None:
        """The line by which a case entered a statement, whoever has the case now; ``None`` if it has entered none."""
        found = await self._connection.execute(
            select(statement_lines).where(
                statement_lines.c.cases.contains(json.dumps(number), autoescape=True)
            )
        )
        # SQLite's LIKE takes upper and lower case for the same, numbers do not: so compared once more.
        return next((line for line in map(_line, found) if number in line.cases), None)

    async def stated(self) -> dict[str, datetime]:
        """For every case that entered a statement, or was corrected in one: when the latest such was published."""
        found = await self._connection.execute(
            select(statements.c.published_at, statement_lines.c.cases, statement_lines.c.corrected)
            .join(statement_lines, statement_lines.c.month == statements.c.month)
            .order_by(statements.c.published_at)
        )
        return {
            number: row.published_at
            for row in found
            for number in (*json.loads(row.cases), *json.loads(row.corrected))
        }

    async def _with_lines(self, rows: Sequence[AnyRow]) -> StatementList:
        found = await self._connection.execute(
            select(statement_lines)
            .where(statement_lines.c.month.in_([row.month for row in rows]))
            .order_by(statement_lines.c.person_key)
        )
        lines: dict[str, tuple[StatementLine, ...]] = defaultdict(tuple)
        for row in found:
            lines[row.month] += (_line(row),)
        return [Statement(row.month, row.published_at, row.published_by, lines[row.month]) for row in rows]
