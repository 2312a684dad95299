"""Secrets come from the environment and are shown nowhere; the way to the gateway is safe or said."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes.configs import SECRET, refused
from pydantic import SecretStr

from bot.settings.source import load_settings


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


# secrets


@pytest.mark.parametrize(
    "text",
    [
        f"gateway: {{token: {SECRET}}}",
        f"gateway:\n  token:\n    - {SECRET}",
        f"ledger: {{key: {SECRET}}}",
        f"storage: {{url: 'postgresql://bot:{SECRET}@host/d'}}",
        f"storage: {{url: 'postgresql://host/d?password={SECRET}'}}",
        f"storage: {{url: 'mysql://bot:{SECRET}@host/d'}}",
        f"gateway: {{token: *{SECRET}}}",
        f"gateway: {{token: !{SECRET} x}}",
        f"gateway:\n  token: '{SECRET}\n",
    ],
)
def test_a_secret_in_the_file_is_refused_and_never_shown(here: Path, text: str) -> None:
    assert SECRET not in "\n".join(refused(text))


def test_a_secret_in_the_file_is_told_where_it_belongs(here: Path) -> None:
    (line,) = refused(f"gateway:\n  token: {SECRET}\n")
    assert line.startswith("config.yaml:2: gateway.token: is a secret and is not taken from a file")
    assert "set QUNGUI_GATEWAY_TOKEN instead" in line


def test_secrets_of_the_environment_are_never_shown(here: Path) -> None:
    url = f"postgresql://bot:{SECRET}@host/d?sslpassword={SECRET}2"
    env = {"QUNGUI_GATEWAY_TOKEN": SECRET, "QUNGUI_LEDGER_KEY": SECRET, "QUNGUI_STORAGE_URL": url}
    loaded = load_settings(None, env)
    for shown in (
        repr(loaded),
        str(loaded.settings),
        loaded.settings.model_dump_json(),
        loaded.settings.storage.shown,
    ):
        assert SECRET not in shown
    assert loaded.settings.storage.address == url
    assert loaded.settings.storage.shown == "postgresql://bot:***@host/d?sslpassword=***"
    assert set(loaded.settings.secrets()) == {SECRET, f"{SECRET}2"}
    assert loaded.settings.gateway.token == SecretStr(SECRET)
    lines = refused(f"company: {{name: '{SECRET}'}}\n{SECRET}: x", env | {f"QUNGUI_{SECRET}": SECRET})
    assert SECRET not in "\n".join(lines)


def test_a_guessable_ledger_key_is_warned_of(here: Path) -> None:
    assert any(
        "guessed" in warning for warning in load_settings(None, {"QUNGUI_LEDGER_KEY": "short"}).warnings
    )
    assert not load_settings(None, {"QUNGUI_LEDGER_KEY": "k" * 32}).warnings


# the gateway's TLS


@pytest.mark.parametrize(
    "endpoint", ["127.0.0.1:8788", "127.9.9.9:1", "[::1]:8788", "localhost:8788", "LOCALHOST:1"]
)
def test_a_gateway_on_this_machine_needs_no_tls(here: Path, endpoint: str) -> None:
    gateway = load_settings(None, {"QUNGUI_GATEWAY_ENDPOINT": endpoint}).settings.gateway
    assert gateway.tls_mode == "off"


@pytest.mark.parametrize(
    "endpoint", ["10.0.0.5:1", "gateway:8788", "[2001:db8::1]:1", "localhost.example.com:1"]
)
def test_a_gateway_elsewhere_needs_a_word_on_tls(here: Path, endpoint: str) -> None:
    (here / "ca.pem").touch()
    env = {"QUNGUI_GATEWAY_ENDPOINT": endpoint}
    assert any("gateway.tls: must be said" in line for line in refused("", env))
    for tls, warned in (("off", True), ("insecure-default", True), ("ca.pem", False)):
        loaded = load_settings(None, env | {"QUNGUI_GATEWAY_TLS": tls})
        assert loaded.settings.gateway.tls_mode == tls
        assert any("gateway.tls" in warning for warning in loaded.warnings) is warned
