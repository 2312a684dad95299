"""What somebody who reads their own case is told of an appeal: until when, and only while there may be one."""

from __future__ import annotations

from bot.commands.table import Call, Counter
from bot.pipeline.appeals import opened
from rules.procedure.appeal import Move, State, consider
from storage.records import Case
from storage.session import UnitOfWork


async def offer(desk: Counter, unit: UnitOfWork, call: Call, case: Case) -> str:
    """The line that appeals against a case, and its last day; empty for whoever could not appeal now (policy 6.3)."""
    days = desk.settings().appeals.days
    file = await opened(unit, case, desk.book(), days, call.sender.key)
    if consider(file.standing, Move.FILE, call.sender.key, call.now) is not State.OPEN:
        return ""
    until = f"{file.window.last_day:%m-%d}" if file.window else ""
    return desk.texts.render("appeals.offer", number=case.number, until=until, days=days)
