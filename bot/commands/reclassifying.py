"""`/违规 确认 编号 改为 规则 理由`: a case that was filed under the wrong rule is confirmed under the right one.

One decision instead of a dismissal and a new case. It takes a reason, which its subject reads, and costs them no more
than they were told of (``rules.procedure.reclassification``).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.commands.docket import graver_open, title_of
from bot.commands.recording import charge
from bot.commands.switching import meant, mode_of
from bot.commands.table import Call, Counter
from bot.pipeline import record
from bot.pipeline.notice import local, shown
from bot.pipeline.telling import privately, publicly, was_public
from rules.core.conduct import BONUS, LATE_ANSWER
from rules.procedure.reclassification import Grounds, Refusal, Wish, alike, asked, charged, fits
from rules.procedure.review import Weight
from storage.records import Case, CaseMove, CaseState, Mode, Outgoing
from storage.session import UnitOfWork

REASON_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Change:
    """What a case is to stand for instead.

    Attributes:
        whole: what the rule costs.
        points: what of that is charged.
        told: the subject has heard of the case.
    """

    rule: str
    category: str
    clause: str
    whole: int
    points: int
    told: bool

    @property
    def spared(self) -> bool:
        """Whether it costs less than the rule does."""
        return self.points < self.whole


async def change_of(
    desk: Counter, unit: UnitOfWork, case: Case, wish: Wish, moves: Sequence[CaseMove], now: datetime
) -> Change | str:
    """What a case is to stand for, or in words why it can't.

    Raises:
        Refused: there is no such rule, or its categories cost differently and none is named.
    """
    if refusal := asked(wish, case.state.value):
        return _refused(desk, case, refusal)
    name, _, category_named = unicodedata.normalize("NFKC", wish.rule).partition("/")
    meaning = meant(desk, name).rule
    if refusal := alike((case.rule, meaning.id), desk.book().standing | {LATE_ANSWER, BONUS}):
        return _refused(desk, case, refusal, meaning.title)
    room = await unit.rooms.get(case.room_key)
    if room is None:
        return _refused(desk, case, Refusal.NOT_IN_FORCE, meaning.title)
    entry, category, penalty = charge(desk, room, wish.rule)
    if refusal := fits(
        Grounds(case.rule, case.category),
        Grounds(entry.rule.id, category),
        graver=case.graver_rule if graver_open(case) else "",
        named=bool(category_named),
        in_force=mode_of(entry) is Mode.ON,
    ):
        return _refused(desk, case, refusal, entry.rule.title)
    if refused := await charged_already(desk, unit, case, entry.rule.id):
        return refused
    told = case.noticed_at is not None or any(move.to_state is CaseState.CONFIRMED for move in moves)
    person = await unit.people.get(case.person_key)
    whole = penalty.points if person is None or person.kind == "employee" else 0
    points = charged(
        whole,
        case.points,
        [entry.points for entry in await unit.ledger.entries(case.number)],
        told=told or await _leaving(unit, case, now),
        lesser=wish.weight is Weight.LESSER,
    )
    return Change(entry.rule.id, category, penalty.clause, whole, points, told)


async def charged_already(desk: Counter, unit: UnitOfWork, case: Case, rule: str) -> str:
    """In words why a case can't stand for a rule under which its message has a case already; empty if it has none."""
    for other in await unit.cases.by_message(case.message_id):
        if other.number != case.number and rule in (other.rule, other.as_filed.rule):
            return desk.texts.render(
                "reclassifying.another",
                number=case.number,
                title=title_of(desk, rule),
                other=other.number,
            )
    return ""


async def _leaving(unit: UnitOfWork, case: Case, now: datetime) -> bool:
    """Whether the notice may be on its way at this moment: then it counts as read, in favour of its reader."""
    fates = await unit.outbox.fates(f"notice {case.number}")
    return any(fate.state == "pending" and fate.message.due_at <= now for fate in fates)


async def stand_for(unit: UnitOfWork, case: Case, change: Change, why: str, call: Call) -> Case:
    """Let a confirmed case stand for another rule; what it has cost is reversed, and not charged yet under the new one.

    What a witness wrote down stays what happened; a machine's reason was one of the other rule.
    """
    await record.reverse(unit, case, author=call.sender.key, now=call.now)
    by_hand = bool(case.recorded_by)
    return await unit.cases.stand_for(
        case.number,
        rule=change.rule,
        category=change.category,
        clause=change.clause,
        points=change.points,
        reason=case.reason if by_hand else shown(why, REASON_LENGTH),
        signs=case.signs if by_hand else "",
    )


async def stand_as_filed(unit: UnitOfWork, case: Case, call: Call) -> Case:
    """Let a case stand as it was filed; what it has cost is reversed, and not charged yet under the old rule."""
    await record.reverse(unit, case, author=call.sender.key, now=call.now)
    return await unit.cases.stand_as_filed(case.number)


def answered(desk: Counter, moved: Case, change: Change) -> str:
    """What whoever decided hears: what it is now, and if it costs less than the rule does, why."""
    return desk.texts.render(
        "reclassifying.decided",
        number=moved.number,
        sender=shown(moved.sender_name),
        title=title_of(desk, moved.rule),
        clause=moved.clause,
        points=moved.points,
        reminder=bool(moved.waived_points),
        whole=change.whole if change.spared else 0,
    )


async def tell(
    desk: Counter,
    unit: UnitOfWork,
    moved: Case,
    change: Change,
    why: str,
    now: datetime,
    due: datetime,
    unique: str,
) -> tuple[Outgoing, ...]:
    """The subject hears what the case is now, and why; the group, where it heard the other clause, that it was wrong.

    What the group is told accuses nobody of anything new.
    """
    filed = moved.as_filed
    await unit.outbox.forgo(f"notice {moved.number}", "confirmed under another rule before it left")
    text = desk.texts.render(
        "notice.reclassified",
        number=moved.number,
        at=local(moved.sent_at, desk.book().calendar.zone),
        recorded=moved.reason if moved.recorded_by else "",
        title=title_of(desk, moved.rule),
        clause=moved.clause,
        why=shown(why, REASON_LENGTH),
        told=change.told,
        was=title_of(desk, filed.rule),
        was_clause=filed.clause,
        points=moved.points,
        whole=change.whole if change.spared else 0,
        reminder=bool(moved.waived_points),
        days=desk.settings().appeals.days,
    )
    rows: tuple[Outgoing, ...] = (await privately(unit, moved, text, now, due, unique),)
    if await was_public(unit, moved):
        public = desk.texts.render("notice.reclassified_public", number=moved.number)
        rows += (await publicly(unit, moved, public, now, due, f"{unique} public"),)
    return rows


def _refused(desk: Counter, case: Case, refusal: Refusal, other: str = "") -> str:
    return desk.texts.render(
        f"reclassifying_refused.{refusal.value}",
        number=case.number,
        title=title_of(desk, case.rule),
        other=other,
    )
