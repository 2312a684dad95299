"""Answers: every move, every deadline, and what is due when (policy 4.1a, 4.1b, 6.2c)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from rules.core.worktime import WorkCalendar
from rules.procedure import reply
from rules.procedure.reply import Asked, Due, Enquiry, Patience, Refusal, Standing, State

CALENDAR = WorkCalendar()
TUESDAY = datetime(2026, 10, 13, 10, 0, tzinfo=CALENDAR.zone)
FRIDAY = TUESDAY + timedelta(days=3)
MONDAY = TUESDAY + timedelta(days=6)
ANSWERS = (State.RECEIVED, State.CAN, State.CANNOT, State.DONE)

MOVES = {
    **{(State.MISSING, said): said for said in (*ANSWERS, State.EXCUSED)},
    **{(State.EXCUSED, said): said for said in ANSWERS},
    **{(State.RECEIVED, said): said for said in (State.CAN, State.CANNOT, State.DONE)},
    (State.CAN, State.CANNOT): State.CANNOT,
    (State.CAN, State.DONE): State.DONE,
    (State.CANNOT, State.CAN): State.CAN,
    (State.CANNOT, State.DONE): State.DONE,
}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("said", State)
def test_every_move(state: State, said: State) -> None:
    refusal = Refusal.FINAL if state is State.DONE else Refusal.NOTHING_NEW
    assert reply.consider(state, said) == MOVES.get((state, said), refusal)


@pytest.mark.parametrize("standing", Standing)
@pytest.mark.parametrize("entitled", [True, False])
def test_who_closes(standing: Standing, entitled: bool) -> None:
    outcome = reply.close(standing, entitled=entitled)
    if not entitled:
        assert outcome is Refusal.NOT_YOURS
    else:
        assert outcome is (Standing.CLOSED if standing is Standing.OPEN else Refusal.OVER)


@pytest.mark.parametrize(
    ("asked", "urgent", "due"),
    [
        (TUESDAY, False, TUESDAY.replace(hour=14)),
        (TUESDAY, True, TUESDAY.replace(hour=10, minute=30)),
        (TUESDAY.replace(hour=16), False, TUESDAY.replace(day=14, hour=11)),
        (TUESDAY.replace(hour=22), False, TUESDAY.replace(day=14, hour=13)),
        (TUESDAY.replace(hour=22), True, TUESDAY.replace(day=14, hour=9, minute=30)),
        (FRIDAY.replace(hour=17), False, MONDAY.replace(hour=12)),
        (FRIDAY.replace(hour=17, minute=50), True, MONDAY.replace(hour=9, minute=20)),
        (FRIDAY + timedelta(days=1), False, MONDAY.replace(hour=13)),
    ],
)
def test_the_usual_deadline(asked: datetime, urgent: bool, due: datetime) -> None:
    assert reply.deadline(asked, None, CALENDAR, Patience(), urgent=urgent) == due


def test_a_stated_deadline_counts_unless_it_is_over() -> None:
    stated = TUESDAY.replace(hour=20)
    assert reply.deadline(TUESDAY, stated, CALENDAR, Patience()) == stated
    assert reply.deadline(TUESDAY, TUESDAY, CALENDAR, Patience()) == TUESDAY.replace(hour=14)


def enquiry(**more: object) -> Enquiry:
    asked: dict[str, object] = {"asked_at": TUESDAY, "due_at": TUESDAY.replace(hour=14)}
    return Enquiry(**(asked | more))  # type: ignore[arg-type]  # a table of any of its fields


def one(**more: object) -> Asked:
    return replace(Asked("a", State.MISSING), **more)  # type: ignore[arg-type]  # likewise


def at(hour: int, minute: int = 0, day: int = 13) -> datetime:
    return datetime(2026, 10, day, hour, minute, tzinfo=CALENDAR.zone)


REMIND, NOTHING = Due(remind=("a",)), Due()
TOLD = {"reminded_at": at(12), "told_at": at(12), "reminders": 1}
TABLE = [
    ("before half-time", enquiry(), one(), at(11, 59), NOTHING),
    ("at half-time", enquiry(), one(), at(12), REMIND),
    ("reminded already", enquiry(), one(**TOLD), at(12, 1), NOTHING),
    ("on leave", enquiry(), one(away=True), at(12), NOTHING),
    ("reminded of something else this morning", enquiry(), one(told_at=at(9)), at(11, 59), NOTHING),
    ("reminded of something else this afternoon", enquiry(), one(told_at=at(12)), at(13), NOTHING),
    ("reminded of something else in the morning", enquiry(), one(told_at=at(9)), at(12), REMIND),
    ("answered", enquiry(), one(state=State.RECEIVED), at(12), Due(summary=True)),
    ("answered and told", enquiry(summarised=True), one(state=State.CAN), at(12), NOTHING),
    ("settled", enquiry(), one(state=State.DONE), at(11), Due(summary=True, finish=True)),
    ("settled and told", enquiry(summarised=True), one(state=State.CANNOT), at(11), Due(finish=True)),
    ("due, never reminded", enquiry(), one(), at(14), Due(remind=("a",), summary=True)),
    ("due, reminded at half-time", enquiry(), one(**TOLD), at(14), Due(overdue=("a",), summary=True)),
    (
        "due, reminded just now",
        enquiry(summarised=True),
        one(**TOLD | {"reminded_at": at(14), "told_at": at(14)}),
        at(14, 14),
        NOTHING,
    ),
    (
        "due, reminded a quarter of an hour ago",
        enquiry(summarised=True),
        one(**TOLD | {"reminded_at": at(14), "told_at": at(14)}),
        at(14, 15),
        Due(overdue=("a",)),
    ),
    ("overdue for nobody's points", enquiry(), one(**TOLD, liable=False), at(14), Due(summary=True)),
    ("overdue twice", enquiry(summarised=True), one(**TOLD, charged=True), at(14), NOTHING),
    (
        "on leave when it was due",
        enquiry(),
        one(away_then=True),
        at(14),
        Due(("a",), summary=True, finish=True),
    ),
    ("on leave until just before", enquiry(), one(away_then=True), at(13), REMIND),
    ("due in the evening", enquiry(due_at=at(20)), one(**TOLD), at(20, 1), NOTHING),
    (
        "due in the evening, next morning",
        enquiry(due_at=at(20)),
        one(**TOLD),
        at(9, day=14),
        Due(remind=("a",), summary=True),
    ),
    ("at night", enquiry(), one(), at(3, day=14), NOTHING),
    ("at night, on duty", enquiry(), one(on_duty=True), at(3, day=14), NOTHING),
    ("at night, on duty, urgent", enquiry(urgent=True), one(on_duty=True), at(3, day=14), REMIND),
    (
        "long over",
        enquiry(summarised=True),
        one(**TOLD | {"reminded_at": at(15), "told_at": at(15)}, charged=True),
        at(0, day=16),
        Due(finish=True),
    ),
    (
        "over, late answers still count",
        enquiry(summarised=True),
        one(**TOLD | {"reminded_at": at(15), "told_at": at(15)}, charged=True),
        at(23, day=15),
        NOTHING,
    ),
]


@pytest.mark.parametrize(("what", "asked", "person", "now", "due"), TABLE, ids=lambda row: str(row)[:40])
def test_what_is_due(what: str, asked: Enquiry, person: Asked, now: datetime, due: Due) -> None:
    assert reply.due(asked, [person], now, CALENDAR) == due, what


def test_a_summary_waits_for_everybody_or_the_deadline() -> None:
    people = [one(key="a", state=State.DONE), one(key="b", **TOLD)]
    assert not reply.due(enquiry(), people, at(13, 59), CALENDAR).summary
    assert reply.due(enquiry(), people, at(14), CALENDAR).summary


@given(st.integers(0, 20_000), st.integers(1, 20_000))
def test_half_way_lies_between_question_and_deadline(start: int, minutes: int) -> None:
    asked = TUESDAY + timedelta(minutes=start)
    due = reply.deadline(asked, asked + timedelta(minutes=minutes), CALENDAR, Patience())
    middle = reply.half_way(Enquiry(asked, due), CALENDAR)
    assert asked <= middle <= due
    assert CALENDAR.is_working(middle) or middle == due


@given(st.integers(0, 60 * 24 * 30), st.integers(0, 60 * 80))
def test_working_time_added_is_working_time_between(start: int, minutes: int) -> None:
    begin, span = TUESDAY + timedelta(minutes=start), timedelta(minutes=minutes)
    end = CALENDAR.add_working_time(begin, span)
    assert CALENDAR.working_time_between(begin, end) == span
    assert CALENDAR.is_working(end)


def test_working_time_does_not_run_backwards() -> None:
    with pytest.raises(ValueError, match="backwards"):
        CALENDAR.add_working_time(TUESDAY, timedelta(minutes=-1))


class Answering(RuleBasedStateMachine):
    """Three people are asked; they answer, are reminded and go on leave as time passes."""

    def __init__(self) -> None:
        super().__init__()
        self.now = TUESDAY
        self.enquiry = Enquiry(TUESDAY, TUESDAY.replace(hour=16))
        self.standing = Standing.OPEN
        self.people = {key: Asked(key, State.MISSING) for key in "abc"}
        self.told: dict[str, list[datetime]] = {key: [] for key in "abc"}
        self.summaries = 0

    @rule(minutes=st.sampled_from([1, 14, 15, 60, 240, 1440]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(key=st.sampled_from("abc"), said=st.sampled_from(ANSWERS))
    def somebody_answers(self, key: str, said: State) -> None:
        before = self.people[key]
        outcome = reply.consider(before.state, said)
        if isinstance(outcome, Refusal):
            return
        assert before.state is not State.DONE
        self.people[key] = replace(before, state=outcome)

    @rule(key=st.sampled_from("abc"), away=st.booleans())
    def leave(self, key: str, away: bool) -> None:
        self.people[key] = replace(
            self.people[key], away=away, away_then=away and self.now <= self.enquiry.due_at
        )

    @rule()
    def the_minute_comes(self) -> None:
        if self.standing is not Standing.OPEN:
            return
        due = reply.due(self.enquiry, list(self.people.values()), self.now, CALENDAR)
        for key in due.excuse:
            self.people[key] = replace(self.people[key], state=State.EXCUSED)
        for key in due.remind:
            person = self.people[key]
            assert person.state is State.MISSING
            assert not person.away
            assert CALENDAR.is_working(self.now)
            self.told[key].append(self.now)
            self.people[key] = replace(
                person, reminded_at=self.now, told_at=self.now, reminders=person.reminders + 1
            )
        for key in due.overdue:
            assert self.now >= self.enquiry.due_at
            assert self.told[key]
            assert not self.people[key].charged
            self.people[key] = replace(self.people[key], charged=True)
        if due.summary:
            self.summaries += 1
            self.enquiry = replace(self.enquiry, summarised=True)
        if due.finish:
            self.standing = Standing.DONE

    @invariant()
    def nobody_is_pestered(self) -> None:
        for moments in self.told.values():
            halves = [reply.half_day(moment, CALENDAR) for moment in moments]
            assert len(halves) == len(set(halves))
            assert len(moments) <= 2

    @invariant()
    def one_summary_and_an_end_that_lasts(self) -> None:
        assert self.summaries <= 1
        assert self.standing is Standing.OPEN or self.summaries == 1


Answering.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestAnswering = Answering.TestCase
