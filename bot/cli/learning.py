"""`qungui learn`: what people decided makes the trained scores fit this company."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import typer

from bot.cli.ground import Config, errors, finish, loaded
from bot.errors import UsageError


def learn(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change, and leave.")] = False,
    rules: Annotated[str, typer.Option("--rules", help="Only these rules, separated by commas.")] = "",
    accept: Annotated[
        list[str] | None,
        typer.Option(
            "--accept", metavar="PHRASE", help="Add a proposed allow-phrase to the lexicon (repeatable)."
        ),
    ] = None,
    history: Annotated[
        bool, typer.Option("--history", help="List every version, and which is in force.")
    ] = False,
    back: Annotated[
        bool, typer.Option("--back", help="Put the version before in force again, or none.")
    ] = False,
    config: Config = None,
) -> None:
    """Learn from decided cases: confirmed, dismissed, overturned on appeal, judged on trial.

    A small adjustment of the trained scores is made from the decisions and measured on a third of them that it did not
    see, and on ordinary talk. It is put in force if something gets better and nothing worse; a running bot takes it
    over within a minute. It also proposes allow-phrases. Exit status 1, and nothing is changed, if there is too little
    to learn from or it would make anything worse.
    """
    from bot import studying
    from bot.reports import learning as report

    if sum([history, back, bool(accept)]) > 1 or (dry_run and (history or back or accept)):
        raise UsageError("--dry-run, --history, --back and --accept exclude each other", "give one of them")
    found, book = loaded(config)
    settings = found.settings
    if history:
        _echo(report.history_lines(finish(studying.versions(settings)), book.calendar.zone))
        return
    if back:
        moved = finish(studying.put_back(settings))
        if moved is None:
            errors.print("Nothing that was learnt is in force; nothing was changed.")
            raise typer.Exit(1)
        typer.echo(f"version {moved[0]} is no longer in force; " + _now(moved[1]))
        return
    wanted = [name.strip() for name in rules.split(",") if name.strip()]
    study = finish(studying.study(settings, book, wanted, phrases_only=bool(accept)))
    if accept:
        added = finish(studying.accept(settings, study, accept))
        typer.echo(
            f"allowed: {'、'.join(added)}" if added else "they are allowed already; nothing was changed"
        )
        return
    _echo(report.supply_lines(study.decided, study.counting, study.supplies))
    if study.learnt is not None:
        _echo(report.table(study.learnt))
    _echo(report.proposal_lines(study.proposed))
    if study.learnt is None:
        errors.print(
            "There is too little to learn from; nothing was changed. Decide more cases, then try again."
        )
        raise typer.Exit(1)
    if study.learnt.faults:
        errors.print("Nothing was changed:")
        for fault in study.learnt.faults:
            errors.print(f"  {fault}")
        errors.print("Look at these decisions, decide more cases, or name the other rules with --rules.")
        raise typer.Exit(1)
    if dry_run:
        typer.echo("nothing was changed (--dry-run)")
        return
    version = finish(studying.put_in_force(settings, study.learnt))
    typer.echo(
        f"version {version} is in force; a running bot takes it over within a minute (undo: qungui learn --back)"
    )


def _echo(lines: Iterable[str]) -> None:
    for line in lines:
        typer.echo(line)


def _now(version: int) -> str:
    return f"version {version} is" if version else "none is"
