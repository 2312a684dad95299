"""Every move a reviewer may and may not make."""

from __future__ import annotations

import pytest

from rules.procedure.review import Move, Refusal, Standing, consider
from storage.records import CaseState

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


@pytest.mark.parametrize(("state", "before", "move"), EVERY)
def test_every_move(state: str, before: str, move: Move) -> None:
    result = consider(Standing(state, before, SUBJECT), move, REVIEWER)
    expected = ALLOWED.get((state, before if move is Move.UNDO else "", move))
    if expected is None:
        assert isinstance(result, Refusal)
    else:
        assert result == expected


@pytest.mark.parametrize(("state", "before", "move"), EVERY)
def test_nobody_decides_their_own_case(state: str, before: str, move: Move) -> None:
    assert consider(Standing(state, before, SUBJECT), move, SUBJECT) is Refusal.OWN_CASE
