"""What disguised text most likely says, and that ordinary text is left as it is."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.core.load_reading import load_characters, load_language, load_reader
from rules.reading.decipher import CLOSE, SEARCHED, Decipherer
from rules.reading.disguise import Disguise, Guess, joined, restore
from rules.reading.language import Language, LanguageError, Row, parse_language, render_language

READER = load_reader()
DECIPHERER = Decipherer(load_language(), load_characters())


def deciphered(text: str) -> str | None:
    """The folded text with what it most likely says in place."""
    plain = READER.table.fold(text)
    found = DECIPHERER.decipher(plain, READER.table.origin(text))
    return found and restore(plain, range(len(plain)), found.guesses, edge="")[0]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("亻尔也酉己？", "你也配"),
        ("再赶侗我的拱具", "再敢动我的工具"),
        ("丑酌入必也丑", "丑的人心也丑"),
        ("导游jiushigepianzi", "导游就是个骗子"),
        ("亻也言兑的话你也亻言", "他说的话你也信"),
        ("这种人根本不酉己当亻也的上司", "这种人根本不配当他的上司"),
        ("专业代办代宽，当天放宽", "专业代办贷款当天放宽"),
    ],
)
def test_disguised_text_says(text: str, says: str) -> None:
    assert deciphered(text) == says


@pytest.mark.parametrize(
    "text",
    [
        "",
        "嗯",
        "今天下午三点开会，请大家准时参加",
        "张建波和李晓红去了宁波的工厂看冲压件",
        "货款已付，请财务部核对",
        "汇报人：朱孙鹏、颜专、马迪",
        "王纪睿,王小松,高博,徐天亮,晏国淇",
        "the release of v2.3.1 is on dev-lihua2",
        "KMD253缺货，KTA679有",
        "陕西省汉中市勉县褒城镇",
    ],
)
def test_ordinary_text_is_left_as_it_is(text: str) -> None:
    assert deciphered(text) is None


def test_how_a_character_was_written_is_told() -> None:
    plain = READER.table.fold("亻尔也酉己，sha逼")
    found = DECIPHERER.decipher(plain, range(len(plain)))
    assert found is not None
    assert {guess.word: guess.how for guess in found.guesses}["你"] is Disguise.PARTS
    assert all(plain[guess.start : guess.end] != guess.word for guess in found.guesses)


def test_a_letter_costs_what_it_costs_as_it_stands() -> None:
    gains = []
    for text in ("亻尔也酉己", "v亻尔也酉己", "亻尔也酉己v"):
        found = DECIPHERER.decipher(text, range(len(text)))
        assert found is not None
        gains.append(found.gain)
    assert max(gains) - min(gains) < 4.0  # what stands at an end has one neighbour less


def test_one_odd_character_far_from_any_other_is_none() -> None:
    assert deciphered("请把颗的数量再核对一遍，" + "明天上午发给客户确认，" * CLOSE + "谢谢") is None


def test_what_it_finds_is_shown_where_it_was_typed() -> None:
    text = "你们听好了：亻尔也酉己？"
    reading = READER.read(text)
    assert reading.views
    restored = reading.views[0].reading.original
    start = restored.index("你也配")
    first, last = reading.views[0].back(start, start + 3)
    assert text[first:last] == "亻尔也酉己"


SIGNS = st.sampled_from("你也配亻尔酉己的人心丑shijiewo一丿丶加威信12 ，。！")


@settings(max_examples=500, deadline=None)
@given(st.text(SIGNS, max_size=60))
def test_guesses_are_in_order_and_inside(text: str) -> None:
    plain = READER.table.fold(text)
    found = DECIPHERER.decipher(plain, READER.table.origin(text))
    at = 0
    for guess in found.guesses if found else ():
        assert at <= guess.start < guess.end <= min(len(plain), SEARCHED)
        at = guess.end


@settings(max_examples=300, deadline=None)
@given(st.text(SIGNS, max_size=40))
def test_every_place_of_what_is_read_lies_in_what_was_typed(text: str) -> None:
    for view in READER.read(text).views:
        at = 0
        for index in range(len(view.reading.original)):
            start, end = view.back(index, index + 1)
            assert 0 <= at <= start < end <= len(text)
            at = start


Cuts = st.lists(st.tuples(st.integers(0, 3), st.integers(1, 3), st.text("甲乙丙", min_size=1, max_size=3)))


def placed(cuts: list[tuple[int, int, str]], length: int) -> list[Guess]:
    """Guesses that stand apart in a text of some length."""
    found, at = [], 0
    for gap, size, word in cuts:
        if at + gap + size > length:
            break
        found.append(Guess(at + gap, at + gap + size, word, Disguise.SOUND, False, 1))
        at += gap + size
    return found


@given(st.text("子丑寅卯", min_size=1, max_size=20), Cuts, Cuts)
def test_pieces_of_two_restorations_are_joined(
    typed: str, cuts: list[tuple[int, int, str]], more: list[tuple[int, int, str]]
) -> None:
    between, first = restore(typed, range(len(typed)), placed(cuts, len(typed)), edge="")
    last, second = restore(between, range(len(between)), placed(more, len(between)), edge="")
    left = here = 0
    for (start, end), (begin, finish) in joined(first, second):
        assert last[left:start] == typed[here:begin]  # what lies between pieces is as it was typed
        left, here = end, finish
    assert last[left:] == typed[here:]


def test_a_model_is_what_its_file_says() -> None:
    rows = {"": Row("的我", bytes([10, 20]), 1.5), "我": Row("的", bytes([2]), 0.75)}
    language = parse_language(render_language(rows, "made up"), "a file")
    assert language.cost("我", "的") == pytest.approx(0.3)
    assert language.cost("我", "我") == pytest.approx(0.75 + 3.0)
    assert language.cost("他我", "的") == language.cost("我", "的")
    assert language.follows("我", "的")
    assert not language.follows("的", "我")
    assert "我" in language
    assert "他" not in language
    assert language.cost("", "他") > language.cost("", "我")


@pytest.mark.parametrize("line", ["我\t!", "我\t!\t的\t!!", "我\t!\t的\t的", "我\t\t的\t!"])
def test_a_line_that_is_none_is_named(line: str) -> None:
    with pytest.raises(LanguageError, match="words, line 2"):
        parse_language(f"# made up\n{line}\n", "words")


def test_without_a_model_everything_is_left() -> None:
    assert Decipherer(Language({}), load_characters()).decipher("亻尔也酉己", range(5)) is None
