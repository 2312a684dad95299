"""Somebody who left, and everything for which they stay known: ``from fakes.ties import KEEPING, left``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

from fakes.kept import kept_case, on_roster

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
from storage.session import UnitOfWork

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
