"""A month's statement after its publication (policy 6.2a, 6.3): what was published, and what became of it since."""

from __future__ import annotations

from collections import Counter as Tally
from collections import defaultdict
from datetime import datetime

from bot.commands.docket import name_of, title_of
from bot.commands.points import signed
from bot.commands.table import Answer, Call, Counter
from bot.commands.times import stamp
from bot.pipeline.appeals import opened
from bot.pipeline.notice import shown
from bot.reports.statement import EVERY
from rules.procedure.statement import month_bounds
from storage.case_counts import BONUS
from storage.records import Case, CaseState, Statement, StatementLine
from storage.session import UnitOfWork

NAMED = 15
NUMBERS = 10


async def published(desk: Counter, unit: UnitOfWork, call: Call, kept: Statement) -> Answer:
    """A statement as it was published, with the appeals that are open and what they have changed."""
    zone = desk.book().calendar.zone
    entered = {number for line in kept.lines for number in line.cases}
    until = month_bounds(kept.month, zone)[1]
    cases = [
        case
        for case in await unit.cases.list(until=until, by="sent_at", limit=EVERY, bonuses=True)
        if case.number in entered
    ]
    people = sorted(kept.lines, key=total)
    rules = Tally(title_of(desk, case.rule) for case in cases if case.rule != BONUS)
    last, over = await _appeals_end(desk, unit, cases, call.now)
    appealed, overturned = _numbers(cases, CaseState.APPEALED), _numbers(cases, CaseState.OVERTURNED)
    lowered = _lowered(cases, kept.published_at)
    text = desk.texts.render(
        "statement.was_published",
        month=kept.month,
        when=stamp(kept.published_at, call.now, zone),
        by=await name_of(unit, kept.published_by),
        count=len(kept.lines),
        reached=sum(line.reached_at is not None for line in kept.lines),
        departments=_departments(kept.lines),
        rules=[{"title": title, "count": count} for title, count in rules.most_common()],
        people=[await _row(unit, line) for line in people[:NAMED]],
        more=max(0, len(people) - NAMED),
        appealed=appealed[:NUMBERS],
        appealed_count=len(appealed),
        appealed_more=len(appealed) > NUMBERS,
        overturned=overturned[:NUMBERS],
        overturned_count=len(overturned),
        overturned_more=len(overturned) > NUMBERS,
        lowered=lowered[:NUMBERS],
        lowered_count=len(lowered),
        lowered_more=len(lowered) > NUMBERS,
        until=last,
        over=over,
    )
    return Answer(text, private=True)


def total(line: StatementLine) -> int:
    """What somebody's month comes to; negative if more was taken than given."""
    return line.bonus - line.deducted + line.restored


async def _appeals_end(desk: Counter, unit: UnitOfWork, cases: list[Case], now: datetime) -> tuple[str, bool]:
    """The last day on which one of the cases may be appealed against, and whether it is over; empty for none.

    Whom the statement has not reached yet has no last day.
    """
    days = desk.settings().appeals.days
    files = [await opened(unit, case, desk.book(), days) for case in cases]
    windows = [file.window for file in files if file.window is not None]
    if not windows:
        return "", False
    last = max(windows, key=lambda one: one.closes)
    return f"{last.last_day:%m-%d}", last.closes < now


def _departments(lines: tuple[StatementLine, ...]) -> list[dict[str, object]]:
    grouped: dict[str, list[StatementLine]] = defaultdict(list)
    for line in lines:
        grouped[line.department].append(line)
    return [
        {
            "name": shown(name) or "（未登记部门）",
            "people": len(of),
            "cases": sum(len(line.cases) for line in of),
            "deducted": sum(line.deducted for line in of),
            "bonus": sum(line.bonus for line in of),
            "total": signed(sum(map(total, of))),
        }
        for name, of in sorted(grouped.items())
    ]


async def _row(unit: UnitOfWork, line: StatementLine) -> dict[str, object]:
    return {
        "who": shown(line.department) + (await name_of(unit, line.person_key) or "（姓名已删除）"),
        "deducted": line.deducted,
        "bonus": line.bonus,
        "restored": signed(line.restored) if line.corrected else "",
        "total": signed(total(line)),
    }


def _numbers(cases: list[Case], state: CaseState) -> list[str]:
    return [case.number for case in cases if case.state is state]


def _lowered(cases: list[Case], since: datetime) -> list[str]:
    """Numbers of the cases that an appeal has lowered since then; what costs nothing before enters no statement."""
    return [
        case.number
        for case in cases
        if case.state is CaseState.UPHELD
        and case.waived_points
        and case.decided_at is not None
        and case.decided_at > since
    ]
