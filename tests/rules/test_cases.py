"""Runs every row of the case tables: ``tests/rules/cases/<rule>.yaml``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from rules.core.book import Rulebook
from rules.core.load import load_rules
from rules.core.model import Tier
from rules.core.rehearse import example_of, failures, rehearse

TABLES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))


def rows(table: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load(table.read_text(encoding="utf-8"))
    return found


def cases() -> Iterator[object]:
    for table in TABLES:
        for number, row in enumerate(rows(table), 1):
            text = str(row.get("bad", row.get("good", "")))[:16]
            yield pytest.param(table.stem, row, id=f"{table.stem}-{number}-{text!r}")


@pytest.mark.parametrize(("rule", "row"), list(cases()))
def test_case(rule: str, row: dict[str, Any], book: Rulebook) -> None:
    example = example_of(row)
    assert list(failures(rule, example, rehearse(book, example))) == []


def test_every_rule_has_a_table_and_every_table_a_rule() -> None:
    assert {table.stem for table in TABLES} == {rule.id for rule in load_rules()}


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.stem)
def test_no_row_stands_twice_and_both_sides_are_there(table: Path) -> None:
    found = rows(table)
    assert found, "the table is empty"
    seen = [repr(sorted(row.items(), key=str)) for row in found]
    assert len(set(seen)) == len(seen)
    assert min(sum("bad" in row for row in found), sum("good" in row for row in found)) * 4 >= len(found)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({"text": "x"}, "either bad or good"),
        ({"bad": "x", "good": "y"}, "either bad or good"),
        ({"bad": 8}, "quotes"),
        ({"bad": "x", "teir": "review"}, "teir"),
        ({"bad": "x", "tier": "maybe"}, "maybe"),
        ({"good": "x", "type": "sticker"}, "sticker"),
    ],
)
def test_a_row_with_a_slip_is_refused(row: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        example_of(row)


def test_a_case_that_does_not_hold_fails(book: Rulebook) -> None:
    flagged = {"good": "", "type": "emoticon", "before": [{"type": "emoticon", "times": 5, "every": 1}]}
    silent = {"bad": "今天下午三点开会", "tier": "violation"}
    wrong_tier = flagged | {"tier": "review"}
    wrong_tier["bad"] = wrong_tier.pop("good")
    early = {"bad": "", "type": "emoticon", "before": [{"type": "emoticon", "times": 9, "every": 1}]}
    for row in (flagged, silent, wrong_tier, early):
        example = example_of(row)
        assert list(failures("flooding", example, rehearse(book, example))), row
    assert example_of(wrong_tier).tier is Tier.REVIEW
