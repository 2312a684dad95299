"""A roster in a workbook reads as the same roster in CSV does, or every mistake is told with its line."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import reduce
from typing import Any

import openpyxl
import pytest
from openpyxl.chart import BarChart
from openpyxl.worksheet.formula import ArrayFormula

from bot.roster import RosterFile, UnreadableRoster, read_roster
from bot.roster.workbook import LARGEST_CONTENT, LARGEST_FRAME
from storage.records import RosterRow

HEADINGS = ("工号", "姓名", "部门", "负责人", "状态")
PEOPLE = (
    ("1001", "张三", "人力资源部", "否", "在职"),
    ("1002", "李四", "人力资源部", "是", "在职"),
    ("1003", "王伟", "技术部", "否", "离职"),
)
ROWS = (
    RosterRow("1001", "张三", "人力资源部", False, True),
    RosterRow("1002", "李四", "人力资源部", True, True),
    RosterRow("1003", "王伟", "技术部", False, False),
)
AT = datetime(2026, 10, 2)  # noqa: DTZ001 - Excel knows no time zones
FAR = [(b'r="4"', b'r="1000000"'), (b'A4"', b'A1000000"')]
Change = Callable[[Any], object]


def made(rows: Sequence[Sequence[object]] = (HEADINGS, *PEOPLE), change: Change = lambda book: None) -> bytes:
    """A workbook as openpyxl writes it, after a change to it."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    change(book)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def read(data: bytes) -> RosterFile:
    return read_roster(io.BytesIO(data))


def cell(name: str, value: object, shape: str = "") -> Change:
    def change(book: Any) -> None:
        book.active[name] = value
        if shape:
            book.active[name].number_format = shape

    return change


