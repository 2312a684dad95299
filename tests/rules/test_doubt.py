"""What only raises a doubt never decides, and what is shown in public alleges nothing."""

from __future__ import annotations

import pytest

from rules.core.book import Rulebook
from rules.core.declare import Said, bad
from rules.core.load import load_rules
from rules.core.model import Ruling, Tier
from rules.core.rehearse import outcome, rehearse

NOTICE = "优惠券核销流程更新：扫一扫顾客二维码，先核销再收款"
JUDGING = ("刷屏", "没有内容", "违禁", "叫卖", "招揽", "躲避", "涉", "黄", "毒", "赌", "广告")


def rulings(text: str, rule: str, book: Rulebook, **known: object) -> tuple[Ruling, ...]:
    return outcome(rehearse(book, bad(text, **known)).final, rule).rulings


@pytest.mark.parametrize("rooms", [1, 3, 10])
@pytest.mark.parametrize("text", [NOTICE, "体检套餐优惠价，员工扫码预约", "周末内购会，全场8折"])
def test_the_same_notice_in_many_rooms_is_never_a_violation_by_that(
    text: str, rooms: int, book: Rulebook
) -> None:
    before = [Said(text, ago=10.0 * (n + 1), room=f"room {n}") for n in range(rooms)]
    found = rulings(text, "advertising", book, before=before)
    assert all(ruling.tier is Tier.REVIEW for ruling in found)


def test_repetition_elsewhere_brings_an_offer_to_people(book: Rulebook) -> None:
    text = "面膜到货，要的说一声"
    before = [Said(text, ago=10.0 * (n + 1), room=f"room {n}") for n in range(3)]
    alone = rulings(text, "advertising", book)
    spread = rulings(text, "advertising", book, before=before)
    assert [ruling.tier for ruling in spread] == [Tier.REVIEW]
    assert spread[0].confidence > max((ruling.confidence for ruling in alone), default=0.0)


def test_a_noun_needs_an_offer_beside_it(book: Rulebook) -> None:
    assert [ruling.tier for ruling in rulings("有人提到冰毒", "banned_words", book)] == [Tier.REVIEW]
    assert [ruling.tier for ruling in rulings("冰毒有货", "banned_words", book)] == [Tier.VIOLATION]
    far = "有人提到冰毒" + "，大家今天下班以前把手上的资料整理一遍再走" * 2 + "，仓库有货"
    assert [ruling.tier for ruling in rulings(far, "banned_words", book)] == [Tier.REVIEW]


def test_a_text_shown_as_somebody_elses_goes_to_people(book: Rulebook) -> None:
    text = "无抵押，当天放款，加V：dk88661"
    assert rulings(text, "advertising", book)[0].tier is Tier.VIOLATION
    assert all(
        ruling.tier is Tier.REVIEW for ruling in rulings(f"客户发来的原话：“{text}”", "advertising", book)
    )


def test_the_public_reason_alleges_nothing_and_the_signs_say_what_was_noticed(book: Rulebook) -> None:
    shown = [
        ruling
        for rule in load_rules()
        for example in rule.examples
        if example.bad
        for ruling in outcome(rehearse(book, example).final, rule.id).rulings
        if rule.id in ("advertising", "banned_words", "flooding")
    ]
    assert len(shown) >= 10
    for ruling in shown:
        assert not any(word in ruling.reason for word in JUDGING), ruling.reason
        assert ruling.signs
        assert "{" not in ruling.signs
        assert ruling.signs != ruling.reason
