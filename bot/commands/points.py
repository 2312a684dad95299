"""`/积分`: what a record stands at. A member sees the own one; supervisors see others', and every look is noted down.

Points that nobody has confirmed yet stand apart: they enter no statement (policy: what fairness asks).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.commands.docket import STATE_TITLES, title_of
from bot.commands.table import (
    EVERYONE,
    ROLE_TITLES,
    SUPERVISION,
    Action,
    Answer,
    Call,
    Command,
    Counter,
    Refused,
)
from bot.commands.times import stamp
from bot.commands.whom import called, meant
from bot.pipeline.notice import shown
from storage.case_counts import BONUS
from storage.records import AuditEntry, Binding, Case, CaseState, LedgerEntry
from storage.session import UnitOfWork

NEWEST = 5
REASON_LENGTH = 40
UNSETTLED = frozenset({CaseState.REVIEW, CaseState.PROVISIONAL, CaseState.APPEALED})
KINDS = {"bonus": "加分", "adjustment": "调整", "reversal": "退回", "difference": "补扣"}


async def own(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """The caller's own record; with somebody's name behind it, theirs."""
    if call.words:
        if not SUPERVISION & call.sender.roles:
            await unit.audit.add(AuditEntry(call.now, call.sender.key, "command refused", "积分 查看"))
            roles = "、".join(title for role, title in ROLE_TITLES.items() if role in SUPERVISION)
            raise Refused(desk.texts.render("refuse.role", command="积分 查看", roles=roles))
        return await of_somebody(desk, unit, call)
    if call.sender.binding is not Binding.CONFIRMED:
        raise Refused(desk.texts.render("refuse.not_confirmed"))
    return Answer(await _shown(desk, unit, call, call.sender.key, "", ""), private=True)


async def of_somebody(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """Somebody else's record. That it was read is noted down, whoever reads it."""
    if not call.words:
        raise Refused(desk.texts.render("points.usage"))
    found = await meant(desk, unit, call, call.words[0], left=True)
    await unit.audit.add(AuditEntry(call.now, call.sender.key, "record read", found.person.key))
    who = called(found.person, found.label)
    return Answer(await _shown(desk, unit, call, found.person.key, who, found.note), private=True)


async def _shown(desk: Counter, unit: UnitOfWork, call: Call, key: str, who: str, note: str) -> str:
    zone = desk.book().calendar.zone
    entries = await unit.ledger.of_person(key)
    cases: dict[str, Case] = {}
    for number in {entry.case for entry in entries if entry.case}:
        if (case := await unit.cases.get(number)) is not None:
            cases[number] = case
    month = call.now.astimezone(zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    rows = [await _row(desk, unit, call, entry, cases) for entry in reversed(entries[-NEWEST:])]
    return desk.texts.render(
        "points.show",
        who=who,
        month=month.month,
        now=totals([entry for entry in entries if entry.at >= month], cases),
        ever=totals(entries, cases),
        rows=rows,
        note=note,
        days=desk.settings().appeals.days,
    )


def totals(entries: Sequence[LedgerEntry], cases: Mapping[str, Case]) -> dict[str, str]:
    """What a person's entries come to: ``confirmed`` by people, and ``open`` until they decide.

    ``gained`` is the part of the former that was given by hand. An entry counts as its case stands now; one
    without a case was made by people in the first place.
    """
    unsettled = {number for number, case in cases.items() if case.state in UNSETTLED}
    still_open = sum(entry.points for entry in entries if entry.case in unsettled)
    whole = sum(entry.points for entry in entries)
    gained = sum(entry.points for entry in entries if entry.rule == BONUS and entry.case not in unsettled)
    return {"confirmed": signed(whole - still_open), "open": signed(still_open), "gained": signed(gained)}


def signed(points: int) -> str:
    """Points with their sign; zero has none."""
    return f"+{points}" if points > 0 else str(points)


async def _row(
    desk: Counter, unit: UnitOfWork, call: Call, entry: LedgerEntry, cases: Mapping[str, Case]
) -> dict[str, object]:
    case = cases.get(entry.case)
    what = KINDS.get(entry.kind, "")
    if case is not None and case.rule == BONUS:
        what = f"{what or '加分'}：{shown(case.reason, REASON_LENGTH)}"
    elif case is not None:
        what = f"{title_of(desk, entry.rule)}{f'（{what}）' if what else ''}"
    elif reason := await unit.ledger.reason(entry):
        what = f"{what} {shown(reason, REASON_LENGTH)}".strip()
    return {
        "at": _day(entry.at, call.now, desk.book().calendar.zone),
        "points": signed(entry.points),
        "what": what or title_of(desk, entry.rule),
        "number": entry.case if case else "",
        "state": STATE_TITLES[case.state] if case else "",
    }


def _day(at: datetime, now: datetime, zone: ZoneInfo) -> str:
    return stamp(at, now, zone).partition(" ")[0]


COMMANDS = (
    Command(
        name="积分",
        english="points",
        aliases=("積分", "分数"),
        summary="查看本人的积分；监督员可查看某个人的积分",
        actions=(
            Action(
                name="",
                english="",
                roles=EVERYONE,
                arguments="",
                summary="本人的积分：已确认与待确认分列，本月与累计，以及最近的记录",
                examples=(("/积分", "本人的积分"),),
                run=own,
            ),
            Action(
                name="查看",
                english="show",
                roles=SUPERVISION,
                arguments="人",
                summary="查看某个人的积分；查看会留痕",
                examples=(("/积分 查看 E1001", "查看该员工的积分"), ("/积分 张三", "同上，写姓名")),
                run=of_somebody,
            ),
        ),
    ),
)
