"""What a digest tells, as values: counted from storage, with no message text and nobody's name."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.pipeline.breaker import PAUSE_ENDED, PAUSED, Pause
from bot.reports.soundness import Checked, latest
from rules.core.book import Rulebook
from rules.core.model import Tier
from rules.core.worktime import WorkCalendar
from rules.procedure.deadlines import workdays_after
from rules.procedure.review import confirmable_until
from storage.records import Blind, CaseState, NicknameNote, Room, RuleCount
from storage.results import LedgerHead
from storage.session import UnitOfWork

UNDOING = timedelta(days=30)
"""Over how long the share of undone decisions is taken: a day has too few."""
DYING = timedelta(hours=2)
"""A message that is given up was made at most so long before: it is tried again for more than an hour."""
NEXT_YEAR = timedelta(days=14)
"""So early it is told that the calendar of the coming year is not known yet."""
MANY = 200
LAPSED = "case lapsed"
"""The audit's word for a doubt that nobody settled."""

UNDONE = frozenset({CaseState.DISMISSED, CaseState.OVERTURNED})
STANDING = frozenset({CaseState.PROVISIONAL, CaseState.CONFIRMED, CaseState.APPEALED, CaseState.UPHELD})


@dataclass(frozen=True, slots=True)
class Tally:
    """The cases of one rule in one room, by how they stand: ``undone`` came to nothing, ``trial`` cost nothing."""

    rule: str
    violations: int = 0
    review: int = 0
    trial: int = 0
    undone: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.violations + self.review + self.trial + self.undone


@dataclass(frozen=True, slots=True)
class InRoom:
    """What happened in one room: messages that were checked, and cases by rule, most first."""

    key: int
    topic: str
    messages: int
    tallies: tuple[Tally, ...] = ()


@dataclass(frozen=True, slots=True)
class Undone:
    """Of ``decided`` cases that a rule found, how many came to nothing, or stand under another rule.

    Attributes:
        trial: of a rule that was tried out.
        moved: how many of the undone people have confirmed under another rule.
    """

    rule: str
    undone: int
    decided: int
    trial: bool = False
    moved: int = 0


@dataclass(frozen=True, slots=True)
class Age:
    """How many working days the oldest case has waited, and the last day before it is closed."""

    days: int
    closes: date


