"""How a check of the syntax tree is written down, and what all of them need."""

from __future__ import annotations

import ast
import tokenize
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

Tree = dict[str, Path]
Faults = Iterator[tuple[int, str]]

PRODUCT = ("bot/*", "rules/*", "storage/*")
PYTHON = (*PRODUCT, "scripts/*", "tests/*")


def dotted(node: ast.expr) -> str:
    """``a.b.c`` as written; empty for anything that is not such a chain."""
    if isinstance(node, ast.Attribute):
        inner = dotted(node.value)
        return f"{inner}.{node.attr}" if inner else ""
    return node.id if isinstance(node, ast.Name) else ""


def imported(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Every module that is imported, with ``from a import b`` as ``a.b``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, f"{node.module or '.'}.{alias.name}") for alias in node.names)


@dataclass(frozen=True)
class Check:
    """One check of the table: where it looks, and two files that prove it can tell fault from habit."""

    find: Callable[[str, str], Faults]
    where: tuple[str, ...]
    caught: tuple[str, ...]
    lawful: tuple[str, ...]
    at: str = "bot/pipeline/planted.py"
    spared: tuple[str, ...] = ()

    def looks_at(self, name: str) -> bool:
        """Whether a file is among those this check reads."""
        inside = any(fnmatch(name, pattern) for pattern in self.where)
        return name.endswith(".py") and inside and not any(fnmatch(name, pattern) for pattern in self.spared)


def faults(check: Check, tree: Tree) -> list[str]:
    """Everything a check finds in a tree, as lines that lead to the place."""
    found = []
    for name, path in sorted(tree.items()):
        if check.looks_at(name):
            source = path.read_text(encoding="utf-8")
            try:
                found += [f"{name}:{line}: {what}" for line, what in check.find(source, name)]
            except (SyntaxError, tokenize.TokenError) as failure:
                found.append(f"{name}: does not parse: {failure}")
    return found
