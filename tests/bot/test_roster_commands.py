"""`qungui roster import` and `qungui check --roster`, end to end on a real database."""

from __future__ import annotations

import json
import os
import pty
import sqlite3
import subprocess
from pathlib import Path

import pytest
from fakes.command_line import Cli, command_line
from fakes.process import environment, qungui

CSV = """\
工号,姓名,部门,负责人,状态
1001,张三,人力资源部,否,在职
1002,李四,人力资源部,是,在职
1003,王伟,技术部,否,离职
"""


HEAD, MEMBER = "人力资源部李四", "人力资源部张三"


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    return command_line(tmp_path, monkeypatch, capsys)


def people(folder: Path) -> list[tuple[object, ...]]:
    if not (folder / "qungui.db").exists():
        return []
    with sqlite3.connect(folder / "qungui.db") as database:
        found = database.execute(
            "select employee_no, name, department, is_head, status from people "
            "where employee_no is not null order by employee_no"
        )
        return found.fetchall()


def audit(folder: Path) -> list[tuple[str, ...]]:
    with sqlite3.connect(folder / "qungui.db") as database:
        return database.execute("select actor, action, target, detail from audit order by id").fetchall()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_roster_is_taken_over_and_the_same_again_changes_nothing(
    tmp_path: Path, cli: Cli, encoding: str
) -> None:
    (tmp_path / "roster.csv").write_bytes(CSV.encode(encoding))
    done = cli("roster", "import", "roster.csv", "--yes")
    assert done.returncode == 0, done.stderr
    assert "+ 1002 李四 人力资源部, head" in done.stdout
    assert "3 added, 0 changed, 0 left, 0 returned, 0 not in the file" in done.stdout
    assert done.stdout.endswith("applied\n")
    assert people(tmp_path) == [
        ("1001", "张三", "人力资源部", 0, "active"),
        ("1002", "李四", "人力资源部", 1, "active"),
        ("1003", "王伟", "技术部", 0, "left"),
    ]
    again = cli("roster", "import", "roster.csv")
    assert again.returncode == 0
    assert "nothing changes" in again.stdout
    assert len(audit(tmp_path)) == 1


def test_the_difference_is_shown_applied_as_a_whole_and_audited_without_names(
    tmp_path: Path, cli: Cli
) -> None:
    (tmp_path / "one.csv").write_text(CSV, encoding="utf-8")
    cli("roster", "import", "one.csv", "--yes")
    (tmp_path / "two.csv").write_text(
        "employee_no,name,department,is_head,status\n"
        "1002,李四,财务部,0,left\n1003,王伟,市场部,,\n1004,赵六,技术部,,\n",
        encoding="utf-8",
    )
    shown = cli("roster", "import", "two.csv", "--dry-run")
    assert shown.returncode == 0
    assert shown.stdout.splitlines()[1:-1] == [
        "- 1002 李四 财务部: left, department 人力资源部 → 财务部, head 是 → 否",
        "^ 1003 王伟 市场部: returned, department 技术部 → 市场部",
        "+ 1004 赵六 技术部",
        "? 1001 张三 人力资源部: not in the file, kept as they are",
        "1 added, 0 changed, 1 left, 1 returned, 1 not in the file",
    ]
    assert [row[0] for row in people(tmp_path)] == ["1001", "1002", "1003"]
    done = cli("roster", "import", "two.csv")
    assert done.returncode == 0
    assert people(tmp_path)[0] == ("1001", "张三", "人力资源部", 0, "active"), "who is missing stays"
    assert people(tmp_path)[1:] == [
        ("1002", "李四", "财务部", 0, "left"),
        ("1003", "王伟", "市场部", 0, "active"),
        ("1004", "赵六", "技术部", 0, "active"),
    ]
    actor, action, target, detail = audit(tmp_path)[-1]
    assert (actor, action, target) == ("operator", "roster imported", "two.csv")
    assert detail == "1 added, 0 changed, 1 left, 1 returned, 1 not in the file"


def test_bad_lines_are_all_told_and_nothing_is_applied(tmp_path: Path, cli: Cli) -> None:
    (tmp_path / "roster.csv").write_text(CSV + "1004,,技术部,否,在职\n1005,赵六,技术部,或许,在职\n", "utf-8")
    done = cli("roster", "import", "roster.csv", "--yes")
    assert done.returncode == 1
    assert "line 5: name (姓名) is empty" in done.stderr
    assert "line 6: is_head (负责人) is “或许”" in done.stderr
    assert people(tmp_path) == []


@pytest.mark.parametrize(
    ("name", "data"),
    [("absent.csv", None), ("book.xlsx", b"PK\x03\x04"), ("utf16.csv", CSV.encode("utf-16"))],
)
def test_a_file_that_cannot_be_read_is_a_usage_error(
    tmp_path: Path, cli: Cli, name: str, data: bytes | None
) -> None:
    if data is not None:
        (tmp_path / name).write_bytes(data)
    for command in (("roster", "import", name), ("check", "-", "--roster", name)):
        done = cli(*command)
        assert done.returncode == 2
        assert "remedy: " in done.stderr
        assert "Traceback" not in done.stderr


