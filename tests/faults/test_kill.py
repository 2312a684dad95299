"""Killed with -9 at every point of the path: before and after it, one of the first times that it is passed.

Each life is a process of its own over the database that the last one left, while people go on talking. Afterwards
no message that was received is lost, nothing is there twice, everything is in order, and no death has repeated more
than one notice.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes.chains import at_point, lived
from fakes.databases import set_up
from fakes.lives import Lives
from fakes.orders import POINTS

TIMES = 9  # for each of 7 points, before and after it: 126 deaths


@pytest.mark.parametrize("point", POINTS)
async def test_killed_before_and_after(point: str, lives: Lives, tmp_path: Path) -> None:
    url = await set_up(tmp_path / "qungui.db")
    done = await lived(lives, tmp_path, url, [at_point(point, "before"), at_point(point, "after")] * TIMES)
    assert done["deaths"] == 2 * TIMES
    assert done["cases"]
