"""`qungui doctor`: every trouble named with its remedy, nothing changed, no secret shown."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fakes.process import environment, qungui, started, until
from fakes.shipped import shipped

from bot import examination
from bot.gateway.simulator import Simulator
from bot.reports import doctor
from bot.reports.health import Configured, Facts, Finding, Level, Remembered, Trouble
from bot.settings.source import load_settings
from rules.core.load import load_book
from rules.core.worktime import WorkCalendar
from storage.inspection import Ground
from storage.records import Blind, Mode, Role, RosterRow, Switch, Word
from storage.results import InboxCounts, OutboxCounts
from storage.schema import Standing
from storage.session import Storage

NOW = datetime(2026, 9, 1, 2, 0, tzinfo=UTC)
SECRET = "tOp-sEcReT-vAlUe"
BOOK = shipped()
HEALTHY = Remembered(
    pins={"supervision 群规监督组": "2", "guarded 项目工作群": "1"},
    roster=(RosterRow("1001", "张三", "市场部", False, True),),
    imported=NOW - timedelta(days=5),
    roles={Role.HR_LEAD: 1},
    unconfirmed=0,
    waiting=None,
    outbox=OutboxCounts(0, 0, 0, None),
    inbox=InboxCounts(0, 0, 5, None),
    blind=(),
    alive=NOW - timedelta(minutes=1),
)


@pytest.fixture
def facts(tmp_path: Path) -> Facts:
    """An installation with which all is well."""
    file = tmp_path / "config.yaml"
    file.write_text("rooms: {guard: listed, listed: [项目工作群], supervision: 群规监督组}\n")
    env = {
        "QUNGUI_GATEWAY_ENDPOINT": "127.0.0.1:1",
        "QUNGUI_GATEWAY_TOKEN": SECRET,
        "QUNGUI_LEDGER_KEY": SECRET,
    }
    return Facts(
        NOW,
        configured(file, env),
        gateway="1.19.9",
        ground=Ground(
            "sqlite:///q.db", Standing("current", "2", "2"), tmp_path / "q.db", 0o600, writable=True
        ),
        remembered=HEALTHY,
        free_bytes=10**11,
        zone_release="2026.1",
    )


def configured(
    file: Path, env: Mapping[str, str] | None = None, reach: dict[str, float] | None = None
) -> Configured:
    found = load_settings(file, env or {})
    options = found.settings.book_options()
    book = load_book(options) if options.rules or options.rooms or options.departments else BOOK
    return Configured(found.settings, "config.yaml", found.warnings, book, reach or {})


def wrong(facts: Facts) -> dict[str, str]:
    """What is not fine, by check; the last of each."""
    findings = doctor.examine(facts)
    assert all(found.remedy for found in findings if found.level is not Level.FINE)
    return {found.check: found.said for found in findings if found.level is not Level.FINE}


def found(facts: Facts, check: str) -> Finding:
    (finding,) = [one for one in doctor.examine(facts) if one.check == check]
    return finding


# the checks


def test_a_sound_installation_has_nothing_to_mend(facts: Facts) -> None:
    assert wrong(facts) == {}
    assert "0 warnings, 0 errors" in list(doctor.lines(doctor.examine(facts)))[-1]


REMEMBERED = [
    ({"pins": {"guarded 项目工作群": "1"}}, "supervision room", "群规监督组 was not found"),
    ({"pins": {"supervision 群规监督组": "2"}}, "rooms", "项目工作群 was not found"),
    ({"roster": (RosterRow("1", "张三", "市场部", False, False),)}, "roster", "nobody is on the roster"),
    ({"imported": NOW - timedelta(days=91)}, "roster", "91 days ago"),
    ({"roles": {Role.OPERATOR: 1}}, "roles", "nobody could decide"),
    ({"unconfirmed": 2}, "roles", "2 hold a role that they can't use"),
    ({"outbox": OutboxCounts(0, 0, 3, None)}, "outbox", "3 messages could not be sent"),
    ({"outbox": OutboxCounts(4, 0, 0, NOW - timedelta(hours=3))}, "outbox", "the oldest for 3 hours"),
    ({"inbox": InboxCounts(0, 7, 0, None)}, "inbox", "7 messages"),
    ({"alive": None}, "bot", "never been on guard"),
    ({"alive": NOW - timedelta(days=3)}, "bot", "3 days ago"),
    ({"blind": (Blind(NOW - timedelta(days=3), None, "x"),)}, "blind", "24 hours of the last day"),
    ({"switches": (Switch("flooding", 0, Mode.OFF, "p", NOW),)}, "rules", "switched it off in every room"),
    ({"learnt": 3}, "learning", "version 3 can't be read"),
    ({"learnt": 3, "learnt_over": "of another release"}, "learning", "over the scores of another release"),
]


@pytest.mark.parametrize(("change", "check", "said"), REMEMBERED, ids=[said for *_, said in REMEMBERED])
def test_what_the_database_remembers(facts: Facts, change: dict[str, object], check: str, said: str) -> None:
    assert said in wrong(replace(facts, remembered=replace(HEALTHY, **change)))[check]  # type: ignore[arg-type]  # a table of many fields


def test_cases_that_nobody_can_decide_are_an_error(facts: Facts) -> None:
    waiting = replace(HEALTHY, roles={}, waiting=NOW)
    assert found(replace(facts, remembered=waiting), "roles").level is Level.BAD


def test_a_rule_that_one_room_still_has_on_is_not_idle(facts: Facts) -> None:
    switches = (Switch("flooding", 0, Mode.OFF, "p", NOW), Switch("flooding", 1, Mode.ON, "p", NOW))
    assert wrong(replace(facts, remembered=replace(HEALTHY, switches=switches))) == {}


IDLE = [
    ("rules: {flooding: {enabled: off}}", {}, "flooding never fires: it is off"),
    ("rules: {advertising: {violation: 1, review: 1}}", {"advertising": 0.97}, "never surer than 0.97"),
]


@pytest.mark.parametrize(("text", "reach", "said"), IDLE)
def test_a_rule_that_can_never_fire_is_named(
    facts: Facts, tmp_path: Path, text: str, reach: dict[str, float], said: str
) -> None:
    (tmp_path / "other.yaml").write_text(text)
    changed = replace(facts, configured=configured(tmp_path / "other.yaml", reach=reach))
    assert said in found(changed, "rules").said


def test_nicknames_need_a_roster_or_departments(facts: Facts, tmp_path: Path) -> None:
    nobody = replace(facts, remembered=replace(HEALTHY, roster=()))
    assert "nickname never fires" in wrong(nobody)["rules"]
    file = tmp_path / "config.yaml"
    file.write_text(file.read_text() + "company: {departments: [市场部]}\n")
    assert "rules" not in wrong(replace(nobody, configured=configured(file)))


def test_an_empty_word_list_is_named(facts: Facts) -> None:
    assert isinstance(facts.configured, Configured)
    empty = replace(facts, configured=replace(facts.configured, words=0))
    assert "banned_words never fires: no word is left" in wrong(empty)["rules"]


def test_everyday_words_are_named(facts: Facts) -> None:
    many = tuple((f"词{number}", 500) for number in range(8))
    said = [one.said for one in doctor.examine(replace(facts, everyday=many)) if one.check == "lexicon"]
    assert said[0].startswith("词0 is an everyday word (500")
    assert said[-1] == "3 more everyday words are forbidden: 词5, 词6, 词7"


def test_next_years_calendar_is_asked_for_from_october_on(facts: Facts) -> None:
    assert isinstance(facts.configured, Configured)
    last = max(facts.configured.book.calendar.published)
    before, after = (
        datetime(last, 9, 30, 15, tzinfo=UTC),
        datetime(last, 9, 30, 17, tzinfo=UTC),
    )  # midnight in China
    assert "calendar" not in wrong(replace(facts, now=before))
    assert str(last + 1) in wrong(replace(facts, now=after))["calendar"]


GROUNDS = [
    (Ground("d", None, Path("d"), None, writable=True), Level.WARNING, "not set up yet"),
    (Ground("d", Standing("behind", "1", "2"), None, None, writable=True), Level.BAD, "an older schema"),
    (Ground("d", Standing("ahead", "9", "2"), None, None, writable=True), Level.BAD, "a newer qungui"),
    (Ground("d", Standing("foreign", "", "2"), None, None, writable=True), Level.BAD, "not qungui's"),
    (Ground("d", Standing("current", "2", "2"), None, None, writable=False), Level.BAD, "can't be written"),
]


@pytest.mark.parametrize(("ground", "level", "said"), GROUNDS, ids=[said for *_, said in GROUNDS])
def test_databases(facts: Facts, ground: Ground, level: Level, said: str) -> None:
    finding = found(replace(facts, ground=ground, remembered=None), "database")
    assert (finding.level, said in finding.said) == (level, True)


def test_a_database_that_others_may_read(facts: Facts) -> None:
    assert isinstance(facts.ground, Ground)
    said = wrong(replace(facts, ground=replace(facts.ground, mode=0o644)))["database"]
    assert "may be read by others on this machine (mode 644)" in said


def test_little_space_is_a_warning_and_none_an_error(facts: Facts) -> None:
    assert found(replace(facts, free_bytes=5 * 10**8), "disk").level is Level.WARNING
    assert found(replace(facts, free_bytes=5 * 10**7), "disk").level is Level.BAD


def test_a_secret_in_a_failure_is_masked(facts: Facts) -> None:
    leaky = replace(facts, gateway=Trouble(f"refused {SECRET}", f"not {SECRET}"))
    findings = doctor.examine(leaky)
    assert SECRET not in doctor.as_json(findings) + "\n".join(doctor.lines(findings))


def test_a_published_year_is_known() -> None:
    assert isinstance(BOOK.calendar, WorkCalendar)
    assert 2026 in BOOK.calendar.published


# gathering


def look(env: Mapping[str, str], path: Path | None = None) -> Facts:
    return asyncio.run(examination.gather(path, env))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def black_hole() -> Iterator[str]:
    """A port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


