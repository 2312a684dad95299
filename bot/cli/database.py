"""`qungui db`: set up, upgrade and verify the database."""

from __future__ import annotations

import typer

from bot.cli.ground import Config, finish, loaded

db_app = typer.Typer(help="Set up, upgrade and verify the database.", no_args_is_help=True)


@db_app.command("upgrade")
def db_upgrade(config: Config = None) -> None:
    """Set up a new database, or bring an older one to this version."""
    from bot.authority import upgrade_database

    found, _ = loaded(config, book=False)
    typer.echo(finish(upgrade_database(found.settings)))


@db_app.command("verify")
def db_verify(config: Config = None) -> None:
    """Verify every chain of the points ledger. Exit status 1 if an entry was changed, removed or inserted."""
    from bot.authority import verify_database

    found, _ = loaded(config, book=False)
    sound, report = finish(verify_database(found.settings))
    typer.echo(report)
    if not sound:
        raise typer.Exit(1)
