"""Words in disguise: what is guessed, what is not, and that a guess never lies about where it stands."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from rules.core.load_reading import DISGUISED, load_reader, load_terms
from rules.reading.disguise import Disguise
from rules.reading.unmask import LONGEST, MOST, SEARCHED, SHORTEST

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))
from evasions import EVASIONS, evaded

AMONG = "加微信abc12345，{}，名额有限，扫码进群"
"""Something is wrong with it already, so that disguises are looked for in earnest."""


READER = load_reader()


@pytest.mark.parametrize(
    ("text", "word", "how"),
    [
        ("耍丹返利", "刷单", Disguise.SOUND),
        ("徽倌联系", "微信联系", Disguise.LOOK),
        ("贷kuan秒到", "贷款", Disguise.PINYIN),
        ("daikuan秒到", "贷款", Disguise.PINYIN),
        ("dai kuan 秒到", "贷款", Disguise.PINYIN),
        ("d a i k u a n 秒到", "贷款", Disguise.PINYIN),
        ("亻弋贝款秒到", "贷款", Disguise.PARTS),
        ("人弋贝款秒到", "贷款", Disguise.PARTS),
        ("贝者博网站", "赌博网站", Disguise.PARTS),
        ("单刷返现", "刷单", Disguise.BACKWARDS),
        ("曰吉兼职", "日结兼职", Disguise.LOOK | Disguise.SOUND),
    ],
)
def test_a_word_is_guessed_by(text: str, word: str, how: Disguise) -> None:
    assert READER.unmasker is not None
    plain = READER.table.fold(text)
    guesses = READER.unmasker.guesses(plain, READER.table.origin(text), thorough=True)
    found = [guess for guess in guesses if guess.word == word]
    if word in READER.unmasker.words:
        assert [guess.how & how for guess in found] == [guess.how for guess in found] != []


@pytest.mark.parametrize(
    ("text", "guessed"), [("反应釜pH 7.2，继续滴加", False), ("反应釜pH，继续滴加", True)]
)
def test_letters_before_a_decimal_fraction_are_what_was_measured(text: str, *, guessed: bool) -> None:
    plain, origin = READER.table.fold(text), READER.table.origin(text)
    assert READER.unmasker is not None
    guesses = READER.unmasker.guesses(plain, origin, thorough=True)
    assert any(plain[guess.start : guess.end] == "ph" for guess in guesses) is guessed


@pytest.mark.parametrize(
    "text",
    [
        "今天下午三点开会，请大家准时参加",
        "货款已付，请财务部核对",
        "请把威信的问题想清楚",
        "jd和dk两个库都要升级",
        "会员系统的api文档在wiki上",
        "北京出租车的地址发我",
    ],
)
def test_ordinary_language_is_not_taken_for_a_disguise(text: str) -> None:
    reading = READER.read(text)
    assert not any(view.odd for view in reading.views)


WORDS = sorted(
    {
        term.word
        for term in load_terms()
        if term.rule in DISGUISED
        and term.weight > 0
        and not (term.allow or term.open)
        and SHORTEST <= len(term.word) <= LONGEST
        and all("\u4e00" <= sign <= "\u9fff" for sign in term.word)
    }
)


@settings(max_examples=2_000, deadline=None)
@given(st.sampled_from(WORDS), st.sampled_from(sorted(EVASIONS)), st.integers(0, 3))
@example("贷款", "initials", 0)
@example("兼职刷单", "split", 1)
@example("没带脑子", "split", 0)
@example("脑子里全是屎", "split", 1)
def test_every_listed_word_is_found_under_every_evasion(word: str, kind: str, seed: int) -> None:
    text = AMONG.format(word)
    start = text.index(word, 10)
    shown = evaded(text, [(start, start + len(word))], kind, str(seed))
    if kind in ("shape", "homophone"):  # what folding makes of a character is what it is
        assume(all(READER.table.fold(sign) == sign for sign in shown[start : start + len(word)]))
    reading = READER.read(shown)
    begin, end = start, len(shown) - (len(text) - start - len(word))
    if kind == "spaces_everywhere":
        begin, end = 2 * start - 1, 2 * (start + len(word))
    # Nothing is read into what an allow-phrase covers: 扫码枪够 is not 扫码抢购.
    assume(READER.lexicon.spared(reading.plain, reading.origin).isdisjoint(range(begin, end)))
    spans = [(hit.start, hit.end) for hit in reading.hits if hit.term.weight > 0]
    for view in reading.views:
        spans += [view.back(hit.start, hit.end) for hit in view.reading.hits if hit.term.weight > 0]
    assert any(first < end and begin < last for first, last in spans), shown


@settings(max_examples=2_000, deadline=None)
@given(
    st.lists(
        st.sampled_from([*"加微信代开贷款女马亻言wxdk12 ，。❤\u200b「」[]", "刷单", "weixin", "今天开会"]),
        max_size=40,
    )
)
def test_a_guess_points_at_what_it_replaces(pieces: list[str]) -> None:
    text = "".join(pieces)
    for view in READER.read(text).views:
        restored = view.reading.original
        if view.letters:
            assert restored == text
            assert not view.pieces
            continue
        last = 0
        assert 0 < len(view.pieces) <= MOST
        for (start, end), (first, after) in view.pieces:
            assert last <= first < after <= len(text)
            assert view.back(start, end) == (first, after)
            assert restored[start:end] != text[first:after]
            last = after
        for index in range(len(restored)):
            first, after = view.back(index, index + 1)
            assert 0 <= first < after <= len(text)
            if not view.guessed(index, index + 1):
                assert text[first:after] == restored[index]


def test_beyond_the_length_that_is_searched_nothing_is_guessed() -> None:
    assert READER.unmasker is not None
    text = "今天开会，" * SEARCHED + "耍丹"
    plain = READER.table.fold(text)
    assert READER.unmasker.guesses(plain, range(len(plain)), thorough=True) == ()


def test_every_way_to_read_a_text_is_kept_the_most_telling_first() -> None:
    text = "亻尔就是个费物，滚"
    views = READER.read(text).views
    assert len({view.reading.original for view in views}) == len(views) > 1
    assert any(view.deciphered for view in views)
    assert any(not view.deciphered for view in views)
