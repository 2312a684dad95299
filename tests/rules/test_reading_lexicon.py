"""The lexicon: what counts as a word where it stands, and which of several hits counts."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from fakes.shipped import shipped

from rules.core.load_reading import load_reader, load_table, load_terms
from rules.reading.lexicon import Lexicon, LexiconError, parse_lexicon
from rules.reading.reader import Reader, Term
from rules.reading.segment import word_starts

TABLE = load_table()


def term(word: str, rule: str = "test", weight: float = 1.0, allow: bool = False) -> Term:
    return Term(word, rule, "c", weight, allow, "a test")


WORDS = ("推广", "枪", "加微信", "加v", "vx", "毒品", "毒", "刷单", "日结工资")


@pytest.fixture(scope="module")
def reader() -> Reader:
    return load_reader([*map(term, WORDS), term("扫码枪", allow=True), term("毒", "other")])


def found(reader: Reader, text: str, rule: str = "test") -> list[str]:
    return [text[hit.start : hit.end] for hit in reader.read(text).of(rule)]


@pytest.mark.parametrize(
    ("text", "hits"),
    [
        ("本群禁止推广产品", ["推广"]),
        ("需求增加微信登录", []),
        ("请加微信群", ["加微信"]),
        ("需求增加。微信端要改", []),
        ("加，微，信", ["加，微，信"]),
        ("加 微 信", ["加 微 信"]),
        ("加❤微·信", ["加❤微·信"]),
        ("dev xyz", []),
        ("加 Vx1", []),
        ("用vx吧", ["vx"]),
        ("字段 vx_id 改名", []),
        ("我的_vx_在这", ["vx"]),
        ("VX: abc", ["VX"]),
        ("svxn", []),
        ("加V13800001111", ["加V"]),
        ("加value", []),
        ("扫码枪坏了", []),
        ("扫码枪和枪", ["枪"]),
        ("扫码。枪来了", ["枪"]),
        ("买毒品", ["毒品"]),
        ("日结工资条", ["日结工资"]),
    ],
)
def test_what_is_a_word_where_it_stands(reader: Reader, text: str, hits: list[str]) -> None:
    assert found(reader, text) == hits


@pytest.mark.parametrize(
    ("text", "hits"),
    [
        ("请到路口交通岗", []),
        ("明天进口交货", []),
        ("路 口交 通", ["口交"]),
        ("口交", ["口交"]),
    ],
)
def test_characters_of_two_neighbours_are_no_word(reader: Reader, text: str, hits: list[str]) -> None:
    assert found(reader, text, "banned_words") == hits


def test_each_rule_has_its_own_longest_hit(reader: Reader) -> None:
    text = "卖毒品"
    assert found(reader, text) == ["毒品"]
    assert found(reader, text, "other") == []  # 毒 alone is no word in 毒品
    assert found(reader, "毒，", "other") == ["毒"]


def test_a_later_term_of_the_same_rule_replaces_an_earlier_one() -> None:
    lexicon = Lexicon([term("推广", weight=0.1), term("推廣", weight=0.9)], TABLE, list)
    (hit,) = Reader(TABLE, lexicon).read("推广").hits
    assert hit.term.weight == 0.9


def test_a_term_that_is_nothing_once_folded_is_refused() -> None:
    with pytest.raises(LexiconError, match="❤"):
        Lexicon([term("❤ ")], TABLE, list)


def test_an_empty_lexicon_finds_nothing() -> None:
    assert Reader(TABLE, Lexicon([], TABLE, list)).read("推广").hits == ()


def test_the_companys_words_come_in_and_unwanted_ones_go() -> None:
    own = load_reader([Term("飞鸟计划", "banned_words", "company")], removed=["百家樂"])
    assert found(own, "飛鳥計劃启动", "banned_words") == ["飛鳥計劃"]
    assert found(own, "百家乐开户", "banned_words") == []
    with pytest.raises(LexiconError, match="不存在的词"):
        load_reader(removed=["不存在的词"])


def test_a_cutter_that_changes_the_text_is_refused() -> None:
    def cut(text: str) -> Sequence[str]:
        return [text, "more"]

    with pytest.raises(ValueError, match="other text"):
        word_starts("推广", TABLE, cut)


# ---- lexicon files

GROUP = {"category": "c", "weight": 0.5, "reason": "why", "words": ["推广", {"word": "毒", "weight": 0.2}]}


def test_a_file_becomes_terms() -> None:
    assert parse_lexicon({"rule": "r", "groups": [GROUP]}, "f") == (
        Term("推广", "r", "c", 0.5, False, "why"),
        Term("毒", "r", "c", 0.2, False, "why"),
    )


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (None, "rule and groups"),
        ({"rule": "r"}, "rule and groups"),
        ({"rule": "", "groups": []}, "rule must"),
        ({"rule": "r", "groups": ["x"]}, "group 1.*mapping"),
        ({"rule": "r", "groups": [GROUP | {"wieght": 1}]}, "wieght"),
        ({"rule": "r", "groups": [GROUP | {"category": ""}]}, "category"),
        ({"rule": "r", "groups": [GROUP | {"allow": "yes"}]}, "true or false"),
        ({"rule": "r", "groups": [GROUP | {"words": []}]}, "not empty"),
        ({"rule": "r", "groups": [GROUP | {"words": [110]}]}, "110"),
        ({"rule": "r", "groups": [GROUP | {"words": [{"word": 110}]}]}, "quotes"),
        ({"rule": "r", "groups": [GROUP | {"words": [{"word": "x", "wight": 1}]}]}, "wight"),
        ({"rule": "r", "groups": [GROUP | {"weight": "much"}]}, "推广"),
        ({"rule": "r", "groups": [GROUP | {"reason": ""}]}, "推广.*reason"),
        ({"rule": "r", "groups": [GROUP, GROUP]}, "group 2.*推广.*twice"),
    ],
)
def test_a_slip_in_a_file_is_told_with_its_place(data: object, told: str) -> None:
    with pytest.raises(LexiconError, match=f"words.yaml.*{told}"):
        parse_lexicon(data, "words.yaml")


def test_no_shipped_word_is_there_in_two_spellings_and_every_one_has_its_reason() -> None:
    seen: dict[tuple[str, str], str] = {}
    for entry in load_terms():
        key = (entry.rule, TABLE.fold(entry.word))
        assert key not in seen, (entry.word, seen.get(key))
        seen[key] = entry.word
        assert entry.reason


def test_every_shipped_allow_phrase_has_something_to_allow() -> None:
    denied = [(entry.rule, TABLE.fold(entry.word)) for entry in load_terms() if not entry.allow]
    for phrase in filter(lambda entry: entry.allow, load_terms()):
        plain = TABLE.fold(phrase.word)
        assert any(rule == phrase.rule and word in plain for rule, word in denied), phrase.word


def test_an_allow_phrase_speaks_for_its_own_rule_alone_and_only_unbroken() -> None:
    terms = [term("枪"), term("枪", "other"), term("扫码枪", allow=True)]
    reader = Reader(TABLE, Lexicon(terms, TABLE, list))
    assert found(reader, "扫码枪") == []
    assert found(reader, "扫码枪", "other") == ["枪"]
    assert found(reader, "扫码 枪") == ["枪"]


def test_every_shipped_word_is_found_where_it_stands_alone() -> None:
    reader = shipped().reader
    for entry in load_terms():
        hits = reader.read(f"，{entry.word}，").of(entry.rule)
        assert entry.allow or [hit.term.word for hit in hits] == [entry.word], entry.word
