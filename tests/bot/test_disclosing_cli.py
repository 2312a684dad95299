"""`qungui export` and `qungui privacy`, on a real database with hostile names in it."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import pkgutil
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from fakes.command_line import Cli, command_line
from fakes.offices import says, staffed
from fakes.scene import AD, OFFICE, ROOM
from fakes.stated import bonus
from openpyxl import load_workbook

HOSTILE = "=cmd|' /C calc'!A0"
NEWLINE = "@SUM(A1)\r\n\u202e敌意"
MONTH = ("--month", "2026-10")


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    return command_line(tmp_path, monkeypatch, capsys)


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A month with a confirmed case, one under appeal, one that nobody decided, a bonus, and hostile names."""
    folder = tmp_path_factory.mktemp("month")
    asyncio.run(live(folder))
    return folder


@pytest.fixture
def folder(tmp_path: Path, month: Path) -> Path:
    """The same month again, in the folder of the test."""
    shutil.copytree(month, tmp_path, dirs_exist_ok=True)
    return tmp_path


async def live(folder: Path) -> None:
    async with staffed(folder) as scene:
        scene.gateway.world.alias(ROOM, "someone", HOSTILE)
        await scene.says("someone", AD + " 电话13800138000")
        first = (await scene.cases())[-1].number
        await says(scene, "li", f"/违规 确认 {first} =1+1", where=OFFICE)
        await scene.says("chen", AD)
        appealed = (await scene.cases())[-1].number
        await says(scene, "li", f"/违规 确认 {appealed}", where=OFFICE)
        await says(scene, "li", f"/说明 {appealed} 2天 @SUM(A1) 请说明", where=OFFICE)
        await says(scene, "chen", f"/说明 {appealed} +1 这是通知", where="")
        await says(scene, "chen", f"/申诉 {appealed} =HYPERLINK(0) 这是通知，请电13800138000", where="")
        await scene.says("wangwu", AD)
        await bonus(scene, "liu", 3, reason=NEWLINE)


def rows_of(content: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.lstrip("\ufeff"), newline="")))


def test_a_statement_holds_confirmed_cases_alone_and_says_that_it_is_a_draft(folder: Path, cli: Cli) -> None:
    done = cli("export", "statements", *MONTH, "--format", "csv", "-o", "-")
    assert done.returncode == 0, done.stderr
    rows = {row["部门"]: row for row in rows_of(done.stdout)}
    assert set(rows) == {"", "总经办"}
    assert (rows[""]["扣分"], rows[""]["合计"], rows[""]["状态"]) == ("2", "-2", "草稿")
    assert (rows["总经办"]["加分"], rows["总经办"]["合计"]) == ("3", "3")


def test_a_workbook_is_written_for_its_owner_alone_and_never_over_another(folder: Path, cli: Cli) -> None:
    done = cli("export", "statements", *MONTH)
    assert done.returncode == 0, done.stderr
    file = folder / "qungui-statements-2026-10.xlsx"
    assert "2 rows" in done.stderr
    assert file.stat().st_mode & 0o777 == 0o600
    book = load_workbook(file)
    assert book.sheetnames == ["个人", "部门", "说明"]
    assert [cell.data_type for cell in book["个人"][2]][4:8] == ["n"] * 4
    before = file.read_bytes()
    again = cli("export", "statements", *MONTH)
    assert again.returncode == 2
    assert "--force" in again.stderr
    assert file.read_bytes() == before
    assert cli("export", "cases", *MONTH, "-o", file.name, "--force").returncode == 0
    assert load_workbook(file).sheetnames == ["案件"]
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(folder.glob(".qungui-*")) == []


def test_force_replaces_a_link_and_leaves_what_it_points_to(folder: Path, cli: Cli) -> None:
    precious = folder / "precious.txt"
    precious.write_text("mine", encoding="utf-8")
    (folder / "out.csv").symlink_to(precious)
    assert cli("export", "audit", *MONTH, "-f", "csv", "-o", "out.csv").returncode == 2
    assert cli("export", "audit", *MONTH, "-f", "csv", "-o", "out.csv", "--force").returncode == 0
    assert precious.read_text(encoding="utf-8") == "mine"
    assert not (folder / "out.csv").is_symlink()


