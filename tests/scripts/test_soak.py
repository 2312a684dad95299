"""A short simulated day with every fault there is; and a day after which something does not hold, which is said."""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import soak
from fakes.scene import AD, OFFICE, ORDINARY, opened
from soaking.faults import KINDS
from soaking.heard import Heard, Stream
from soaking.keeper import Keeper
from soaking.pace import Pace, PacedClock
from soaking.people import DAY
from soaking.stage import Stage
from soaking.tally import received
from soaking.traffic import Traffic

ROOT = Path(__file__).resolve().parents[2]
ABLE = {name for name, kind in KINDS.items() if kind.able}


def test_a_short_day_with_every_fault_holds(tmp_path: Path) -> None:
    line = [
        sys.executable,
        str(ROOT / "scripts" / "soak.py"),
        "--minutes",
        "0.3",
        "--faults",
        "all",
        "--json",
    ]
    done = subprocess.run(  # noqa: S603 - our own words
        [*line, "--keep", str(tmp_path / "kept")], capture_output=True, text=True, timeout=110, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout)
    found = told["figures"]
    assert told["holds"]
    assert told["wrong"] == []
    assert set(told["faults"]) == ABLE
    assert found["simulated hours"] >= 24
    assert found["lost"] == found["unordered"] == 0
    assert found["received"] == found["outcomes"] > 50
    unheard = found["not heard: nobody was told"] + found["not heard: cut off on the way"]
    assert found["messages"] == found["received"] + unheard
    whole = ("that left", "dropped", "waiting for friendship", "not due yet", "nobody can vouch for")
    assert found["notices decided"] == sum(found[f"notices {what}"] for what in whole)
    assert found["repeated"] <= found["kills and lost answers"]
    assert found["processes of the bot"] == 1 + told["faults"]["kill"] + told["faults"]["stop"]
    with closing(sqlite3.connect(tmp_path / "kept" / "qungui.db")) as database:
        assert database.execute("select count(*) from violations").fetchone() == (found["cases"],)
        assert database.execute("select count(*) from ledger").fetchone() == (found["ledger entries"],)


Tamper = Callable[[Stage], None]


def statement(*statements: str) -> Tamper:
    """Somebody, or some fault, changes the database."""

    def tamper(stage: Stage) -> None:
        with closing(sqlite3.connect(stage.database)) as database, database:
            for one in statements:
                assert database.execute(one).rowcount > 0, one

    return tamper


def never_arrived(stage: Stage) -> None:
    stage.sim.sent.clear()


def said_twice(stage: Stage) -> None:
    stage.sim.bot_says(stage.sim.sent[0].conversation_id, stage.sim.sent[0].text)


def passed_over(stage: Stage) -> None:
    statement("delete from inbox where seq = 2")(stage)


def died(stage: Stage) -> None:
    stage.keeper.wrong.append("life 1 of the bot ended by itself, with status 1")


BROKEN: dict[str, tuple[Tamper, str]] = {
    "a charge is gone": (statement("delete from ledger_texts", "delete from ledger"), "db verify: sums: V-"),
    "points were changed": (statement("update ledger set points = points + 1"), "db verify: ledger"),
    "no outcome": (
        statement("update inbox set state = 'new', outcomes = '' where seq = 1"),
        "1 messages were lost",
    ),
    "never stored": (passed_over, "1 messages were lost"),
    "out of order": (
        statement("update messages set seq = -1 where seq = (select max(seq) from messages)"),
        "messages out of order",
    ),
    "never arrived": (never_arrived, "recorded as sent and never arrived"),
    "repeated": (said_twice, "1 messages were repeated, with 0 kills and lost answers"),
    "given up": (
        statement("update outbox set state = 'dead' where unique_key like 'notice %'"),
        "were given up",
    ),
    "ended by itself": (died, "ended by itself"),
}


async def played(folder: Path) -> Stage:
    """What a calm day leaves behind: two cases, their notices, and work between them."""
    async with opened(folder) as scene:
        for who, text in (
            ("liu", AD),
            ("li", ORDINARY),
            ("li", ORDINARY + "，收到请回复"),
            ("liu", "你这个蠢货，滚出去"),
        ):
            await scene.says(who, text)
        await scene.later(minutes=2)
        world = scene.gateway.world
    clock = PacedClock(Pace.beginning(DAY, 1.0))
    keeper = Keeper({}, folder, clock.pace, 1.0)
    said = [message.id for message in world.messages.values() if message.sender_id != world.self_id]
    traffic = Traffic(world, random.Random(1), said=said)  # noqa: S311 - nothing is secret
    heard = Heard(lambda: 1, {1: Stream(1, list(world.messages))})
    return Stage(folder, world, clock, keeper, heard, traffic, random.Random(1))  # noqa: S311 - as above


