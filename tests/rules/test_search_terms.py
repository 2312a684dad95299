"""The terms by which archived texts are found: words first, characters where texts are cut otherwise."""

from __future__ import annotations

import pytest
from fakes.shipped import shipped
from hypothesis import example, given
from hypothesis import strategies as st

from rules.reading.segment import index_terms, loose_terms, search_terms

READER = shipped().reader


def indexed(text: str) -> tuple[str, ...]:
    return index_terms(text, READER.table, READER.lexicon.words_of)


def searched(text: str) -> tuple[str, ...]:
    return search_terms(text, READER.table, READER.lexicon.words_of)


def loosely(text: str) -> tuple[str, ...]:
    return loose_terms(text, READER.table)


def found(query: str, text: str) -> bool:
    return bool(searched(query)) and set(searched(query)) <= set(indexed(text))


TEXT = "国庆节放假安排：10月1日至7日，人力资源部 Hello World v2.5"


@pytest.mark.parametrize(
    "query",
    [
        "国庆",
        "国庆节",
        "放假 安排",
        "國慶節放假",
        "人力资源部",
        "资源",
        "hello",
        "ＷＯＲＬＤ",
        "10",
        "假",
        "v2.5",
        "国\u200b庆",
    ],
)
def test_a_text_is_found_by_its_words(query: str) -> None:
    assert found(query, TEXT)


@pytest.mark.parametrize("query", ["元旦", "国庆 元旦", "ell", "", "  ，。", '"* OR NEAR('])
def test_a_text_is_not_found_by_what_it_does_not_say(query: str) -> None:
    assert not found(query, TEXT)


def test_an_accident_of_neighbours_is_no_word() -> None:
    assert not found("口交", "路口交通安排")
    assert set(loosely("口交")) <= set(indexed("路口交通安排"))


def test_what_is_cut_otherwise_is_found_by_its_characters() -> None:
    assert set(loosely("假安")) <= set(indexed(TEXT))
    assert loosely("国庆 Hello 国") == ("国", "庆", "hello")


@example("0AA")
@given(st.text(max_size=80))
def test_terms_hold_nothing_but_letters_and_digits_and_a_text_finds_itself(text: str) -> None:
    assert all(term.isalnum() for term in indexed(text))
    assert set(searched(text)) <= set(indexed(text))
    assert set(loosely(text)) <= set(indexed(text))
