"""What import-linter cannot see, read from the syntax tree of every Python file.

One table: where a check looks, what it finds, and for each check a planted fault that it must catch and a
lawful neighbour that it must leave alone.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import pytest

Tree = dict[str, Path]
Faults = Iterator[tuple[int, str]]

PRODUCT = ("bot/*", "rules/*", "storage/*")
PYTHON = (*PRODUCT, "scripts/*", "tests/*")

REAL_TIME = frozenset(
    {"asyncio.sleep", "date.today"}
    | {f"datetime.{name}" for name in ("now", "today", "utcnow")}
    | {f"time.{name}" for name in ("time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "sleep")}
    | {f"time.{name}" for name in ("localtime", "gmtime")}
)
OPENERS = frozenset(
    {"open", "read_text", "read_bytes", "write_text", "write_bytes", "iterdir", "glob", "rglob"}
)
LIBRARIES = {
    "sqlalchemy": "storage/", "alembic": "storage/", "aiosqlite": "storage/", "asyncpg": "storage/",
    "grpclib": "bot/gateway/", "betterproto": "bot/gateway/", "wechaty_grpc": "bot/gateway/",
    "wechaty": "bot/gateway/", "wechaty_puppet": "bot/gateway/",
    "chinese_calendar": "rules/core/",
}  # fmt: skip
RULE_PACKAGES = frozenset({"core", "reading", "procedure", "data"})
EXCUSE = re.compile(r"#\s*(?:noqa(?::\s*[A-Z0-9, ]+)?|type:\s*ignore(?:\[[\w, -]+\])?)")


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


def real_time(source: str, name: str) -> Faults:
    """Reads the machine's clock, or waits by it: take a ``Clock`` (bot/gateway has deadlines)."""
    tree = ast.parse(source)
    origin, giving_way = {}, set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module in {"time", "asyncio"}:
            origin.update({alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names})
        if isinstance(node, ast.Call) and [ast.unparse(item) for item in node.args] == ["0"]:
            giving_way.add(node.func)  # asyncio.sleep(0) lets other tasks run and reads no clock
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Name) and node not in giving_way:
            chain = dotted(node)
            ending = ".".join(origin.get(chain, chain).split(".")[-2:])
            if ending in REAL_TIME:
                yield node.lineno, ending


def opens_files(source: str, name: str) -> Faults:
    """Opens a file: only rules/core/load*.py does, the rest of rules/ is handed what it needs."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else dotted(node.func)
            if called in OPENERS:
                yield node.lineno, called
    for line, module in imported(ast.parse(source)):
        if module.split(".")[0] in {"io", "pathlib", "shutil", "sqlite3", "socket", "subprocess", "asyncio"}:
            yield line, module


def foreign_library(source: str, name: str) -> Faults:
    """Uses a library that has one home in the tree, from elsewhere."""
    for line, module in imported(ast.parse(source)):
        home = LIBRARIES.get(module.split(".")[0])
        if home and not name.startswith(home):
            yield line, f"{module} belongs to {home}"


def wiring(source: str, name: str) -> Faults:
    """Chooses a gateway: bot/compose.py does, the demo directs the simulator, the rest knows the port."""
    known = (
        ("bot.gateway.port", "bot.gateway.simulator") if name.startswith("bot/demo/") else "bot.gateway.port"
    )
    for line, module in imported(ast.parse(source)):
        if module.startswith("bot.gateway.") and not module.startswith(known):
            yield line, module


def another_rule(source: str, name: str) -> Faults:
    """Imports a rule: a rule stands alone, and what rules share lies in rules/reading or rules/core."""
    for line, module in imported(ast.parse(source)):
        parts = module.split(".")
        if parts[0] == "rules" and len(parts) > 1 and parts[1] not in RULE_PACKAGES:
            yield line, module


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
        if token.type == tokenize.NAME and token.string == "NotImplementedError":
            yield token.start[0], token.string


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


CHECKS = (
    Check(
        real_time,
        PRODUCT,
        # Deadlines of calls, and waiting for another process to let go of the database, are real time.
        spared=("bot/clock.py", "bot/gateway/*", "storage/session.py"),
        caught=(
            "import time\ndef f():\n    return time.time()\n",
            "from time import monotonic as m\ndef f():\n    return m()\n",
            "import datetime\nnow = datetime.datetime.now(datetime.UTC)\n",
            "import asyncio\nasync def f():\n    await asyncio.sleep(1)\n",
            "from asyncio import sleep\nasync def f():\n    await sleep(0.1)\n",
        ),
        lawful=("async def f(clock):\n    await clock.sleep(1)\n    return clock.now()\n",
                "import asyncio\nasync def f():\n    await asyncio.sleep(0)\n"),
    ),
    Check(
        opens_files,
        ("rules/*",),
        spared=("rules/core/load*.py",),
        at="rules/planted.py",
        caught=("def f():\n    return open('words.txt').read()\n", "from pathlib import Path\n",
                "def f(path):\n    return path.read_text()\n"),
        lawful=("def f(book):\n    return book.words\n",),
    ),
    Check(
        foreign_library,
        PRODUCT,
        caught=("import sqlalchemy as sa\n", "from wechaty_grpc.wechaty import PuppetStub\n",
                "def f():\n    from grpclib.client import Channel\n    return Channel\n"),
        lawful=("import structlog\nfrom storage.records import Case\n",),
    ),
    Check(
        wiring,
        ("bot/*",),
        spared=("bot/compose.py", "bot/gateway/*"),
        caught=("from bot.gateway.wire import WireGateway\n", "from bot.gateway import simulator\n",
                "import bot.gateway.wire_stream\n"),
        lawful=("from bot.gateway.port import Gateway\nfrom bot.gateway import port\n",),
    ),
    Check(
        another_rule,
        ("rules/*",),
        at="rules/planted.py",
        caught=("from rules.flooding import flooding\n", "from rules import advertising\n",
                "import rules.banned_words\n"),
        lawful=("from rules.core.model import Finding\nfrom rules.reading.reader import Hit\n",),
    ),
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
        lawful=("x = 'NotImplementedError'\n",),
    ),
)  # fmt: skip


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


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.find.__name__)
def test_the_project_keeps_to_it(check: Check, tree: Tree) -> None:
    assert not (found := faults(check, tree)), f"{check.find.__doc__}\n" + "\n".join(found)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.find.__name__)
def test_a_planted_fault_is_caught(check: Check, plant: Callable[[dict[str, str]], Tree]) -> None:
    for fault in check.caught:
        assert faults(check, plant({check.at: fault})), f"not caught: {fault!r}"


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.find.__name__)
def test_a_lawful_neighbour_is_left_alone(check: Check, plant: Callable[[dict[str, str]], Tree]) -> None:
    for habit in check.lawful:
        assert not faults(check, plant({check.at: habit})), f"wrongly caught: {habit!r}"


def test_a_spared_place_is_not_looked_at() -> None:
    assert not CHECKS[0].looks_at("bot/clock.py")
    assert CHECKS[0].looks_at("bot/pipeline/outbox.py")
    assert not CHECKS[0].looks_at("bot/texts/zh.yaml")
