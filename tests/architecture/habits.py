"""Habits of writing: what is documented, said, caught and excused."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from contextlib import suppress
from functools import cache
from pathlib import Path

from architecture.sources import PRODUCT, PYTHON, Check, Faults, dotted

EXCUSE = re.compile(r"#\s*(?:noqa(?::\s*[A-Z0-9, ]+)?|type:\s*ignore(?:\[[\w, -]+\])?)")


def undocumented(source: str, name: str) -> Faults:
    """A public module, class, function or method of the product without a docstring."""
    tree = ast.parse(source)
    if tree.body and not ast.get_docstring(tree):
        yield 1, "the module"
    yield from _undocumented(tree, elsewhere=frozenset())


def _undocumented(scope: ast.Module | ast.ClassDef, elsewhere: frozenset[str]) -> Faults:
    for node in scope.body:
        if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if node.name.startswith("_") or node.name in elsewhere:
            continue
        decorated = {
            dotted(item.func if isinstance(item, ast.Call) else item) for item in node.decorator_list
        }
        replaced = any(item.endswith((".setter", "overload", "override")) for item in decorated)
        if not (replaced or ast.get_docstring(node)):
            yield node.lineno, node.name
        if isinstance(node, ast.ClassDef) and not node.bases:  # what a base declares is documented there
            yield from _undocumented(node, elsewhere=promised())


@cache
def promised() -> frozenset[str]:
    """The methods of every protocol: whoever fulfils one need not say again what it does."""
    protocols = []
    for package in ("bot", "rules", "storage"):
        for path in (Path(__file__).resolve().parents[2] / package).rglob("*.py"):
            with suppress(SyntaxError):  # every other check names that file
                classes = [
                    node
                    for node in ast.parse(path.read_text(encoding="utf-8")).body
                    if isinstance(node, ast.ClassDef)
                ]
                protocols += [node for node in classes if "Protocol" in {dotted(base) for base in node.bases}]
    methods = ast.FunctionDef | ast.AsyncFunctionDef
    return frozenset(item.name for node in protocols for item in node.body if isinstance(item, methods))


def prints(source: str, name: str) -> Faults:
    """Prints: the bot speaks through the outbox, the log, or its command line."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and dotted(node.func) == "print":
            yield node.lineno, "print"


def swallowed(source: str, name: str) -> Faults:
    """A bare ``except:``, or a wide one whose whole body is ``pass``: a failure that nobody hears of."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ExceptHandler):
            if node.type is None:
                yield node.lineno, "bare except"
            elif dotted(node.type) in {"Exception", "BaseException"} and all(
                isinstance(step, ast.Pass | ast.Continue) for step in node.body
            ):
                yield node.lineno, "swallowed"


def unexcused(source: str, name: str) -> Faults:
    """A lint or type complaint switched off without a reason behind it."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT and (excuse := EXCUSE.search(token.string)):
            reason = EXCUSE.sub("", token.string).strip(" #-:")
            if len(reason) < 8:
                yield token.start[0], excuse[0]


def unfinished(source: str, name: str) -> Faults:
    """A stub, or a note to do it later."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT and re.search(r"\b(TODO|FIXME|XXX|HACK)\b", token.string):
            yield token.start[0], token.string
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Raise) and node.exc and "NotImplemented" in ast.unparse(node.exc):
            yield node.lineno, ast.unparse(node.exc)


HABITS = (
    Check(
        undocumented,
        PRODUCT,
        caught=("x = 1\n", '"""Doc."""\ndef f():\n    pass\n',
                '"""Doc."""\nclass A:\n    """Doc."""\n    def f(self):\n        pass\n'),
        lawful=('"""Doc."""\ndef _f():\n    pass\n', "",
                '"""Doc."""\nclass B(A):\n    """Doc."""\n    def f(self):\n        pass\n',
                '"""Doc."""\nclass C:\n    """Doc."""\n    def monotonic(self):\n        pass\n'),
    ),
    Check(
        prints,
        PRODUCT,
        spared=("bot/cli.py", "bot/cli/*"),
        caught=("print('hello')\n",),
        lawful=("def f(console):\n    console.print('hello')\n",),
    ),
    Check(
        swallowed,
        PYTHON,
        caught=("try:\n    f()\nexcept:\n    raise\n", "try:\n    f()\nexcept Exception:\n    pass\n"),
        lawful=("try:\n    f()\nexcept KeyError:\n    pass\n",
                "try:\n    f()\nexcept Exception as failure:\n    log.error('f failed', failure=failure)\n"),
    ),
    Check(
        unexcused,
        PYTHON,
        caught=("x = 1  # noqa\n", "x = 1  # noqa: E501\n", "x: int = ''  # type: ignore[assignment]\n"),
        lawful=("x = 1  # noqa: E501 - a table reads better wide\n",
                "x: int = f()  # type: ignore[assignment]  # the library has no types\n"),
    ),
    Check(
        unfinished,
        PYTHON,
        caught=("x = 1  # TO" + "DO: later\n", "def f():\n    raise NotImplementedError\n"),
        lawful=("try:\n    f()\nexcept NotImplementedError:\n    g()\n",),
    ),
)  # fmt: skip
