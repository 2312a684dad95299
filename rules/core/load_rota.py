"""Reads a rota out of a CSV: who is on duty or on leave when (policy 3.2a).

Only ``rules.core.load`` imports this; like it, it may open a file. Reading the text is a function of its own.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from types import MappingProxyType
from zoneinfo import ZoneInfo

from rules.core.load_file import read_bytes
from rules.core.options import Mistake, OptionsError, did_you_mean
from rules.core.rota import NO_SHIFTS, Rota, Shift, ShiftKind

WHERE = ("work", "rota")
LARGEST = 16 * 1024 * 1024

COLUMNS: Mapping[str, str] = MappingProxyType(
    {"人员": "person", "开始": "from", "结束": "to", "类型": "kind"}
    | {name: name for name in ("person", "from", "to", "kind")}
)
KINDS: Mapping[str, ShiftKind] = MappingProxyType(
    {
        "": ShiftKind.DUTY,
        "duty": ShiftKind.DUTY,
        "值班": ShiftKind.DUTY,
        "leave": ShiftKind.LEAVE,
        "请假": ShiftKind.LEAVE,
    }
)
_NEEDED = ("person", "from", "to")
_TIMES = "a time is written 2026-10-01 18:00; a date alone is the whole day"
_MOMENT = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[ T]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?", re.ASCII)


def load_rota(path: str, zone: ZoneInfo) -> Rota:
    """The rota in a CSV file; an empty path is no rota.

    Args:
        path: of the file; a relative one starts from the working directory.
        zone: the company's time zone, in which its times are written.

    Raises:
        OptionsError: the file can't be read, or lines of it can't; all of them, each with its number.
    """
    if not path:
        return NO_SHIFTS
    try:
        raw = read_bytes(Path(path), LARGEST + 1)
    except (OSError, ValueError) as failure:
        problem = getattr(failure, "strerror", None) or "it is no path"
        remedy = "relative paths start from the working directory"
        raise OptionsError([Mistake(WHERE, f"can't be read: {problem}", remedy)]) from failure
    if len(raw) > LARGEST:
        raise OptionsError([Mistake(WHERE, f"is larger than {LARGEST >> 20} MiB", "leave out what is over")])
    return Rota(parse_rota(_decoded(raw), zone))


def parse_rota(text: str, zone: ZoneInfo) -> tuple[Shift, ...]:
    """The shifts in the text of a CSV: ``person,from,to[,kind]`` or ``人员,开始,结束[,类型]``, in any order.

    A person is an employee number, a nickname or a name. Both ends are inside; a date alone begins with the day, or
    ends with its last second. Blank lines and those that begin with ``#`` are skipped.

    Raises:
        OptionsError: what is wrong with it, line by line.
    """
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    found: list[Shift] = []
    wrong: list[Mistake] = []
    columns: Sequence[str] | None = None
    try:
        for row in reader:
            cells = [cell.strip().strip("\u3000") for cell in row]
            if not any(cells) or cells[0].startswith("#"):
                continue
            if columns is None:
                columns, mistakes = _columns(cells)
                wrong.extend(mistakes)
                if mistakes:
                    break
                continue
            shift = _shift(dict(zip(columns, cells, strict=False)), zone, len(cells) > len(columns))
            if isinstance(shift, Shift):
                found.append(shift)
            else:
                wrong.append(Mistake(WHERE, f"line {reader.line_num}: {shift}"))
    except csv.Error as failure:
        wrong.append(Mistake(WHERE, f"line {reader.line_num}: not CSV: {failure}"))
    if columns is None and not wrong:
        wrong.append(
            Mistake(WHERE, "holds no line", "its first line is person,from,to,kind or 人员,开始,结束,类型")
        )
    if wrong:
        raise OptionsError(wrong)
    return tuple(found)


def _columns(cells: Sequence[str]) -> tuple[list[str], list[Mistake]]:
    """What the first line names, and what is wrong with it.

    Without the right columns it is perhaps no rota but some other file, of which nothing is repeated.
    """
    columns = [COLUMNS.get(cell.casefold(), "") for cell in cells]
    wrong = [
        Mistake(WHERE, f"line 1: cell {number} names no column of a rota", did_you_mean(cell, COLUMNS))
        for number, (cell, column) in enumerate(zip(cells, columns, strict=True), start=1)
        if not column
    ]
    missing = [name for name in _NEEDED if name not in columns]
    if missing and not wrong:
        wrong.append(Mistake(WHERE, f"line 1: columns are missing: {', '.join(missing)}"))
    if len(set(columns)) < len(columns) and not wrong:
        wrong.append(Mistake(WHERE, "line 1: a column stands there twice"))
    return columns, wrong


def _shift(cells: Mapping[str, str], zone: ZoneInfo, longer: bool) -> Shift | str:
    """The shift of a row, or what is wrong with it; what is wrong never repeats a name."""
    if longer:
        return "has more cells than the first line"
    if missing := [name for name in _NEEDED if not cells.get(name)]:
        return f"{', '.join(missing)} is missing"
    kind = KINDS.get(cells.get("kind", "").casefold())
    if kind is None:
        return f"the kind is duty (值班) or leave (请假), not {cells['kind'][:20]!r}"
    start, end = _moment(cells["from"], zone, last=False), _moment(cells["to"], zone, last=True)
    if start is None or end is None:
        return f"can't read {'from' if start is None else 'to'}: {_TIMES}"
    if end < start:
        return "ends before it starts; a shift over midnight ends on the next day"
    return Shift(cells["person"].casefold(), start, end, kind)


def _moment(text: str, zone: ZoneInfo, last: bool) -> datetime | None:
    """The moment written there, in UTC; of a date alone its first or its ``last`` second."""
    match = _MOMENT.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part) if part else None for part in match.groups())
    try:
        that = date(year or 0, month or 0, day or 0)
        if hour is None or minute is None:
            clock = time(23, 59, 59) if last else time()
        elif (hour, minute, second or 0) == (24, 0, 0):  # how the end of a day is often written
            that, clock = that + timedelta(days=1), time()
        else:
            clock = time(hour, minute, second or 0)
        return datetime.combine(that, clock, tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _decoded(raw: bytes) -> str:
    """As UTF-8, with or without a byte order mark, else as GB18030.

    Raises:
        OptionsError: it is neither.
    """
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise OptionsError([Mistake(WHERE, "is neither UTF-8 nor GB18030", "save it as CSV UTF-8")])
