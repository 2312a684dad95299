"""Explanations and rectification: every move of everybody in every state (policy 6.1b)."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from fakes.matrix import Cell, broken, matrix

from rules.core.load import load_calendar
from rules.core.options import WorkOptions
from rules.procedure.actor import SYSTEM
from rules.procedure.rectification import Kind, Move, Refusal, Standing, State, consider, due_again
from storage.records import CaseState

CALENDAR = load_calendar(WorkOptions(), "Asia/Shanghai")
SHANGHAI = ZoneInfo("Asia/Shanghai")
ACTORS = {"subject": "P1", "supervisor": "P2", "system": SYSTEM}

# The deadline of asking and of sending back lies ahead; everything else happens after it.
TABLE = """
move      state      subject     supervisor   system
ask       -          own_case    open         people_decide
ask       open       own_case    already      people_decide
ask       answered   own_case    already      people_decide
ask       overdue    own_case    already      people_decide
ask       accepted   own_case    closed       people_decide
ask       cancelled  own_case    closed       people_decide
answer    -          not_asked   not_yours    not_yours
answer    open       answered    not_yours    not_yours
answer    answered   answered    not_yours    not_yours
answer    overdue    answered    not_yours    not_yours
answer    accepted   closed      not_yours    not_yours
answer    cancelled  closed      not_yours    not_yours
accept    -          own_case    not_asked    people_decide
accept    open       own_case    unanswered   people_decide
accept    answered   own_case    accepted     people_decide
accept    overdue    own_case    unanswered   people_decide
accept    accepted   own_case    closed       people_decide
accept    cancelled  own_case    closed       people_decide
reject    -          own_case    not_asked    people_decide
reject    open       own_case    unanswered   people_decide
reject    answered   own_case    open         people_decide
reject    overdue    own_case    unanswered   people_decide
reject    accepted   own_case    closed       people_decide
reject    cancelled  own_case    closed       people_decide
cancel    -          own_case    not_asked    not_asked
cancel    open       own_case    cancelled    cancelled
cancel    answered   own_case    cancelled    cancelled
cancel    overdue    own_case    cancelled    cancelled
cancel    accepted   own_case    closed       closed
cancel    cancelled  own_case    closed       closed
overdue   -          system_only system_only  not_asked
overdue   open       system_only system_only  overdue
overdue   answered   system_only system_only  already
overdue   overdue    system_only system_only  already
overdue   accepted   system_only system_only  closed
overdue   cancelled  system_only system_only  closed
"""

NOT_YET, NOTHING = Refusal.UNDECIDED, Refusal.VOID
ASKING = {
    "review": (State.OPEN, NOT_YET),
    "provisional": (State.OPEN, State.OPEN),
    "confirmed": (State.OPEN, State.OPEN),
    "dismissed": (NOTHING, NOTHING),
    "appealed": (State.OPEN, NOT_YET),
    "upheld": (State.OPEN, State.OPEN),
    "overturned": (NOTHING, NOTHING),
    "recalled": (NOTHING, NOTHING),
    "shadow": (NOTHING, NOTHING),
}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


DUE = at("2026-10-14 18:00")
AHEAD, AFTER = at("2026-10-13 10:00"), at("2026-10-14 18:00:01")


def standing(state: State, case: str = "provisional", due: datetime = DUE) -> Standing:
    return Standing(state, case, ACTORS["subject"], due)


@pytest.mark.parametrize("kind", list(Kind))
def test_every_move_of_everybody(kind: Kind) -> None:
    def outcome(cell: Cell) -> str:
        move = Move(cell.move)
        now = AHEAD if move in (Move.ASK, Move.REJECT) else AFTER
        return consider(standing(State(cell.state)), kind, move, ACTORS[cell.actor], now, CALENDAR)

    assert broken(matrix(TABLE, Move, State), outcome) == []


@pytest.mark.parametrize("case", [state.value for state in CaseState])
def test_in_which_cases_something_can_be_asked(case: str) -> None:
    asked = tuple(
        consider(standing(State.NONE, case), kind, Move.ASK, "P2", AHEAD, CALENDAR)
        for kind in (Kind.EXPLANATION, Kind.RECTIFICATION)
    )
    assert asked == ASKING[case]


@pytest.mark.parametrize("case", [state.value for state in CaseState])
@pytest.mark.parametrize(("move", "actor"), [(Move.ANSWER, "P1"), (Move.CANCEL, SYSTEM)])
def test_what_was_asked_can_be_answered_and_cancelled_whatever_became_of_the_case(
    case: str, move: Move, actor: str
) -> None:
    outcome = consider(standing(State.OPEN, case), Kind.EXPLANATION, move, actor, AFTER, CALENDAR)
    assert outcome == (State.ANSWERED if move is Move.ANSWER else State.CANCELLED)


@pytest.mark.parametrize(
    ("now", "due", "enough"),
    [
        ("2026-10-14 17:59:59", "2026-10-14 18:00", True),
        ("2026-10-14 18:00", "2026-10-14 18:00", False),
        ("2026-10-15 10:00", "2026-10-14 18:00", False),
        ("2026-10-10 18:00", "2026-10-11 20:00", False),  # a Sunday: no working time in between
        ("2026-09-30 18:00", "2026-10-08 09:00", False),  # all of National Day is none
        ("2026-09-30 18:00", "2026-10-08 09:01", True),
    ],
)
def test_nobody_is_given_a_deadline_without_working_time(now: str, due: str, enough: bool) -> None:
    for move, state in ((Move.ASK, State.NONE), (Move.REJECT, State.ANSWERED)):
        outcome = consider(standing(state, due=at(due)), Kind.EXPLANATION, move, "P2", at(now), CALENDAR)
        assert outcome is (State.OPEN if enough else Refusal.TOO_SOON)


@pytest.mark.parametrize(
    ("now", "outcome"),
    [
        ("2026-10-14 17:59", Refusal.NOT_DUE),
        ("2026-10-14 18:00", Refusal.NOT_DUE),
        ("2026-10-14 18:01", State.OVERDUE),
    ],
)
def test_overdue_is_what_the_deadline_has_passed_for(now: str, outcome: State | Refusal) -> None:
    open_one = standing(State.OPEN)
    assert consider(open_one, Kind.RECTIFICATION, Move.OVERDUE, SYSTEM, at(now), CALENDAR) is outcome


def test_who_answered_early_keeps_the_time_they_were_given() -> None:
    assert due_again(DUE, at("2026-10-14 09:00")) == DUE
    assert due_again(DUE, at("2026-10-15 18:00")) == at("2026-10-15 18:00")


def test_a_late_answer_is_an_answer() -> None:
    overdue = standing(State.OVERDUE)
    assert consider(overdue, Kind.EXPLANATION, Move.ANSWER, "P1", AFTER, CALENDAR) is State.ANSWERED
