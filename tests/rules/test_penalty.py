"""From judgement to case: the gravest finding counts, doubt goes to people, and some things are never said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from rules.core.model import Ruling, Tier
from rules.core.worktime import WorkCalendar
from rules.procedure.penalty import Silence, Situation, decide, notice_due

NOW = datetime(2026, 10, 13, 2, 0, tzinfo=UTC)  # 10:00 in Shanghai


def ruling(rule: str, points: int, tier: Tier = Tier.VIOLATION, confidence: float = 0.9) -> Ruling:
    return Ruling(rule, "c", tier, "1.1", points, confidence, "text", ((0, 1),), "reason")


def found(*rulings: Ruling) -> tuple[Ruling, ...]:
    return rulings


def situation(*, age: float = 0, reviewed_first: bool = False) -> Situation:
    return Situation(NOW, NOW - timedelta(minutes=age), reviewed_first)


def test_nothing_found_opens_nothing() -> None:
    assert decide(found(), situation()) is None


@pytest.mark.parametrize(
    ("rulings", "main"),
    [
        ([ruling("a", 2), ruling("b", 5)], "b"),
        ([ruling("a", 2, confidence=0.8), ruling("b", 2, confidence=0.9)], "b"),
        ([ruling("b", 2), ruling("a", 2)], "a"),
        ([ruling("a", 0), ruling("b", 5, Tier.REVIEW)], "a"),
    ],
    ids=["most points", "then confidence", "then rule id", "a sure one before a graver doubt"],
)
def test_the_gravest_sure_finding_counts(rulings: list[Ruling], main: str) -> None:
    decision = decide(found(*rulings), situation())
    assert decision is not None
    assert decision.main.rule == main
    assert decision.provisional


def test_a_graver_doubt_joins_the_same_case() -> None:
    decision = decide(found(ruling("a", 2), ruling("b", 5, Tier.REVIEW)), situation())
    assert decision is not None
    assert decision.graver is not None
    assert decision.graver.rule == "b"
    assert decision.silence is Silence.NONE


def test_a_lesser_doubt_does_not() -> None:
    decision = decide(found(ruling("a", 5), ruling("b", 2, Tier.REVIEW)), situation())
    assert decision is not None
    assert decision.graver is None


def test_doubt_alone_goes_to_people() -> None:
    decision = decide(found(ruling("a", 2, Tier.REVIEW)), situation())
    assert decision is not None
    assert (decision.provisional, decision.silence) == (False, Silence.REVIEW)


def test_role_holders_are_reviewed_first() -> None:
    decision = decide(found(ruling("a", 2)), situation(reviewed_first=True))
    assert decision is not None
    assert (decision.provisional, decision.silence) == (False, Silence.STANDING)


@pytest.mark.parametrize(("age", "silence"), [(10, Silence.NONE), (10.1, Silence.STALE)])
def test_what_is_stale_is_not_scolded(age: float, silence: Silence) -> None:
    decision = decide(found(ruling("a", 2)), situation(age=age))
    assert decision is not None
    assert (decision.provisional, decision.silence) == (True, silence)


def test_notices_wait_for_working_time_unless_urgent() -> None:
    calendar = WorkCalendar()
    night = NOW + timedelta(hours=12)
    opening = calendar.next_opening(night)
    assert notice_due(NOW, calendar, quiet_hours=True) == NOW
    assert notice_due(night, calendar, quiet_hours=True) == opening
    assert notice_due(night, calendar, quiet_hours=False) == night
    assert notice_due(night, calendar, quiet_hours=True, urgent=True) == night
