"""Killed with -9 from outside, at any moment from a life's first breath on: as it starts, in a commit, in a send."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes.chains import at_moment, at_point, lived
from fakes.databases import set_up
from fakes.lives import Lives

TIMES = 22  # in each of four chains: 88 deaths
ON_POSTGRESQL = 12


@pytest.mark.parametrize("chain", range(4))
async def test_killed_at_any_moment(chain: int, lives: Lives, tmp_path: Path) -> None:
    url = await set_up(tmp_path / "qungui.db")
    done = await lived(lives, tmp_path, url, [at_moment] * TIMES)
    assert done["deaths"] == TIMES
    assert done["received"]


@pytest.mark.parametrize("fate", [at_moment, at_point()], ids=["moment", "point"])
async def test_killed_on_postgresql(fate, lives: Lives, tmp_path: Path, postgres_url: str) -> None:
    done = await lived(lives, tmp_path, postgres_url, [fate] * ON_POSTGRESQL)
    assert done["deaths"] == ON_POSTGRESQL
    assert done["received"]
