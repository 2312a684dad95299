"""Reads a roster that HR keeps as a CSV file or a workbook (policy 2.1, 2.2): all of it, or every mistake.

CSV is UTF-8 with or without BOM, or GB18030, with commas, tabs or semicolons; a workbook is XLSX. Either has at most
:data:`LARGEST_FILE` bytes. A leaf: the command line and the watch over the roster's file import what it reads, and
``qungui check`` judges by it.
"""

from __future__ import annotations

from typing import BinaryIO

from bot.roster.delimited import LARGEST_FILE, decoded, split
from bot.roster.table import COLUMNS, LONGEST, MOST_MISTAKES, BadLine, Reading, RosterFile, UnreadableRoster
from bot.roster.workbook import is_workbook, sheet_of

__all__ = [
    "COLUMNS",
    "LARGEST_FILE",
    "LONGEST",
    "MOST_MISTAKES",
    "BadLine",
    "RosterFile",
    "UnreadableRoster",
    "read_roster",
]


def read_roster(stream: BinaryIO) -> RosterFile:
    """Read a roster; never fails on what a line holds.

    Raises:
        UnreadableRoster: the file as a whole can't be read; with the remedy.
    """
    data = stream.read(LARGEST_FILE + 1)
    if is_workbook(data) and len(data) <= LARGEST_FILE:
        sheet = sheet_of(data)
        return Reading().finish(sheet.records, f"XLSX, sheet “{sheet.title}”")
    text, encoding = decoded(data)
    if not text.strip():
        raise UnreadableRoster("the file is empty", f"its first line names the columns: {','.join(COLUMNS)}")
    reading = Reading()
    return reading.finish(split(text, reading.wrong), encoding)
