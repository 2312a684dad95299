"""Cases, points and appeals under any order of moves: what must hold whoever does what when (policy 6.3, fairness)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from rules.core.load import load_calendar
from rules.core.options import WorkOptions
from rules.procedure import appeal, ladder, review, statement
from rules.procedure.actor import SYSTEM

CALENDAR = load_calendar(WorkOptions(), "Asia/Shanghai")
PEOPLE = ("P1", "P2", "P3")
LIVE = frozenset({"provisional", "confirmed", "appealed", "upheld"})
NUMBERS = st.sampled_from(["V-22222", "V-33333"])
ENDS = st.sampled_from([one for one in appeal.Move if one is not appeal.Move.FILE])
DECISIONS = (appeal.State.UPHELD, appeal.State.LOWERED, appeal.State.OVERTURNED)


@dataclass
class Docket:
    """One case with all that was done about it."""

    subject: str
    points: int
    state: str
    opened: datetime
    before: str = ""
    entries: list[tuple[int, datetime]] = field(default_factory=list)
    confirmed_by: set[str] = field(default_factory=set)
    closes: datetime | None = None
    appeal: appeal.State = appeal.State.NONE
    appealed_from: str = ""
    decided_by: str = ""
    ended: list[appeal.State] = field(default_factory=list)

    @property
    def standing(self) -> appeal.Standing:
        confirmed_by = frozenset(self.confirmed_by)
        return appeal.Standing(self.appeal, self.state, self.subject, confirmed_by, self.closes)

    @property
    def cost(self) -> int:
        return -sum(points for points, _ in self.entries)

    def charge(self, points: int, now: datetime) -> None:
        if points:
            self.entries.append((points, now))

    def move(self, state: str) -> None:
        self.before, self.state = self.state, state


class Appeals(RuleBasedStateMachine):
    """Everybody may try everything at any time; the procedures alone say what happens."""

    def __init__(self) -> None:
        super().__init__()
        self.now = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
        self.cases: dict[str, Docket] = {}

    @initialize(
        points=st.lists(st.integers(0, 5), min_size=2, max_size=2),
        states=st.lists(st.sampled_from(["review", "provisional"]), min_size=2, max_size=2),
        subjects=st.lists(st.sampled_from(PEOPLE), min_size=2, max_size=2),
    )
    def find(self, points: list[int], states: list[str], subjects: list[str]) -> None:
        for number, cost, state, subject in zip(
            ("V-22222", "V-33333"), points, states, subjects, strict=True
        ):
            self.cases[number] = Docket(subject, cost, state, self.now)
            self.cases[number].charge(-cost if state in LIVE else 0, self.now)

    @rule(minutes=st.sampled_from([1, 60, 60 * 9, 60 * 24, 60 * 24 * 4]))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(number=NUMBERS, actor=st.sampled_from(PEOPLE), move=st.sampled_from(review.Move))
    def decide(self, number: str, actor: str, move: review.Move) -> None:
        case = self.cases[number]
        standing = review.Standing(case.state, case.before, case.subject)
        target = review.consider(standing, move, actor, self.now)
        if isinstance(target, review.Refusal):
            return
        assert actor != case.subject
        assert case.state != "appealed"
        assert not case.ended or case.ended[-1] not in DECISIONS
        case.move(target)
        if move is review.Move.CONFIRM:
            case.confirmed_by.add(actor)
        case.charge(case.cost - (case.points if target in LIVE else 0), self.now)

    @rule(number=NUMBERS)
    def publish(self, number: str) -> None:
        case = self.cases[number]
        if case.state == "confirmed" and case.closes is None:
            case.closes = appeal.window(self.now, CALENDAR).closes
            assert case.closes > self.now
            assert CALENDAR.is_workday(CALENDAR.local(case.closes).date())

    @rule(number=NUMBERS, actor=st.sampled_from(PEOPLE))
    def file(self, number: str, actor: str) -> None:
        case = self.cases[number]
        if self.plead(case, appeal.Move.FILE, actor) is appeal.State.OPEN:
            assert actor == case.subject
            assert case.closes is None or self.now <= case.closes
            assert case.before in ("provisional", "confirmed")
            case.appealed_from = case.before

    @rule(number=NUMBERS, actor=st.sampled_from((*PEOPLE, SYSTEM)), move=ENDS)
    def end(self, number: str, actor: str, move: appeal.Move) -> None:
        case = self.cases[number]
        if move is appeal.Move.LOWER and appeal.lower(case.points, case.points - 1) is not None:
            assert case.points == 0
            return
        result = self.plead(case, move, actor)
        if result in DECISIONS:
            assert actor not in {case.subject, *case.confirmed_by}
            assert (actor == SYSTEM) is (move is appeal.Move.DEFAULT)
            assert actor != SYSTEM or result is appeal.State.OVERTURNED, "nothing is held against its author"
            case.decided_by = actor

    def plead(self, case: Docket, move: appeal.Move, actor: str) -> appeal.State | appeal.Refusal:
        result = appeal.consider(case.standing, move, actor, self.now)
        if isinstance(result, appeal.State):
            assert case.appeal not in appeal.FINAL, "out of a final state"
            case.points -= result is appeal.State.LOWERED
            if result in (appeal.State.OVERTURNED, appeal.State.LOWERED):
                left = case.points if result is appeal.State.LOWERED else 0
                case.charge(-sum(points for points, _ in case.entries) - left, self.now)
            case.appeal = result
            case.move(appeal.case_state(result, case.appealed_from))
            case.ended += [result] if result in appeal.FINAL else []
        return result

    @invariant()
    def points_are_the_sum_of_entries(self) -> None:
        for case in self.cases.values():
            assert case.cost == (case.points if case.state in LIVE else 0), case

    @invariant()
    def an_appeal_ends_once_and_its_case_goes_with_it(self) -> None:
        for case in self.cases.values():
            assert len(case.ended) <= 1
            assert (case.state == "appealed") == (case.appeal is appeal.State.OPEN)
            assert (case.state == "upheld") == (case.appeal in (appeal.State.UPHELD, appeal.State.LOWERED))
            assert (case.state == "overturned") == (case.appeal is appeal.State.OVERTURNED)
            assert bool(case.decided_by) == (case.state in ("upheld", "overturned"))

    @invariant()
    def ladder_and_statement_count_what_people_have_confirmed(self) -> None:
        for person in PEOPLE:
            theirs = {number: case for number, case in self.cases.items() if case.subject == person}
            counted = sum(case.points for case in theirs.values() if case.state in ("confirmed", "upheld"))
            entries = [
                ladder.Entry(number, points, at, case.state)
                for number, case in theirs.items()
                for points, at in case.entries
            ]
            assert ladder.total(entries, self.now, days=3650) == counted
            records = [
                statement.Record(number, person, case.state, -case.cost, case.opened)
                for number, case in theirs.items()
            ]
            month = statement.month_of(self.now, CALENDAR.zone)
            past = {statement.month_of(case.opened, CALENDAR.zone) for case in theirs.values()} - {month}
            lines = statement.compute(month, records, {}, CALENDAR.zone, past).lines
            assert sum(line.deducted for line in lines) == counted


class Publications(RuleBasedStateMachine):
    """Whatever is published later never closes earlier, on whatever calendar."""

    def __init__(self) -> None:
        super().__init__()
        self.now = datetime(2026, 2, 1, 0, 0, tzinfo=UTC)
        self.calendar = CALENDAR
        self.closes: list[datetime] = []

    @rule(minutes=st.integers(1, 60 * 24 * 12))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule()
    def publish(self) -> None:
        self.closes.append(appeal.window(self.now, self.calendar).closes)

    @rule()
    def the_company_takes_today_off(self) -> None:
        day = self.calendar.local(self.now).date()
        self.calendar = replace(
            self.calendar,
            holidays=self.calendar.holidays | {day},
            workdays=self.calendar.workdays - {day},
            overrides=self.calendar.overrides | {day},
        )

    @invariant()
    def later_is_never_earlier(self) -> None:
        assert self.closes == sorted(self.closes)

    @invariant()
    def none_ends_on_a_day_that_was_off(self) -> None:
        assert all(CALENDAR.is_workday(CALENDAR.local(moment).date()) for moment in self.closes)


TestAppeals = Appeals.TestCase
TestAppeals.settings = settings(max_examples=200, stateful_step_count=40, deadline=None)
TestPublications = Publications.TestCase
TestPublications.settings = settings(max_examples=20, stateful_step_count=25, deadline=None)
