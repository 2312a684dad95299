"""What a month's statement asks of storage: when points were earned, who was asked, what was done."""

from __future__ import annotations

from datetime import datetime, timedelta

from fakes.kept import kept_case, on_roster

from storage.records import Addressee, AuditEntry, Enquiry
from storage.session import Storage

DAY = timedelta(days=1)


async def test_what_was_earned_belongs_to_its_own_time_and_is_booked_now(
    storage: Storage, now: datetime
) -> None:
    async with storage.unit() as unit:
        person = await on_roster(unit, now)
        case, entry = await unit.bonuses.give(person.key, 1, "p9", now, "及时", earned=now - 2 * DAY)
        assert (case.sent_at, case.created_at, entry.at) == (now - 2 * DAY, now, now)
        earlier = await unit.cases.list(until=now - DAY, by="sent_at", bonuses=True)
        assert [one.number for one in earlier] == [case.number]
        plain, _ = await unit.bonuses.give(person.key, 1, "p9", now, "及时")
        assert plain.sent_at == now


async def test_everybody_who_was_asked_in_a_time_with_their_answers(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        person = await on_roster(unit, now)
        numbers = []
        for place, at in enumerate((now - DAY, now, now + DAY)):
            asked = Enquiry("", 1, f"m{place}", "p9", "请确认", False, at, at + DAY)
            numbers.append((await unit.enquiries.open(asked, [Addressee("", person.key, "c1")])).number)
        await unit.enquiries.answer(numbers[1], person.key, "can", "", "a1", now)
        found = await unit.enquiries.everybody(now, now + DAY)
        assert [(one.number, who.person_key, who.state) for one, who in found] == [
            (numbers[1], person.key, "can")
        ]
        assert len(await unit.enquiries.everybody(now - DAY, now + 2 * DAY)) == 3


async def test_the_audit_of_a_time_is_half_open_and_in_order(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        for place, at in enumerate((now - DAY, now, now + timedelta(hours=1), now + DAY)):
            await unit.audit.add(AuditEntry(at, "system", "deed", str(place)))
        assert [entry.target for entry in await unit.audit.during(now, now + DAY)] == ["1", "2"]


async def test_a_notice_that_leaves_after_the_statement_publishes_only_then(
    storage: Storage, now: datetime
) -> None:
    async with storage.unit() as unit:
        late, never = await kept_case(unit, now, "m1"), await kept_case(unit, now, "m2")
        await unit.cases.publish([late.number], now)
        for case in (late, never):
            await unit.cases.noticed(case.number, now + DAY)
            await unit.cases.noticed(case.number, now + 2 * DAY)
        published = [await unit.cases.get(case.number) for case in (late, never)]
        assert [case.published_at if case else "" for case in published] == [now + DAY, None]
