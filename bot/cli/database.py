"""`qungui db`: set up, upgrade and verify the database."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.ground import Config, finish, loaded, opened
from bot.errors import UsageError

if TYPE_CHECKING:  # other commands start sooner without it
    from storage.results import LedgerHead

db_app = typer.Typer(help="Set up, upgrade and verify the database.", no_args_is_help=True)


@db_app.command("upgrade")
def db_upgrade(config: Config = None) -> None:
    """Set up a new database, or bring an older one to this version."""
    from bot.authority import upgrade_database

    found, _ = loaded(config, book=False)
    typer.echo(finish(upgrade_database(found.settings)))


@db_app.command("verify")
def db_verify(
    heads: Annotated[
        str,
        typer.Option(
            help="A file with an earlier digest, or with its ledger heads (room:entries:hash); - is stdin."
        ),
    ] = "",
    config: Config = None,
) -> None:
    """Verify every chain of the points ledger. Exit status 1 if an entry was changed, removed or inserted.

    Entries that were cut off at the end only show against what was written down before: give a digest with
    --heads.
    """
    from bot.authority import verify_database

    found, _ = loaded(config, book=False)
    known = _heads(heads) if heads else ()
    sound, report = finish(verify_database(found.settings, known))
    typer.echo(report)
    if known:
        typer.echo(f"compared with {len(known)} earlier {'head' if len(known) == 1 else 'heads'}")
    if not sound:
        raise typer.Exit(1)


def _heads(file: str) -> tuple[LedgerHead, ...]:
    from bot.reports.heads import heads_in

    with ExitStack() as stack:
        text = opened(file, stack).read().decode("utf-8", "replace")
    found = heads_in(text)
    if not found:
        raise UsageError(
            f"{file} holds no ledger heads",
            "give the text of a digest, or of `qungui digest`: heads look like 3:42:0123456789abcdef",
        )
    return found
