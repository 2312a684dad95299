"""Forks lives of `qungui run`; started and spoken to by :class:`fakes.lives.Lives`.

Importing the product and loading the rulebook takes seconds, and a test that kills it two hundred times would spend
all its time there. This process has done both once and forks a child for each life: a process of its own, which opens
its own database and connections, and which a SIGKILL ends like any other. Before a fork nothing but imports and
reading has happened: no event loop, no thread, no connection; that is checked each time.

It reads one JSON object a line from stdin (``env``, ``folder``, ``log``, ``status``, ``orders``), answers with the
child's pid, and writes each child's end into its ``status`` file. At the end of stdin it kills what still runs.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import select
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from fakes.orders import carry_out

import bot.running  # noqa: F401 - the command imports it only once it is called
from bot import cli
from bot.cli.ground import loaded
from bot.texts import Texts
from rules.core import load as loading
from storage import schema


def remember(load: Callable[..., Any]) -> Callable[..., Any]:
    """A rulebook is frozen: the same options give the same one, in every life."""
    known: list[tuple[Any, Any]] = []

    def remembered(options: Any = None) -> Any:
        for before, book in known:
            if before == options:
                return book
        book = load() if options is None else load(options)
        known.append((options, book))
        return book

    return remembered


def prepare(config: str) -> None:
    loading.load_book = remember(loading.load_book)  # type: ignore[assignment]  # the same, remembered
    loaded(Path(config))
    Texts.load()
    schema.revisions()
    gc.collect()
    gc.freeze()


def live(asked: dict[str, Any]) -> NoReturn:
    """In the child: be `qungui run`, with what the orders change about it."""
    status = 70
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        nothing, log = (
            os.open(os.devnull, os.O_RDWR),
            os.open(asked["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND),
        )
        for new, old in ((nothing, 0), (nothing, 1), (log, 2)):
            os.dup2(new, old)
        os.environ.clear()
        os.environ.update(asked["env"])
        os.chdir(asked["folder"])
        carry_out(asked["orders"])
        sys.argv = ["qungui", "run"]
        cli.main()
    except SystemExit as left:
        status = left.code if isinstance(left.code, int) else 1
    except BaseException as failure:  # noqa: BLE001 - nothing may get out into the parent's loop; its log tells
        with contextlib.suppress(OSError):
            os.write(2, f"a life ended badly: {failure!r}\n".encode())
    finally:
        os._exit(status)


class Zygote:
    """The parent of every life."""

    def __init__(self) -> None:
        self._children: dict[int, Path] = {}
        self._woken, wake = os.pipe()
        for end in (self._woken, wake):
            os.set_blocking(end, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake)

    def serve(self) -> None:
        waiting = b""
        while True:
            ready, _, _ = select.select([0, self._woken], [], [])
            if self._woken in ready:
                with contextlib.suppress(BlockingIOError):
                    os.read(self._woken, 4_096)
                self._bury()
            if 0 in ready:
                got = os.read(0, 65_536)
                if not got:
                    break
                *lines, waiting = (waiting + got).split(b"\n")
                for line in lines:
                    self._bear(json.loads(line))
        for pid in self._children:
            os.kill(pid, signal.SIGKILL)

    def _bear(self, asked: dict[str, Any]) -> None:
        if threading.active_count() != 1:
            raise RuntimeError(
                "a thread has been started: what is forked now would be only half of this process"
            )
        pid = os.fork()
        if pid == 0:
            live(asked)
        self._children[pid] = Path(asked["status"])
        os.write(1, f"{pid}\n".encode())

    def _bury(self) -> None:
        for pid in list(self._children):
            gone, status = os.waitpid(pid, os.WNOHANG)
            if gone:
                file = self._children.pop(pid)
                file.with_suffix(".new").write_text(str(os.waitstatus_to_exitcode(status)))
                file.with_suffix(".new").rename(file)


if __name__ == "__main__":
    # The line of answers is kept from whatever prints.
    prepare(sys.argv[1])
    zygote = Zygote()
    os.write(1, b"ready\n")
    zygote.serve()
