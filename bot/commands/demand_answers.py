"""What somebody says to a demand of theirs: by command, quoting the request, or privately with the number in it."""

from __future__ import annotations

import re
import unicodedata

from bot.commands.decisions import was_ever
from bot.commands.parse import Typed
from bot.commands.table import Answer, Call, Counter, Refused
from bot.pipeline.leave import demand_due
from bot.pipeline.notice import masked, shown
from bot.pipeline.telling import to_supervisors
from bot.reports.procedure_titles import DEMAND_KINDS
from rules.procedure.rectification import Kind, Move, Refusal, Standing, State, consider
from storage.case_reading import normal_number
from storage.errors import Conflict
from storage.numbers import ALPHABET
from storage.records import AuditEntry, Binding, Case, Demand, Outgoing
from storage.session import UnitOfWork

ANSWER_LENGTH = 400
TOLD_LENGTH = 300
NUMBER = re.compile(rf"V[-‐‑‒–—―−ー]?([{ALPHABET}]{{5}})(?![0-9A-Z])", re.IGNORECASE)
WANTED = frozenset({State.OPEN, State.OVERDUE})


async def answer_by_command(desk: Counter, unit: UnitOfWork, call: Call, case: Case, kind: Kind) -> Answer:
    """File what stands behind the number; ``/整改 完成`` needs no words.

    Raises:
        Refused: nothing was asked of them, or nothing is written.
    """
    text = " ".join(filter(None, (Typed("", call.rest).behind_action, call.body)))
    if not text and kind is Kind.EXPLANATION:
        raise Refused(desk.texts.render("demands.usage", explain=True, reviewer=False))
    demand = await unit.demands.get(case.number, kind.value)
    rows = await _file(desk, unit, call, case, demand, kind, text)
    return Answer(_thanks(desk, case, kind), secret=True, also=rows)


async def answer_by_reply(
    desk: Counter, unit: UnitOfWork, call: Call, said: str, about: str
) -> Answer | None:
    """File a reply, if it answers what was asked of its sender.

    Args:
        said: what was typed.
        about: where the case's number is to stand: the quoted request, or what was typed.

    Returns:
        ``None`` if nothing of the kind is asked of them: then it is no answer, and nothing is said.
    """
    plain = unicodedata.normalize("NFKC", about)
    numbers = {normal_number(match[0]) for match in NUMBER.finditer(plain)}
    if not numbers:
        return None
    for demand in await unit.demands.open(call.sender.key):
        if demand.number not in numbers or State(demand.state) not in WANTED:
            continue
        case = await unit.cases.get(demand.number)
        if case is None or not _surely(call, case):
            continue
        kind = Kind(demand.kind)
        try:
            rows = await _file(desk, unit, call, case, demand, kind, said.strip())
        except Refused as refused:
            return Answer(str(refused))
        return Answer(_thanks(desk, case, kind), secret=True, also=rows)
    return None


def refusal(desk: Counter, kind: Kind, number: str, why: Refusal) -> str:
    """Why a step is refused."""
    return desk.texts.render(f"demands_refused.{why.value}", number=number, what=DEMAND_KINDS[kind])


async def _file(
    desk: Counter, unit: UnitOfWork, call: Call, case: Case, demand: Demand | None, kind: Kind, text: str
) -> tuple[Outgoing, ...]:
    """Keep an answer, and tell those who asked.

    Raises:
        Refused: nothing was asked of them, or it has been answered.
    """
    subject = call.sender.key if await was_ever(unit, call.sender, case) else case.person_key
    state = State(demand.state) if demand is not None else State.NONE
    due = demand.due_at if demand is not None else call.now
    standing = Standing(state, case.state.value, subject, due)
    target = consider(standing, kind, Move.ANSWER, call.sender.key, call.now, desk.book().calendar)
    if not isinstance(target, Refusal) and not _surely(call, case):
        raise Refused(desk.texts.render("refuse.not_confirmed"))
    if isinstance(target, Refusal) or demand is None:
        why = target if isinstance(target, Refusal) else Refusal.NOT_ASKED
        raise Refused(refusal(desk, kind, case.number, why))
    try:
        await unit.demands.answer(case.number, kind.value, text[:ANSWER_LENGTH], call.now)
    except Conflict:
        raise Refused(refusal(desk, kind, case.number, Refusal.ALREADY)) from None
    await unit.audit.add(AuditEntry(call.now, call.sender.key, f"{kind.value} answered", case.number))
    await unit.outbox.drop(case.number, "it has been answered", unique_prefix=f"demand reminder {demand.id} ")
    told = desk.texts.render(
        "demands.answered",
        number=case.number,
        who=shown(case.sender_name),
        kind=DEMAND_KINDS[kind],
        late=call.now > await demand_due(unit, demand, desk.book()),
        answer=masked(text, TOLD_LENGTH),
    )
    unique = f"demand answered {demand.id} {call.now.isoformat()}"
    return await to_supervisors(unit, desk.supervision(), told, call.now, unique, beyond=(call.sender.key,))


def _surely(call: Call, case: Case) -> bool:
    """Whether the sender is the one who is asked: confirmed, or writing under the very id that the case is about."""
    return call.sender.binding is Binding.CONFIRMED or call.contact_id == case.sender_id


def _thanks(desk: Counter, case: Case, kind: Kind) -> str:
    return desk.texts.render("demands.thanks", number=case.number, kind=DEMAND_KINDS[kind])
