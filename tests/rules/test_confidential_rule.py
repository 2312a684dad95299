"""What a company may set for the rule `confidential`, and that it never says what it found."""

from __future__ import annotations

from datetime import UTC, datetime
from time import process_time
from typing import Any

import pytest

from rules.core.book import Rulebook
from rules.core.context import Windows
from rules.core.judge import judge
from rules.core.load import load_book
from rules.core.model import Message, Outcome, Tier, Verdict
from rules.core.options import BookOptions, OptionsError, RuleOptions
from rules.core.rehearse import outcome

ID = "110101199003070011"
SECRETS = (ID, "6222020200112233446", "Qg#2026run", "AKIAIOSFODNN7EXAMPL3", "13800001111", "滨江花园5栋1201")
LEAK = (
    "客户王芳 13800001111 住址滨江花园5栋1201，身份证110101199003070011，工行卡号6222020200112233446，"
    "密码：Qg#2026run，key AKIAIOSFODNN7EXAMPL3，【机密】底价定在1280万"
)


def set_to(**settings: Any) -> Rulebook:
    return load_book(BookOptions(rules={"confidential": RuleOptions(settings=settings)})).only(
        ["confidential"]
    )


def said(book: Rulebook, text: str) -> Outcome:
    message = Message(text)
    return outcome(judge(book, message, Windows().look(message, book)), "confidential")


def test_one_message_gives_one_finding_a_category_and_tells_nothing_of_what_it_found(book: Rulebook) -> None:
    rulings = said(book, LEAK).rulings
    assert {ruling.category for ruling in rulings} == {"marking", "identity", "credential", "business"}
    for ruling in rulings:
        assert (ruling.clause, ruling.points) == ("5.3", 5)
        told = ruling.reason + ruling.signs
        assert "{" not in told
        assert not any(secret in told for secret in SECRETS)
    shown = {LEAK[slice(*span)] for ruling in rulings for span in ruling.spans}
    assert set(SECRETS[:4]) <= shown


@pytest.mark.parametrize("category", ["marking", "identity", "credential", "business"])
def test_each_category_can_be_switched_off(category: str) -> None:
    rulings = said(set_to(**{category: False}), LEAK).rulings
    assert {"marking", "identity", "credential", "business"} - {ruling.category for ruling in rulings} == {
        category
    }


def test_words_about_business_never_reach_a_violation(book: Rulebook) -> None:
    text = "客户名单如下，底价定在1280万，标底850万，薪资明细见附件，成本价12元，源代码打包发群里了，产品配方：A料30%"
    (ruling,) = said(book, text).rulings
    assert (ruling.category, ruling.tier) == ("business", Tier.REVIEW)


def test_the_company_looks_for_what_is_its_own() -> None:
    own = set_to(
        patterns=[
            {"name": "项目代号", "pattern": "(?i)青鸾-[a-z]{2}[0-9]{4}", "tier": "violation"},
            {"name": "合同号", "pattern": "XM[0-9]{6}"},
        ]
    )
    (sure,) = said(own, "\U00020000青鸾－Ab２０２６ 出图了").rulings
    assert (sure.category, sure.tier, sure.signs) == ("company", Tier.VIOLATION, "疑似：项目代号")
    assert sure.spans == ((1, 10),)
    assert said(own, "合同XM202601盖章").rulings[0].tier is Tier.REVIEW
    assert said(own, "青鸾火锅店集合 \ud800").verdict is Verdict.CLEAN


def test_a_safe_word_leaves_it_to_people() -> None:
    own = set_to(safe_words=["沙箱 Sandbox"])
    assert said(own, f"沙箱ＳＡＮＤＢＯＸ里的客户 {ID}").verdict is Verdict.REVIEW
    assert said(own, f"客户 {ID}").verdict is Verdict.VIOLATION


def test_from_how_many_customers_on_the_bot_acts_is_set() -> None:
    two = "客户张伟 13800001111\n客户李娜 13900002222"
    assert said(set_to(), two).verdict is Verdict.REVIEW
    assert said(set_to(people=2), two).verdict is Verdict.VIOLATION


def test_a_birthday_of_late_is_rather_that_of_an_order(book: Rulebook) -> None:
    def at(text: str) -> Verdict:
        message = Message(text, sent_at=datetime(2026, 3, 10, tzinfo=UTC))
        return outcome(judge(book, message, Windows().look(message, book)), "confidential").verdict

    assert at("330106202403150018 到了") is Verdict.REVIEW
    assert at("身份证330106202403150018") is Verdict.VIOLATION


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        ("(内部", "brackets must pair up"),
        ("项目(?=代号)", "look-around"),
        ("(?:项目)*", "every message"),
        (".+", "narrower"),
        ("(?i)ok", "narrower"),
        ("  ", "empty"),
        ("代号" * 101, "split it"),
        ("((a{100}){100}){100}", "RE2 refuses"),
    ],
)
def test_a_pattern_that_can_not_be_used_is_told_with_its_key_and_a_remedy(pattern: str, told: str) -> None:
    with pytest.raises(OptionsError, match=told) as refused:
        set_to(patterns=[{"name": "好的", "pattern": "代号[0-9]+"}, {"name": "坏的", "pattern": pattern}])
    (mistake,) = refused.value.mistakes
    assert mistake.path == ("rules", "confidential", "settings", "patterns", 1, "pattern")
    assert pattern.strip() not in str(mistake) or not pattern.strip()


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        ({"patterns": [{"name": "x", "pattern": "代号[0-9]"}] * 51}, "patterns"),
        ({"patterns": [{"name": "x", "pattern": "代号[0-9]", "teir": "review"}]}, "teir"),
        ({"patterns": [{"name": "", "pattern": "代号[0-9]"}]}, "name"),
        ({"safe_words": ["\u200b\u200b"]}, "safe_words"),
        ({"people": 1}, "people"),
    ],
)
def test_what_would_do_nothing_or_too_much_is_refused(settings: dict[str, Any], key: str) -> None:
    with pytest.raises(OptionsError, match=key):
        set_to(**settings)


def test_patterns_stay_linear_in_hostile_texts() -> None:
    own = set_to(patterns=[{"name": "x", "pattern": "(代+)+号[0-9]"}])
    begin = process_time()
    assert said(own, "代" * 20_000).verdict is Verdict.CLEAN
    assert process_time() - begin < 2