def test_cases_are_masked_and_nothing_in_them_is_a_formula(folder: Path, cli: Cli) -> None:
    done = cli("export", "cases", *MONTH, "-f", "csv", "-o", "-")
    rows = rows_of(done.stdout)
    assert [row["状态"] for row in rows] == ["已确认", "申诉中", "待确认", "已确认"]
    assert rows[0]["群昵称"] == f"'{HOSTILE}"
    assert "13800138000" not in done.stdout
    assert "兼职刷单" in rows[0]["内容（已脱敏）"]
    assert rows[3]["说明"] == "'@SUM(A1)\\r\\n\\u202e敌意"
    assert all(not value.startswith(("=", "+", "@")) for row in rows for value in row.values())


def test_appeals_and_demands_are_tables_of_their_own_masked_and_no_formulas(folder: Path, cli: Cli) -> None:
    (appeal,) = rows_of(cli("export", "appeals", *MONTH, "-f", "csv", "-o", "-").stdout)
    assert (appeal["工号"], appeal["姓名"], appeal["结果"]) == ("E1006", "陈晨", "审理中")
    assert (appeal["分值"], appeal["入账"], appeal["决定人"]) == ("2", "-2", "")
    assert appeal["申诉理由"] == "'=HYPERLINK(0) 这是通知，请电***********"
    done = cli("export", "demands", *MONTH, "-f", "csv", "-o", "-")
    assert done.returncode == 0, done.stderr
    (demand,) = rows_of(done.stdout)
    assert (demand["类型"], demand["状态"], demand["提出人"]) == ("说明", "已回复，待审核", "李强")
    assert (demand["要求"], demand["答复"]) == ("'@SUM(A1) 请说明", "'+1 这是通知")


@pytest.mark.parametrize("kind", ["ledger", "audit", "archive"])
def test_every_kind_can_be_exported_in_either_format(folder: Path, cli: Cli, kind: str) -> None:
    done = cli("export", kind, *MONTH, "-f", "csv", "-o", "-")
    assert done.returncode == 0, done.stderr
    if kind == "ledger":
        entries = sorted((row["类型"], row["分"]) for row in rows_of(done.stdout))
        assert entries == [("加分", "3"), *[("扣分", "-2")] * 3]
    if kind == "audit":
        assert "确认案件" in done.stdout
    assert cli("export", kind, *MONTH, "-o", f"{kind}.xlsx").returncode == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("export", "statements", "--month", "2026-13"),
        ("export", "statements", "--month", "../../etc"),
        ("export", "nonsense"),
        ("export", "cases", "--format", "pdf"),
        ("privacy", "export", "无名氏"),
        ("privacy", "erase", "无名氏", "--yes"),
    ],
)
def test_wrong_usage_is_status_two_and_writes_nothing(
    folder: Path, cli: Cli, arguments: tuple[str, ...]
) -> None:
    before = set(folder.iterdir())
    done = cli(*arguments)
    assert done.returncode == 2, done
    assert set(folder.iterdir()) == before


def test_where_nothing_can_be_written_it_says_so(folder: Path, cli: Cli) -> None:
    done = cli("export", "cases", *MONTH, "-o", "nowhere/out.xlsx")
    assert done.returncode == 1
    assert "can't be written" in done.stderr


def test_everything_of_a_person_is_handed_out_as_json(folder: Path, cli: Cli) -> None:
    done = cli("privacy", "export", "E1006")
    assert done.returncode == 0, done.stderr
    data = json.loads(done.stdout)
    assert data["person"][0]["name"] == "陈晨"
    assert [case["state"] for case in data["cases"]] == ["appealed"]
    assert data["appeals"][0]["reason"] == "=HYPERLINK(0) 这是通知，请电13800138000"
    assert data["kept_for"]["messages_days"] == 30
    assert "=cmd" not in done.stdout, "somebody else's"
    written = cli("privacy", "export", "陈晨", "-o", "chen.json")
    assert written.returncode == 0
    assert (folder / "chen.json").stat().st_mode & 0o777 == 0o600
    assert cli("privacy", "export", "陈晨", "-o", "chen.json").returncode == 2


