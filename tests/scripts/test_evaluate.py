"""A tiny folder measured from end to end; what can't be measured is refused with its remedy."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import evaluate
import pytest
from labelled import Row
from measuring.disguised import disguised, key_words
from measuring.expected import meaning
from measuring.judging import judged
from measuring.report import Report

from rules.core.book import Rulebook

AD = "加薇❤信 abc12345 兼职刷单日结300，扫码进群"
FALSE = "专业代开各类发票，税点低，验后付款，电话13700001111 陈经理"
MEETING = "今天下午三点开会，请大家准时参加"
MADE = [
    {"id": "1", "text": AD, "label": "spam", "fine": "jobs"},
    {"id": "2", "text": "无抵押贷款，当天放款，不看征信，加V：dk88661", "label": "spam", "fine": "loans"},
    {"id": "3", "text": MEETING, "label": "spam", "fine": "jobs"},
    {"id": "4", "text": FALSE, "label": "normal"},
    {"id": "5", "text": "收到，下午核对", "label": "normal"},
    {"id": "6", "text": "什么都不是", "label": "odd"},
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    lines = [json.dumps(row, ensure_ascii=False) for row in MADE]
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "made.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return tmp_path


def measured(folder: Path, *arguments: str) -> str:
    with redirect_stdout(io.StringIO()) as out:
        assert evaluate.main(["--data", str(folder), *arguments]) == 0
    return out.getvalue()


def figures(document: dict[str, Any], tier: str) -> dict[tuple[str, str, str], tuple[int, int]]:
    return {
        (line["asked"], line["group"], line["rule"]): (line[tier]["count"], line[tier]["of"])
        for line in document["figures"]
        if line["set"] == "made"
    }


def test_a_tiny_folder_is_counted_exactly(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = measured(folder, "--json", "--sets", "made,flooding", "--worst", "2")
    document = json.loads(text)
    for tier in ("violation", "any"):
        found = figures(document, tier)
        assert found["recall", "all", "advertising or banned_words"] == (2, 3)
        assert found["recall", "jobs", "advertising"] == (1, 2)
        assert found["recall", "loans", "advertising"] == (1, 1)
        assert found["false alarms", "all", "advertising"] == (1, 2)
    assert figures(document, "violation")["false alarms", "all", "all rules"] == (1, 2)
    logs = [line for line in document["figures"] if (line["set"], line["group"]) == ("flooding", "all")]
    assert logs[0]["violation"]["share"] == 1.0
    assert document["not_measured"]["labels_not_declared"] == {"made": ["odd"]}
    errors = {(error["kind"], error["rule"]): error for error in document["worst"]}
    false = errors["false violation", "advertising"]
    assert "13700001111" not in text
    assert "***********" in false["text"]
    assert any("advertising" in why for why in false["why"])
    assert errors["missed", "advertising"]["text"] == MEETING
    assert "made, 6 texts" in capsys.readouterr().err


def test_rules_that_were_not_asked_for_are_not_judged_by_their_targets(folder: Path) -> None:
    table = measured(folder, "--sets", "made", "--rules", "banned_words")
    assert "these rules" in table
    assert "all rules" not in table
    assert "advertising" not in table.split("Not measured")[0]
    assert "0 not met, 0 not measured" in table


def test_key_words_are_what_a_text_is_found_by(book: Rulebook) -> None:
    said = meaning("made", "spam")
    assert said is not None
    row = judged(book, Row("推荐个赌博网站，注册就送", "spam", "made", key="1"), said)
    words = [row.row.text[start:end] for start, end in key_words(book.reader, row.row.text, "banned_words")]
    assert any("赌博" in word for word in words)
    lines = {
        line.group: line
        for line in disguised(book, {"made": [row]}, ["banned_words"])
        if line.set == "evasions"
    }
    assert (lines["zero_width"].any.count, lines["zero_width"].any.of) == (1, 1)
    assert "full_width" not in lines, "what leaves a text as it is does not count"


def test_a_card_holds_figures_and_no_row(folder: Path, book: Rulebook) -> None:
    rows = evaluate.gathered(folder, ["made"])
    report: Report = evaluate.measure(book, rows, ["made"], 2)
    text = evaluate.written(report)
    assert "| made | all | advertising or banned_words | 3 |" in text
    for row in MADE:
        assert row["text"] not in text
        assert row["text"][:8] not in text


def test_what_is_held_out_is_shown_only_when_asked_for(book: Rulebook) -> None:
    rows = {
        "corpus/held_out": [Row(MEETING, "advertising", "held_out")],
        "made": [Row("收到", "spam", "made")],
    }
    shown = [evaluate.measure(book, rows, [*wanted, "made"], 2).worst for wanted in ([], ["corpus/held_out"])]
    assert [{error.set for error in errors} for errors in shown] == [{"made"}, {"made", "corpus/held_out"}]


REFUSED = [
    (["--data", "{gone}"], "is no folder"),
    (["--data", "{empty}"], "name the folder with the labelled sets"),
    (["--data", "{folder}", "--sets", "mad"], "did you mean 'made'"),
    (["--data", "{folder}", "--rules", "advertisin"], "did you mean 'advertising'"),
    (["--data", "{folder}", "--card"], "lacks cntp"),
    (["--data", "{broken}"], "some.jsonl, line 2"),
    (["--data", "{numbers}"], "text and label are strings"),
]


@pytest.mark.parametrize(("line", "remedy"), REFUSED)
def test_what_cannot_be_measured_is_refused_with_its_remedy(
    line: list[str],
    remedy: str,
    folder: Path,
    tmp_path_factory: pytest.TempPathFactory,
    capsys: pytest.CaptureFixture[str],
) -> None:
    places = {name: tmp_path_factory.mktemp(name) for name in ("empty", "broken", "numbers")}
    good = json.dumps({"text": "好", "label": "normal"})
    (places["broken"] / "some.jsonl").write_text(f"{good}\n{{", encoding="utf-8")
    (places["numbers"] / "some.jsonl").write_text('{"text": 5, "label": "normal"}', encoding="utf-8")
    known = {**places, "folder": folder, "gone": folder / "gone"}
    assert evaluate.main([part.format(**known) for part in line]) == 2
    assert remedy in capsys.readouterr().err


@pytest.mark.parametrize(
    "more", [["--card", "--rules", "advertising"], ["--worst", "-1"], ["--card", "--sets", "x"]]
)
def test_a_line_that_contradicts_itself_ends_there(more: list[str], tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as left:
        evaluate.main(["--data", str(tmp_path), *more])
    assert left.value.code == 2
