"""What the path writes down, one function a fact; each works inside the caller's unit of work."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.gateway.port import IncomingMessage
from bot.pipeline.demands import drop_demands
from rules.core.model import Judgement, Kind, Member, Message, MessageType, Ruling, Verdict
from rules.procedure.penalty import Decision, Silence
from rules.reading.called import by_client
from storage.records import SYSTEM, AuditEntry, Binding, Case, CaseState, Person, Room, StoredMessage
from storage.session import UnitOfWork

MARKS = {
    Verdict.VIOLATION: "violation",
    Verdict.REVIEW: "review",
    Verdict.OFF: "off",
    Verdict.EXEMPT: "exempt",
    Verdict.UNKNOWN: "unknown",
    Verdict.CRASHED: "crashed",
}


RECALL_WITHIN = timedelta(minutes=5)
"""WeChat lets people recall for two minutes; the rest is for slow gateways."""


async def room(unit: UnitOfWork, message: IncomingMessage, now: datetime) -> Room | None:
    """The room of a message, remembered; ``None`` for a private chat."""
    return await unit.rooms.seen(message.room_id, message.room_topic or "", now) if message.room_id else None


async def sender(unit: UnitOfWork, message: IncomingMessage, where: Room | None, now: datetime) -> Person:
    """The person who sent a message, remembered with the nickname in this room."""
    return await unit.people.seen(
        message.sender_id, message.sender_name, message.sender_alias, where.key if where else 0, now
    )


async def called(unit: UnitOfWork, message: IncomingMessage, where: Room | None) -> tuple[str, ...]:
    """The nicknames that a message calls and members of its room bear; few messages call anybody."""
    names = by_client(message.text)
    if where is None or not names:
        return ()
    borne = {name for _, *both in await unit.people.members(where.key) for name in both}
    return tuple(sorted(names & borne))


def judged(message: IncomingMessage, who: Person, names: tuple[str, ...] = ()) -> Message:
    """A message as the rules see it, with what is known for certain of its sender, and of whom it calls."""
    return Message(
        text=message.text,
        type=message.type,
        id=message.id,
        room_id=message.room_id,
        room=message.room_topic or "",
        sender=member(who, message.sender_name, message.sender_alias),
        sent_at=message.sent_at,
        mentions=message.mentions,
        called=names,
    )


def member(who: Person, name: str, alias: str | None) -> Member:
    """A person as the rules see them: a likeness alone makes nobody an employee of the roster."""
    sure = who.binding is Binding.CONFIRMED
    return Member(
        id=who.key,
        name=name,
        alias=alias,
        kind=Kind(who.kind),
        employee_no=who.employee_no if sure else "",
        kind_known=who.kind_known,
    )


def outcomes(judgement: Judgement, *, late: bool = False) -> str:
    """Every rule's outcome as one compact column: only what is not clean is named."""
    marks = [
        f"{outcome.rule}={MARKS.get(outcome.verdict, 'absorbed')}"
        for outcome in judgement.outcomes
        if outcome.verdict is not Verdict.CLEAN or outcome.absorbed
    ]
    return " ".join((["late"] if late else []) + (marks or ["clean"]))


def stored(message: IncomingMessage, where: Room, who: Person) -> StoredMessage:
    """A judged message as it is kept for the stated time."""
    return StoredMessage(
        message_id=message.id,
        room_key=where.key,
        person_key=who.key,
        sender_name=message.sender_alias or message.sender_name,
        type=message.type.value,
        text=message.text,
        sent_at=message.sent_at,
    )


def remembered(stored: StoredMessage, room: Room | None) -> Message:
    """A message that was kept, as the windows need it: who said what where and when."""
    return Message(
        text=stored.text,
        type=MessageType(stored.type),
        id=stored.message_id,
        room_id=room.gateway_id if room else str(stored.room_key),
        room=room.topic if room else "",
        sender=Member(stored.person_key, stored.sender_name),
        sent_at=stored.sent_at,
    )


