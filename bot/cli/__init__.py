"""The command line: `qungui COMMAND`. Every failure that a person can act on ends in one message with its remedy.

Exit status: 0 fine, 1 as documented at the command, 2 usage or configuration.
"""

from __future__ import annotations

import gc
import io
import signal
import sys
from typing import Annotated, Literal

import typer

from bot.cli.checking import check
from bot.cli.configuration import config_app
from bot.cli.crash import tell, write_no_core
from bot.cli.database import db_app
from bot.cli.digests import digest
from bot.cli.doctor import doctor
from bot.cli.exports import export
from bot.cli.ground import Config, errors, finish, loaded, loading
from bot.cli.learning import learn
from bot.cli.plan import plan
from bot.cli.privacy import privacy_app
from bot.cli.roster import roster_app
from bot.errors import QunguiError
from storage.errors import StorageError

app = typer.Typer(
    name="qungui",
    help="群规 keeps the rules of work WeChat groups. Start with `qungui demo`; then config.yaml and `qungui run`.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> None:
    """Run the command line and leave with the documented status."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    write_no_core()
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
    except Exception as failure:  # noqa: BLE001 - Python itself would print it with every secret in it
        tell(failure)
        sys.exit(1)


@app.command()
def run(
    config: Config = None,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Listen, judge and record, with nothing that could send; in a database of its own.",
        ),
    ] = False,
) -> None:
    """Guard the groups: connect to the gateway, judge every message, warn, answer commands.

    The gateway is named by QUNGUI_GATEWAY_ENDPOINT (host:port) and QUNGUI_GATEWAY_TOKEN. A gateway that is
    down is waited for; a rejected token ends with exit status 2. A new database is set up by itself.
    SIGTERM sends what is due and ends with status 0.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # until the bot runs, there is nothing to finish
    _ignore_hangups()  # nor anything to reload: it is being loaded
    with loading():
        from bot import log as logs
        from bot import running

        found, book = loaded(config)
        gc.freeze()  # it stays to the end: no later collection has to look through it
    logs.configure(found.log, found.settings.secrets())
    log = logs.get("qungui")
    for warning in found.warnings:
        log.warning(warning)
    try:
        finish(running.run(found, book, log, dry_run=dry_run))
    finally:
        _ignore_hangups()


def _ignore_hangups() -> None:
    """A hangup ends nobody who was about to leave, or has only just come. Windows has none."""
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)


@app.command()
def demo(
    no_input: Annotated[
        bool, typer.Option("--no-input", help="Play the story and leave; ask for nothing.")
    ] = False,
    story: Annotated[
        Literal["", "appeal", "announcement", "joining", "answers", "departure"],
        typer.Option("--story", help="A shorter story instead of the whole day.", show_default=False),
    ] = "",
) -> None:
    """Play a working day of one group with the built-in simulator, as a chat transcript; then type along.

    Needs no gateway, no account and no configuration: the bot, the wire and the database are the real ones.
    """
    from bot.demo.play import play

    finish(play(story, interactive=not no_input and sys.stdin.isatty()))


app.command()(check)
app.command()(plan)
app.command()(doctor)
app.command()(digest)
app.command()(export)
app.command()(learn)


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

    found, _ = loaded(config, book=False)
    code = finish(issue_code(found.settings, role, employee))
    typer.echo(f"/认领 {code}")
    errors.print(f"Type this to the bot in a private chat within 30 minutes. It gives the role {role}, once.")


app.add_typer(config_app, name="config")
app.add_typer(roster_app, name="roster")
app.add_typer(db_app, name="db")
app.add_typer(privacy_app, name="privacy")
