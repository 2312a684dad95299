"""Appeals, and explanations and rectification asked for, as tables (policy 6.1b, 6.3): of a month's cases, all of them.

What people wrote is masked; a text whose time is over, or whose author was erased, is gone here too.
"""

from __future__ import annotations

from bot.masking import personal_data_hidden
from bot.reports.export import Cell, Table
from bot.reports.procedure_titles import APPEAL_TITLES, DEMAND_KINDS, DEMAND_STATES
from bot.reports.table_names import ERASED, Names
from rules.procedure.statement import month_bounds

CASE_HEAD = "编号 案件时间 部门 工号 姓名 事由"
APPEALS_HEAD = f"{CASE_HEAD} 条款 分值 入账 申诉时间 申诉理由 应决定时间 结果 决定人 决定时间 决定理由"
DEMANDS_HEAD = f"{CASE_HEAD} 类型 要求 提出人 提出时间 期限 状态 曾逾期 答复 答复时间 办结人 办结时间"


async def appeals(names: Names, month: str) -> tuple[Table, ...]:
    """Every appeal against a case of what happened in the month, in order of filing."""
    worth = await names.unit.ledger.case_totals()
    rows: list[tuple[Cell, ...]] = []
    for filed in await names.unit.appeals.about(*month_bounds(month, names.calendar.zone)):
        case = await names.unit.cases.get(filed.number)
        rows.append(
            (
                filed.number,
                names.at(case.sent_at if case else None),
                *await names.whose(filed.person_key),
                names.conduct(case.rule) if case else "",
                case.clause if case else "",
                case.points if case else 0,
                worth.get(filed.number, 0),
                names.at(filed.filed_at),
                _written(filed.reason),
                names.at(filed.due_at),
                APPEAL_TITLES.get(filed.state, filed.state),
                await names.actor(filed.decided_by),
                names.at(filed.decided_at),
                personal_data_hidden(filed.decision),
            )
        )
    return (Table("申诉", tuple(APPEALS_HEAD.split(" ")), tuple(rows)),)


async def demands(names: Names, month: str) -> tuple[Table, ...]:
    """Everything that was asked about a case of what happened in the month, in order of asking."""
    rows: list[tuple[Cell, ...]] = []
    for asked in await names.unit.demands.about(*month_bounds(month, names.calendar.zone)):
        case = await names.unit.cases.get(asked.number)
        rows.append(
            (
                asked.number,
                names.at(case.sent_at if case else None),
                *await names.whose(asked.person_key),
                names.conduct(case.rule) if case else "",
                DEMAND_KINDS.get(asked.kind, asked.kind),
                personal_data_hidden(asked.text),
                await names.actor(asked.asked_by),
                names.at(asked.asked_at),
                names.at(asked.due_at),
                DEMAND_STATES.get(asked.state, asked.state),
                "是" if asked.escalated_at is not None else "",
                personal_data_hidden(asked.answer),
                names.at(asked.answered_at),
                await names.actor(asked.closed_by),
                names.at(asked.closed_at),
            )
        )
    return (Table("说明与整改", tuple(DEMANDS_HEAD.split(" ")), tuple(rows)),)


def _written(text: str) -> str:
    """What everybody who appeals has to write; nothing is there only once it was erased."""
    return personal_data_hidden(text) if text else ERASED
