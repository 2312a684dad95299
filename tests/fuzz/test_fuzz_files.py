"""Whatever a file holds: logs, rosters, backups and configurations are read, or refused in their own words."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
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
from bot.reports.check import check
from bot.roster import UnreadableRoster, read_roster
from bot.settings.source import load_settings
from storage.backup_form import FORMAT, End, Head, read
from storage.errors import StorageError

KEYS = st.sampled_from(("text", "id", "room", "sender", "alias", "kind", "type", "sent_at", "mentions", "x"))
TIMES = ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-10-13T10:00:00+08:00", "2026-10-13", "")
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | hostile | st.sampled_from((*TIMES, "employee", "file")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
LINES = st.dictionaries(KEYS, PLAIN, max_size=8).map(lambda line: json.dumps(line).encode()) | st.binary(max_size=60)


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
    assert len(told) == sum(bool(line.removeprefix(b"\xef\xbb\xbf" if not at else b"").strip()) for at, line in enumerate(log))
    for line in told:
        assert "\n" not in line
        found = json.loads(line, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
        assert ("error" in found) != ("findings" in found)
        assert len(str(found.get("error", ""))) < 1_000


def workbook() -> dict[str, bytes]:
    book = openpyxl.Workbook()
    for row in (("工号", "姓名", "部门", "负责人", "状态"), ("1001", "张三", "技术部", "否", "在职"), (7, "李四", "技术部", "是", "在职")):  # fmt: skip
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    with zipfile.ZipFile(stream) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


PARTS = workbook()
XML = st.sampled_from((
    b"<c", b"/>", b"</row>", b'r="A1"', b'r="ZZZ9999999"', b't="s"', b"<v>9</v>", b"<v>1e999</v>", b"<!ENTITY a 'b'>", b"&#0;",
    b"&a;", b'r="-1"', b"<f>", b"\xff", b"\x00", b'sheetId="0"', b"<mergeCell ref='A1:XFD1048576'/>", b'state="hidden"', b"../../x",
))  # fmt: skip


@fuzz(25)
@given(st.sampled_from(sorted(PARTS)), st.integers(0, 5_000), XML | st.binary(max_size=9))
def test_a_workbook_with_a_broken_part_is_read_or_refused(name: str, where: int, what: bytes) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for part, content in PARTS.items():
            archive.writestr(part, damaged(content, where, what) if part == name else content)
    try:
        found = read_roster(io.BytesIO(stream.getvalue()))
    except UnreadableRoster as refused:
        assert refused.remedy
        return
    assert not (found.bad and found.rows)
    assert all(line.isprintable() for line in found.complaints())
    assert len(found.rows) <= 2


@fuzz(40)
@given(st.lists(hostile, max_size=6), st.sampled_from(("utf-8", "gb18030")))
@example(["工号,姓名,部门,负责人,状态", '"', ",,,,"], "utf-8")
def test_a_delimited_roster_is_read_or_refused(lines: list[str], encoding: str) -> None:
    data = "\n".join(["工号,姓名,部门,负责人,状态", *lines]).encode(encoding, "replace")
    try:
        found = read_roster(io.BytesIO(data))
    except UnreadableRoster as refused:
        assert refused.remedy
        return
    assert not (found.bad and found.rows)
    assert all(line.isprintable() and len(line) < 500 for line in found.complaints())


HEAD = {"qungui_backup": FORMAT, "schema": "0001", "taken_at": "2026-10-13T00:00:00+00:00", "database": "sqlite"}
KINDS = st.sampled_from(("text", "integer", "number", "boolean", "time", "day", "bytes", "no kind"))
SHAPE = st.builds(lambda kind: {"table": "t", "columns": [["a", kind]], "key": ["a"]}, KINDS)
PART = SHAPE | st.lists(PLAIN, max_size=2) | PLAIN | st.fixed_dictionaries({"counters": PLAIN}) | st.fixed_dictionaries({"rows": PLAIN, "checksum": PLAIN})  # fmt: skip


def sealed(*parts: Any) -> bytes:
    """A file with a seal that fits: it is no secret how to make one."""
    lines = [part if isinstance(part, bytes) else json.dumps(part).encode() for part in parts]
    body = b"".join(line + b"\n" for line in lines)
    return gzip.compress(body + json.dumps({"sealed": sha256(body).hexdigest()}).encode() + b"\n", 1, mtime=0)


def table(kind: str) -> dict[str, object]:
    return {"table": "t", "columns": [["a", kind]], "key": ["a"]}


@fuzz(80)
@given(st.builds(lambda parts: sealed(HEAD, *parts), st.lists(PART, max_size=4)) | st.builds(damaged, st.just(sealed(HEAD, table("text"), ["a"])), st.integers(0, 400), st.binary(max_size=4)))  # fmt: skip
@example(sealed(HEAD | {"taken_at": None}))
@example(sealed(HEAD | {"taken_at": "0001-01-01T00:00:00+14:00"}))
@example(sealed(HEAD, table("number"), b"[" + b"9" * 400 + b"]"))
@example(sealed(HEAD, table("time"), ["0001-01-01T00:00:00+14:00"]))
@example(sealed(HEAD, table("time"), ["2026-10-13T00:00:00"]))
@example(sealed(HEAD, {"counters": {"t": None}}))
@example(sealed(HEAD, b'{"counters":' + b"[" * 5_000))
def test_a_backup_file_is_read_or_refused(data: bytes) -> None:
    try:
        parts = list(read(io.BytesIO(data), "a file"))
    except StorageError as refused:
        assert refused.remedy
        return
    head = parts[0]
    assert isinstance(head, Head)
    assert head.taken_at.tzinfo is not None
    assert all(part.tally.rows >= 0 for part in parts if isinstance(part, End))


SHIPPED = Path(__file__).parents[2].joinpath("config.yaml").read_bytes()
YAML = st.sampled_from((b"&a", b"*a", b"<<: *a", b"!!python/object/apply:os.system", b"{", b"[", b": ", b"\n- ", b"'", b"\t", b"null", b"on", b"1e999", b"\x00", b"\xff", b"? ", b"|", b"\n\n"))  # fmt: skip


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
    try:
        load_settings(file, {})
    except ConfigError as wrong:
        assert 0 < len(str(wrong)) < 100_000
