"""Every move a reviewer may and may not make."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from fakes.shipped import shipped

from rules.procedure.review import (
    TARGET,
    Move,
    Refusal,
    Standing,
    confirmable_until,
    consider,
    overruled,
    undoable_until,
)
from storage.records import CaseState

NOW = datetime(2026, 10, 13, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
SUBJECT, REVIEWER = "person", "reviewer"
OPEN = ("review", "provisional")

ALLOWED = {
    ("review", "", Move.CONFIRM): "confirmed",
    ("review", "", Move.DISMISS): "dismissed",
    ("provisional", "", Move.CONFIRM): "confirmed",
    ("provisional", "", Move.DISMISS): "dismissed",
    ("confirmed", "review", Move.UNDO): "review",
    ("confirmed", "provisional", Move.UNDO): "provisional",
    ("dismissed", "review", Move.UNDO): "review",
    ("dismissed", "provisional", Move.UNDO): "provisional",
}
ALLOWED |= {
    ("shadow", "", move): "shadow" for move in (Move.CONFIRM, Move.DISMISS)
}  # the verdict stands beside it
STATES = [state.value for state in CaseState]
EVERY = [(state, before, move) for state in STATES for before in ("", *OPEN, "appealed") for move in Move]


def test_every_move() -> None:
    for state, before, move in EVERY:
        result = consider(Standing(state, before, SUBJECT), move, REVIEWER, NOW)
        expected = ALLOWED.get((state, before if move is Move.UNDO else "", move))
        if expected is None:
            assert isinstance(result, Refusal), (state, before, move)
        else:
            assert result == expected, (state, before, move)


def test_nobody_decides_their_own_case() -> None:
    for state, before, move in EVERY:
        result = consider(Standing(state, before, SUBJECT), move, SUBJECT, NOW)
        assert result is Refusal.OWN_CASE, (state, before, move)


@pytest.mark.parametrize(
    ("published", "until", "expected"),
    [
        (False, NOW, "provisional"),
        (False, NOW - timedelta(seconds=1), Refusal.UNDO_LATE),
        (True, NOW + timedelta(days=1), Refusal.PUBLISHED),
    ],
)
def test_a_decision_is_undone_soon_and_before_a_statement_tells_of_it(
    *, published: bool, until: datetime, expected: str
) -> None:
    standing = Standing("confirmed", "provisional", SUBJECT, undoable_until=until, published=published)
    assert consider(standing, Move.UNDO, REVIEWER, NOW) == expected


def test_the_days_to_undo_are_working_days() -> None:
    calendar = shipped().calendar
    thursday = NOW + timedelta(days=2)
    assert undoable_until(thursday, calendar).date() == (NOW + timedelta(days=7)).date()


CONFIRMED, UNDONE = ("provisional", "confirmed"), ("confirmed", "provisional")


@pytest.mark.parametrize(
    ("moves", "expected"),
    [
        ((), set()),
        (((*CONFIRMED, "a"),), set()),
        (((*CONFIRMED, "a"), (*UNDONE, "a")), set()),
        (((*CONFIRMED, "a"), (*UNDONE, "b")), {"a"}),
        (((*CONFIRMED, "a"), (*UNDONE, "b"), (*CONFIRMED, "b"), (*UNDONE, "b")), {"a"}),
        (((*CONFIRMED, "a"), (*UNDONE, "b"), (*CONFIRMED, "b"), (*UNDONE, "c")), {"a", "b"}),
        (((*CONFIRMED, "a"), ("confirmed", "appealed", "p"), ("appealed", "confirmed", "p")), set()),
    ],
)
def test_whose_decision_somebody_else_has_undone(
    moves: tuple[tuple[str, str, str], ...], expected: set[str]
) -> None:
    assert overruled(moves) == expected


@pytest.mark.parametrize("move", [Move.CONFIRM, Move.DISMISS])
def test_whoever_was_overruled_does_not_decide_again(move: Move) -> None:
    standing = Standing("review", "confirmed", SUBJECT, overruled=frozenset({REVIEWER}))
    assert consider(standing, move, REVIEWER, NOW) is Refusal.OVERRULED
    assert consider(standing, move, "another", NOW) == TARGET[move]


@pytest.mark.parametrize(
    ("since", "last"),
    [
        (datetime(2026, 10, 1, 0, 0, tzinfo=NOW.tzinfo), date(2026, 11, 13)),
        (datetime(2026, 10, 31, 23, 59, tzinfo=NOW.tzinfo), date(2026, 11, 13)),
        (datetime(2026, 11, 1, 0, 0, tzinfo=NOW.tzinfo), date(2026, 12, 14)),
        (
            datetime(2026, 9, 30, 16, 0, tzinfo=ZoneInfo("UTC")),
            date(2026, 11, 13),
        ),  # October, where the company is
    ],
)
def test_a_month_can_be_confirmed_until_some_working_days_after_it(since: datetime, last: date) -> None:
    assert confirmable_until(since, 10, shipped().calendar) == last
