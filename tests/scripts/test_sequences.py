"""Counting what follows what."""

from __future__ import annotations

import math

import pytest
from sequences import DISCOUNT, LEAST, sequences

from rules.reading.language import STEP, Language


def test_what_is_seen_often_enough_is_kept_at_its_price() -> None:
    rows = sequences([("我们", 8), ("我的", 2)])
    assert rows[""].after == "我们"
    assert rows["我"].after == "们"  # 的 stands there too seldom
    assert rows["我"].levels[0] * STEP == pytest.approx(-math.log((8 - DISCOUNT) / 10), abs=STEP)
    assert "们" not in rows


def test_the_most_common_comes_first_and_equals_in_order() -> None:
    rows = sequences([("甲乙", 5), ("甲丙", 5), ("甲丁", 9)])
    assert rows["甲"].after == "丁丙乙"


def test_digits_are_all_alike() -> None:
    assert sequences([("第3名", 5), ("第8名", 5)])["第"].after == "0"


def test_what_was_not_seen_costs_more_than_what_was() -> None:
    language = Language(sequences([("我们的", 20), ("你们好", 20), ("我", 1)]))
    assert language.cost("我", "们") < language.cost("我", "好") < language.cost("我", "龘")
    assert language.cost("我们", "的") < language.cost("你们", "的")


def test_groups_of_three_need_more_than_pairs() -> None:
    pair, three = LEAST[1], LEAST[2]
    rows = sequences([("甲乙丙", max(pair, three - 1))])
    assert rows["乙"].after == "丙"
    assert "甲乙" not in rows
