"""Folding: what is matched alike, what must stay apart, and the map back to the original."""

from __future__ import annotations

import itertools
import sys
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rules.core.load_reading import load_reader, load_table, opencc_mapping
from rules.reading.lexicon import Lexicon
from rules.reading.normalize import EVERY_FOLD, HARD_BREAKS, LOOKALIKES, Fold, NormalisationTable, build_table
from rules.reading.reader import Reader, Term
from rules.reading.stickers import NAMES, blank_stickers

TABLE = load_table()
DISGUISES = "加➕＋微薇信❤\u200b\u202e\ufe0fⓋⅤ𝐯ｖ🅥🆅vV①❶１٣繁繁體蘋аАοΟ㏎½é [爱心]。，.·\t\n\ud800"
texts = st.text() | st.text(alphabet=DISGUISES, max_size=30)


@pytest.mark.parametrize(
    ("shown", "plain"),
    [
        ("ＡＢＣ１２３", "abc123"),
        ("加薇❤信", "加薇信"),
        ("①❶⑩Ⓥ🅰", "1110va"),
        ("開發體檢", "开发体检"),
        ("ѕех", "sex"),
        ("加\u200b微\u2060信\ufe0f", "加微信"),
        ("\u202e加微\u202c", "加微"),
        ("1️⃣3️⃣", "13"),
        ("jiā wēi", "jiawei"),
        ("➕ｖ", "+v"),
        ("50％", "50%"),
        ("\ud800毒", "毒"),
    ],
)
def test_what_is_read_as_the_same(shown: str, plain: str) -> None:
    assert TABLE.fold(shown) == plain


@pytest.mark.parametrize("text", ["2024年4月", "0o1li", "人民大会堂8号", "乒乓", "q9g6b"])
def test_digits_letters_and_characters_are_not_confused(text: str) -> None:
    assert TABLE.fold(text) == text


def test_no_single_code_point_needs_a_second_fold() -> None:
    unstable = [
        hex(point) for point in range(0x32400) if (once := TABLE.fold(chr(point))) != TABLE.fold(once)
    ]
    assert unstable == []


@given(texts)
def test_folding_twice_is_folding_once(text: str) -> None:
    assert TABLE.fold(TABLE.fold(text)) == TABLE.fold(text)


@given(texts, st.integers(0, 5))
def test_every_folded_code_point_knows_where_it_came_from(text: str, offset: int) -> None:
    plain, origin = TABLE.fold(text), TABLE.origin(text, offset)
    assert len(origin) == len(plain)
    assert list(origin) == sorted(origin)
    for index, character in zip(origin, plain, strict=True):
        assert character in TABLE.fold(text[index - offset])


@given(texts, texts)
def test_a_text_folds_like_its_parts(left: str, right: str) -> None:
    assert TABLE.fold(left + right) == TABLE.fold(left) + TABLE.fold(right)


def test_what_ends_a_phrase_is_dropped_from_what_is_matched() -> None:
    assert all(TABLE.drops(mark) for mark in HARD_BREAKS)


def test_a_lookalike_letter_folds_alike_in_both_cases() -> None:
    for letter, latin in LOOKALIKES.items():
        assert TABLE.fold(letter) == latin.lower(), unicodedata.name(letter)
        assert TABLE.fold(letter.lower()) == latin.lower(), unicodedata.name(letter)


@pytest.fixture(scope="module")
def partial() -> dict[Fold, NormalisationTable]:
    mapping = opencc_mapping()
    return {fold: build_table(mapping, fold) for fold in (Fold(0), *Fold, EVERY_FOLD)}


def test_a_further_fold_keeps_alike_what_was_alike(partial: dict[Fold, NormalisationTable]) -> None:
    # A text folds like its parts, so that looking at every single character looks at every text.
    complete = partial[EVERY_FOLD]
    told_apart = [
        (folds, character)
        for folds, table in partial.items()
        for character in map(chr, range(sys.maxunicode + 1))
        if complete.fold(table.fold(character)) != complete.fold(character)
    ]
    assert told_apart == []


DENY = [Term(word, "test", "c", 1.0, False, "a test") for word in ("加微信", "推广", "vx", "加v", "毒品")]
PIECES = [*"加微信推广廣vＶxⓍх毒品增路消1a", *" ，。❤\u200b.\n"]


@pytest.fixture(scope="module")
def readers(partial: dict[Fold, NormalisationTable]) -> dict[Fold, Reader]:
    """A reader that knows the forbidden words, on each of the tables."""
    cut = load_reader(DENY).lexicon._cut
    return {fold: Reader(table, Lexicon(DENY, table, cut, complete=TABLE)) for fold, table in partial.items()}


@settings(max_examples=400)
@given(text=st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
@example(text="增加微信推廣v x")
def test_a_further_fold_never_loses_a_word(readers: dict[Fold, Reader], text: str) -> None:
    complete = readers[EVERY_FOLD].read(text).hits
    for fold, reader in readers.items():
        for hit in reader.read(text).hits:
            overlapping = [other for other in complete if other.start < hit.end and hit.start < other.end]
            assert overlapping, (fold, hit)


def test_only_asked_folds_are_done(partial: dict[Fold, NormalisationTable]) -> None:
    assert partial[Fold(0)].fold("Ｖ 發\u200b❤а") == "Ｖ 發\u200b❤а"
    assert partial[Fold.CASE].fold("ABＣ") == "abｃ"
    assert partial[Fold.TRADITIONAL].fold("發 A") == "发 A"
    assert partial[Fold.SEPARATORS].fold("a, b。❤") == "ab❤"
    assert partial[Fold.EMOJI].fold("a, b❤") == "a, b"
    assert partial[Fold.INVISIBLE].fold("a\u200b❤") == "a❤"
    assert partial[Fold.LOOKALIKES].fold("аВ") == "aB"


def test_names_of_stickers_are_blanked_in_place_and_other_brackets_are_not() -> None:
    for name, other in itertools.product(sorted(NAMES)[:5], ("毒品", "待办", "")):
        text = f"加[{name}]微[{other}]信"
        blanked = blank_stickers(text)
        assert len(blanked) == len(text)
        assert TABLE.fold(blanked) == f"加微{other}信"
