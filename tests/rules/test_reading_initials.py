"""First letters: what are such, what a text that holds some reads like, and that people look and nothing more."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.core.load_reading import load_initials, load_letters, load_reader
from rules.reading.classify import model_text
from rules.reading.initials import BETWEEN, SEARCHED, STRETCH, Initials, Run, candidates
from rules.reading.letters import AFTER, END, Letters, LettersError, parse_letters, render_letters
from rules.reading.reading import Unmasked
from rules.reading.signs import evasive

READER = load_reader()
INITIALS = load_initials()
LETTERS = load_letters()


def runs(text: str) -> tuple[Run, ...]:
    """The runs of a text that may be first letters."""
    return INITIALS.runs(text, READER.table.fold(text), READER.table.origin(text))


def seen(text: str) -> list[str]:
    """The runs of letters that are looked at, as folded."""
    plain = READER.table.fold(text)
    return [plain[start:end] for start, end in candidates(text, plain, READER.table.origin(text))]


def in_letters(text: str) -> Unmasked | None:
    """The view of a text in first letters; none where it is not taken for such."""
    return next((view for view in READER.read(text).views if view.letters), None)


@pytest.mark.parametrize("run", ["zzrszdex", "ndmgxw", "bysmdx", "zxhqwjr", "gnqdlnr"])
def test_first_letters_are_told_from_words(run: str) -> None:
    assert LETTERS.gain(run) > 2


@pytest.mark.parametrize(
    "run", ["version", "kubectl", "nginx", "haode", "meeting", "excel", "postgres", "review"]
)
def test_words_are_told_from_first_letters(run: str) -> None:
    assert LETTERS.gain(run) <= 0


def test_a_word_that_only_looks_like_first_letters_is_none() -> None:
    odd = Letters(LETTERS.gains, LETTERS.words | {"zzrszdex"})
    assert odd.gain("zzrszdex") == 0


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ("zzrszdex，真的", ["zzrszdex"]),
        ("你们nbm和wd都看看", ["nbm", "wd"]),
        ("发到 zhangwx@example.com", []),
        ("见 src/wlgl/cxjg.py 和 kc_yjb", []),
        ("http://zgyh.example/djcx", []),
        ("hhhhhhhh 又 jkjkjkjkjk", []),
        ("PPAP和WMS都要", []),
        ("NMSLSBDXGP都来", ["nmslsbdxgp"]),
        ("PaddleOCR", []),
        ("型号k9x和b2c", []),
        ("@lqqzx 看下", []),
        ("说完了zdl.", ["zdl"]),
        ("你:zdsb", ["zdsb"]),
        ("host:zdsb", []),
        ("你Jsgfw~Cdyyss~", ["jsgfw", "cdyyss"]),
        ("净重5㎏㎎㎜㎝", []),
        ('"jsgfw"你', ["jsgfw"]),
    ],
)
def test_parts_of_something_longer_are_not_looked_at(text: str, letters: list[str]) -> None:
    assert seen(text) == letters


def test_of_ordinary_words_there_are_no_runs() -> None:
    assert runs("review 一下 version 和 excel") == ()
    assert runs("今天下午三点开会") == ()


def test_what_nobody_says_anything_in_is_skipped() -> None:
    text = "zzrszdex"
    plain, origin = READER.table.fold(text), READER.table.origin(text)
    assert INITIALS.runs(text, plain, origin, skipped=((0, 8),)) == ()


@pytest.mark.parametrize(
    "text",
    [
        "zzrszdex，gczgql",
        "你jsgfw，cdyyss，gnmgw",
        "xyjzrj、wdy、bkzx，dtfk，jv",
    ],
)
def test_who_hides_in_letters_is_seen(text: str) -> None:
    view = in_letters(text)
    assert view is not None
    assert all(text[start:end].isascii() for start, end in view.letters)


@pytest.mark.parametrize(
    "text",
    [
        "zxy、lhm明天去现场，找wj签字",
        "hnzx项目的验收单发我一下",
        "今天食堂的红烧排骨yyds",
        "kubectl get po 看一下，nginx重启过",
        "月底对账，crm和wms的数对不上",
        "haode，我shoudao了",
    ],
)
def test_names_codes_and_slang_are_left(text: str) -> None:
    assert in_letters(text) is None


def test_nothing_is_decided_by_letters() -> None:
    view = in_letters("你jsgfw，cdyyss，gnmgw")
    assert view is not None
    assert view.veiled
    assert not view.decides
    assert replace(view, letters=()).decides
    assert view.reading.original == "你jsgfw，cdyyss，gnmgw"
    assert view.back(1, 7) == (1, 7)


def test_letters_that_double_are_no_masked_number() -> None:
    plain = "zdsb谢谢学习"
    (stretch,) = INITIALS.stretches(plain, runs("zdsb谢谢学习"))
    assert stretch.views.split(BETWEEN)[0] == model_text("ZDSBXXXX")


def test_a_long_run_is_seen_wherever_it_stands() -> None:
    run = "ndbsmdxzcbjgqfwlhtkyrndbsmdxzcbjgqf"
    assert all(
        len(list(INITIALS.stretches(text, runs(text)))) for text in ("这" * many + run for many in range(70))
    )


def test_only_the_beginning_of_a_long_text_is_searched() -> None:
    assert len(runs("zdsb，" * 40_000)) == SEARCHED // 4
    assert runs("字" * SEARCHED + "zdsbgfwnmd") == ()


def test_nothing_that_the_reader_puts_in_itself_can_be_typed() -> None:
    hidden = "\ufdd1".join("回收旧手机旧电脑当场给钱")
    assert READER.read(hidden).signs == READER.read(hidden.replace("\ufdd1", "\u200b")).signs
    assert evasive(READER.read(hidden).original)


def test_every_stretch_is_short_enough_to_be_one() -> None:
    text = "这件事zzrszdex" * 30
    plain = READER.table.fold(text)
    stretches = list(INITIALS.stretches(plain, runs(text)))
    assert len(stretches) > 5
    initials = [stretch.views.split(BETWEEN)[0] for stretch in stretches]
    assert max(map(len, initials)) == STRETCH
    assert all(len(stretch.views) <= 2 * STRETCH + len(BETWEEN) for stretch in stretches)


@given(st.text(alphabet=st.sampled_from("你这种人真恶心abcdzsx ，.@/Zζз\u200b1"), max_size=80))
def test_any_text_can_be_looked_at(text: str) -> None:
    plain, origin = READER.table.fold(text), READER.table.origin(text)
    found = INITIALS.runs(text, plain, origin)
    for run in found:
        assert plain[run.start : run.end] == run.letters
        assert run.gain >= 0
    assert set(INITIALS.scores(plain, found)) <= {"advertising", "banned", "incivility"}


def test_a_table_is_read_as_it_was_written() -> None:
    text = render_letters(LETTERS, "a heading")
    assert parse_letters(text, "letters.tsv") == LETTERS
    assert Initials(LETTERS, {"我": ("wo",)}, INITIALS._classifier).first == {"我": "w"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "it has 0 of 27 letters"),
        ("a\t1\t2", "line 1: a letter and 27 numbers"),
        ("ä" + "\t0" * 27, "line 1: a letter and 27 numbers"),
        ("a" + "\tx" * 27, "line 1: invalid literal"),
        (END + "\t0" * 27, "it has 1 of 27 letters"),
    ],
)
def test_a_table_of_another_shape_is_refused(text: str, told: str) -> None:
    with pytest.raises(LettersError, match=told):
        parse_letters(text, "letters.tsv")
    assert len(AFTER) == 27
