"""The ledger of points: it only grows, one hash chain per room (policy 6.2, and what fairness asks)."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, exists, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import chain
from storage.records import LedgerEntry
from storage.repository import AnyRow, Repository
from storage.results import LedgerHead, LedgerProblem, VerifyReport
from storage.tables import ledger, ledger_texts, violations
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
_PAGE = 1000


class Ledger(Repository):
    """Entries by case and person; totals; and proof that nothing was changed."""

    def __init__(self, connection: AsyncConnection, key: bytes) -> None:
        super().__init__(connection)
        self._key = key

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

    async def of_person(self, person_key: str) -> list[LedgerEntry]:
        """The entries that :meth:`total` counts for a person, oldest first."""
        return await self._entries(_belongs_to(person_key))

    async def _entries(self, condition: ColumnElement[bool]) -> list[LedgerEntry]:
        found = await self._connection.execute(
            select(*_ENTRY).where(condition).order_by(ledger.c.at, ledger.c.room_key, ledger.c.seq)
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

    async def head(self, room_key: int) -> LedgerHead:
        """Where a room's chain ends."""
        row = (
            await self._connection.execute(
                select(ledger.c.seq, ledger.c.hash)
                .where(ledger.c.room_key == room_key)
                .order_by(ledger.c.seq.desc())
                .limit(1)
            )
        ).first()
        return LedgerHead(room_key, 0, "") if row is None else LedgerHead(room_key, row.seq, row.hash)

    async def heads(self) -> list[LedgerHead]:
        """Where every chain ends, by room."""
        last = (
            select(ledger.c.room_key, func.max(ledger.c.seq).label("seq"))
            .group_by(ledger.c.room_key)
            .subquery()
        )
        found = await self._connection.execute(
            select(ledger.c.room_key, ledger.c.seq, ledger.c.hash)
            .join(last, and_(last.c.room_key == ledger.c.room_key, last.c.seq == ledger.c.seq))
            .order_by(ledger.c.room_key)
        )
        return [LedgerHead(*row) for row in found]

    async def erase_texts(self, before: datetime) -> int:
        """Erase reasons, evidence and salts of entries made before ``before`` (policy: 24 months)."""
        old = exists().where(
            ledger.c.room_key == ledger_texts.c.room_key,
            ledger.c.seq == ledger_texts.c.seq,
            ledger.c.at < before,
        )
        return (await self._connection.execute(delete(ledger_texts).where(old))).rowcount

    async def verify(self, heads: Sequence[LedgerHead] = ()) -> VerifyReport:
        """Check every entry of every chain, and that each of the earlier ``heads`` still stands in its place.

        A hash among ``heads`` may be shortened to its beginning. Without ``heads`` a cut tail can't show;
        without a key whoever can write the database can write a whole new chain.
        """
        problems: set[LedgerProblem] = set()
        expected: dict[tuple[int, int], set[str]] = {}
        for head in heads:
            if head.seq:
                expected.setdefault((head.room_key, head.seq), set()).add(head.hash)
        entries = erased = unkeyed = 0
        before: chain.Link | None = None
        ends: dict[int, LedgerHead] = {}
        while page := await self._page(before):
            for link in page:
                same = before if before is not None and before.room_key == link.room_key else None
                problems |= {
                    LedgerProblem(link.room_key, seq, what)
                    for seq, what in chain.flaws(link, same, self._key)
                }
                earlier = expected.pop((link.room_key, link.seq), set())
                if not all(link.hash.startswith(hash_) for hash_ in earlier):
                    problems.add(LedgerProblem(link.room_key, link.seq, "changed"))
                entries += 1
                erased += link.evidence is None
                unkeyed += bool(self._key) and link.scheme == chain.PLAIN
                ends[link.room_key] = LedgerHead(link.room_key, link.seq, link.hash)
                before = link
        problems |= {LedgerProblem(room_key, seq, "removed") for room_key, seq in expected}
        problems |= {LedgerProblem(room_key, seq, "inserted") for room_key, seq in await self._stray_texts()}
        return VerifyReport(
            entries=entries,
            heads=tuple(ends.values()),
            problems=tuple(
                sorted(problems, key=lambda problem: (problem.room_key, problem.seq, problem.what))
            ),
            erased=erased,
            unkeyed=unkeyed,
        )

    async def _page(self, after: chain.Link | None) -> list[chain.Link]:
        query = (
            select(ledger, ledger_texts.c.salt, ledger_texts.c.reason, ledger_texts.c.evidence)
            .outerjoin(
                ledger_texts,
                and_(ledger_texts.c.room_key == ledger.c.room_key, ledger_texts.c.seq == ledger.c.seq),
            )
            .order_by(ledger.c.room_key, ledger.c.seq)
            .limit(_PAGE)
        )
        if after is not None:
            further = and_(ledger.c.room_key == after.room_key, ledger.c.seq > after.seq)
            query = query.where((ledger.c.room_key > after.room_key) | further)
        return [_link(row) for row in await self._connection.execute(query)]

    async def _stray_texts(self) -> list[tuple[int, int]]:
        found = await self._connection.execute(
            select(ledger_texts.c.room_key, ledger_texts.c.seq)
            .outerjoin(
                ledger, and_(ledger_texts.c.room_key == ledger.c.room_key, ledger_texts.c.seq == ledger.c.seq)
            )
            .where(ledger.c.seq.is_(None))
        )
        return [(row.room_key, row.seq) for row in found]


def _belongs_to(person_key: str) -> ColumnElement[bool]:
    theirs = select(violations.c.number).where(violations.c.person_key == person_key)
    has_case = exists().where(violations.c.number == ledger.c.case)
    return ledger.c.case.in_(theirs) | and_(ledger.c.person_key == person_key, ~has_case)


def _link(row: AnyRow) -> chain.Link:
    return chain.Link(**row._mapping)
