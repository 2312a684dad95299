"""What is exported (policy 6.2a): a month's statement, cases, ledger and audit, and the archive, as tables.

Statements hold confirmed cases alone. Evidence and free text are masked; what a rule on trial would have done is
nobody's record and is left out.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.masking import personal_data_hidden
from bot.reports import names
from bot.reports.archive import HEADINGS as ARCHIVE_HEADINGS
from bot.reports.archive import archive_rows
from bot.reports.export import Cell, Table
from bot.reports.statement import EVERY, draft
from bot.texts import Texts
from rules.procedure.statement import month_bounds
from storage.case_counts import BONUS
from storage.records import OPERATOR, SYSTEM, CaseState, Person, StatementLine
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
ACTORS = {SYSTEM: "系统", OPERATOR: "管理员（命令行）", "": ""}


@dataclass(slots=True)
class _Desk:
    """Names of people and rooms, each asked for once."""

    unit: UnitOfWork
    zone: ZoneInfo
    title: Callable[[str], str]
    known: dict[str, Person | None] = field(default_factory=dict)
    rooms: dict[int, str] = field(default_factory=dict)

    async def person(self, key: str) -> Person | None:
        if key not in self.known:
            self.known[key] = await self.unit.people.get(key) if key else None
        return self.known[key]

    async def actor(self, key: str) -> str:
        if key in ACTORS:
            return ACTORS[key]
        person = await self.person(key)
        return person.name if person is not None else "（已删除）"

    async def whose(self, key: str) -> tuple[str, str, str]:
        """Department, number and name of a person."""
        person = await self.person(key)
        return (
            ("", "", "（已删除）") if person is None else (person.department, person.employee_no, person.name)
        )

    async def room(self, key: int) -> str:
        if not self.rooms:
            self.rooms = {room.key: room.topic or room.gateway_id for room in await self.unit.rooms.all()}
        return self.rooms.get(key, "")

    def at(self, moment: datetime | None) -> str:
        return "" if moment is None else moment.astimezone(self.zone).strftime("%Y-%m-%d %H:%M")

    def conduct(self, rule: str) -> str:
        return "加分与调整" if rule == BONUS else self.title(rule)


async def statements(desk: _Desk, month: str) -> tuple[Table, ...]:
    """The month's statement: as it was published, else as it would be now."""
    kept = await desk.unit.statements.get(month)
    found = await draft(desk.unit, month, desk.zone) if kept is None else None
    lines = kept.lines if kept is not None else found.statement.lines if found is not None else ()
    status = "草稿" if kept is None else "已公示"
    rows: list[tuple[Cell, ...]] = []
    sums: dict[str, list[int]] = {}
    for line in sorted(lines, key=lambda one: (one.department, one.person_key)):
        _, number, name = await desk.whose(line.person_key)
        total = _total(line)
        numbers = (" ".join(line.cases), " ".join(line.corrected))
        rows.append(
            (
                month,
                line.department,
                number,
                name,
                line.deducted,
                line.bonus,
                line.restored,
                total,
                *numbers,
                status,
                desk.at(kept.published_at if kept else None),
            )
        )
        counted = (1, len(line.cases), line.deducted, line.bonus, line.restored, total)
        sums[line.department] = [
            a + b for a, b in zip(sums.get(line.department, [0] * len(counted)), counted, strict=True)
        ]
    people = Table(
        "个人",
        (
            "月份",
            "部门",
            "工号",
            "姓名",
            "扣分",
            "加分",
            "以往更正",
            "合计",
            "案件",
            "更正的案件",
            "状态",
            "公示时间",
        ),
        tuple(rows),
    )
    heads = ("月份", "部门", "人数", "案件数", "扣分", "加分", "以往更正", "合计")
    departments = Table("部门", heads, tuple((month, name, *of) for name, of in sorted(sums.items())))
    return people, departments


