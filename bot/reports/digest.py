"""The digest as people read it (policy 6.1a): plain text, headed 【日报】, in pages that WeChat takes as one message.

Names of rooms are hostile: they are shown on one line, bounded, and can't look like a ledger head.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta

from bot.pipeline.notice import local, shown
from bot.reports.figures import Figures, InRoom
from bot.reports.heads import written
from bot.reports.names import LOWERED, outage
from bot.texts import Texts
from rules.core.worktime import WorkCalendar
from storage.records import CaseState
from storage.results import LedgerHead

LONGEST_PAGE = 1_700
ROOMS = 8
ROOMS_WITH_CASES = 5
RULES_IN_A_ROOM = 4
UNDONE_SHOWN = 8
LAPSED_SHOWN = 10
BLIND_SHOWN = 4
CRASHED_SHOWN = 5
HEADS_A_LINE = 40
HEADS_OF_A_QUIET_DAY = 20

DECISIONS = {
    CaseState.CONFIRMED: "确认",
    CaseState.DISMISSED: "驳回",
    CaseState.UPHELD: "申诉维持",
    CaseState.OVERTURNED: "申诉撤销",
}


def compose(figures: Figures, texts: Texts, calendar: WorkCalendar) -> tuple[str, ...]:
    """The digest in pages of at most :data:`LONGEST_PAGE` characters; a day with nothing to tell is one line."""
    return _pages(list(_lines(figures, texts, calendar)), figures, texts, calendar)


def compose_for_room(figures: Figures, room: InRoom, texts: Texts, calendar: WorkCalendar) -> str:
    """What one work group is told of itself: its own numbers, nothing that waits for a decision."""
    return texts.render(
        "digest.room",
        since=local(figures.since, calendar.zone),
        until=local(figures.until, calendar.zone),
        messages=room.messages,
        violations=sum(tally.violations for tally in room.tallies),
        topics=list(figures.topics),
    )


def _lines(figures: Figures, texts: Texts, calendar: WorkCalendar) -> Iterator[str]:
    span = {"since": local(figures.since, calendar.zone), "until": local(figures.until, calendar.zone)}
    heads = figures.present.heads
    topics = texts.render("digest.topics", words=list(figures.topics)) if figures.topics else ""
    if figures.quiet:
        together = heads if len(heads) <= HEADS_OF_A_QUIET_DAY else ()
        yield texts.render(
            "digest.quiet",
            **span,
            messages=figures.messages,
            checked=figures.checked is not None,
            heads=written(together),
        )
        if topics:
            yield topics
        if not together:
            yield from _heads(heads, texts)
        return
    yield texts.render("digest.head", **span)
    yield from _rooms(figures, texts)
    yield from _work(figures, texts)
    yield from _troubles(figures, texts, calendar)
    if (checked := figures.checked) is not None:
        yield texts.render(
            "digest.checked",
            at=local(checked.at, calendar.zone),
            checks=checked.checks,
            entries=checked.entries,
            findings=checked.findings,
        )
    if topics:
        yield topics
    if figures.provisional_year:
        yield texts.render("digest.provisional_year", year=figures.provisional_year)
    yield from _heads(heads, texts)


def _rooms(figures: Figures, texts: Texts) -> Iterator[str]:
    busiest = sorted(figures.rooms, key=lambda room: -room.messages)
    rest = busiest[ROOMS:]
    yield texts.render(
        "digest.rooms",
        messages=figures.messages,
        rooms=[{"topic": plain(room.topic), "messages": room.messages} for room in busiest[:ROOMS]],
        more=len(rest),
        rest=sum(room.messages for room in rest),
    )
    found = [room for room in figures.rooms if room.tallies]
    for room in found[:ROOMS_WITH_CASES]:
        yield texts.render(
            "digest.cases",
            topic=plain(room.topic),
            rules=[
                {
                    "rule": tally.rule,
                    "violations": tally.violations,
                    "review": tally.review,
                    "trial": tally.trial,
                    "undone": tally.undone,
                }
                for tally in room.tallies[:RULES_IN_A_ROOM]
            ],
            more=_cases([room]) - sum(tally.total for tally in room.tallies[:RULES_IN_A_ROOM]),
        )
    if others := found[ROOMS_WITH_CASES:]:
        yield texts.render("digest.cases_more", rooms=len(others), cases=_cases(others))


def _cases(rooms: Sequence[InRoom]) -> int:
    return sum(tally.total for room in rooms for tally in room.tallies)


def _work(figures: Figures, texts: Texts) -> Iterator[str]:
    """What people have to do, and what they did."""
    present = figures.present
    if present.review or present.provisional or present.appeals:
        age = duration(figures.now - present.oldest) if present.oldest else ""
        yield texts.render(
            "digest.waiting",
            review=present.review,
            age=age,
            provisional=present.provisional,
            unconfirmed=present.unconfirmed.days if present.unconfirmed else 0,
            closes=f"{present.unconfirmed.closes:%m-%d}" if present.unconfirmed else "",
            appeals=present.appeals,
        )
    counts = Counter(figures.decided or {})
    counts[CaseState.UPHELD] -= figures.lowered
    decided = [
        {"title": title, "count": counts[state]} for state, title in DECISIONS.items() if counts[state]
    ]
    if figures.lowered:
        decided.append({"title": LOWERED, "count": figures.lowered})
    if decided:
        yield texts.render("digest.decided", rows=decided)
    if figures.lapsed:
        yield texts.render(
            "digest.lapsed", numbers=list(figures.lapsed[:LAPSED_SHOWN]), count=len(figures.lapsed)
        )
    if figures.undone:
        rows = [
            {
                "rule": one.rule,
                "trial": one.trial,
                "undone": one.undone,
                "decided": one.decided,
                "share": f"{one.undone / one.decided:.0%}",
                "moved": one.moved,
            }
            for one in figures.undone[:UNDONE_SHOWN]
        ]
        yield texts.render("digest.undone", rows=rows, moved=any(row["moved"] for row in rows))
    if present.nicknames:
        yield texts.render("digest.nicknames", count=present.nicknames)


def _troubles(figures: Figures, texts: Texts, calendar: WorkCalendar) -> Iterator[str]:
    """What did not work."""
    for gap in figures.blind[:BLIND_SHOWN]:
        yield texts.render(
            "digest.blind",
            since=local(gap.since, calendar.zone),
            until=local(gap.until, calendar.zone) if gap.until else "",
            reason=outage(texts, gap.reason),
        )
    if more := figures.blind[BLIND_SHOWN:]:
        yield texts.render("digest.blind_more", count=len(more))
    for begun, ended in figures.pauses[:BLIND_SHOWN]:
        yield texts.render(
            "digest.paused",
            since=local(begun, calendar.zone),
            until=local(ended, calendar.zone) if ended else "",
        )
    if others := figures.pauses[BLIND_SHOWN:]:
        yield texts.render("digest.paused_more", count=len(others))
    if figures.dead or figures.present.waiting:
        yield texts.render("digest.sending", dead=figures.dead, waiting=figures.present.waiting)
    if figures.present.unread:
        yield texts.render("digest.unread", count=figures.present.unread)
    if figures.crashed:
        rows = [{"rule": rule, "count": many} for rule, many in figures.crashed[:CRASHED_SHOWN]]
        yield texts.render("digest.crashed", rows=rows)


def _heads(heads: Sequence[LedgerHead], texts: Texts) -> Iterator[str]:
    for start in range(0, len(heads), HEADS_A_LINE):
        yield texts.render("digest.heads", heads=written(heads[start : start + HEADS_A_LINE]))


def _pages(lines: Sequence[str], figures: Figures, texts: Texts, calendar: WorkCalendar) -> tuple[str, ...]:
    """Lines put together into as few pages as hold them, in order."""
    pages: list[str] = []
    for line in (line[:LONGEST_PAGE] for line in lines):
        if not pages:
            pages.append(line)
        elif len(pages[-1]) + 1 + len(line) <= LONGEST_PAGE:
            pages[-1] += "\n" + line
        else:
            title = texts.render("digest.continued", until=local(figures.until, calendar.zone))
            pages.append(f"{title}\n{line}"[:LONGEST_PAGE])
    return tuple(pages)


def plain(name: str) -> str:
    """A name that can neither break a line nor look like a ledger head."""
    return shown(name).replace(":", "：")


def duration(span: timedelta) -> str:
    """A time that passed, in the two units that matter."""
    hours = max(0, int(span.total_seconds() // 3600))
    if hours >= 48:
        return f"{hours // 24} 天" + (f" {hours % 24} 小时" if hours % 24 else "")
    return f"{hours} 小时" if hours else "不到 1 小时"
