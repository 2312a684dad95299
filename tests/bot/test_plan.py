"""`qungui plan`: on a database that the pipeline wrote, and on an exported log; hostile texts stay harmless."""

from __future__ import annotations

import asyncio
import json
import shutil
import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fakes.command_line import Cli, command_line
from fakes.lead import LEAD
from fakes.scene import AD, ORDINARY, TUESDAY, opened

from bot.clock import SystemClock
from rules.core.model import Judgement
from storage.records import Role

POINTS = "policy:\n  advertising:\n    points: 3\n"
BURST = "在吗在吗在吗"


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    monkeypatch.setattr(SystemClock, "now", lambda _: TUESDAY + timedelta(hours=2))
    return command_line(tmp_path, monkeypatch, capsys)


@dataclass(frozen=True)
class Lived:
    """A folder with a database, and what the bot made of each message at the time."""

    folder: Path
    judgements: list[Judgement]

    def wants(self, text: str) -> str:
        """A changed configuration in that folder."""
        (self.folder / "next.yaml").write_text(text, encoding="utf-8")
        return "next.yaml"


@pytest.fixture(scope="module")
def morning(tmp_path_factory: pytest.TempPathFactory) -> Lived:
    """A morning: an advertisement, work, a burst, a word forbidden in chat, and a rule switched off in the room."""

    async def live(folder: Path) -> list[Judgement]:
        async with opened(folder) as scene:
            await scene.appoint(LEAD, Role.HR_LEAD)
            await scene.says("liu", AD)
            await scene.says("zhou", ORDINARY)
            await scene.says(LEAD, "/词库 添加 青鸾 公司自定 尚未公开 确认", where="")
            await scene.says("liu", "青鸾上线了吗")
            scene.clock.advance(1_800)
            for _ in range(9):
                await scene.says("zhou", BURST)
                scene.clock.advance(3)
            scene.clock.advance(1_800)
            await scene.says(LEAD, "/规则 关闭 商业推广 项目工作群", where="")
            await scene.says("zhou", AD + "先到先得")
            return scene.judgements()

    folder = tmp_path_factory.mktemp("morning")
    return Lived(folder, asyncio.run(live(folder)))


@pytest.fixture
def lived(tmp_path: Path, morning: Lived) -> Lived:
    """The same morning again, in the folder of the test."""
    shutil.copy(morning.folder / "qungui.db", tmp_path)
    return Lived(tmp_path, morning.judgements)


def planned(cli: Cli, *arguments: str, code: int = 0, text: str = "") -> dict[str, Any]:
    done = cli("plan", *arguments, "--json", text=text)
    assert (done.returncode, done.stderr) == (code, "")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_the_side_as_configured_now_is_what_the_bot_found_under_what_is_set_in_chat_now(
    lived: Lived, cli: Cli
) -> None:
    before = (lived.folder / "qungui.db").read_bytes()
    told = planned(cli, lived.wants("digest:\n  at: '17:00'\n"), "--fail-on-change")
    assert (lived.folder / "qungui.db").read_bytes() == before
    assert told["differs"] is False
    assert told["examples"] == []
    assert told["keys"] == ["digest.at"]
    assert told["messages"]["replayed"] == len(lived.judgements) == 13
    lately = [
        ruling.rule for judgement in lived.judgements for ruling in judgement.rulings if not ruling.standing
    ]
    assert sorted(lately) == ["advertising", "banned_words", "flooding"]
    for side in ("before", "after"):
        found = {rule: sum(row[side][tier] for tier in ("violation", "review", "trial")) for rule, row in
                 told["rules"].items()}  # fmt: skip
        # The rule was switched off later: as things are now, nothing of it is found. The word was forbidden in chat.
        assert {rule: many for rule, many in found.items() if many} == {"banned_words": 1, "flooding": 1}
        assert told["cases"][side] == {"provisional": 1, "review": 1, "trial": 0, "points": 8}


def test_a_change_of_settings_words_and_a_room_is_shown_with_its_messages(lived: Lived, cli: Cli) -> None:
    wanted = (
        "rules:\n  flooding:\n    settings:\n      repeat_messages: 6\n"
        "lexicon:\n  allow: [青鸾上线了吗]\n  add:\n    - word: 开会\n"
        "rooms:\n  guard: all\n"
        "  overrides:\n    项目工作群:\n      rules:\n        banned_words:\n          shadow: on\n"
    )
    told = planned(cli, lived.wants(wanted), "--fail-on-change", code=1)
    changes = {(one["kind"], one["rule"], " ".join(one["parts"]), one["text"]) for one in told["examples"]}
    assert changes == {
        ("changed", "flooding", "moment reason", BURST),
        ("gone", "banned_words", "", "青鸾上线了吗"),
        ("new", "banned_words", "", ORDINARY),
    }
    assert told["rooms"] == [{"room": "项目工作群", "new": 1, "gone": 1, "changed": 1}]
    (new,) = [one for one in told["examples"] if one["kind"] == "new"]
    assert (new["before"], new["after"]["grade"], new["after"]["points"]) == (None, "trial", 5)
    assert told["cases"]["after"] == {"provisional": 1, "review": 0, "trial": 1, "points": 3}


def test_a_room_that_is_guarded_no_more_loses_its_findings(lived: Lived, cli: Cli) -> None:
    told = planned(cli, lived.wants("rooms:\n  guard: listed\n  listed: [另一个群]\n"))
    assert {(one["kind"], one["rule"]) for one in told["examples"]} == {
        ("gone", "banned_words"),
        ("gone", "flooding"),
    }


