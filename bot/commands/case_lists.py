"""`/违规 列表`: cases of a person, of oneself, of a month, in a state; without a word the queue, or the own record.

Every word is answered: one that names no person, month, state or page must not read like "there is nothing".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.commands.docket import OPEN, STATE_TITLES, cost_of, graver_open, standing_of, title_of
from bot.commands.table import SUPERVISION, Answer, Call, Counter, Refused
from bot.commands.times import named_month
from bot.commands.whom import ALL_WORDS, NUMBER_PREFIX, called, is_oneself, meant
from bot.pipeline.notice import GLANCE_LENGTH, excerpt, local, shown
from bot.reports.names import LOWERED
from rules.procedure.statement import month_bounds
from storage.records import AuditEntry, Binding, Case, CaseState
from storage.session import UnitOfWork

PAGE = 10
TO_MEMBERS = tuple(state for state in CaseState if state is not CaseState.SHADOW)
"""What a rule on trial would have done is no part of anybody's record."""

_ENDED = tuple(state for state in TO_MEMBERS if state not in (*OPEN, CaseState.APPEALED))
_STATES: dict[str, tuple[CaseState, ...]] = {
    **{title: (state,) for state, title in STATE_TITLES.items() if state in TO_MEMBERS},
    **{state.value: (state,) for state in TO_MEMBERS},
    **dict.fromkeys(("待处理", "未处理", "open"), OPEN),
    **dict.fromkeys(("已处理", "已结案", "closed"), _ENDED),
    **dict.fromkeys(("已驳回", "驳回", "不成立"), (CaseState.DISMISSED,)),
    **dict.fromkeys(("已撤销", "申诉成立"), (CaseState.OVERTURNED,)),
    **dict.fromkeys(("维持", "已维持", LOWERED), (CaseState.UPHELD,)),
    **dict.fromkeys(("已撤回", "撤回"), (CaseState.RECALLED,)),
    **dict.fromkeys(ALL_WORDS, TO_MEMBERS),
}
_ONESELF = frozenset({"本人", "自己", "我", "我的", "me"})
_PAGE = re.compile(r"[0-9]{1,3}")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cases are asked for.

    Attributes:
        person: a person key; empty for everybody's.
        who: what that person is called; empty for the caller.
        own: it is the caller's own record.
        month: such as ``2026-10``; empty for any.
        states: which; empty for those that the list shows by itself.
        words: what was typed, without the page.
        note: what has to be said of the word that means the person.
    """

    person: str = ""
    who: str = ""
    own: bool = False
    month: str = ""
    states: tuple[CaseState, ...] = ()
    words: tuple[str, ...] = ()
    page: int = 1
    note: str = ""


async def listed(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """Open cases for a reviewer, the own record for everybody else, page by page; or what the words ask for.

    Raises:
        Refused: a word names nothing, several could be meant, or the record is somebody else's to see.
    """
    wanted = await _wanted(desk, unit, call)
    found = await _found(desk, unit, wanted)
    if wanted.who:
        await unit.audit.add(AuditEntry(call.now, call.sender.key, "record read", wanted.person))
    rows = [_row(desk, case, own=wanted.own) for case in found[:PAGE]]
    text = desk.texts.render(
        "cases.list",
        cases=rows,
        doubts=any(row["graver"] for row in rows),
        everyone=not wanted.own,
        who=wanted.who,
        limits=[shown(word) for word in wanted.words],
        page=wanted.page,
        next=" ".join((*(shown(word).lstrip("@＠") for word in wanted.words), str(wanted.page + 1))),
        more=len(found) > PAGE,
        note=wanted.note,
    )
    return Answer(text, private=True, secret=wanted.own)


async def _found(desk: Counter, unit: UnitOfWork, wanted: Wanted) -> list[Case]:
    """One more than a page of the cases that are asked for, newest first."""
    since: datetime | None = None
    until: datetime | None = None
    if wanted.month:
        since, until = month_bounds(wanted.month, desk.book().calendar.zone)
    by_itself = TO_MEMBERS if wanted.person or wanted.month else OPEN
    return await unit.cases.list(
        person_key=wanted.person or None,
        states=wanted.states or by_itself,
        since=since,
        until=until,
        by="sent_at",
        limit=PAGE + 1,
        offset=(wanted.page - 1) * PAGE,
        # A reminder waits for nobody: it stands in records, and where it is asked for.
        reminders=bool(wanted.person or wanted.month or wanted.states),
    )


def _row(desk: Counter, case: Case, *, own: bool) -> dict[str, object]:
    """A case in a line; the own record has neither what was written nor what only reviewers see."""
    return {
        "number": case.number,
        "state": standing_of(case),
        "sender": "" if own else shown(case.sender_name),
        "title": title_of(desk, case.rule),
        "cost": cost_of(case),
        "at": local(case.sent_at, desk.book().calendar.zone),
        "graver": title_of(desk, case.graver_rule) if not own and graver_open(case) else "",
        "graver_points": case.graver_points,
        "excerpt": "" if own else _glance(case),
    }


def _glance(case: Case) -> str:
    """What was written, or what was written down of it."""
    return shown(case.reason, GLANCE_LENGTH) if case.recorded_by else excerpt(case, GLANCE_LENGTH)


async def _wanted(desk: Counter, unit: UnitOfWork, call: Call) -> Wanted:
    """What the words ask for, each of one kind and none twice."""
    reviewer = bool(SUPERVISION & call.sender.roles)
    wanted = Wanted() if reviewer else _own(desk, call, Wanted())
    kinds: set[str] = set()
    for word in _joined(call.words):
        kind, wanted = await _read(desk, unit, call, word, wanted)
        if kind in kinds:
            raise Refused(_unread(desk, call, word))
        kinds.add(kind)
    return wanted


async def _read(desk: Counter, unit: UnitOfWork, call: Call, word: str, wanted: Wanted) -> tuple[str, Wanted]:
    """One more word, and which kind it is of: page, state, month, or person."""
    plain = unicodedata.normalize("NFKC", word).casefold()
    if _PAGE.fullmatch(plain):
        return "page", replace(wanted, page=max(int(plain), 1))
    wanted = replace(wanted, words=(*wanted.words, word))
    if states := _STATES.get(plain):
        return "state", replace(wanted, states=states)
    if not plain.isdigit() and (month := _month(desk, call, plain)):
        return "month", replace(wanted, month=month)
    if plain in _ONESELF:
        return "person", _own(desk, call, wanted)
    if not SUPERVISION & call.sender.roles:
        # Whether there is such a person is nothing to tell.
        raise Refused(_unread(desk, call, word))
    return "person", await _of_person(desk, unit, call, word, wanted)


async def _of_person(desk: Counter, unit: UnitOfWork, call: Call, word: str, wanted: Wanted) -> Wanted:
    try:
        found = await meant(desk, unit, call, word, left=True)
    except Refused as refused:
        usage = desk.texts.render("cases.usage", reviewer=True)
        raise Refused(f"{refused}\n{usage}", private=refused.private) from None
    if await is_oneself(unit, call, found.person):
        return _own(desk, call, wanted)
    return replace(wanted, person=found.person.key, who=called(found.person, found.label), note=found.note)


def _own(desk: Counter, call: Call, wanted: Wanted) -> Wanted:
    """The caller's own record, if the caller is confirmed; a likeness is not enough to read one."""
    if call.sender.binding is not Binding.CONFIRMED:
        raise Refused(desk.texts.render("refuse.not_confirmed"))
    return replace(wanted, person=call.sender.key, own=True)


def _month(desk: Counter, call: Call, word: str) -> str:
    zone = desk.book().calendar.zone
    month = named_month(word, call.now, zone)
    if month is None:
        return ""
    try:
        month_bounds(month, zone)
    except ValueError:
        return ""
    return month


def _joined(words: Sequence[str]) -> list[str]:
    """The words, 工号 put together with the number behind it."""
    found: list[str] = []
    for word in words:
        if found and found[-1] == NUMBER_PREFIX:
            found[-1] += word
        else:
            found.append(word)
    return found


def _unread(desk: Counter, call: Call, word: str) -> str:
    reviewer = bool(SUPERVISION & call.sender.roles)
    return desk.texts.render("cases.unread", word=shown(word)) + desk.texts.render(
        "cases.usage", reviewer=reviewer
    )


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
