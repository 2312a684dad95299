"""Somebody of whom every table of storage knows something, for tests of what is kept of one person."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from fakes.kept import kept_case, on_roster
from sqlalchemy import Text, select

from storage.records import (
    Addressee,
    Announcement,
    Appeal,
    Archived,
    Arrival,
    AuditEntry,
    Case,
    CaseState,
    Demand,
    Enquiry,
    Label,
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
from storage.tables import metadata

DAY = timedelta(days=1)
NAME, NICKNAME, CONTACT, SAID = "欧阳某某", "技术部欧阳某某", "wxid-of-ouyang", "私下的原话"
OLD = "wxid-of-before"
MARKS = (NAME, CONTACT, OLD, SAID, "E7007")


@dataclass(frozen=True, slots=True)
class Known:
    """Key and numbers of what waits for an end."""

    key: str
    appealed: Case
    review: Case
    request: str
    enquiry: str


async def well_known(unit: UnitOfWork, now: datetime) -> Known:
    """They, and somebody beside them."""
    room = await unit.rooms.seen("r@1", "项目群", now)
    who = await on_roster(unit, now, RosterRow("E7007", NAME, "技术部", is_head=False, active=True))
    await unit.people.seen(CONTACT, NAME, NICKNAME, room.key, now)
    await unit.people.confirm(CONTACT, who.key, "p9", now)
    other = await unit.people.seen("c-other", "旁人", "", room.key, now)
    before = await unit.people.seen(OLD, NAME, "", room.key, now)
    await unit.mergers.merge(before.key, who.key, "p9", SAID, now)
    await unit.people.grant(who.key, Role.SUPERVISOR, "operator", now)
    theirs = {"person_key": who.key, "sender_id": CONTACT, "sender_name": NICKNAME, "evidence": SAID}
    appealed = await kept_case(unit, now, "m1", **theirs, reason=SAID, signs=SAID)
    review = await kept_case(unit, now, "m2", **theirs, state=CaseState.REVIEW)
    await _booked(unit, now, appealed)
    await unit.labels.add(Label(appealed.number, SAID, "flooding", "confirmed", "p9", now))
    await unit.opinions.ask(appealed.number, "m", now, now, 1)
    await unit.opinions.answer(appealed.number, violation=True, reason=SAID)
    await _written(unit, now, room.key, who.key, other.key)
    await _said_to(unit, now, appealed)
    asked = Enquiry("", room.key, "m5", other.key, "旁人的问题", urgent=False, asked_at=now, due_at=now + DAY)
    await unit.enquiries.open(asked, [Addressee("", who.key, CONTACT), Addressee("", other.key, "c-other")])
    own = await unit.enquiries.open(replace(asked, message_id="m6", asker=who.key, text=SAID), [])
    request = await unit.requests.add(
        MemberRequest(
            "",
            "join",
            NAME,
            "技术部",
            "",
            "",
            room.key,
            "p9",
            "",
            "waiting_hr",
            now,
            (Step("x", "p9", now, SAID),),
        )
    )
    await unit.exemptions.add(who.key, "flooding", 0, None, SAID, "p9", now)
    await unit.shifts.add(who.key, "leave", now, now + DAY, "p9", now)
    await unit.nicknames.note(
        NicknameNote(who.key, NAME, room.key, CONTACT, "violation", "format", "2.2a", 0, "", "", now)
    )
    await unit.departures.note(who.key, room.key, CONTACT, now)
    await unit.welcomes.note(who.key, room.key, now)
    return Known(who.key, appealed, review, request.number, own.number)


async def places(unit: UnitOfWork) -> list[str]:
    """Every place in the database in which one of the marks stands."""
    connection = unit._connection
    assert connection is not None
    found = []
    for table in metadata.sorted_tables:
        for column in table.c:
            if isinstance(column.type, Text) or hasattr(column.type, "impl"):
                for value in await connection.scalars(select(column)):
                    if isinstance(value, str) and any(mark in value for mark in MARKS):
                        found.append(f"{table.name}.{column.name}: {value}")
    return found


async def _booked(unit: UnitOfWork, now: datetime, case: Case) -> None:
    await unit.ledger.append(
        room_key=case.room_key,
        case=case.number,
        person_key=case.person_key,
        rule=case.rule,
        points=-3,
        author_key="system",
        kind="penalty",
        at=now,
        reason=SAID,
        evidence=SAID,
    )
    await unit.bonuses.give(case.person_key, 2, "p9", now, SAID, name=NAME)
    await unit.cases.move(case.number, [CaseState.PROVISIONAL], CaseState.CONFIRMED, "p9", now, SAID)
    await unit.cases.move(case.number, [CaseState.CONFIRMED], CaseState.APPEALED, case.person_key, now, SAID)
    await unit.appeals.file(Appeal(case.number, case.person_key, SAID, now, now + DAY))
    await unit.demands.ask(Demand(0, case.number, "explanation", case.person_key, "p9", SAID, now, now + DAY))
    line = StatementLine(case.person_key, 3, 2, (case.number,))
    await unit.statements.publish(Statement("2026-10", now, "p9", (line,)))


async def _written(unit: UnitOfWork, now: datetime, room: int, who: str, other: str) -> None:
    await unit.inbox.add([Arrival("m1", now), Arrival("m3", now)])
    await unit.inbox.settle([(1, f"flooding:{SAID}"), (2, "clean")])
    await unit.messages.add(
        [
            StoredMessage("m1", room, who, NICKNAME, "text", SAID, now),
            StoredMessage("m3", room, other, "旁人", "text", "旁人的话", now),
        ]
    )
    archived = Archived("", room, "m1", NICKNAME, "下月起打卡", (), "p9", now, now, who)
    await unit.archive.add(archived, ["打卡"])
    await unit.announcements.add(Announcement("", who, "放假安排", (room,), None, "submitted", now))


async def _said_to(unit: UnitOfWork, now: datetime, case: Case) -> None:
    rows = [
        Outgoing(CONTACT, SAID, now, now, private=True),
        Outgoing("r@1", f"@{NAME} 提醒", now, now, kind="notice", mentions=(CONTACT,), case=case.number),
        Outgoing("r@1", f"{NAME} 扣 3 分", now, now, kind="report"),
        Outgoing("r@1", "与人无关", now, now, kind="report"),
    ]
    sent = await unit.outbox.add(rows)
    for row in sent[1:]:
        await unit.outbox.sent([row.id], now)
    await unit.audit.add(AuditEntry(now, "system", "person contested", NICKNAME, json.dumps([CONTACT])))
    await unit.audit.add(AuditEntry(now, "p9", "binding confirmed", case.person_key, CONTACT))
    await unit.audit.add(AuditEntry(now, "p9", "claim issued", "supervisor", "E7007"))
    await unit.audit.add(AuditEntry(now, case.person_key, "command", "积分"))
