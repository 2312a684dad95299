"""Rules of single rooms: whatever would do nothing, or can't mean anything, is a mistake with its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes.configs import refused

from bot.errors import ConfigError
from bot.settings.source import load_settings
from rules.core.load import load_book


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


MISTAKES = [
    (
        "rooms:\n  guard: listed\n  listed: [研发群]\n  overrides:\n    研发裙: {rules: {flooding: {shadow: on}}}",
        "config.yaml:5: rooms.overrides.研发裙: is not under rooms.listed, so nothing is judged there (name it as",
    ),
    (
        "rooms:\n  supervision: 督\n  overrides:\n    督: {rules: {flooding: {shadow: on}}}",
        "config.yaml:4: rooms.overrides.督: is the supervision room",
    ),
    ("rooms:\n  overrides:\n    a: {}", "config.yaml:3: rooms.overrides.a: says nothing"),
    ("rooms:\n  overrides:\n    a:", "config.yaml:3: rooms.overrides.a: must be a mapping"),
    ("rooms:\n  overrides: [a]", "config.yaml:2: rooms.overrides: must be a mapping"),
    (
        "rooms:\n  overrides:\n    a:\n      rules:\n        flooding: {}",
        "config.yaml:5: rooms.overrides.a.rules.flooding: says nothing (give it enabled, shadow,",
    ),
    (
        "rooms:\n  overrides:\n    a:\n      rule: {}",
        "config.yaml:4: rooms.overrides.a.rule: unknown key (did you mean 'rules'?)",
    ),
    (
        "rooms:\n  overrides:\n    a:\n      rules:\n        flooding:\n          shadwo: on",
        "config.yaml:6: rooms.overrides.a.rules.flooding.shadwo: unknown key (did you mean 'shadow'?)",
    ),
    (
        "rooms:\n  overrides:\n    a: {rules: {flooding: {window: 5}}}",
        "config.yaml:3: rooms.overrides.a.rules.flooding.window: unknown key (known: enabled, review, settings,",
    ),
    (
        "rooms:\n  overrides:\n    a: {rules: {flooding: {review: 2}}}",
        "config.yaml:3: rooms.overrides.a.rules.flooding.review: must be at most 1",
    ),
]


@pytest.mark.parametrize(("text", "expected"), MISTAKES, ids=[expected[:60] for _, expected in MISTAKES])
def test_a_mistake_in_the_rules_of_a_room(here: Path, text: str, expected: str) -> None:
    assert any(line.startswith(expected) for line in refused(text)), refused(text)


ROOM_RULES = [
    ("floding: {shadow: on}", "rules.floding: there is no such rule (did you mean 'flooding'?)"),
    ("flooding: {violation: 0.1}", "rules.flooding.violation: review ("),
    (
        "flooding: {settings: {quiet_second: 9}}",
        "rules.flooding.settings.quiet_second: unknown key (did you mean",
    ),
]


@pytest.mark.parametrize(("rule", "expected"), ROOM_RULES)
def test_the_rules_of_one_room_are_vetted_like_all_rules(here: Path, rule: str, expected: str) -> None:
    text = f"rooms:\n  overrides:\n    项目群:\n      rules:\n        {rule}\n"
    Path("config.yaml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_settings(None, {}, load_book)
    (line,) = str(caught.value).splitlines()[1:]
    assert line.strip().startswith(f"config.yaml:5: rooms.overrides.项目群.{expected}")
