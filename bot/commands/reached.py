"""`/公示 已告知`: HR has told somebody their points by other means, because the bot's message does not reach them.

Until a person or the bot has told them, the time for their appeals does not begin (policy 6.3).
"""

from __future__ import annotations

from bot.commands.table import Answer, Call, Counter, Refused
from bot.commands.whom import called, meant
from bot.pipeline.leave import leave_of
from bot.pipeline.telling import statement_row
from rules.procedure.appeal import window
from storage.records import AuditEntry
from storage.session import UnitOfWork

MONTHS = 36
"""So many statements back somebody may have been missed."""


async def told(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """Note that somebody was told of every statement that has not reached them; their message is not sent any more.

    Raises:
        Refused: nobody, or several, could be meant, or every statement has reached them.
    """
    found = await meant(desk, unit, call, call.words[0] if call.words else "", left=True)
    keys = {found.person.key, *(await unit.people.ever(found.person.key)).person_keys}
    who = called(found.person, found.label)
    months: list[str] = []
    for kept in await unit.statements.list(MONTHS):
        for line in kept.lines:
            if line.reached_at is None and line.person_key in keys:
                await unit.statements.reached(kept.month, line.person_key, call.now, call.sender.key)
                # It would name another time for the appeal than the one that runs from now.
                await unit.outbox.forgo(statement_row(kept.month, line.person_key), "told by other means")
                months.append(kept.month)
    if not months:
        raise Refused(desk.texts.render("statement.reached_already", who=who))
    await unit.audit.add(
        AuditEntry(call.now, call.sender.key, "statement told", found.person.key, " ".join(sorted(months)))
    )
    away = await leave_of(unit, found.person.key, desk.book())
    until = window(call.now, desk.book().calendar, desk.settings().appeals.days, away).last_day
    text = desk.texts.render(
        "statement.reached_by_hand", who=who, months=sorted(months), until=f"{until:%m-%d}", note=found.note
    )
    return Answer(text, private=True)
