"""What the bot stands on gives way: database, disk, clock, configuration."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import sys
from pathlib import Path

from soaking.faults.kind import Kind
from soaking.stage import Stage, configuration

if sys.platform == "linux":
    import resource

HOUR = 3600.0
LOCKED_SECONDS = (0.3, 3.5)  # up to longer than SQLite waits
NONSENSE = (
    "rules: {advertsing: {enabled: off}}\n",
    "notices: [this is no section\n",
    "outbox: {max_attempts: many}\nrooms: {guard: nobody}\n",
    "\0\0\0",
)


async def locked(stage: Stage) -> None:
    """Another process holds the database."""

    def hold() -> sqlite3.Connection:
        connection = sqlite3.connect(stage.database, timeout=5, isolation_level=None, check_same_thread=False)
        connection.execute("BEGIN IMMEDIATE")
        return connection

    try:
        held = await asyncio.to_thread(hold)
    except sqlite3.OperationalError:
        return  # the bot itself would not let go of it
    try:
        await stage.pause(*LOCKED_SECONDS)
    finally:
        held.execute("ROLLBACK")
        held.close()


async def disk_full(stage: Stage) -> None:
    """The bot's process can't write to any file."""
    life = stage.keeper.life
    _, most = limits = _file_size(life.process.pid, None)
    _file_size(life.process.pid, (1, most))
    try:
        await stage.pause(0.5, 2.0)
    finally:
        if not life.over:
            _file_size(life.process.pid, limits)


def _file_size(pid: int, limits: tuple[int, int] | None) -> tuple[int, int]:
    """Read or set how large a process's files may become."""
    try:
        if limits is None:
            return resource.prlimit(pid, resource.RLIMIT_FSIZE)
        return resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)
    except ProcessLookupError:
        return -1, -1  # it was killed meanwhile


async def clock(stage: Stage) -> None:
    """The machine's clock is put an hour forwards, or back, and right again."""
    stage.wrong_clock(stage.chance.choice((HOUR, -HOUR)))
    try:
        await stage.pause(0.3, 1.5)
    finally:
        stage.wrong_clock(0.0)


async def nonsense(stage: Stage) -> None:
    """The configuration is replaced by nonsense, and restored."""
    sound = stage.config.read_text(encoding="utf-8")
    try:
        _save(stage.config, stage.chance.choice(NONSENSE))
        _hang_up(stage)
        await stage.pause(0.4, 1.2)
    finally:
        _save(stage.config, sound)
        _hang_up(stage)


async def reload(stage: Stage) -> None:
    """A changed configuration, and SIGHUP."""
    _save(stage.config, configuration(stale=stage.chance.randint(5, 30)))
    _hang_up(stage)
    await stage.pause(0.2)


def _save(file: Path, text: str) -> None:
    beside = file.with_suffix(".new")
    beside.write_text(text, encoding="utf-8")
    beside.replace(file)


def _hang_up(stage: Stage) -> None:
    if stage.keeper.life.heard.is_set():  # before that, the signal would end it
        stage.keeper.life.send(signal.SIGHUP)


KINDS = (
    Kind("locked", "another process holds the database", locked),
    Kind("disk-full", "the bot can write to no file (RLIMIT_FSIZE)", disk_full, able=sys.platform == "linux"),
    Kind("clock", "the bot's clock jumps an hour forwards or back, and is put right", clock),
    Kind("nonsense", "config.yaml is replaced by nonsense, then restored", nonsense),
    Kind("reload", "a changed config.yaml and SIGHUP", reload),
)
