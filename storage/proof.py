"""Proof that nobody changed the ledger: where each chain ends, and what checking all of them finds."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import chain
from storage.repository import AnyRow, Repository
from storage.results import LedgerHead, LedgerProblem, VerifyReport
from storage.tables import ledger, ledger_texts

_PAGE = 1000


class Proof(Repository):
    """The chains as a whole; ``key`` is what their hashes are made with, empty for none."""

    def __init__(self, connection: AsyncConnection, key: bytes) -> None:
        super().__init__(connection)
        self._key = key

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


def _link(row: AnyRow) -> chain.Link:
    return chain.Link(**row._mapping)
