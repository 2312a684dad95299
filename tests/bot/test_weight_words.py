"""从轻, 从重 and 仅提醒 as reviewers type them."""

from __future__ import annotations

import pytest

from bot.commands.weights import renamed, weighed
from rules.procedure.review import Move, Weight


@pytest.mark.parametrize(
    ("line", "weight", "reason"),
    [
        ("", Weight.PLAIN, ""),
        ("属实", Weight.PLAIN, "属实"),
        ("从轻", Weight.LESSER, ""),
        ("Lesser 初犯", Weight.LESSER, "初犯"),
        ("屡犯 從重", Weight.GRAVER, "屡犯"),
        ("仅提醒 初犯", Weight.REMINDER, "初犯"),
        ("只提醒 初犯从轻", Weight.REMINDER, "初犯从轻"),
        ("仅提醒 从轻", Weight.REMINDER, ""),
        ("仅提醒 从重", Weight.UNCLEAR, ""),
        ("从轻 从重", Weight.UNCLEAR, ""),
        ("酌情从轻", Weight.UNCLEAR, "酌情从轻"),
        ("不扣分", Weight.UNCLEAR, "不扣分"),
        ("只扣1分", Weight.UNCLEAR, "只扣1分"),
        ("仅作提醒", Weight.UNCLEAR, "仅作提醒"),
        ("从轻轨站发来", Weight.PLAIN, "从轻轨站发来"),
        ("从重庆发来", Weight.PLAIN, "从重庆发来"),
        ("经提醒仍未改", Weight.PLAIN, "经提醒仍未改"),
    ],
)
def test_what_a_confirmation_says(line: str, weight: Weight, reason: str) -> None:
    assert weighed(line.split(), Move.CONFIRM) == (weight, reason.split())


@pytest.mark.parametrize("move", [Move.DISMISS, Move.UNDO])
def test_elsewhere_only_a_word_alone_is_meant(move: Move) -> None:
    assert weighed(["不扣分"], move) == (Weight.PLAIN, ["不扣分"])
    assert weighed(["从轻"], move) == (Weight.LESSER, [])


@pytest.mark.parametrize(
    ("words", "rule", "rest"),
    [
        ("属实", None, "属实"),
        ("改为 刷屏 重复多次", "刷屏", "重复多次"),
        ("改為 flooding 从轻 重复多次", "flooding", "从轻 重复多次"),
        ("属实 改为 刷屏", "刷屏", "属实"),
        ("改为刷屏 重复多次", "刷屏", "重复多次"),
        ("Reclassify flooding repeated", "flooding", "repeated"),
        ("改为", "", ""),
        ("已改为内部通知", None, "已改为内部通知"),
    ],
)
def test_under_which_other_rule_a_case_is_confirmed(words: str, rule: str | None, rest: str) -> None:
    assert renamed(words.split(), Move.CONFIRM) == (rule, rest.split())


def test_in_a_dismissal_only_the_word_alone_asks_for_another_rule() -> None:
    assert renamed(["改为内部通知"], Move.DISMISS) == (None, ["改为内部通知"])
    assert renamed(["改为", "刷屏"], Move.DISMISS) == ("刷屏", [])
