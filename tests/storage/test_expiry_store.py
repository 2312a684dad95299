"""Whoever left long ago is erased once nothing of theirs is kept, and not a day before."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from fakes.kept import kept_case, on_roster
from fakes.outgoing import due_rows

from storage.records import (
    Addressee,
    Announcement,
    Appeal,
    Archived,
    AuditEntry,
    Binding,
    CaseState,
    Demand,
    Enquiry,
    MemberRequest,
    NicknameNote,
    Outgoing,
    Role,
    RosterRow,
    Statement,
    StatementLine,
    Step,
    StoredMessage,
)
from storage.session import Storage, UnitOfWork

DAY = timedelta(days=1)
NAME, CONTACT = "欧阳某某", "wxid-of-ouyang"
LEFT = RosterRow("E7007", NAME, "技术部", is_head=False, active=False)

Keep = Callable[[UnitOfWork, str, int, datetime], Awaitable[object]]


async def left(unit: UnitOfWork, now: datetime) -> tuple[str, int]:
    """Somebody who was in a room, and is out of room and company; their key, and the room's."""
    room = await unit.rooms.seen("r@1", "项目群", now)
    who = await on_roster(unit, now, LEFT)
    await unit.people.seen(CONTACT, NAME, "技术部" + NAME, room.key, now)
    await unit.people.confirm(CONTACT, who.key, "p9", now)
    await unit.people.left(room.key, CONTACT, now)
    return who.key, room.key


async def gone(unit: UnitOfWork, now: datetime) -> list[str]:
    """Who is erased on the day after."""
    keys = await unit.privacy.expired(now + DAY, 10)
    return [key for key in keys if await unit.privacy.expire(key, now + DAY, now + DAY)]


