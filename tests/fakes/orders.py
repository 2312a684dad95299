"""What a forked life of the bot is told to do differently: die at a point of the path, or live by a wrong clock.

The product has no switch for any of this; it is wrapped here, in the process that is to suffer it.
"""

from __future__ import annotations

import ctypes
import inspect
import os
import signal
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import NullPool

from bot import running
from bot.clock import SystemClock
from bot.compose import outside
from bot.gateway.wire import WireGateway
from bot.gateway.wire.connection import Timing
from bot.pipeline import failing, fetch, outbox
from bot.pipeline.delivery import Delivery
from bot.pipeline.handle import Handler
from bot.pipeline.inbox import _Store
from storage import engine
from storage.session import UnitOfWork

POINTS: dict[str, tuple[type, str]] = {
    "inbox": (_Store, "__call__"),
    "fetch": (WireGateway, "message"),
    "judge": (Handler, "_judge"),
    "record": (Handler, "_commit"),
    "commit": (UnitOfWork, "_finish"),
    "send": (WireGateway, "say"),
    "acknowledge": (Delivery, "left"),
}
"""The points of the path, in its order: each may be died at before and after it."""


def deaths() -> list[tuple[str, str]]:
    """Every point, before and after."""
    return [(point, when) for point in POINTS for when in ("before", "after")]


def carry_out(orders: dict[str, Any]) -> None:
    """Change this process as it is told."""
    if "die" in orders:
        die_at(*orders["die"])
    if "clock" in orders:
        live_by(Path(orders["clock"]))
    if "full" in orders:
        fill(Path(orders["full"]))
    if "patience" in orders:
        outside.FAREWELL_SECONDS = orders["patience"]
    if "keep" in orders:
        outside.KEEP_SECONDS = orders["keep"]
    if orders.get("quick"):
        be_quick()
    if "tick" in orders:
        running.TICK_SECONDS = orders["tick"]
    if orders.get("anew"):
        open_anew()
    if orders.get("humble"):
        drop_override()


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def die_at(point: str, when: str, nth: int) -> None:
    """Have this process die at a point."""
    owner, name = POINTS[point]
    original: Callable[..., Any] = getattr(owner, name)
    passed = 0

    def reached(moment: str, *arguments: Any) -> None:
        nonlocal passed
        if moment != when or (point == "commit" and _only_reads(*arguments)):
            return
        passed += 1
        if passed == nth:
            die()

    if inspect.iscoroutinefunction(original):

        async def wrapped(*arguments: Any, **named: Any) -> Any:
            reached("before", *arguments)
            result = await original(*arguments, **named)
            reached("after", *arguments)
            return result

    else:

        def wrapped(*arguments: Any, **named: Any) -> Any:
            reached("before", *arguments)
            result = original(*arguments, **named)
            reached("after", *arguments)
            return result

    setattr(owner, name, wrapped)


def _only_reads(unit: UnitOfWork, *_: Any) -> bool:
    return unit._read_only


def live_by(file: Path) -> None:
    """Have this process's clock be wrong by as many seconds as stand in a file, read anew at each look."""
    right = SystemClock.now

    def now(clock: SystemClock) -> datetime:
        return right(clock) + timedelta(seconds=float(file.read_text() or 0))

    SystemClock.now = now  # type: ignore[method-assign]  # this process is to suffer it


def be_quick() -> None:
    """Have this process wait only moments where it usually waits seconds and minutes for a gateway."""
    timing = Timing(
        call=1.0,
        connect=1.0,
        keepalive=0.3,
        keepalive_timeout=0.4,
        dong=0.4,
        login=0.2,
        retry_first=0.05,
        retry_longest=0.3,
    )
    outside.Timing = lambda **_: timing
    fetch.HOLD_SECONDS, fetch.RETRY_HOLD_SECONDS, fetch.RETRY_AFTER = 0.6, 0.5, timedelta(seconds=0.5)
    running.TICK_SECONDS = 1
    failing.RETRY_SECONDS, outbox.AWAY = 0.2, timedelta(seconds=0.2)


def open_anew() -> None:
    """Have every unit of work open the database anew."""
    engine.create_async_engine = partial(engine.create_async_engine, poolclass=NullPool)


def drop_override() -> None:
    """Have file modes count for root as they do for anybody (CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH)."""
    if os.geteuid() != 0:
        return
    libc = ctypes.CDLL(None, use_errno=True)
    head = (ctypes.c_uint32 * 2)(0x20080522, 0)  # _LINUX_CAPABILITY_VERSION_3, this process
    sets = (ctypes.c_uint32 * 6)()  # effective, permitted and inheritable; then the same for higher numbers
    if libc.capget(head, sets) != 0:
        raise OSError(ctypes.get_errno(), "capget")
    sets[0] &= ~0b110
    if libc.capset(head, sets) != 0:
        raise OSError(ctypes.get_errno(), "capset")


def fill(file: Path) -> None:
    """Have SQLite find its disk full (SQLITE_FULL) wherever it wants to grow, as long as a file exists."""
    begin = engine._begin_sqlite

    def beginning(connection: Any) -> None:
        begin(connection)
        # The least that SQLite takes is the size that the database has.
        connection.exec_driver_sql(f"PRAGMA max_page_count={1 if file.exists() else 4_294_967_294}")

    engine._begin_sqlite = beginning
