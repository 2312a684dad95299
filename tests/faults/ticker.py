"""The clock's part of a whole bot as a process of its own: ``ticker.py URL [POINT]``.

It ticks once for each moment on stdin and answers with a line. At a POINT it kills itself with SIGKILL: ``within`` a
digest's unit of work, all of it written and nothing committed; or right ``after`` the commit.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import structlog  # noqa: E402 - after the path is set
from fakes.recording import RecordingGateway  # noqa: E402 - after the path is set

from bot import compose  # noqa: E402 - after the path is set
from bot.clock import ManualClock  # noqa: E402 - after the path is set
from bot.settings import Settings  # noqa: E402 - after the path is set
from rules.core.load import load_book  # noqa: E402 - after the path is set
from storage.jobs import Jobs  # noqa: E402 - after the path is set
from storage.session import Storage  # noqa: E402 - after the path is set

SETTINGS = Settings.model_validate({"rooms": {"guard": "all", "supervision": "群规监督组"}})


class MovedClock(ManualClock):
    """A clock that can be put back, too."""

    def put(self, moment: datetime) -> None:
        self._now = moment


def die_at(point: str) -> None:
    """Wrap what ends a digest's run so that the process dies there."""
    finish, run = Jobs.finish, Storage.run
    finished: list[str] = []

    async def dying_finish(self: Jobs, job: str, *rest: Any) -> None:
        await finish(self, job, *rest)
        if job == "digest":
            if point == "within":
                os.kill(os.getpid(), signal.SIGKILL)
            finished.append(job)

    async def dying_run(self: Storage, work: Any, **named: Any) -> Any:
        result = await run(self, work, **named)
        if finished:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    Jobs.finish, Storage.run = dying_finish, dying_run  # type: ignore[method-assign] # the product has no switch


def say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


async def main(url: str) -> None:
    clock = MovedClock(datetime(2026, 9, 28, tzinfo=UTC))
    storage = await Storage.open(url)
    bot = compose.build(
        SETTINGS, load_book(), storage, RecordingGateway(clock=clock), clock, structlog.get_logger()
    )
    say("ready")
    while line := await asyncio.to_thread(sys.stdin.readline):
        clock.put(datetime.fromisoformat(line.strip()))
        await bot.presence.begin()
        await bot.tick(clock.now())
        say("done")
    await storage.close()


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    if len(sys.argv) > 2:
        die_at(sys.argv[2])
    asyncio.run(main(sys.argv[1]))