async def test_whoever_left_and_of_whom_nothing_is_kept_is_erased(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        key, room = await left(unit, now)
        assert await unit.privacy.expired(now, 10) == []
        assert not await unit.privacy.expire(key, now, now)
        assert await gone(unit, now) == [key]
        assert await unit.people.get(key) is None
        assert await unit.people.by_contact(CONTACT) is None
        assert await unit.people.roster() == []
        assert await unit.people.in_room(room) == []
        assert await gone(unit, now) == []
        assert not await unit.privacy.expire(key, now + DAY, now)


async def test_an_old_case_stays_without_its_person(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        key, room = await left(unit, now)
        case = await kept_case(unit, now, person_key=key, sender_id=CONTACT, sender_name=NAME)
        await unit.ledger.append(
            room_key=room,
            case=case.number,
            person_key=key,
            rule=case.rule,
            points=-3,
            author_key="system",
            kind="penalty",
            at=now,
            reason=case.reason,
            evidence=case.evidence,
        )
        await unit.cases.move(case.number, [CaseState.PROVISIONAL], CaseState.CONFIRMED, "p9", now, "属实")
        line = StatementLine(key, 3, 0, (case.number,))
        await unit.statements.publish(Statement("2026-10", now, "p9", (line,)))
        assert await gone(unit, now) == []
        await unit.cases.erase_evidence(now + DAY)
        assert await gone(unit, now) == []
        await unit.ledger.erase_texts(now + DAY)
        heads = await unit.ledger.heads()
        assert await gone(unit, now) == [key]
        kept = await unit.cases.get(case.number)
        assert kept is not None
        assert (kept.points, kept.person_key, kept.sender_id, kept.sender_name) == (3, key, "", "")
        assert (await unit.ledger.verify(heads)).holds
        assert await unit.ledger.total(key) == -3
        statement = await unit.statements.get("2026-10")
        assert statement is not None
        assert [one.person_key for one in statement.lines] == [key]


async def in_a_room(unit: UnitOfWork, key: str, room: int, now: datetime) -> None:
    await unit.people.seen(CONTACT, NAME, "", room, now)


async def left_lately(unit: UnitOfWork, key: str, room: int, now: datetime) -> None:
    await unit.people.left(room, CONTACT, now + DAY)


async def employed(unit: UnitOfWork, key: str, room: int, now: datetime) -> None:
    await unit.people.import_roster([replace(LEFT, active=True)], now)


async def employed_until_lately(unit: UnitOfWork, key: str, room: int, now: datetime) -> None:
    await unit.people.import_roster([replace(LEFT, left_on=date(2026, 11, 3))], now)


async def a_role(unit: UnitOfWork, key: str, room: int, now: datetime) -> None:
    await unit.people.grant(key, Role.SUPERVISOR, "operator", now)


async def bound_lately(unit: UnitOfWork, key: str, room: int, now: datetime) -> None:
    await unit.people.bind(CONTACT, key, Binding.CONFIRMED, "hr", now + DAY)


async def put_together_lately(unit: UnitOfWork, key: str, room: int, now: datetime) -> None:
    other = await unit.people.seen("c-old", "旧号", "", room, now)
    await unit.people.left(room, "c-old", now)
    await employed(unit, key, room, now)
    await unit.mergers.merge(other.key, key, "p9", "同一人", now + DAY)
    await unit.people.import_roster([LEFT], now)


async def a_message(unit: UnitOfWork, key: str, room: int, now: datetime) -> None:
    await unit.messages.add([StoredMessage("m1", room, key, NAME, "text", "收到", now)])


async def a_case_in_review(unit: UnitOfWork, key: str, room: int, now: datetime) -> None:
    await kept_case(unit, now, person_key=key, evidence="", state=CaseState.REVIEW)


async def evidence(unit: UnitOfWork, key: str, room: int, now: datetime) -> None:
    await kept_case(unit, now, person_key=key, sender_id=CONTACT, state=CaseState.SHADOW)


async def a_case_settled_lately(unit: UnitOfWork, key: str, room: int, now: datetime) -> None:
    case = await kept_case(unit, now, person_key=key, evidence="")
    await unit.cases.move(case.number, [CaseState.PROVISIONAL], CaseState.DISMISSED, "p9", now + DAY, "")


async def an_entry_by_them(unit: UnitOfWork, key: str, room: int, now: datetime) -> None:
    other = await unit.people.seen("c-other", "旁人", "", room, now)
    await unit.bonuses.give(other.key, 2, key, now + DAY, "积极", name="旁人")


async def an_appeal(unit: UnitOfWork, key: str, room: int, now: datetime) -> None:
    case = await kept_case(unit, now, person_key=key, evidence="", state=CaseState.SHADOW)
    await unit.appeals.file(Appeal(case.number, key, "不同意", now, now + DAY))


async def a_demand(unit: UnitOfWork, key: str, room: int, now: datetime) -> None:
    case = await kept_case(unit, now, person_key=key, evidence="", state=CaseState.SHADOW)
    await unit.demands.ask(Demand(0, case.number, "explanation", key, "p9", "请说明", now, now + DAY))


async def a_statement(unit: UnitOfWork, key: str, room: int, now: datetime) -> None:
    await unit.statements.publish(Statement("2026-10", now + DAY, "p9", (StatementLine(key, 0, 0, ()),)))


def asked(key: str, room: int, now: datetime) -> Enquiry:
    return Enquiry("", room, "m5", key, "报送月报", urgent=False, asked_at=now, due_at=now + DAY)


async def a_question(unit: UnitOfWork, key: str, room: int, now: datetime) -> None:
    await unit.enquiries.open(asked(key, room, now), [])


async def a_question_to_them(unit: UnitOfWork, key: str, room: int, now: datetime) -> None:
    await unit.enquiries.open(asked("p9", room, now), [Addressee("", key, CONTACT)])


async def a_draft(unit: UnitOfWork, key: str, room: int, now: datetime) -> None:
    await unit.announcements.add(Announcement("", key, "放假安排", (room,), None, "submitted", now))


def request(room: int, now: datetime, **known: str) -> MemberRequest:
    steps = (Step("x", "p9", now, ""),)
    made = MemberRequest("", "leave", NAME, "", "", "", room, "p9", "", "waiting_hr", now, steps)
    return replace(made, **known)


async def a_request(unit: UnitOfWork, key: str, room: int, now: datetime) -> None:
    await unit.requests.add(request(room, now, contact_id=CONTACT))


async def a_request_about_their_record(unit: UnitOfWork, key: str, room: int, now: datetime) -> None:
    await unit.requests.add(request(room, now, person_key=key))


async def a_request_of_theirs(unit: UnitOfWork, key: str, room: int, now: datetime) -> None:
    await unit.requests.add(request(room, now, asked_by=key))


async def a_guest_of_theirs(unit: UnitOfWork, key: str, room: int, now: datetime) -> None:
    await unit.requests.add(request(room, now, sponsor=key))


async def what_they_archived(unit: UnitOfWork, key: str, room: int, now: datetime) -> None:
    await unit.archive.add(Archived("", room, "m1", "旁人", "下月起打卡", (), key, now, now, "p8"), ["打卡"])


async def a_code_of_theirs(unit: UnitOfWork, key: str, room: int, now: datetime) -> None:
    await unit.claims.issue(Role.MEMBER, key, now, "", "0" * 64)


async def a_code_that_they_used(unit: UnitOfWork, key: str, room: int, now: datetime) -> None:
    await unit.claims.issue(Role.MEMBER, "p9", now + DAY, "", "0" * 64)
    await unit.claims.use("0" * 64, key, now)


async def what_was_done_to_them(unit: UnitOfWork, key: str, room: int, now: datetime) -> None:
    await unit.audit.add(AuditEntry(now, "p9", "data handed out", key))


async def the_archive(unit: UnitOfWork, key: str, room: int, now: datetime) -> None:
    await unit.archive.add(Archived("", room, "m1", NAME, "下月起打卡", (), "p9", now, now, key), ["打卡"])


async def a_note(unit: UnitOfWork, key: str, room: int, now: datetime) -> None:
    await unit.nicknames.note(
        NicknameNote(key, NAME, room, CONTACT, "violation", "format", "2.2a", 0, "", "", now)
    )


async def a_shift(unit: UnitOfWork, key: str, room: int, now: datetime) -> None:
    await unit.shifts.add(key, "leave", now, now + DAY, "p9", now)


async def a_departure(unit: UnitOfWork, key: str, room: int, now: datetime) -> None:
    await unit.departures.note(key, room, CONTACT, now)


async def a_welcome(unit: UnitOfWork, key: str, room: int, now: datetime) -> None:
    await unit.welcomes.note(key, room, now)


async def what_they_did(unit: UnitOfWork, key: str, room: int, now: datetime) -> None:
    await unit.audit.add(AuditEntry(now, key, "command", "/违规"))


async def what_was_done_to_their_contact(unit: UnitOfWork, key: str, room: int, now: datetime) -> None:
    await unit.audit.add(AuditEntry(now, "p9", "removed", CONTACT))


async def what_they_were_told(unit: UnitOfWork, key: str, room: int, now: datetime) -> None:
    await unit.outbox.add([Outgoing(CONTACT, "结果", now, now, kind="notice", private=True)])


KEEPING: tuple[Keep, ...] = (
    in_a_room,
    left_lately,
    employed,
    employed_until_lately,
    a_role,
    bound_lately,
    put_together_lately,
    a_message,
    a_case_in_review,
    evidence,
    a_case_settled_lately,
    an_entry_by_them,
    an_appeal,
    a_demand,
    a_statement,
    a_question,
    a_question_to_them,
    a_draft,
    a_request,
    a_request_about_their_record,
    a_request_of_theirs,
    a_guest_of_theirs,
    the_archive,
    what_they_archived,
    a_code_of_theirs,
    a_code_that_they_used,
    a_note,
    a_shift,
    a_departure,
    a_welcome,
    what_they_did,
    what_was_done_to_them,
    what_was_done_to_their_contact,
    what_they_were_told,
)


@pytest.mark.parametrize("keep", KEEPING, ids=lambda keep: keep.__name__)
async def test_nobody_goes_of_whom_something_is_kept(storage: Storage, now: datetime, keep: Keep) -> None:
    async with storage.unit() as unit:
        key, room = await left(unit, now)
        await keep(unit, key, room, now)
        assert key not in await unit.privacy.expired(now + DAY, 10)
        assert not await unit.privacy.expire(key, now + DAY, now + DAY)
        assert await unit.people.get(key) is not None


async def test_an_outsider_in_no_room_any_more_goes_too(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        room = await unit.rooms.seen("r@1", "项目群", now)
        guest = await unit.people.seen("c-guest", "来客", "某某公司来客", room.key, now, "external")
        assert await gone(unit, now) == []
        await unit.people.left(room.key, "c-guest", now)
        assert await gone(unit, now) == [guest.key]


async def test_a_standing_order_about_somebody_gone_holds_nobody_back(
    storage: Storage, now: datetime
) -> None:
    async with storage.unit() as unit:
        key, _ = await left(unit, now)
        await unit.exemptions.add(key, "flooding", 0, None, "值守", "p9", now)
        assert await gone(unit, now) == [key]
        assert await unit.exemptions.active(now) == []


async def test_a_reminder_that_nobody_confirmed_holds_nobody_back(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        key, _ = await left(unit, now)
        await kept_case(unit, now, person_key=key, points=0)
        await unit.cases.erase_evidence(now + DAY)
        assert await gone(unit, now) == [key]


async def test_what_somebody_was_before_they_were_known_goes_with_them_and_not_before(
    storage: Storage, now: datetime
) -> None:
    async with storage.unit() as unit:
        room = await unit.rooms.seen("r@1", "项目群", now)
        before = await unit.people.seen(CONTACT, "阳阳", "", room.key, now)
        who = await on_roster(unit, now, replace(LEFT, active=True))
        await unit.people.confirm(CONTACT, who.key, "p9", now)
        await unit.people.left(room.key, CONTACT, now)
        assert await gone(unit, now) == []
        assert await unit.people.get(before.key) is not None
        await unit.people.import_roster([LEFT], now)
        assert await gone(unit, now) == [who.key]
        assert await unit.people.get(before.key) is None


async def test_somebody_elses_lines_are_not_blanked_for_a_namesake(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        key, _ = await left(unit, now)
        await unit.audit.add(AuditEntry(now, "p9", "nickname reminded", "p8", f"{NAME}，改正"))
        await unit.outbox.add([Outgoing("r@1", f"@{NAME} 提醒", now, now, kind="notice")])
        assert await gone(unit, now) == [key]
        assert [entry.detail for entry in await unit.audit.recent(1)] == [f"{NAME}，改正"]
        assert [row.text for row in await due_rows(unit, now, 5)] == [f"@{NAME} 提醒"]


async def test_of_many_the_oldest_go_first(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        rows = [
            RosterRow(f"E{number}", f"某人{number}", "技术部", is_head=False, active=False)
            for number in range(5)
        ]
        for days, row in enumerate(reversed(rows)):
            await unit.people.import_roster([row], now - days * DAY)
        keys = await unit.privacy.expired(now + DAY, 2)
        assert [(await unit.people.get(key)).employee_no for key in keys] == ["E0", "E1"]
