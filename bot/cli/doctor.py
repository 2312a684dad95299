"""`qungui doctor`: what stands between this installation and a bot that works."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from bot.cli.ground import Config, finish


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
    config: Config = None,
) -> None:
    """Examine configuration, gateway, database, rules and people, each finding with its remedy.

    Nothing is changed or sent, no database is created, and a running bot is not disturbed. Exit status 1 if
    something does not work (✗); warnings (!) alone leave with 0.
    """
    from bot import examination
    from bot.reports import doctor as report
    from bot.reports.health import Level

    findings = report.examine(finish(examination.gather(config, os.environ)))
    typer.echo(report.as_json(findings) if as_json else "\n".join(report.lines(findings)))
    if any(found.level is Level.BAD for found in findings):
        raise typer.Exit(1)
