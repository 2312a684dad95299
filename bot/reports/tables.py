"""What is exported (policy 6.2a): a month's statement, cases, appeals, ledger and audit, and the archive, as tables.

Statements hold confirmed cases alone. Evidence and free text are masked; what a rule on trial would have done is
nobody's record and is left out.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from bot.masking import personal_data_hidden
from bot.reports import names as stored
from bot.reports.archive import HEADINGS as ARCHIVE_HEADINGS
from bot.reports.archive import archive_rows
from bot.reports.export import Cell, Table
from bot.reports.procedure_tables import appeals, demands
from bot.reports.statement import EVERY
from bot.reports.statement_tables import statements
from bot.reports.table_names import ERASED, Names
from bot.texts import Texts
from rules.core.book import Rulebook
from rules.procedure.appeal import was_lowered
from rules.procedure.reminder import settled
from rules.procedure.statement import month_bounds
from storage.records import Case, CaseState
from storage.session import UnitOfWork

STATES: Mapping[CaseState, str] = {
    CaseState.REVIEW: "待审核",
    CaseState.PROVISIONAL: "待确认",
    CaseState.CONFIRMED: "已确认",
    CaseState.DISMISSED: "不成立",
    CaseState.APPEALED: "申诉中",
    CaseState.UPHELD: "申诉维持",
    CaseState.OVERTURNED: "申诉撤销",
    CaseState.RECALLED: "消息已撤回",
}
ENTRY_KINDS = {
    "penalty": "扣分",
    "difference": "补扣",
    "reversal": "冲正",
    "bonus": "加分",
    "adjustment": "调整",
}


async def cases(names: Names, month: str) -> tuple[Table, ...]:
    """Every case of what happened in the month, as it stands now."""
    start, end = month_bounds(month, names.calendar.zone)
    found = await names.unit.cases.list(
        states=tuple(STATES), since=start, until=end, by="sent_at", limit=EVERY, bonuses=True
    )
    worth = await names.unit.ledger.case_totals()
    rows = [
        (
            case.number,
            names.at(case.sent_at),
            await names.room(case.room_key),
            *await names.whose(case.person_key),
            case.sender_name,
            names.conduct(case.rule),
            case.clause,
            case.points,
            worth.get(case.number, 0),
            _state(case),
            personal_data_hidden(case.reason),
            personal_data_hidden(case.evidence),
            await names.actor(case.decided_by),
            names.at(case.decided_at),
            names.at(case.published_at),
            f"{names.conduct(case.filed_rule)}（{case.filed_clause}）" if case.filed_rule else "",
        )
        for case in reversed(found)
    ]
    heads = (
        "编号 时间 群 部门 工号 姓名 群昵称 事由 条款 分值 入账 状态 "
        "说明 内容（已脱敏） 处理人 处理时间 公示时间 原按何事由立案"
    )
    return (Table("案件", tuple(heads.split(" ")), tuple(rows)),)


def _state(case: Case) -> str:
    if settled(case.state, case.points, case.graver_points):
        return "已提醒"
    lowered = was_lowered(case.state, case.points, case.waived_points)
    return stored.LOWERED if lowered else STATES[case.state]


async def ledger(names: Names, month: str) -> tuple[Table, ...]:
    """The ledger's entries of a month, for whom they count now, in order of time."""
    start, end = month_bounds(month, names.calendar.zone)
    theirs = await names.unit.ledger.everybody(start, end)
    entries = sorted(
        ((entry, owner) for owner, of in theirs.items() for entry in of),
        key=lambda pair: (pair[0].at, pair[0].room_key, pair[0].seq),
    )
    rows: list[tuple[Cell, ...]] = []
    for entry, owner in entries:
        reason = await names.unit.ledger.reason(entry)
        rows.append(
            (
                names.at(entry.at),
                await names.room(entry.room_key),
                f"{entry.room_key}:{entry.seq}",
                entry.case,
                *await names.whose(owner),
                names.conduct(entry.rule),
                ENTRY_KINDS.get(entry.kind, entry.kind),
                entry.points,
                await names.actor(entry.author_key),
                ERASED if reason is None else personal_data_hidden(reason),
                entry.hash,
            )
        )
    heads = (
        "时间",
        "群",
        "序号",
        "编号",
        "部门",
        "工号",
        "姓名",
        "事由",
        "类型",
        "分",
        "经办",
        "理由",
        "哈希",
    )
    return (Table("流水", heads, tuple(rows)),)


async def audit(names: Names, month: str) -> tuple[Table, ...]:
    """Who did what in a month."""
    start, end = month_bounds(month, names.calendar.zone)
    texts = Texts.load()
    rows: list[tuple[Cell, ...]] = []
    for entry in await names.unit.audit.during(start, end):
        subject = await names.person(entry.target)
        rows.append(
            (
                f"{names.calendar.local(entry.at):%Y-%m-%d %H:%M:%S}",
                await names.actor(entry.actor),
                stored.action(texts, entry),
                subject.name
                if subject is not None
                else personal_data_hidden(stored.subject(texts, entry, names.conduct)),
                personal_data_hidden(stored.detail(texts, entry)),
            )
        )
    return (Table("操作记录", ("时间", "操作人", "操作", "对象", "内容"), tuple(rows)),)


async def archive(names: Names, month: str) -> tuple[Table, ...]:  # noqa: ARG001 - one signature for every kind
    """Everything that was kept of the groups, of every month."""
    return (Table("归档", ARCHIVE_HEADINGS, tuple(await archive_rows(names.unit, names.calendar.zone))),)


KINDS: Mapping[str, Callable[[Names, str], Awaitable[tuple[Table, ...]]]] = {
    "cases": cases,
    "appeals": appeals,
    "demands": demands,
    "ledger": ledger,
    "audit": audit,
    "archive": archive,
}
"""What can be exported beside ``statements``."""


async def gather(unit: UnitOfWork, kind: str, month: str, book: Rulebook, days: int) -> tuple[Table, ...]:
    """The tables of one kind for a month; the first holds what matters most.

    Args:
        kind: ``statements``, or one of :data:`KINDS`.
        days: how many working days a published result may be appealed against.

    Raises:
        ValueError: it is no month.
    """
    month_bounds(month, book.calendar.zone)
    names = Names(unit, book)
    return await (statements(names, month, days) if kind == "statements" else KINDS[kind](names, month))
