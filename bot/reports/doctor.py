"""`qungui doctor`: what stands between this installation and a bot that works, each with its remedy.

Every check is a pure function over the gathered facts; checks whose facts are missing say nothing, because what
kept them from being gathered is a finding itself.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator

from bot.masking import masked_values, one_line
from bot.reports import installation, operation
from bot.reports.health import Facts, Finding, Level

SIGNS = {Level.FINE: "✓", Level.WARNING: "!", Level.BAD: "✗"}

CHECKS: tuple[Callable[[Facts], Iterator[Finding]], ...] = (
    installation.configuration,
    installation.gateway,
    installation.database,
    installation.disk,
    installation.ledger_key,
    installation.time_zones,
    operation.calendar,
    operation.lexicon,
    operation.learning,
    operation.second_opinion,
    operation.idle_rules,
    operation.rooms,
    operation.roster,
    operation.people,
    operation.traffic,
)


def examine(facts: Facts) -> tuple[Finding, ...]:
    """Every finding, in the order of the checks; nothing in it holds a secret."""
    secrets = facts.settings.secrets() if facts.settings is not None else ()
    return tuple(
        Finding(
            found.check,
            found.level,
            masked_values(found.said, secrets),
            masked_values(found.remedy, secrets),
        )
        for check in CHECKS
        for found in check(facts)
    )


def lines(findings: Iterable[Finding]) -> Iterator[str]:
    """The findings for a terminal, and a last line that sums them up."""
    many = dict.fromkeys(Level, 0)
    for found in findings:
        many[found.level] += 1
        first, *rest = found.said.splitlines()
        yield f"{SIGNS[found.level]} {found.check}: {one_line(first)}"
        yield from (f"    {one_line(line)}" for line in rest)
        if found.remedy:
            yield f"    → {one_line(found.remedy)}"
    yield f"{many[Level.FINE]} fine, {many[Level.WARNING]} warnings, {many[Level.BAD]} errors"


def as_json(findings: Iterable[Finding]) -> str:
    """The same for programs: `{"ok", "checks": [{"check", "level", "said", "remedy"}]}`."""
    rows = [
        {"check": found.check, "level": found.level.value, "said": found.said, "remedy": found.remedy}
        for found in findings
    ]
    ok = all(row["level"] != Level.BAD.value for row in rows)
    return json.dumps({"ok": ok, "checks": rows}, ensure_ascii=False, indent=2)
