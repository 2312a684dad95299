"""A month's statement as tables for an appraisal (policy 6.2a, 6.3): as it was published, and what became of it since.

A published statement never changes; what an appeal gives back stands in the next. An appraisal needs a month's own
cases as they stand now, and nothing that is still under appeal: that sum has a column of its own, and every case
counts in it once, in the month that it entered.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.pipeline.appeals import opened
from bot.reports.export import Cell, Table
from bot.reports.statement import EVERY, draft
from bot.reports.table_names import Names
from rules.procedure.statement import Record, Since, month_bounds, since_published
from storage.records import Case, Statement, StatementLine

PEOPLE = (
    "月份 部门 工号 姓名 扣分 加分 以往更正 合计 申诉中分值 公示后变更 可用于考核的合计 "
    "事由 案件 申诉中的案件 变更的案件 更正的案件 状态 公示时间 申诉截止"
)
DEPARTMENTS = "月份 部门 人数 案件数 扣分 加分 以往更正 合计 申诉中分值 公示后变更 可用于考核的合计"
UNTOLD = "尚未告知"
"""Stands for an end that is not known: the time for appeals runs from when the statement has reached somebody."""

NOTES = (
    ("合计", "加分 − 扣分 + 以往更正，即公示时告知本人的分数；公示后不再更改。"),
    ("以往更正", "更早月份的案件在公示后变更（如申诉成立），在本月退回或补扣的分数。"),
    ("申诉中分值", "正在申诉的案件公示时的分数；作出决定前不用于考核。"),
    ("公示后变更", "本月案件在公示后变更的分数，将计入下一期的“以往更正”。"),
    ("可用于考核的合计", "加分 − 扣分 + 公示后变更 − 申诉中分值：本月案件截至导出时的结果；草稿没有这一列。"),
    ("", "不含“以往更正”：那些分数已在原月份的这一列里；原月份若已用于考核，请重新导出该月。"),
    ("申诉截止", "本月案件可以申诉到这一天（含当日）；此前以及仍有申诉时，分数可能变更。"),
)
"""What the columns hold that need a word."""


@dataclass(frozen=True, slots=True)
class _Published:
    """A published statement, with the cases that it took up and their worth: then, and now."""

    kept: Statement
    cases: Mapping[str, Case]
    then: Mapping[str, int]
    now: Mapping[str, int]

    def since(self, line: StatementLine) -> Since:
        """What became of a line's cases."""
        return since_published(
            Record(
                number,
                line.person_key,
                case.state.value,
                self.now.get(number, 0),
                case.sent_at,
                stated=self.then.get(number, 0),
            )
            for number in line.cases
            if (case := self.cases.get(number)) is not None
        )


async def statements(names: Names, month: str, appeal_days: int) -> tuple[Table, ...]:
    """The month's statement by person and department, and what its columns mean; a draft where none is published."""
    kept = await names.unit.statements.get(month)
    if kept is None:
        drafted = await draft(names.unit, month, names.calendar.zone)
        rows = [await _drafted(names, month, line, drafted.cases) for line in drafted.statement.lines]
    else:
        published = await _published(names, kept)
        rows = [await _row(names, published, line, appeal_days) for line in kept.lines]
    rows.sort(key=lambda row: (str(row[1]), str(row[2]), str(row[3])))
    return (
        Table("个人", tuple(PEOPLE.split(" ")), tuple(rows)),
        Table("部门", tuple(DEPARTMENTS.split(" ")), tuple(_departments(rows))),
        Table("说明", ("列", "含义"), NOTES),
    )


async def _published(names: Names, kept: Statement) -> _Published:
    _, end = month_bounds(kept.month, names.calendar.zone)
    entered = {number for line in kept.lines for number in line.cases}
    found = await names.unit.cases.list(until=end, by="sent_at", limit=EVERY, bonuses=True)
    # Up to and including that moment: storage's end is open, and its finest step is a microsecond.
    then = await names.unit.ledger.case_totals(until=kept.published_at + timedelta(microseconds=1))
    return _Published(
        kept,
        {case.number: case for case in found if case.number in entered},
        then,
        await names.unit.ledger.case_totals(),
    )


async def _row(
    names: Names, published: _Published, line: StatementLine, appeal_days: int
) -> tuple[Cell, ...]:
    since = published.since(line)
    counting = line.bonus - line.deducted + since.change - since.at_stake
    return (
        *await _whose(names, published.kept.month, line),
        *_points(line),
        since.at_stake,
        since.change,
        counting,
        _conduct(names, line, published.cases),
        " ".join(line.cases),
        " ".join(since.appealed),
        " ".join(since.changed),
        " ".join(line.corrected),
        "已公示",
        names.at(published.kept.published_at),
        await _last_day(names, line, published.cases, appeal_days),
    )


async def _drafted(
    names: Names, month: str, line: StatementLine, cases: Mapping[str, Case]
) -> tuple[Cell, ...]:
    whose, conduct = await _whose(names, month, line), _conduct(names, line, cases)
    numbers = (" ".join(line.cases), "", "", " ".join(line.corrected))
    return (*whose, *_points(line), "", "", "", conduct, *numbers, "草稿", "", "")


async def _whose(names: Names, month: str, line: StatementLine) -> tuple[str, ...]:
    _, number, name = await names.whose(line.person_key)
    return (month, line.department, number, name)


def _points(line: StatementLine) -> tuple[int, ...]:
    total = line.bonus - line.deducted + line.restored
    return (line.deducted, line.bonus, line.restored, total)


def _conduct(names: Names, line: StatementLine, cases: Mapping[str, Case]) -> str:
    """What a line's cases are about, and how many of each: most first."""
    counted = Counter(names.conduct(cases[number].rule) for number in line.cases if number in cases)
    ordered = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
    return "，".join(f"{title} {count}" for title, count in ordered)


async def _last_day(names: Names, line: StatementLine, cases: Mapping[str, Case], days: int) -> str:
    """Until when the last of a line's cases may be appealed against; its subject may not have been told yet."""
    entered = [cases[number] for number in line.cases if number in cases]
    ends = [(await opened(names.unit, case, names.book, days)).window for case in entered]
    if None in ends:
        return UNTOLD
    last = max((end.last_day for end in ends if end is not None), default=None)
    return "" if last is None else f"{last:%Y-%m-%d}"


def _departments(rows: Sequence[tuple[Cell, ...]]) -> list[tuple[Cell, ...]]:
    """The rows of people, added up by department; in a draft, which holds no such points, cells stay empty."""
    case_column = PEOPLE.split(" ").index("案件")
    sums: dict[tuple[str, str], list[Cell]] = {}
    for row in rows:
        counted: list[Cell] = [1, len(str(row[case_column]).split()), *row[4:11]]
        held = sums.get((str(row[0]), str(row[1])))
        sums[str(row[0]), str(row[1])] = (
            counted if held is None else [_plus(a, b) for a, b in zip(held, counted, strict=True)]
        )
    return [(*key, *of) for key, of in sorted(sums.items())]


def _plus(one: Cell, other: Cell) -> Cell:
    return one + other if isinstance(one, int) and isinstance(other, int) else ""
