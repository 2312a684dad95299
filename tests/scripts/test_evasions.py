"""Every evasion changes the key word and only it, in the way it is named after."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import opencc
import pytest
from evasions import EVASIONS, EVERYWHERE, MARKS, ZERO_WIDTH, characters, evaded, is_han
from hypothesis import given, settings
from hypothesis import strategies as st
from pypinyin import lazy_pinyin

WORD = "赌博加v8"
BEFORE, AFTER = "前面 abc", "def 后面。"
SPAN = (len(BEFORE), len(BEFORE) + len(WORD))


def without(signs: str) -> Callable[[str], str]:
    return lambda text: "".join(sign for sign in text if sign not in signs)


def folded(text: str) -> str:
    """Circled, squared and full-width signs as what they stand for; letters of other scripts as the names say."""
    return unicodedata.normalize("NFKC", text)


def syllables(text: str) -> list[str]:
    return lazy_pinyin(text)


UNDONE: dict[str, Callable[[str], bool]] = {
    "full_width": lambda text: unicodedata.normalize("NFKC", text) == WORD and text.endswith("ｖ８"),
    "homoglyph": lambda text: text[:3] == WORD[:3] and len(text) == len(WORD) and not text[3:].isascii(),
    "spaces": lambda text: text == "赌 博 加 v 8",
    "punctuation": lambda text: without(MARKS)(text) == WORD and len(set(text) & set(MARKS)) == 1,
    "zero_width": lambda text: without(ZERO_WIDTH)(text) == WORD,
    "emoji": lambda text: "".join(sign for sign in text if is_han(sign) or sign.isascii()) == WORD,
    "traditional": lambda text: opencc.OpenCC("t2s").convert(text) == WORD,
    "shape": lambda text: (
        len(text) == len(WORD)
        and all(now == old or now in characters()[1][old] for now, old in zip(text, WORD, strict=True))
    ),
    "split": lambda text: len(text) > len(WORD) and text.endswith("v8"),
    "homophone": lambda text: syllables(text) == syllables(WORD),
    "pinyin": lambda text: text == "dubojiav8",
    "initials": lambda text: text == "dbjv8",
    "reversed": lambda text: text == "8v加博赌",
}


@pytest.mark.parametrize("kind", [kind for kind in EVASIONS if kind not in EVERYWHERE])
def test_the_key_word_is_changed_and_nothing_else(kind: str) -> None:
    for seed in "abc":
        text = evaded(BEFORE + WORD + AFTER, [SPAN], kind, seed)
        assert text.startswith(BEFORE)
        assert text.endswith(AFTER)
        word = text[len(BEFORE) : len(text) - len(AFTER)]
        assert word != WORD
        assert UNDONE[kind](word), word
        assert text == evaded(BEFORE + WORD + AFTER, [SPAN], kind, seed)


def test_spaces_everywhere_need_no_key_word() -> None:
    assert evaded("请 加微信v8", [], "spaces_everywhere") == "请 加 微 信 v 8"


def test_what_a_kind_cannot_change_stays() -> None:
    assert evaded("微信", [(0, 2)], "full_width") == "微信"
    assert evaded("abc", [(0, 3)], "homophone") == "abc"
    assert evaded("加\ud800", [(0, 2)], "traditional") == "加\ud800"


@settings(max_examples=60, deadline=None)
@given(
    st.text(st.sampled_from("加微信赌博行长䶮〇々aZ9 ，。😀\u200b\n\ud800ß①"), max_size=20),
    st.integers(0, 20),
    st.integers(0, 20),
    st.sampled_from(sorted(EVASIONS)),
)
def test_whatever_the_text_what_lies_outside_the_key_word_stays(
    text: str, one: int, other: int, kind: str
) -> None:
    start, end = sorted((min(one, len(text)), min(other, len(text))))
    found = evaded(text, [(start, end)], kind)
    if kind not in EVERYWHERE:
        assert found.startswith(text[:start])
        assert found.endswith(text[end:])


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(KeyError):
        evaded("微信", [(0, 2)], "upside_down")
