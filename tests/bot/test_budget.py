"""How much the account may say."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.clock import ManualClock
from bot.pipeline.budget import Budget, Limits, Manner
from bot.pipeline.notice import SUPERVISION
from bot.pipeline.turn import Turn
from bot.settings import Settings
from storage.records import Outgoing

LIMITS = Limits(account_per_minute=5, room_per_minute=3, room_per_hour=6, min_gap=1.0, jitter=2.0)


def test_two_messages_keep_their_distance() -> None:
    budget = Budget(LIMITS)
    assert budget.allowed_at("room", 100.0) == 100.0
    budget.spent("room", 100.0, chance=0.5)
    assert budget.allowed_at("other", 100.0) == 102.0


def test_pacing_off_lifts_everything() -> None:
    budget = Budget(Limits(1, 1, 1, 60.0, 60.0, pacing=False))
    budget.spent("room", 0.0, chance=1.0)
    assert budget.allowed_at("room", 0.0) == 0.0


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 30)), max_size=80))
def test_no_window_ever_holds_more_than_its_budget(messages: list[tuple[str, float]]) -> None:
    budget, now, sent = Budget(LIMITS), 0.0, []
    for room, wait in messages:
        now = max(now + wait, budget.allowed_at(room, now + wait))
        budget.spent(room, now, chance=0.0)
        sent.append((room, now))
    for room, moment in sent:
        within = [other for other in sent if moment - 60 + 1e-6 < other[1] <= moment]
        assert len(within) <= LIMITS.account_per_minute
        assert sum(other[0] == room for other in within) <= LIMITS.room_per_minute
        hour = [other for other in sent if moment - 3600 + 1e-6 < other[1] <= moment and other[0] == room]
        assert len(hour) <= LIMITS.room_per_hour


def test_alerts_and_answers_in_the_supervisors_room_share_its_budget() -> None:
    """Each was booked under a name of its own, so that the room heard twice what it may."""
    clock = ManualClock(datetime(2026, 10, 8, 10, 0, tzinfo=UTC))
    settings = Settings.model_validate(
        {"outbox": {"room_per_minute": 4, "min_gap_seconds": 0, "jitter_seconds": 0}}
    )
    unused: Any = None
    turn = Turn(unused, Manner.of(settings.outbox, settings.notices), lambda: "office", unused, unused, clock)
    now = clock.now()
    alert, answer = (
        Outgoing(SUPERVISION, "", now, now, kind="alert"),
        Outgoing("office", "", now, now, kind="report"),
    )
    for row in (alert, answer, alert, answer):
        assert turn.first([row], ())[1] == 0
        turn.spent(row, 0.0)
    assert turn.first([alert], ())[1] == 60
    assert turn.first([answer], ())[1] == 60
    assert turn.first([Outgoing("r@1", "", now, now, kind="notice")], ())[1] == 0