def test_the_newest_are_replayed_with_their_history_and_what_is_left_out_is_said(
    lived: Lived, cli: Cli
) -> None:
    later = lived.wants(
        "rules:\n  flooding:\n    settings:\n"
        "      {repeat_messages: 9, short_repeat_messages: 60, quick_burst_messages: 60}\n"
    )
    said = cli("plan", later, "--messages", "5", "--days", "60").stdout
    assert (
        "Replayed 5 messages that are kept, sent 2026-10-13 10:30 to 2026-10-13 11:00 (Asia/Shanghai)."
        in said
    )
    assert "not replayed: 8 older messages: --messages" in said
    assert "not replayed: anything older than 30 days: texts are kept no longer" in said
    # The burst began before: by today's settings it was found there, by the changed ones here.
    assert "flooding: 1 new, 0 gone, 0 changed; violation 0 → 1\n" in said


@pytest.mark.parametrize(
    ("text", "place", "remedy"),
    [
        ("rules:\n  floodign:\n    enabled: off\n", "next.yaml:2: rules.floodign", "did you mean 'flooding'"),
        ("digest: [", "next.yaml:1", "check the indentation"),
    ],
)
def test_a_wrong_configuration_names_place_and_remedy(
    tmp_path: Path, cli: Cli, text: str, place: str, remedy: str
) -> None:
    (tmp_path / "next.yaml").write_text(text, encoding="utf-8")
    done = cli("plan", "next.yaml", "--log", "-")
    assert (done.returncode, done.stdout) == (2, "")
    assert place in done.stderr
    assert remedy in done.stderr


def test_without_a_database_the_remedy_names_a_log(tmp_path: Path, cli: Cli) -> None:
    (tmp_path / "next.yaml").write_text(POINTS, encoding="utf-8")
    done = cli("plan", "next.yaml")
    assert done.returncode == 1
    assert "--log" in done.stderr
    assert not (tmp_path / "qungui.db").exists()
    assert cli("plan", "next.yaml", "--roster", "roster.csv").returncode == 2


def line(text: str, n: int = 0, room: str = "甲群", **more: str) -> str:
    at = (TUESDAY + timedelta(minutes=n)).isoformat()
    return (
        json.dumps({"id": f"m{n}", "text": text, "sender": "某人", "room": room, "sent_at": at, **more})
        + "\n"
    )


def test_an_exported_log_is_replayed_and_says_what_it_lacks(tmp_path: Path, cli: Cli) -> None:
    (tmp_path / "next.yaml").write_text(POINTS, encoding="utf-8")
    log = line(ORDINARY) + "x\n" + line(AD, 1)
    done = cli("plan", "next.yaml", "--log", "-", "--fail-on-change", text=log)
    assert done.returncode == 1
    assert done.stdout == (
        "built-in defaults → next.yaml\n"
        "Replayed 2 messages of the log, sent 2026-10-13 10:00 to 2026-10-13 10:01 (Asia/Shanghai).\n"
        "  not replayed: lines that can't be read: 1; the first is line 2: not JSON: Expecting value at column 1\n"
        "  not replayed: what was set in chat (switches, words, exemptions, duty): a log is judged by the files alone\n"
        "  nickname could not judge 2 of them: what it needs is not known\n"
        "Differs in: policy.advertising\n"
        "\n"
        "Findings (now → then):\n"
        "  advertising: 0 new, 0 gone, 1 changed; violation 1 → 1\n"
        "Cases: by the machine 1 → 1, for people to decide 0 → 0, on trial 0 → 0; "
        "points if all are confirmed 2 → 3\n"
        "Rooms:\n"
        "  甲群: 0 new, 0 gone, 1 changed\n"
        "\n"
        "changed advertising (points): 2026-10-13 10:01, 甲群, message m1\n"
        "    加薇❤信 abc12345 兼职刷单日结300，扫…\n"
        "    now:  violation, advertising, clause 3.1d, 2 points, 99% sure: 可能属于商业推广内容\n"
        "    then: violation, advertising, clause 3.1d, 3 points, 99% sure: 可能属于商业推广内容\n"
    )
    same = cli("plan", "next.yaml", "--log", "-", "--fail-on-change", text=line(ORDINARY))
    assert same.returncode == 0
    assert same.stdout.endswith("\nNo difference in effect.\n")


HOSTILE = (
    "\x1b[2J\x1b]0;owned\x07",
    "[bold red]x[/bold red][link=file:///etc]y[/link]",
    "a\r\n\x85\u2028b",
    "\u202egnp.exe\u2066",
    "\ud83d\ude00\ud83d",
    "电话13812345678，卡号 6222 0212 3456 7890 123",
    "\x9b31m\x00\x7f",
    "{{7*7}} %s {0}",
)


@pytest.mark.parametrize("form", ["--json", ""])
def test_hostile_texts_rooms_and_ids_are_harmless_in_examples(tmp_path: Path, cli: Cli, form: str) -> None:
    (tmp_path / "next.yaml").write_text("lexicon:\n  add:\n    - word: 青鸾\n", encoding="utf-8")
    log = "".join(line(f"青鸾{text}青鸾", n, room=text, alias=text) for n, text in enumerate(HOSTILE))
    done = cli("plan", "next.yaml", "--log", "-", "--examples", "50", *filter(None, [form]), text=log)
    assert done.returncode == 0
    assert done.stdout.count("青鸾") >= len(HOSTILE)
    assert {sign for sign in done.stdout if unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp")} == {
        "\n"
    }
    assert "13812345678" not in done.stdout
    assert "7890 123" not in done.stdout
    assert "[bold red]" in done.stdout  # nothing of it is markup
    assert "{{7*7}}" in done.stdout
    if form:
        assert len(json.loads(done.stdout)["examples"]) == len(HOSTILE)
