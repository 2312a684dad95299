"""Every mistake in file and environment is told at once, with its place, its key and a remedy."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes.configs import load, refused
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import ConfigError
from bot.settings import Settings
from bot.settings.file import MAX_BYTES, parse_document
from bot.settings.source import load_settings
from rules.core.options import BookOptions, Mistake, OptionsError


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


# files that are no configuration


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("- rooms\n", "config.yaml:1: must hold sections, not a list"),
        ("just words\n", "config.yaml:1: must hold sections"),
        ("rooms:\n\tguard: all\n", "config.yaml:2: a tab (indent with spaces)"),
        ("rooms: {guard: all\n", "config.yaml:1: a list or mapping in brackets that is never closed"),
        ("company: {name: 'abc}\n", "config.yaml:1: a quote that is never closed (close it)"),
        ("rooms:\n  guard: all\n listed: []\n", "config.yaml:3: the indentation does not fit"),
        ("rooms:\n  guard: a: b\n", "config.yaml:2: a colon where none can stand"),
        ("a: 1\n---\nb: 2\n", "config.yaml:2: more than one document"),
        ("rooms: {supervision: *here}\n", "config.yaml:1: an unquoted value that starts with *"),
        ("rooms: {supervision: @here}\n", "config.yaml:1: an unquoted value with a special first character"),
        ('rooms: {supervision: "C:\\q"}\n', "config.yaml:1: a backslash in double quotes"),
        ("company: &a {name: x}\nrooms: *a\n", "config.yaml:1: rooms: YAML aliases (*) are not taken here"),
        ("company: {name: !!python/name:os.system x}\n", "config.yaml:1: company.name: a YAML tag"),
        (
            "company:\n  name: a\n  name: b\n",
            "config.yaml:3: company.name: stands here twice (first on line 2)",
        ),
        ("company: {name: a}\nrooms: {}\ncompany: {}\n", "config.yaml:3: company: stands here twice"),
        ("? [a]\n: b\n", "config.yaml:1: a key must be plain text"),
        ("company:\n  name: a\x07b\n", "config.yaml:2: a control character"),
        (
            "company:\n  name: 甲公司\n".encode("gb18030"),
            "config.yaml:2: is not UTF-8 text (save it as UTF-8 (it",
        ),
        (
            "company: {}".encode("utf-16"),
            "config.yaml:1: is not UTF-8 text (save it as UTF-8 (it looks like UTF-16))",
        ),
        (b"x: \xff\xff\xff\xff", "config.yaml:1: is not UTF-8 text"),
        (b"#" * (MAX_BYTES + 1), "config.yaml: is larger than"),
        ("[" * 5000, "config.yaml"),
    ],
)
def test_broken_files_are_named_with_their_line(here: Path, raw: str | bytes, expected: str) -> None:
    assert refused(raw)[0].startswith(expected)


def test_a_missing_file_that_was_named_is_a_mistake(here: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.yaml: there is no such file"):
        load_settings(here / "nowhere.yaml", {})
    with pytest.raises(ConfigError, match=r"named by QUNGUI_CONFIG.*no such file"):
        load_settings(None, {"QUNGUI_CONFIG": "nowhere.yaml"})


def test_a_folder_is_no_file(here: Path) -> None:
    (here / "config.yaml").mkdir()
    with pytest.raises(ConfigError, match=r"config\.yaml: is a folder"):
        load_settings(None, {})


def test_deep_nesting_ends_in_a_mistake_and_no_crash() -> None:
    text = "\n".join("  " * depth + "a:" for depth in range(60))
    assert [found.mistake.problem for found in parse_document(text.encode()).mistakes] == [
        "is nested too deeply"
    ]


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_bytes_crash_the_reader(raw: bytes) -> None:
    document = parse_document(raw)
    assert document.mistakes or isinstance(document.values, dict)


# mistakes, each with place, key and remedy

MISTAKES = [
    (
        "outbox: {pause_seconds: 90, pause_at_most_minutes: 1}",
        "config.yaml:1: outbox.pause_at_most_minutes: is shorter than the first pause",
    ),
    ("notice: {}", "config.yaml:1: notice: unknown section (did you mean 'notices'?)"),
    ("rooms:\n  gaurd: all", "config.yaml:2: rooms.gaurd: unknown key (did you mean 'guard'?)"),
    ("rooms: {guard: lsited}", "config.yaml:1: rooms.guard: must be all or listed (did you mean 'listed'?)"),
    ("rooms: {guard: 5}", "config.yaml:1: rooms.guard: must be all or listed"),
    ("rooms: all", "config.yaml:1: rooms: must be a section with keys of its own"),
    ("rooms: [all]", "config.yaml:1: rooms: must be a section with keys of its own"),
    ("rooms: {guard: listed, listed: 研发群}", "config.yaml:1: rooms.listed: must be a list"),
    (
        "rooms:\n  guard: listed\n  listed:\n  - a\n  - a",
        "config.yaml:3: rooms.listed: names something twice",
    ),
    (
        "rooms:\n  guard: listed\n  listed:\n  - a\n  - ''",
        "config.yaml:5: rooms.listed[1]: must not be empty",
    ),
    (
        "rooms:\n  guard: listed\n  listed:\n  - a\n  -",
        "config.yaml:5: rooms.listed[1]: must be one piece of text",
    ),
    ("rooms: {supervision: [a]}", "config.yaml:1: rooms.supervision: must be one piece of text"),
    ("rooms: {listed: [a]}", "config.yaml:1: rooms.listed: does nothing while rooms.guard is all"),
    ("rooms: {guard: listed}", "config.yaml:1: rooms.guard: no room is listed, so none is kept"),
    (
        "rooms: {guard: listed, listed: [a], supervision: a}",
        "config.yaml:1: rooms.supervision: is also a room that is kept",
    ),
    ("rules: {flooding: {shadow: maybe}}", "config.yaml:1: rules.flooding.shadow: must be on or off"),
    ("company: {departments: 市场部}", "config.yaml:1: company.departments: must be a list"),
    ("company: {departments: [市场部, 市场部]}", "config.yaml:1: company.departments: names something twice"),
    (
        "friends: {accept: none, listed: [a]}",
        "config.yaml:1: friends.listed: does nothing while friends.accept",
    ),
    ("friends: {per_hour: 0}", "config.yaml:1: friends.per_hour: must be at least 1"),
    ("notices: {quiet_hours: maybe}", "config.yaml:1: notices.quiet_hours: must be on or off"),
    ("notices: {quiet_hours: 5}", "config.yaml:1: notices.quiet_hours: must be on or off"),
    ("notices: {stale_minutes: 0}", "config.yaml:1: notices.stale_minutes: must be at least 1"),
    ("notices: {stale_minutes: ten}", "config.yaml:1: notices.stale_minutes: must be a whole number"),
    ("notices: {stale_minutes: 1.5}", "config.yaml:1: notices.stale_minutes: must be a whole number"),
    ("outbox: {account_per_minute: 0}", "config.yaml:1: outbox.account_per_minute: must be at least 1"),
    (
        "outbox: {account_per_minute: 5}",
        "config.yaml:1: outbox.account_per_minute: is so low that room_per_minute 6",
    ),
    (
        "outbox: {room_per_hour: 5}",
        "config.yaml:1: outbox.room_per_hour: is so low that room_per_minute 6",
    ),
    ("outbox: {room_per_hour: 361}", "config.yaml:1: outbox.room_per_hour: is never reached"),
    ("outbox: {min_gap_seconds: -1}", "config.yaml:1: outbox.min_gap_seconds: must be at least 0"),
    ("outbox: {jitter_seconds: .inf}", "config.yaml:1: outbox.jitter_seconds: must be a number"),
    ("outbox: {jitter_seconds: nan}", "config.yaml:1: outbox.jitter_seconds: must be a number"),
    (
        "penalty: {confirm: eech}",
        "config.yaml:1: penalty.confirm: must be statement or each (did you mean 'each'?)",
    ),
    ("retention: {messages_days: 0}", "config.yaml:1: retention.messages_days: must be at least 1"),
    ("company: {timezone: Shanghai}", "config.yaml:1: company.timezone: is no time zone"),
    ("company: {timezone: ../../etc/passwd}", "config.yaml:1: company.timezone: is no time zone"),
    (
        "gateway: {endpoint: 'http://h:1'}",
        "config.yaml:1: gateway.endpoint: must be host:port without a scheme",
    ),
    ("gateway: {endpoint: localhost}", "config.yaml:1: gateway.endpoint: must be host:port"),
    ("gateway: {endpoint: 'h:70000'}", "config.yaml:1: gateway.endpoint: must be host:port"),
    (
        "gateway: {endpoint: '10.0.0.5:8788'}",
        "config.yaml:1: gateway.tls: must be said for a gateway on another",
    ),
    ("health: {listen: '9187'}", "config.yaml:1: health.listen: must be host:port"),
    ("health: {listen: '0.0.0.0:9187'}", "config.yaml:1: health.listen: lies beyond this machine"),
    ("health: {listen: '[::]:9187'}", "config.yaml:1: health.listen: lies beyond this machine"),
    ("health: {listen: 'metrics.local:9187'}", "config.yaml:1: health.listen: lies beyond this machine"),
    ("health: {exposed: on}", "config.yaml:1: health.exposed: does nothing, since health.listen is not set"),
    (
        "health: {listen: '[::1]:9187', exposed: on}",
        "config.yaml:1: health.exposed: does nothing, since health.listen is this machine",
    ),
    ("gateway: {tls: insecure_default}", "config.yaml:1: gateway.tls: is neither off nor insecure-default"),
    ("gateway: {deadline_seconds: 0}", "config.yaml:1: gateway.deadline_seconds: must be at least 0.1"),
    ("storage: {url: 'mysql://h/d'}", "config.yaml:1: storage.url: this kind of database is not supported"),
    ("storage: {url: qungui.db}", "config.yaml:1: storage.url: must be a database URL"),
    ("storage: {url: 'sqlite://'}", "config.yaml:1: storage.url: names no database, or one in memory"),
    (
        "storage: {url: 'sqlite:///:memory:'}",
        "config.yaml:1: storage.url: names no database, or one in memory",
    ),
    ("broker: {url: 'nats://h'}", "config.yaml:1: broker: there is no broker to set"),
    ("work: {start: 25:00}", 'config.yaml:1: work.start: must be a time of day such as "09:00"'),
    ("work: {start: 18:00, end: 9:00}", "config.yaml:1: work.end: is not after work.start"),
    ("work: {weekdays: [8]}", "config.yaml:1: work.weekdays[0]: must be at most 7"),
    ("work: {holidays: [Friday]}", "config.yaml:1: work.holidays[0]: must be a date such as 2026-10-01"),
    (
        "work: {holidays: [2026-12-01], workdays: [2026-12-01]}",
        "config.yaml:1: work.workdays: 2026-12-01 is also under work.holidays",
    ),
    ("rules: {flooding: {violation: 2}}", "config.yaml:1: rules.flooding.violation: must be at most 1"),
    ("rules: {flooding: on}", "config.yaml:1: rules.flooding: must be a mapping"),
    (
        "rules:\n  flooding:\n    window: 5",
        "config.yaml:3: rules.flooding.window: unknown key (known: enabled, review, settings, shadow, violation; a",
    ),
    (
        "policy:\n  flooding: {point: 2}",
        "config.yaml:2: policy.flooding.point: unknown key (did you mean 'points'?)",
    ),
    ("policy: {flooding: {points: -1}}", "config.yaml:1: policy.flooding.points: must be at least 0"),
    (
        "lexicon:\n  add:\n  - wrod: x",
        "config.yaml:3: lexicon.add[0].wrod: unknown key (did you mean 'word'?)",
    ),
    ("lexicon:\n  add:\n  - category: x", "config.yaml:3: lexicon.add[0].word: is missing (add it)"),
    ("company: {name: '\\e[31m'}\n? \"\\e[31m\"\n: x", "config.yaml:2: \\x1b[31m: unknown section"),
]


@pytest.mark.parametrize(("text", "expected"), MISTAKES, ids=[text[:40] for text, _ in MISTAKES])
def test_a_mistake_in_the_file(here: Path, text: str, expected: str) -> None:
    assert any(line.startswith(expected) for line in refused(text)), refused(text)


VARIABLES = [
    ("QUNGUI_GATEWAY_TOEKN", "x", "unknown variable (did you mean 'QUNGUI_GATEWAY_TOKEN'?)"),
    ("QUNGUI_", "x", "unknown variable"),
    ("QUNGUI_ROOMS", "x", "unknown variable"),
    ("QUNGUI_RULES_FLOODING", "x", "the section rules is set in the file only"),
    ("QUNGUI_LOG", "jsn", "must be text or json (did you mean 'json'?)"),
    ("QUNGUI_OUTBOX_PACING", "of", "outbox.pacing: must be on or off"),
    ("QUNGUI_BROKER_URL", "nats://h", "there is no broker to set"),
    ("QUNGUI_STORAGE_URL", "mysql://h/d", "storage.url: this kind of database is not supported"),
    ("QUNGUI_ROOMS_LISTED", "a,,b", "rooms.listed[1]: must not be empty"),
    ("QUNGUI_GATEWAY_TLS", "nowhere.pem", "gateway.tls: is neither off nor insecure-default"),
]


@pytest.mark.parametrize(("name", "value", "expected"), VARIABLES)
def test_a_mistake_in_the_environment(here: Path, name: str, value: str, expected: str) -> None:
    assert any(line.startswith(f"{name}: {expected}") for line in refused("", {name: value}))


def test_every_mistake_of_file_and_environment_is_told_at_once(here: Path) -> None:
    lines = refused(
        "rooms:\n  gaurd: all\nnotices:\n  stale_minutes: 0\n"
        "outbox:\n  room_per_hour: 5\nwork: {start: 19:00}\n",
        {"QUNGUI_GATEWAY_TOEKN": "x", "QUNGUI_PENALTY_CONFIRM": "never"},
    )
    assert [line.split(": ")[0] for line in lines] == [
        "QUNGUI_GATEWAY_TOEKN",
        "QUNGUI_PENALTY_CONFIRM",
        "config.yaml:2",
        "config.yaml:4",
        "config.yaml:6",
        "config.yaml:7",
    ]


def test_the_error_counts_its_mistakes(here: Path) -> None:
    with pytest.raises(ConfigError, match="has one mistake:"):
        load("notice: {}")
    with pytest.raises(ConfigError, match="has 2 mistakes:"):
        load("notice: {}\nroom: {}")


# the rulebook's own mistakes


def unknown_rules(options: BookOptions) -> None:
    """A rulebook without any rules: every one that is configured is a mistake."""
    found = [Mistake(("rules", name), "there is no such rule", "see docs/rules.md") for name in options.rules]
    if options.timezone == "Asia/Tokyo":
        found.append(Mistake(("timezone",), "has no calendar"))
    if found:
        raise OptionsError(found)


def test_mistakes_of_the_rulebook_stand_in_the_same_list(here: Path) -> None:
    Path("config.yaml").write_text("company: {timezone: Asia/Tokyo}\nnotice: {}\nrules:\n  floding: {}\n")
    with pytest.raises(ConfigError) as caught:
        load_settings(None, {}, unknown_rules)
    assert [line.strip() for line in str(caught.value).splitlines()[1:]] == [
        "config.yaml:1: company.timezone: has no calendar",
        "config.yaml:2: notice: unknown section (did you mean 'notices'?)",
        "config.yaml:4: rules.floding: there is no such rule (see docs/rules.md)",
    ]


def test_loaded_settings_place_the_rulebooks_mistakes(here: Path) -> None:
    loaded = load("rules:\n  floding: {}\n")
    with pytest.raises(OptionsError) as caught:
        unknown_rules(loaded.settings.book_options())
    assert "config.yaml:2: rules.floding: there is no such rule" in str(loaded.refuse(caught.value))


def test_book_options_carry_the_companys_time_zone() -> None:
    settings = Settings.model_validate(
        {"company": {"timezone": "Asia/Tokyo"}, "rules": {"flooding": {"enabled": "off"}}}
    )
    assert settings.book_options().timezone == "Asia/Tokyo"
    assert not settings.book_options().rules["flooding"].enabled
