"""How well the rules detect: the one measure of it, on labelled sets, made-up secrets and whole logs.

    .venv/bin/python scripts/evaluate.py --data DIR                     figures beside their targets
    .venv/bin/python scripts/evaluate.py --data DIR --rules advertising --sets tg_spam --worst 5
    .venv/bin/python scripts/evaluate.py --data DIR --card              also writes docs/models.md

Each text is judged by the product's own rulebook, as `qungui check` judges a line that holds nothing but its text.
What labels say stands in measuring/expected.py, the targets in measuring/targets.py. Takes about ten
minutes on one core, disguises most of it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from labelled import Row, corpus, sets  # noqa: E402 - the path comes first
from measuring import card, disguised, frontier, staged, targets, worst  # noqa: E402 - the path comes first
from measuring.expected import (  # noqa: E402 - the path comes first
    ALL,
    EVASIONS,
    FLOODING,
    HELD_OUT,
    SECRETS,
    SOURCES,
    TRAINED,
    meaning,
    source,
)
from measuring.figures import THESE, TOGETHER, Line, lines_of  # noqa: E402 - the path comes first
from measuring.judging import Crashed, Judged, judged, lacking  # noqa: E402 - the path comes first
from measuring.report import Report, table  # noqa: E402 - the path comes first

from rules.core.book import Rulebook  # noqa: E402 - the path comes first
from rules.core.load import load_book, load_rules  # noqa: E402 - the path comes first
from rules.core.load_reading import load_classifier  # noqa: E402 - the path comes first
from rules.core.options import did_you_mean  # noqa: E402 - the path comes first

CARD = ROOT / "docs" / "models.md"
WEIGHTS = ROOT / "rules" / "data" / "weights.tsv"
MODELS = sorted(WEIGHTS.parent.glob("*.tsv"))
PARTS = {HELD_OUT: "held_out", TRAINED: "train"}
T = TypeVar("T")


class Refused(ValueError):
    """What was asked for can't be measured; says what to do instead."""


def gathered(folder: Path, wanted: Collection[str]) -> dict[str, list[Row]]:
    """The rows of every set, the corpus included; of those ``wanted`` alone, if any is.

    Raises:
        Refused: there are no sets, one can't be read, or a name is none.
    """
    if not folder.is_dir():
        raise Refused(f"{folder} is no folder: name the one that holds the labelled sets (*.jsonl)")
    try:
        found = {**sets(folder), **{name: corpus(part) for name, part in PARTS.items()}}
    except (OSError, ValueError) as wrong:
        raise Refused(str(wrong)) from wrong
    for name in wanted:
        if name not in (known := {*found, SECRETS, FLOODING, EVASIONS}):
            raise Refused(f"there is no set {name!r}: {did_you_mean(name, known)}")
    return {name: rows for name, rows in found.items() if not wanted or name in wanted or EVASIONS in wanted}


def loaded(rules: Collection[str]) -> Rulebook:
    """The product's book, with these rules alone if any is named.

    Raises:
        Refused: a name that no rule has.
    """
    known = {rule.id for rule in load_rules()}
    for name in rules:
        if name not in known:
            raise Refused(f"there is no rule {name!r}: {did_you_mean(name, known)}")
    book = load_book()
    return book.only(rules) if rules else book


def told(what: str, work: Callable[[], T], texts: int = 0) -> T:
    """Do a part of the work, and say on stderr what it was and how long it took."""
    started = time.perf_counter()
    done = work()
    counted = f", {texts} texts" if texts else ""
    print(f"  {what}{counted}: {time.perf_counter() - started:.1f} s", file=sys.stderr, flush=True)
    return done


