"""Who is on duty or on leave, and when (policy 3.2a)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, or_, select, text, update

from storage.records import ShiftRow
from storage.repository import Repository
from storage.tables import shifts

_KINDS = frozenset({"duty", "leave"})
_COLUMNS = (
    shifts.c.id,
    shifts.c.person_key,
    shifts.c.kind,
    shifts.c.starts_at.label("start"),
    shifts.c.ends_at.label("end"),
    shifts.c.entered_by.label("by"),
    shifts.c.entered_at.label("at"),
)


class Shifts(Repository):
    """Shifts by id; a cancelled one stays as a row until its time is over."""

    async def add(
        self, person_key: str, kind: str, start: datetime, end: datetime, by: str, now: datetime
    ) -> ShiftRow:
        """Enter a shift (``duty`` or ``leave``) from ``start`` to before ``end``.

        One that stands already is returned as it is: a list may be imported twice.

        Raises:
            NotFound: there is no such person.
            ValueError: it is of another kind, or does not end after it starts.
        """
        if kind not in _KINDS:
            raise ValueError(f"a shift is duty or leave, not {kind!r}")
        if end <= start:
            raise ValueError("a shift ends after it starts")
        await self._require_person(person_key)
        made = await self._connection.execute(
            self._insert(shifts)
            .values(
                person_key=person_key, kind=kind, starts_at=start, ends_at=end, entered_by=by, entered_at=now
            )
            .on_conflict_do_nothing(
                index_elements=["person_key", "kind", "starts_at", "ends_at"],
                index_where=text("cancelled_at IS NULL"),
            )
            .returning(*_COLUMNS)
        )
        row = made.first()
        if row is None:
            standing = await self._connection.execute(
                select(*_COLUMNS).where(
                    shifts.c.person_key == person_key,
                    shifts.c.kind == kind,
                    shifts.c.starts_at == start,
                    shifts.c.ends_at == end,
                    shifts.c.cancelled_at.is_(None),
                )
            )
            row = standing.one()
        return ShiftRow(**row._mapping)

    async def cancel(self, id: int, by: str, now: datetime) -> ShiftRow | None:  # noqa: A002 - what it is called
        """Take a shift back; returns it, or ``None`` if there is none of this id that stands."""
        ended = await self._connection.execute(
            update(shifts)
            .where(shifts.c.id == id, shifts.c.cancelled_at.is_(None))
            .values(cancelled_by=by, cancelled_at=now)
            .returning(*_COLUMNS)
        )
        row = ended.first()
        return None if row is None else ShiftRow(**row._mapping)

    async def since(self, moment: datetime) -> list[ShiftRow]:
        """Shifts that stand and end at or after ``moment``, in order of start."""
        found = await self._connection.execute(
            select(*_COLUMNS)
            .where(shifts.c.cancelled_at.is_(None), shifts.c.ends_at >= moment)
            .order_by(shifts.c.starts_at, shifts.c.id)
        )
        return [ShiftRow(**row._mapping) for row in found]

    async def purge(self, before: datetime) -> int:
        """Forget shifts that ended, or were cancelled, before ``before``; returns how many."""
        gone = await self._connection.execute(
            delete(shifts).where(or_(shifts.c.ends_at < before, shifts.c.cancelled_at < before))
        )
        return gone.rowcount
