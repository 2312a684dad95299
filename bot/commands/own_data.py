"""`/我的数据` and `/导出`: what is kept of oneself (PIPL articles 44 to 47), and how tables leave the database."""

from __future__ import annotations

from bot.commands.statements import asked_month
from bot.commands.table import EVERYONE, Action, Answer, Call, Command, Counter, Refused
from bot.pipeline.notice import shown
from storage.records import AuditEntry, Binding, Role
from storage.session import UnitOfWork

HR = frozenset({Role.HR_LEAD})
SECTIONS = {
    "messages": "近期消息原文",
    "cases": "案件",
    "points": "积分流水",
    "statements": "月度公示",
    "appeals": "申诉",
    "demands": "说明与整改",
    "answers": "工作消息的回复情况",
    "archive": "被归档的消息",
    "nicknames": "群昵称提醒",
    "shifts": "值班与请假",
    "exemptions": "豁免",
    "told": "机器人发给您的私信",
    "requests": "入群退群申请",
    "contact_ids": "微信账号绑定",
    "rooms": "所在的群",
}


async def own_data(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """What is kept of the caller: how much of each kind, how long, and how to get the whole. For their eyes alone.

    Raises:
        Refused: they are not confirmed: it could be somebody else's data.
    """
    if call.sender.binding is not Binding.CONFIRMED:
        raise Refused(desk.texts.render("refuse.not_confirmed"))
    kept = await unit.privacy.export(call.sender.key)
    counts = {name: len(rows) for name, rows in kept.items() if isinstance(rows, list)}
    rows = [{"what": title, "count": counts[name]} for name, title in SECTIONS.items() if counts.get(name)]
    retention = desk.settings().retention
    text = desk.texts.render(
        "own_data.show",
        name=shown(call.sender.name),
        department=shown(call.sender.department),
        employee_no=shown(call.sender.employee_no),
        rows=rows,
        others=sum(count for name, count in counts.items() if name not in SECTIONS and name != "person"),
        messages=retention.messages_days,
        evidence=retention.evidence_days,
        ledger=retention.ledger_text_months,
        archive=retention.archive_months,
    )
    return Answer(text, private=True, secret=True)


async def how_to_export(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """The command line that writes a month's tables: the account sends no files, and records don't belong in a chat."""
    month = asked_month(desk, call)
    published = await unit.statements.get(month) is not None
    await unit.audit.add(AuditEntry(call.now, call.sender.key, "export asked for", month))
    return Answer(desk.texts.render("own_data.export", month=month, published=published), private=True)


COMMANDS = (
    Command(
        name="我的数据",
        english="mydata",
        summary="查看系统保存了您的哪些信息、保存多久，以及如何取得全部内容或要求删除",
        actions=(
            Action(
                name="",
                english="",
                roles=EVERYONE,
                arguments="",
                summary="私下列出保存的信息；需先确认身份",
                examples=(("/我的数据", "系统保存了您的哪些信息"),),
                run=own_data,
            ),
        ),
    ),
    Command(
        name="导出",
        english="export",
        summary="如何导出月度积分、案件、流水与操作记录",
        actions=(
            Action(
                name="",
                english="",
                roles=HR,
                arguments="[月份]",
                summary="列出由管理员执行的导出命令；聊天里不发送文件",
                examples=(("/导出 2026-09", "导出九月的表格"),),
                run=how_to_export,
            ),
        ),
    ),
)
