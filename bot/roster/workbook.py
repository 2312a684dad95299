"""The workbook form of a roster: one sheet of an XLSX file as records, its cells as the text people see.

A workbook is a ZIP of XML, and both can be made to swell: how large the parts unpack is known before any of them is
read, none may declare entities, and rows and columns have an end. Formulas are never trusted for what they came to
when somebody last saved the file.
"""

from __future__ import annotations

import re
import warnings
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from io import BytesIO
from itertools import islice
from typing import Any, Final

from bot.roster.table import COLUMNS, HEADINGS, Odd, Record, UnreadableRoster, folded

LARGEST_CONTENT: Final = 32 * 1024 * 1024
"""How much all parts of a workbook may unpack to, in bytes; 50,000 employees take less than half."""

LARGEST_FRAME: Final = 4 * 1024 * 1024
"""How much everything but cells and pictures may unpack to: styles and the like become objects, all at once."""

MOST_PARTS: Final = 2_000
MOST_ROWS: Final = 100_000
MOST_COLUMNS: Final = 128
TITLE_ROWS: Final = 10
"""The headings stand among the first so many rows that hold anything: a title or two may stand above them."""

_ZIP: Final = b"PK\x03\x04"
_CELLS: Final = ("xl/worksheets/", "xl/sharedStrings", "xl/media/", "docProps/")
_REMEDY: Final = (
    "open it in Excel, save the sheet under a new name as .xlsx or “CSV UTF-8”, and give that file"
)
_DECLARES: Final = re.compile(rb"<\0?!\0?(?:D\0?O\0?C\0?T\0?Y\0?P\0?E|E\0?N\0?T\0?I\0?T\0?Y)")
_MERGED: Final = re.compile(
    rb"<(?:\w+:)?mergeCell\s[^>]*?ref=[\"']\$?([A-Z]{1,3})\$?([0-9]{1,7}):\$?([A-Z]{1,3})\$?([0-9]{1,7})[\"']"
)
_PADDED: Final = re.compile(r"0{2,32}")
_EXACT: Final = 10**15
"""Excel keeps 15 digits of a number; what is longer was rounded."""

# What a workbook holds besides cells (validations, themes) is of no interest here, nor that openpyxl leaves it out.
warnings.filterwarnings("ignore", category=UserWarning, module=r"openpyxl\.")


@dataclass(frozen=True, slots=True)
class Sheet:
    """The sheet of a workbook that is the roster; ``records`` begin with the one that names the columns."""

    title: str
    records: tuple[Record, ...]


def is_workbook(data: bytes) -> bool:
    """Whether this is a ZIP file that says it is a workbook."""
    return data.startswith(_ZIP) and b"xl/workbook" in data


def sheet_of(data: bytes) -> Sheet:
    """The one sheet of a workbook that names the columns of a roster; hidden sheets are left alone.

    Where none does, it is the first that holds anything, so that somebody is told what is missing.

    Raises:
        UnreadableRoster: the workbook is broken, protected or far too large, or several sheets could be meant.
    """
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            _weigh(archive)
        return _chosen(data)
    except UnreadableRoster:
        raise
    except Exception as failure:  # a broken part makes openpyxl raise anything; told with its kind
        raise UnreadableRoster(f"the workbook is broken ({type(failure).__name__})", _REMEDY) from failure


def _weigh(archive: zipfile.ZipFile) -> None:
    """Make sure that a workbook can be unpacked; a part never yields more than its directory says.

    Raises:
        UnreadableRoster: it can't.
    """
    parts = archive.infolist()
    if any(part.flag_bits & 1 for part in parts):
        raise UnreadableRoster("the workbook has a password", "save it without one")
    frame = sum(part.file_size for part in parts if not part.filename.startswith(_CELLS))
    whole = sum(part.file_size for part in parts)
    if len(parts) > MOST_PARTS or whole > LARGEST_CONTENT or frame > LARGEST_FRAME:
        raise UnreadableRoster(
            f"the workbook unpacks to more than {LARGEST_CONTENT // 1024 // 1024} MiB, or has too many parts",
            "copy the rows into a new workbook, without pictures and formats",
        )
    for part in parts:
        if part.filename.endswith((".xml", ".rels", ".vml")) and _DECLARES.search(archive.read(part)):
            raise UnreadableRoster("the workbook declares XML entities, which Excel never does", _REMEDY)


