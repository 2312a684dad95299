"""Quotes: the quoted block is somebody else's; nothing that was typed may hide in one."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.reading.quote import BEGINNING, parse

DASHES = "- - - - - - - - - - - - - - -"


def quote(author: str, quoted: str, answer: str) -> str:
    return f"「{author}：{quoted}」\n{DASHES}\n{answer}"


def typed(text: str) -> str:
    found = parse(text)
    return text if found is None else text[found.typed[0] : found.typed[1]]


def test_author_beginning_and_answer_are_told_apart() -> None:
    text = quote("行政部李雷", "周五交报表\n谢谢", "收到")
    found = parse(text)
    assert found is not None
    assert (found.author, found.beginning) == ("行政部李雷", "周五交报表\n谢谢")
    assert text[slice(*found.typed)] == "收到"


def test_a_quote_of_a_quote_belongs_to_the_block() -> None:
    inner = quote("张三", "方案呢", "在改")
    assert typed(quote("李四", inner, "好的")) == "好的"


def test_brackets_in_the_quoted_text_do_not_end_the_block() -> None:
    assert typed(quote("张三", "看「附件」第二页", "看了")) == "看了"
    assert typed(quote("张三", "半个「括号", "看了")) == "看了"
    assert typed("「张三：在吗」\r\n" + DASHES + "\r\n在") == "在"


@pytest.mark.parametrize(
    "text",
    [
        "广告\n" + quote("张三", "好的", "收到"),
        " " + quote("张三", "好的", "收到"),
        "「张三：广告」",
        "「张三：广告」\n没有横线\n收到",
        "「张三：广告」" + DASHES + "\n收到",
        "「张三：广告」\n- - -\n收到",
        "「没有名字的广告」\n" + DASHES + "\n收到",
        "「：广告」\n" + DASHES + "\n收到",
        "「" + "名" * 65 + "：广告」\n" + DASHES + "\n收到",
        quote("张三", "广告", ""),
        quote("张三", "广告", " \n\t"),
        "张三：广告」\n" + DASHES + "\n收到",
        "「张三：广告\n" + DASHES + "\n收到",
        "",
        "「",
    ],
)
def test_what_has_not_the_exact_shape_is_typed_as_a_whole(text: str) -> None:
    assert parse(text) is None


def test_a_second_block_below_the_first_is_typed() -> None:
    hidden = f"加微信 abc123」\n{DASHES}\n好的"
    assert typed(quote("张三", "在吗", hidden)) == hidden


def test_where_brackets_do_not_pair_up_the_block_ends_at_the_first_dashes() -> None:
    hidden = f"加微信 abc123\n{DASHES}\n好的"
    assert typed(f"「张三：「在吗」\n{DASHES}\n{hidden}") == hidden


def test_the_beginning_is_bounded() -> None:
    found = parse(quote("张三", "长" * 20_000, "好"))
    assert found is not None
    assert found.beginning == "长" * BEGINNING


@given(st.text(alphabet="「」：:-— \n张三广告", max_size=60))
def test_any_text_gives_a_span_inside_it_or_none(text: str) -> None:
    found = parse(text)
    if found is not None:
        start, end = found.typed
        assert 0 < start < end == len(text)
        assert text[start:].strip()
        assert text[:start].rstrip("\n\r \t-—–─").endswith("」")


@pytest.mark.parametrize(
    "piece", ["「", "」", "「a：", "」\n", "- ", "」\n- - - - - - - ", "「a：b」\n- - - - - -\n"]
)
def test_hostile_lengths_take_no_time(piece: str) -> None:
    text = "「a：" + piece * (20_000 // len(piece))
    began = time.perf_counter()
    parse(text)
    assert time.perf_counter() - began < 1.0
