"""One life of the bot: `qungui run` under an accelerated clock, as a process that can really be killed.

``child.py TICK`` loads everything, says so, and waits. On ``go PACE`` it is on guard, and does what is due every TICK
seconds; on ``pace PACE`` its clock keeps to another pace. Several times a second it says how it is, a line of JSON
each. It ends when whoever started it is gone. Deadlines that are real time in the product are shortened here, for a
simulated hour may last less than a second.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from bot import compose, running  # noqa: E402 - the path comes first
from bot import log as logs  # noqa: E402 - the path comes first
from bot.cli.crash import write_no_core  # noqa: E402 - the path comes first
from bot.errors import ConfigError, QunguiError  # noqa: E402 - the path comes first
from bot.gateway.wire import WireGateway  # noqa: E402 - the path comes first
from bot.gateway.wire.connection import Timing  # noqa: E402 - the path comes first
from bot.pipeline import fetch  # noqa: E402 - the path comes first
from bot.pipeline.places import ACCOUNT  # noqa: E402 - the path comes first
from bot.settings.source import Loaded, load_settings  # noqa: E402 - the path comes first
from rules.core.book import Rulebook  # noqa: E402 - the path comes first
from rules.core.load import load_book  # noqa: E402 - the path comes first
from rules.core.options import BookOptions  # noqa: E402 - the path comes first
from soaking.pace import Pace, PacedClock  # noqa: E402 - the path comes first

TIMING = Timing(call=2.0, connect=2.0, keepalive=0.6, keepalive_timeout=0.7, dong=0.7, login=0.5)
HOLD_SECONDS, RETRY_HOLD_SECONDS = 1.5, 0.5
TOLD_EVERY = 0.2


def configured() -> tuple[Loaded, Rulebook]:
    """Settings and rulebook as `qungui run` loads them.

    Raises:
        ConfigError: something is wrong with them.
    """
    built: list[Rulebook] = []

    def check(options: BookOptions) -> None:
        built.append(load_book(options))

    return load_settings(None, os.environ, check), built[0]


def resident() -> int:
    """Bytes of memory that this process holds; 0 where the system does not say."""
    try:
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    except OSError:
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def tell(**what: object) -> None:
    """One line to whoever started this process."""
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


async def told(bot: compose.Bot) -> None:
    """Say how it is, for as long as the bot runs."""
    while True:
        tell(
            memory=resident(),
            tasks=len(asyncio.all_tasks()),
            online=bot.presence.online,
            busy=bot.line.busy,
            received=bot.line.inbox.received,
            failures=bot.outbox.failures,
        )
        await asyncio.sleep(TOLD_EVERY)


async def obey(clock: PacedClock) -> None:
    """Follow what is said on stdin; its end is the end of this process, at once."""
    loop, lines = asyncio.get_running_loop(), asyncio.StreamReader()
    with open(0, "rb", buffering=0, closefd=False) as stdin:  # noqa: ASYNC230 - a descriptor has no path
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), stdin)
        while line := (await lines.readline()).decode().strip():
            word, _, rest = line.partition(" ")
            if word == "pace":
                clock.pace = Pace.of(rest)
    os._exit(3)


async def guard(first: Pace, tick_seconds: float) -> None:
    """Be on guard until SIGTERM.

    Raises:
        QunguiError: as `qungui run` does.
    """
    clock = PacedClock(first)
    found, book = configured()
    logs.configure("json", found.settings.secrets())
    log = logs.get("soak")
    settings = found.settings
    stop = asyncio.Event()
    async with (
        compose.opened_storage(settings) as storage,
        compose.alone(settings, stop, clock, log),
    ):
        async with storage.view() as unit:
            account = await unit.meta.get(ACCOUNT)
        token = settings.gateway.token.get_secret_value() if settings.gateway.token else ""
        gateway = WireGateway(
            settings.gateway.endpoint, token, "off", clock, log, timing=TIMING, self_id=account or ""
        )
        bot = compose.build(settings, book, storage, gateway, clock, log, origin=found.origin)
        running._stop_on_signals(stop)
        running._reload_on_signal(bot, stop, log)
        beside = [asyncio.create_task(told(bot), name="told"), asyncio.create_task(obey(clock), name="obey")]
        try:
            await running.guard(bot, stop, tick_seconds=tick_seconds)
        finally:
            for task in beside:
                task.cancel()
        log.info("stopped")


def main() -> None:
    """Load, wait for the word, be on guard."""
    write_no_core()
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    fetch.HOLD_SECONDS, fetch.RETRY_HOLD_SECONDS = HOLD_SECONDS, RETRY_HOLD_SECONDS
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # until the bot runs, there is nothing to finish
    logs.configure("json")
    try:
        configured()
    except ConfigError as refusal:
        logs.get("soak").error("the configuration is wrong", mistakes=len(str(refusal).splitlines()) - 1)
        sys.exit(refusal.exit_code)
    tell(loaded=True)
    with open(0, "rb", buffering=0, closefd=False) as stdin:
        word, _, rest = stdin.readline().decode().strip().partition(" ")
    if word == "go":
        try:
            asyncio.run(guard(Pace.of(rest), float(sys.argv[1])))
        except QunguiError as failure:
            logs.get("soak").error("the bot gave up", failure=str(failure))
            sys.exit(failure.exit_code)
        finally:
            signal.signal(signal.SIGHUP, signal.SIG_IGN)


if __name__ == "__main__":
    main()
