"""The text form of a roster: which encoding it has, and its records with the line each begins in."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import Final

from bot.roster.table import HEADINGS, Record, UnreadableRoster, Wrong, folded

LARGEST_FILE: Final = 8 * 1024 * 1024

_SAVE_AS_CSV: Final = "save the sheet as “CSV UTF-8” or .xlsx, and give that file"
_NO_TEXT: Final = {
    b"PK\x03\x04": "a ZIP file",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook, or one with a password",
    b"%PDF": "a PDF",
    b"\xff\xfe": "text in UTF-16",
    b"\xfe\xff": "text in UTF-16",
}


def decoded(data: bytes) -> tuple[str, str]:
    """The text of a file, and the name of its encoding.

    Raises:
        UnreadableRoster: it is no text of a known encoding, or too large.
    """
    if len(data) > LARGEST_FILE:
        raise UnreadableRoster(
            f"the file is larger than {LARGEST_FILE // 1024 // 1024} MiB", "leave out what is no roster"
        )
    for start, kind in _NO_TEXT.items():
        if data.startswith(start):
            raise UnreadableRoster(f"the file is {kind}, neither CSV nor .xlsx", _SAVE_AS_CSV)
    if b"\x00" in data:
        raise UnreadableRoster("the file is no text, or text in UTF-16", _SAVE_AS_CSV)
    for encoding, name in (("utf-8-sig", "UTF-8"), ("gb18030", "GB18030")):
        try:
            return data.decode(encoding), name
        except UnicodeDecodeError:
            continue
    raise UnreadableRoster("the file is neither UTF-8 nor GB18030", _SAVE_AS_CSV)


def split(text: str, wrong: Wrong) -> Iterator[Record]:
    """The records with the line each begins in, blank ones left out; ``wrong`` is told of broken ones."""
    skipped = 0
    delimiter = ""
    if (told := re.match(r"sep=([,;\t])\r?\n", text)) is not None:  # Excel's own first line
        text, skipped, delimiter = text[told.end() :], 1, told[1]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter or _delimiter(text), strict=True)
    while True:
        line = reader.line_num + 1 + skipped
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            wrong(line, "its quotation marks don't match, or a cell is endless", "quote whole cells only")
            continue
        if any(cell.strip() for cell in cells):
            yield line, cells


def _delimiter(text: str) -> str:
    """The separator under which the first line holds most of the headings; a comma if none does."""
    first = text.lstrip("\r\n").split("\n", 1)[0][:4096]
    return max(
        ",\t;", key=lambda sign: sum(folded(cell).strip('"') in HEADINGS for cell in first.split(sign))
    )
