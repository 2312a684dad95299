"""The clock jumps an hour forwards and back while the bot runs: nothing is judged twice, lost or said twice."""

from __future__ import annotations

from pathlib import Path

from fakes.databases import set_up
from fakes.guards import MANY, on_guard
from fakes.lives import Lives

HOUR = 3_600


async def test_the_clock_jumps_an_hour_forwards_and_back(lives: Lives, tmp_path: Path) -> None:
    clock = tmp_path / "clock"
    clock.write_text("0")
    url = await set_up(tmp_path / "qungui.db")
    async with on_guard(lives, tmp_path, url, quick=True, clock=str(clock)) as guard:
        for hours in (1, 0, -1, 0, 1, -1, 0):
            clock.with_suffix(".new").write_text(str(hours * HOUR))
            clock.with_suffix(".new").rename(clock)
            await guard.judged(guard.offend())
        guard.sim.drop_connections()
        await guard.says("on guard", 2)
        await guard.judged(guard.offend())
        # By a clock an hour ahead what was said is old: that is told to its sender alone, but told it is.
        found = await guard.aftermath(ordered=False)
        assert len(found.cases) == guard.said == 9 * MANY
