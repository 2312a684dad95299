"""Appeals: every move of everybody in every state, and which cases can be appealed (policy 6.3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from fakes.matrix import Cell, broken, matrix

from rules.core.load import load_calendar
from rules.core.options import WorkOptions
from rules.procedure import review
from rules.procedure.actor import SYSTEM
from rules.procedure.appeal import (
    APPEALABLE,
    FINAL,
    UNDER_APPEAL,
    Move,
    Refusal,
    Standing,
    State,
    case_state,
    consider,
    eligible,
    lower,
    was_lowered,
    window,
)
from storage import records
from storage.records import CaseState

CALENDAR = load_calendar(WorkOptions(), "Asia/Shanghai")
CLOSES = window(date(2026, 10, 9), CALENDAR).closes
IN_TIME, LATE = CLOSES, CLOSES + timedelta(microseconds=1)
ACTORS = {"subject": "P1", "confirmer": "P2", "another": "P3", "system": SYSTEM}

TABLE = """
move      state       subject      confirmer      another        system
file      -           open         not_own_case   not_own_case   not_own_case
file      open        already      not_own_case   not_own_case   not_own_case
file      upheld      closed       not_own_case   not_own_case   not_own_case
file      lowered     closed       not_own_case   not_own_case   not_own_case
file      overturned  closed       not_own_case   not_own_case   not_own_case
file      withdrawn   closed       not_own_case   not_own_case   not_own_case
file      lapsed      closed       not_own_case   not_own_case   not_own_case
withdraw  -           no_appeal    not_own_case   not_own_case   not_own_case
withdraw  open        withdrawn    not_own_case   not_own_case   not_own_case
withdraw  upheld      closed       not_own_case   not_own_case   not_own_case
withdraw  lowered     closed       not_own_case   not_own_case   not_own_case
withdraw  overturned  closed       not_own_case   not_own_case   not_own_case
withdraw  withdrawn   closed       not_own_case   not_own_case   not_own_case
withdraw  lapsed      closed       not_own_case   not_own_case   not_own_case
uphold    -           own_appeal   decided_it     no_appeal      people_decide
uphold    open        own_appeal   decided_it     upheld         people_decide
uphold    upheld      own_appeal   decided_it     closed         people_decide
uphold    lowered     own_appeal   decided_it     closed         people_decide
uphold    overturned  own_appeal   decided_it     closed         people_decide
uphold    withdrawn   own_appeal   decided_it     closed         people_decide
uphold    lapsed      own_appeal   decided_it     closed         people_decide
lower     -           own_appeal   decided_it     no_appeal      people_decide
lower     open        own_appeal   decided_it     lowered         people_decide
lower     upheld      own_appeal   decided_it     closed         people_decide
lower     lowered     own_appeal   decided_it     closed         people_decide
lower     overturned  own_appeal   decided_it     closed         people_decide
lower     withdrawn   own_appeal   decided_it     closed         people_decide
lower     lapsed      own_appeal   decided_it     closed         people_decide
overturn  -           own_appeal   decided_it     no_appeal      people_decide
overturn  open        own_appeal   decided_it     overturned     people_decide
overturn  upheld      own_appeal   decided_it     closed         people_decide
overturn  lowered     own_appeal   decided_it     closed         people_decide
overturn  overturned  own_appeal   decided_it     closed         people_decide
overturn  withdrawn   own_appeal   decided_it     closed         people_decide
overturn  lapsed      own_appeal   decided_it     closed         people_decide
default   -           system_only  system_only    system_only    no_appeal
default   open        system_only  system_only    system_only    overturned
default   upheld      system_only  system_only    system_only    closed
default   lowered     system_only  system_only    system_only    closed
default   overturned  system_only  system_only    system_only    closed
default   withdrawn   system_only  system_only    system_only    closed
default   lapsed      system_only  system_only    system_only    closed
"""

FILING = {
    "review": Refusal.UNDECIDED,
    "provisional": State.OPEN,
    "confirmed": State.OPEN,
    "dismissed": Refusal.NOTHING_TO_APPEAL,
    "appealed": Refusal.NOTHING_TO_APPEAL,
    "upheld": Refusal.NOTHING_TO_APPEAL,
    "overturned": Refusal.NOTHING_TO_APPEAL,
    "recalled": Refusal.NOTHING_TO_APPEAL,
    "shadow": Refusal.NOTHING_TO_APPEAL,
}


def standing(state: State, case: str = "confirmed") -> Standing:
    return Standing(state, case, ACTORS["subject"], frozenset({ACTORS["confirmer"]}), CLOSES)


def test_every_move_of_everybody() -> None:
    def outcome(cell: Cell) -> str:
        return consider(standing(State(cell.state)), Move(cell.move), ACTORS[cell.actor], IN_TIME)

    assert broken(matrix(TABLE, Move, State), outcome) == []


@pytest.mark.parametrize("case", [state.value for state in CaseState])
def test_which_cases_can_be_appealed(case: str) -> None:
    assert consider(standing(State.NONE, case), Move.FILE, "P1", IN_TIME) is FILING[case]


@pytest.mark.parametrize("case", sorted(APPEALABLE))
def test_filing_is_in_time_until_the_last_moment(case: str) -> None:
    assert consider(standing(State.NONE, case), Move.FILE, "P1", IN_TIME) is State.OPEN
    assert consider(standing(State.NONE, case), Move.FILE, "P1", LATE) is Refusal.TOO_LATE


def test_filing_before_publication_is_early_and_welcome() -> None:
    early = replace(standing(State.NONE, "provisional"), closes=None)
    assert consider(early, Move.FILE, "P1", LATE) is State.OPEN


@pytest.mark.parametrize("move", [Move.WITHDRAW, Move.UPHOLD, Move.LOWER, Move.OVERTURN, Move.DEFAULT])
def test_an_open_appeal_is_decided_however_late_it_is(move: Move) -> None:
    actor = {Move.WITHDRAW: "P1", Move.DEFAULT: SYSTEM}.get(move, "P3")
    assert consider(standing(State.OPEN), move, actor, LATE + timedelta(days=400)) in FINAL


def test_of_others_cases_a_stranger_learns_nothing() -> None:
    answers = {consider(standing(State.NONE, case), Move.FILE, "P3", LATE) for case in FILING}
    assert answers == {Refusal.NOT_OWN_CASE}


def test_who_confirmed_it_before_somebody_else_did_is_barred_too() -> None:
    confirmed_twice = replace(standing(State.OPEN), confirmed_by=frozenset({"P2", "P4"}))
    assert consider(confirmed_twice, Move.OVERTURN, "P4", IN_TIME) is Refusal.DECIDED_IT
    assert eligible(confirmed_twice, ("P1", "P2", "P3", "P4", SYSTEM, "P5")) == ("P3", "P5")


@pytest.mark.parametrize("before", sorted(APPEALABLE))
def test_what_becomes_of_the_case(before: str) -> None:
    assert {state: case_state(state, before) for state in State} == {
        State.NONE: before,
        State.OPEN: "appealed",
        State.UPHELD: "upheld",
        State.LOWERED: "upheld",
        State.OVERTURNED: "overturned",
        State.WITHDRAWN: before,
        State.LAPSED: before,
    }
    assert all(case_state(state, before) in {case.value for case in CaseState} for state in State)


@pytest.mark.parametrize(("cost", "wanted"), [(4, 4), (4, 5), (0, 0), (0, 1), (2, -1)])
def test_an_appeal_never_raises_what_a_case_costs(cost: int, wanted: int) -> None:
    assert lower(cost, wanted) is Refusal.NOT_LOWER


def test_which_cases_an_appeal_has_lowered() -> None:
    assert was_lowered("upheld", 1, 3)
    assert not any(was_lowered(*case) for case in (("upheld", 0, 4), ("upheld", 4, 0), ("confirmed", 1, 3)))


@pytest.mark.parametrize("move", list(review.Move))
def test_while_a_case_is_appealed_no_reviewer_decides_it(move: review.Move) -> None:
    for before in ("", *sorted(APPEALABLE)):
        appealed = review.Standing(UNDER_APPEAL, before, "P1")
        assert review.consider(appealed, move, "P3", IN_TIME) is review.Refusal.APPEALED
        assert review.consider(appealed, move, "P1", IN_TIME) is review.Refusal.OWN_CASE


@pytest.mark.parametrize("state", ["upheld", "overturned"])
@pytest.mark.parametrize("move", list(review.Move))
def test_what_an_appeal_has_decided_stays(state: str, move: review.Move) -> None:
    assert (
        review.consider(review.Standing(state, UNDER_APPEAL, "P1"), move, "P3", IN_TIME)
        is review.Refusal.CLOSED
    )


def test_a_case_whose_appeal_was_withdrawn_can_be_confirmed_but_its_decision_stays() -> None:
    assert (
        review.consider(
            review.Standing("provisional", UNDER_APPEAL, "P1"), review.Move.CONFIRM, "P3", IN_TIME
        )
        == "confirmed"
    )
    confirmed = review.Standing("confirmed", UNDER_APPEAL, "P1")
    assert review.consider(confirmed, review.Move.UNDO, "P3", IN_TIME) is review.Refusal.CLOSED


def test_the_bot_goes_by_the_same_key_everywhere() -> None:
    assert SYSTEM == records.SYSTEM
