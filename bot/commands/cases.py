"""`/违规`: the review queue. Supervisors list, read and decide; a member reads the own record."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from bot.commands.decisions import decide
from bot.commands.docket import NUMBER, OPEN, STATE_TITLES, name_of, readable, title_of
from bot.commands.table import EVERYONE, SUPERVISION, Answer, Call, Command, Counter, Refused
from bot.pipeline.notice import local, masked, shown, sureness
from rules.procedure.review import Move
from storage.records import Binding, Person
from storage.session import UnitOfWork

PAGE = 10
REASON_LENGTH = 200
WORDS = {
    "列表": "list",
    "list": "list",
    "查看": "show",
    "show": "show",
    "确认": "confirm",
    "confirm": "confirm",
    "驳回": "dismiss",
    "不成立": "dismiss",
    "dismiss": "dismiss",
    "撤销": "undo",
    "undo": "undo",
}


async def cases(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """Read the sub-command and run it."""
    first = call.words[0].casefold() if call.words else "list"
    verb = WORDS.get(first)
    if verb is None and NUMBER.fullmatch(unicodedata.normalize("NFKC", first)):
        # A bare number is what people type when they mean "show".
        return await _show(desk, unit, call, call.words[0])
    if verb is None:
        raise Refused(desk.texts.render("cases.usage"))
    if verb == "list":
        return await _list(desk, unit, call, call.words[1:])
    if verb == "show":
        return await _show(desk, unit, call, call.words[1] if len(call.words) > 1 else "")
    if not _may_see_all(call.sender):
        raise Refused(
            desk.texts.render("refuse.role", command=f"违规 {first}", roles="监督员、人力资源负责人")
        )
    return await decide(desk, unit, call, Move(verb), call.words[1:])


def _may_see_all(person: Person) -> bool:
    return bool(SUPERVISION & person.roles)


def _own_record_only(desk: Counter, call: Call) -> str:
    """The caller's person key, if the caller is confirmed; a likeness is not enough to read a record."""
    if call.sender.binding is not Binding.CONFIRMED:
        raise Refused(desk.texts.render("refuse.not_confirmed"))
    return call.sender.key


async def _list(desk: Counter, unit: UnitOfWork, call: Call, arguments: Sequence[str]) -> Answer:
    page = int(arguments[0]) if arguments and re.fullmatch(r"[0-9]{1,4}", arguments[0]) else 1
    offset = (max(page, 1) - 1) * PAGE
    if _may_see_all(call.sender):
        found = await unit.cases.list(states=OPEN, limit=PAGE + 1, offset=offset)
    else:
        own = _own_record_only(desk, call)
        found = await unit.cases.list(person_key=own, limit=PAGE + 1, offset=offset)
    zone = desk.book().calendar.zone
    rows = [
        {
            "number": case.number,
            "state": STATE_TITLES[case.state],
            "sender": shown(case.sender_name),
            "title": title_of(desk, case.rule),
            "points": case.points,
            "at": local(case.sent_at, zone),
        }
        for case in found[:PAGE]
    ]
    text = desk.texts.render(
        "cases.list",
        cases=rows,
        everyone=_may_see_all(call.sender),
        page=max(page, 1),
        more=len(found) > PAGE,
    )
    return Answer(text, private=True)


async def _show(desk: Counter, unit: UnitOfWork, call: Call, number: str) -> Answer:
    if not number:
        raise Refused(desk.texts.render("cases.usage"))
    case = await unit.cases.get(number)
    reviewer = _may_see_all(call.sender)
    # Somebody else's number and a number that does not exist get the same answer.
    if not reviewer and case is not None and case.person_key != _own_record_only(desk, call):
        case = None
    if case is None:
        raise Refused(desk.texts.render("refuse.unknown_case", number=readable(number)))
    zone = desk.book().calendar.zone
    moves = await unit.cases.history(case.number)
    decided = moves[-1] if moves else None
    text = desk.texts.render(
        "cases.show",
        number=case.number,
        state=STATE_TITLES[case.state],
        sender=shown(case.sender_name),
        title=title_of(desk, case.rule),
        clause=case.clause,
        points=case.points,
        reason=case.reason,
        signs=case.signs if reviewer else "",
        confidence=sureness(case.confidence) if reviewer else "",
        at=local(case.sent_at, zone),
        evidence=masked(case.evidence),
        graver=title_of(desk, case.graver_rule) if case.graver_rule else "",
        graver_points=case.graver_points,
        decided_by=await name_of(unit, decided.by) if decided and reviewer else "",
        decided_at=local(decided.at, zone) if decided else "",
        why=shown(decided.reason, REASON_LENGTH) if decided else "",
    )
    return Answer(text, private=True)


COMMANDS = (
    Command(
        name="违规",
        english="cases",
        roles=EVERYONE,
        arguments="[列表 [页]|查看 编号|确认 编号… [从轻] [理由]|驳回 编号… [理由]|撤销 编号… [理由]]",
        summary="查看本人记录；监督员可查看、确认、驳回案件，或撤销刚才的处理",
        examples=(
            ("/违规", "监督员：待处理的案件；成员：本人的记录"),
            ("/违规 查看 V-7K2QM", "查看一个案件的依据与理由"),
            ("/违规 确认 V-7K2QM V-9RTC3", "确认两个案件"),
            ("/违规 驳回 V-7K2QM 公司内购活动", "认定不成立并写明理由，已扣分数即时退回"),
            ("/违规 撤销 V-7K2QM", "撤销对该案件的最近一次处理"),
        ),
        run=cases,
        aliases=("違規", "violations"),
    ),
)
