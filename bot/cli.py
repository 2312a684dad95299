"""The command line: `qungui COMMAND`. Every failure that a person can act on ends in one message with its remedy.

Exit status: 0 fine, 1 as documented at the command, 2 usage or configuration.
"""

from __future__ import annotations

import asyncio
import io
import os
import signal
import sys
from collections.abc import Coroutine
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Literal

import typer
from rich.console import Console

from bot.errors import QunguiError, UsageError
from storage.errors import StorageError

Config = Annotated[
    Path | None,
    typer.Option(
        "--config", "-c", help="config.yaml to use; else QUNGUI_CONFIG, else ./config.yaml, else built in."
    ),
]

app = typer.Typer(
    name="qungui",
    help="群规 keeps the rules of work WeChat groups. Start with `qungui demo`; then config.yaml and `qungui run`.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
config_app = typer.Typer(help="Check a configuration, or print its JSON schema.", no_args_is_help=True)
db_app = typer.Typer(help="Set up, upgrade and verify the database.", no_args_is_help=True)
app.add_typer(config_app, name="config")
app.add_typer(db_app, name="db")
errors = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)


def main() -> None:
    """Run the command line and leave with the documented status."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        app()
    except QunguiError as failure:
        errors.print(f"qungui: {failure}")
        sys.exit(failure.exit_code)
    except StorageError as failure:
        errors.print(
            f"qungui: {failure.message}" + (f"\n  remedy: {failure.remedy}" if failure.remedy else "")
        )
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


@app.command()
def run(config: Config = None) -> None:
    """Guard the groups: connect to the gateway, judge every message, warn, answer commands.

    The gateway is named by QUNGUI_GATEWAY_ENDPOINT (host:port) and QUNGUI_GATEWAY_TOKEN. A gateway that is
    down is waited for; a rejected token ends with exit status 2. A new database is set up by itself.
    SIGTERM sends what is due and ends with status 0.
    """
    from bot import log as logs
    from bot import running

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # until the bot runs, there is nothing to finish
    loaded, book = _loaded(config)
    logs.configure(loaded.log, loaded.settings.secrets())
    log = logs.get("qungui")
    for warning in loaded.warnings:
        log.warning(warning)
    _run(running.run(loaded.settings, book, log))


@app.command()
def demo(
    no_input: Annotated[
        bool, typer.Option("--no-input", help="Play the day and leave; ask for nothing.")
    ] = False,
) -> None:
    """Play a working day of one group with the built-in simulator, as a chat transcript; then type along.

    Needs no gateway, no account and no configuration: the bot, the wire and the database are the real ones.
    """
    from bot.demo.play import play

    _run(play(interactive=not no_input and sys.stdin.isatty()))


@app.command()
def check(
    file: Annotated[
        str, typer.Argument(help="JSON Lines file, one message a line, oldest first; - reads stdin.")
    ],
    rules: Annotated[str, typer.Option("--rules", help="Only these rules, separated by commas.")] = "",
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

    _, book = _loaded(config)
    if rules:
        wanted = [name.strip() for name in rules.split(",") if name.strip()]
        book = book.only(_known(wanted, [entry.rule.id for entry in book.entries]))
    failed = False
    with ExitStack() as stack:
        stream = _opened(file, stack)
        for number, checked in enumerate(report.check(report.lines_of(stream), book), start=1):
            sys.stdout.write(checked.json() + "\n")
            failed |= checked.broken or _met(checked.tier, fail_on)
            if number % 10_000 == 0 and sys.stderr.isatty():
                sys.stderr.write(f"\r{number:,} lines")
    sys.stdout.flush()
    if failed:
        raise typer.Exit(1)


@app.command()
def claim(
    role: Annotated[
        Literal["member", "supervisor", "hr_lead", "leader", "operator"],
        typer.Option(
            "--role", help="The authority that the code gives; member only confirms who somebody is."
        ),
    ],
    employee: Annotated[
        str, typer.Option("--employee", help="Employee number on the roster, if there is one.")
    ] = "",
    config: Config = None,
) -> None:
    """Print a one-time code that binds a role to whoever types it to the bot in a private chat (30 minutes).

    The code works once. One that is seen in a group is burnt.
    """
    from bot.authority import issue_code

    loaded, _ = _loaded(config, book=False)
    code = _run(issue_code(loaded.settings, role, employee))
    typer.echo(f"/认领 {code}")
    errors.print(f"Type this to the bot in a private chat within 30 minutes. It gives the role {role}, once.")


@config_app.command("check")
def config_check(config: Config = None) -> None:
    """Check the configuration as a whole: every mistake at once, with file, line, key and remedy."""
    loaded, book = _loaded(config)
    for warning in loaded.warnings:
        errors.print(f"warning: {warning}")
    on = sum(entry.enabled for entry in book.entries)
    typer.echo(f"{loaded.source}: fine, {on} of {len(book.entries)} rules on")


@config_app.command("schema")
def config_schema() -> None:
    """Print the JSON schema of config.yaml, for editors."""
    import json

    from bot.settings.keys import schema

    typer.echo(json.dumps(schema(), ensure_ascii=False, indent=2))


@db_app.command("upgrade")
def db_upgrade(config: Config = None) -> None:
    """Set up a new database, or bring an older one to this version."""
    from bot.authority import upgrade_database

    loaded, _ = _loaded(config, book=False)
    typer.echo(_run(upgrade_database(loaded.settings)))


@db_app.command("verify")
def db_verify(config: Config = None) -> None:
    """Verify every chain of the points ledger. Exit status 1 if an entry was changed, removed or inserted."""
    from bot.authority import verify_database

    loaded, _ = _loaded(config, book=False)
    sound, report = _run(verify_database(loaded.settings))
    typer.echo(report)
    if not sound:
        raise typer.Exit(1)


def _loaded(config: Path | None, *, book: bool = True) -> tuple[Any, Any]:
    """Settings and rulebook, every mistake of both in one error."""
    from bot.settings.source import load_settings
    from rules.core.load import load_book

    loaded = load_settings(config, os.environ, load_book if book else None)
    return loaded, load_book(loaded.settings.book_options()) if book else None


def _run(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(work)


def _opened(file: str, stack: ExitStack) -> BinaryIO:
    if file == "-":
        return sys.stdin.buffer
    try:
        return stack.enter_context(Path(file).open("rb"))
    except OSError as failure:
        raise UsageError(
            f"{file} can't be read: {failure.strerror}", "name a readable file, or - for stdin"
        ) from None


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
