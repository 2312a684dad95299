"""A simulated day of many groups in a few minutes, with faults throughout, and a table of what held.

    .venv/bin/python scripts/soak.py --minutes 10 --faults all      24 hours in ten minutes
    .venv/bin/python scripts/soak.py --minutes 1                    the same, hurried
    .venv/bin/python scripts/soak.py --faults kill,lost-answers --seed 7 --keep soaked

The bot is a process of its own with a real SQLite file, and is really killed; the gateway is the built-in simulator,
over real gRPC. Only time is not real: clocks run faster, and the protocol's deadlines are shorter. It runs with what
scripts/demo has set up. Exit status 0: everything held; 1: something did not, and it is named; 2: usage.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from rich.console import Console  # noqa: E402 - the path comes first
from soaking import people, tally  # noqa: E402 - the path comes first
from soaking.day import NotSetUp, played  # noqa: E402 - the path comes first
from soaking.faults import KINDS, Kind  # noqa: E402 - the path comes first
from soaking.report import Report  # noqa: E402 - the path comes first
from soaking.size import TASKS_MORE  # noqa: E402 - the path comes first
from soaking.stage import Stage  # noqa: E402 - the path comes first

from bot.safekeeping import verify  # noqa: E402 - the path comes first
from bot.settings import Settings  # noqa: E402 - the path comes first
from rules.core.options import did_you_mean  # noqa: E402 - the path comes first

UNHURRIED_MINUTES = 5
PER_SECOND, LEAST, MOST = 20, 400, 6_000
ELSEWHERE = (
    "a Node gateway (needs npm packages): tests/gateways",
    "PostgreSQL (needs the packages of scripts/test): tests/storage, tests/faults",
)
TAKEN_AS_SENT = "sent, as far as anybody can tell"
UNCERTAIN = "sending failed, will be tried again: GatewayUncertain"
"""How the bot's log tells of a send whose answer was lost."""


def chosen(names: str) -> list[Kind]:
    """The kinds of faults that ``--faults`` names.

    Raises:
        argparse.ArgumentTypeError: there is no such kind.
    """
    if names in ("all", "none"):
        return [kind for kind in KINDS.values() if kind.able and names == "all"]
    found = []
    for name in names.split(","):
        if name not in KINDS:
            raise argparse.ArgumentTypeError(f"there is no fault {name!r}: {did_you_mean(name, KINDS)}")
        if not KINDS[name].able:
            raise argparse.ArgumentTypeError(f"{name} can't be done on this system")
        found.append(KINDS[name])
    return found


def minutes(text: str) -> float:
    """So many real minutes.

    Raises:
        argparse.ArgumentTypeError: it is no such number.
    """
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of minutes") from None
    if not 0.2 <= value <= 1440:
        raise argparse.ArgumentTypeError("between 0.2 and 1440 minutes; 1440 is a day at its own speed")
    return value


def arguments() -> argparse.ArgumentParser:
    """The command line."""
    kinds = "\n".join(f"  {kind.name:13} {kind.said}" for kind in KINDS.values())
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=f"faults:\n{kinds}", formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=minutes, default=10.0, help="real minutes for the 24 hours (10)")
    parser.add_argument(
        "--faults", type=chosen, default="all", metavar="all|none|NAME,…", help="what goes wrong (all)"
    )
    parser.add_argument(
        "--messages", type=int, default=0, help="what people do in 24 hours, about so many acts"
    )
    parser.add_argument(
        "--seed", type=int, default=1, help="people and faults draw from it; timing stays real (1)"
    )
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep database, configuration and log there")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of the table")
    return parser


async def report(stage: Stage, rested: bool, options: argparse.Namespace) -> Report:
    """Look at everything that the day has left."""
    settings = Settings.model_validate(
        {
            "storage": {"url": f"sqlite:///{stage.database}"},
            "rooms": {"supervision": people.OFFICE_TOPIC},
        }
    )
    kept = tally.books(stage.database, await verify(settings))
    heard = tally.received(stage.database, stage.sim.messages, stage.heard.settled())
    said = tally.spoken(stage.database, stage.sim.sent, people.OFFICE)
    size = stage.size
    uncertain = stage.keeper.told["warning", UNCERTAIN]
    verdict = tally.Verdict(list(stage.keeper.wrong))
    verdict.must(rested, "the bot did not come to rest after the day")
    excuses = stage.injected["kill"] + uncertain
    taken = stage.keeper.told["warning", TAKEN_AS_SENT]
    tally.judge_books(verdict, heard, said, kept, excuses, taken, hurried=options.minutes < UNHURRIED_MINUTES)
    verdict.must(
        not size.told or size.final <= size.bound,
        f"memory grew from {size.warm} to {size.final} bytes after the warm-up",
    )
    verdict.must(
        size.final_tasks <= size.idle_tasks + TASKS_MORE,
        f"{size.final_tasks} tasks at the end, {size.idle_tasks} at the beginning",
    )
    for name, count in stage.keeper.tracebacks.items():
        verdict.must(
            name.rpartition(".")[2] in EXPECTED,
            f"{count} failures that nobody foresaw in the bot's log: {name}",
        )
    short = [f"whether memory is flat (the last process lived {size.lived:.0f} s, 60 are needed)"]
    unable = [f"the fault {kind.name} (not on this system)" for kind in KINDS.values() if not kind.able]
    return Report(
        minutes=options.minutes,
        hours=(stage.ended - stage.begun) / timedelta(hours=1),
        seed=options.seed,
        done=stage.traffic.done,
        heard=heard,
        said=said,
        kept=kept,
        size=size,
        lives=sum(bool(life.samples) for life in stage.keeper.lives),
        injected=stage.injected,
        uncertain=uncertain,
        left_out=(*unable, *(() if size.told else short), *ELSEWHERE),
        log=stage.keeper.told,
        wrong=tuple(verdict.wrong),
    )


@contextmanager
def progress(*, quiet: bool) -> Iterator[Callable[[str], None]]:
    """Tells on stderr how far it is: in one line that changes on a terminal, else line by line."""
    console = Console(stderr=True, highlight=False)
    if quiet:
        yield lambda _: None
    elif console.is_terminal:
        with console.status("starting") as status:
            yield status.update
    else:
        yield lambda said: console.print(said, soft_wrap=True)


EXPECTED = frozenset({"Busy", "Unavailable", "GatewayUnavailable", "GatewayRefused", "GatewayFault"})
"""What a locked database, a full disk and a failing gateway leave in the log when a duty is put off by a minute."""


def main(given: Sequence[str] | None = None) -> int:
    """Play the day, show what held."""
    options = arguments().parse_args(given)
    messages = options.messages or min(MOST, max(LEAST, int(PER_SECOND * 60 * options.minutes)))
    console = Console(highlight=False)
    logging.getLogger("asyncio").setLevel(
        logging.ERROR
    )  # it tells of each word to a bot that was just killed
    with ExitStack() as stack:
        folder = options.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="qungui-soak-")))
        folder.mkdir(parents=True, exist_ok=True)
        if (folder / "qungui.db").exists():
            print(f"soak: {folder} holds a database already; name another folder", file=sys.stderr)
            return 2
        note = stack.enter_context(progress(quiet=options.json))
        try:
            stage, rested = asyncio.run(
                played(folder.resolve(), options.minutes, options.faults, messages, options.seed, note)
            )
        except NotSetUp as failure:
            print(f"soak: {failure}", file=sys.stderr)
            return 1
        found = asyncio.run(report(stage, rested, options))
    if options.json:
        print(json.dumps(found.plain(), ensure_ascii=False, indent=1))
    else:
        found.show(console)
    return 1 if found.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
