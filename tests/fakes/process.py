"""`qungui` as a real process, for tests that need one: start it, wait for what it does, end it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
START_SECONDS = 30.0


@dataclass
class Process:
    """A running `qungui`; ``log`` is what it wrote on stderr so far."""

    running: asyncio.subprocess.Process
    lines: list[str]

    @property
    def log(self) -> str:
        return "\n".join(self.lines)

    async def ended(self, seconds: float = START_SECONDS) -> int:
        """Wait until it ends; returns the exit status (negative: the signal that killed it)."""
        async with asyncio.timeout(seconds):
            return await self.running.wait()

    async def stop(self, seconds: float = 15.0) -> int:
        """End it as an operator would, with SIGTERM; returns the exit status."""
        if self.running.returncode is None:
            self.running.send_signal(signal.SIGTERM)
        return await self.ended(seconds)


def environment(folder: Path, **settings: str) -> dict[str, str]:
    """A clean environment with a database in ``folder``; keywords are QUNGUI_ names without the prefix."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("QUNGUI_")}
    clean |= {"QUNGUI_STORAGE_URL": f"sqlite:///{folder / 'qungui.db'}", "PYTHONUNBUFFERED": "1"}
    return clean | {f"QUNGUI_{name}": value for name, value in settings.items()}


RULES = """\
digest: {enabled: off}
rules:
  after_hours: {enabled: off}
  # Every offence is a case here: a burst is over at once.
  flooding: {settings: {repeat_seconds: 0.01, burst_seconds: 0.01, quiet_seconds: 0.01}}
"""


def at_any_hour(folder: Path) -> str:
    """Path of a configuration by which a test under the real clock goes the same way by day and by night."""
    path = folder / "at-any-hour.yaml"
    path.write_text(RULES, encoding="utf-8")
    return str(path)


@asynccontextmanager
async def started(*command: str, env: dict[str, str], cwd: Path) -> AsyncIterator[Process]:
    """A process running; it is killed at the end if it still runs."""
    running = await asyncio.create_subprocess_exec(
        *command, env=env, cwd=cwd, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
    )
    process = Process(running, [])

    async def read() -> None:
        assert running.stderr is not None
        async for line in running.stderr:
            process.lines.append(line.decode(errors="replace").rstrip())

    reading = asyncio.create_task(read())
    try:
        yield process
    finally:
        if running.returncode is None:
            running.kill()
        await running.wait()
        await reading


def qungui(*arguments: str) -> tuple[str, ...]:
    """The command line of the checkout under test."""
    return (
        sys.executable,
        "-P",
        "-c",
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); from bot.cli import main; main()",
        *arguments,
    )


async def until(condition: Callable[[], bool], seconds: float = START_SECONDS, what: str = "it") -> None:
    """Wait for a condition.

    Raises:
        AssertionError: it does not come true in time.
    """
    for _ in range(int(seconds / 0.02)):
        if condition():
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"{what} did not happen within {seconds} s")
