"""What a case costs under another rule, and why it may not stand there."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.procedure.reclassification import Grounds, Refusal, Wish, alike, asked, charged, fits
from rules.procedure.review import Move, Weight

WISH = Wish(Move.CONFIRM, "incivility", Weight.PLAIN, reason=True)
FILED = Grounds("advertising", "trade")


@pytest.mark.parametrize(
    ("wish", "state", "refused"),
    [
        (WISH, "review", None),
        (WISH, "provisional", None),
        (replace(WISH, weight=Weight.LESSER), "review", None),
        (replace(WISH, weight=Weight.REMINDER), "review", None),
        (replace(WISH, weight=Weight.GRAVER), "review", Refusal.UNCLEAR),
        (replace(WISH, weight=Weight.UNCLEAR), "review", Refusal.UNCLEAR),
        (replace(WISH, move=Move.DISMISS), "review", Refusal.NO_MOVE),
        (replace(WISH, move=Move.UNDO), "confirmed", Refusal.NO_MOVE),
        (replace(WISH, rule=""), "review", Refusal.NO_RULE),
        (replace(WISH, reason=False), "review", Refusal.NO_REASON),
        (WISH, "shadow", Refusal.ON_TRIAL),
    ],
)
def test_what_may_be_asked_for(wish: Wish, state: str, refused: Refusal | None) -> None:
    assert asked(wish, state) is refused


@pytest.mark.parametrize(
    ("other", "named", "in_force", "refused"),
    [
        (Grounds("incivility", "abuse"), False, True, None),
        (Grounds("incivility", "abuse"), False, False, Refusal.NOT_IN_FORCE),
        (Grounds("advertising", "trade"), True, True, Refusal.SAME),
        (Grounds("advertising", "other"), False, True, Refusal.SAME),
        (Grounds("advertising", "other"), True, True, None),
        (Grounds("banned_words", "gambling"), False, True, Refusal.JOINED),
    ],
)
def test_what_fits(other: Grounds, named: bool, in_force: bool, refused: Refusal | None) -> None:
    assert fits(FILED, other, graver="banned_words", named=named, in_force=in_force) is refused


def test_what_is_about_no_message_stands_for_nothing_else() -> None:
    apart = {"late_answer", "nickname"}
    assert alike(("advertising", "incivility"), apart) is None
    for rules in (("late_answer", "advertising"), ("advertising", "nickname"), ("nickname", "late_answer")):
        assert alike(rules, apart) is Refusal.OTHER_GROUNDS


@pytest.mark.parametrize(
    ("points", "filed", "entries", "told", "lesser", "cost"),
    [
        (4, 2, (-2,), True, False, 2),
        (4, 2, (-2,), False, False, 4),
        (4, 2, (), False, True, 2),
        (1, 2, (-2,), True, False, 1),
        (4, 0, (), True, False, 0),
        (5, 2, (-4, 4), True, False, 4),  # an earlier decision told of four
        (5, 2, (-4, 4), True, True, 2),
    ],
)
def test_what_it_costs(
    points: int, filed: int, entries: tuple[int, ...], told: bool, lesser: bool, cost: int
) -> None:
    assert charged(points, filed, entries, told=told, lesser=lesser) == cost


@given(st.integers(0, 9), st.integers(0, 9), st.booleans())
def test_whoever_was_told_never_pays_more_than_that(points: int, filed: int, lesser: bool) -> None:
    cost = charged(points, filed, (-filed,) if filed else (), told=True, lesser=lesser)
    assert 0 <= cost <= min(points, filed)
