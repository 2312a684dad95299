"""`qungui check`: judge an exported chat log offline."""

from __future__ import annotations

import sys
from collections.abc import Collection
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from bot.cli.ground import Config, finish, loaded, opened
from bot.errors import QunguiError, UsageError

if TYPE_CHECKING:  # other commands start sooner without it
    from bot.settings import Settings
    from rules.core.book import Rulebook
    from rules.core.roster import Roster


def check(
    file: Annotated[
        str, typer.Argument(help="JSON Lines file, one message a line, oldest first; - reads stdin.")
    ],
    rules: Annotated[str, typer.Option("--rules", help="Only these rules, separated by commas.")] = "",
    roster: Annotated[
        str, typer.Option("--roster", metavar="CSV", help="Roster to compare nicknames with, CSV or XLSX.")
    ] = "",
    local: Annotated[
        bool, typer.Option("--local", help="With what `qungui learn` has put in force in the database.")
    ] = False,
    fail_on: Annotated[
        Literal["violation", "review"] | None,
        typer.Option("--fail-on", help="Exit with 1 if a finding of this tier (or a graver one) was made."),
    ] = None,
    config: Config = None,
) -> None:
    """Judge an exported chat log offline, with the same rules as the bot.

    Each line is an object with `text` and, as far as known, id, room, room_id, sender, sender_id, alias,
    kind (employee|external), type (text|image|file|url|mini_program|contact|emoticon|video|audio|recalled),
    sent_at (ISO 8601 with offset) and mentions. What is missing makes the rules that need it say "unknown".
    For each line one JSON object is printed. Exit status 0; 1 if a line was broken or --fail-on was met.
    """
    from bot.reports import check as report

    found, book = loaded(config)
    if local:
        book = _adjusted(found.settings, book)
    if rules:
        wanted = [name.strip() for name in rules.split(",") if name.strip()]
        book = book.only(_known(wanted, [entry.rule.id for entry in book.entries]))
    if roster:
        book = replace(book, roster=roster_in(roster, file, book.roster.named_departments))
    failed = False
    with ExitStack() as stack:
        stream = opened(file, stack)
        for number, checked in enumerate(report.check(report.lines_of(stream), book), start=1):
            sys.stdout.write(checked.json() + "\n")
            failed |= checked.broken or _met(checked.tier, fail_on)
            if number % 10_000 == 0 and sys.stderr.isatty():
                sys.stderr.write(f"\r{number:,} lines")
    sys.stdout.flush()
    if failed:
        raise typer.Exit(1)


def _adjusted(settings: Settings, book: Rulebook) -> Rulebook:
    """The book with what was learnt; the database is only read."""
    from bot.studying import weights_in_force
    from rules.core.load import retrained
    from rules.reading.classify import WeightsError

    try:
        return retrained(book, finish(weights_in_force(settings)))
    except WeightsError as wrong:
        raise QunguiError(str(wrong), "`qungui learn --back`, or learn again") from None


def roster_in(named: str, log: str, departments: Collection[str]) -> Roster:
    """The roster in a file, every line of it right, and further departments."""
    from bot.roster import read_roster

    if named == log == "-":
        raise UsageError("--roster and the log can't both be stdin", "name a file for one of them")
    with ExitStack() as stack:
        found = read_roster(opened(named, stack))
    if found.bad:
        raise UsageError("\n".join([f"--roster {named} can't be used", *found.complaints()]))
    return found.roster(departments)


def _known(wanted: list[str], known: list[str]) -> list[str]:
    from rules.core.options import did_you_mean

    strangers = [name for name in wanted if name not in known]
    if strangers or not wanted:
        name = strangers[0] if strangers else ""
        raise UsageError(f"--rules: there is no rule {name!r}", did_you_mean(name, known))
    return wanted


def _met(tier: str | None, fail_on: str | None) -> bool:
    if fail_on is None or tier is None:
        return False
    return fail_on == "review" or tier == "violation"