def _chosen(data: bytes) -> Sheet:
    from openpyxl import load_workbook  # takes a while, and only workbooks need it

    book = load_workbook(BytesIO(data), read_only=True, data_only=False, keep_links=False)
    try:
        sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        starts = {sheet.title: _start(sheet) for sheet in sheets}
        named = [sheet for sheet in sheets if (start := starts[sheet.title]) and start[1]]
        if len(named) > 1:
            titles = "、".join(sheet.title for sheet in named[:5])
            raise UnreadableRoster(
                f"{len(named)} sheets name the columns of a roster: {titles}",
                "keep one of them, or hide the rest",
            )
        sheet = next((one for one in named or sheets if starts[one.title] is not None), None)
        if sheet is None:
            raise UnreadableRoster("the workbook is empty", f"its headings are {','.join(COLUMNS)}")
        start = starts[sheet.title] or (1, False)
        with zipfile.ZipFile(BytesIO(data)) as archive:
            merged = _merged(archive.read(sheet._worksheet_path))
        return Sheet(sheet.title, tuple(_records(sheet, start[0], merged)))
    finally:
        book.close()


def _start(sheet: Any) -> tuple[int, bool] | None:
    """The row of the headings and whether they are complete; the first row that holds anything if none names them."""
    first: int | None = None
    filled = ((line, row) for line, row in _rows(sheet) if any(_value(cell) is not None for cell in row))
    for line, row in islice(filled, TITLE_ROWS):
        first = first or line
        headings = {HEADINGS.get(folded(_text(cell)).replace(" ", "")) for cell in row}
        if headings.issuperset(COLUMNS):
            return line, True
    return None if first is None else (first, False)


def _rows(sheet: Any) -> Iterator[tuple[int, Sequence[Any]]]:
    """Rows with their number; the size that the sheet itself states may be wrong, so nothing goes by it.

    Raises:
        UnreadableRoster: there are too many.
    """
    sheet.reset_dimensions()
    for line, row in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS), start=1):
        if line > MOST_ROWS:
            raise UnreadableRoster(
                f"the sheet has more than {MOST_ROWS} rows", "remove the empty ones at its end"
            )
        yield line, row


Merged = Mapping[int, Sequence[range]]
"""Which columns (from 0) of a row lie in merged cells without being the first, which holds what they show."""


def _merged(part: bytes) -> Merged:
    """The merged cells of a sheet.

    Raises:
        UnreadableRoster: there are far too many.
    """
    from openpyxl.utils import column_index_from_string

    found: dict[int, list[range]] = defaultdict(list)
    covered = 0
    for match in _MERGED.finditer(part):
        left, right = (column_index_from_string(match[column].decode()) - 1 for column in (1, 3))
        top, bottom = int(match[2]), min(int(match[4]), MOST_ROWS)
        covered += bottom - top + 1
        if covered > MOST_ROWS:
            raise UnreadableRoster("the sheet is full of merged cells", "unmerge them")
        for line in range(top, bottom + 1):
            found[line].append(range(left + 1 if line == top else left, right + 1))
    return found


def _records(sheet: Any, start: int, merged: Merged) -> Iterator[Record]:
    """The headings and what stands below them, each row as wide as they are; blank rows are left out."""
    width = 0
    for line, row in _rows(sheet):
        if line < start or not any(_value(cell) is not None for cell in row):
            continue
        cells = [_text(cell) for cell in row]
        width = width or max(index for index, cell in enumerate(cells, start=1) if cell.strip())
        for columns in merged.get(line, ()) if line > start else ():
            for index in columns[:width]:
                if index < width:
                    cells[index] = Odd.of("is part of a merged cell", "unmerge it, and fill in each line")
        yield line, cells[:width]


def _value(cell: Any) -> Any:
    """What a cell holds; ``None`` for nothing and for white space."""
    value = cell.value
    return None if isinstance(value, str) and not value.strip() else value


def _text(cell: Any) -> str:
    """A cell as people see it, or what is odd about it."""
    value = _value(cell)
    if value is None:
        return ""
    if isinstance(value, str):
        if cell.data_type == "e":
            return Odd.of("holds an error of Excel's", "give the value itself")
        return "=" if cell.data_type == "f" else value
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, date | time | timedelta):
        return Odd.of("is a date or a time in Excel", "format the column as text, and type it again")
    if isinstance(value, int | float):
        return _number(value, str(cell.number_format or ""))
    return "="  # formulas over several cells are objects


def _number(value: int | float, shape: str) -> str:
    """A number as it is shown: whole ones without a decimal point, with the zeros that its format puts before it."""
    if abs(value) >= _EXACT:
        return f"{value:E}"
    if value != int(value):
        return repr(value)
    whole = str(int(value))
    return whole.zfill(len(shape)) if _PADDED.fullmatch(shape) else whole
