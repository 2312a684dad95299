"""When sending pauses, for how long, and what a failure says about the account."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import (
    Absent,
    GatewayError,
    GatewayFault,
    GatewayRefused,
    GatewayUnavailable,
    GatewayUncertain,
    StaleVerification,
    TokenRejected,
)
from bot.pipeline.breaker import Breaker, Pause, Tolerance
from bot.pipeline.failing import of_the_account
from bot.reports.health import Facts, Level, Remembered, Trouble
from bot.reports.operation import traffic
from storage.records import Outgoing
from storage.results import InboxCounts, OutboxCounts

NOW = datetime(2026, 10, 13, 2, tzinfo=UTC)
TOLERANCE = Tolerance(failures=3, first=10.0, longest=60.0)
PUBLIC = Outgoing("r@1", "t", NOW, NOW, kind="notice")
PRIVATE = Outgoing("c1", "t", NOW, NOW, private=True)


def failing(*rows: int, now: float = 0.0) -> Breaker:
    breaker = Breaker()
    for row in rows:
        breaker = breaker.after_failure(row, now, TOLERANCE)
    return breaker


def test_several_messages_open_it_and_one_alone_never_does() -> None:
    assert failing(1, 2).closed
    assert failing(1, 1, 1, 1, 1, 2, 2).closed
    assert not failing(1, 2, 3).closed
    assert failing(1, 2, 1, 3).wait(4.0) == 6.0


def test_each_failed_trial_doubles_the_pause_up_to_the_longest() -> None:
    breaker, now, pauses = failing(1, 2, 3), 0.0, []
    for _ in range(6):
        pauses.append(breaker.wait(now))
        now += breaker.wait(now)
        assert breaker.wait(now) == 0.0
        assert not breaker.closed  # half open: one on trial
        breaker = breaker.after_failure(1, now, TOLERANCE)
    assert pauses == [10.0, 20.0, 40.0, 60.0, 60.0, 60.0]


@given(st.integers(1, 100_000), st.floats(1, 3600), st.floats(1, 86_400))
def test_no_pause_is_longer_than_the_longest(number: int, first: float, longest: float) -> None:
    assert 0 < Tolerance(5, first, longest).pause(number) <= longest


@given(st.datetimes(timezones=st.just(UTC)), st.datetimes(timezones=st.just(UTC)), st.integers(1, 99))
def test_a_pause_reads_back_as_it_was_stored(since: datetime, until: datetime, number: int) -> None:
    pause = Pause(since, until, number)
    assert Pause.read(str(pause)) == pause
    assert Pause.read(None) is None


@pytest.mark.parametrize(
    ("failure", "public", "private"),
    [
        (GatewayUnavailable("away"), False, False),
        (GatewayFault("INTERNAL"), True, True),
        (GatewayUncertain("no answer"), True, True),
        (GatewayRefused("no"), True, False),
        (Absent("no such room"), False, False),
        (TokenRejected("no"), False, False),
        (StaleVerification("unchanged"), False, False),
        (GatewayError("nobody foresaw it"), False, False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_says_something_about_the_account(failure: GatewayError, public: bool, private: bool) -> None:
    assert of_the_account(PUBLIC, failure) is public
    assert of_the_account(PRIVATE, failure) is private


def test_doctor_tells_of_a_pause() -> None:
    outbox, inbox = OutboxCounts(1, 0, 0, None), InboxCounts(0, 0, 5, None)
    pause = Pause(NOW, NOW, 3)
    remembered = Remembered({}, (), None, {}, 0, None, outbox, inbox, (), NOW, pause=pause)
    found = [one for one in traffic(Facts(NOW, Trouble("x"), remembered=remembered)) if "paused" in one.said]
    assert [one.level for one in found] == [Level.WARNING]
