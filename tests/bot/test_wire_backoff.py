"""Pauses between reconnects."""

from __future__ import annotations

from bot.gateway.wire.stream import Backoff


def test_pauses_double_up_to_the_longest_and_begin_again_after_a_reset() -> None:
    backoff = Backoff(0.5, 10, chance=lambda: 1.0)
    assert [backoff.pause() for _ in range(7)] == [0.5, 1, 2, 4, 8, 10, 10]
    backoff.reset()
    assert backoff.pause() == 0.5


def test_jitter_takes_at_most_a_quarter() -> None:
    backoff = Backoff(0.5, 10, chance=lambda: 0.0)
    assert [backoff.pause() for _ in range(3)] == [0.375, 0.75, 1.5]
