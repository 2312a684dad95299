"""`qungui plan`: what a changed configuration would have done, before anybody feels it. It only reads."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from bot.cli.ground import Config, errors, finish, loaded
from bot.errors import UsageError

if TYPE_CHECKING:  # other commands start sooner without them
    from bot.settings.source import Loaded
    from rules.core.book import Rulebook

Tell = Callable[[int, int], None]


def plan(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="The changed config.yaml, as it is to be taken over.")
    ],
    days: Annotated[
        int, typer.Option("--days", min=1, max=3650, help="Replay the messages of so many days.")
    ] = 14,
    messages: Annotated[
        int, typer.Option("--messages", min=1, help="At most so many, the newest.", show_default=True)
    ] = 20_000,
    log: Annotated[
        str,
        typer.Option(
            "--log",
            metavar="LOG",
            help="Replay an exported log instead, as `qungui check` reads it; - reads stdin.",
            show_default=False,
        ),
    ] = "",
    roster: Annotated[
        str, typer.Option("--roster", metavar="CSV", help="With --log: roster to compare nicknames with.")
    ] = "",
    examples: Annotated[
        int,
        typer.Option("--examples", min=0, max=100, help="Messages to show of each rule and kind of change."),
    ] = 3,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
    fail_on_change: Annotated[
        bool, typer.Option("--fail-on-change", help="Exit with 1 if any finding differs.")
    ] = False,
    config: Config = None,
) -> None:
    """Show what a changed configuration would change, before anybody feels it. Nothing is written or sent.

    Messages go through the judge twice: as configured now (--config), and as FILE would have it. What differs is
    shown: findings that are new, gone or changed, by rule and room, the cases and points that they come to, and
    examples, masked. Without --log the messages are those whose text the database still holds, and what was set
    in chat (switches, words, exemptions, the roster) lies over both sides, as it does over the running bot.

    \b
    cp config.yaml next.yaml        change next.yaml, then
    qungui plan next.yaml
    qungui plan next.yaml --log export.jsonl --examples 10
    qungui plan next.yaml --json --fail-on-change

    Exit status 0; 1 with --fail-on-change if any finding differs, or if the database can't be read; 2 if a
    configuration is wrong, with file, line, key and remedy.
    """
    from bot.cli import replaying
    from bot.reports import plan as report
    from bot.settings.changes import changed
    from rules.procedure.impact import Impact

    if roster and not log:
        raise UsageError("--roster goes with --log", "leave it out: the database holds the roster")
    found, book = loaded(config)
    wanted, then = _wanted(file)
    impact = Impact(most=examples)
    with _progress() as tell:
        if log:
            source = replaying.of_log(log, roster, book, then, impact, tell)
        else:
            source = finish(
                replaying.of_kept(
                    replaying.Sides(found.settings, book, wanted.settings, then), days, messages, impact, tell
                )
            )
    told = report.Plan(
        found.source,
        wanted.source,
        impact,
        source,
        changed(found.settings, wanted.settings),
        book.calendar.zone,
    )
    typer.echo(report.as_json(told) if as_json else "\n".join(report.lines(told)))
    if fail_on_change and impact.differs:
        raise typer.Exit(1)


def _wanted(file: Path) -> tuple[Loaded, Rulebook]:
    """What FILE would have, and its book; every mistake of both in one error."""
    from bot.settings.source import load_settings
    from rules.core.load import load_book

    books: list[Rulebook] = []
    wanted = load_settings(file, os.environ, lambda options: books.append(load_book(options)))
    return wanted, books[0]


@contextmanager
def _progress() -> Iterator[Tell]:
    """A bar on stderr while it lasts; nothing where nobody watches."""
    columns = TextColumn("replaying"), BarColumn(), MofNCompleteColumn()
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total or None)
