"""What rumours, announcements and idle talk may come to: people decide about them, however sure a machine is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from rules.core.book import Rulebook
from rules.core.context import Windows
from rules.core.example_roster import STAFF
from rules.core.load import load_rules
from rules.core.model import Finding, Member, Message, Tier
from rules.off_topic import READS_SO
from rules.reading.classify import SILENT
from rules.reading.reading import Reading

CERTAIN = {"rumour": 1.0, "announcement": 1.0, "off_topic": 1.0}
NOTHING = dict.fromkeys(CERTAIN, 0.0)
HEARSAY = "内部消息，听说公司要裁员，老板跑路了，死了好几个人，别外传，快转给家人，千万别说是我说的"
DECISION = "经公司研究决定，即日起全员降薪，取消年终奖，撤销市场部，任命张三为总监，违者罚款，特此通知"
CHAT = "昨晚国足那个点球误判气死我了，你们看了没，股票又跌停，星座运势说水逆，哈哈，给大家讲个笑话"


def findings(book: Rulebook, rule: str, text: str, scores: dict[str, float]) -> Iterator[Finding]:
    message = Message(text, sender=Member("x", "张三"))
    context = Windows().look(message, book)
    reading = replace(context.reading, scores={**context.reading.scores, **scores})
    entry = book.entry(rule)
    yield from entry.rule(message, replace(context, reading=reading), entry.settings)


@pytest.mark.parametrize("scores", [CERTAIN, NOTHING], ids=["certain", "nothing"])
@pytest.mark.parametrize(
    ("rule", "text"), [("rumour", HEARSAY), ("unapproved_announcement", DECISION), ("off_topic", CHAT)]
)
def test_these_go_to_people_at_most_however_sure_it_is(
    rule: str, text: str, scores: dict[str, float], book: Rulebook
) -> None:
    (found,) = findings(book, rule, text, scores)
    assert book.entry(rule).bars.tier(found.confidence) is Tier.REVIEW


@pytest.mark.parametrize("rule", ["rumour", "unapproved_announcement"])
def test_their_own_bars_let_nothing_through_to_a_violation(rule: str) -> None:
    declared = next(one for one in load_rules() if one.id == rule)
    assert declared.bars.violation == 1.0


@pytest.mark.parametrize("text", ["今天下午三点开会", "零件编号三零七", "好的"])
def test_a_score_alone_brings_nothing_to_the_public(text: str, book: Rulebook) -> None:
    for rule in ("rumour", "unapproved_announcement", "off_topic"):
        for found in findings(book, rule, text, CERTAIN):
            assert book.entry(rule).bars.tier(found.confidence) is not Tier.VIOLATION


@pytest.mark.parametrize("text", ["麻烦给我女儿投一票，萌宝大赛12号选手", "转发到十个群必有好运，不转会倒霉"])
def test_votes_and_chain_letters_are_clear_by_their_words_and_read_like_it(text: str, book: Rulebook) -> None:
    silent = NOTHING | {"advertising": 0.0, "peddling": 0.0}
    for scores, tier in ((silent, Tier.REVIEW), (silent | {"off_topic": READS_SO}, Tier.VIOLATION)):
        (found,) = findings(book, "off_topic", text, scores)
        assert book.entry("off_topic").bars.tier(found.confidence) is tier


@pytest.mark.parametrize(
    ("text", "category"), [("出售冰毒，量大优惠", "drugs"), ("推荐个赌博网站，注册就送", "gambling")]
)
def test_a_listed_word_decides_where_the_text_reads_like_it_as_a_whole_or_at_the_word(
    text: str, category: str, book: Rulebook
) -> None:
    context = Windows().look(Message(text), book)
    rule = book.entry("banned_words").rule
    settings = book.entry("banned_words").settings

    def tier(reading: Reading) -> Tier | None:
        found = list(rule(Message(text), replace(context, reading=reading), settings))
        sure = max(one.confidence for one in found if one.category == category)
        return book.entry("banned_words").bars.tier(sure)

    unlike = replace(context.reading, scores={}, views=())
    assert tier(context.reading) is Tier.VIOLATION
    assert tier(unlike) is Tier.VIOLATION
    assert tier(replace(unlike, classifier=SILENT)) is Tier.REVIEW


def test_what_the_bot_posted_after_approval_may_be_repeated(book: Rulebook) -> None:
    (bare,) = findings(book, "unapproved_announcement", DECISION, {"announcement": 0.7})
    repeated = findings(
        book, "unapproved_announcement", f"{DECISION}\n（G-7K3QW，已经审批）", {"announcement": 0.7}
    )
    assert all(found.confidence < bare.confidence for found in repeated)


def test_a_head_is_looked_at_where_the_company_wants_it(book: Rulebook) -> None:
    entry = book.entry("unapproved_announcement")
    settings = entry.settings.model_validate({"heads": True})
    message = Message(DECISION, sender=Member("x", "李四", employee_no="1002"))
    context = Windows().look(message, replace(book, roster=STAFF))
    assert not list(entry.rule(message, context, entry.settings))
    assert list(entry.rule(message, context, settings))
    left = replace(message, sender=Member("x", "李四", employee_no="1001"))
    assert list(entry.rule(left, context, entry.settings))
