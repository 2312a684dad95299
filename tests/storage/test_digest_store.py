"""What digests ask of storage: outcomes, kept texts, failed runs, shortened ledger heads."""

from __future__ import annotations

from datetime import datetime, timedelta

from storage.records import Arrival, Outgoing, StoredMessage
from storage.results import LedgerHead
from storage.session import Storage

HOUR = timedelta(hours=1)


async def test_messages_come_with_what_the_rules_said(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        room = await unit.rooms.seen("r1", "群", now)
        person = await unit.people.seen("c1", "张三", "", room.key, now)
        arrivals = [Arrival(f"m{n}", now + n * HOUR) for n in range(4)]
        kept = await unit.inbox.add(arrivals)
        marks = ["clean", "flooding=crashed off_topic=review", "clean", "flooding=crashed"]
        await unit.inbox.settle([(row.seq, mark) for row, mark in zip(kept, marks, strict=True)])
        stored = [
            StoredMessage(f"m{n}", room.key, person.key, "张三", "text", f"{n}", now + n * HOUR)
            for n in range(4)
        ]
        await unit.messages.add(stored)
        until = now + 3 * HOUR
        assert await unit.messages.judged(now, until, 9) == [(stored[n], marks[n]) for n in (2, 1, 0)]
        assert await unit.messages.judged(now, until, 1) == [(stored[2], marks[2])]
        assert await unit.inbox.noted("=crashed", now, until) == [marks[1]]
        assert await unit.inbox.noted("=crashed", now, until + HOUR) == [marks[1], marks[3]]
        assert await unit.inbox.noted("%", now, until + HOUR) == []


async def test_messages_are_found_again_by_what_makes_them_unique(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        names = [
            "digest 2026-10-08 page 1",
            "digest 2026-10-08 page 2",
            "Digest 2026-10-08",
            "digest 2026-10-09 page 1",
            "",
        ]
        rows = await unit.outbox.add(
            [Outgoing("@supervision", name, now, now, unique=name) for name in names]
        )
        await unit.outbox.sent([rows[0].id], now)
        found = await unit.outbox.kept("digest 2026-10-08 page ")
        assert [row.text for row in found] == names[:2]
        assert [row.text for row in await unit.outbox.kept("digest ", unsent=True)] == [names[1], names[3]]
        assert [row.text for row in await unit.outbox.kept("digest ", limit=1)] == [names[3]]


async def test_a_failed_run_can_be_taken_again_later_and_a_finished_one_never(
    storage: Storage, now: datetime
) -> None:
    async with storage.unit() as unit:
        await unit.jobs.fail("digest", now, now, "failed 1: Busy")
        (run,) = await unit.jobs.runs("digest", now)
        assert (run.finished_at, run.result) == (None, "failed 1: Busy")
        assert not await unit.jobs.claim("digest", now, now + HOUR / 2, HOUR)
        assert await unit.jobs.claim("digest", now, now + HOUR, HOUR)
        await unit.jobs.finish("digest", now, now + HOUR, "done")
        await unit.jobs.fail("digest", now, now + 9 * HOUR, "failed 2: Busy")
        (run,) = await unit.jobs.runs("digest", now)
        assert (run.finished_at, run.result) == (now + HOUR, "done")
        assert not await unit.jobs.claim("digest", now, now + 99 * HOUR, HOUR)


async def test_every_earlier_head_has_to_fit_also_a_shortened_one(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        room = await unit.rooms.seen("r1", "群", now)
        for _ in range(2):
            entry = await unit.ledger.append(
                room_key=room.key, case="V-1", person_key="p", rule="flooding", points=-1, author_key="system",
                kind="penalty", at=now,
            )  # fmt: skip
        short = LedgerHead(room.key, 2, entry.hash[:16])
        assert (await unit.ledger.verify([short, LedgerHead(room.key, 2, entry.hash)])).holds
        wrong = LedgerHead(room.key, 2, "0" * 16)
        for heads in ([short, wrong], [wrong, short]):
            assert [problem.what for problem in (await unit.ledger.verify(heads)).problems] == ["changed"]
        gone = (await unit.ledger.verify([short, LedgerHead(room.key, 3, "0" * 16)])).problems
        assert [(problem.seq, problem.what) for problem in gone] == [(3, "removed")]
