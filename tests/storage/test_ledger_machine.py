"""Whatever is appended and erased in whatever order: totals are sums, chains hold, and tampering is found."""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fakes.databases import set_up
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from storage.errors import Conflict
from storage.records import LedgerEntry
from storage.results import LedgerHead
from storage.session import Storage

ROOMS = st.integers(1, 3)
PEOPLE = st.sampled_from(["p1", "p2", "p3"])
WORDS = st.text(max_size=8)
COLUMNS = ("case", "person_key", "rule", "points", "author_key", "kind", "at", "content", "prev", "hash")
START = datetime(2026, 1, 1, tzinfo=UTC)


class LedgerMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "group.db"
        self.runner = asyncio.Runner()
        url = self.runner.run(set_up(self.path))
        self.storage = self.runner.run(Storage.open(url, ledger_key=b"key"))
        self.points: dict[str, int] = defaultdict(int)
        self.entries: list[tuple[int, int]] = []
        self.undone: dict[tuple[int, int], int] = {}
        self.erased_until = 0
        self.heads: list[LedgerHead] = []

    def teardown(self) -> None:
        self.runner.run(self.storage.close())
        self.runner.close()
        self.folder.cleanup()

    @rule(room=ROOMS, person=PEOPLE, points=st.integers(-9, 9), case=WORDS, reason=WORDS, evidence=WORDS)
    def append(self, room: int, person: str, points: int, case: str, reason: str, evidence: str) -> None:
        async def work() -> tuple[int, int]:
            async with self.storage.unit() as unit:
                entry = await unit.ledger.append(
                    room_key=room,
                    case=case,
                    person_key=person,
                    rule="flooding",
                    points=points,
                    author_key="system",
                    kind="penalty",
                    at=START + timedelta(hours=len(self.entries)),
                    reason=reason,
                    evidence=evidence,
                )
                return entry.room_key, entry.seq

        key = self.runner.run(work())
        assert key == (room, 1 + sum(known == room for known, _ in self.entries))
        self.entries.append(key)
        self.points[person] += points

    @precondition(lambda self: self.entries)
    @rule(data=st.data())
    def reverse(self, data: st.DataObject) -> None:
        room, seq = data.draw(st.sampled_from(self.entries))

        async def work() -> LedgerEntry:
            async with self.storage.unit() as unit:
                at = START + timedelta(hours=len(self.entries))
                return await unit.ledger.reverse(room, seq, "p9", at, "")

        if (room, seq) in self.undone:
            with pytest.raises(Conflict) as refused:
                self.runner.run(work())
            assert refused.value.present == str(self.undone[room, seq])
            return
        undoing = self.runner.run(work())
        self.undone[room, seq] = undoing.seq
        self.entries.append((room, undoing.seq))
        self.points[undoing.person_key] += undoing.points

    @rule()
    def note_heads(self) -> None:
        async def work() -> list[LedgerHead]:
            async with self.storage.view() as view:
                return await view.ledger.heads()

        self.heads = self.runner.run(work())

    @precondition(lambda self: self.entries)
    @rule(data=st.data())
    def erase_old_texts(self, data: st.DataObject) -> None:
        until = data.draw(st.integers(0, len(self.entries)))

        async def work() -> None:
            async with self.storage.unit() as unit:
                await unit.ledger.erase_texts(START + timedelta(hours=until))

        self.runner.run(work())
        self.erased_until = max(self.erased_until, until)

    @precondition(lambda self: self.entries)
    @rule(data=st.data(), column=st.sampled_from(COLUMNS))
    def tamper(self, data: st.DataObject, column: str) -> None:
        room, seq = data.draw(st.sampled_from(self.entries))
        select = f'SELECT "{column}" FROM ledger WHERE room_key = ? AND seq = ?'  # noqa: S608 - our own names
        change = f'UPDATE ledger SET "{column}" = ? WHERE room_key = ? AND seq = ?'  # noqa: S608 - our own names
        forged = -1000 if column == "points" else "2001-01-01 00:00:00.000000" if column == "at" else "forged"
        with sqlite3.connect(self.path) as outside:
            ((before,),) = outside.execute(select, (room, seq)).fetchall()
            outside.execute(change, (forged, room, seq))
        assert (room, seq) in self._problems()
        with sqlite3.connect(self.path) as outside:
            outside.execute(change, (before, room, seq))
        outside.close()

    @precondition(lambda self: self.entries)
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        room, seq = data.draw(st.sampled_from(self.entries))
        last = max(known for at, known in self.entries if at == room)
        noted = {head.room_key: head.seq for head in self.heads}
        with sqlite3.connect(self.path) as outside:
            row = outside.execute(
                "SELECT * FROM ledger WHERE room_key = ? AND seq = ?", (room, seq)
            ).fetchone()
            outside.execute("DELETE FROM ledger WHERE room_key = ? AND seq = ?", (room, seq))
            marks = ", ".join("?" * len(row))
        found = (room, seq) in self._problems()
        # Past the last noted head a missing end is the one thing that nothing in the database can show.
        assert found or (seq == last and noted.get(room, 0) < seq)
        with sqlite3.connect(self.path) as outside:
            outside.execute(f"INSERT INTO ledger VALUES ({marks})", row)  # noqa: S608 - question marks only
        outside.close()

    def _problems(self) -> set[tuple[int, int]]:
        async def work() -> set[tuple[int, int]]:
            async with self.storage.view() as view:
                report = await view.ledger.verify(self.heads)
                return {(problem.room_key, problem.seq) for problem in report.problems}

        return self.runner.run(work())

    @invariant()
    def totals_are_sums_and_chains_hold(self) -> None:
        async def work() -> None:
            async with self.storage.view() as view:
                for person, points in self.points.items():
                    assert await view.ledger.total(person) == points
                report = await view.ledger.verify(self.heads)
                assert report.problems == ()
                assert report.entries == len(self.entries)
                assert report.erased == self.erased_until
                assert {(head.room_key, head.seq) for head in report.heads} == {
                    (room, sum(known == room for known, _ in self.entries)) for room, _ in self.entries
                }

        self.runner.run(work())


TestLedgerMachine = LedgerMachine.TestCase
TestLedgerMachine.settings = settings(
    max_examples=12,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
