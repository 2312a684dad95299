"""Commands as people type them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands import COMMANDS
from bot.commands.parse import behind, find, nearest, typed_command


def read(text: str, *, mentioned: bool = False) -> tuple[str, tuple[str, ...]] | None:
    typed = typed_command(text, bot_names={"群管家"}, bot_mentioned=mentioned)
    return (typed.word, typed.words) if typed else None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/违规", ("违规", ())),
        ("／违规", ("违规", ())),
        ("  /违规 查看 V-7K2QM  ", ("违规", ("查看", "V-7K2QM"))),
        ("/违规　确认　V-7K2QM", ("违规", ("确认", "V-7K2QM"))),
        ("/违规 确认 V-7K2QM，V-9RTC3、V-22222", ("违规", ("确认", "V-7K2QM", "V-9RTC3", "V-22222"))),
        ("/归档 “重要 通知”", ("归档", ("重要 通知",))),
        ("/Help Cases", ("help", ("Cases",))),
        ("@群管家\u2005/状态", ("状态", ())),
        ("@群管家 /状态", ("状态", ())),
        ("/状态\n这是第二行", ("状态", ())),
        ("/认领:ABCD", ("认领", ("ABCD",))),
        ("/规则：列表", ("规则", ("列表",))),
        ("/豁免 @张 三\u2005 广告", ("豁免", ("@张 三", "广告"))),
        ("/豁免 @张 三\u2005", ("豁免", ("@张 三",))),
        ("违规", None),
        ("请用 /违规", None),
        ("@张三\u2005/状态", None),
        ("/", None),
        ("/cases/2026", None),
        ("/违规.xlsx", None),
        ("//", None),
        ("", None),
        ("\u2005", None),
    ],
)
def test_what_is_a_command(text: str, expected: tuple[str, tuple[str, ...]] | None) -> None:
    assert read(text) == expected


def test_a_mention_by_id_counts_whatever_the_name() -> None:
    assert read("@管家小号\u2005/状态", mentioned=True) == ("状态", ())


@given(st.text(max_size=200))
def test_no_text_breaks_the_parser(text: str) -> None:
    read(text)
    read("/" + text)


@pytest.mark.parametrize(
    ("word", "name"), [("help", "帮助"), ("違規", "违规"), ("status", "状态"), ("claim", "认领")]
)
def test_spellings(word: str, name: str) -> None:
    command = find(word, COMMANDS)
    assert command is not None
    assert command.name == name


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("违归", "违规"),
        ("hepl", "帮助"),
        ("状太", "状态"),
        ("确认", None),
        ("home", None),
        ("clean", None),
        ("usr", None),
        ("etc", None),
        ("11", None),
    ],
)
def test_near_misses(word: str, name: str | None) -> None:
    near = nearest(word, COMMANDS)
    assert (near.name if near else None) == name


def test_no_two_commands_share_a_spelling() -> None:
    spellings = [spelling for command in COMMANDS for spelling in command.spellings]
    assert len(spellings) == len(set(spellings))
    assert all(spelling == spelling.casefold() for spelling in spellings)


def test_what_stands_below_the_line_is_its_body() -> None:
    typed = typed_command(
        "/发布 项目工作群\r\n\n第一段 /查 词\n\n第二段 \n", bot_names=(), bot_mentioned=False
    )
    assert typed is not None
    assert typed.words == ("项目工作群",)
    assert typed.body == "第一段 /查 词\n\n第二段"
    assert not typed.cut


def test_a_line_that_is_not_read_to_its_end_says_so() -> None:
    for length, cut in ((490, False), (600, True)):
        typed = typed_command("/发布 " + "长" * length, bot_names=(), bot_mentioned=False)
        assert typed is not None
        assert typed.cut is cut


@pytest.mark.parametrize(
    ("rest", "count", "left"),
    [
        ("群  明天 10:00，正文, 还有  空格", 3, "正文, 还有  空格"),
        ("“一 个 群” 正文", 1, "正文"),
        ("@张 三\u2005：请看", 1, "请看"),
        ("正文", 0, "正文"),
        ("正文", 1, ""),
        ("", 0, ""),
        ("正文", 5, ""),
    ],
)
def test_what_follows_some_arguments_stays_as_it_was_typed(rest: str, count: int, left: str) -> None:
    assert behind(rest, count) == left
