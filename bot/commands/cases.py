"""`/违规`: the review queue. Supervisors list, read and decide; a member reads the own record."""

from __future__ import annotations

import unicodedata

from bot.commands.appealing import offer
from bot.commands.case_lists import listed, on_trial
from bot.commands.daylist import asks_for_list, confirm_list
from bot.commands.decisions import decide
from bot.commands.docket import (
    NUMBER,
    cost_of,
    graver_open,
    name_of,
    own_case,
    readable,
    standing_of,
    title_of,
)
from bot.commands.recording import record_case
from bot.commands.table import EVERYONE, SUPERVISION, Action, Answer, Call, Command, Counter, Refused
from bot.pipeline.notice import local, masked, shown, sureness
from rules.procedure.review import UNDO_DAYS, Move
from storage.records import Person
from storage.session import UnitOfWork

REASON_LENGTH = 200


async def cases(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """The list; or one case, since a bare number is what people type when they mean "show"."""
    if call.words and NUMBER.fullmatch(unicodedata.normalize("NFKC", call.words[0])):
        return await shown_case(desk, unit, call)
    return await listed(desk, unit, call)


async def confirm(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """Confirm cases, or the day's list."""
    if asks_for_list(call.words):
        return await confirm_list(desk, unit, call)
    return await decide(desk, unit, call, Move.CONFIRM, call.words)


async def dismiss(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """Dismiss cases."""
    return await decide(desk, unit, call, Move.DISMISS, call.words)


async def undo(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """Undo the last decision on cases."""
    return await decide(desk, unit, call, Move.UNDO, call.words)


def _may_see_all(person: Person) -> bool:
    return bool(SUPERVISION & person.roles)


async def shown_case(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """One case: to a reviewer whole, to its subject without what only reviewers see."""
    if not call.words:
        raise Refused(desk.texts.render("cases.usage", reviewer=_may_see_all(call.sender)))
    number = call.words[0]
    reviewer = _may_see_all(call.sender)
    case = await unit.cases.get(number) if reviewer else await own_case(desk, unit, call, number)
    if case is None:
        raise Refused(desk.texts.render("refuse.unknown_case", number=readable(number)))
    zone = desk.book().calendar.zone
    moves = await unit.cases.history(case.number)
    decided = moves[-1] if moves else None
    opinion = await unit.opinions.get(case.number) if reviewer else None
    text = desk.texts.render(
        "cases.show",
        number=case.number,
        state=standing_of(case),
        sender=shown(case.sender_name),
        title=title_of(desk, case.rule),
        clause=case.clause,
        cost=cost_of(case),
        reason=case.reason,
        signs=case.signs if reviewer else "",
        confidence=sureness(case.confidence)
        if reviewer and not (case.recorded_by or case.filed_rule)
        else "",
        filed=title_of(desk, case.filed_rule) if case.filed_rule else "",
        filed_clause=case.filed_clause,
        recorded=bool(case.recorded_by),
        recorded_by=await name_of(unit, case.recorded_by) if reviewer else "",
        at=local(case.sent_at, zone),
        evidence=masked(case.evidence),
        repeats=case.repeats,
        last_at=local(case.last_at, zone) if case.last_at else "",
        graver=title_of(desk, case.graver_rule) if graver_open(case) else "",
        reviewer=reviewer,
        graver_points=case.graver_points,
        decided_by=await name_of(unit, decided.by) if decided and reviewer else "",
        decided_at=local(decided.at, zone) if decided else "",
        why=shown(decided.reason, REASON_LENGTH) if decided else "",
        opinion=("违规" if opinion.violation else "不违规") if opinion else "",
        opinion_by=shown(opinion.model) if opinion else "",
        opinion_why=shown(opinion.reason, REASON_LENGTH) if opinion else "",
        offer=await offer(desk, unit, call, case),
    )
    return Answer(text, private=True)


COMMANDS = (
    Command(
        name="违规",
        english="cases",
        aliases=("違規", "violations"),
        summary="查看本人记录；监督员可查看、确认、驳回、登记案件，或撤销刚才的处理",
        actions=(
            Action(
                name="",
                english="",
                roles=EVERYONE,
                arguments="[编号]",
                summary="监督员：待处理的案件；成员：本人的记录；写上编号，就查看该案件",
                examples=(("/违规", "监督员：待处理的案件；成员：本人的记录"),),
                run=cases,
            ),
            Action(
                name="列表",
                english="list",
                roles=EVERYONE,
                arguments="[人|本人] [月份] [状态] [页]",
                summary="分页列出；可以写月份、状态（如 已确认、申诉中、已结案）；"
                "监督员还可以写某个人或“本人”，查看他人会留痕",
                examples=(
                    ("/违规 列表 2", "第二页"),
                    ("/违规 列表 本人", "本人的记录"),
                    ("/违规 列表 2026-10 已确认", "十月里已确认的"),
                ),
                run=listed,
            ),
            Action(
                name="查看",
                english="show",
                roles=EVERYONE,
                arguments="编号",
                summary="查看一个案件的依据与理由",
                examples=(("/违规 查看 V-7K2QM", "查看一个案件的依据与理由"),),
                run=shown_case,
            ),
            Action(
                name="确认",
                english="confirm",
                roles=SUPERVISION,
                arguments="编号… [从轻|从重|仅提醒] [理由]；或：编号 改为 规则 [从轻|仅提醒] 理由；或：今日|全部",
                summary="认定成立，可一次写多个编号；另有更重的疑点时，不写“从重”只认定较轻的一项；"
                "写“仅提醒”并写明理由，认定而不扣分；立案的规则不对时，写“改为”、规则和理由，"
                "按该规则的条款认定，扣分不超过此前告知本人的分值；"
                "理由会告知本人，写理由请一次一个案件；写“今日”或“全部”，先列出待确认的案件再一并确认",
                examples=(
                    ("/违规 确认 V-7K2QM V-9RTC3", "确认两个案件"),
                    ("/违规 确认 V-7K2QM 仅提醒 初次误发，已自行说明", "认定成立，不扣分"),
                    ("/违规 确认 V-7K2QM 改为 不文明用语 当众辱骂同事", "事情属实，改按另一规则认定"),
                    ("/违规 确认 今日", "列出今天待确认的案件"),
                ),
                run=confirm,
            ),
            Action(
                name="驳回",
                english="dismiss",
                aliases=("不成立",),
                roles=SUPERVISION,
                arguments="编号… [理由]",
                summary="认定不成立，已扣分数即时退回；理由会私下告知此前收到提醒的本人，写理由请一次一个案件",
                examples=(("/违规 驳回 V-7K2QM 公司内购活动", "认定不成立并写明理由"),),
                run=dismiss,
            ),
            Action(
                name="登记",
                english="record",
                roles=SUPERVISION,
                arguments="人 规则 群 事实与理由",
                summary="登记机器人没有识别到的违规（如图片、语音），按该规则的条款和分值立案；"
                "须由另一人确认或驳回，登记人不能处理；时间请写在事实里，按登记之日计入当月",
                examples=(
                    (
                        "/违规 登记 E1006 商业推广 项目工作群 10-12 下午发推销海报图片",
                        "登记一件，转另一人处理",
                    ),
                ),
                run=record_case,
            ),
            Action(
                name="试运行",
                english="trials",
                roles=SUPERVISION,
                arguments="[页]",
                summary="试运行的规则本会处理的消息，可照常确认或驳回，不扣分、不通知本人",
                examples=(("/违规 试运行", "看看试运行的规则判得准不准"),),
                run=on_trial,
            ),
            Action(
                name="撤销",
                english="undo",
                roles=SUPERVISION,
                arguments="编号… [理由]",
                summary=f"{UNDO_DAYS} 个工作日内、公示之前，撤销最近一次处理，由他人撤销的须换人重新审理；"
                "理由会告知本人，写理由请一次一个案件",
                examples=(("/违规 撤销 V-7K2QM", "撤销对该案件的最近一次处理"),),
                run=undo,
            ),
        ),
    ),
)
