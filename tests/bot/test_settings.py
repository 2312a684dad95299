"""Settings: what a file and an environment mean, and what the models tell of themselves."""

from __future__ import annotations

import re
from datetime import date, time
from pathlib import Path

import pytest
import yaml
from fakes.configs import DEFAULT, SECRET, load
from pydantic import ValidationError

from bot.settings import OutboxSettings, RoomSettings, Settings
from bot.settings.file import read_document
from bot.settings.keys import describe, environment_keys, known_keys, schema
from bot.settings.source import BUILT_IN, load_settings


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


# the documented default


def test_config_yaml_is_exactly_the_defaults() -> None:
    loaded = load_settings(DEFAULT, {})
    assert loaded.settings == Settings()
    assert loaded.warnings == ()


def test_config_yaml_documents_every_key_in_place() -> None:
    text = DEFAULT.read_text(encoding="utf-8")
    section = ""
    written: set[str] = set()
    for line in text.splitlines():
        if match := re.match(r"#?([a-z_]+):", line):
            section = match[1]
        if match := re.match(r"#?\s+#?[\s-]*([a-z_]+):", line):
            written.add(f"{section}.{match[1]}")
    secrets = {".".join(key.path) for key in environment_keys() if key.environment_only}
    for row in describe():
        if row.key and row.key not in secrets:
            first, last = row.key.split(".")[0], row.key.split(".")[-1]
            assert f"{first}.{last}" in written, row.key
    for secret in secrets:
        assert f"QUNGUI_{secret.replace('.', '_').upper()}" in text


def test_config_yaml_examples_work_when_uncommented(here: Path) -> None:
    text = DEFAULT.read_text(encoding="utf-8")
    for section in ("rules", "policy"):
        text = text.replace(f"{section}: {{}}\n", "")
    for line in ("  add: []\n", "  overrides: {}\n"):
        text = text.replace(line, "")
    # Prose has one space behind its "#"; an example begins right there or is indented further.
    settings = load(re.sub(r"(?m)^( *)#(?! \S)(?=.)", r"\1", text)).settings
    assert settings.rules["flooding"].violation == 0.9
    assert settings.rules["flooding"].settings == {"quiet_seconds": "600"}
    assert settings.rooms.overrides["外部协作群"].rules["advertising"].shadow
    assert settings.policy["flooding"].clause == "5.2"
    assert [word.word for word in settings.lexicon.add] == ["内部代号甲"]


def test_config_yaml_recommends_naming_the_rooms() -> None:
    assert "Recommended: listed" in DEFAULT.read_text(encoding="utf-8")


# where settings come from


def test_without_a_file_the_built_in_settings_apply(here: Path) -> None:
    loaded = load_settings(None, {})
    assert loaded.settings == Settings()
    assert loaded.source == BUILT_IN


def test_the_file_named_on_the_command_line_goes_first(here: Path) -> None:
    for name in ("line", "variable", "config"):
        (here / f"{name}.yaml").write_text(f"company: {{name: {name}}}\n")
    env = {"QUNGUI_CONFIG": "variable.yaml"}
    assert load_settings(here / "line.yaml", env).settings.company.name == "line"
    assert load_settings(None, env).settings.company.name == "variable"
    assert load_settings(None, {}).settings.company.name == "config"
    assert load_settings(None, {}).source == "config.yaml"


def test_the_environment_goes_over_the_file(here: Path) -> None:
    loaded = load(
        "notices:\n  quiet_hours: on\n  stale_minutes: 5\n",
        {"QUNGUI_NOTICES_QUIET_HOURS": "off", "QUNGUI_OUTBOX_PACING": "False", "OTHER": "x"},
    )
    assert not loaded.settings.notices.quiet_hours
    assert loaded.settings.notices.stale_minutes == 5
    assert not loaded.settings.outbox.pacing
    assert any("pacing is off" in warning for warning in loaded.warnings)
    assert any("quiet_hours is off" in warning for warning in loaded.warnings)


def test_lists_in_the_environment_are_divided_by_commas(here: Path) -> None:
    env = {"QUNGUI_ROOMS_GUARD": "listed", "QUNGUI_ROOMS_LISTED": "研发群, 市场群"}
    assert load_settings(None, env).settings.rooms.listed == ("研发群", "市场群")


def test_departments_and_rooms_of_their_own_reach_the_rulebook(here: Path) -> None:
    text = (
        "rooms: {overrides: {项目群: {rules: {flooding: {enabled: off}}}}}\nrules: {flooding: {shadow: on}}"
    )
    options = load(text, {"QUNGUI_COMPANY_DEPARTMENTS": "市场部, 工程部"}).settings.book_options()
    assert options.departments == ("市场部", "工程部")
    assert options.rules["flooding"].shadow
    assert not options.rooms["项目群"].rules["flooding"].enabled


def test_an_empty_variable_counts_as_unset_and_is_named(here: Path) -> None:
    loaded = load("rooms: {supervision: 监督群}", {"QUNGUI_ROOMS_SUPERVISION": " "})
    assert loaded.settings.rooms.supervision == "监督群"
    assert loaded.warnings == ("QUNGUI_ROOMS_SUPERVISION is empty and counts as unset",)


def test_the_log_format_comes_from_the_environment(here: Path) -> None:
    assert load_settings(None, {}).log == "text"
    assert load_settings(None, {"QUNGUI_LOG": "json"}).log == "json"


