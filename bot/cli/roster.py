"""`qungui roster`: take over the roster that HR keeps."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import PurePath
from typing import Annotated

import typer

from bot.cli.ground import Config, errors, finish, loaded, opened

roster_app = typer.Typer(help="Take over the roster of employees.", no_args_is_help=True)


@roster_app.callback()
def _family() -> None:
    """Keep `import` a word of its own, though it is the only command here."""


@roster_app.command("import")
def roster_import(
    file: Annotated[str, typer.Argument(metavar="CSV", help="The roster, CSV or XLSX; - reads stdin.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Apply without asking.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change, and leave.")] = False,
    sweeping: Annotated[
        bool,
        typer.Option(
            "--sweeping", help="Apply although most people would leave or change their name by this file."
        ),
    ] = False,
    config: Config = None,
) -> None:
    """Show what a roster changes (added, changed, left, returned, not in the file), and take it over as a whole.

    The file is CSV in UTF-8 or GB18030, or one sheet of an XLSX workbook, at most 8 MiB, with the headings
    employee_no,name,department,is_head,status or 工号,姓名,部门,负责人,状态 in any order; is_head is 是 or 否
    (empty: 否), status 在职 or 离职 (empty: 在职). Who is not in the file is told and stays as they are.
    On a terminal it asks before it applies; where nobody can answer, it applies what it has shown, unless
    --dry-run is given. Exit status 1 if lines are wrong or the file looks like a mistake, and then nothing
    was changed; 2 if the file can't be read.
    """
    from bot import enrolment
    from bot.reports.roster import changes_anything, diff_lines
    from bot.reports.roster import sweeping as suspicion
    from bot.roster import read_roster

    with ExitStack() as stack:
        roster = read_roster(opened(file, stack))
    if roster.bad:
        for complaint in roster.complaints():
            errors.print(complaint)
        errors.print(f"{file}: {len(roster.bad) + roster.unlisted} mistakes, nothing was changed")
        raise typer.Exit(1)
    if roster.ignored:
        errors.print(f"columns that are no part of a roster, ignored: {', '.join(roster.ignored)}")
    settings = loaded(config, book=False)[0].settings
    known, diff = finish(enrolment.preview(settings, roster.rows))
    typer.echo(f"{file}: {len(roster.rows)} people ({roster.encoding})")
    for line in diff_lines(diff):
        typer.echo(line)
    if not changes_anything(diff):
        typer.echo("nothing changes")
        return
    why = suspicion(diff, known)
    if why:
        errors.print(f"Is this the right file? {why}.")
    if dry_run:
        typer.echo("nothing was changed (--dry-run)")
        return
    if why and not sweeping:
        errors.print("Nothing was changed. If it is right, say so with --sweeping.")
        raise typer.Exit(1)
    if not yes and sys.stdin.isatty() and not typer.confirm("Apply?"):
        typer.echo("nothing was changed")
        return
    finish(enrolment.take_over(settings, roster.rows, diff, PurePath(file).name))
    typer.echo("applied")