def test_a_file_by_which_most_people_leave_has_to_be_meant(tmp_path: Path, cli: Cli) -> None:
    lines = [f"{number},员工{number},技术部,否,在职\n" for number in range(10)]
    header = CSV.splitlines(keepends=True)[0]
    (tmp_path / "all.csv").write_text(header + "".join(lines), "utf-8")
    cli("roster", "import", "all.csv", "--yes")
    gone = [line.replace("在职", "离职") for line in lines[:6]] + lines[6:]
    (tmp_path / "gone.csv").write_text(header + "".join(gone), "utf-8")
    done = cli("roster", "import", "gone.csv", "--yes")
    assert done.returncode == 1
    assert "6 of 10 people would be marked as left" in done.stderr
    assert {row[4] for row in people(tmp_path)} == {"active"}
    meant = cli("roster", "import", "gone.csv", "--yes", "--sweeping")
    assert meant.returncode == 0
    assert sum(row[4] == "left" for row in people(tmp_path)) == 6


@pytest.mark.parametrize(("answer", "applied"), [(b"y\n", 3), (b"\n", 0)])
def test_on_a_terminal_it_asks(tmp_path: Path, answer: bytes, applied: int) -> None:
    (tmp_path / "roster.csv").write_text(CSV, encoding="utf-8")
    ours, theirs = pty.openpty()
    try:
        os.write(ours, answer)
        done = subprocess.run(  # noqa: S603 - our own command line
            qungui("roster", "import", "roster.csv"),
            stdin=theirs,
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env=environment(tmp_path),
            check=False,
        )
    finally:
        os.close(ours)
        os.close(theirs)
    assert done.returncode == 0, done.stderr
    assert "Apply? [y/N]" in done.stdout
    assert len(people(tmp_path)) == applied


def test_check_compares_nicknames_with_a_roster(tmp_path: Path, cli: Cli) -> None:
    (tmp_path / "roster.csv").write_text(CSV, encoding="utf-8")
    aliases = ["人力资源部张三", "人力资源部张三😀", "技术部王伟", "", None]
    log = "".join(
        json.dumps({"id": number, "text": "收到", "alias": alias, "sender": "张三", "room": "一"}) + "\n"
        for number, alias in enumerate(aliases)
    )
    done = cli("check", "-", "--rules", "nickname", "--roster", "roster.csv", text=log)
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [[(one["clause"], one["spans"]) for one in line["findings"]] for line in found] == [
        [],
        [("2.2a", [[7, 8]])],
        [("2.2a", [[3, 5]])],
        [("2.2a", [[0, 0]])],
        [],
    ]
    without = cli("check", "-", "--rules", "nickname", text=log)
    assert all(json.loads(line)["findings"] == [] for line in without.stdout.splitlines())


def test_check_takes_whoever_wears_a_right_nickname_for_that_employee(tmp_path: Path, cli: Cli) -> None:
    (tmp_path / "roster.csv").write_text(CSV, encoding="utf-8")
    text = "经公司研究决定，自7月1日起全员实行大小周，请互相转告"
    worn = [
        (HEAD, "wxid_1"),
        (f"{HEAD}😀", "wxid_2"),
        (MEMBER, "wxid_3"),
        (HEAD, ""),
        (HEAD, "wxid_4"),
        (HEAD, "wxid_1"),
    ]
    log = "".join(json.dumps({"text": text, "alias": alias, "sender_id": own}) + "\n" for alias, own in worn)
    done = cli("check", "-", "--rules", "unapproved_announcement", "--roster", "roster.csv", text=log)
    assert done.returncode == 0, done.stderr
    found = [bool(json.loads(line)["findings"]) for line in done.stdout.splitlines()]
    # A head may; a nickname that is none, a member and whoever has no id may not, nor anybody once two wear the name.
    assert found == [False, True, True, True, True, True]


def test_check_refuses_a_roster_with_mistakes(tmp_path: Path, cli: Cli) -> None:
    (tmp_path / "roster.csv").write_text(CSV + "1004,,技术部,否,在职\n", encoding="utf-8")
    done = cli("check", "-", "--roster", "roster.csv")
    assert done.returncode == 2
    assert "line 5: name (姓名) is empty" in done.stderr
    assert done.stdout == ""
    both = cli("check", "-", "--roster", "-")
    assert both.returncode == 2


def test_check_judges_a_room_by_its_own_rules(tmp_path: Path, cli: Cli) -> None:
    (tmp_path / "config.yaml").write_text(
        "rooms:\n  overrides:\n    闲聊群:\n      rules:\n        banned_words:\n          enabled: false\n",
        encoding="utf-8",
    )
    log = "".join(
        json.dumps({"text": "推荐个赌博网站，注册就送", "room": room}) + "\n" for room in ("工作群", "闲聊群")
    )
    done = cli("check", "-", "--rules", "banned_words", text=log)
    assert done.returncode == 0, done.stderr
    assert [len(json.loads(line)["findings"]) for line in done.stdout.splitlines()] == [1, 0]
