"""The ledger of points: it only grows, one hash chain per room (policy 6.2, and what fairness asks)."""

from __future__ import annotations

import secrets
from collections import defaultdict
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, exists, func, select, update

from storage import chain
from storage.errors import Conflict, NotFound
from storage.evidence import FINAL
from storage.proof import Proof
from storage.records import LedgerEntry
from storage.tables import case_moves, ledger, ledger_texts, reversals, violations
from storage.types import storable

_ENTRY = (
    ledger.c.room_key,
    ledger.c.seq,
    ledger.c.case,
    ledger.c.person_key,
    ledger.c.rule,
    ledger.c.points,
    ledger.c.author_key,
    ledger.c.kind,
    ledger.c.at,
    ledger.c.hash,
)


class Ledger(Proof):
    """Entries by case and person; totals; and proof that nothing was changed."""

    async def append(
        self,
        *,
        room_key: int,
        case: str,
        person_key: str,
        rule: str,
        points: int,
        author_key: str,
        kind: str,
        at: datetime,
        reason: str = "",
        evidence: str = "",
    ) -> LedgerEntry:
        """Add an entry at the end of the room's chain.

        Args:
            points: as they count for the person: a deduction is negative, its reversal positive.
            kind: penalty, difference, reversal, bonus or adjustment.
            reason, evidence: kept apart, erasable; the entry holds only their salted hash.
        """
        await self._serialise(f"ledger {room_key}")
        head = await self.head(room_key)
        salt = secrets.token_bytes(16)
        reason, evidence = storable(reason), storable(evidence)
        link = chain.Link(
            room_key=room_key,
            seq=head.seq + 1,
            case=storable(case),
            person_key=storable(person_key),
            rule=storable(rule),
            points=points,
            author_key=storable(author_key),
            kind=storable(kind),
            at=at,
            content=chain.content(salt, reason, evidence),
            scheme=chain.scheme(self._key),
            prev=head.hash,
            hash="",
        )
        link = replace(link, hash=chain.seal(link, self._key))
        row = {column.name: getattr(link, column.name) for column in ledger.c}
        await self._connection.execute(ledger.insert().values(**row))
        await self._connection.execute(
            ledger_texts.insert().values(
                room_key=room_key, seq=link.seq, salt=salt, reason=reason, evidence=evidence
            )
        )
        return LedgerEntry(**{column.name: row[column.name] for column in _ENTRY})

    async def total(self, person_key: str, since: datetime | None = None) -> int:
        """The sum of a person's points over all rooms; from ``since`` on, if given.

        An entry counts for whom its case stands now: entries can't change when a case is carried over to the
        employee who a contact turned out to be. Without a case it counts for whom it was written.
        """
        query = select(func.coalesce(func.sum(ledger.c.points), 0)).where(_belongs_to(person_key))
        if since is not None:
            query = query.where(ledger.c.at >= since)
        return int(await self._connection.scalar(query) or 0)

    async def entries(self, case: str) -> list[LedgerEntry]:
        """The entries of a case, oldest first."""
        return await self._entries(ledger.c.case == case)

    async def of_person(
        self, person_key: str, since: datetime | None = None, until: datetime | None = None
    ) -> list[LedgerEntry]:
        """The entries that :meth:`total` counts for a person, made in ``[since, until)``, oldest first."""
        return await self._entries(_belongs_to(person_key), *_within(since, until))

    async def case_totals(self, until: datetime | None = None) -> dict[str, int]:
        """The sum of every case's entries, of those made before ``until`` where it is given (absent: no entry)."""
        found = await self._connection.execute(
            select(ledger.c.case, func.sum(ledger.c.points))
            .where(*_within(None, until))
            .group_by(ledger.c.case)
        )
        return {case: int(points) for case, points in found}

    async def everybody(self, since: datetime, until: datetime) -> dict[str, list[LedgerEntry]]:
        """The entries made in ``[since, until)`` by the person for whom they count now, oldest first."""
        owner = func.coalesce(violations.c.person_key, ledger.c.person_key).label("owner")
        found = await self._connection.execute(
            select(*_ENTRY, owner)
            .outerjoin(violations, violations.c.number == ledger.c.case)
            .where(*_within(since, until))
            .order_by(ledger.c.at, ledger.c.room_key, ledger.c.seq)
        )
        theirs: dict[str, list[LedgerEntry]] = defaultdict(list)
        for row in found:
            theirs[row.owner].append(LedgerEntry(*row[:-1]))
        return dict(theirs)

    async def get(self, room_key: int, seq: int) -> LedgerEntry | None:
        """One entry; ``None`` if the chain is not that long."""
        found = await self._entries(ledger.c.room_key == room_key, ledger.c.seq == seq)
        return next(iter(found), None)

    async def reverse(
        self, room_key: int, seq: int, author_key: str, at: datetime, reason: str
    ) -> LedgerEntry:
        """Undo one entry by another of the opposite points, kind ``reversal``, under the same case.

        A later reversal that names no entry gave back what the case had cost until then, this entry with it.

        Raises:
            NotFound: there is no such entry.
            Conflict: it is undone already; ``present`` is the number of the entry that did.
        """
        await self._serialise(f"ledger {room_key}")
        entry = await self.get(room_key, seq)
        if entry is None:
            raise NotFound(f"the ledger of room {room_key} has no entry {seq}")
        undone = await self._undone_by(entry)
        if undone is not None:
            raise Conflict(f"entry {seq} of room {room_key} is reversed already", present=str(undone))
        undoing = await self.append(
            room_key=room_key,
            case=entry.case,
            person_key=entry.person_key,
            rule=entry.rule,
            points=-entry.points,
            author_key=author_key,
            kind="reversal",
            at=at,
            reason=reason,
        )
        await self._connection.execute(
            reversals.insert().values(room_key=room_key, seq=seq, reversed_by=undoing.seq)
        )
        return undoing

    async def _undone_by(self, entry: LedgerEntry) -> int | None:
        by_itself = await self._connection.scalar(
            select(reversals.c.reversed_by).where(
                reversals.c.room_key == entry.room_key, reversals.c.seq == entry.seq
            )
        )
        if by_itself is not None:
            return int(by_itself)
        of_another = exists().where(
            reversals.c.room_key == ledger.c.room_key, reversals.c.reversed_by == ledger.c.seq
        )
        with_its_case: int | None = await self._connection.scalar(
            select(ledger.c.seq)
            .where(
                ledger.c.room_key == entry.room_key,
                ledger.c.seq > entry.seq,
                ledger.c.case == entry.case,
                ledger.c.kind == "reversal",
                ~of_another,
            )
            .order_by(ledger.c.seq)
            .limit(1)
        )
        return with_its_case

    async def _entries(self, *conditions: ColumnElement[bool]) -> list[LedgerEntry]:
        found = await self._connection.execute(
            select(*_ENTRY).where(*conditions).order_by(ledger.c.at, ledger.c.room_key, ledger.c.seq)
        )
        return [LedgerEntry(**row._mapping) for row in found]

    async def reason(self, entry: LedgerEntry) -> str | None:
        """The reason of an entry; ``None`` if it was erased."""
        found: str | None = await self._connection.scalar(
            select(ledger_texts.c.reason).where(
                ledger_texts.c.room_key == entry.room_key, ledger_texts.c.seq == entry.seq
            )
        )
        return found

    async def erase_texts(self, before: datetime) -> int:
        """Erase reasons, evidence and salts of entries made before ``before`` (policy: 24 months).

        The same words go from the cases that became final before, with what people wrote when they decided them.
        Returns how many entries lost theirs.
        """
        old = exists().where(
            ledger.c.room_key == ledger_texts.c.room_key,
            ledger.c.seq == ledger_texts.c.seq,
            ledger.c.at < before,
        )
        settled = and_(
            violations.c.state.in_(FINAL),
            func.coalesce(violations.c.decided_at, violations.c.created_at) < before,
        )
        cases = select(violations.c.number).where(settled)
        await self._connection.execute(
            update(case_moves)
            .where(case_moves.c.number.in_(cases), case_moves.c.reason != "")
            .values(reason="")
        )
        await self._connection.execute(
            update(violations)
            .where(settled, violations.c.reason != "")
            .values(reason="", signs="", graver_reason="", graver_signs="", filed_reason="", filed_signs="")
        )
        return (await self._connection.execute(delete(ledger_texts).where(old))).rowcount


def _belongs_to(person_key: str) -> ColumnElement[bool]:
    theirs = select(violations.c.number).where(violations.c.person_key == person_key)
    has_case = exists().where(violations.c.number == ledger.c.case)
    return ledger.c.case.in_(theirs) | and_(ledger.c.person_key == person_key, ~has_case)


def _within(since: datetime | None, until: datetime | None) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [] if since is None else [ledger.c.at >= since]
    return conditions if until is None else [*conditions, ledger.c.at < until]