def concluded(
    folder: Path, tamper: Tamper, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[int, str]:
    """Exit status and output of a soak whose day was as prepared."""

    async def prepared(*_: object) -> tuple[Stage, bool]:
        stage = await played(folder)
        tamper(stage)
        return stage, True

    monkeypatch.setattr(soak, "played", prepared)
    monkeypatch.setattr(soak.people, "OFFICE", OFFICE)
    status = soak.main(["--minutes", "1", "--faults", "none", "--keep", str(folder)])
    return status, capsys.readouterr().out.replace("\n", " ")


def test_a_calm_day_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    status, said = concluded(tmp_path, lambda _: None, monkeypatch, capsys)
    assert status == 0, said
    assert "all invariants hold" in said
    assert "left out: PostgreSQL" in said


def test_a_notice_that_left_as_a_line_of_a_summary_has_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    other = statement(
        "update outbox set merge = 'summary 1', text = 'in other words' where unique_key like 'notice %'"
    )
    status, said = concluded(tmp_path, other, monkeypatch, capsys)
    assert status == 0, said


@pytest.mark.parametrize("case", BROKEN)
def test_what_does_not_hold_is_named_and_ends_with_status_1(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tamper, named = BROKEN[case]
    status, said = concluded(tmp_path, tamper, monkeypatch, capsys)
    assert status == 1
    assert named in said.partition("WRONG: ")[2], said


def test_what_was_on_its_way_to_a_process_that_died_is_not_called_lost() -> None:
    heard = Heard(lambda: 1, {1: Stream(1, ["a", "b"]), 2: Stream(2, ["c"])})
    heard.ended_well(1)
    assert [stream.whole for stream in heard.settled()] == [False, False]
    heard.streams[2].life = 1
    heard.ended_well(1)
    assert [stream.whole for stream in heard.settled()] == [True, False]


@pytest.mark.parametrize(("stored", "lost"), [("a", ()), ("ac", ("b",)), ("abc", ())])
def test_what_waited_to_be_stored_in_a_process_that_died_is_not_called_lost(
    stored: str, lost: tuple[str, ...], tmp_path: Path
) -> None:
    file = tmp_path / "heard.db"
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("create table inbox (message_id, seq, state, outcomes)")
        database.execute("create table messages (seq, room_key, message_id)")
        database.executemany(
            "insert into inbox values (?, ?, 'done', 'clean')", [(one, seq) for seq, one in enumerate(stored)]
        )
    streams = [Stream(1, ["a", "b"], whole=True), Stream(1, ["c"]), Stream(2, ["d"])]
    assert received(file, "abcd", streams).lost == lost


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--faults", "kil"], "did you mean 'kill'"),
        (["--minutes", "never"], "is no number of minutes"),
        (["--minutes", "0.01"], "between 0.2 and 1440"),
    ],
)
def test_what_can_not_be_played_is_refused(
    given: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        soak.main(given)
    assert left.value.code == 2
    assert said in capsys.readouterr().err


def test_help_names_every_fault(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        soak.main(["--help"])
    said = capsys.readouterr().out
    assert all(name in said for name in KINDS)


async def test_a_paced_clock_runs_on_when_its_pace_changes_and_is_wrong_only_by_its_shift() -> None:
    clock = PacedClock(Pace.beginning(DAY, 1000.0))
    await clock.sleep(20)
    slow = clock.pace.at_speed(1.0)
    before, clock.pace = clock.monotonic(), slow
    assert 20 <= before <= clock.monotonic() + 5
    sleeping = asyncio.create_task(clock.sleep(600))
    await asyncio.sleep(0)
    clock.pace = Pace.of(clock.pace.at_speed(10_000.0).line())
    await asyncio.wait_for(sleeping, 10)
    right = clock.now()
    clock.pace = Pace(*(getattr(clock.pace, name) for name in ("start", "real", "lived", "speed")), 3600.0)
    assert (clock.now() - right).total_seconds() >= 3600
