"""At whom words are aimed, and whether they are the writer's own."""

from __future__ import annotations

import pytest

from rules.core.book import Rulebook
from rules.reading.targets import Aim, Speech, aimed, calls, denied, speech, told, unnamed


def said(book: Rulebook, text: str, words: str) -> tuple[Speech, int, int]:
    found = speech(book.reader.read(text))
    start = found.said.index(words)
    return found, start, start + len(words)


@pytest.mark.parametrize(
    ("text", "words", "aim"),
    [
        ("你就是个废物", "废物", Aim.YOU),
        ("@李雷 废物，又填错了", "废物", Aim.YOU),
        ("废物吧你", "废物", Aim.YOU),
        ("他就是个废物", "废物", Aim.THEM),
        ("王经理是个废物", "废物", Aim.THEM),
        ("采购部全是废物", "废物", Aim.THEM),
        ("这帮废物", "废物", Aim.THEM),
        ("废物", "废物", Aim.BARE),
        ("昨天查了废物的去向", "废物", Aim.NOBODY),
        ("我真是个废物", "废物", Aim.SELF),
        ("废物是我", "废物", Aim.SELF),
        ("打印机真废物", "废物", Aim.THING),
        ("废物系统又卡了", "废物", Aim.THING),
        ("听他妈的话", "话", Aim.NOBODY),
        ("这些图片真恶心", "恶心", Aim.NOBODY),
        ("食堂那窝老鼠真恶心", "恶心", Aim.NOBODY),
        ("这些娘们真恶心", "恶心", Aim.THEM),
        ("那些研发部的真恶心", "恶心", Aim.THEM),
        ("那个张伟真恶心", "恶心", Aim.THEM),
        ("这个角色就是个废物", "废物", Aim.THING),
        ("做培训的就是个废物", "废物", Aim.NOBODY),
    ],
)
def test_at_whom_a_word_is_aimed(text: str, words: str, aim: Aim, book: Rulebook) -> None:
    assert aimed(*said(book, text, words)) is aim


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("你就是个废物", True),
        ("你就是个“废物”", True),
        ("客户骂我们废物", False),
        ("客户说：“一群废物”", False),
        ("业主喊“废物”，已安抚", False),
        ("《废物》是本书", False),
        ("我骂你废物怎么了", True),
    ],
)
def test_quotations_are_somebody_elses_words_unless_somebody_here_is_called_so(
    text: str, own: bool, book: Rulebook
) -> None:
    assert told(*said(book, text, "废物")) is not own


@pytest.mark.parametrize(
    ("text", "says_no"),
    [
        ("小王不是废物", True),
        ("别说人家是废物", True),
        ("你是不是废物", False),
        ("不会干活的废物", False),
    ],
)
def test_what_is_denied(text: str, says_no: bool, book: Rulebook) -> None:
    assert denied(*said(book, text, "废物")) is says_no


@pytest.mark.parametrize(
    ("text", "called"),
    [
        ("你就是个废物", True),
        ("李工就是个废物", True),
        ("滚吧你废物", True),
        ("我就是个废物", False),
        ("你把废物搬走", False),
        ("你看这台废物机器是个废物", True),
    ],
)
def test_what_somebody_is_called(text: str, called: bool, book: Rulebook) -> None:
    found = speech(book.reader.read(text))
    start = found.said.rindex("废物")
    assert calls(found, start, start + 2, noun=True) is called


def test_whoever_is_meant_by_insiders_alone_is_unnamed(book: Rulebook) -> None:
    assert unnamed(*said(book, "某些人就会拍马屁", "拍马屁"))
    assert not unnamed(*said(book, "王经理就会拍马屁", "拍马屁"))
    assert not unnamed(*said(book, "某些人，你就会拍马屁", "拍马屁"))


def test_a_span_leads_back_to_the_original(book: Rulebook) -> None:
    text = "@李雷 你！就是个 废 物 吧"
    found = speech(book.reader.read(text))
    start, end = found.find(text.index("废"), text.index("物") + 1)
    first, last = found.span(start, end)
    assert text[first:last] == "废 物"
