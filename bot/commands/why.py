"""`/为什么`: why each rule did or did not fire, on a case or on a text.

Supervisors see everything. A member has a right to an explanation of a decision about themselves (PIPL article 24):
which clause, what kind of thing, that a person decides, and how to appeal; not how the filter can be passed by.
"""

from __future__ import annotations

import re
import unicodedata

from bot.commands.appealing import offer
from bot.commands.docket import (
    BARE_NUMBER,
    NUMBER,
    cost_of,
    own_case,
    readable,
    standing_of,
    title_of,
)
from bot.commands.explained import bounded, told
from bot.commands.table import EVERYONE, SUPERVISION, Action, Answer, Call, Command, Counter, Refused
from bot.pipeline.notice import local, shown, sureness
from bot.pipeline.places import Place
from bot.pipeline.replay import Basis, Replay, replay
from rules.core.conduct import LATE_ANSWER
from rules.core.explain import explain
from rules.core.model import Context, Message, Tier, Verdict
from rules.procedure.reminder import settled
from storage.numbers import ALPHABET
from storage.records import SYSTEM, Case, CaseState, Role
from storage.session import UnitOfWork

READERS = SUPERVISION | {Role.OPERATOR}
STRICT = re.compile(rf"V[-‐‑‒–—―−ー]?[{ALPHABET}]{{5}}", re.IGNORECASE)
AFTER_HOURS = "after_hours"
DECIDED = frozenset({CaseState.CONFIRMED, CaseState.UPHELD, CaseState.DISMISSED, CaseState.OVERTURNED})


async def why(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """Explain a case, or to role holders any text."""
    reader = bool(READERS & call.sender.roles)
    if not call.words:
        raise Refused(desk.texts.render("why.usage", reviewer=reader))
    number = unicodedata.normalize("NFKC", call.words[0])
    alone = len(call.words) == 1
    if not reader:
        if not NUMBER.fullmatch(number) and not (alone and BARE_NUMBER.fullmatch(number)):
            raise Refused(desk.texts.render("why.usage", reviewer=False))
        return await _to_member(desk, unit, call, number)
    case = None
    if alone and (NUMBER.fullmatch(number) or BARE_NUMBER.fullmatch(number)):
        case = await unit.cases.get(number)
        if case is None and STRICT.fullmatch(number):
            raise Refused(desk.texts.render("refuse.unknown_case", number=readable(number)))
    if case is None:
        return await _of_text(desk, unit, call)
    return await _of_case(desk, unit, case)


async def _to_member(desk: Counter, unit: UnitOfWork, call: Call, number: str) -> Answer:
    """The own case, in plain words; anybody else's is as unknown as one that does not exist.

    What a rule on trial made of a message has no consequence, and nobody is told of it.
    """
    case = await own_case(desk, unit, call, number)
    room = await unit.rooms.get(case.room_key)
    calendar = desk.book().calendar
    text = desk.texts.render(
        "why.member",
        number=case.number,
        state=standing_of(case),
        at=local(case.sent_at, calendar.zone),
        hours=f"{calendar.start:%H:%M} 至 {calendar.end:%H:%M}" if case.rule == AFTER_HOURS else "",
        room=shown(room.topic) if room else "",
        standing=case.rule in desk.book().standing,
        late=case.rule == LATE_ANSWER,
        title=title_of(desk, case.rule),
        clause=case.clause,
        cost=cost_of(case),
        reason=case.reason,
        decided=case.state in DECIDED,
        reminder=settled(case.state, case.points, case.graver_points),
        lapsed=case.state is CaseState.DISMISSED and case.decided_by == SYSTEM,
        recorded=bool(case.recorded_by),
        filed=title_of(desk, case.filed_rule) if case.filed_rule else "",
        filed_clause=case.filed_clause,
        offer=await offer(desk, unit, call, case),
    )
    return Answer(bounded(text), private=True, secret=True)


async def _of_text(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """Any text, by the rules of the room in which it was asked, or by those of most rooms."""
    room = await unit.rooms.by_gateway(call.room_id) if call.place is Place.GUARDED else None
    book = desk.policy.of(room)
    context = Context(book.reader.read(call.rest), book.calendar, roster=book.roster, rota=book.rota)
    return Answer(bounded(told(desk, explain(book, Message(call.rest), context))), private=True)


async def _of_case(desk: Counter, unit: UnitOfWork, case: Case) -> Answer:
    """What a machine made of it is told of the rule that it was filed under, whatever people made of it."""
    filed = case.as_filed
    again = await replay(unit, desk.policy, filed)
    text = desk.texts.render(
        "why.case",
        number=case.number,
        state=standing_of(case),
        at=local(case.sent_at, desk.book().calendar.zone),
        sender=shown(case.sender_name),
        title=title_of(desk, filed.rule),
        recorded=bool(case.recorded_by),
        tier=_tier(case.tier),
        confidence=sureness(case.confidence),
        clause=filed.clause,
        points=filed.points,
        other=title_of(desk, case.rule) if case.filed_rule else "",
        other_clause=case.clause,
        basis=again.basis.value,
        now=judged_now(desk, filed, again),
        explanation=told(desk, again.explanation) if again.explanation else "",
    )
    return Answer(bounded(text), private=True)


def _tier(tier: str) -> str:
    return "违规" if tier == Tier.VIOLATION else "待人工判断"


def judged_now(desk: Counter, case: Case, again: Replay) -> str:
    """How the same rule would decide now; empty where it would decide the same, or nothing is left to judge."""
    view = again.explanation.rule(case.rule) if again.explanation else None
    if again.basis is Basis.NOTHING:
        return ""
    if view is None:
        return desk.texts.render("why.rule_gone")
    found = next((one for one in view.findings if one.category == case.category), None)
    if view.verdict in (Verdict.OFF, Verdict.UNKNOWN, Verdict.EXEMPT, Verdict.CRASHED) or found is None:
        tier, confidence = "", ""
    else:
        tier, confidence = _tier(found.tier) if found.tier else "", sureness(found.confidence)
        same = (found.tier, found.clause) == (case.tier, case.clause)
        # An outsider's case costs nothing, whatever the category does.
        if same and case.points in (0, found.points) and confidence == sureness(case.confidence):
            return ""
    return desk.texts.render(
        "why.now",
        off=view.verdict is Verdict.OFF,
        tier=tier,
        confidence=confidence,
        clause=found.clause if found else "",
        points=found.points if found else 0,
    )


COMMANDS = (
    Command(
        name="为什么",
        english="why",
        aliases=("為什麼", "为啥"),
        summary="说明一个案件为何被识别；有职责的人还可说明任意一段文字为何触发或未触发各条规则",
        actions=(
            Action(
                name="",
                english="",
                roles=EVERYONE,
                arguments="编号|文本",
                summary="成员：本人案件的依据、由谁决定、怎样申诉；监督员：每条规则的判断过程",
                examples=(
                    ("/为什么 V-7K2QM", "说明一个案件"),
                    ("/为什么 加我微信领红包", "监督员：说明一段文字为何触发或未触发"),
                ),
                run=why,
            ),
        ),
    ),
)
