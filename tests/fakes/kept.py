"""Things that storage keeps, for tests that need one of them and don't care which."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from storage.records import Case, CaseState, Person, RosterRow
from storage.session import UnitOfWork

ZHANG = RosterRow("1001", "张三", "技术部", is_head=False, active=True)


async def kept_case(unit: UnitOfWork, now: datetime, message_id: str = "m1", **known: Any) -> Case:
    """A new case of ``c1``, person ``p1``, in room ``r@1``."""
    room = await unit.rooms.seen("r@1", "项目群", now)
    case = Case(
        number="",
        room_id="r@1",
        sender_id="c1",
        message_id=message_id,
        rule="flooding",
        category="burst",
        clause="2.3b",
        points=3,
        state=CaseState.PROVISIONAL,
        tier="violation",
        confidence=0.9,
        reason="连续发送 12 条",
        room_key=room.key,
        person_key="p1",
        sender_name="张三",
        sent_at=now,
        created_at=now,
        evidence="在吗在吗",
    )
    return await unit.cases.open(replace(case, **known))


async def on_roster(unit: UnitOfWork, now: datetime, row: RosterRow = ZHANG) -> Person:
    """Somebody on the roster."""
    await unit.people.import_roster([row], now)
    person = await unit.people.by_employee_no(row.employee_no)
    assert person is not None
    return person
