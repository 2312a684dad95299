"""Explaining a judgement: it never says otherwise than the judge, and shows what the judge throws away."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from fakes.shipped import shipped
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.core.book import Rulebook
from rules.core.explain import Explanation, RuleView, explain
from rules.core.judge import judge
from rules.core.load import load_book
from rules.core.model import Context, Member, Message, Verdict
from rules.core.options import BookOptions, LexiconOptions
from rules.reading.reading import Fate

BOOK = shipped()
QUOTE = "「李强：赌博网站」\n- - - - - - - - - - - - - - -\n"


def explained(text: str, book: Rulebook = BOOK) -> Explanation:
    message = Message(text)
    return explain(book, message, Context(book.reader.read(text), book.calendar))


def fates(text: str, rule: str = "banned_words", book: Rulebook = BOOK) -> dict[str, Fate]:
    return {
        match.term.word: match.fate
        for match in explained(text, book).text.matches
        if match.term.rule == rule and match.term.category not in ("offer", "context")
    }


def view(text: str, rule: str, book: Rulebook = BOOK) -> RuleView:
    found = explained(text, book).rule(rule)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "word", "fate"),
    [
        ("推荐赌博网站", "赌博网站", Fate.HIT),
        ("推荐赌博网站", "赌博", Fate.LONGER),
        ("请到路口交通岗集合", "口交", Fate.NO_WORD),
        ("赌 博 网 站", "赌博网站", Fate.HIT),
        (QUOTE + "不要去赌博", "赌博", Fate.HIT),
    ],
)
def test_it_says_why_a_word_counts_or_not(text: str, word: str, fate: Fate) -> None:
    assert fates(text)[word] is fate


def test_it_shows_how_a_disguised_text_was_read() -> None:
    assert explained("亻尔也酉己？").text.meant == ("你也配？",)
    assert explained("今天下午三点开会，请大家准时参加").text.meant == ()


def test_it_says_which_allow_phrase_beat_a_word() -> None:
    book = load_book(BookOptions(lexicon=LexiconOptions(allow=("反赌博网站讲座",))))
    found = fates("参加反赌博网站讲座", book=book)
    assert found["反赌博网站讲座"] is Fate.ALLOWS
    assert found["赌博网站"] is Fate.ALLOWED
    split = fates("参加反 赌博网站讲座", book=book)
    assert split["反赌博网站讲座"] is Fate.SPLIT
    assert split["赌博网站"] is Fate.HIT


def test_spans_of_matches_point_into_the_original_behind_a_quote() -> None:
    text = QUOTE + "推荐[爱心]赌博网站"
    matches = explained(text).text.matches
    (hit,) = [match for match in matches if match.term.word == "赌博网站"]
    assert text[hit.start : hit.end] == "赌博网站"


def test_every_view_of_a_text() -> None:
    text = explained(QUOTE + "加薇❤信，立 刻").text
    assert (text.quoted, text.typed, text.plain) == ("李强", "加薇❤信，立 刻", "加薇信立刻")
    assert "".join(text.words) == text.plain
    assert [text.original[place] for place in text.places] == list("加薇信立刻")


def test_a_finding_below_the_bars_is_shown_with_its_confidence() -> None:
    found = view("保安部今天严禁赌博", "banned_words")
    assert found.verdict is Verdict.CLEAN
    assert found.findings[0].category == "gambling"
    assert found.findings[0].tier is None
    assert 0 < found.findings[0].confidence < found.bars.review
    assert found.findings[0].clause == "3.1d"


def test_it_says_what_is_not_known() -> None:
    found = view("在吗", "flooding")
    assert found.verdict is Verdict.UNKNOWN
    assert found.lacking == ("sender", "sent_at")


def test_a_rule_that_is_off_is_not_asked() -> None:
    book = replace(BOOK, entries=tuple(replace(entry, enabled=False) for entry in BOOK.entries))
    assert {one.verdict for one in explained("推荐赌博网站", book).rules} == {Verdict.OFF}
    assert not any(one.findings for one in explained("推荐赌博网站", book).rules)


def test_there_is_no_explanation_of_a_rule_that_is_not_there() -> None:
    assert explained("早").rule("no_such_rule") is None


HARD = st.text(
    st.sampled_from(list("赌博网站口交路通岗加薇信 　，。[爱心]「」：\n-\u200b\u202e❤138@.aA⑨")), max_size=60
)


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.text(max_size=80), HARD))
def test_it_never_says_otherwise_than_the_judge(text: str) -> None:
    sender = Member("p", "张三", "市场部张三")
    message = Message(text, sender=sender, room_id="r", sent_at=datetime(2026, 10, 13, 2, 0, tzinfo=UTC))
    context = Context(BOOK.reader.read(text), BOOK.calendar)
    found = explain(BOOK, message, context)
    outcomes = judge(BOOK, message, context).outcomes
    assert [(one.rule, one.verdict) for one in found.rules] == [(one.rule, one.verdict) for one in outcomes]
    for one, outcome in zip(found.rules, outcomes, strict=True):
        sure = [
            (finding.category, finding.confidence) for finding in one.findings if finding.tier is not None
        ]
        assert sorted(sure) == sorted((ruling.category, ruling.confidence) for ruling in outcome.rulings)
    hits = {(match.term, match.start, match.end) for match in found.text.matches if match.fate is Fate.HIT}
    assert hits == {(hit.term, hit.start, hit.end) for hit in context.reading.hits}