async def open_case(
    unit: UnitOfWork, message: IncomingMessage, where: Room, who: Person, decision: Decision, now: datetime
) -> Case:
    """Open the case of a decision; provisional points are one ledger entry, a case in review has none yet."""
    main = decision.main
    case = await unit.cases.open(
        with_graver(
            Case(
                number="",
                room_id=message.room_id,
                sender_id=message.sender_id,
                message_id=message.id,
                rule=main.rule,
                category=main.category,
                clause=main.clause,
                points=main.points,
                state=_state(decision),
                tier=main.tier.value,
                confidence=main.confidence,
                reason=main.reason,
                signs=main.signs,
                room_key=where.key,
                person_key=who.key,
                sender_name=message.sender_alias or message.sender_name,
                sent_at=message.sent_at,
                created_at=now,
                evidence=message.text if main.field == "text" else message.sender_alias or "",
                spans=main.spans,
            ),
            decision.graver,
        )
    )
    if decision.provisional:
        await charge(unit, case, case.points, author=SYSTEM, kind="penalty", now=now)
    return case


def with_graver(case: Case, graver: Ruling | None) -> Case:
    """A case together with a finding that would cost more; on confirmation the difference is one more entry."""
    if graver is None:
        return case
    return replace(
        case,
        graver_rule=graver.rule,
        graver_category=graver.category,
        graver_clause=graver.clause,
        graver_points=graver.points,
        graver_reason=graver.reason,
        graver_signs=graver.signs,
    )


def _state(decision: Decision) -> CaseState:
    if decision.silence is Silence.TRIAL:
        return CaseState.SHADOW
    return CaseState.PROVISIONAL if decision.provisional else CaseState.REVIEW


async def charge(unit: UnitOfWork, case: Case, points: int, *, author: str, kind: str, now: datetime) -> None:
    """One ledger entry for a case. Deductions are negative in the ledger; zero points make no entry."""
    if points == 0:
        return
    await unit.ledger.append(
        room_key=case.room_key,
        case=case.number,
        person_key=case.person_key,
        rule=case.rule,
        points=-points,
        author_key=author,
        kind=kind,
        at=now,
        reason=case.reason,
        evidence=case.evidence,
    )


async def reverse(unit: UnitOfWork, case: Case, *, author: str, now: datetime) -> int:
    """Reverse whatever a case has cost so far by one entry; returns the points given back."""
    cost = -sum(entry.points for entry in await unit.ledger.entries(case.number))
    await charge(unit, case, -cost, author=author, kind="reversal", now=now)
    return cost


async def recalled(
    unit: UnitOfWork, message: IncomingMessage, where: Room, who: Person, now: datetime
) -> Case | None:
    """A message was recalled: if its notice has not left yet, the notice is dropped and the case costs nothing.

    The gateway's recall message carries the id of the recalled message as its text. It counts only in the same
    room, from the same sender, and soon: anything else could be forged, or come days after everybody has read it.
    """
    open_states = (CaseState.PROVISIONAL, CaseState.REVIEW)
    cases = await unit.cases.by_message(message.text.strip())
    case = next((case for case in cases if case.noticed_at is None and case.state in open_states), None)
    if case is None or case.room_key != where.key or case.person_key != who.key:
        return None
    if message.sent_at - case.sent_at > RECALL_WITHIN:
        return None
    await unit.outbox.drop(case.number, "the message was recalled before its notice left")
    await reverse(unit, case, author=SYSTEM, now=now)
    await drop_demands(unit, case.number, now)
    case = await unit.cases.move(
        case.number,
        from_states=open_states,
        to_state=CaseState.RECALLED,
        by=SYSTEM,
        now=now,
        reason="本人已撤回消息",
        points=0,
    )
    await unit.audit.add(AuditEntry(now, SYSTEM, "case recalled", case.number))
    return case
