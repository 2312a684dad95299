"""Many lives of `qungui run`, one after the other, forked from a process that is ready (:mod:`fakes.zygote`)."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
ZYGOTE = Path(__file__).with_name("zygote.py")
END_SECONDS = 30.0


@dataclass(frozen=True)
class Life:
    """One process; its log is a file, and so is its end."""

    pid: int
    file: Path
    status: Path

    @property
    def log(self) -> str:
        return self.file.read_text(encoding="utf-8", errors="replace") if self.file.exists() else ""

    @property
    def over(self) -> bool:
        return self.status.exists()

    def signal(self, number: int) -> None:
        """Send it a signal, if it still lives."""
        if not self.over:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    async def ended(self, seconds: float = END_SECONDS) -> int:
        """Wait until it ends; returns the exit status (negative: the signal that killed it)."""
        async with asyncio.timeout(seconds):
            while not self.over:  # noqa: ASYNC110 - the end of a process that is not our child is a file
                await asyncio.sleep(0.01)
        return int(self.status.read_text())

    async def kill(self) -> int:
        """End it at once."""
        self.signal(signal.SIGKILL)
        return await self.ended()

    async def stop(self, seconds: float = 15.0) -> int:
        """End it as an operator would, with SIGTERM; returns the exit status."""
        self.signal(signal.SIGTERM)
        return await self.ended(seconds)


class Lives:
    """Starts lives; a context manager that leaves none behind."""

    def __init__(self, folder: Path) -> None:
        """``folder`` takes the configuration that the rulebook is loaded for."""
        config = folder / "ready.yaml"
        config.write_text("rules:\n  after_hours:\n    enabled: off\n", encoding="utf-8")
        self._number = itertools.count(1)
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, str(ZYGOTE), str(config)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={name: value for name, value in os.environ.items() if not name.startswith("QUNGUI_")}
            | {"PYTHONPATH": os.pathsep.join(map(str, (ROOT, ROOT / "tests")))},
        )
        self._answer("ready")

    def begin(self, env: dict[str, str], folder: Path, **orders: Any) -> Life:
        """Fork a life with this environment; its log and its end are files in ``folder``."""
        number = next(self._number)
        log, status = folder / f"life-{number}.log", folder / f"life-{number}.status"
        asked = {"env": env, "folder": str(folder), "log": str(log), "status": str(status), "orders": orders}
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(asked).encode() + b"\n")
        self._process.stdin.flush()
        return Life(int(self._answer()), log, status)

    def close(self) -> None:
        """End the process, and with it every life."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(END_SECONDS)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def _answer(self, expected: str = "") -> str:
        assert self._process.stdout is not None
        said = self._process.stdout.readline().decode().strip()
        if not said or (expected and said != expected):
            raise RuntimeError(f"the process that forks lives said {said!r}")
        return said
