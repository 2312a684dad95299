"""What the plugin says before anything runs: a wrong configuration stops the bot's start, with its remedy."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes import guest  # noqa: F401 - python-wechaty, importable
from wechaty import Wechaty, WechatyOptions

from bot.errors import ConfigError
from bot.gateway.plugin import QunguiPlugin


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with nothing in it; python-wechaty leaves its files there too."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path


def test_a_wrong_configuration_is_one_error_with_file_key_and_remedy(folder: Path) -> None:
    (folder / "mine.yaml").write_text("rooms:\n  gard: all\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        QunguiPlugin("mine.yaml")
    assert "mine.yaml:2: rooms.gard" in str(caught.value)
    assert "guard" in str(caught.value)


def test_a_wrong_variable_is_an_error_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUNGUI_STORAGE_URI", "sqlite:///x.db")
    with pytest.raises(ConfigError, match="QUNGUI_STORAGE_URL"):
        QunguiPlugin()


def test_a_configuration_that_is_not_there_is_named(folder: Path) -> None:
    with pytest.raises(ConfigError, match=r"missing\.yaml"):
        QunguiPlugin(folder / "missing.yaml")


def test_a_bot_takes_it_without_any_gateway_setting() -> None:
    bot = Wechaty(WechatyOptions(endpoint="127.0.0.1:9", token="nothing-listens-there"))
    assert bot.use(QunguiPlugin()) is bot
    assert [plugin.name for plugin in bot._plugin_manager.plugins()] == ["QunguiPlugin"]


async def test_it_registers_no_route_and_closing_what_never_ran_is_quiet() -> None:
    bot = Wechaty(WechatyOptions(endpoint="127.0.0.1:9", token="nothing-listens-there"))
    plugin = QunguiPlugin()
    bot.use(plugin)
    await plugin.blueprint(bot._plugin_manager.app)
    assert list(bot._plugin_manager.app.url_map.iter_rules()) == []
    await plugin.close()


async def test_a_puppet_of_another_kind_is_told_and_the_bot_goes_on(
    capsys: pytest.CaptureFixture[str],
) -> None:
    class Puppet:
        """Something that speaks no gRPC."""

    class Host:
        puppet = Puppet()

    plugin = QunguiPlugin()
    await plugin.init_plugin(Host())
    said = capsys.readouterr().err
    assert "does not guard this bot" in said
    assert "wechaty-puppet-service" in said
