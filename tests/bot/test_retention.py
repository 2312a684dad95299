"""What people asked of each other is kept as long as the settings say, and what is not over stays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from fakes.known import CONTACT, NAME, OLD, places, well_known
from fakes.outgoing import due_rows

from bot.jobs.retention import Retention
from bot.pipeline.notice import SUPERVISION
from bot.settings import RetentionSettings
from storage.lateness import Horizon
from storage.records import CaseState, Outgoing, Role, RosterRow
from storage.session import Storage

NOW = datetime(2026, 11, 2, 1, 30, tzinfo=UTC)
DAY = timedelta(days=1)


async def test_the_archive_is_kept_longer_than_what_is_settled(sqlite_url: str) -> None:
    kept = Retention.of(RetentionSettings(evidence_days=180, archive_months=36))
    storage = await Storage.open(sqlite_url)
    async with storage.unit() as unit:
        known = await well_known(unit, NOW)
        await unit.appeals.decide(known.appealed.number, "upheld", "p9", NOW, "属实")
        await unit.requests.move(known.request, ["waiting_hr"], "done", "p9", NOW, done=True)
        await unit.enquiries.close(known.enquiry, NOW)
    assert "procedures 0, archived 0" in await kept.purge(storage, NOW + 179 * DAY)
    # The appeal's words, the request and the enquiry; the demand and the draft are not over.
    assert "procedures 4, archived 0" in await kept.purge(storage, NOW + 181 * DAY)
    async with storage.view() as unit:
        appeal = await unit.appeals.get(known.appealed.number)
        assert appeal is not None
        assert (appeal.state, appeal.reason) == ("upheld", "")
        assert [demand.state for demand in await unit.demands.open()] == ["open"]
        assert len(await unit.announcements.list()) == 1
        assert len(await unit.archive.search(["打卡"])) == 1
    assert "archived 1" in await kept.purge(storage, NOW + 1200 * DAY)
    async with storage.view() as unit:
        assert await unit.archive.search(["打卡"]) == []
        assert await unit.statements.get("2026-10") is not None
    await storage.close()


async def test_alerts_without_a_supervision_room_are_kept_as_long_as_messages(sqlite_url: str) -> None:
    kept = Retention.of(RetentionSettings(messages_days=30, evidence_days=180))
    storage = await Storage.open(sqlite_url)
    async with storage.unit() as unit:
        await unit.outbox.add(
            [
                Outgoing(SUPERVISION, "【待审】张三：原话", NOW, NOW, kind="alert"),
                Outgoing("r@1", "@张三 提醒", NOW, NOW, kind="notice"),
            ]
        )
    assert "sent 0" in await kept.purge(storage, NOW + 30 * DAY)
    assert "sent 1" in await kept.purge(storage, NOW + 31 * DAY)
    async with storage.view() as unit:
        assert [row.target for row in await due_rows(unit, NOW + 31 * DAY, 10)] == ["r@1"]
    await storage.close()


async def test_who_left_long_ago_is_kept_as_long_as_anything_of_theirs(sqlite_url: str) -> None:
    kept = Retention.of(RetentionSettings())
    storage = await Storage.open(sqlite_url)
    async with storage.unit() as unit:
        known = await well_known(unit, NOW)
        await unit.appeals.decide(known.appealed.number, "upheld", "p9", NOW, "属实")
        for case, state in ((known.appealed, CaseState.UPHELD), (known.review, CaseState.DISMISSED)):
            await unit.cases.move(case.number, list(CaseState), state, "p9", NOW, "")
        await unit.demands.close(known.appealed.number, "explanation", "cancelled", "p9", NOW)
        await unit.requests.move(known.request, ["waiting_hr"], "done", "p9", NOW, done=True)
        for enquiry in await unit.enquiries.active():
            await unit.enquiries.close(enquiry.number, NOW)
        for announcement in await unit.announcements.list():
            await unit.announcements.move(announcement.number, ["submitted"], "withdrawn", "p9", NOW)
        for departure in await unit.departures.open():
            await unit.departures.done(known.key, departure.room_key, CONTACT, "seen out", NOW)
        await unit.people.revoke(known.key, Role.SUPERVISOR, "p9", NOW)
        for contact in (CONTACT, OLD):
            await unit.people.left(1, contact, NOW)
        await unit.people.import_roster(
            [RosterRow("E7007", NAME, "技术部", is_head=False, active=False)], NOW
        )
        for row in await due_rows(unit, NOW + DAY, 10):
            await unit.outbox.sent([row.id], NOW)
    # Texts of the ledger go after two years; what others archived of them is kept a year longer.
    for days, gone in ((40, 0), (200, 0), (740, 0), (1100, 1), (1101, 0)):
        assert (await kept.purge(storage, NOW + days * DAY)).endswith(f"people {gone}"), days
    async with storage.view() as unit:
        assert await places(unit) == []
        assert [entry.target for entry in await unit.audit.recent(5)] == [known.key]
        assert (await unit.ledger.verify()).holds
        assert await unit.ledger.total(known.key) == -1
        assert (await unit.invariants.examine(Horizon(NOW + 1102 * DAY))).breaches == ()
        assert await unit.people.by_contact("c-other") is not None
    await storage.close()
