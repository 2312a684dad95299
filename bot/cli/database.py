"""`qungui db`: set up, upgrade, verify, back up and restore the database."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.files import require_free, writing
from bot.cli.ground import Config, errors, finish, loaded, opened
from bot.errors import UsageError

if TYPE_CHECKING:  # other commands start sooner without it
    from bot.settings import Settings
    from storage.backup import Progress, Taken
    from storage.results import LedgerHead

db_app = typer.Typer(help="Set up, upgrade, verify, back up and restore the database.", no_args_is_help=True)


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
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object, for a program.")] = False,
    config: Config = None,
) -> None:
    """Verify every chain of the points ledger, and everything else that must hold. Exit status 1 if something does not.

    The chains show an entry that was changed, removed or inserted; entries that were cut off at the end only
    against what was written down before: give a digest with --heads. The rest: points and states of cases agree
    with the ledger, with no entry twice; evidence is there unless it was erased; nothing that came in or is to go
    out is stuck; job runs, states and references are in order. A bot that runs is not disturbed, and looks by
    itself every day. Cases and rows are named by number, never by a text.
    """
    from bot.safekeeping import verify

    found, _ = loaded(config, book=False)
    known = _heads(heads) if heads else ()
    sound = finish(verify(found.settings, known))
    if as_json:
        typer.echo(json.dumps(sound.plain(), ensure_ascii=False))
    else:
        typer.echo("\n".join(sound.lines()))
        if known:
            typer.echo(f"compared with {len(known)} earlier {'head' if len(known) == 1 else 'heads'}")
    if not sound.holds:
        raise typer.Exit(1)


@db_app.command("backup")
def db_backup(
    target: Annotated[
        Path,
        typer.Argument(
            help="File to write, or a folder for one that is named after the time.", metavar="FILE|DIR"
        ),
    ],
    force: Annotated[bool, typer.Option("--force", help="Replace a file of that name.")] = False,
    config: Config = None,
) -> None:
    """Write everything in the database into one compressed file, readable for its owner only.

    The bot may run meanwhile. The file is the same for SQLite and PostgreSQL, and can be put back into either. It
    holds every name and text that the database holds. Exit status 2 if the file exists already.
    """
    found, _ = loaded(config, book=False)
    file = _named(target, "qungui") if target.is_dir() else target
    taken = _back_up(found.settings, file, force=force)
    errors.print(f"{file}: {_said(taken)}")


@db_app.command("restore")
def db_restore(
    file: Annotated[Path, typer.Argument(help="A file that `qungui db backup` has written.", metavar="FILE")],
    force: Annotated[
        bool,
        typer.Option(
            "--force", help="Replace what is in the database; a backup of it is written beside FILE first."
        ),
    ] = False,
    config: Config = None,
) -> None:
    """Put a backup back into an empty database, whole or not at all, and verify it. Stop the bot first.

    An older backup is brought to this version. Exit status 1 if the file is damaged or newer than this qungui, if
    the database is in use, or if what was put back does not hold; 2 if the file is no backup, or the database is not
    empty.
    """
    from bot.safekeeping import held, look, restore

    found, _ = loaded(config, book=False)
    settings = found.settings
    with ExitStack() as stack:
        stream = opened(str(file), stack)
        if not stream.seekable():
            raise UsageError(f"{file} can't be read twice", "name a file, not a pipe")
        look(stream, str(file))
        rows = finish(held(settings))
        if rows and not force:
            raise UsageError(
                f"the database is not empty: it holds {rows} rows",
                "name an empty one in QUNGUI_STORAGE_URL, or give --force: what is there is replaced, "
                "after a backup of it was written beside the file",
            )
        if rows:
            before = _named(file.parent, "qungui-before-restore")
            errors.print(f"warning: {rows} rows in the database are replaced; they are kept in {before}")
            _back_up(settings, before, force=False)
        stream.seek(0)
        with _progress("restoring") as progress:
            done = finish(restore(settings, stream, str(file), replace=bool(rows), progress=progress))
    errors.print(f"{file}: restored, {_said(done.taken)}")
    if done.unsent:
        errors.print(
            f"note: {done.unsent} messages had not left when it was taken; they leave when the bot starts, "
            "though they may have left since"
        )
    typer.echo("\n".join(done.sound.lines()))
    if not done.sound.holds:
        raise typer.Exit(1)


def _back_up(settings: Settings, file: Path, *, force: bool) -> Taken:
    from bot.safekeeping import back_up, note_backup

    require_free(str(file), force=force)
    with writing(file, force=force) as stream, _progress("backing up") as progress:
        taken: Taken = finish(back_up(settings, stream, progress))
    if trouble := finish(note_backup(settings, taken)):
        errors.print(f"warning: that it was taken is not in the audit: {trouble}")
    return taken


def _named(folder: Path, name: str) -> Path:
    """A name that no file there has: two backups may be taken within one second."""
    from bot.clock import SystemClock

    stem = f"{name}-{SystemClock().now():%Y%m%dT%H%M%SZ}"
    endings = ("", *(f"-{number}" for number in range(2, 100)))
    free = (file for ending in endings if not (file := folder / f"{stem}{ending}.backup").exists())
    return next(free, folder / f"{stem}.backup")


def _said(taken: Taken) -> str:
    at: datetime = taken.head.taken_at
    return (
        f"{taken.total} rows in {len(taken.rows)} tables, schema {taken.head.schema}, "
        f"from {taken.head.database}, taken {at:%Y-%m-%d %H:%M:%S} UTC"
    )


@contextmanager
def _progress(what: str) -> Iterator[Progress]:
    """Shows on a terminal how far it is; says nothing elsewhere."""
    from rich.progress import Progress as Bar

    with Bar(console=errors, transient=True, disable=not errors.is_terminal) as bar:
        task = bar.add_task(what, total=None)

        def show(done: int, of: int) -> None:
            bar.update(task, completed=done, total=of)

        yield show


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
