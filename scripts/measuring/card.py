"""docs/models.md: what the trained models are, from what, and how well they and the rules do. Figures, never rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from labelled import corpus

from measuring.expected import EVASIONS, LISTED, SOURCES
from measuring.report import Report, by_rule, figure, frontier_rows, judgement, percent, worth_showing
from measuring.targets import DISGUISED
from rules.reading.classify import Weights

HAND_WRITTEN = Path(__file__).resolve().parent.parent / "model_card.md"
NOTE = (
    "<!-- Made by scripts/evaluate.py --card from its figures and scripts/model_card.md. "
    "Change it there and run it again. -->\n\n"
)


class CardError(ValueError):
    """The hand-written part does not say where the tables stand."""


def card(report: Report, weights: Weights, size: int, text: str) -> str:
    """The card; ``text`` is its hand-written part, with a line ``<!-- NAME -->`` where each table goes.

    Args:
        size: bytes of the file of weights.

    Raises:
        CardError: a table has no place, or a place no table.
    """
    tables: Mapping[str, Callable[[], Iterable[str]]] = {
        "weights": lambda: _weights(weights, size),
        "sources": lambda: _sources(report),
        "corpus": _corpus,
        "figures": lambda: _figures(report),
        "evasions": lambda: _evasions(report, EVASIONS),
        "listed": lambda: _evasions(report, LISTED),
        "frontier": lambda: _frontier(report),
        "targets": lambda: _targets(report),
    }
    lines: list[str] = []
    placed = set()
    for line in text.splitlines():
        if line.startswith("<!-- ") and line.endswith(" -->"):
            name = line[5:-4].strip()
            if name not in tables:
                raise CardError(f"there is no table {name!r}; known: {', '.join(sorted(tables))}")
            placed.add(name)
            lines += tables[name]()
        else:
            lines.append(line)
    if missing := sorted(tables.keys() - placed):
        raise CardError(f"no place for {', '.join(missing)}: a line such as <!-- {missing[0]} --> says where")
    return NOTE + "\n".join(lines) + "\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(map(str, row)) + " |"


def _weights(weights: Weights, size: int) -> Iterator[str]:
    used = Counter(label for row in weights.grams.values() for label in row)
    yield from _table(
        ("label", "n-grams and signs", "constant term", "review anchor", "violation anchor"),
        (
            (label, f"{used[label]:,}", f"{known.bias:.2f}", f"{known.review:.2f}", f"{known.violation:.2f}")
            for label, known in weights.anchors.items()
        ),
    )
    yield f"\n{len(weights.grams):,} different n-grams and signs; the file has {size / 1e6:.2f} MB."


def _sources(report: Report) -> Iterator[str]:
    yield from _table(
        ("set", "what it is", "texts", "licence", "use"),
        (
            (name, known.origin, f"{report.sizes[name]:,}", known.licence, known.use)
            for name, known in SOURCES.items()
            if name in report.sizes
        ),
    )


def _corpus() -> Iterator[str]:
    counts = {part: Counter(row.label for row in corpus(part)) for part in ("train", "held_out")}
    yield from _table(
        ("label", "train", "held out"),
        (
            (label, f"{counts['train'][label]:,}", f"{counts['held_out'][label]:,}")
            for label in sorted(counts["train"] | counts["held_out"])
        ),
    )


def _figures(report: Report) -> Iterator[str]:
    own = [line for line in report.lines if not line.set.startswith(EVASIONS)]
    for asked in dict.fromkeys(line.asked for line in own):
        yield f"\n### {asked.capitalize()}\n"
        yield from _table(
            ("set", "group", "rule", "texts", "violation", "any"),
            (
                (
                    line.set,
                    line.group,
                    line.rule,
                    f"{line.any.of:,}",
                    figure(line.violation),
                    figure(line.any),
                )
                for line in worth_showing(own, report.targets)
                if line.asked == asked
            ),
        )


def _evasions(report: Report, name: str) -> Iterator[str]:
    lines = {(line.group, line.rule): line for line in report.lines if line.set == name}
    rules = [rule for rule in DISGUISED if any(key[1] == rule for key in lines)]

    def cells(kind: str) -> Iterator[str]:
        yield kind
        for rule in rules:
            line = lines.get((kind, rule))
            yield from (figure(line.violation), figure(line.any)) if line is not None else ("–", "–")

    head = ("evasion", *(f"{rule}, {tier}" for rule in rules for tier in ("violation", "any")))
    yield from _table(head, map(tuple, map(cells, dict.fromkeys(kind for kind, _ in lines))))


def _frontier(report: Report) -> Iterator[str]:
    for rule, points in by_rule(report.points).items():
        head, *rows = frontier_rows(points)
        yield f"\n### {rule}\n"
        yield from _table(head, rows)


def _targets(report: Report) -> Iterator[str]:
    yield from _table(
        ("set", "asked", "group", "rule", "figure", "target"),
        (
            (
                one.target.set,
                one.target.asked,
                one.target.group,
                one.target.rule,
                "–" if one.value is None else percent(one.value),
                judgement(one),
            )
            for one in report.targets
        ),
    )
