"""What `qungui plan` replays: the messages that the database holds, or an exported log."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta

from bot.cli.checking import roster_in
from bot.cli.ground import opened
from bot.clock import SystemClock
from bot.errors import QunguiError
from bot.pipeline.foresight import Regime, foresee
from bot.reports.check import Belief, lines_of, parse
from bot.reports.plan import Source
from bot.settings import Settings
from rules.core.book import Rulebook
from rules.core.compare import Comparison, by_room
from rules.procedure.impact import Impact
from storage.errors import StorageError
from storage.session import Storage

Tell = Callable[[int, int], None]
TOLD_EVERY = 500
BROKEN_SHOWN = 1


@dataclass(frozen=True, slots=True)
class Sides:
    """The two configurations that are compared, each with its rulebook: as it is, and as it would be."""

    settings: Settings
    book: Rulebook
    wanted: Settings
    then: Rulebook


async def of_kept(sides: Sides, days: int, most: int, impact: Impact, tell: Tell) -> Source:
    """Replay what the database still holds of the last ``days``, at most so many messages; adds to ``impact``.

    Raises:
        QunguiError: the database can't be read.
    """
    now = SystemClock().now()
    try:
        storage = await Storage.open(sides.settings.storage.address, migrate="never")
        try:
            before = await Regime.of(storage, sides.settings, sides.book, now)
            after = await Regime.of(storage, sides.wanted, sides.then, now)
            seen = await foresee(storage, before, after, now - timedelta(days=days), now, most, impact, tell)
        finally:
            await storage.close()
    except StorageError as failure:
        remedy = f"{failure.remedy}, or " if failure.remedy else ""
        raise QunguiError(failure.message, f"{remedy}replay an exported log with --log") from failure
    kept = sides.settings.retention.messages_days
    return Source(log=False, older=seen.stretch.older, erased=seen.erased, days=days, kept_days=kept)


@dataclass(slots=True)
class _Broken:
    """Lines that could not be read: how many, and the first of them."""

    many: int = 0
    first: list[str] = field(default_factory=list)

    def add(self, line: int, why: str) -> None:
        self.many += 1
        if len(self.first) < BROKEN_SHOWN:
            self.first.append(f"line {line}: {why}")


def of_log(log: str, roster: str, book: Rulebook, then: Rulebook, impact: Impact, tell: Tell) -> Source:
    """Replay an exported log under both rulebooks; adds to ``impact``.

    Raises:
        UsageError: a file can't be read.
    """
    if roster:
        named = roster_in(roster, log, ())
        book, then = (
            replace(one, roster=replace(named, named_departments=one.roster.named_departments))
            for one in (book, then)
        )
    comparison, broken = Comparison(by_room(book), by_room(then)), _Broken()
    belief = Belief(book.roster, book.reader.table)
    with ExitStack() as stack:
        for number, line in parse(lines_of(opened(log, stack))):
            if isinstance(line, str):
                broken.add(number, line)
                continue
            impact.add(comparison.take(belief.of(line.message())))
            if number % TOLD_EVERY == 0:
                tell(impact.messages, 0)
    return Source(log=True, broken=tuple(broken.first), broken_count=broken.many)
