"""Configurations for tests: loaded from a file in the working directory, or refused."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.errors import ConfigError
from bot.settings.source import Loaded, load_settings

ROOT = Path(__file__).resolve().parents[2]
DEFAULT = ROOT / "config.yaml"
SECRET = "tOp-sEcReT-vAlUe"


def load(text: str | bytes, env: Mapping[str, str] | None = None) -> Loaded:
    """Settings from a file ``config.yaml`` in the working directory with this text."""
    Path("config.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_settings(None, env or {})


def refused(text: str | bytes, env: Mapping[str, str] | None = None) -> list[str]:
    """The lines of the error that this configuration leads to, without the heading."""
    with pytest.raises(ConfigError) as caught:
        load(text, env)
    assert caught.value.exit_code == 2
    return [line.strip() for line in str(caught.value).splitlines()[1:]]
