"""`qungui digest`: the daily digest on the command line. It only reads."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from bot.cli.ground import Config, finish, loaded
from bot.errors import UsageError


def digest(
    day: Annotated[
        str, typer.Option("--date", help="The digest of an earlier day, YYYY-MM-DD; else since the last one.")
    ] = "",
    config: Config = None,
) -> None:
    """Print the digest since the last one, after digests and alerts not sent yet. Nothing is changed or sent.

    With --date the digest of that day: as it was told if that is kept, else counted again. Exit status 1 if
    there was none that day.
    """
    from bot.cli.digest_texts import texts  # other commands start sooner without it

    wanted = _day(day)
    found, book = loaded(config)
    for text in finish(texts(found.settings, book, wanted)):
        typer.echo(text + "\n")


def _day(word: str) -> date | None:
    try:
        return date.fromisoformat(word) if word else None
    except ValueError:
        raise UsageError(f"--date {word} is no day", "write it as 2026-10-08") from None
