"""What was written from back to front, and words in letters: what is found, what is left alone."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.core.load_reading import load_language, load_reader
from rules.reading.decipher import PRICES
from rules.reading.disguise import Disguise
from rules.reading.turned import turned

READER, LANGUAGE = load_reader(), load_language()
PRICE = PRICES[Disguise.BACKWARDS]


@pytest.mark.parametrize(
    ("text", "stretch"),
    [
        ("需要的朋友系联我", "系联我"),
        ("请大家时准加参", "时准加参"),
        ("今天的会还是室议会大三楼开", "室议会大"),
    ],
)
def test_a_stretch_that_is_likelier_the_other_way_round_is_found(text: str, stretch: str) -> None:
    plain = READER.table.fold(text)
    start = plain.index(stretch)
    assert set(range(start, start + len(stretch))) <= turned(LANGUAGE, plain, PRICE)


@pytest.mark.parametrize(
    "text",
    [
        "今天下午三点开会，请大家准时参加",
        "合同已经发到邮箱，请财务部核对以后盖章",
        "上海自来水来自海上",
        "人人为我，我为人人",
        "",
        "好",
    ],
)
def test_ordinary_talk_is_not_turned(text: str) -> None:
    assert turned(LANGUAGE, READER.table.fold(text), PRICE) == set()


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from("你好吗今天开会人大的是一 ab1，"), max_size=60))
def test_only_stretches_of_chinese_characters_are_turned(text: str) -> None:
    plain = READER.table.fold(text)
    found = turned(LANGUAGE, plain, PRICE)
    assert all(plain[at] not in " ab1" for at in found)
    assert all({at - 1, at + 1} & found for at in found)  # nothing is turned by itself


def guessed(text: str, how: Disguise) -> set[str]:
    """The words that are taken for meant, and disguised so, in any way to read a text that is doubted already."""
    assert READER.unmasker is not None
    plain = READER.table.fold(text)
    found = READER.unmasker.guesses(plain, READER.table.origin(text), doubted=True, attack=True)
    return {guess.word for guess in found if guess.how is how and not guess.weak}


@pytest.mark.parametrize(
    ("text", "word"),
    [("你说的话太心恶人了", "恶心"), ("我看他就是个种杂，尤其是今天", "杂种")],
)
def test_two_characters_are_turned_where_the_language_says_so(text: str, word: str) -> None:
    assert word in guessed(text, Disguise.BACKWARDS)


@pytest.mark.parametrize("text", ["人大代表今天来调研", "小人书还给图书馆了", "请注意心脏的位置"])
def test_words_that_read_both_ways_stay_as_they_are(text: str) -> None:
    assert guessed(text, Disguise.BACKWARDS) == set()


def lettered(text: str, *, attack: bool) -> set[str]:
    """The words whose first letters stand in a doubted text."""
    assert READER.unmasker is not None
    plain = READER.table.fold(text)
    found = READER.unmasker.guesses(plain, READER.table.origin(text), doubted=True, attack=attack)
    return {guess.word for guess in found if guess.how is Disguise.INITIAL}


def test_which_of_several_words_is_meant_depends_on_what_the_text_reads_like() -> None:
    assert lettered("你连rz都不如", attack=True) & {"弱智", "人渣"}
    assert lettered("公司rz到账以后再付", attack=False) == {"融资"}


def test_letters_that_are_a_listed_word_backwards_are_found() -> None:
    assert READER.unmasker is not None
    found = READER.unmasker.guesses("lsmn，天天催催催", range(10))
    assert [(guess.word, guess.how, guess.weak) for guess in found] == [("nmsl", Disguise.BACKWARDS, True)]
