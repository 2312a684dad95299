"""Each invariant is broken once, by a statement past the program, and named by number; what is lawful is not."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from fakes.histories import fill
from fakes.kept import kept_case
from sqlalchemy import text

from storage.errors import Conflict
from storage.invariants import CHECKS, MOST
from storage.lateness import Horizon, seeing
from storage.records import Arrival, Blind, CaseState, Outgoing
from storage.results import Breach
from storage.session import Storage, UnitOfWork

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


async def charge(unit: UnitOfWork, number: str, points: int, kind: str, now: datetime) -> None:
    case = await unit.cases.get(number)
    assert case is not None
    await unit.ledger.append(
        room_key=case.room_key,
        case=number,
        person_key=case.person_key,
        rule=case.rule,
        points=points,
        author_key="system",
        kind=kind,
        at=now,
        reason=case.reason,
        evidence=case.evidence,
    )


async def found(unit: UnitOfWork, now: datetime | None, **known: Any) -> list[tuple[str, str]]:
    return [
        (one.check, one.subject) for one in (await unit.invariants.examine(Horizon(now, **known))).breaches
    ]


async def test_a_full_database_holds(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        await fill(unit, now)
        assert (await unit.invariants.examine(Horizon(now))).breaches == ()
        await unit.cases.erase_evidence(now + DAY)
        assert (await unit.invariants.examine(Horizon(now))).breaches == ()


@pytest.mark.parametrize(
    ("entries", "state", "broken"),
    [
        ([(-3, "penalty")], "provisional", []),
        ([(-3, "penalty")], "upheld", []),
        ([(-3, "penalty")], "appealed", []),
        ([(-3, "penalty"), (3, "reversal")], "dismissed", []),
        ([(-3, "penalty"), (3, "reversal"), (-3, "penalty")], "confirmed", []),
        ([(-2, "penalty"), (-1, "difference")], "confirmed", []),
        ([(-2, "penalty"), (-1, "difference"), (2, "reversal"), (1, "reversal")], "overturned", []),
        ([], "review", []),
        ([], "shadow", []),
        ([], "provisional", ["sums"]),
        ([(-3, "penalty")], "dismissed", ["sums"]),
        ([(-3, "penalty")], "review", ["sums"]),
        ([(-3, "penalty"), (-3, "penalty")], "confirmed", ["sums", "twice"]),
        ([(-2, "penalty"), (-1, "penalty")], "confirmed", ["twice"]),
        ([(-3, "penalty"), (3, "reversal"), (3, "reversal"), (-3, "difference")], "dismissed", ["twice"]),
        ([(-3, "penalty"), (4, "reversal"), (-1, "difference")], "recalled", ["twice"]),
    ],
)
async def test_points_are_what_the_state_demands_and_none_is_twice(
    storage: Storage, now: datetime, entries: list[tuple[int, str]], state: str, broken: list[str]
) -> None:
    async with storage.unit() as unit:
        case = await kept_case(unit, now, state=CaseState(state))
        for points, kind in entries:
            await charge(unit, case.number, points, kind, now)
        assert await found(unit, now) == [(check, case.number) for check in broken]


async def test_lost_evidence_shows_and_erased_evidence_does_not(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        old = await kept_case(
            unit, now - 300 * DAY, "m0", points=0, state=CaseState.CONFIRMED, spans=((0, 2),)
        )
        assert await unit.cases.erase_evidence(now - 180 * DAY) == 1
        new = await kept_case(unit, now, "m1", points=0, state=CaseState.CONFIRMED, spans=((0, 2),))
        await kept_case(unit, now, "m2", points=0, evidence="", spans=((0, 0),))  # a sticker never had any
        booked = await kept_case(unit, now, "m3")
        await charge(unit, booked.number, -3, "penalty", now)
        waiting = await kept_case(unit, now - 300 * DAY, "m4", state=CaseState.REVIEW, spans=((0, 2),))
        connection = unit._connection
        assert connection is not None
        await connection.execute(text("DELETE FROM evidence"))
        assert await found(unit, now) == [
            ("evidence", case.number) for case in (new, booked, waiting) if case is not old
        ]


@pytest.mark.parametrize("state", ["provisional", "appealed", "review"])
async def test_the_evidence_of_a_reminder_goes_in_its_time_and_that_of_a_doubt_is_missed(
    storage: Storage, now: datetime, state: str
) -> None:
    async with storage.unit() as unit:
        case = await kept_case(unit, now - 300 * DAY, points=0, state=CaseState(state), spans=((0, 2),))
        gone = await unit.cases.erase_evidence(now - 180 * DAY)
        assert gone == (1 if state == "provisional" else 0)
        connection = unit._connection
        assert connection is not None
        await connection.execute(text("DELETE FROM evidence"))
        assert await found(unit, now) == ([("evidence", case.number)] if state == "review" else [])


def past(now: datetime, hours: float) -> str:
    return f"{now - timedelta(hours=hours):%Y-%m-%d %H:%M:%S}"


async def test_what_is_stuck_shows_once_the_bot_could_have_moved_it(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        await unit.inbox.add([Arrival(f"m{hours}", now - hours * HOUR) for hours in (3, 2, 0)])
        await unit.inbox.add([Arrival("aside", now - 9 * DAY), Arrival("astray", now - 9 * DAY)])
        await unit.inbox.unread([4], now + HOUR)
        await unit.inbox.unread([5], now - 2 * HOUR)
        rows = [Outgoing(to, "x", now - hours * HOUR, now - DAY) for to, hours in
                (("r", 8), ("@kept", 8), ("r", 5), ("r", -5))]  # fmt: skip
        first, *_ = await unit.outbox.add(rows)
        kept = frozenset({"@kept"})
        assert await found(unit, now, kept=kept) == [
            ("unsent", str(first.id)), ("unjudged", "1"), ("unjudged", "2"), ("unjudged", "5"),
        ]  # fmt: skip
        assert await found(unit, None) == [], "it was never on guard"
        await unit.blind.begin(now - 10 * HOUR, "the gateway was lost")
        assert await found(unit, now, kept=kept) == [], "nothing could move"
        await unit.blind.end(now - 90 * HOUR / 60)
        assert await found(unit, now, kept=kept) == [("unjudged", "1"), ("unjudged", "2"), ("unjudged", "5")]


async def test_job_runs_that_contradict_themselves_or_never_ended(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        for job, due, ended in (
            ("digest", now - 3 * DAY, False),  # died, and the next one came about
            ("digest", now - 2 * DAY, True),
            ("retention", now - 2 * DAY, False),
            ("month", now - HOUR, False),
        ):
            await unit.jobs.claim(job, due, due)
            if ended:
                await unit.jobs.finish(job, due, due + HOUR, "done")
        await unit.jobs.claim("early", now, now - HOUR)
        await unit.jobs.finish("early", now, now, "done")
        broken = await unit.invariants.examine(Horizon(now))
        assert [(one.subject.split()[0], one.said) for one in broken.breaches] == [
            ("early", "its times contradict each other"),
            ("retention", "was taken and never ended"),
        ]


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("UPDATE violations SET state = 'forgiven' WHERE message_id = 'm2'", ["states violations V"]),
        ("UPDATE inbox SET state = 'lost' WHERE seq = 1", ["states inbox 1"]),
        ("UPDATE outbox SET state = 'sending' WHERE id = 2", ["states outbox 2"]),
        ("UPDATE reversals SET reversed_by = 99 WHERE seq = 2", ["references reversals 1/2"]),
        ("UPDATE nicknames SET number = 'V-2'", ["references nicknames 1"]),
        (
            "UPDATE addressees SET overdue_case = 'V-2' WHERE contact_id <> 'c-other'",
            ["references addressees Q"],
        ),
    ],
)
async def test_states_and_references_that_lead_nowhere(
    storage: Storage, now: datetime, statement: str, broken: list[str]
) -> None:
    async with storage.unit() as unit:
        await fill(unit, now)
        connection = unit._connection
        assert connection is not None
        await connection.execute(text(statement))
        subjects = [f"{check} {subject}" for check, subject in await found(unit, now) if check != "sums"]
        assert [one[: len(start)] for one, start in zip(subjects, broken, strict=True)] == broken


async def test_a_foreign_key_that_does_not_hold_shows(sqlite_url: str, now: datetime) -> None:
    storage = await Storage.open(sqlite_url)  # a server lets nobody break one
    unit = storage.unit()
    await unit.__aenter__()
    await fill(unit, now)
    connection = unit._connection
    assert connection is not None
    await connection.execute(text("PRAGMA defer_foreign_keys=ON"))
    await connection.execute(text("DELETE FROM ledger WHERE room_key = 1 AND seq = 1"))
    assert ("references", "ledger_texts 1/1") in await found(unit, now)
    with pytest.raises(Conflict):  # nor is it kept
        await unit.__aexit__(None, None, None)
    await storage.close()


def test_only_time_on_guard_counts() -> None:
    at = datetime.fromisoformat("2026-10-13T12:00:00+00:00")
    spans = [Blind(at - 5 * HOUR, at - 2 * HOUR, ""), Blind(at - 4 * HOUR, at - 3 * HOUR, "inside")]
    for wanted, since in ((1, -1), (2, -2), (3, -6), (4, -7)):
        assert seeing(at, wanted * HOUR, spans) == at + since * HOUR
    assert seeing(at, HOUR, [Blind(at - 3 * HOUR, None, "")]) == at - 4 * HOUR
    assert seeing(at, HOUR, [Blind(at - 9 * HOUR, at + HOUR, "")]) == at - 10 * HOUR


async def test_a_record_that_was_put_to_another_holds_nothing(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        room = await unit.rooms.seen("r@1", "项目群", now)
        one = await unit.people.seen("c1", "张三", "", room.key, now)
        other = await unit.people.seen("c2", "小张", "", room.key, now)
        case = await kept_case(unit, now, person_key=one.key, state=CaseState.REVIEW, points=0)
        await unit.mergers.merge(one.key, other.key, "p9", "同一人", now)
        assert await found(unit, now) == []
        connection = unit._connection
        assert connection is not None
        key = {"key": one.key, "number": case.number}
        await connection.execute(text("UPDATE violations SET person_key = :key WHERE number = :number"), key)
        assert await found(unit, now) == [("put_away", one.key)]
        await connection.execute(
            text("UPDATE bindings SET person_key = :key WHERE contact_id = 'c1' AND until IS NULL"), key
        )
        assert await found(unit, now) == [("put_away", one.key)] * 2


async def test_no_breach_says_what_somebody_wrote_and_of_very_many_some_are_named(
    storage: Storage, now: datetime
) -> None:
    async with storage.unit() as unit:
        await fill(unit, now)
        connection = unit._connection
        assert connection is not None
        await unit.inbox.add([Arrival(f"wx{number}", now - DAY) for number in range(MOST + 5)])
        await connection.execute(text("UPDATE violations SET state = 'review', points = 7"))
        await connection.execute(text("DELETE FROM evidence"))
        breaches = (await unit.invariants.examine(Horizon(now))).breaches
        assert len([one for one in breaches if one.check == "unjudged"]) == MOST
        assert {one.check for one in breaches} >= {"sums", "unjudged"}
        assert not [
            one for one in breaches if any(mark in str(one) for mark in ("欧阳", "wxid", "私下", "wx1"))
        ]
        assert {type(one) for one in breaches} == {Breach}
        assert len({check.__name__ for check in CHECKS}) == len(CHECKS)
