"""Shorter stories of the demo: what becomes of an appeal, an announcement, a newcomer, a question, a departure."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from bot.demo import day
from bot.demo.director import Director
from storage.records import Role

Story = Callable[[Director], Awaitable[None]]


async def _staffed(direct: Director) -> None:
    """The roster, an HR lead, a supervisor, a leader, and members who have confirmed who they are."""
    async with direct.stage.storage.unit() as unit:
        heads = [replace(row, is_head=row.employee_no == "E1002") for row in day.ROSTER]
        await unit.people.import_roster(heads, direct.stage.clock.now())
    await direct.stage.bot.handler.refresh()
    direct.stage.sim.alias(day.ROOM, "wu", "工程部吴迪")
    direct.stage.sim.leave(day.ROOM, "gao")
    direct.out.note("花名册已导入；王敏（人力资源负责人）、陈静（监督员）、孙丽（公司领导）用认领码确认身份")
    await direct.authorise("wang", Role.HR_LEAD, "E1001")
    await direct.authorise("chen", Role.SUPERVISOR, "E1004")
    await direct.authorise("sun", Role.LEADER, "E1007")
    direct.out.note("李强（工程部负责人）、刘洋确认身份，才能提交申请、查看记录和申诉")
    await direct.authorise("li", Role.MEMBER, "E1002")
    await direct.authorise("liu", Role.MEMBER, "E1005")


async def appeal(direct: Director) -> None:
    """From an advertisement to the entry that gives the points back."""
    await _staffed(direct)
    direct.out.heading("10:20 一条被当作广告的消息")
    await direct.until(10, 20)
    await direct.say("liu", "限时特惠！部门团建拼团价89元一位，扫码进群报名，名额有限，加微信 tuanjian2026")
    number = direct.number("V")
    await direct.until(11, 0)
    direct.out.note("监督员先请当事人说明，再确认")
    await direct.say("chen", f"/说明 {number} 2天 这是什么活动？", where=day.OFFICE)
    await direct.say("liu", f"/说明 {number} 市场部自己组织的团建报名", where="")
    await direct.say("chen", f"/违规 确认 {number}", where=day.OFFICE)
    direct.out.heading("第二天：刘洋不同意，在 3 个工作日内申诉")
    await direct.until(9, 30, days=1)
    await direct.say("liu", f"/申诉 {number} 这是经部门批准的团建报名，不是商业广告", where="")
    direct.out.note("确认案件的人不能审理申诉；由人力资源负责人审理")
    await direct.say("chen", f"/申诉 撤销 {number} 我再看看", where=day.OFFICE)
    await direct.say("wang", f"/申诉 查看 {number}", where=day.OFFICE)
    await direct.say("wang", f"/申诉 撤销 {number} 属公司批准的内部活动", where=day.OFFICE)
    await direct.until(10, 30, days=1)
    await direct.say("liu", "/积分", where="")
    direct.show_cases(await direct.cases())
    await _ledger(direct)


async def announcement(direct: Director) -> None:
    """From a draft over an approval to the post at its time."""
    await _staffed(direct)
    direct.out.heading("09:30 起草一份通知")
    await direct.until(9, 30)
    draft = "本周六（10月17日）项目部停电检修，请各部门周四下班前确认停机安排，收到请回复。"
    await direct.say("chen", f"/发布 {day.TOPIC} 今天 11:00 需回复\n{draft}", where=day.OFFICE)
    number = direct.number("G")
    direct.out.note("起草人不能批准自己的通知")
    await direct.say("chen", f"/批准 {number}", where=day.OFFICE)
    direct.out.note("公司领导先退回，修改后批准")
    await direct.say("sun", f"/退回 {number} 请写明联系人", where="")
    better = f"{draft}联系人：陈静。"
    await direct.say("chen", f"/发布 修改 {number} {day.TOPIC} 今天 11:00 需回复\n{better}", where=day.OFFICE)
    await direct.say("sun", f"/批准 {number}", where="")
    direct.out.heading("11:00 到时间，由机器人发布并跟踪回复")
    await direct.until(11, 0)
    await direct.until(11, 5)
    await direct.say("li", "收到，工程部周四前确认")
    await direct.say("zhao", "收到")
    await direct.say("chen", "/跟踪 查看", where=day.OFFICE)


async def joining(direct: Director) -> None:
    """A colleague and an outsider come in; somebody else comes without a request."""
    await _staffed(direct)
    sim = direct.stage.sim
    direct.out.heading("09:30 部门负责人为新同事申请入群，人力资源部批准")
    await direct.until(9, 30)
    await direct.say("li", f"/入群 马超 工程部 {day.TOPIC}", where="")
    await direct.say("wang", f"/入群 同意 {direct.number('R')}", where=day.OFFICE)
    direct.out.heading("10:00 外部人员：对接人申请，公司领导、人力资源部先后批准")
    await direct.until(10, 0)
    await direct.say("li", f"/入群 外部 宏达建材 黄忠 {day.TOPIC}", where="")
    number = direct.number("R")
    await direct.say("sun", f"/入群 同意 {number}", where="")
    await direct.say("wang", f"/入群 同意 {number}", where=day.OFFICE)
    direct.out.heading("10:30 两人被拉进群；还有一个人没有申请就进来了")
    await direct.until(10, 30)
    for who, (name, alias) in day.NEWCOMERS.items():
        sim.contact(who, name, friend=False)
        sim.join(day.ROOM, who, by="li")
        sim.alias(day.ROOM, who, alias)
    await direct.heard()
    await direct.until(10, 32)
    await direct.until(10, 40)
    await direct.say("wang", "/入群 列表", where=day.OFFICE)


async def answers(direct: Director) -> None:
    """A question to several people, reminders in working time, one summary."""
    await _staffed(direct)
    direct.out.heading("09:10 王敏在群里要回复")
    await direct.until(9, 10)
    names = "".join(f"@{day.PEOPLE[who][1]}\u2005" for who in ("li", "zhao", "sun"))
    await direct.say(
        "wang",
        f"{names}请于今天15:00前反馈本周培训能否参加，收到请回复",
        mentions=("li", "zhao", "sun"),
    )
    await direct.until(9, 20)
    await direct.say("li", "可以参加")
    await direct.until(9, 40)
    await direct.say("zhao", "收到")
    direct.out.heading("没有回复的，上班时间内提醒一次；到时间给发起人一份汇总")
    for hour, minute in ((12, 30), (14, 0), (15, 1), (16, 0)):
        await direct.until(hour, minute)
    await direct.say("wang", "/跟踪 列表", where="")


async def departure(direct: Director) -> None:
    """Somebody leaves the company: the roster says so, and the groups follow."""
    await _staffed(direct)
    await direct.until(10, 0)
    direct.out.heading("14:00 周杰离职：花名册更新，机器人列出他还在哪些群")
    await direct.until(14, 0)
    async with direct.stage.storage.unit() as unit:
        rows = [replace(row, active=row.employee_no != "E1006") for row in day.ROSTER]
        await unit.people.import_roster(rows, direct.stage.clock.now())
    await direct.stage.bot.handler.refresh()
    for minute in (1, 15):
        await direct.until(14, minute)
    direct.out.note("人力资源部确认后，移出全部群，并核对确实已移出")
    await direct.say("wang", "/退群 E1006 已办理离职 确认", where=day.OFFICE)
    for minute in (16, 30):
        await direct.until(14, minute)
    await direct.say("wang", "/退群 列表", where=day.OFFICE)


async def _ledger(direct: Director) -> None:
    async with direct.stage.storage.view() as unit:
        report = await unit.ledger.verify()
    direct.out.plain(f"积分台账：{report.entries} 笔，校验{'通过' if report.holds else '失败'}")


STORIES: Mapping[str, tuple[str, Story]] = MappingProxyType(
    {
        "appeal": ("一次申诉：从提醒到退回分数", appeal),
        "announcement": ("一份通知：起草、退回、批准、按时发布、跟踪回复", announcement),
        "joining": ("入群：同事、外部人员，以及没有申请的人", joining),
        "answers": ("要回复的消息：提醒与汇总", answers),
        "departure": ("离职：花名册一变，各群跟上", departure),
    }
)
"""Every story by the name that the command line takes, with its title."""
