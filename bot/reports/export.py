"""Tables as files for spreadsheets: CSV (UTF-8 with a byte order mark, as Excel wants it) and XLSX.

What people typed is hostile: no cell of text may ever be read as a formula, move the cursor or turn the reading
direction. Numbers stay numbers.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font

from bot.masking import one_line

Cell = str | int
Format = Literal["csv", "xlsx"]

LONGEST = 32_000
"""Characters in a cell: Excel takes 32,767 and calls a file with more of them damaged."""

WIDEST = 60
_STARTERS = frozenset("=+-@|%")
_SHEET_NAME = 31


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet: a title, headings, and rows under them."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def neutral(value: Cell) -> Cell:
    """A cell that no spreadsheet runs: whatever moves, hides or reverses is spelt out, and a quote stands before
    what would begin a formula, in any width and behind any white space. Numbers are left alone.
    """
    if isinstance(value, int):
        return value
    plain = one_line(value)
    begin = unicodedata.normalize("NFKC", value).lstrip()
    begin = begin.lstrip("".join({char for char in begin if unicodedata.category(char)[0] in "CZ"}))
    dangerous = begin[:1] in _STARTERS or value[:1] in ("\t", "\r", "\n")
    safe = f"'{plain}" if dangerous and begin else plain
    return safe if len(safe) <= LONGEST else safe[: LONGEST - 1] + "…"


def as_csv(table: Table) -> bytes:
    """A table as CSV; every text is quoted."""
    written = io.StringIO()
    lines = csv.writer(written, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    lines.writerow([neutral(heading) for heading in table.headings])
    lines.writerows([neutral(cell) for cell in row] for row in table.rows)
    return written.getvalue().encode("utf-8-sig")


def as_xlsx(tables: Sequence[Table]) -> bytes:
    """Tables as the sheets of one workbook; its texts are texts, whatever they begin with."""
    book = Workbook(write_only=True)
    for table in tables:
        sheet = book.create_sheet(table.title[:_SHEET_NAME])
        sheet.freeze_panes = "A2"
        for place, heading in enumerate(table.headings):
            cells = [str(row[place]) for row in table.rows[:1000]]
            width = max(map(_width, (heading, *cells)))
            sheet.column_dimensions[_letter(place)].width = min(WIDEST, width + 2)
        sheet.append([_cell(sheet, heading, bold=True) for heading in table.headings])
        for row in table.rows:
            sheet.append([_cell(sheet, value) for value in row])
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def encoded(tables: Sequence[Table], form: Format) -> bytes:
    """Tables in one of the formats; CSV has room for the first alone."""
    return as_csv(tables[0]) if form == "csv" else as_xlsx(tables)


def _cell(sheet: object, value: Cell, *, bold: bool = False) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, value=neutral(value))
    if not isinstance(value, int):
        cell.data_type = "s"
        cell.alignment = Alignment(vertical="top")
    if bold:
        cell.font = Font(bold=True)
    return cell


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _letter(place: int) -> str:
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