async def cases(desk: _Desk, month: str) -> tuple[Table, ...]:
    """Every case of what happened in the month, as it stands now."""
    start, end = month_bounds(month, desk.zone)
    found = await desk.unit.cases.list(
        states=tuple(STATES), since=start, until=end, by="sent_at", limit=EVERY, bonuses=True
    )
    worth = await desk.unit.ledger.case_totals()
    rows = [
        (
            case.number,
            desk.at(case.sent_at),
            await desk.room(case.room_key),
            *await desk.whose(case.person_key),
            case.sender_name,
            desk.conduct(case.rule),
            case.clause,
            case.points,
            worth.get(case.number, 0),
            STATES[case.state],
            personal_data_hidden(case.reason),
            personal_data_hidden(case.evidence),
            await desk.actor(case.decided_by),
            desk.at(case.decided_at),
            desk.at(case.published_at),
        )
        for case in reversed(found)
    ]
    heads = "编号 时间 群 部门 工号 姓名 群昵称 事由 条款 分值 入账 状态 说明 内容（已脱敏） 处理人 处理时间 公示时间"
    return (Table("案件", tuple(heads.split(" ")), tuple(rows)),)


async def ledger(desk: _Desk, month: str) -> tuple[Table, ...]:
    """The ledger's entries of a month, for whom they count now, in order of time."""
    start, end = month_bounds(month, desk.zone)
    theirs = await desk.unit.ledger.everybody(start, end)
    entries = sorted(
        ((entry, owner) for owner, of in theirs.items() for entry in of),
        key=lambda pair: (pair[0].at, pair[0].room_key, pair[0].seq),
    )
    rows: list[tuple[Cell, ...]] = []
    for entry, owner in entries:
        reason = await desk.unit.ledger.reason(entry)
        rows.append(
            (
                desk.at(entry.at),
                await desk.room(entry.room_key),
                f"{entry.room_key}:{entry.seq}",
                entry.case,
                *await desk.whose(owner),
                desk.conduct(entry.rule),
                ENTRY_KINDS.get(entry.kind, entry.kind),
                entry.points,
                await desk.actor(entry.author_key),
                "（已删除）" if reason is None else personal_data_hidden(reason),
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


async def audit(desk: _Desk, month: str) -> tuple[Table, ...]:
    """Who did what in a month."""
    start, end = month_bounds(month, desk.zone)
    texts = Texts.load()
    rows: list[tuple[Cell, ...]] = []
    for entry in await desk.unit.audit.during(start, end):
        subject = await desk.person(entry.target)
        rows.append(
            (
                entry.at.astimezone(desk.zone).strftime("%Y-%m-%d %H:%M:%S"),
                await desk.actor(entry.actor),
                names.action(texts, entry),
                subject.name
                if subject is not None
                else personal_data_hidden(names.subject(texts, entry, desk.title)),
                personal_data_hidden(names.detail(texts, entry)),
            )
        )
    return (Table("操作记录", ("时间", "操作人", "操作", "对象", "内容"), tuple(rows)),)


async def archive(desk: _Desk, month: str) -> tuple[Table, ...]:  # noqa: ARG001 - one signature for every kind
    """Everything that was kept of the groups, of every month."""
    return (Table("归档", ARCHIVE_HEADINGS, tuple(await archive_rows(desk.unit, desk.zone))),)


KINDS: Mapping[str, Callable[[_Desk, str], Awaitable[tuple[Table, ...]]]] = {
    "statements": statements,
    "cases": cases,
    "ledger": ledger,
    "audit": audit,
    "archive": archive,
}
"""What can be exported."""


async def gather(
    unit: UnitOfWork, kind: str, month: str, zone: ZoneInfo, title: Callable[[str], str]
) -> tuple[Table, ...]:
    """The tables of one kind for a month; the first holds what matters most.

    Args:
        kind: one of :data:`KINDS`.
        title: names a rule for people.

    Raises:
        ValueError: it is no month.
    """
    month_bounds(month, zone)
    return await KINDS[kind](_Desk(unit, zone, title), month)


def _total(line: StatementLine) -> int:
    return line.bonus - line.deducted + line.restored
