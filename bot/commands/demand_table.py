"""The rows of `/说明` and `/整改` in the table of commands: one way of working, two kinds of demands."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.commands import demands
from bot.commands.decisions import was_ever
from bot.commands.demand_answers import answer_by_command
from bot.commands.docket import readable
from bot.commands.table import EVERYONE, SUPERVISION, Action, Answer, Call, Command, Counter, Refused, Run
from rules.procedure.rectification import Kind
from storage.session import UnitOfWork

Step = Callable[[Counter, UnitOfWork, Call, Kind], Awaitable[Answer]]


async def done(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """`/整改 完成`: the subject says that what was asked for is done.

    Raises:
        Refused: there is no such case of theirs, or nothing was asked of them.
    """
    case = await unit.cases.get(call.words[0]) if call.words else None
    if case is None or not await was_ever(unit, call.sender, case):
        number = readable(call.words[0]) if call.words else ""
        raise Refused(desk.texts.render("refuse.unknown_case", number=number))
    return await answer_by_command(desk, unit, call, case, Kind.RECTIFICATION)


def _of(kind: Kind, step: Step) -> Run:
    async def run(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
        return await step(desk, unit, call, kind)

    return run


def _steps(kind: Kind, name: str) -> tuple[Action, ...]:
    """What supervisors do with an answer."""
    return (
        Action(
            name="列表",
            english="list",
            roles=SUPERVISION,
            arguments="[页]",
            summary=f"尚未办结的{name}",
            examples=((f"/{name} 列表", f"尚未办结的{name}"),),
            run=_of(kind, demands.listed),
        ),
        Action(
            name="通过",
            english="accept",
            aliases=("采纳",),
            roles=SUPERVISION,
            arguments="编号",
            summary=f"认可对方的{name}，办结",
            examples=((f"/{name} 通过 V-7K2QM", f"认可对方的{name}"),),
            run=_of(kind, demands.accept),
        ),
        Action(
            name="退回",
            english="return",
            roles=SUPERVISION,
            arguments="编号 [期限] 理由",
            summary="退回重做，写明理由",
            examples=((f"/{name} 退回 V-7K2QM 2天 请写明具体情况", "退回，两个工作日内重报"),),
            run=_of(kind, demands.send_back),
        ),
        Action(
            name="取消",
            english="cancel",
            roles=SUPERVISION,
            arguments="编号",
            summary=f"不再要求{name}",
            examples=((f"/{name} 取消 V-7K2QM", f"不再要求{name}"),),
            run=_of(kind, demands.cancel),
        ),
    )


COMMANDS = (
    Command(
        name="说明",
        english="explain",
        aliases=("說明",),
        summary="监督员：请当事人就案件作出说明；当事人：作出说明",
        actions=(
            Action(
                name="",
                english="",
                roles=EVERYONE,
                arguments="编号 [期限] [问题]；当事人：编号 说明内容",
                summary="监督员：请当事人说明（不写期限为 2 个工作日）；当事人：提交说明",
                examples=(
                    ("/说明 V-7K2QM 2天 当时是什么情况？", "请当事人在两个工作日内说明"),
                    ("/说明 V-9RTC3 这是公司统一发布的通知", "当事人：提交说明"),
                ),
                run=_of(Kind.EXPLANATION, demands.ask),
                free_text=True,
                defence=True,
            ),
            *_steps(Kind.EXPLANATION, "说明"),
        ),
    ),
    Command(
        name="整改",
        english="rectify",
        summary="监督员：要求当事人整改；当事人：报告已完成",
        actions=(
            Action(
                name="",
                english="",
                roles=SUPERVISION,
                arguments="编号 期限 要求",
                summary="要求当事人整改，期限按工作时间计",
                examples=(("/整改 V-7K2QM 3天 删除群相册中的广告图片", "要求当事人三个工作日内整改"),),
                run=_of(Kind.RECTIFICATION, demands.ask),
                free_text=True,
            ),
            Action(
                name="完成",
                english="done",
                roles=EVERYONE,
                arguments="编号 [说明]",
                summary="当事人：报告整改已完成",
                examples=(("/整改 完成 V-7K2QM 图片已删除", "报告整改已完成"),),
                run=done,
                free_text=True,
                defence=True,
            ),
            *_steps(Kind.RECTIFICATION, "整改"),
        ),
    ),
)
