"""Audit, blind periods, job runs and one-time codes."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from storage.errors import ClaimRefused, NotFound
from storage.records import AuditEntry, Blind, Role
from storage.session import Storage, UnitOfWork

HOUR = timedelta(hours=1)


async def test_the_audit_log_shows_the_newest_first(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        entries = [AuditEntry(now + n * HOUR, "system", "grant", f"p{n}", "细节") for n in range(3)]
        for entry in entries:
            await unit.audit.add(entry)
        assert await unit.audit.recent(2) == [entries[2], entries[1]]
        assert await unit.audit.purge(now) == 0
        assert await unit.audit.purge(now + 2 * HOUR) == 2
        assert await unit.audit.recent(9) == [entries[2]]


async def test_we_are_blind_once_at_a_time(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        assert await unit.blind.open() is None
        assert await unit.blind.end(now) is None
        assert await unit.blind.begin(now, "stream broke")
        assert not await unit.blind.begin(now + HOUR, "again")
        assert await unit.blind.open() == Blind(now, None, "stream broke")
        ended = Blind(now, now + HOUR, "stream broke")
        assert await unit.blind.end(now + HOUR) == ended
        assert await unit.blind.begin(now + 3 * HOUR, "frozen")
        assert await unit.blind.recent(5) == [Blind(now + 3 * HOUR, None, "frozen"), ended]
        assert await unit.blind.between(now + HOUR, now + 3 * HOUR) == []
        assert await unit.blind.between(now, now + HOUR) == [ended]
        assert len(await unit.blind.between(now, now + 9 * HOUR)) == 2


async def test_a_job_runs_once_for_each_due_time(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        assert await unit.jobs.last("digest") is None
        assert await unit.jobs.claim("digest", now, now)
        assert not await unit.jobs.claim("digest", now, now + HOUR)
        assert await unit.jobs.claim("probe", now, now)
        assert not await unit.jobs.claim("digest", now, now + HOUR, abandoned_after=2 * HOUR)
        assert await unit.jobs.claim("digest", now, now + 2 * HOUR, abandoned_after=2 * HOUR)
        await unit.jobs.finish("digest", now, now + 2 * HOUR, "sent")
        assert not await unit.jobs.claim("digest", now, now + 9 * HOUR, abandoned_after=HOUR)
        assert await unit.jobs.claim("digest", now + HOUR, now + 2 * HOUR)
        last = await unit.jobs.last("digest")
        assert last is not None
        assert (last.due_at, last.finished_at, last.result) == (now + HOUR, None, "")


async def _issue(unit: UnitOfWork, now: datetime, code: str = "AB12-CD34") -> str:
    code_hash = await unit.claims.hash_code(code)
    await unit.claims.issue(Role.HR_LEAD, "operator", now + HOUR, "1001", code_hash)
    return code_hash


async def test_a_code_is_used_once(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        code_hash = await _issue(unit, now)
        found = await unit.claims.find(await unit.claims.hash_code(" ａb12-cd34 "))
        assert found is not None
        assert (found.role, found.employee_no, found.used_at) == (Role.HR_LEAD, "1001", None)
        used = await unit.claims.use(code_hash, "p1", now)
        assert (used.role, used.used_by, used.used_at) == (Role.HR_LEAD, "p1", now)
        with pytest.raises(ClaimRefused) as refused:
            await unit.claims.use(code_hash, "p2", now)
        assert refused.value.present == "used"
        # A code that did its work can't be burnt afterwards: its issuer need not be alarmed.
        after = await unit.claims.burn(code_hash, now)
        assert after is not None
        assert after.burnt_at is None


async def test_an_expired_code_is_refused(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        code_hash = await _issue(unit, now)
        with pytest.raises(ClaimRefused) as refused:
            await unit.claims.use(code_hash, "p1", now + HOUR)
        assert refused.value.present == "expired"


async def test_a_burnt_code_is_refused_and_names_its_issuer(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        code_hash = await _issue(unit, now)
        burnt = await unit.claims.burn(code_hash, now)
        assert burnt is not None
        assert (burnt.issued_by, burnt.burnt_at) == ("operator", now)
        with pytest.raises(ClaimRefused) as refused:
            await unit.claims.use(code_hash, "p1", now)
        assert refused.value.present == "burnt"


async def test_a_code_nobody_issued_is_not_found(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        code_hash = await unit.claims.hash_code("guess \ud800")
        assert await unit.claims.find(code_hash) is None
        assert await unit.claims.burn(code_hash, now) is None
        with pytest.raises(NotFound):
            await unit.claims.use(code_hash, "p1", now)


async def test_codes_are_hashed_with_a_secret_of_each_database(
    sqlite_url: str, postgres_url: str, now: datetime
) -> None:
    hashes = []
    for url in (sqlite_url, postgres_url, sqlite_url):
        storage = await Storage.open(url)
        async with storage.unit() as unit:
            hashes.append(await unit.claims.hash_code("AB12-CD34"))
            if len(hashes) == 1:
                await _issue(unit, now)
                connection = unit._connection
                assert connection is not None
                rows = (await connection.execute(text("SELECT * FROM claims"))).all()
                assert "AB12" not in str(rows)
        await storage.close()
    assert hashes[0] == hashes[2] != hashes[1]


async def test_named_texts_are_replaced_or_settled(storage: Storage) -> None:
    async with storage.unit() as unit:
        await unit.meta.set("a", "1")
        await unit.meta.set("a", "2")
        assert await unit.meta.settle("a", "3") == "2"
        assert await unit.meta.settle("b", "4") == "4"


async def test_named_texts_are_listed_by_their_beginning_and_forgotten(storage: Storage) -> None:
    async with storage.unit() as unit:
        for key in ("room_b", "room_a", "ROOM_c", "roomxd", "room_"):
            await unit.meta.set(key, key.upper())
        assert list((await unit.meta.all("room_")).items()) == [
            ("room_", "ROOM_"),
            ("room_a", "ROOM_A"),
            ("room_b", "ROOM_B"),
        ]
        assert await unit.meta.all("%") == {}
        await unit.meta.delete("room_a")
        await unit.meta.delete("nothing")
        assert set(await unit.meta.all("room_")) == {"room_", "room_b"}
        assert await unit.meta.get("room_a") is None


async def test_a_clock_that_was_put_back_lets_nothing_end_before_it_began(
    storage: Storage, now: datetime
) -> None:
    async with storage.unit() as unit:
        assert await unit.jobs.claim("digest", now, now)
        await unit.jobs.finish("digest", now, now - HOUR, "sent")
        await unit.blind.begin(now, "stream broke")
        gap = await unit.blind.end(now - HOUR)
        run = await unit.jobs.last("digest")
    assert gap is not None
    assert (gap.since, gap.until) == (now, now)
    assert run is not None
    assert run.finished_at == now
