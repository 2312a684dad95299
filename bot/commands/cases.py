"""`/违规`: the review queue. Supervisors list, read and decide; a member reads the own record."""

from __future__ import annotations

import re
import unicodedata

from bot.commands.daylist import asks_for_list, confirm_list
from bot.commands.decisions import decide
from bot.commands.docket import NUMBER, OPEN, graver_open, name_of, own_case, readable, state_of, title_of
from bot.commands.points import signed
from bot.commands.table import EVERYONE, SUPERVISION, Action, Answer, Call, Command, Counter, Refused
from bot.pipeline.notice import GLANCE_LENGTH, excerpt, local, masked, shown, sureness
from rules.procedure.review import UNDO_DAYS, Move
from storage.case_counts import BONUS
from storage.records import Binding, CaseState, Person
from storage.session import UnitOfWork

PAGE = 10
TO_MEMBERS = tuple(state for state in CaseState if state is not CaseState.SHADOW)
"""What a rule on trial would have done is no part of anybody's record."""
REASON_LENGTH = 200


async def cases(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """The list; or one case, since a bare number is what people type when they mean "show"."""
    if not call.words:
        return await listed(desk, unit, call)
    if NUMBER.fullmatch(unicodedata.normalize("NFKC", call.words[0])):
        return await shown_case(desk, unit, call)
    raise Refused(desk.texts.render("cases.usage", reviewer=_may_see_all(call.sender)))


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


def _own_record_only(desk: Counter, call: Call) -> str:
    """The caller's person key, if the caller is confirmed; a likeness is not enough to read a record."""
    if call.sender.binding is not Binding.CONFIRMED:
        raise Refused(desk.texts.render("refuse.not_confirmed"))
    return call.sender.key


async def listed(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """Open cases for a reviewer, the own record for everybody else, page by page."""
    page = int(call.words[0]) if call.words and re.fullmatch(r"[0-9]{1,4}", call.words[0]) else 1
    offset = (max(page, 1) - 1) * PAGE
    if _may_see_all(call.sender):
        found = await unit.cases.list(states=OPEN, limit=PAGE + 1, offset=offset, reminders=False)
    else:
        own = _own_record_only(desk, call)
        found = await unit.cases.list(person_key=own, states=TO_MEMBERS, limit=PAGE + 1, offset=offset)
    zone, everyone = desk.book().calendar.zone, _may_see_all(call.sender)
    rows = [
        {
            "number": case.number,
            "state": state_of(case),
            "sender": shown(case.sender_name),
            "title": title_of(desk, case.rule),
            "points": case.points,
            "at": local(case.sent_at, zone),
            "graver": title_of(desk, case.graver_rule) if everyone and graver_open(case) else "",
            "graver_points": case.graver_points,
            "excerpt": excerpt(case, GLANCE_LENGTH) if everyone else "",
        }
        for case in found[:PAGE]
    ]
    text = desk.texts.render(
        "cases.list",
        cases=rows,
        doubts=any(row["graver"] for row in rows),
        everyone=everyone,
        page=max(page, 1),
        more=len(found) > PAGE,
    )
    return Answer(text, private=True)


async def on_trial(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """Cases of rules on trial, with what people made of them."""
    page = int(call.words[0]) if call.words and re.fullmatch(r"[0-9]{1,4}", call.words[0]) else 1
    page = max(page, 1)
    found = await unit.cases.list(states=[CaseState.SHADOW], limit=PAGE + 1, offset=(page - 1) * PAGE)
    zone = desk.book().calendar.zone
    rows = [
        {
            "number": case.number,
            "title": title_of(desk, case.rule),
            "verdict": case.verdict,
            "at": local(case.sent_at, zone),
        }
        for case in found[:PAGE]
    ]
    text = desk.texts.render("cases.trials", cases=rows, page=page, more=len(found) > PAGE)
    return Answer(text, private=True)


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
        state=state_of(case),
        sender=shown(case.sender_name),
        title=title_of(desk, case.rule),
        clause=case.clause,
        points=signed(-case.points) if case.rule == BONUS else case.points,
        reason=case.reason,
        signs=case.signs if reviewer else "",
        confidence=sureness(case.confidence) if reviewer else "",
        at=local(case.sent_at, zone),
        evidence=masked(case.evidence),
        graver=title_of(desk, case.graver_rule) if graver_open(case) else "",
        reviewer=reviewer,
        graver_points=case.graver_points,
        decided_by=await name_of(unit, decided.by) if decided and reviewer else "",
        decided_at=local(decided.at, zone) if decided else "",
        why=shown(decided.reason, REASON_LENGTH) if decided else "",
        opinion=("违规" if opinion.violation else "不违规") if opinion else "",
        opinion_by=shown(opinion.model) if opinion else "",
        opinion_why=shown(opinion.reason, REASON_LENGTH) if opinion else "",
        days=desk.settings().appeals.days,
    )
    return Answer(text, private=True)


COMMANDS = (
    Command(
        name="违规",
        english="cases",
        aliases=("違規", "violations"),
        summary="查看本人记录；监督员可查看、确认、驳回案件，或撤销刚才的处理",
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
                arguments="[页]",
                summary="分页列出",
                examples=(("/违规 列表 2", "第二页"),),
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
                arguments="编号… [从重] [理由]；或：今日|全部",
                summary="认定成立，可一次写多个编号；另有更重的疑点时，不写“从重”只认定较轻的一项；"
                "理由会告知本人，写理由请一次一个案件；写“今日”或“全部”，先列出待确认的案件再一并确认",
                examples=(
                    ("/违规 确认 V-7K2QM V-9RTC3", "确认两个案件"),
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
                summary="认定不成立，已扣分数即时退回；理由本人可以看到，写理由请一次一个案件",
                examples=(("/违规 驳回 V-7K2QM 公司内购活动", "认定不成立并写明理由"),),
                run=dismiss,
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