def measure(
    book: Rulebook, rows: Mapping[str, Sequence[Row]], wanted: Collection[str], most_worst: int
) -> Report:
    """Judge everything.

    Args:
        wanted: names of sets, and of what is measured without one; all of it if there is none.
        most_worst: so many of the worst errors of each kind are told for each rule.

    Raises:
        Crashed: a rule failed.
    """
    needs = lacking(book)
    # Targets are about all rules: of some of them neither what they come to together nor what is missing counts.
    narrow = len(needs) < len(book.entries)
    together = THESE if narrow else TOGETHER
    rules = [rule for rule, lacks in needs.items() if not lacks]
    unknown: dict[str, set[str]] = defaultdict(set)
    known: dict[str, list[Judged]] = {}
    lines: list[Line] = []
    for name, own in rows.items():
        said = {row.label: meaning(name, row.label) for row in own}
        unknown[name] |= {label for label, one in said.items() if one is None}

        def work(name: str = name, own: Sequence[Row] = own) -> list[Judged]:
            return [judged(book, row, one) for row in own if (one := meaning(name, row.label)) is not None]

        known[name] = told(name, work, len(own))
        if not wanted or name in wanted:
            lines += lines_of(name, known[name], rules, together)
    sizes = {name: len(own) for name, own in rows.items()}
    if not wanted or SECRETS in wanted:
        made = told(SECRETS, lambda: staged.secrets(book), staged.VALID + staged.NEAR)
        lines += lines_of(SECRETS, made, rules, together)
    if (not wanted or FLOODING in wanted) and FLOODING in needs:
        lines += told(FLOODING, lambda: staged.flooding(book))
    # What a set was trained on whole would flatter here; ordinary talk is half of it kept aside.
    unseen = {name: own for name, own in known.items() if source(name).use != ALL}
    if not wanted or EVASIONS in wanted:
        lines += told(EVASIONS, lambda: disguised.disguised(book, unseen, rules))
    # Who has read the messages that are held out mends rules by them: they are shown only when they are asked for.
    shown = {name: own for name, own in known.items() if name != HELD_OUT or name in wanted}
    return Report(
        weights=hashlib.sha256(b"".join(map(Path.read_bytes, MODELS))).hexdigest()[:16],
        rules=rules,
        sizes=sizes,
        lines=lines,
        targets=[one for one in targets.checked(lines) if one.met is not None or not (narrow or wanted)],
        points=frontier.frontier(unseen, rules),
        worst=worst.worst(book, shown, rules, most_worst) if most_worst else (),
        lacking={rule: lacks for rule, lacks in needs.items() if lacks},
        absent=sorted(
            {rule for own in known.values() for row in own for rule in row.meaning.found_by} - set(needs)
        ),
        unknown={name: sorted(labels) for name, labels in unknown.items() if labels},
    )


def written(report: Report) -> str:
    """The card's text.

    Raises:
        CardError: its hand-written part has no place for a table.
    """
    text = card.HAND_WRITTEN.read_text(encoding="utf-8")
    return card.card(report, load_classifier().weights, WEIGHTS.stat().st_size, text)


def names(text: str) -> list[str]:
    """A list as it is typed, with commas."""
    return [name.strip() for name in text.split(",") if name.strip()]


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line; an unclear one ends with 2."""
    parser = argparse.ArgumentParser(
        prog="scripts/evaluate.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--data", type=Path, required=True, metavar="DIR", help="folder with the labelled sets (*.jsonl)"
    )
    parser.add_argument("--json", action="store_true", help="everything as one JSON document")
    parser.add_argument("--card", action="store_true", help="write docs/models.md as well")
    parser.add_argument("--rules", type=names, default=[], metavar="A,B", help="these rules alone")
    parser.add_argument(
        "--sets",
        type=names,
        default=[],
        metavar="A,B",
        help=f"these sets alone; also {HELD_OUT}, {TRAINED}, {SECRETS}, {FLOODING}, {EVASIONS}",
    )
    parser.add_argument(
        "--worst",
        type=int,
        default=0,
        metavar="N",
        help=f"so many of the worst errors of each rule, with why ({HELD_OUT} only if --sets names it)",
    )
    known = parser.parse_args(arguments)
    if known.worst < 0:
        parser.error("--worst takes a number that is not negative")
    if known.card and (known.rules or known.sets):
        parser.error("a card is about everything: leave out --rules and --sets")
    return known


def main(arguments: Sequence[str], target: Path = CARD) -> int:
    """Measure and show; 0, 1 if a rule failed on a text, 2 if something can't be measured."""
    asked = parse(arguments)
    try:
        rows = gathered(asked.data, asked.sets)
        if asked.card and (missing := sorted(SOURCES.keys() - rows.keys())):
            raise Refused(f"a card is about every set, and {asked.data} lacks {', '.join(missing)}")
        book = told("rulebook", lambda: loaded(asked.rules))
        report = measure(book, rows, asked.sets, asked.worst)
        text = written(report) if asked.card else ""
    except Crashed as failure:
        print(f"{failure}; mend it, then measure again", file=sys.stderr)
        return 1
    except (Refused, card.CardError, OSError) as refusal:
        print(f"scripts/evaluate.py: {refusal}", file=sys.stderr)
        return 2
    print(
        json.dumps(report.document(), ensure_ascii=False, indent=1)
        if asked.json
        else "\n".join(table(report))
    )
    if asked.card:
        target.write_text(text, encoding="utf-8")
        print(f"wrote {target}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
