"""What an operator reads of the ledger's verification."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text

from storage.results import LedgerHead, LedgerProblem, VerifyReport
from storage.session import Storage


def _report(*problems: LedgerProblem, entries: int = 8, erased: int = 0, unkeyed: int = 0) -> list[str]:
    heads = tuple(LedgerHead(room_key, 4, "x") for room_key in range(1, 1 + entries // 4))
    return VerifyReport(entries, heads, problems, erased, unkeyed).lines()


def test_a_sound_ledger_is_one_line() -> None:
    assert _report() == ["ledger: 8 entries in 2 chains, all of it holds"]
    assert _report(entries=0) == ["ledger: 0 entries in 0 chains, all of it holds"]
    assert _report(entries=4)[0] == "ledger: 4 entries in 1 chain, all of it holds"


def test_what_is_no_problem_is_said_as_such() -> None:
    first, erased, unkeyed = _report(erased=3, unkeyed=1)
    assert "all of it holds" in first
    assert erased.startswith("  3 entries without reason or evidence: erased")
    assert unkeyed.startswith("  1 entry from before a key was set")


def test_a_long_gap_is_one_line_and_rooms_come_in_order() -> None:
    gap = [LedgerProblem(1, seq, "removed") for seq in range(2, 1002)]
    single = [
        LedgerProblem(1, 1002, "changed"),
        LedgerProblem(1, 1004, "removed"),
        LedgerProblem(2, 1, "key"),
    ]
    assert _report(*gap, *single) == [
        "ledger: 8 entries in 2 chains, 1003 problems found",
        "  room 1, entry 2 to 1001: was removed",
        "  room 1, entry 1002: was changed after it was written",
        "  room 1, entry 1004: was removed",
        "  room 2, entry 1: was made with a key that is not the one set now",
    ]


async def test_a_changed_ledger_says_where(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        for seq in (1, 2, 3):
            await unit.ledger.append(
                room_key=7,
                case=f"V-{seq}",
                person_key="p1",
                rule="flooding",
                points=-1,
                author_key="system",
                kind="penalty",
                at=now,
                reason="连发过多",
            )
        connection = unit._connection
        assert connection is not None
        await connection.execute(text("UPDATE ledger SET points = 0 WHERE seq = 2"))
        await connection.execute(text("UPDATE ledger_texts SET reason = '' WHERE seq = 3"))
        assert (await unit.ledger.verify()).lines() == [
            "ledger: 3 entries in 1 chain, 2 problems found",
            "  room 7, entry 2: was changed after it was written",
            "  room 7, entry 3: has another reason or evidence than was written",
        ]
