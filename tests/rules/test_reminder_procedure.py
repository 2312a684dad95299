"""Which cases are mere reminders: sure, and free of cost."""

from __future__ import annotations

import pytest

from rules.procedure.reminder import costs_nothing, settled
from storage.records import CaseState


@pytest.mark.parametrize("state", list(CaseState))
def test_only_what_is_sure_and_open_is_settled_by_its_reminder(state: CaseState) -> None:
    assert settled(state, 0) == (state is CaseState.PROVISIONAL)
    assert not settled(state, 1)
    assert not settled(state, 0, 2), "a graver doubt is for people"


def test_a_graver_doubt_could_cost_something() -> None:
    assert [costs_nothing(*points) for points in ((0, 0), (1, 0), (0, 2), (1, 2))] == [
        True,
        False,
        False,
        False,
    ]
