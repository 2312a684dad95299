"""The demo's main story: a whole working day, and the days before it."""

from __future__ import annotations

from bot.demo import day
from bot.demo.director import Director
from storage.records import CaseState, Role


async def whole_day(direct: Director) -> None:
    """All five rules, the supervisors' commands, the digest, and the morning after."""
    await _days_before(direct)
    direct.out.heading(f"{day.DAY:%Y-%m-%d} 星期二 {day.TOPIC}")
    await direct.stage.until(day.DAY)
    await direct.scene(day.MORNING)
    await direct.scene(day.AFTERNOON)
    await _supervise(direct)
    await direct.scene(day.EVENING)
    direct.out.heading(f"17:30 {day.OFFICE_TOPIC}：每个工作日一份日报")
    await direct.until(17, 30)
    direct.out.heading("下班以后：夜里不打扰大家")
    await direct.scene(day.NIGHT)
    direct.out.heading("第二天 09:00 上班：夜里没有说的话，现在说")
    await direct.until(9, 0, days=1)
    direct.out.heading("10:00：昵称提醒的期限过了，仍未修改的才立案，只告诉本人")
    await direct.until(10, 0, days=1)
    direct.show_cases(await direct.cases())
    async with direct.stage.storage.view() as unit:
        report = await unit.ledger.verify()
    direct.out.plain(f"积分台账：{report.entries} 笔，校验{'通过' if report.holds else '失败'}")


async def _days_before(direct: Director) -> None:
    """The roster, a role, and nicknames: who is wrong is reminded on working days, and only then gets a case."""
    direct.out.heading("10-09 星期五：机器人进群")
    direct.out.note("管理员导入花名册（qungui roster import），机器人从此认得部门与姓名")
    async with direct.stage.storage.unit() as unit:
        await unit.people.import_roster(day.ROSTER, direct.stage.clock.now())
    await direct.stage.bot.handler.refresh()
    direct.out.note("管理员用 qungui claim 生成一次性认领码，王敏私聊认领，成为人力资源负责人")
    await direct.authorise("wang", Role.HR_LEAD, "E1001")
    direct.out.note(
        "昵称不合格式：好友私下提醒，给足 3 个工作日；不能确定是不是员工的，只请人核对，不在群里说"
    )
    await direct.until(10, 0, days=-4)
    direct.out.note("外部人员由人认定，从此按“公司+姓名”看待")
    await direct.say("wang", "/绑定 外部 @宏达建材高远", where=day.OFFICE)
    await direct.until(17, 30, days=-4)
    direct.out.heading("10-10 星期六：调休上班日，照常；10-12 星期一")
    for days in (-3, -1):
        await direct.until(10, 0, days=days)
        await direct.until(17, 30, days=days)


async def _supervise(direct: Director) -> None:
    direct.out.heading(f"16:00 {day.OFFICE_TOPIC}：处理当天的案件")
    await direct.until(16, 0)
    await direct.say("wang", "/违规", where=day.OFFICE)
    cases = await direct.cases()
    provisional = [case.number for case in cases if case.state is CaseState.PROVISIONAL and case.points > 0]
    doubtful = [case.number for case in cases if case.state is CaseState.REVIEW]
    flooding = [case.number for case in cases if case.rule == "flooding"]
    if flooding:
        direct.out.note("每次提醒都说得出理由：为什么这样判？")
        await direct.say("wang", f"/为什么 {flooding[0]}", where=day.OFFICE)
    if provisional:
        direct.out.note("确认属实的案件：暂记的分数从此算数")
        await direct.say("wang", f"/违规 确认 {' '.join(provisional[:2])}", where=day.OFFICE)
    if doubtful:
        direct.out.note("同事分享优惠并无恶意：驳回，不计分，群里什么也不会说")
        await direct.say("wang", f"/违规 驳回 {doubtful[0]}", where=day.OFFICE)
