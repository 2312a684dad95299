"""How cases are named and titled in what the bot answers."""

from __future__ import annotations

import re
import unicodedata

from bot.commands.table import Call, Counter, Refused
from bot.pipeline.notice import shown
from bot.reports.names import LOWERED
from rules.procedure.appeal import was_lowered
from rules.procedure.reminder import settled
from rules.procedure.statement import VOID
from storage.case_counts import BONUS
from storage.records import SYSTEM, Binding, Case, CaseState, Role
from storage.session import UnitOfWork

NUMBER = re.compile(r"[Vv][-‐‑‒–—―−ー－]?\w{1,8}")
BARE_NUMBER = re.compile(r"[0-9A-Za-z]{5}")
OPEN = (CaseState.REVIEW, CaseState.PROVISIONAL)
STATE_TITLES = {
    CaseState.REVIEW: "待审核",
    CaseState.PROVISIONAL: "待确认",
    CaseState.CONFIRMED: "已确认",
    CaseState.DISMISSED: "不成立",
    CaseState.APPEALED: "申诉中",
    CaseState.UPHELD: "申诉维持",
    CaseState.OVERTURNED: "申诉成立，已撤销",
    CaseState.RECALLED: "消息已撤回",
    CaseState.SHADOW: "试运行",
}

REMINDED = "已提醒"
"""How a case stands that costs nothing: nobody decides any more."""


def readable(number: str) -> str:
    """A number as it can be repeated: anything else that was typed is nobody's business to repeat."""
    plain = unicodedata.normalize("NFKC", number)
    return plain.upper() if NUMBER.fullmatch(plain) and plain.isascii() else ""


async def name_of(unit: UnitOfWork, key: str) -> str:
    """The name of the person with a key, fit to be shown; empty for the system and for strangers."""
    if not key or key == SYSTEM:
        return ""
    person = await unit.people.get(key)
    return shown(person.name) if person else ""


async def roles_held_by(unit: UnitOfWork, key: str) -> frozenset[Role]:
    """Every role that a person was given, however sure their ids are."""
    return frozenset(role for holder, role, *_ in await unit.people.roles_held() if holder.key == key)


def graver_open(case: Case) -> bool:
    """Whether a graver doubt about the same message still waits to be decided."""
    return case.state in OPEN and bool(case.graver_rule) and case.graver_points > case.points


def charged_as(desk: Counter, case: Case) -> str:
    """The title of a case's rule; a reminder says so."""
    return title_of(desk, case.rule) + ("（仅提醒）" if case.waived_points and not case.points else "")


def standing_of(case: Case) -> str:
    """How a case stands, as it is said to people; a reminder says so."""
    if settled(case.state, case.points, case.graver_points):
        return REMINDED
    if was_lowered(case.state, case.points, case.waived_points):
        return LOWERED
    title = STATE_TITLES[case.state]
    return f"{title}（仅提醒）" if case.waived_points and case.state not in VOID else title


def cost_of(case: Case) -> str:
    """What a case costs, or would cost if it is confirmed, in words; what came to nothing costs nothing."""
    if case.rule == BONUS and case.state not in VOID:
        return f"{-case.points:+d} 分"
    return f"{case.points} 分" if case.points and case.state not in VOID else "不扣分"


async def own_case(desk: Counter, unit: UnitOfWork, call: Call, number: str) -> Case:
    """The caller's own case with a number; anybody else's is as unknown as one that does not exist.

    Whoever was told of a case privately may read it under the very id that it is about. Everything else takes
    a confirmed identity. What a rule on trial made of a message is no part of anybody's record.

    Raises:
        Refused: the caller is not confirmed, or there is no such case of theirs.
    """
    case = await unit.cases.get(number)
    if case is not None and case.state is CaseState.SHADOW:
        case = None
    if case is not None and case.sender_id == call.contact_id and await _was_told(unit, case):
        return case
    if call.sender.binding is not Binding.CONFIRMED:
        raise Refused(desk.texts.render("refuse.not_confirmed"))
    if case is None or case.person_key != call.sender.key:
        raise Refused(desk.texts.render("refuse.unknown_case", number=readable(number)))
    return case


async def _was_told(unit: UnitOfWork, case: Case) -> bool:
    """Whether a notice or a result of the case reached its sender privately."""
    told = (
        *await unit.outbox.fates(f"notice {case.number}"),
        *await unit.outbox.fates(f"result {case.number} "),
    )
    return any(
        one.sent_at is not None and one.message.private and one.message.target == case.sender_id
        for one in told
    )


def title_of(desk: Counter, rule: str) -> str:
    """The Chinese title of what a case is about."""
    return desk.book().titles.get(rule, rule)  # it may be a rule that has been removed since
