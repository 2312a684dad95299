"""How indicators add up, and what a trained score may add to them."""

from __future__ import annotations

import math
import re

import pytest

from rules.core.book import Rulebook
from rules.reading.weighing import (
    HIGHEST,
    LOWEST,
    MOST_OF_A_KIND,
    Indicator,
    asked,
    log_odds,
    probability,
    turns,
    weigh,
    words,
)


def of(*weights: float, kind: str = "x") -> float:
    return weigh(Indicator(kind, weight, (0, 1)) for weight in weights).of([kind])


def test_the_strongest_counts_in_full_and_further_ones_in_part() -> None:
    assert of(1.0, 2.0) == of(2.0, 1.0) == pytest.approx(2.4)
    assert of(-1.0, -2.0) == pytest.approx(-2.4)
    assert of(*[2.0] * 50) == MOST_OF_A_KIND
    assert of(*[-2.0] * 50) == -MOST_OF_A_KIND


def test_kinds_add_up_and_unknown_ones_are_nothing() -> None:
    both = weigh([Indicator("a", 1.0, (3, 5)), Indicator("b", -0.5, (0, 2)), Indicator("a", 1.0, (3, 5))])
    assert both.total == pytest.approx(0.9)
    assert both.of(["a", "c"]) == pytest.approx(1.4)
    assert both.places(["b", "a", "c"]) == ((0, 2), (3, 5))
    assert weigh([]).total == 0


@pytest.mark.parametrize("score", [0.0, 1e-12, 0.1, 0.5, 0.9, 1 - 1e-12, 1.0])
def test_a_score_is_one_witness_and_never_more(score: float) -> None:
    assert LOWEST <= log_odds(score) <= HIGHEST
    if LOWEST < log_odds(score) < HIGHEST:
        assert probability(log_odds(score)) == pytest.approx(score)


def test_a_higher_score_never_counts_less() -> None:
    odds = [log_odds(step / 100) for step in range(101)]
    assert odds == sorted(odds)
    assert log_odds(0.5) == 0
    assert all(math.isfinite(value) for value in odds)


def test_repeating_a_word_is_no_further_evidence(book: Rulebook) -> None:
    once = weigh(words(book.reader.read("听说公司要裁员"), "rumour"))
    often = weigh(words(book.reader.read("听说公司要裁员，听说听说，裁员裁员裁员"), "rumour"))
    assert once.sums == often.sums
    assert once.sums


def test_turns_of_phrase_point_into_the_original(book: Rulebook) -> None:
    reading = book.reader.read("「王总：好的」\n- - - - - - - - - - - - - - -\n就 差 三 票 了")
    (found,) = turns(reading, [(re.compile("差三票"), "vote", 1.0)])
    assert reading.original[slice(*found.span)] == "差 三 票"


@pytest.mark.parametrize(
    ("text", "is_question"),
    [("放假吗？", True), ("放假吗? ", True), ("放假。", False), ("", False), ("真的？是的", False)],
)
def test_what_ends_as_a_question(text: str, is_question: bool, book: Rulebook) -> None:
    assert asked(book.reader.read(text)) is is_question
