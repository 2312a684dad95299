"""`qungui privacy`: one person's data, handed out or erased (PIPL articles 45 and 47)."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from bot.cli.files import require_free, write
from bot.cli.ground import Config, errors, finish, loaded
from bot.errors import QunguiError, UsageError

privacy_app = typer.Typer(help="Hand out or erase what is kept of one person.", no_args_is_help=True)

Whom = Annotated[
    str, typer.Argument(metavar="PERSON", help="Employee number, full name, nickname, or person key.")
]


@privacy_app.command("export")
def privacy_export(
    person: Whom,
    output: Annotated[str, typer.Option("--output", "-o", help="File to write; else stdout.")] = "-",
    force: Annotated[bool, typer.Option("--force", help="Replace a file of that name.")] = False,
    config: Config = None,
) -> None:
    """Write everything that is kept of a person, as JSON. That it was handed out is noted in the audit.

    It names what is kept of each kind, and for how long. What others said is left out.
    """
    from bot.disclosing import person_data

    found, _ = loaded(config, book=False)
    require_free(output, force=force, option="-o")
    data = finish(person_data(found.settings, person))
    text = json.dumps(data, ensure_ascii=False, indent=2, default=str) + "\n"
    write(text.encode("utf-8", "backslashreplace"), output, force=force)
    if output != "-":
        errors.print(f"{output}: written")


@privacy_app.command("erase")
def privacy_erase(
    person: Whom,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Erase without asking.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Erase although an appeal or a case of theirs is open.")
    ] = False,
    config: Config = None,
) -> None:
    """Erase texts, evidence, names and ids of a person. It can't be undone.

    Points stay in the ledger under a key that leads to nobody, and its chains still hold. Exit status 1 if something
    of theirs is not settled yet. What you keep yourself (roster file, backups, exports) is yours to clean.
    """
    from bot.disclosing import about_to_erase, erase_person, refusal
    from bot.masking import one_line

    settings = loaded(config, book=False)[0].settings
    found, running = finish(about_to_erase(settings, person))
    if running and not force:
        raise QunguiError(*refusal(running))
    who = (
        " ".join(filter(None, map(one_line, (found.department, found.name, found.employee_no)))) or found.key
    )
    if not yes:
        if not sys.stdin.isatty():
            raise UsageError(f"{who} would be erased for good", "say --yes if that is meant")
        if not typer.confirm(f"Erase everything about {who} for good?"):
            typer.echo("nothing was changed")
            return
    done = finish(erase_person(settings, found.key, force=force))
    typer.echo("erased: " + ", ".join(f"{name} {count}" for name, count in done.counts.items() if count))
    typer.echo("the ledger's chains hold" if done.holds else "the ledger's chains do NOT hold")
    typer.echo("Take the person out of the roster file too, or the next import brings the entry back.")
    if not done.holds:
        raise typer.Exit(1)
