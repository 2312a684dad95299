"""Tables for spreadsheets: nothing that was typed is ever run, and numbers stay numbers."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from bot.reports.export import LONGEST, Cell, Table, as_csv, as_xlsx, neutral

HOSTILE = (
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://x.example","点我")',
    "+1+2",
    "-2+3",
    "@SUM(A1:A9)",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(1)",
    " =1+1",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "\u200b=1+1",
    "\ufeff=1+1",
    "\u202e=1+1",
    "\u3000＝1+1",
    "|calc",
    "%0A=1",
    "﹢1",
    "⁼1",
)


def table(*rows: tuple[Cell, ...]) -> Table:
    return Table("个人", ("姓名", "分"), rows)


def read_csv(content: bytes) -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_begins_a_formula(text: str) -> None:
    safe = neutral(text)
    assert isinstance(safe, str)
    assert safe.startswith(("'", "\\")), safe
    (_, row) = read_csv(as_csv(table((text, 1))))
    assert row == [safe, "1"]
    sheet = load_workbook(io.BytesIO(as_xlsx([table((text, 1))]))).active
    assert sheet is not None
    assert sheet["A2"].value == safe
    assert sheet["A2"].data_type == "s"


@given(st.text(max_size=60))
def test_whatever_was_typed_a_cell_is_one_line_and_no_formula(text: str) -> None:
    safe = neutral(text)
    assert isinstance(safe, str)
    assert not any(unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") for char in safe)
    assert unicodedata.normalize("NFKC", safe).lstrip()[:1] not in tuple("=+-@|%")
    (_, row) = read_csv(as_csv(table((text, -2))))
    assert row == [safe, "-2"]


@pytest.mark.parametrize("text", ["", "张三", "人力资源部-张三", "V-7K2QM", "1=1", "a@b.example", "2026-10"])
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert neutral(text) == text


def test_numbers_stay_numbers_and_are_no_formulas() -> None:
    content = as_csv(table(("张三", -2)))
    assert content.decode("utf-8-sig") == '"姓名","分"\r\n"张三",-2\r\n'
    sheet = load_workbook(io.BytesIO(as_xlsx([table(("张三", -2))]))).active
    assert sheet is not None
    assert sheet["B2"].value == -2
    assert sheet["B2"].data_type == "n"


def test_what_moves_or_reverses_is_spelt_out_and_what_is_too_long_is_cut() -> None:
    assert neutral("张\u202e三\n李四\x00") == "张\\u202e三\\n李四\\x00"
    cut = neutral("长" * (LONGEST + 9))
    assert isinstance(cut, str)
    assert len(cut) == LONGEST


def test_a_workbook_has_a_sheet_for_each_table_and_no_formula_in_its_parts() -> None:
    content = as_xlsx([table(*((text, 1) for text in HOSTILE)), Table("部门", ("部门",), (("=1",),))])
    assert load_workbook(io.BytesIO(content)).sheetnames == ["个人", "部门"]
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        for name in parts.namelist():
            if name.startswith("xl/worksheets/"):
                assert not re.search(rb"<(?:\w+:)?f[ >]", parts.read(name))
