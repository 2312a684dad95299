"""The ledger: totals, chains, and every way of tampering with them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from fakes.kept import kept_case
from sqlalchemy import text

from storage import chain
from storage.records import CaseState, LedgerEntry
from storage.results import LedgerHead, LedgerProblem, VerifyReport
from storage.session import Storage, UnitOfWork


async def _append(unit: UnitOfWork, now: datetime, **changed: Any) -> LedgerEntry:
    entry: dict[str, Any] = {
        "room_key": 1,
        "case": "V-AAAAA",
        "person_key": "p1",
        "rule": "flooding",
        "points": -3,
        "author_key": "system",
        "kind": "penalty",
        "at": now,
        "reason": "连发过多",
        "evidence": "在吗在吗",
    }
    return await unit.ledger.append(**(entry | changed))


async def _fill(storage: Storage, now: datetime) -> list[LedgerEntry]:
    async with storage.unit() as unit:
        return [
            await _append(unit, now + timedelta(minutes=n), room_key=1 + n % 2, points=-n) for n in range(8)
        ]


async def _tamper(storage: Storage, *statements: str) -> VerifyReport:
    async with storage.unit() as unit:
        connection = unit._connection
        assert connection is not None
        if connection.dialect.name == "sqlite":
            # Whoever tampers opens the file with another program, which checks no foreign keys.
            await connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        else:
            await connection.exec_driver_sql("SET session_replication_role = replica")
        for statement in statements:
            await connection.execute(text(statement))
        return await unit.ledger.verify()


async def test_totals_count_every_room_from_a_time_on(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        await _append(unit, now, points=-3)
        await _append(unit, now + timedelta(days=1), points=-2, room_key=2)
        await _append(unit, now + timedelta(days=2), points=3, kind="reversal")
        await _append(unit, now, points=-5, person_key="p2")
        assert await unit.ledger.total("p1") == -2
        assert await unit.ledger.total("p1", since=now + timedelta(days=1)) == 1
        assert await unit.ledger.total("nobody") == 0
        assert [entry.points for entry in await unit.ledger.of_person("p1")] == [-3, -2, 3]


async def test_each_room_has_its_own_chain(storage: Storage, now: datetime) -> None:
    entries = await _fill(storage, now)
    assert [(entry.room_key, entry.seq) for entry in entries] == [(1 + n % 2, 1 + n // 2) for n in range(8)]
    async with storage.view() as view:
        report = await view.ledger.verify()
        assert report.holds
        assert (report.entries, report.erased, report.unkeyed) == (8, 0, 0)
        assert list(report.heads) == await view.ledger.heads()
        assert await view.ledger.head(1) == LedgerHead(1, 4, entries[6].hash)
        assert await view.ledger.head(9) == LedgerHead(9, 0, "")
        assert await view.ledger.entries("V-AAAAA") == entries
        assert await view.ledger.reason(entries[0]) == "连发过多"


@pytest.mark.parametrize(
    "change",
    [
        "points = -99",
        "person_key = 'p9'",
        "rule = 'advertising'",
        "author_key = 'p9'",
        "kind = 'bonus'",
        "\"case\" = 'V-ZZZZZ'",
        "at = '2020-01-01 00:00:00.000000'",
        "content = 'x'",
        "hash = 'x'",
        "prev = 'x'",
        "scheme = 'hmac-sha256:00000000'",
    ],
)
async def test_a_changed_entry_is_found(storage: Storage, now: datetime, change: str) -> None:
    await _fill(storage, now)
    statement = f"UPDATE ledger SET {change} WHERE room_key = 1 AND seq = 2"  # noqa: S608 - the cases above
    report = await _tamper(storage, statement)
    assert (1, 2) in {(problem.room_key, problem.seq) for problem in report.problems}
    assert {problem.room_key for problem in report.problems} == {1}


async def test_a_removed_entry_is_found(storage: Storage, now: datetime) -> None:
    await _fill(storage, now)
    report = await _tamper(
        storage,
        "DELETE FROM ledger_texts WHERE room_key = 2 AND seq = 3",
        "DELETE FROM ledger WHERE room_key = 2 AND seq = 3",
    )
    assert report.problems == (LedgerProblem(2, 3, "removed"),)


async def test_a_removed_beginning_is_found(storage: Storage, now: datetime) -> None:
    await _fill(storage, now)
    report = await _tamper(
        storage,
        "DELETE FROM ledger_texts WHERE room_key = 2 AND seq < 3",
        "DELETE FROM ledger WHERE room_key = 2 AND seq < 3",
    )
    assert report.problems == (LedgerProblem(2, 1, "removed"), LedgerProblem(2, 2, "removed"))


async def test_an_inserted_entry_is_found(storage: Storage, now: datetime) -> None:
    await _fill(storage, now)
    for seq in (0, 5):
        columns = (
            f'{seq}, "case", person_key, rule, points, author_key, kind, at, content, scheme, prev, hash'
        )
        copy = f"INSERT INTO ledger SELECT room_key, {columns} FROM ledger WHERE room_key = 1 AND seq = 2"  # noqa: S608 - our own names
        report = await _tamper(storage, copy)
        assert LedgerProblem(1, seq, "inserted") in report.problems


async def test_a_changed_text_is_found(storage: Storage, now: datetime) -> None:
    await _fill(storage, now)
    report = await _tamper(storage, "UPDATE ledger_texts SET reason = '' WHERE room_key = 1 AND seq = 1")
    assert report.problems == (LedgerProblem(1, 1, "text"),)


async def test_a_rewritten_entry_is_betrayed_by_the_next(storage: Storage, now: datetime) -> None:
    await _fill(storage, now)
    async with storage.view() as view:
        (link,) = [link for link in await view.ledger._page(None) if (link.room_key, link.seq) == (1, 3)]
    # Without a key anybody can compute a genuine hash for other points.
    forged = chain.seal(replace(link, points=0), b"")
    rewrite = f"UPDATE ledger SET points = 0, hash = '{forged}' WHERE room_key = 1 AND seq = 3"  # noqa: S608 - a digest
    report = await _tamper(storage, rewrite)
    assert report.problems == (LedgerProblem(1, 3, "changed"),)


async def test_a_cut_tail_shows_against_earlier_heads(storage: Storage, now: datetime) -> None:
    await _fill(storage, now)
    async with storage.view() as view:
        heads = await view.ledger.heads()
    report = await _tamper(
        storage, "DELETE FROM ledger_texts WHERE seq = 4", "DELETE FROM ledger WHERE seq = 4"
    )
    assert report.holds
    async with storage.view() as view:
        report = await view.ledger.verify(heads)
    assert report.problems == (LedgerProblem(1, 4, "removed"), LedgerProblem(2, 4, "removed"))


async def test_a_regrown_tail_shows_against_earlier_heads(storage: Storage, now: datetime) -> None:
    await _fill(storage, now)
    async with storage.view() as view:
        heads = await view.ledger.heads()
    await _tamper(
        storage,
        "DELETE FROM ledger_texts WHERE room_key = 1 AND seq = 4",
        "DELETE FROM ledger WHERE room_key = 1 AND seq = 4",
    )
    async with storage.unit() as unit:
        await _append(unit, now, points=0)
        assert (await unit.ledger.verify()).holds
        assert (await unit.ledger.verify(heads)).problems == (LedgerProblem(1, 4, "changed"),)


async def test_earlier_heads_hold_while_the_chain_grows(storage: Storage, now: datetime) -> None:
    await _fill(storage, now)
    async with storage.unit() as unit:
        heads = await unit.ledger.heads()
        await _append(unit, now)
        assert (await unit.ledger.verify(heads)).holds


async def test_erased_texts_are_counted_and_the_chain_holds(storage: Storage, now: datetime) -> None:
    entries = await _fill(storage, now)
    async with storage.unit() as unit:
        assert await unit.ledger.erase_texts(now + timedelta(minutes=3)) == 3
        report = await unit.ledger.verify()
        assert report.holds
        assert (report.entries, report.erased) == (8, 3)
        assert await unit.ledger.reason(entries[2]) is None
        assert await unit.ledger.reason(entries[3]) == "连发过多"
        assert await unit.ledger.total("p1") == -28


async def test_the_words_of_old_cases_go_with_those_of_the_ledger(storage: Storage, now: datetime) -> None:
    """The reason stood a second time in the case, and what a reviewer wrote in its history, for ever."""
    words = {"reason": "连续发送 12 条", "signs": "12 条", "graver_reason": "辱骂", "graver_signs": "原话"}
    words |= {"filed_rule": "off_topic", "filed_reason": "闲聊", "filed_signs": "几句"}
    async with storage.unit() as unit:
        old, waiting = [await kept_case(unit, now, message_id, **words) for message_id in ("m1", "m2")]
        await unit.cases.move(
            old.number, [CaseState.PROVISIONAL], CaseState.CONFIRMED, "p9", now, "当事人已承认"
        )
        await unit.ledger.erase_texts(now)
        assert await unit.cases.get(old.number) == replace(
            old, state=CaseState.CONFIRMED, decided_by="p9", decided_at=now
        )
        await unit.ledger.erase_texts(now + timedelta(minutes=1))
        left = await unit.cases.get(old.number)
        assert left is not None
        assert (left.reason, left.signs, left.graver_reason, left.graver_signs) == ("", "", "", "")
        assert (left.filed_rule, left.filed_reason, left.filed_signs) == ("off_topic", "", "")
        assert (left.points, left.rule, left.sender_name) == (old.points, old.rule, old.sender_name)
        assert [move.reason for move in await unit.cases.history(old.number)] == [""]
        # What is not decided keeps its words, however old it is.
        assert await unit.cases.get(waiting.number) == waiting


async def test_a_key_makes_chains_that_nobody_else_can_write(ready_url: str, now: datetime) -> None:
    storage = await Storage.open(ready_url)
    await _fill(storage, now)
    await storage.close()
    keyed = await Storage.open(ready_url, ledger_key=b"one")
    await _fill(keyed, now)
    async with keyed.view() as view:
        report = await view.ledger.verify()
        assert report.holds
        assert (report.entries, report.unkeyed) == (16, 8)
    await keyed.close()
    for other in (b"", b"two"):
        storage = await Storage.open(ready_url, ledger_key=other)
        async with storage.view() as view:
            report = await view.ledger.verify()
        assert {problem.what for problem in report.problems} == {"key"}
        assert len(report.problems) == 8
        await storage.close()


async def test_a_plain_entry_after_keyed_ones_is_found(ready_url: str, now: datetime) -> None:
    keyed = await Storage.open(ready_url, ledger_key=b"one")
    await _fill(keyed, now)
    await keyed.close()
    storage = await Storage.open(ready_url)
    async with storage.unit() as unit:
        await _append(unit, now)
    await storage.close()
    keyed = await Storage.open(ready_url, ledger_key=b"one")
    async with keyed.view() as view:
        assert [(p.room_key, p.seq) for p in (await view.ledger.verify()).problems] == [(1, 5)]
    await keyed.close()


async def test_hostile_texts_do_not_break_the_chain(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        await _append(unit, now, reason="a\x00", evidence="\ud800" * 3, case="V-\x00", rule="x\ud800")
        assert (await unit.ledger.verify()).holds


async def test_more_entries_than_a_page_are_all_read(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        for n in range(1005):
            await _append(unit, now, room_key=1 + n % 3)
        report = await unit.ledger.verify()
    assert report.holds
    assert report.entries == 1005
    assert [head.seq for head in report.heads] == [335, 335, 335]
