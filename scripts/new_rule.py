"""Begins a new rule: its file, refused until it has reason, title and examples, and its empty case table."""

from __future__ import annotations

import argparse
import keyword
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

TEMPLATE = '''"""Why does this rule exist?"""

from __future__ import annotations

from collections.abc import Iterator

from rules.core.declare import Bars, Penalty, RuleSettings, bad, good, rule
from rules.core.model import Context, Finding, Message


class {model}(RuleSettings):
    """What a company may set about it; every field needs a description."""


@rule(
    id="{id}",
    title="{title}",
    categories={{"{id}": Penalty(clause="{clause}", points={points})}},
    bars=Bars(violation=0.9, review=0.5),
    reason="",
    settings={model},
    examples=[
        # bad("..."), bad("..."), good("...", why="what makes it look bad"), good("...")
    ],
)
def {id}(message: Message, context: Context, settings: {model}) -> Iterator[Finding]:
    """Yield a finding for each place that breaks the rule; a function of its arguments alone."""
    yield from ()
'''

TABLE = """\
# Cases of the rule {id} (policy {clause}): rows `bad: text` or `good: text`, with the fields of
# rules.core.declare.Example where needed. Without rows this table fails.
[]
"""


def content(name: str, title: str, clause: str, points: int) -> str:
    """The file of a new rule, before anything of it has been thought out."""
    model = "".join(part.capitalize() for part in name.split("_")) + "Settings"
    return TEMPLATE.format(id=name, model=model, title=title, clause=clause, points=points)


def mistake(name: str, root: Path) -> str:
    """What is wrong with a new rule's id; empty if nothing is."""
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or keyword.iskeyword(name):
        return f"{name!r} can't be a rule's id: it names a file and a function, such as late_replies"
    if (root / "rules" / name).exists() or (root / "rules" / f"{name}.py").exists():
        return f"rules/{name}.py, or a folder of that name, exists already; take another id"
    return ""


def main(arguments: list[str], root: Path = ROOT) -> int:
    """Write the file and say what comes next; 2 if the id can't be used."""
    parser = argparse.ArgumentParser(
        description=__doc__, epilog="example: scripts/new_rule.py late_replies --clause 4.1a"
    )
    parser.add_argument("id", help="names the file, the function and the rule in config.yaml")
    parser.add_argument("--title", default="", help="Chinese, as it stands in notices")
    parser.add_argument("--clause", default="", help="the clause of docs/policy.md that it rests on")
    parser.add_argument("--points", type=int, default=0, help="what one violation costs (default 0)")
    asked = parser.parse_args(arguments)
    if wrong := mistake(asked.id, root):
        print(wrong, file=sys.stderr)
        return 2
    path = root / "rules" / f"{asked.id}.py"
    path.write_text(content(asked.id, asked.title, asked.clause, asked.points), encoding="utf-8")
    table = root / "tests/rules/cases" / f"{asked.id}.yaml"
    table.parent.mkdir(parents=True, exist_ok=True)
    table.write_text(TABLE.format(id=asked.id, clause=asked.clause), encoding="utf-8")
    print(f"wrote rules/{asked.id}.py and {table.relative_to(root)}. Now, in this order:")
    print("  1. the docstring: why the rule exists (it becomes its page), then title, clause and reason")
    print("  2. two messages it must flag and two it must leave alone, as examples")
    print(f"  3. the function, until this passes: scripts/test --only tests -- -k {asked.id}")
    print("  4. more cases in its table, a quarter of them of either side at the least")
    print("  5. scripts/test --fix, which also writes its part of docs/rules.md")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
