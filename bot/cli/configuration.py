"""`qungui config`: check a configuration, or print its schema."""

from __future__ import annotations

import typer

from bot.cli.ground import Config, errors, loaded

config_app = typer.Typer(help="Check a configuration, or print its JSON schema.", no_args_is_help=True)


@config_app.command("check")
def config_check(config: Config = None) -> None:
    """Check the configuration as a whole: every mistake at once, with file, line, key and remedy."""
    found, book = loaded(config)
    for warning in found.warnings:
        errors.print(f"warning: {warning}")
    on = sum(entry.enabled for entry in book.entries)
    typer.echo(f"{found.source}: fine, {on} of {len(book.entries)} rules on")


@config_app.command("schema")
def config_schema() -> None:
    """Print the JSON schema of config.yaml, for editors."""
    import json

    from bot.settings.keys import schema

    typer.echo(json.dumps(schema(), ensure_ascii=False, indent=2))
