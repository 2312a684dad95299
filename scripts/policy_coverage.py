"""docs/policy-coverage.md: for each clause of the policy what carries it, and where that is tested.

Nothing is listed by hand: rules declare their clauses, modules cite theirs in their docstrings (``policy 2.1b``),
and a test covers what it imports or types.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bot.commands import COMMANDS
from rules.core.load import load_rules

ROOT = Path(__file__).resolve().parent.parent
CLAUSE = re.compile(r"^\| (\d\.\d[a-d]?) \| (.+) \|$", re.MULTILINE)
CITED = re.compile(r"(?:policy|clause) (\d\.\d[a-d]?(?:(?:, | and )\d\.\d[a-d]?)*)")
MOST_TESTS = 4

FOR_PEOPLE: Mapping[str, str] = {
    "1.1": "the aim of all the others; the digest tells how it goes",
    "1.3": "carried by the clauses under 3 and 5",
    "3.1a": "not for a machine to judge; never flagged",
    "3.1b": "welcome: bonus points are given by people",
    "3.3b": "nothing to do: the sender answers for it",
    "4.2": "not judged",
    "4.3": "settled by people",
}
NOT_YET: Mapping[str, str] = {}
INTRO = """\
What the bot does for each clause of [the policy](policy.md), read off the code: rules declare their clauses, modules
cite theirs. A clause without any of it is one for people, or says which rule is not written yet.
"""


@dataclass(frozen=True, slots=True)
class Module:
    """A module that cites clauses of the policy."""

    name: str
    clauses: frozenset[str]

    def carries(self, clause: str) -> bool:
        """Whether it cites the clause, or the wider one that it belongs to."""
        return clause in self.clauses or clause.rstrip("abcd") in self.clauses


def clauses() -> list[tuple[str, str]]:
    """Every clause of docs/policy.md with what it asks."""
    return CLAUSE.findall((ROOT / "docs/policy.md").read_text(encoding="utf-8"))


def modules(folder: str) -> list[Module]:
    """The modules of a folder with the clauses that their docstrings cite."""
    found = []
    for path in sorted((ROOT / folder).glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
        words = " ".join(
            " ".join((ast.get_docstring(node) or "").split())
            for node in ast.walk(tree)
            if isinstance(node, documented)
        )
        cited = {clause for group in CITED.findall(words) for clause in re.findall(r"\d\.\d[a-d]?", group)}
        if cited:
            found.append(Module(f"{folder.replace('/', '.')}.{path.stem}", frozenset(cited)))
    return found


@cache
def tests() -> Mapping[str, str]:
    """Every test file's text, by its path."""
    return {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
    }


def commands_of(module: Module) -> list[str]:
    """The commands of which a module does something."""
    return [
        command.name
        for command in COMMANDS
        for action in command.actions
        if getattr(action.run, "func", action.run).__module__ == module.name
    ]


def tested(rules: list[str], code: list[Module], commands: list[str]) -> Iterator[str]:
    """Test files of rules, modules and commands: tables, files that import them, files that type them."""
    for rule in rules:
        yield f"tests/rules/cases/{rule}.yaml"
    for path, text in tests().items():
        if any(f"from {module.name} import" in text for module in code):
            yield path
    for path, text in tests().items():
        if any(f"/{name}" in text for name in commands):
            yield path


def shown(names: list[str], most: int = 9) -> str:
    """Names as code, the first few of them."""
    some = list(dict.fromkeys(names))
    more = f" and {len(some) - most} more" if len(some) > most else ""
    return ", ".join(f"`{name}`" for name in some[:most]) + more


def rows() -> Iterator[tuple[str, str, str, str, str, str, str]]:
    """One row a clause: clause, what it asks, rules, procedures, commands, what runs by itself, tests or why none."""
    procedures, commands, judging = (
        modules(folder) for folder in ("rules/procedure", "bot/commands", "rules")
    )
    jobs = [module for folder in ("bot/jobs", "bot/pipeline", "bot/reports") for module in modules(folder)]
    for clause, asks in clauses():
        rules = [
            rule.id
            for rule in load_rules()
            if any(penalty.clause == clause for penalty in rule.categories.values())
            or any(module.name == f"rules.{rule.id}" and clause in module.clauses for module in judging)
        ]
        by_procedure = [module for module in procedures if module.carries(clause)]
        by_command = [module for module in commands if module.carries(clause)]
        by_job = [module for module in jobs if module.carries(clause)]
        typed = [name for module in by_command for name in commands_of(module)]
        found = list(tested(rules, [*by_procedure, *by_command, *by_job], typed))
        why = " ".join(filter(None, (FOR_PEOPLE.get(clause, ""), NOT_YET.get(clause, ""))))
        yield (
            clause,
            asks,
            shown(rules),
            shown([module.name.rpartition(".")[2] for module in by_procedure]),
            shown([f"/{name}" for name in typed]),
            shown([module.name.rpartition(".")[2] for module in by_job]),
            "; ".join(filter(None, (shown(found, MOST_TESTS), why))),
        )
