"""What every command stands on: its configuration, the stream for errors, the event loop, the files it reads."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
from collections.abc import Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer
from rich.console import Console

from bot.errors import UsageError

Config = Annotated[
    Path | None,
    typer.Option(
        "--config", "-c", help="config.yaml to use; else QUNGUI_CONFIG, else ./config.yaml, else built in."
    ),
]

errors = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)


@contextmanager
def loading() -> Iterator[None]:
    """Nothing of what is loaded meanwhile is garbage: looking for some would take a seventh of a start."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def loaded(config: Path | None, *, book: bool = True) -> tuple[Any, Any]:
    """What was loaded and the rulebook (``None`` unless asked for); every mistake of both in one error."""
    with loading():
        from bot.settings.source import load_settings
        from rules.core.load import load_book

        found = load_settings(config, os.environ, load_book if book else None)
        return found, load_book(found.settings.book_options()) if book else None


def finish(work: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine to its end; returns what it returns."""
    return asyncio.run(work)


def opened(file: str, stack: ExitStack) -> BinaryIO:
    """The bytes of a file named on the command line, closed with ``stack``; ``-`` is stdin."""
    if file == "-":
        return sys.stdin.buffer
    try:
        return stack.enter_context(Path(file).open("rb"))
    except OSError as failure:
        raise UsageError(
            f"{file} can't be read: {failure.strerror}", "name a readable file, or - for stdin"
        ) from None
