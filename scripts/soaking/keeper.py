"""Keeps the bot running as systemd would: a process of its own, started again whenever one has ended.

The next process is always loaded beforehand, so that a start costs the day as little as it does at real speed.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sys
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bot.gateway.wire.stream import ENDED
from soaking.pace import Pace

CHILD = Path(__file__).with_name("child.py")
START_SECONDS = 60.0
STOP_SECONDS = 15.0
LINE = 1 << 20
_TIMES = re.compile(r" \(trigger: [^)]*\)")  # the scheduler says when; one line of the report is enough


@dataclass(frozen=True, slots=True)
class Sample:
    """How a process said it was; ``memory`` in bytes, ``at`` in seconds of the machine since it began to guard."""

    at: float
    memory: int
    tasks: int
    online: bool
    busy: bool
    received: int
    failures: int


@dataclass
class Life:
    """One process of the bot.

    Attributes:
        number: counts from 1.
        samples: what it has said of itself while on guard.
        wanted: whether somebody has ended it on purpose.
    """

    process: asyncio.subprocess.Process
    number: int = 0
    began: float = 0.0
    samples: list[Sample] = field(default_factory=list)
    wanted: bool = False
    loaded: asyncio.Event = field(default_factory=asyncio.Event)
    heard: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def over(self) -> bool:
        """Whether the process has ended."""
        return self.process.returncode is not None

    def say(self, line: str) -> None:
        """Tell the process something."""
        if self.process.stdin is not None and not self.process.stdin.is_closing():
            self.process.stdin.write(f"{line}\n".encode())

    def send(self, number: signal.Signals) -> None:
        """Send a signal, if there is still somebody to send it to."""
        if not self.over:
            # Past asyncio, whose own way of sending a signal may take the exit status away from it.
            with suppress(ProcessLookupError):
                os.kill(self.process.pid, number)


class Keeper:
    """The bot's processes, one after another.

    Attributes:
        lives: those that were on guard, in order.
        told: what they wrote into their logs from WARNING on, by level and event.
        tracebacks: how many lines of their logs hold one, by the exception's name.
        clean_ends: how often one of them has said that its stream of events came to a clean end.
        wrong: what must not have happened: a process that ended by itself, or did not end when told to.
    """

    def __init__(self, env: Mapping[str, str], folder: Path, pace: Pace, tick_seconds: float) -> None:
        """
        Args:
            env: the environment of the processes.
            folder: where they run, and where their log goes.
            pace: what their clocks keep to, until :meth:`keep_to` says otherwise.
            tick_seconds: how often they do what is due, in real seconds.
        """
        self._tick_seconds = tick_seconds
        self._env = dict(env)
        self._folder = folder
        self._pace = pace
        self._spare: asyncio.Task[Life] | None = None
        self._next: Life | None = None
        self._reading: set[asyncio.Task[None]] = set()
        self._turn = asyncio.Lock()
        self._closing = False
        self.lives: list[Life] = []
        self.told: Counter[tuple[str, str]] = Counter()
        self.tracebacks: Counter[str] = Counter()
        self.clean_ends = 0
        self.wrong: list[str] = []

    @property
    def life(self) -> Life:
        """The present process."""
        return self.lives[-1]

    async def start(self) -> Life:
        """Put a process on guard; returns once it has said how it is.

        Raises:
            TimeoutError: none comes up.
        """
        async with self._turn:
            return await self._start()

    async def _start(self) -> Life:
        async with asyncio.timeout(START_SECONDS):
            while True:
                life = await (self._spare or self._load_next())
                self._spare = None
                life.number, life.began = len(self.lives) + 1, asyncio.get_running_loop().time()
                self.lives.append(life)
                life.say(f"go {self._pace.line()}")
                up, ended = asyncio.create_task(life.heard.wait()), asyncio.create_task(life.process.wait())
                await asyncio.wait({up, ended}, return_when=asyncio.FIRST_COMPLETED)
                up.cancel()
                ended.cancel()
                self._load_next()
                if life.heard.is_set():
                    self._follow(life)
                    return life
                # As a service it would be started again; what held it up is a fault that passes.
                self.told["error", "the bot could not start, it was started again"] += 1
                await asyncio.sleep(0.2)

    async def ready(self) -> None:
        """Wait until the next process is loaded."""
        await asyncio.wait([self._load_next()])

    def keep_to(self, pace: Pace) -> None:
        """Let the clock of the present process, and of every later one, keep to a pace."""
        self._pace = pace
        if self.lives:
            self.life.say(f"pace {pace.line()}")

    def _load_next(self) -> asyncio.Task[Life]:
        if self._spare is None:
            self._spare = asyncio.create_task(self._load())
        return self._spare

    async def _load(self) -> Life:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(CHILD),
            str(self._tick_seconds),
            env=self._env,
            cwd=self._folder,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=LINE,
        )
        self._next = life = Life(process)
        for work in (self._read_words(life), self._read_log(life)):
            task = asyncio.create_task(work)
            self._reading.add(task)
            task.add_done_callback(self._reading.discard)
        await life.loaded.wait()
        return life

    async def _read_words(self, life: Life) -> None:
        assert life.process.stdout is not None  # noqa: S101 - it was asked for
        loop = asyncio.get_running_loop()
        with (self._folder / "processes.jsonl").open("a", encoding="utf-8") as kept:
            async for line in life.process.stdout:
                try:
                    said = json.loads(line)
                except (
                    ValueError
                ):  # the last words of one that was killed, or something that speaks out of turn
                    self._note(line)
                    continue
                if "loaded" in said:
                    life.loaded.set()
                    continue
                sample = Sample(at=loop.time() - life.began, **said)
                life.samples.append(sample)
                kept.write(json.dumps({"process": life.number, **asdict(sample)}) + "\n")
                life.heard.set()
        life.loaded.set()  # one that died while it loaded is not waited for

    async def _read_log(self, life: Life) -> None:
        assert life.process.stderr is not None  # noqa: S101 - it was asked for
        with (self._folder / "bot.log").open("ab", buffering=0) as log:
            async for line in life.process.stderr:
                log.write(line)
                self._note(line)

    def _note(self, line: bytes) -> None:
        try:
            said = json.loads(line)
        except ValueError:
            said = {
                "level": "error",
                "event": f"not a log line: {line[:80].decode(errors='replace').strip()}",
            }
        self.clean_ends += said.get("reason") == ENDED
        if said.get("level") not in (None, "debug", "info"):
            why = str(said.get("failure", ""))  # a kind of failure; a sentence would be another each time
            event = f"{_TIMES.sub('', str(said.get('event', '')))}{f': {why}' if why.isidentifier() else ''}"
            self.told[said["level"], event] += 1
        if trace := said.get("exception"):
            self.tracebacks[str(trace[-1]).partition(":")[0]] += 1

    def _follow(self, life: Life) -> None:
        task = asyncio.create_task(self._revive(life))
        self._reading.add(task)
        task.add_done_callback(self._reading.discard)

    async def _revive(self, life: Life) -> None:
        status = await life.process.wait()
        if life.wanted or self._closing:
            return
        self.wrong.append(f"life {life.number} of the bot ended by itself, with status {status}")
        async with self._turn:
            if life is self.life:
                await self._start()

    # ---- ends

    async def kill(self) -> None:
        """End the present process with SIGKILL, and put the next one on guard."""
        async with self._turn:
            self.life.wanted = True
            self.life.send(signal.SIGKILL)
            await self.life.process.wait()
            await self._start()

    async def restart(self) -> None:
        """End the present process with SIGTERM, and put the next one on guard."""
        async with self._turn:
            await self._stop()
            await self._start()

    async def _stop(self) -> None:
        life = self.life
        life.wanted = True
        life.send(signal.SIGTERM)
        try:
            async with asyncio.timeout(STOP_SECONDS):
                status = await life.process.wait()
        except TimeoutError:
            self.wrong.append(
                f"life {life.number} of the bot did not end within {STOP_SECONDS:g} s of SIGTERM"
            )
            life.send(signal.SIGKILL)
            await life.process.wait()
            return
        if status != 0:
            self.wrong.append(f"life {life.number} of the bot left with status {status} after SIGTERM")

    async def close(self) -> None:
        """End everything: the present process with SIGTERM, the one that waits without ceremony."""
        self._closing = True
        async with self._turn:
            if self.lives and not self.life.over:
                await self._stop()
        if self._next is not None:
            self._next.send(signal.SIGKILL)
            await self._next.process.wait()
        await asyncio.gather(*self._reading, return_exceptions=True)

    def slay(self) -> None:
        """Leave no process behind, whatever happened before."""
        self._closing = True
        for life in (*self.lives, *filter(None, [self._next])):
            life.send(signal.SIGKILL)
