"""What a text reads like around words, whatever is written beside them."""

from __future__ import annotations

import pytest

from rules.core.book import Rulebook
from rules.reading.around import LOOKED_AT, SHORT, around, in_their_sentence, sentence
from rules.reading.reading import Reading
from rules.reading.span import Span

PADDING = "记得把合同盖章后寄给客户，快递单号发群里，财务那边等着对账，下午三点前给我"


def read(book: Rulebook, text: str, words: str) -> tuple[Reading, Span]:
    start = text.index(words)
    return book.reader.read(text), (start, start + len(words))


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("李工你就是个傻逼，三点开会", "傻逼", "李工你就是个傻逼"),
        ("三点开会。李工你就是个傻逼", "傻逼", "李工你就是个傻逼"),
        ("早，傻逼！走了", "傻逼", "傻逼"),
        ("傻逼", "傻逼", "傻逼"),
        ("开会\n你个傻逼 散了", "傻逼", "你个傻逼"),
    ],
)
def test_a_sentence_runs_from_mark_to_mark(text: str, words: str, expected: str, book: Rulebook) -> None:
    reading, span = read(book, text, words)
    start, end = sentence(reading, span)
    assert text[start:end] == expected


@pytest.mark.parametrize("text", ["李工你就是个傻逼，" + PADDING, PADDING + "，李工你就是个傻逼"])
def test_what_is_written_far_away_changes_nothing(text: str, book: Rulebook) -> None:
    reading, span = read(book, text, "傻逼")
    alone, its = read(book, "李工你就是个傻逼", "傻逼")
    label = ("incivility",)
    assert in_their_sentence(reading, [span], label) == pytest.approx(around(alone, [its], label))
    assert in_their_sentence(reading, [span], label) > reading.score("incivility")


def test_a_short_text_is_read_at_once(book: Rulebook) -> None:
    reading, span = read(book, "脑子进水，是主机进水", "脑子进水")
    assert len(reading.plain) <= SHORT
    assert in_their_sentence(reading, [span], ("incivility",)) == 0.0


def test_only_so_many_places_are_looked_at(book: Rulebook) -> None:
    text = "开会，" * LOOKED_AT + "你就是个傻逼，"
    reading = book.reader.read(text)
    spans = [(3 * at, 3 * at + 2) for at in range(LOOKED_AT)]
    assert in_their_sentence(reading, [*spans, (len(text) - 3, len(text) - 1)], ("incivility",)) < 0.5
    assert around(reading, [], ("incivility",)) == 0.0
