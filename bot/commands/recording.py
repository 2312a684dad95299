"""`/违规 登记`: a supervisor records what the bot could not hear: a picture, a voice message, a rule that missed it.

Whoever records is a witness and no judge: it becomes a case in review, which somebody else decides. What people wrote
down teaches no rule anything. Only who can be told of a decision, and would have a line in a statement, is recorded.
"""

from __future__ import annotations

import unicodedata

from bot.commands import switching
from bot.commands.parse import behind
from bot.commands.table import Answer, Call, Counter, Refused
from bot.commands.whom import called, is_oneself, meant, which_room
from bot.pipeline.notice import shown
from bot.pipeline.telling import to_supervisors
from rules.core.book import Entry
from rules.core.declare import Penalty
from storage.records import AuditEntry, Binding, Case, CaseState, Mode, Outgoing, Room
from storage.session import UnitOfWork

REASON_LENGTH = 200
BEFORE_REASON = 3
"""Person, rule and room stand before it."""


async def record_case(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """Open a case in review about somebody, under a rule's clause and points.

    Raises:
        Refused: something is missing or not understood, the room does not go by the rule, it is oneself, or somebody
            who could not be told.
    """
    reason = shown(behind(call.rest, BEFORE_REASON), REASON_LENGTH)
    if len(call.words) <= BEFORE_REASON or not reason:
        raise Refused(desk.texts.render("recording.usage"))
    who, rule, where = call.words[:BEFORE_REASON]
    found = await meant(desk, unit, call, who)
    person, name = found.person, called(found.person, found.label)
    if await is_oneself(unit, call, person):
        raise Refused(desk.texts.render("recording.oneself"))
    if person.kind != "employee":
        raise Refused(desk.texts.render("recording.outsider"))
    if person.binding is not Binding.CONFIRMED or not person.contact_id:
        raise Refused(desk.texts.render("recording.unsure", who=name))
    room = await which_room(desk, unit, call, where)
    entry, category, penalty = charge(desk, room, rule)
    if switching.mode_of(entry) is not Mode.ON:
        # Members read in /规则 what is in force in their room: nothing else is held against them.
        raise Refused(
            desk.texts.render("recording.not_in_force", rule=entry.rule.title, room=shown(room.topic))
        )
    case = await unit.cases.open(
        Case(
            number="",
            room_id=room.gateway_id,
            sender_id=person.contact_id,
            message_id=f"recorded {call.message_id}",
            rule=entry.rule.id,
            category=category,
            clause=penalty.clause,
            points=penalty.points,
            state=CaseState.REVIEW,
            tier="review",
            confidence=1.0,
            reason=reason,
            room_key=room.key,
            person_key=person.key,
            sender_name=f"{person.department}{person.name}" or found.label,
            sent_at=call.now,
            created_at=call.now,
            recorded_by=call.sender.key,
        )
    )
    await unit.audit.add(AuditEntry(call.now, call.sender.key, "case recorded", case.number, entry.rule.id))
    text = desk.texts.render(
        "recording.done",
        number=case.number,
        who=name,
        title=entry.rule.title,
        clause=case.clause,
        points=case.points,
        note=found.note,
    )
    return Answer(text, private=True, also=await _told(desk, unit, call, case, entry, room))


def charge(desk: Counter, room: Room, word: str) -> tuple[Entry, str, Penalty]:
    """The rule that a word names (``规则`` or ``规则/类别``), a category of it, and what that costs in a room.

    Raises:
        Refused: there is no such rule, or its categories cost differently and none of them is named.
    """
    name, _, category = unicodedata.normalize("NFKC", word).partition("/")
    entry = desk.policy.of(room).entry(switching.meant(desk, name).rule.id)
    charges = {one: charge.penalty for one, charge in entry.charges.items()}
    if category in charges:
        return entry, category, charges[category]
    if category or len(set(charges.values())) > 1:
        rows = [
            {"name": one, "clause": penalty.clause, "points": penalty.points}
            for one, penalty in charges.items()
        ]
        raise Refused(desk.texts.render("recording.category", rule=entry.rule.title, rows=rows))
    first = next(iter(charges))
    return entry, first, charges[first]


async def _told(
    desk: Counter, unit: UnitOfWork, call: Call, case: Case, entry: Entry, room: Room
) -> tuple[Outgoing, ...]:
    """The case for those who may decide it."""
    text = desk.texts.render(
        "recording.review",
        number=case.number,
        by=shown(call.sender.name),
        room=shown(room.topic),
        who=shown(case.sender_name),
        title=entry.rule.title,
        clause=case.clause,
        points=case.points,
        reason=case.reason,
    )
    return await to_supervisors(
        unit,
        desk.supervision(),
        text,
        call.now,
        f"review {case.number}",
        beyond=(call.sender.key, case.person_key),
    )
