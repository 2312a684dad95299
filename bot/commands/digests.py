"""`/日报`: the digest since the last one, or that of an earlier day. It holds numbers, and goes to its reader alone."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, timedelta

from bot.commands.table import SUPERVISION, Action, Answer, Call, Command, Counter, Refused
from bot.reports.digest import compose
from bot.reports.figures import gather, titles
from bot.reports.period import run_on, start_of, unique
from storage.records import Role
from storage.session import UnitOfWork

READERS = SUPERVISION | {Role.LEADER, Role.OPERATOR}
YESTERDAY = frozenset({"昨天", "昨日", "yesterday"})
BEFORE_YESTERDAY = frozenset({"前天", "前日"})
_DAY = re.compile(r"(?:(\d{4})[-./年])?(\d{1,2})[-./月](\d{1,2})日?")


async def digest(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """What happened since the last digest; with a day the digest of that day, as it was told."""
    calendar = desk.book().calendar
    if not call.words:
        return Answer(
            await _figures(desk, unit, call, await start_of(unit, call.now, calendar), call.now), private=True
        )
    day = day_meant(call.words[0], calendar.local(call.now).date()) if len(call.words) == 1 else None
    if day is None:
        raise Refused(desk.texts.render("digest.usage"))
    kept = await unit.outbox.kept(f"{unique(day)} page ")
    if kept:
        return Answer(kept[0].text, private=True)  # further pages hold ledger heads alone
    run = await run_on(unit, day, calendar)
    if run is None:
        raise Refused(desk.texts.render("digest.none", day=day.isoformat()))
    return Answer(
        await _figures(desk, unit, call, await start_of(unit, run.due_at, calendar), run.due_at), private=True
    )


async def _figures(desk: Counter, unit: UnitOfWork, call: Call, since: datetime, until: datetime) -> str:
    """The first page of a digest without topics: they take longer than others can be made to wait."""
    book = desk.book()
    figures = await gather(
        unit, since, until, call.now, book.calendar, titles(book), desk.settings().review.confirm_days
    )
    return compose(figures, desk.texts, book.calendar)[0]


def day_meant(word: str, today: date) -> date | None:
    """The day that a word names, never one to come; ``None`` if it names none."""
    plain = unicodedata.normalize("NFKC", word).casefold()
    if plain in YESTERDAY:
        return today - timedelta(days=1)
    if plain in BEFORE_YESTERDAY:
        return today - timedelta(days=2)
    if plain in ("今天", "今日", "today"):
        return today
    match = _DAY.fullmatch(plain)
    if match is None:
        return None
    year, month, day = match.groups()
    try:
        found = date(int(year or today.year), int(month), int(day))
        if year is None and found > today:
            found = found.replace(year=today.year - 1)  # in January 12-31 is last year's
    except ValueError:
        return None
    return found if found <= today else None


COMMANDS = (
    Command(
        name="日报",
        english="digest",
        aliases=("日報",),
        summary="查看上一次日报以来的情况，或某一天的日报",
        actions=(
            Action(
                name="",
                english="",
                roles=READERS,
                arguments="[昨天|10-08]",
                summary="不写日期，是上一次日报以来的情况；写上日期，是那一天的日报",
                examples=(
                    ("/日报", "上一次日报以来的情况"),
                    ("/日报 昨天", "昨天的日报"),
                    ("/日报 10-08", "10 月 8 日的日报"),
                ),
                run=digest,
            ),
        ),
    ),
)
