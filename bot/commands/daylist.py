"""`/违规 确认 今日|全部`: the day's list, confirmed at once (policy: what fairness asks).

What it would confirm is shown first. The line that does it holds the number of cases, so that nothing that came in
since is confirmed unseen. One's own cases, doubtful ones and mere reminders are never on it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time

from bot.commands.decisions import Order, decide_one
from bot.commands.docket import title_of
from bot.commands.parse import SURE
from bot.commands.table import Answer, Call, Counter, Refused
from bot.commands.weights import renamed, weighed
from bot.commands.whom import ALL_WORDS
from bot.pipeline.notice import GLANCE_LENGTH, excerpt, local, shown
from rules.procedure.review import Move, Weight
from storage.records import AuditEntry, Case, CaseState, Outgoing
from storage.session import UnitOfWork

TODAY = frozenset({"今日", "今天", "today"})
AT_ONCE = 40
READ = 500
_COUNT = re.compile(r"([0-9]{1,3})[件个]?")


@dataclass(frozen=True, slots=True)
class DayList:
    """What a day's list holds for one reviewer.

    Attributes:
        cases: what would be confirmed, oldest first.
        own, doubtful: how many are left out because they are the reviewer's own, or need a look.
        more: how many do not fit into this list.
    """

    cases: tuple[Case, ...]
    own: int
    doubtful: int
    more: int


def asks_for_list(words: Sequence[str]) -> bool:
    """Whether these words name a list instead of cases."""
    return bool(words) and words[0].casefold() in TODAY | ALL_WORDS


async def confirm_list(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """Show the list, or confirm it if the line says how many cases it was shown with.

    Raises:
        Refused: the company has every case confirmed by itself, there is nothing to confirm, or the cases of a list
            are to count more or less.
    """
    if desk.settings().penalty.confirm == "each":
        raise Refused(desk.texts.render("day_list.each"))
    under, words = renamed(call.words[1:], Move.CONFIRM)
    if under is not None or weighed(words, Move.CONFIRM)[0] is not Weight.PLAIN:
        raise Refused(desk.texts.render("day_list.no_weight"))
    word = call.words[0].casefold()
    found = await _list(desk, unit, call, today=word in TODAY)
    if not found.cases:
        raise Refused(
            desk.texts.render("day_list.nothing", today=word in TODAY, own=found.own, doubtful=found.doubtful)
        )
    if not _sure(call.words[1:], len(found.cases)):
        return Answer(_preview(desk, found, call.words[0]), private=True)
    lines: list[str] = []
    also: tuple[Outgoing, ...] = ()
    for case in found.cases:
        line, rows = await decide_one(desk, unit, call, case.number, Order(Move.CONFIRM, ""))
        lines.append(line)
        also += rows
    await unit.audit.add(
        AuditEntry(call.now, call.sender.key, "day list confirmed", word, str(len(found.cases)))
    )
    return Answer("\n".join(lines), private=True, also=also)


async def _list(desk: Counter, unit: UnitOfWork, call: Call, *, today: bool) -> DayList:
    calendar = desk.book().calendar
    since = datetime.combine(calendar.local(call.now).date(), time(), calendar.zone) if today else None
    ever = await unit.people.ever(call.sender.key)
    ready: list[Case] = []
    own = doubtful = 0
    for case in reversed(
        await unit.cases.list(
            states=[CaseState.PROVISIONAL, CaseState.REVIEW], since=since, limit=READ, reminders=False
        )
    ):
        if case.person_key in ever.person_keys or case.sender_id in ever.contact_ids:
            own += 1
        elif case.state is CaseState.REVIEW or case.graver_points > case.points:
            doubtful += 1
        else:
            ready.append(case)
    return DayList(tuple(ready[:AT_ONCE]), own, doubtful, max(0, len(ready) - AT_ONCE))


def _sure(words: Sequence[str], count: int) -> bool:
    """Whether the line ends with the number of cases and 确认."""
    if len(words) != 2 or words[1].casefold() not in SURE:
        return False
    match = _COUNT.fullmatch(words[0])
    return match is not None and int(match[1]) == count


def _preview(desk: Counter, found: DayList, word: str) -> str:
    return desk.texts.render(
        "day_list.preview",
        cases=[
            {
                "number": case.number,
                "sender": shown(case.sender_name),
                "title": title_of(desk, case.rule),
                "points": case.points,
                "at": local(case.sent_at, desk.book().calendar.zone),
                "excerpt": excerpt(case, GLANCE_LENGTH),
            }
            for case in found.cases
        ],
        weigh=_to_weigh(desk, found.cases),
        count=len(found.cases),
        points=sum(case.points for case in found.cases),
        own=found.own,
        doubtful=found.doubtful,
        more=found.more,
        line=f"/违规 确认 {shown(word)} {len(found.cases)}件 确认",
    )


def _to_weigh(desk: Counter, cases: Sequence[Case]) -> list[dict[str, str]]:
    """What has to be weighed before these are confirmed, once for each rule."""
    rules = {case.rule for case in cases}
    return [
        {"title": entry.rule.title, "weigh": entry.rule.weigh}
        for entry in desk.book().entries
        if entry.rule.id in rules and entry.rule.weigh
    ]
