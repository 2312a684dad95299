"""Everyday words, and what keeps a word out of the company's lexicon."""

from __future__ import annotations

import logging
import subprocess
import sys

import pytest

from rules.core.candidate import LONGEST_WORD, Flaw, Known, Source, flaw, known_words
from rules.core.load import load_shipped
from rules.core.load_reading import load_table
from rules.core.load_words import load_frequencies
from rules.core.options import LexiconOptions, LexiconWord
from rules.reading.frequency import EVERYDAY

FOLD = load_table().fold
CATEGORIES = ("obscene", "violence", "gambling", "drugs", "illegal_trade", "company")


@pytest.mark.parametrize(
    "word", ["公司", "信息", "然后", "开发", "合同", "请假", "發票", "开 会", "微信", "滚", "肏", "x", "Ｘ"]
)
def test_everyday_words(word: str) -> None:
    count = load_frequencies().everyday(word)
    assert count is not None
    assert count >= 1


@pytest.mark.parametrize("word", ["青鸾", "口交", "裸聊", "迷奸药", "赌博网站", "", "！！", "qingluan"])
def test_words_that_are_not_everyday(word: str) -> None:
    assert load_frequencies().everyday(word) is None


def test_the_threshold_parts_what_it_claims_to_part() -> None:
    common = load_frequencies()
    deny = [term.word for term in load_shipped() if not term.allow and term.category in CATEGORIES]
    assert len([word for word in deny if common.everyday(word)]) <= len(deny) * 0.06
    assert EVERYDAY == 200


def test_everyday_words_that_hold_another_and_pairs_that_make_one() -> None:
    common = load_frequencies()
    assert "人工智能" not in common.holding("人工智能", 5)
    assert all("工作" in word and word != "工作" for word in common.holding("工作", 5))
    assert common.holding("工作", 5)
    assert all("口交" in "".join(pair) for pair in common.across("口交", 10))
    assert any(second == "交通" for _, second in common.across("口交", 10))
    assert common.holding("！", 5) == ()
    assert common.across("", 5) == ()


def test_loading_them_neither_imports_jieba_nor_adds_a_log_handler() -> None:
    code = (
        "import sys; from rules.core.load_words import load_frequencies; load_frequencies();"
        "raise SystemExit('jieba' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False)  # noqa: S603 - the code stands above
    assert done.returncode == 0
    before = list(logging.getLogger("jieba").handlers)
    load_frequencies()
    assert logging.getLogger("jieba").handlers == before


def known(lexicon: LexiconOptions | None = None, *chat: tuple[str, bool]) -> Known:
    return known_words(load_shipped(), CATEGORIES, lexicon or LexiconOptions(), chat, FOLD)


@pytest.mark.parametrize(
    ("word", "allow", "wrong"),
    [
        ("青鸾", False, None),
        ("！！", False, Flaw.NOTHING_LEFT),
        ("\u200b", True, Flaw.NOTHING_LEFT),
        ("[捂脸]", False, Flaw.STICKER),
        ("赌博[捂脸]", True, Flaw.STICKER),
        ("[网管]", False, None),
        ("长" * LONGEST_WORD, False, None),
        ("长" * (LONGEST_WORD + 1), False, Flaw.TOO_LONG),
        ("賭博網站", False, Flaw.DENIED),
        ("赌 博 网 站", False, Flaw.DENIED),
        ("赌博网站", True, None),
        ("反赌博讲座", True, None),
        ("开会", True, Flaw.IDLE),
        ("日结", False, None),
    ],
)
def test_what_is_wrong_with_a_word(word: str, allow: bool, wrong: Flaw | None) -> None:
    assert flaw(word, known(), FOLD, allow=allow) is wrong


def test_the_configuration_goes_before_chat() -> None:
    lexicon = LexiconOptions(add=(LexiconWord(word="青鸾"),), allow=("反赌博讲座",), remove=("赌场",))
    found = known(lexicon, ("青鸞", True), ("反赌博讲座", False), ("赌场", False), ("白泽", False))
    assert found.denied[FOLD("青鸾")] is Source.CONFIG
    assert found.allowed[FOLD("反赌博讲座")] is Source.CONFIG
    assert "赌场" not in found.denied
    assert found.denied["白泽"] is Source.CHAT
    assert flaw("赌场", found, FOLD, allow=False) is Flaw.REMOVED
    assert flaw("反赌博讲座", found, FOLD, allow=False) is Flaw.ALLOWED
    assert flaw("白泽", found, FOLD, allow=True) is Flaw.DENIED


def test_a_built_in_word_that_chat_allows_is_no_longer_forbidden() -> None:
    found = known(None, ("赌博网站", True))
    assert "赌博网站" not in found.denied
    assert found.allowed["赌博网站"] is Source.CHAT
