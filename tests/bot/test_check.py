"""`qungui check` by its contract."""

from __future__ import annotations

import json
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from fakes.command_line import Cli, command_line
from fakes.process import environment, qungui
from fakes.scene import AD, ORDINARY
from fakes.shipped import shipped

from bot.reports.check import LONGEST_LINE, check, lines_of

BOOK = shipped()
CLEAN = json.dumps({"text": ORDINARY})
SPAM = json.dumps({"id": 7, "text": AD})


def run(*lines: str | bytes) -> list[dict[str, Any]]:
    raw = [line.encode() if isinstance(line, str) else line for line in lines]
    return [json.loads(one.json()) for one in check(raw, BOOK)]


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    return command_line(tmp_path, monkeypatch, capsys)


def test_an_ordinary_line_has_no_finding() -> None:
    assert run(CLEAN) == [{"id": None, "findings": []}]


def test_an_advertisement_is_found_with_its_spans() -> None:
    ((finding,),) = [one["findings"] for one in run(SPAM)]
    assert finding["rule"] == "advertising"
    assert finding["tier"] == "violation"
    assert finding["points"] == 2
    assert finding["clause"] == "3.1d"
    assert all(0 <= start < end <= len(AD) for start, end in finding["spans"])
    assert finding["spans"][0] == [0, 5]
    assert all(before[1] <= after[0] for before, after in pairwise(finding["spans"]))


def test_a_secret_is_pointed_at_and_never_printed(capfd: pytest.CaptureFixture[str]) -> None:
    secrets = ("110101199003070011", "Qg#2026run", "AKIAIOSFODNN7EXAMPL3")
    text = "身份证{}，密码：{}，key {}".format(*secrets)
    (line,) = (one.json() for one in check([json.dumps({"text": text}).encode()], BOOK))
    assert not any(secret in line + "".join(capfd.readouterr()) for secret in secrets)
    found = [one for one in json.loads(line)["findings"] if one["rule"] == "confidential"]
    assert {text[slice(*span)] for one in found for span in one["spans"]} == set(secrets)
    assert {one["clause"] for one in found} == {"5.3"}


@pytest.mark.parametrize("given", [None, 7, "a", 1.5, [1, {"x": 2}]])
def test_the_id_is_copied_whatever_it_is(given: Any) -> None:
    assert run(json.dumps({"id": given, "text": ""}))[0]["id"] == given


@pytest.mark.parametrize(
    "line",
    [
        "not json",
        "[]",
        "3",
        "{}",
        '{"text": 5}',
        '{"text": "x", "sent_at": "2026-10-08 22:30"}',
        '{"text": "x", "sent_at": 5}',
        '{"text": "x", "type": "hologram"}',
        '{"text": "x", "kind": "robot"}',
        '{"text": "x", "mentions": "all"}',
        b'{"text": "\xff"}',
        "[" * 100_000,
        '{"text": ' + "9" * 5_000 + "}",
        '{"text": "", "id": 1e400}',  # copied as it is read, it would be no JSON any more
    ],
)
def test_a_broken_line_is_an_error_object_and_the_rest_goes_on(line: str | bytes) -> None:
    first, broken, last = run(CLEAN, line, SPAM)
    assert first["findings"] == []
    assert broken["line"] == 2
    assert broken["error"]
    assert last["findings"]


def test_an_error_never_repeats_what_stood_there() -> None:
    (broken,) = run('{"text": 5, "sender": {"secret": "13812345678"}}')
    assert "13812345678" not in broken["error"]


def test_blank_lines_are_skipped_but_counted() -> None:
    assert run("", "  ", "x") == [{"line": 3, "error": "not JSON: Expecting value at column 1"}]


def test_a_byte_order_mark_is_no_part_of_the_first_line() -> None:
    assert run(b"\xef\xbb\xbf" + CLEAN.encode()) == [{"id": None, "findings": []}]


def test_missing_fields_make_rules_unknown_and_not_wrong() -> None:
    assert run(*[json.dumps({"text": "在吗在吗在吗"})] * 20) == [{"id": None, "findings": []}] * 20


def test_a_burst_in_a_log_is_found_once() -> None:
    lines = [
        json.dumps(
            {"id": n, "text": "在吗在吗在吗", "sender": "a", "sent_at": f"2026-10-13T10:00:{n:02d}+08:00"}
        )
        for n in range(20)
    ]
    assert sum(bool(one["findings"]) for one in run(*lines)) == 1


def test_null_is_like_missing() -> None:
    line = json.dumps({"text": AD, "room": None, "sender": None, "sent_at": None, "type": None, "kind": None})
    assert run(line)[0]["findings"][0]["rule"] == "advertising"


def test_lone_surrogates_can_be_printed() -> None:
    assert run('{"id": "\\ud83d", "text": "\\ud83d"}')[0]["id"] == "\ud83d"


def test_an_endless_line_does_not_fill_the_memory(tmp_path: Path) -> None:
    file = tmp_path / "log"
    file.write_bytes(b'{"text": "' + b"x" * (LONGEST_LINE * 2) + b'"}\n' + SPAM.encode())
    with file.open("rb") as stream:
        first, second = check(lines_of(stream), BOOK)
    assert first.broken
    assert second.report["findings"]


def test_exit_status_and_order_on_the_command_line(cli: Cli) -> None:
    done = cli("check", "-", text=f"{CLEAN}\n{SPAM}\n")
    assert done.returncode == 0
    assert [bool(json.loads(line)["findings"]) for line in done.stdout.splitlines()] == [False, True]
    assert cli("check", "-", text="x\n").returncode == 1
    assert cli("check", "-", "--fail-on", "violation", text=SPAM).returncode == 1
    assert cli("check", "-", "--fail-on", "review", text=CLEAN).returncode == 0


def test_bad_usage_names_the_remedy(cli: Cli) -> None:
    missing = cli("check", "missing.jsonl")
    assert missing.returncode == 2
    assert "remedy" in missing.stderr
    unknown = cli("check", "-", "--rules", "advertizing")
    assert unknown.returncode == 2
    assert "did you mean 'advertising'" in unknown.stderr


def test_only_the_named_rules_run(tmp_path: Path) -> None:
    # A process of its own, as in a pipe of the shell; the others share this one, which is quicker.
    done = subprocess.run(  # noqa: S603 - our own command line
        qungui("check", "-", "--rules", "flooding,banned_words"),
        input=SPAM,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=environment(tmp_path),
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["findings"] == []