@dataclass(frozen=True, slots=True)
class Present:
    """How things stand when a digest is written.

    Attributes:
        review, oldest: cases that people have to decide, and since when the longest has waited.
        provisional, unconfirmed: cases that wait for confirmation, and how old the oldest is.
        nicknames: how many people have been asked to mend their nickname and have not done so yet.
        waiting: private messages that wait for a friendship.
        unread: messages whose content never came.
        heads: where the ledger's chains end.
        appeals: appeals that wait for a decision.
    """

    review: int = 0
    oldest: datetime | None = None
    provisional: int = 0
    nicknames: int = 0
    waiting: int = 0
    unread: int = 0
    heads: tuple[LedgerHead, ...] = ()
    appeals: int = 0
    unconfirmed: Age | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything a digest tells of ``[since, until)``.

    Attributes:
        now: when it was written, which :attr:`present` is about.
        decided: decisions of people by the state they led to.
        lowered: how many of the appeals after which a case stands were decided for fewer points, or for none.
        undone: over the last :data:`UNDOING`, by rule.
        lapsed: numbers of cases that were dismissed because nobody decided them in time.
        dead: messages that could not be sent.
        pauses: from when to when nothing was sent after failures in a row; no end while that lasts.
        crashed: how often which rule crashed.
        checked: what the latest daily look at everything that is stored came to; ``None`` if there was none.
        provisional_year: the year whose holidays are not known; ``None`` if that matters to no one.
    """

    since: datetime
    until: datetime
    now: datetime
    rooms: tuple[InRoom, ...] = ()
    decided: Mapping[CaseState, int] | None = None
    lowered: int = 0
    undone: tuple[Undone, ...] = ()
    lapsed: tuple[str, ...] = ()
    blind: tuple[Blind, ...] = ()
    dead: int = 0
    pauses: tuple[tuple[datetime, datetime | None], ...] = ()
    crashed: tuple[tuple[str, int], ...] = ()
    present: Present = Present()
    topics: tuple[str, ...] = ()
    provisional_year: int | None = None
    checked: Checked | None = None

    @property
    def messages(self) -> int:
        """How many messages were checked in all rooms."""
        return sum(room.messages for room in self.rooms)

    @property
    def quiet(self) -> bool:
        """Whether there is nothing that anybody has to know or do; messages alone are nothing to tell."""
        present = self.present
        waiting = present.review + present.provisional + present.appeals
        waiting += present.nicknames + present.waiting + present.unread
        happened = any(room.tallies for room in self.rooms) or any((self.decided or {}).values())
        unsound = self.checked is not None and self.checked.findings != 0
        unspoken = self.dead or self.pauses
        trouble = unsound or self.blind or unspoken or self.crashed or self.provisional_year
        return not (waiting or happened or trouble)


def _to_mend(note: NicknameNote) -> bool:
    """Whether somebody is asked to mend it: what is doubtful waits for people, what has a case is counted as one."""
    return note.tier == Tier.VIOLATION and not note.number


def titles(book: Rulebook) -> Callable[[str], str]:
    """What tells the title of a rule; one that is gone goes by its id."""
    known = book.titles
    return lambda rule: known.get(rule, rule)


async def gather(
    unit: UnitOfWork,
    since: datetime,
    until: datetime,
    now: datetime,
    calendar: WorkCalendar,
    title: Callable[[str], str],
    confirm_days: int,
) -> Figures:
    """Count everything. Topics are left for :mod:`bot.reports.topics`.

    Args:
        title: names a rule for people.
        confirm_days: within how many working days after its month a case is confirmed, or closed.
    """
    cases = await unit.cases.rule_counts(since, until)
    decided: Counter[CaseState] = Counter()
    for count in await unit.cases.decided(since, until):
        decided[CaseState.DISMISSED if count.verdict == "dismissed" else _decision(count)] += count.count
    letters = await unit.outbox.dead_letters(MANY)
    return Figures(
        since,
        until,
        now,
        rooms=_by_room(await unit.rooms.all(), await unit.messages.counts(since, until), cases, title),
        decided=dict(decided),
        lowered=min(await unit.appeals.lowered(since, until), decided[CaseState.UPHELD]),
        undone=_undone(await unit.cases.decided(until - UNDOING, until), title),
        lapsed=tuple(entry.target for entry in await unit.audit.between(LAPSED, since, until)),
        blind=tuple(await unit.blind.between(since, until)),
        dead=sum(since - DYING <= letter.message.created_at < until for letter in letters),
        pauses=await _pauses(unit, since, until),
        crashed=_crashed(await unit.inbox.noted("=crashed", since, until), title),
        present=await _present(unit, now, confirm_days, calendar),
        provisional_year=_provisional(until, calendar),
        checked=await latest(unit, since, until),
    )


async def _pauses(
    unit: UnitOfWork, since: datetime, until: datetime
) -> tuple[tuple[datetime, datetime | None], ...]:
    ended = await unit.audit.between(PAUSE_ENDED, since, until)
    lasting = Pause.read(await unit.meta.get(PAUSED))
    pauses: list[tuple[datetime, datetime | None]] = [
        # Without its beginning (erased together with somebody's name) there is nothing to tell of a pause.
        (datetime.fromisoformat(entry.detail), entry.at)
        for entry in ended
        if entry.detail
    ]
    if lasting is not None and lasting.since < until:
        pauses.append((lasting.since, None))
    return tuple(pauses)


async def unconfirmed(
    unit: UnitOfWork, now: datetime, confirm_days: int, calendar: WorkCalendar
) -> Age | None:
    """How old the oldest case is that waits for confirmation; ``None`` if none does."""
    since = await unit.cases.oldest(CaseState.PROVISIONAL)
    if since is None:
        return None
    return Age(working_days(since, now, calendar), confirmable_until(since, confirm_days, calendar))


def working_days(since: datetime, now: datetime, calendar: WorkCalendar) -> int:
    """How many working days have begun since the one of ``since``."""
    return len(workdays_after(calendar.local(since).date(), calendar.local(now).date(), calendar))


async def _present(unit: UnitOfWork, now: datetime, confirm_days: int, calendar: WorkCalendar) -> Present:
    states, outbox = await unit.cases.counts(), await unit.outbox.counts()
    return Present(
        review=states.get(CaseState.REVIEW, 0),
        oldest=await unit.cases.oldest(CaseState.REVIEW),
        provisional=await unit.cases.to_confirm(),
        unconfirmed=await unconfirmed(unit, now, confirm_days, calendar),
        appeals=states.get(CaseState.APPEALED, 0),
        nicknames=len({note.person_key for note in await unit.nicknames.open() if _to_mend(note)}),
        waiting=outbox.waiting,
        unread=(await unit.inbox.counts()).unread,
        heads=tuple(await unit.ledger.heads()),
    )


def _decision(count: RuleCount) -> CaseState:
    """What was decided: an appeal is still about the confirmation before it, a good trial case was confirmed."""
    return CaseState.CONFIRMED if count.state in (CaseState.APPEALED, CaseState.SHADOW) else count.state


def _by_room(
    rooms: list[Room], messages: Mapping[int, int], cases: list[RuleCount], title: Callable[[str], str]
) -> tuple[InRoom, ...]:
    """The rooms in which anything was said or found, those with most cases first, then most messages."""
    tallies: defaultdict[int, defaultdict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for count in cases:
        if count.state is not CaseState.RECALLED:
            tallies[count.room_key][count.rule][_column(count)] += count.count
    found = [
        InRoom(
            room.key,
            room.topic,
            messages.get(room.key, 0),
            tuple(
                sorted(
                    (Tally(title(rule), **columns) for rule, columns in tallies[room.key].items()),
                    key=lambda tally: (-tally.total, tally.rule),
                )
            ),
        )
        for room in rooms
        if messages.get(room.key) or tallies.get(room.key)
    ]
    return tuple(
        sorted(found, key=lambda room: (-sum(tally.total for tally in room.tallies), -room.messages))
    )


def _column(count: RuleCount) -> str:
    if count.state is CaseState.SHADOW:
        return "trial"
    if count.state in UNDONE:
        return "undone"
    return "violations" if count.state in STANDING else "review"


def _undone(decided: list[RuleCount], title: Callable[[str], str]) -> tuple[Undone, ...]:
    """How often each rule erred; what a person recorded by hand, no rule had found."""
    sums: defaultdict[tuple[str, bool], list[int]] = defaultdict(lambda: [0, 0, 0])
    for count in decided:
        trial = count.state is CaseState.SHADOW
        if count.found_by and (count.state in UNDONE | STANDING or (trial and count.verdict)):
            void = count.state in UNDONE or count.verdict == "dismissed"
            moved = not void and count.found_by != count.rule
            of = sums[title(count.found_by), trial]
            of[0] += count.count if void or moved else 0
            of[1] += count.count
            of[2] += count.count if moved else 0
    found = [
        Undone(rule, undone, many, trial, moved) for (rule, trial), (undone, many, moved) in sums.items()
    ]
    return tuple(sorted(found, key=lambda one: (one.trial, -one.decided, one.rule)))


def _crashed(outcomes: list[str], title: Callable[[str], str]) -> tuple[tuple[str, int], ...]:
    crashes = Counter(
        mark.removesuffix("=crashed")
        for line in outcomes
        for mark in line.split()
        if mark.endswith("=crashed")
    )
    return tuple((title(rule), many) for rule, many in crashes.most_common())


def _provisional(until: datetime, calendar: WorkCalendar) -> int | None:
    today = calendar.local(until).date()
    return next((day.year for day in (today, today + NEXT_YEAR) if calendar.provisional(day)), None)