def test_a_name_that_could_be_several_is_asked_back(folder: Path, cli: Cli) -> None:
    (folder / "roster.csv").write_text(
        "工号,姓名,部门,负责人,状态\nE2001,陈晨,法务部,否,在职\n", encoding="utf-8"
    )
    assert cli("roster", "import", "roster.csv", "--yes").returncode == 0
    done = cli("privacy", "export", "陈晨")
    assert done.returncode == 2
    assert "E2001" in done.stderr
    assert "E1006" in done.stderr


def test_nobody_is_erased_while_something_runs_or_without_being_asked(folder: Path, cli: Cli) -> None:
    done = cli("privacy", "erase", "E1006", "--yes")
    assert done.returncode == 1
    assert "appealed" in done.stderr
    assert "--force" in done.stderr
    assert cli("privacy", "erase", "E1005", "--yes").returncode == 1, "a case waits for a decision"
    silent = cli("privacy", "erase", "E1004")
    assert silent.returncode == 2
    assert "--yes" in silent.stderr
    assert json.loads(cli("privacy", "export", "E1004").stdout)["person"][0]["name"] == "刘洋"


def test_after_erasing_the_ledger_still_holds_and_the_heads_agree(folder: Path, cli: Cli) -> None:
    digest = cli("digest").stdout
    assert "台账校验码" in digest
    assert cli("db", "verify").returncode == 0
    for who in ("E1004", "E1006"):
        done = cli("privacy", "erase", who, "--yes", "--force")
        assert done.returncode == 0, done.stderr
        assert "chains hold" in done.stdout
        assert cli("privacy", "export", who).returncode == 2
    verified = cli("db", "verify", "--heads", "-", text=digest)
    assert verified.returncode == 0, verified.stdout
    assert "erased" in verified.stdout
    with sqlite3.connect(folder / "qungui.db") as connection:
        assert connection.execute("select sum(points) from ledger").fetchone() == (-3,)
        dump = "\n".join(connection.iterdump())
    assert "陈晨" not in dump
    assert "刘洋" not in dump
    # A changed, a removed and an inserted row still show.
    for change in (
        "update ledger set points = 0 where seq = 1 and room_key = 1",
        "delete from ledger where seq = 2 and room_key = 1",
    ):
        with sqlite3.connect(folder / "qungui.db") as connection:
            connection.execute("pragma foreign_keys = off")
            connection.execute(change)
        assert cli("db", "verify").returncode == 1


def test_what_was_erased_is_not_left_in_the_file(folder: Path, cli: Cli) -> None:
    assert "这是通知".encode() in (folder / "qungui.db").read_bytes()
    assert cli("privacy", "erase", "E1006", "--yes", "--force").returncode == 0
    left = b"".join(path.read_bytes() for path in folder.glob("qungui.db*"))
    assert "这是通知".encode() not in left
    assert "陈晨".encode() not in left


@pytest.mark.parametrize(
    ("reader", "line"),
    [
        ("bot.disclosing.gather", ("export", "cases", *MONTH, "--format", "csv", "-o", "-")),
        ("storage.privacy.Privacy.export", ("privacy", "export", "liu", "-o", "-")),
    ],
)
def test_a_running_bot_can_write_while_data_is_read_out(
    folder: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch, reader: str, line: tuple[str, ...]
) -> None:
    """The whole read held SQLite's one write lock, and the bot got none within its patience."""
    original, wrote = pkgutil.resolve_name(reader), []

    async def meanwhile(*args: object) -> object:
        found = await original(*args)
        with closing(sqlite3.connect(folder / "qungui.db", timeout=0)) as bot, bot:
            bot.execute("BEGIN IMMEDIATE")
            wrote.append(bot.execute("UPDATE meta SET value = value").rowcount)
        return found

    monkeypatch.setattr(reader, meanwhile)
    done = cli(*line)
    assert done.returncode == 0, done.stderr
    assert wrote
    with closing(sqlite3.connect(folder / "qungui.db")) as bot:
        noted = bot.execute("SELECT action FROM audit ORDER BY id DESC LIMIT 1").fetchone()
    assert noted in (("exported",), ("data handed out",))
