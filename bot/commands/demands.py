"""`/说明` and `/整改`: supervisors ask for an explanation or for rectification, and see it through (policy 6.1b)."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.commands.decisions import courteous, was_ever
from bot.commands.demand_answers import answer_by_command, refusal
from bot.commands.docket import name_of, readable, title_of
from bot.commands.entries import page_of
from bot.commands.parse import Typed
from bot.commands.table import SUPERVISION, Answer, Call, Counter, Refused
from bot.commands.times import Mistimed, complaint, duration, leading_until, stamp
from bot.pipeline.notice import local, masked, shown
from bot.pipeline.telling import privately
from bot.reports.procedure_titles import DEMAND_KINDS, DEMAND_STATES
from rules.core.conduct import LATE_ANSWER
from rules.core.worktime import WorkCalendar
from rules.procedure import rectification as procedure
from rules.procedure.deadlines import end_of_work, fair_due
from rules.procedure.rectification import Kind, Move, Refusal, Standing, State
from storage.errors import Conflict
from storage.records import AuditEntry, Case, Demand, Outgoing
from storage.session import UnitOfWork

TEXT_LENGTH = 300
ANSWER_LENGTH = 60
PAGE = 10
DAY = timedelta(days=1)
LAST_MINUTE = timedelta(minutes=1)


async def ask(desk: Counter, unit: UnitOfWork, call: Call, kind: Kind) -> Answer:
    """Ask the subject of a case; the subject's own line of this form is the answer.

    Raises:
        Refused: the case, the deadline or the question is not as it has to be.
    """
    case = await _case(desk, unit, call, kind)
    if await was_ever(unit, call.sender, case):
        return await answer_by_command(desk, unit, call, case, kind)
    if not SUPERVISION & call.sender.roles:
        raise Refused(desk.texts.render("refuse.unknown_case", number=readable(call.words[0])))
    due, text = _due(desk, call, kind)
    if not text and kind is Kind.RECTIFICATION:
        raise Refused(_usage(desk, call, kind))
    text = text or _usual_question(desk, case)
    standing = await unit.demands.get(case.number, kind.value)
    await _consider(desk, unit, call, case, kind, Move.ASK, _ended(standing), due)
    try:
        demand = await unit.demands.ask(
            Demand(0, case.number, kind.value, case.person_key, call.sender.key, text, call.now, due)
        )
    except Conflict:
        raise Refused(refusal(desk, kind, case.number, Refusal.ALREADY)) from None
    await unit.audit.add(AuditEntry(call.now, call.sender.key, f"{kind.value} asked", case.number, text))
    row = await _request(desk, unit, call, case, demand)
    return Answer(_told(desk, call, case, kind, "asked", due), private=True, also=(row,))


async def accept(desk: Counter, unit: UnitOfWork, call: Call, kind: Kind) -> Answer:
    """Take the answer as settled."""
    return await _close(desk, unit, call, kind, Move.ACCEPT)


async def cancel(desk: Counter, unit: UnitOfWork, call: Call, kind: Kind) -> Answer:
    """Ask for nothing any more."""
    return await _close(desk, unit, call, kind, Move.CANCEL)


async def send_back(desk: Counter, unit: UnitOfWork, call: Call, kind: Kind) -> Answer:
    """Ask once more, with a reason, and with a deadline that is no earlier than the one before.

    Raises:
        Refused: there is no answer to send back, no reason, or no time left.
    """
    case = await _case(desk, unit, call, kind)
    demand = await unit.demands.get(case.number, kind.value)
    due, why = _due(desk, call, kind, days=desk.settings().review.explain_days)
    if demand is not None:
        due = procedure.due_again(demand.due_at, due)
    await _consider(desk, unit, call, case, kind, Move.REJECT, demand, due)
    if not why:
        raise Refused(desk.texts.render("demands.no_reason", number=case.number))
    try:
        again = await unit.demands.reopen(case.number, kind.value, due)
    except Conflict:
        raise Refused(refusal(desk, kind, case.number, Refusal.UNANSWERED)) from None
    await unit.audit.add(AuditEntry(call.now, call.sender.key, f"{kind.value} sent back", case.number, why))
    row = await _request(desk, unit, call, case, again, why)
    return Answer(_told(desk, call, case, kind, "sent_back", due), private=True, also=(row,))


async def listed(desk: Counter, unit: UnitOfWork, call: Call, kind: Kind) -> Answer:
    """What is asked for and not settled, oldest first."""
    page = page_of(call)
    found = [one for one in await unit.demands.open() if one.kind == kind.value]
    zone = desk.book().calendar.zone
    rows = []
    for one in found[(page - 1) * PAGE : page * PAGE]:
        case = await unit.cases.get(one.number)
        rows.append(
            {
                "number": one.number,
                "state": DEMAND_STATES[State(one.state)],
                "who": shown(case.sender_name) if case else "",
                "due": stamp(one.due_at, call.now, zone),
                "by": await name_of(unit, one.asked_by),
                "answer": masked(one.answer, ANSWER_LENGTH),
            }
        )
    text = desk.texts.render(
        "demands.list", what=DEMAND_KINDS[kind], rows=rows, page=page, more=len(found) > page * PAGE
    )
    return Answer(text, private=True)


async def _close(desk: Counter, unit: UnitOfWork, call: Call, kind: Kind, move: Move) -> Answer:
    case = await _case(desk, unit, call, kind)
    demand = await unit.demands.get(case.number, kind.value)
    state = await _consider(desk, unit, call, case, kind, move, demand, call.now)
    try:
        closed = await unit.demands.close(case.number, kind.value, state.value, call.sender.key, call.now)
    except Conflict:
        raise Refused(refusal(desk, kind, case.number, Refusal.CLOSED)) from None
    await unit.audit.add(AuditEntry(call.now, call.sender.key, f"{kind.value} {state.value}", case.number))
    await unit.outbox.drop(case.number, "nothing is asked for any more", unique_prefix=f"demand {closed.id} ")
    told = desk.texts.render(
        "demands.settled", number=case.number, what=DEMAND_KINDS[kind], accepted=state is State.ACCEPTED
    )
    row = await privately(
        unit, case, told, call.now, courteous(desk, call.now), f"demand settled {closed.id}"
    )
    return Answer(_told(desk, call, case, kind, state.value, call.now), private=True, also=(row,))


async def _case(desk: Counter, unit: UnitOfWork, call: Call, kind: Kind) -> Case:
    if not call.words:
        raise Refused(_usage(desk, call, kind))
    case = await unit.cases.get(call.words[0])
    if case is None:
        raise Refused(desk.texts.render("refuse.unknown_case", number=readable(call.words[0])))
    return case


async def _consider(
    desk: Counter,
    unit: UnitOfWork,
    call: Call,
    case: Case,
    kind: Kind,
    move: Move,
    demand: Demand | None,
    due: datetime,
) -> State:
    """Whether a move is open to the caller; a case that was theirs under any record is theirs.

    Raises:
        Refused: it is not.
    """
    subject = call.sender.key if await was_ever(unit, call.sender, case) else case.person_key
    state = State(demand.state) if demand is not None else State.NONE
    standing = Standing(state, case.state.value, subject, due)
    target = procedure.consider(standing, kind, move, call.sender.key, call.now, desk.book().calendar)
    if isinstance(target, Refusal):
        raise Refused(refusal(desk, kind, case.number, target))
    return target


async def _request(
    desk: Counter, unit: UnitOfWork, call: Call, case: Case, demand: Demand, again: str = ""
) -> Outgoing:
    """The request as its reader gets it: privately; ``again`` is why the answer before was not enough."""
    zone = desk.book().calendar.zone
    text = desk.texts.render(
        "demands.request",
        number=case.number,
        explain=demand.kind == Kind.EXPLANATION,
        again=shown(again, TEXT_LENGTH),
        at=local(case.sent_at, zone),
        title=title_of(desk, case.rule),
        clause=case.clause,
        standing=case.rule in desk.book().standing,
        late=case.rule == LATE_ANSWER,
        text=shown(demand.text, TEXT_LENGTH),
        due=stamp(demand.due_at, call.now, zone),
    )
    # What is sent back may keep its deadline, and is another request all the same.
    once = call.message_id if again else demand.due_at.isoformat()
    unique = f"demand {demand.id} {once}"
    return await privately(unit, case, text, call.now, courteous(desk, call.now), unique, knock=True)


def _usual_question(desk: Counter, case: Case) -> str:
    """What is asked about a case if nobody says what; empty where its rule leaves nothing particular to ask."""
    key = f"demands_question.{case.rule}"
    return desk.texts.render(key) if key in desk.texts.keys else ""


def _ended(demand: Demand | None) -> Demand | None:
    """What stands in the way of a new demand: nothing that is over."""
    return demand if demand is not None and demand.closed_at is None else None


def _due(desk: Counter, call: Call, kind: Kind, days: int | None = None) -> tuple[datetime, str]:
    """The deadline that the words behind the number name, in working time, and what is written behind it.

    Raises:
        Refused: it can't be meant, or none is named where there has to be one.
    """
    calendar, words = desk.book().calendar, call.words[1:]
    line = Typed("", Typed("", call.rest).behind_action)
    length = duration(words[0]) if words else None
    if length is not None and length % DAY == timedelta():
        return procedure.due(call.now, max(1, length // DAY), calendar), line.behind_action
    try:
        end, taken = leading_until(words, call.now, calendar.zone)
    except Mistimed as mistimed:
        raise Refused(complaint(desk.texts, mistimed)) from None
    if end is None:
        if kind is Kind.RECTIFICATION and days is None:
            raise Refused(_usage(desk, call, kind))
        days = days if days is not None else desk.settings().review.explain_days
        return procedure.due(call.now, days, calendar), line.rest.strip()
    for _ in range(taken):
        line = Typed("", line.behind_action)
    return _in_working_time(end, calendar), line.rest.strip()


def _in_working_time(end: datetime, calendar: WorkCalendar) -> datetime:
    """A named end in working time: the last minute of a day means the end of its work."""
    there = calendar.local(end)
    before = there - LAST_MINUTE
    whole_day = (there.hour, there.minute) in ((0, 0), (23, 59))
    return end_of_work(before.date(), calendar) if whole_day else fair_due(there, calendar)


def _usage(desk: Counter, call: Call, kind: Kind) -> str:
    return desk.texts.render(
        "demands.usage", explain=kind is Kind.EXPLANATION, reviewer=bool(SUPERVISION & call.sender.roles)
    )


def _told(desk: Counter, call: Call, case: Case, kind: Kind, what: str, due: datetime) -> str:
    return desk.texts.render(
        "demands.done",
        number=case.number,
        who=shown(case.sender_name),
        kind=DEMAND_KINDS[kind],
        what=what,
        due=stamp(due, call.now, desk.book().calendar.zone),
    )