def test_a_fresh_folder_is_left_as_it_was(here: Path) -> None:
    facts = look({})
    assert found(facts, "database").said == "sqlite:///qungui.db is not set up yet"
    assert found(facts, "gateway").level is Level.BAD
    assert list(here.iterdir()) == []


def test_a_silent_gateway_does_not_hold_it_up(here: Path, black_hole: str) -> None:
    finding = found(look({"QUNGUI_GATEWAY_ENDPOINT": black_hole}), "gateway")
    assert "no answer within the deadline" in finding.said


def test_a_gateway_that_is_not_there(here: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert "no connection" in found(look({"QUNGUI_GATEWAY_ENDPOINT": f"127.0.0.1:{port}"}), "gateway").said


async def test_a_running_bot_is_not_disturbed(here: Path) -> None:
    async with Simulator() as sim:
        sim.contact("wang", "王敏")
        sim.room("office@chatroom", "群规监督组", ["wang"])
        env = environment(
            here, GATEWAY_ENDPOINT=sim.endpoint, GATEWAY_TOKEN=sim.token, ROOMS_SUPERVISION="群规监督组"
        )
        async with started(*qungui("run"), env=env, cwd=here) as bot:
            await until(lambda: "on guard" in bot.log, what="the start")
            before = (sim.calls["EventStream"], sim.calls["Start"], sim.calls["Stop"])
            ours = {name: value for name, value in env.items() if name.startswith("QUNGUI_")}
            facts = await examination.gather(None, ours)
            assert before == (sim.calls["EventStream"], sim.calls["Start"], sim.calls["Stop"])
            assert "blind" not in bot.log
            assert await bot.stop() == 0
    findings = {one.check: one for one in doctor.examine(facts)}
    assert "answers (version" in findings["gateway"].said
    assert findings["supervision room"].level is Level.FINE
    assert findings["bot"].said == "it is on guard"
    assert findings["database"].level is Level.FINE


async def test_a_wrong_token_is_named_and_never_shown(here: Path) -> None:
    async with Simulator() as sim:
        env = {"QUNGUI_GATEWAY_ENDPOINT": sim.endpoint, "QUNGUI_GATEWAY_TOKEN": SECRET}
        facts = await examination.gather(None, env)
    finding = found(facts, "gateway")
    assert "does not accept our token" in finding.said
    assert "QUNGUI_GATEWAY_TOKEN" in finding.remedy
    assert SECRET not in doctor.as_json(doctor.examine(facts))


def test_a_broken_database_file(here: Path) -> None:
    (here / "qungui.db").write_bytes(b"no database at all" * 200)
    finding = next(
        one for one in doctor.examine(look({})) if one.check == "database" and one.level is Level.BAD
    )
    assert finding.remedy
    assert (here / "qungui.db").read_bytes().startswith(b"no database")


def test_words_of_chat_and_file_are_weighed(here: Path) -> None:
    (here / "config.yaml").write_text("lexicon: {add: [{word: 发票}, {word: 代号甲乙丙}]}\n")

    async def add() -> None:
        storage = await Storage.open("sqlite:///qungui.db")
        async with storage.unit() as unit:
            await unit.words.add(Word("合同", "company", False, "", "p", NOW))
        await storage.close()

    asyncio.run(add())
    assert [word for word, _ in look({}).everyday] == ["发票", "合同"]


async def test_the_command_line_leaves_with_the_documented_status(here: Path) -> None:
    (here / "config.yaml").write_text("rules: {flooding: {violation: 1, review: 1}}\n")
    process = await asyncio.create_subprocess_exec(
        *qungui("doctor", "--json"), env=environment(here), cwd=here, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    told = json.loads(out)
    assert (process.returncode, told["ok"]) == (1, False)
    assert {row["level"] for row in told["checks"]} == {"ok", "warning", "error"}
    assert "never surer than" in next(row["said"] for row in told["checks"] if "flooding" in row["said"])


async def test_a_wrong_configuration_is_told_in_full(here: Path) -> None:
    (here / "config.yaml").write_text("rooms: {gaurd: all}\nnotice: {}\n")
    process = await asyncio.create_subprocess_exec(
        *qungui("doctor"), env=environment(here), cwd=here, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    assert process.returncode == 1
    assert "✗ configuration: the configuration has 2 mistakes:" in out.decode()
    assert "config.yaml:2: notice: unknown section" in out.decode()
