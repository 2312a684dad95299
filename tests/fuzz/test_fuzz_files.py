"""Whatever a file holds: logs, rosters, backups and configurations are read, or refused in their own words."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from fakes.fuzzing import fuzz, hostile
from fakes.shipped import shipped
from hypothesis import example, given
from hypothesis import strategies as st

from bot.errors import ConfigError
from bot.reports.check import BOM, check
from bot.roster import UnreadableRoster, read_roster
from bot.settings.source import Loaded, load_settings
from storage.backup_form import FORMAT, End, Head, read
from storage.errors import Damaged, StorageError

KEYS = st.sampled_from(("text", "id", "room", "sender", "alias", "kind", "type", "sent_at", "mentions", "x"))
TIMES = (
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "2026-10-13T10:00:00+08:00",
    "2026-10-13",
    "",
)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | hostile | st.sampled_from((*TIMES, "employee", "file")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
LINES = st.dictionaries(KEYS, PLAIN, max_size=8).map(lambda line: json.dumps(line).encode()) | st.binary(
    max_size=60
)


def outcome(work: Callable[[], Any], declared: type[Exception]) -> Any:
    """What comes of reading: what was read, or the one error that a reader declares."""
    try:
        return work()
    except declared as refusal:
        return refusal


def damaged(data: bytes, where: int, what: bytes) -> bytes:
    """``data`` with ``what`` in the place of as many bytes."""
    where %= len(data) + 1
    return data[:where] + what + data[where + len(what) :]


@fuzz(60)
@given(st.lists(LINES, max_size=4))
@example([b'{"text":"","id":1e400}'])
@example([b'{"text":"","id":"\\ud800"}', b'{"text":"\\u0000\\udfff","room":"\\ud800","sender":"x"}'])
@example([b"[" * 5_000, b'{"text":"","id":' + b"[" * 900 + b"]" * 900 + b"}"])
@example([b'\xef\xbb\xbf{"text":"a","sent_at":"0001-01-01T00:00:00+14:00","sender":"a"}'])
def test_every_line_of_a_log_gives_one_line_of_json(lines: list[bytes]) -> None:
    log = b"\n".join(lines).split(b"\n")
    told = [one.json() for one in check(log, shipped())]
    assert len(told) == sum(bool(line.strip()) for line in [log[0].removeprefix(BOM), *log[1:]])
    for line in told:
        assert "\n" not in line
        found = json.loads(line, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
        assert ("error" in found) != ("findings" in found)
        assert len(str(found.get("error", ""))) < 1_000


ROWS = (
    ("工号", "姓名", "部门", "负责人", "状态"),
    ("1001", "张三", "技术部", "否", "在职"),
    (7, "李四", "技术部", "是", "在职"),
)


def workbook() -> dict[str, bytes]:
    """A sound workbook, part by part."""
    book = openpyxl.Workbook()
    for row in ROWS:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    with zipfile.ZipFile(stream) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


PARTS = workbook()
XML = st.sampled_from((
    b"<c", b"/>", b"</row>", b'r="A1"', b'r="ZZZ9999999"', b't="s"', b"<v>9</v>", b"<v>1e999</v>", b"&#0;", b"&a;",
    b"<!ENTITY a 'b'>", b'r="-1"', b"<f>", b"\xff", b"\x00", b'sheetId="0"', b"<mergeCell ref='A1:XFD1048576'/>",
    b'state="hidden"', b"../../x",
))  # fmt: skip


@fuzz(25)
@given(st.sampled_from(sorted(PARTS)), st.integers(0, 5_000), XML | st.binary(max_size=9))
def test_a_workbook_with_a_broken_part_is_read_or_refused(name: str, where: int, what: bytes) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for part, content in PARTS.items():
            archive.writestr(part, damaged(content, where, what) if part == name else content)
    sound_roster(stream.getvalue(), most=2)


def sound_roster(data: bytes, most: int) -> None:
    found = outcome(lambda: read_roster(io.BytesIO(data)), UnreadableRoster)
    if isinstance(found, UnreadableRoster):
        assert found.remedy
        return
    assert not (found.bad and found.rows)
    assert len(found.rows) <= most
    assert all(line.isprintable() and len(line) < 1_000 for line in found.complaints())


@fuzz(40)
@given(st.lists(hostile, max_size=6), st.sampled_from(("utf-8", "gb18030")))
@example(['"', ",,,,"], "utf-8")
def test_a_delimited_roster_is_read_or_refused(lines: list[str], encoding: str) -> None:
    data = "\n".join([",".join(map(str, ROWS[0])), *lines]).encode(encoding, "replace")
    sound_roster(data, most=data.count(b"\n") + data.count(b"\r") + 1)


HEAD = {
    "qungui_backup": FORMAT, "schema": "0001", "taken_at": "2026-10-13T00:00:00+00:00", "database": "sqlite"
}  # fmt: skip


def table(kind: str) -> dict[str, object]:
    return {"table": "t", "columns": [["a", kind]], "key": ["a"]}


def sealed(*parts: Any) -> bytes:
    """A file with a seal that fits: it is no secret how to make one."""
    lines = [part if isinstance(part, bytes) else json.dumps(part).encode() for part in parts]
    body = b"".join(line + b"\n" for line in lines)
    return gzip.compress(body + json.dumps({"sealed": sha256(body).hexdigest()}).encode() + b"\n", 1, mtime=0)


KINDS = st.sampled_from(("text", "integer", "number", "boolean", "time", "day", "bytes", "no kind"))
PART = (
    st.builds(table, KINDS)
    | st.lists(PLAIN, max_size=2)
    | PLAIN
    | st.fixed_dictionaries({"counters": PLAIN})
    | st.fixed_dictionaries({"rows": PLAIN, "checksum": PLAIN})
)
MADE = st.builds(lambda parts: sealed(HEAD, *parts), st.lists(PART, max_size=4))
BENT = st.builds(
    damaged, st.just(sealed(HEAD, table("text"), ["a"])), st.integers(0, 400), st.binary(max_size=4)
)


@fuzz(80)
@given(MADE | BENT)
@example(sealed(HEAD | {"taken_at": None}))
@example(sealed(HEAD | {"taken_at": "0001-01-01T00:00:00+14:00"}))
@example(sealed(HEAD, table("number"), b"[" + b"9" * 400 + b"]"))
@example(sealed(HEAD, table("time"), ["0001-01-01T00:00:00+14:00"]))
@example(sealed(HEAD, table("time"), ["2026-10-13T00:00:00"]))
@example(sealed(HEAD, {"counters": {"t": None}}))
@example(sealed(HEAD, b'{"counters":' + b"[" * 5_000))
def test_a_backup_file_is_read_or_refused(data: bytes) -> None:
    found = outcome(lambda: list(read(io.BytesIO(data), "a file")), StorageError)
    if isinstance(found, StorageError):
        assert found.remedy
        return
    assert isinstance(found[0], Head)
    assert found[0].taken_at.tzinfo is not None
    assert all(part.tally.rows >= 0 for part in found if isinstance(part, End))


@pytest.mark.parametrize(
    "parts",
    [
        (HEAD | {"taken_at": None},),
        (HEAD | {"taken_at": "0001-01-01T00:00:00+14:00"},),
        (HEAD, table("number"), b"[" + b"9" * 400 + b"]"),
        (HEAD, table("time"), ["0001-01-01T00:00:00+14:00"]),
        (HEAD, table("time"), ["2026-10-13T00:00:00"]),
        (HEAD, {"counters": {"t": None}}),
    ],
)
def test_times_and_numbers_beyond_all_limits_are_damage(parts: tuple[Any, ...]) -> None:
    with pytest.raises(Damaged):
        list(read(io.BytesIO(sealed(*parts)), "a file"))


SHIPPED = Path(__file__).parents[2].joinpath("config.yaml").read_bytes()
YAML = st.sampled_from((
    b"&a", b"*a", b"<<: *a", b"!!python/object/apply:os.system", b"{", b"[", b": ", b"\n- ", b"'", b"\t", b"null",
    b"on", b"1e999", b"\x00", b"\xff", b"? ", b"|", b"\n\n",
))  # fmt: skip


@fuzz(12)
@given(st.lists(st.tuples(st.integers(0, len(SHIPPED)), YAML | st.binary(max_size=6)), max_size=3))
def test_a_configuration_is_taken_or_its_mistakes_are_told(
    tmp_path: Path, changes: list[tuple[int, bytes]]
) -> None:
    data = SHIPPED
    for where, what in changes:
        data = damaged(data, where, what)
    file = tmp_path / "config.yaml"
    file.write_bytes(data)
    found = outcome(lambda: load_settings(file, {}), ConfigError)
    assert isinstance(found, Loaded) or 0 < len(str(found)) < 100_000
