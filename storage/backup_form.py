"""What stands in a backup: compressed lines of JSON, the same for both databases. Pure but for the stream.

The first line says what it is, of which schema and when. Each table is a line with its columns and their kinds, one
line for each row, and a line with the number of rows and their checksum. The last line seals everything before it.
A checksum adds up the hashes of the rows: the order in which a database hands them out does not matter.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, BinaryIO

from sqlalchemy import BigInteger, Boolean, Date, DateTime, Float, Integer, LargeBinary, String
from sqlalchemy.types import TypeEngine

from storage.errors import Damaged, NoBackup, StorageError
from storage.types import UtcTime, Words

FORMAT = 1
LONGEST = 64 * 1024 * 1024
"""No line is longer: a message, and whatever is made of it, is a small part of that."""

TYPES: dict[str, TypeEngine[Any]] = {
    "text": Words(),
    "integer": BigInteger(),
    "number": Float(),
    "boolean": Boolean(),
    "time": UtcTime(),
    "day": Date(),
    "bytes": LargeBinary(),
}
"""The kinds of values, each with the type by which both databases read and write it."""

_KINDS: tuple[tuple[type[TypeEngine[Any]], str], ...] = (
    (Boolean, "boolean"),
    (Integer, "integer"),
    (Float, "number"),
    (DateTime, "time"),
    (Date, "day"),
    (LargeBinary, "bytes"),
    (String, "text"),
)
_MODULUS = 1 << 256
_NOT_OURS = "name a file that `qungui db backup` has written"
_AGAIN = "take another copy of it from where it was kept; what is damaged is not put back in part"


@dataclass(frozen=True, slots=True)
class Head:
    """What a backup is: the revision of its schema, when it was taken, and of which kind of database."""

    schema: str
    taken_at: datetime
    database: str


@dataclass(frozen=True, slots=True)
class Shape:
    """A table: its name, its columns, each with its kind, and those by which its rows are told apart."""

    name: str
    columns: tuple[tuple[str, str], ...]
    key: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tally:
    """How many rows a table has, and the checksum of all of them."""

    rows: int = 0
    checksum: int = 0

    def with_row(self, line: bytes) -> Tally:
        """With one row more."""
        hashed = int.from_bytes(hashlib.sha256(line).digest(), "big")
        return Tally(self.rows + 1, (self.checksum + hashed) % _MODULUS)


@dataclass(frozen=True, slots=True)
class End:
    """A table is over."""

    shape: Shape
    tally: Tally


@dataclass(frozen=True, slots=True)
class Counters:
    """The last number that a table counted up to by itself, by table: none is given twice, deleted ones neither."""

    last: dict[str, int]


Part = Head | Shape | list[Any] | End | Counters


def kind_of(column_type: TypeEngine[Any]) -> str:
    """The kind of a column as a database declares it.

    Raises:
        StorageError: it is of none that a backup holds.
    """
    for known, kind in _KINDS:
        if isinstance(column_type, known):
            return kind
    raise StorageError(f"a column of type {column_type} can't be backed up")


def row_line(shape: Shape, row: Sequence[Any]) -> bytes:
    """One row as its line, without the end of the line; the same values are the same line on every database."""
    return _line([_plain(value) for value, _ in zip(row, shape.columns, strict=True)])


def _line(content: object) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value


def _value(kind: str, plain: Any) -> Any:
    """Raises ValueError for what is no value of the kind."""
    if plain is None:
        return None
    if kind in ("text", "time", "day", "bytes"):
        if not isinstance(plain, str):
            raise ValueError(kind)
        if kind == "time":
            moment = datetime.fromisoformat(plain)
            if moment.tzinfo is None:
                raise ValueError(kind)
            return moment.astimezone(UTC)
        if kind == "day":
            return date.fromisoformat(plain)
        return base64.b64decode(plain, validate=True) if kind == "bytes" else plain
    if kind == "boolean" and isinstance(plain, bool):
        return plain
    if kind == "number" and isinstance(plain, int | float):
        return float(plain)
    if kind == "integer" and isinstance(plain, int) and not isinstance(plain, bool) and abs(plain) < 1 << 63:
        return plain
    raise ValueError(kind)


class Writer:
    """Writes a backup, part after part, into a stream; nothing of it is kept in memory."""

    def __init__(self, stream: BinaryIO, head: Head) -> None:
        self._packed = gzip.GzipFile(
            filename="", mode="wb", fileobj=stream, compresslevel=6, mtime=int(head.taken_at.timestamp())
        )
        self._sealed = hashlib.sha256()
        self._put(
            _line(
                {
                    "qungui_backup": FORMAT,
                    "schema": head.schema,
                    "taken_at": _plain(head.taken_at),
                    "database": head.database,
                }
            )
        )

    def _put(self, line: bytes) -> None:
        line += b"\n"
        self._sealed.update(line)
        self._packed.write(line)

    def table(self, shape: Shape) -> None:
        """Begin a table."""
        self._put(_line({"table": shape.name, "columns": shape.columns, "key": shape.key}))

    def row(self, line: bytes) -> None:
        """One row, as :func:`row_line` makes it."""
        self._put(line)

    def end(self, tally: Tally) -> None:
        """End a table."""
        self._put(_line({"rows": tally.rows, "checksum": f"{tally.checksum:064x}"}))

    def close(self, counters: Counters) -> None:
        """Write the counters and seal everything. The stream itself stays open."""
        self._put(_line({"counters": counters.last}))
        self._packed.write(_line({"sealed": self._sealed.hexdigest()}) + b"\n")
        self._packed.close()


def read(stream: BinaryIO, name: str) -> Iterator[Part]:
    """The parts of a backup in order, rows as values; each checksum is checked on the way, the seal at the end.

    Raises:
        NoBackup: it is something else.
        Damaged: it is cut off, or was changed.
    """
    lines = _lines(stream, name)
    sealed = hashlib.sha256()
    try:
        first = next(lines, b"")
        head = _head(first, name)
        sealed.update(first)
        yield head
        shape, tally = None, Tally()
        for line in lines:
            content = _parsed(line)
            if isinstance(content, list):
                if shape is None:
                    raise ValueError("a row of no table")
                yield [_value(kind, plain) for plain, (_, kind) in zip(content, shape.columns, strict=True)]
                tally = tally.with_row(line.rstrip(b"\n"))
            elif "sealed" in content:
                if shape is not None or content["sealed"] != sealed.hexdigest() or next(lines, None):
                    raise ValueError("seal")
                return
            elif "table" in content:
                shape, tally = _shape(content), Tally()
                yield shape
            elif "rows" in content and shape is not None:
                if (content["rows"], content["checksum"]) != (tally.rows, f"{tally.checksum:064x}"):
                    raise ValueError(f"table {shape.name}")
                yield End(shape, tally)
                shape = None
            else:
                counted = {table: _value("integer", last) for table, last in content["counters"].items()}
                if None in counted.values():
                    raise ValueError("counters")
                yield Counters(counted)
            sealed.update(line)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        raise Damaged(f"{name} is damaged: it is not what was written", _AGAIN) from None
    raise Damaged(f"{name} is cut off: its end is missing", _AGAIN)


def _lines(stream: BinaryIO, name: str) -> Iterator[bytes]:
    begun = False
    with gzip.GzipFile(fileobj=stream, mode="rb") as packed:
        while True:
            try:
                line = packed.readline(LONGEST)
            except EOFError:
                raise Damaged(f"{name} is cut off: its end is missing", _AGAIN) from None
            except (OSError, zlib.error) as failure:
                if not begun and isinstance(failure, gzip.BadGzipFile):
                    raise NoBackup(f"{name} is no backup of qungui", _NOT_OURS) from None
                raise Damaged(f"{name} is damaged: it is not what was written", _AGAIN) from None
            if not line:
                return
            begun = True
            yield line


def _parsed(line: bytes) -> Any:
    if not line.endswith(b"\n"):
        raise ValueError("a line that does not end")
    content = json.loads(line, parse_constant=_refused)
    if not isinstance(content, list | dict):
        raise ValueError("neither row nor part")
    return content


def _refused(constant: str) -> float:
    raise ValueError(constant)


def _head(line: bytes, name: str) -> Head:
    try:
        content = _parsed(line)
        version = content["qungui_backup"]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise NoBackup(f"{name} is no backup of qungui", _NOT_OURS) from None
    if version != FORMAT:
        raise NoBackup(
            f"{name} is a backup in a form that this qungui does not know",
            "install the qungui that made it, or a newer one",
        )
    taken_at = _value("time", content["taken_at"])
    if taken_at is None:
        raise ValueError("taken_at")
    return Head(str(content["schema"]), taken_at, str(content["database"]))


def _shape(content: dict[str, Any]) -> Shape:
    columns = tuple((str(column), str(kind)) for column, kind in content["columns"])
    if not columns or not {kind for _, kind in columns} <= TYPES.keys():
        raise ValueError("columns")
    return Shape(str(content["table"]), columns, tuple(map(str, content["key"])))