def repacked(data: bytes, name: str, part: bytes) -> bytes:
    """The workbook with one part replaced or added."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.namelist():
            if entry != name:
                new.writestr(entry, old.read(entry))
        new.writestr(name, part)
    return stream.getvalue()


def part(data: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(name)


@pytest.mark.parametrize(
    "data",
    [
        made(),
        made((("员工花名册",), (), HEADINGS, *PEOPLE)),  # a title above the headings
        made((HEADINGS, *PEOPLE, (), ("", " ", None))),
        made((HEADINGS, (1001.0, *PEOPLE[0][1:]), (1002, *PEOPLE[1][1:]), PEOPLE[2])),
        made((HEADINGS, *((*row[:3], row[3] == "是", row[4]) for row in PEOPLE))),
        made((HEADINGS, *PEOPLE), lambda book: book.create_sheet("说明").append(["请勿修改表头"])),
        made((HEADINGS, *PEOPLE), lambda book: book.create_chartsheet("图").add_chart(BarChart())),
    ],
    ids=["plain", "title", "blank rows", "numbers", "true and false", "another sheet", "a chart"],
)
def test_every_form_of_a_workbook_reads_the_same(data: bytes) -> None:
    found = read(data)
    assert list(found.complaints()) == []
    assert found.rows == ROWS
    assert found.encoding == "XLSX, sheet “Sheet”"


def test_other_columns_are_told_and_may_hold_anything() -> None:
    rows = [(date(2026, 1, 2), "138", *row, "=1+1") for row in PEOPLE]
    found = read(made((("入职", "手机", *HEADINGS, "备注"), *rows)))
    assert found.rows == ROWS
    assert found.ignored == ("入职", "手机", "备注")


def test_the_zeros_that_a_format_shows_are_part_of_a_number() -> None:
    assert read(made(change=cell("A2", 12, "000000"))).rows[0].employee_no == "000012"
    assert read(made(change=cell("A2", 12, "0.00"))).rows[0].employee_no == "12"


def test_a_hidden_sheet_is_no_roster() -> None:
    def hidden(book: Any) -> None:
        old = book.create_sheet("旧")
        old.append(list(HEADINGS))
        old.append(["9", "某人", "旧部门", "否", "在职"])
        old.sheet_state = "hidden"

    assert read(made(change=hidden)).rows == ROWS


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (cell("A3", AT), "line 3: employee_no (工号) is a date or a time in Excel"),
        (cell("A3", 0.5, "h:mm"), "line 3: employee_no (工号) is a date or a time in Excel"),
        (cell("B3", date(2026, 10, 2)), "line 3: name (姓名) is a date or a time in Excel"),
        (cell("A3", "=A2+1"), "line 3: employee_no (工号) is a formula"),
        (cell("A3", ArrayFormula("A3:A4", "=A2:A3+1")), "line 3: employee_no (工号) is a formula"),
        (cell("E3", '=IF(1,"在职","")'), "line 3: status (状态) is “=”"),
        (cell("C3", "#N/A"), "line 3: department (部门) holds an error of Excel's"),
        (cell("A3", 123456789012345678), "line 3: employee_no (工号) was shortened by Excel"),
        (cell("A3", 1e20), "line 3: employee_no (工号) was shortened by Excel"),
        (cell("A3", None), "line 3: employee_no (工号) is empty"),
        (cell("A3", "1001"), "line 3: employee “1001” stands in line 2 too"),
        (cell("B3", "李\u202e四"), "line 3: name (姓名) holds a character that can't be seen (U+202E)"),
        (cell("D3", "也许"), "line 3: is_head (负责人) is “也许”"),
        (cell("C1", "组"), "line 1: no column department (部门)"),
        (cell("C1", "姓名"), "line 1: the column name stands there twice"),
        (
            lambda book: book.active.merge_cells("C2:C3"),
            "line 3: department (部门) is part of a merged cell",
        ),
        (lambda book: book.active.merge_cells("A3:B3"), "line 3: name (姓名) is part of a merged cell"),
        (lambda book: book.active.delete_rows(2, 3), "line 1: nobody is in it"),
    ],
)
def test_each_mistake_is_told_with_its_line(change: Change, complaint: str) -> None:
    found = read(made(change=change))
    assert found.rows == ()
    assert any(one.startswith(complaint) for one in found.complaints()), list(found.complaints())


def test_of_two_sheets_that_could_be_meant_none_is_taken() -> None:
    def another(book: Any) -> None:
        book.create_sheet("二部").append(list(HEADINGS))

    with pytest.raises(UnreadableRoster, match="2 sheets name the columns of a roster: Sheet、二部"):
        read(made(change=another))


SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (made(()), "empty"),
        (repacked(made(), SHEET, b" " * (LARGEST_CONTENT + 1)), "unpacks to more"),
        (repacked(made(), "xl/styles.xml", b" " * (LARGEST_FRAME + 1)), "unpacks to more"),
        (repacked(made(), SHEET, b'<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'), "entities"),
        (repacked(made(), SHEET, '<!DOCTYPE x [<!ENTITY a "a">]><x>&a;</x>'.encode("utf-16")), "entities"),
        (repacked(made(), SHEET, b"<worksheet"), "broken"),
        (repacked(made(), "xl/workbook.xml", b"<workbook/>"), "broken|empty"),
        (made()[:-40], "broken"),
        (repacked(made(), SHEET, reduce(lambda xml, swap: xml.replace(*swap), FAR, part(made(), SHEET))), "rows"),
    ],
)  # fmt: skip
def test_a_workbook_that_can_not_be_read_is_refused_with_a_remedy(data: bytes, said: str) -> None:
    with pytest.raises(UnreadableRoster, match=said) as refused:
        read(data)
    assert refused.value.remedy


def test_the_size_that_a_sheet_states_is_not_believed() -> None:
    sheet = part(made(), SHEET).replace(b'ref="A1:E4"', b'ref="A1:A1"')
    assert sheet != part(made(), SHEET)
    assert read(repacked(made(), SHEET, sheet)).rows == ROWS