def test_every_variable_sets_its_key(here: Path) -> None:
    fitting = {
        "company.timezone": "Asia/Tokyo",
        "gateway.endpoint": "127.0.0.1:1",
        "health.listen": "127.0.0.1:2",
        "gateway.tls": "off",
        "second_opinion.endpoint": "http://127.0.0.1:8/v1",
        "second_opinion.rules": "flooding",
        "storage.url": "sqlite:///other.db",
        "rooms.guard": "listed",
        "friends.accept": "none",
        "penalty.confirm": "each",
        "members.remove_departed": "off",
        "work.start": "08:30",
        "work.end": "17:45",
        "work.weekdays": "1,2",
        "work.holidays": "2026-12-01",
        "work.workdays": "2026-12-05",
    }
    for key in environment_keys():
        default = getattr(getattr(Settings(), key.section), key.name)
        usual = (
            ("off" if default else "on")
            if isinstance(default, bool)
            else "08:17"
            if isinstance(default, time)
            else "7"
        )
        value = fitting.get(".".join(key.path), usual)
        env = {key.variable: value}
        if key.path == ("rooms", "guard"):
            env["QUNGUI_ROOMS_LISTED"] = "x"
        if key.path == ("rooms", "listed"):
            env["QUNGUI_ROOMS_GUARD"] = "listed"
        if key.path == ("health", "exposed"):
            env["QUNGUI_HEALTH_LISTEN"] = "10.0.0.5:9187"
        if key.path[0] == "second_opinion":
            both = {
                "QUNGUI_SECOND_OPINION_ENDPOINT": "http://127.0.0.1:8/v1",
                "QUNGUI_SECOND_OPINION_MODEL": "x",
            }
            env = both | env
        settings = load_settings(None, env).settings
        assert getattr(getattr(settings, key.section), key.name) != default, key.variable


@pytest.mark.parametrize("switch", ["on", "off", "true", "false", "yes", "no", "On", "OFF", '"on"', "True"])
def test_switches_as_people_write_them(here: Path, switch: str) -> None:
    expected = switch.strip('"').lower() in {"on", "true", "yes"}
    assert load(f"notices: {{quiet_hours: {switch}}}").settings.notices.quiet_hours is expected


def test_scalars_stay_what_was_written(here: Path) -> None:
    settings = load(
        "gateway: {tls: off}\n"
        "rooms: {guard: listed, listed: [2026, 1.10, no, 007]}\n"
        "policy: {flooding: {clause: 3.10}}\n"
        "work: {start: 9:30, end: 18:00, holidays: [2026-12-01]}\n"
    ).settings
    assert settings.gateway.tls == "off"
    assert settings.rooms.listed == ("2026", "1.10", "no", "007")
    assert settings.policy["flooding"].clause == "3.10"
    assert (settings.work.start, settings.work.end) == (time(9, 30), time(18))
    assert settings.work.holidays == (date(2026, 12, 1),)


@pytest.mark.parametrize(
    "text", ["", "\n# nothing\n", "---\n", "\ufeff", "rooms:\nnotices:\n  quiet_hours:\n"]
)
def test_a_file_that_sets_nothing_means_the_defaults(here: Path, text: str) -> None:
    loaded = load(text)
    assert loaded.settings == Settings()
    assert bool(loaded.warnings) is not text.startswith("rooms")


def test_windows_line_ends_and_a_byte_order_mark_are_fine(here: Path) -> None:
    assert load("\ufeffcompany:\r\n  name: 甲公司\r\n").settings.company.name == "甲公司"


# the models, the schema, the rows


def test_settings_are_frozen_and_take_no_unknown_keys() -> None:
    with pytest.raises(ValidationError):
        Settings().rooms.guard = "listed"  # type: ignore[misc]  # that it can't be set is the point
    with pytest.raises(ValidationError):
        RoomSettings.model_validate({"gaurd": "all"})


def test_every_key_is_described() -> None:
    assert [row.key or row.variable for row in describe() if not row.description] == []
    assert {row.variable for row in describe()} >= {
        "QUNGUI_GATEWAY_ENDPOINT",
        "QUNGUI_GATEWAY_TOKEN",
        "QUNGUI_GATEWAY_TLS",
        "QUNGUI_STORAGE_URL",
        "QUNGUI_LEDGER_KEY",
        "QUNGUI_NOTICES_QUIET_HOURS",
        "QUNGUI_OUTBOX_PACING",
        "QUNGUI_CONFIG",
        "QUNGUI_LOG",
    }


def test_the_schema_has_what_a_file_may_hold() -> None:
    made = schema()
    gateway = made["$defs"]["GatewaySettings"]["properties"]
    assert "token" not in gateway
    assert "on" in made["$defs"]["NoticeSettings"]["properties"]["quiet_hours"]["enum"]
    assert SECRET not in str(made)
    for section, content in yaml.safe_load(DEFAULT.read_text(encoding="utf-8")).items():
        reference = made["properties"][section].get("$ref", "")
        if reference:
            model = made["$defs"][reference.rpartition("/")[2]]
            assert set(content) <= set(model["properties"])


def test_known_keys_follow_lists_and_mappings() -> None:
    assert "guard" in known_keys(["rooms"])
    assert "points" in known_keys(["policy", "anything"])
    assert "word" in known_keys(["lexicon", "add", 3])
    assert known_keys(["rules"]) == ()
    assert known_keys(["nowhere", "at", "all"]) == ()


def test_default_budgets_fit_together() -> None:
    outbox = OutboxSettings()
    assert outbox.room_per_minute <= outbox.account_per_minute
    assert outbox.room_per_minute <= outbox.room_per_hour <= 60 * outbox.room_per_minute


def test_a_file_that_may_not_be_read_is_told(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loop = here / "loop.yaml"
    loop.symlink_to(loop)
    assert read_document(loop).mistakes[0].mistake.problem.startswith("can't be read")
