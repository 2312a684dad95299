"""Everything that was measured, as one value, and as JSON and a table for a terminal."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from measuring.expected import EVASIONS, LISTED, source
from measuring.figures import ALARMS, KEPT, THESE, TOGETHER, WHOLE, Line
from measuring.frontier import Point
from measuring.intervals import Figure
from measuring.targets import Checked
from measuring.worst import Error


@dataclass(frozen=True)
class Report:
    """What one run measured.

    Attributes:
        weights: digest of the weights that were judged with.
        sizes: how many texts each set has.
        lacking: rules that texts alone do not measure, with what they need to know.
        absent: rules that labels name and the book does not have.
        unknown: labels of which nobody has declared what they say, by set.
    """

    weights: str
    rules: Sequence[str]
    sizes: dict[str, int]
    lines: Sequence[Line]
    targets: Sequence[Checked]
    points: Sequence[Point]
    worst: Sequence[Error] = ()
    lacking: dict[str, list[str]] | None = None
    absent: Sequence[str] = ()
    unknown: dict[str, list[str]] | None = None

    def document(self) -> dict[str, Any]:
        """All of it as JSON takes it."""
        return {
            "weights": self.weights,
            "rules": list(self.rules),
            "sets": {
                name: {"rows": size, "licence": source(name).licence, "use": source(name).use}
                for name, size in self.sizes.items()
            },
            "figures": [line.document() for line in self.lines],
            "targets": [checked.document() for checked in self.targets],
            "frontier": [point.document() for point in self.points],
            "worst": [error.document() for error in self.worst],
            "not_measured": {
                "rules_that_need_more_than_a_text": self.lacking or {},
                "rules_not_in_the_book": list(self.absent),
                "labels_not_declared": self.unknown or {},
            },
        }


def percent(share: float) -> str:
    """A share as it is read: two places below one per cent, one above."""
    return f"{share:.2%}" if share < 0.01 else f"{share:.1%}"


def figure(value: Figure) -> str:
    """A figure with its interval; a dash where nothing was counted."""
    if not value.of:
        return "–"
    low, high = value.interval
    return f"{percent(value.share)} [{percent(low)}, {percent(high)}]"


def judgement(checked: Checked) -> str:
    """A target and whether it is met."""
    asked = checked.target
    said = {True: "met", False: "NOT MET", None: "not measured"}[checked.met]
    return f"{asked.tier} {'≥' if asked.least else '≤'} {percent(asked.bound)}: {said}"


def worth_showing(lines: Sequence[Line], targets: Sequence[Checked]) -> list[Line]:
    """The lines that say something by themselves: all else stands in the JSON."""
    aimed = {checked.target.key for checked in targets}
    joint = {line.key[:3] for line in lines if " or " in line.rule}

    def says(line: Line) -> bool:
        if line.asked == ALARMS:
            return line.rule in (TOGETHER, THESE) or line.any.count > 0
        alone = line.key[:3] in joint and " or " not in line.rule
        return not alone or (line.group == WHOLE and line.any.count > 0)

    return [line for line in lines if line.key in aimed or says(line)]


def table(report: Report) -> Iterator[str]:
    """Everything that says something, line by line, with the targets beside it."""
    by_key = defaultdict(list)
    for checked in report.targets:
        by_key[checked.target.key].append(judgement(checked))
    lines = worth_showing(report.lines, report.targets)
    sets = [
        (
            line.set,
            source(line.set).use,
            line.asked,
            line.group,
            line.rule,
            f"{line.any.of}",
            figure(line.violation),
            figure(line.any),
            "; ".join(by_key[line.key]),
        )
        for line in lines
        if line.asked != KEPT
    ]
    kinds = {
        name: [
            (
                line.rule,
                line.group,
                f"{line.any.of}",
                figure(line.any),
                f"{line.violation.of}",
                figure(line.violation),
                "; ".join(by_key[line.key]),
            )
            for line in lines
            if line.set == name
        ]
        for name in (EVASIONS, LISTED)
    }
    if sets:
        head = ("set", "use", "asked", "group", "rule", "texts", "violation", "any", "targets")
        yield from ("Sets", "", *aligned([head, *sets]))
    head_of_kinds = ("rule", "evasion", "found", "still any", "violations", "still violation", "targets")
    for name, rows in kinds.items():
        if rows:
            heading = f"{name.capitalize()}: what is kept of the texts found plain"
            yield from ("", heading, "", *aligned([head_of_kinds, *rows]))
    yield from _frontier(report.points)
    yield from _worst(report.worst)
    yield from _left_out(report)
    yield from _summary(report.targets)


def aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Rows as columns, the first one as their heading."""
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    for number, row in enumerate(rows):
        cells = (cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()
        if not number:
            yield "  ".join("-" * width for width in widths)


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "FW" else 1 for sign in text)


def frontier_rows(points: Sequence[Point]) -> Iterator[tuple[str, ...]]:
    """The points of one rule as a table: a heading, then a row for each set."""
    yield ("found at false alarms of", *(percent(point.level) for point in points))
    yield ("confidence above", *(f"{point.bar:.3f}" for point in points))
    yield ("alarms", *(f"{point.alarms.count} of {point.alarms.of}" for point in points))
    for name in points[0].found if points else ():
        yield (name, *(percent(point.found[name].share) for point in points))


def by_rule(points: Iterable[Point]) -> dict[str, list[Point]]:
    """The points of each rule."""
    grouped: dict[str, list[Point]] = defaultdict(list)
    for point in points:
        grouped[point.rule].append(point)
    return grouped


def _frontier(points: Sequence[Point]) -> Iterator[str]:
    for rule, own in by_rule(points).items():
        yield from ("", f"{rule}: what other bars would find", "", *aligned([*frontier_rows(own)]))


def _worst(errors: Sequence[Error]) -> Iterator[str]:
    if errors:
        yield from ("", "Worst errors")
    for error in errors:
        yield f"\n{error.rule}, {error.kind} ({error.set}, {error.label}): {error.text}"
        yield from (f"    {why}" for why in error.why)


def _left_out(report: Report) -> Iterator[str]:
    yield ""
    for rule, needs in (report.lacking or {}).items():
        if needs:
            yield f"Not measured on texts alone: {rule} needs {', '.join(needs)}"
    if report.absent:
        yield f"Not measured, since no such rule runs: {', '.join(report.absent)}"
    for name, labels in (report.unknown or {}).items():
        yield (
            f"Not measured, since measuring/expected.py does not declare what they say: {name}: {', '.join(labels)}"
        )


def _summary(targets: Sequence[Checked]) -> Iterator[str]:
    yield ""
    met, missed = [one for one in targets if one.met], [one for one in targets if one.met is False]
    yield f"Targets: {len(met)} met, {len(missed)} not met, {len(targets) - len(met) - len(missed)} not measured"
    for one in missed:
        value = percent(one.value or 0.0)
        yield f"  not met: {' / '.join(one.target.key)}: {value} ({judgement(one)})"
