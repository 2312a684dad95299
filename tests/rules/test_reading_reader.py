"""A whole text: quote, folds, hits and spans together, and what hostile texts cost."""

from __future__ import annotations

import time

import pytest
from fakes.shipped import shipped
from hypothesis import given, settings
from hypothesis import strategies as st

READER = shipped().reader
QUOTE = "「张三：刷单日结」\n- - - - - - - - - - - - - - -\n"


def test_a_disguised_solicitation_is_found_with_spans_into_the_original() -> None:
    text = "加薇❤信 abc12345 兼職刷單日结300，扫码进群"
    hits = {text[hit.start : hit.end] for hit in READER.read(text).of("advertising")}
    assert {"加薇❤信", "兼職刷單", "日结", "扫码进群"} <= hits


def test_an_ordinary_notice_has_no_hit_that_speaks_against_it() -> None:
    assert READER.read("今天下午三点开会，请大家准时参加").of("banned_words") == ()


def test_only_what_was_typed_below_a_quote_is_read() -> None:
    text = QUOTE + "別加微信"
    reading = READER.read(text)
    assert reading.quote is not None
    assert reading.quote.author == "张三"
    assert text[slice(*reading.typed)] == "別加微信"
    assert reading.plain == "别加微信"
    assert [text[hit.start : hit.end] for hit in reading.of("advertising")] == ["別加", "微信"][:1]
    assert reading.span(1, 4) == (len(QUOTE) + 1, len(QUOTE) + 4)


@settings(max_examples=200)
@given(
    st.text()
    | st.lists(st.sampled_from(["加", "微", "信", "❤", " ", "[爱心]", "兼职", "㏎", "，", QUOTE])).map(
        "".join
    )
)
def test_every_span_lies_in_what_was_typed(text: str) -> None:
    reading = READER.read(text)
    assert reading.typed[1] == len(text)
    assert len(reading.origin) == len(reading.plain)
    for hit in reading.hits:
        assert reading.typed[0] <= hit.start < hit.end <= reading.typed[1]
        assert READER.key(text[hit.start : hit.end].replace("[爱心]", "")) == READER.key(hit.term.word)
    for index in range(len(reading.plain)):
        start, end = reading.span(index, index + 1)
        assert reading.typed[0] <= start < end <= reading.typed[1]


@pytest.mark.parametrize(
    "piece",
    [
        "加",
        "加微信",
        "兼职刷单",
        "口交",
        "赌博网站",
        "[爱心]",
        "❤",
        "\u200b",
        "a",
        "1",
        "[",
        "ﷺ",
        "加，微，信，",
        "「张三：",
        "\ud800",
    ],
)
def test_twenty_thousand_characters_of_anything_are_read_at_once(piece: str) -> None:
    text = piece * (20_000 // len(piece))
    began = time.perf_counter()
    READER.read(text)
    assert time.perf_counter() - began < 2.0


def test_reading_twice_gives_the_same() -> None:
    text = "加微信，日结，赌博"
    first, second = READER.read(text), READER.read(text)
    assert (first.plain, first.hits, first.typed) == (second.plain, second.hits, second.typed)
