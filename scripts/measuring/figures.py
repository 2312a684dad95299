"""What comes out: one line for each set, group and rule, with a figure at both tiers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from measuring.expected import HELD_OUT, TRAINED
from measuring.intervals import Figure
from measuring.judging import Judged

RECALL, ALARMS, KEPT = "recall", "false alarms", "kept"
"""What is asked: positives found, normals found, and what of the texts found plain is found in disguise."""
WHOLE, ASIDE = "all", "kept aside"
"""Groups: a whole set; of a set that is half trained on the half that is not."""
TOGETHER, THESE = "all rules", "these rules"
"""What rules are called as one: all of them, or those that were asked for."""


@dataclass(frozen=True, slots=True)
class Line:
    """One set, or a group of it, by one rule, or by several of which one suffices.

    Attributes:
        violation: how often at the tier of violations.
        any: how often at either tier.
    """

    set: str
    asked: str
    group: str
    rule: str
    violation: Figure
    any: Figure

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What tells lines apart."""
        return self.set, self.asked, self.group, self.rule

    def document(self) -> dict[str, Any]:
        """All of it as JSON takes it."""
        return {
            "set": self.set,
            "asked": self.asked,
            "group": self.group,
            "rule": self.rule,
            "violation": self.violation.document(),
            "any": self.any.document(),
        }


def counted(
    name: str, asked: str, group: str, rules: Sequence[str], rows: Iterable[Judged], called: str = ""
) -> Line:
    """The line of these rows by these rules."""
    rows = list(rows)
    return Line(
        name,
        asked,
        group,
        called or " or ".join(rules),
        Figure(sum(row.found(rules, surely=True) for row in rows), len(rows)),
        Figure(sum(row.found(rules) for row in rows), len(rows)),
    )


def lines_of(name: str, rows: Sequence[Judged], rules: Sequence[str], together: str = TOGETHER) -> list[Line]:
    """Every line of one set.

    Args:
        rules: those that texts alone measure.
        together: what all of them are called as one.
    """
    return [*_recalls(name, rows, rules), *_alarms(name, rows, rules, together)]


def _groups(whole: str, rows: Iterable[Judged]) -> Mapping[str, list[Judged]]:
    """The rows as a whole, and by what their labels tell apart where that is more than one thing."""
    groups: dict[str, list[Judged]] = {whole: []}
    finer: dict[str, list[Judged]] = defaultdict(list)
    aside: list[Judged] = []
    for row in rows:
        groups[whole].append(row)
        finer[row.row.detail or row.row.label].append(row)
        if row.row.aside:
            aside.append(row)
    if len(finer) > 1:
        groups |= {group: finer[group] for group in sorted(finer) if group != whole}
    return groups | {ASIDE: aside} if aside else groups


def _kind(rows: Iterable[Judged]) -> str:
    """The labels of rows, without what stands behind their slashes."""
    return " + ".join(sorted({row.row.label.split("/", 1)[0] for row in rows}))


def _recalls(name: str, rows: Sequence[Judged], rules: Sequence[str]) -> Iterable[Line]:
    by_rules: dict[tuple[str, ...], list[Judged]] = defaultdict(list)
    for row in rows:
        if measured := tuple(rule for rule in row.meaning.found_by if rule in rules):
            by_rules[measured].append(row)
    for asked, positives in by_rules.items():
        # In the corpus labels of many rules stand side by side: there is no whole of its positives.
        whole = WHOLE if len(by_rules) == 1 and name not in (HELD_OUT, TRAINED) else _kind(positives)
        for group, members in _groups(whole, positives).items():
            yield counted(name, RECALL, group, asked, members)
            if len(asked) > 1:
                yield from (counted(name, RECALL, group, (rule,), members) for rule in asked)


def _alarms(name: str, rows: Sequence[Judged], rules: Sequence[str], together: str) -> Iterable[Line]:
    by_rules: dict[tuple[str, ...], list[Judged]] = defaultdict(list)
    for row in rows:
        if asked := tuple(rule for rule in rules if row.meaning.fine_by(rule)):
            by_rules[asked].append(row)
    for asked, normals in by_rules.items():
        whole = WHOLE if len(by_rules) == 1 else _kind(normals)
        for group, members in _groups(whole, normals).items():
            yield counted(name, ALARMS, group, asked, members, together)
            yield from (counted(name, ALARMS, group, (rule,), members) for rule in asked)
