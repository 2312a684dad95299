"""Where effects may happen: real time, files, libraries with one home, the choice of a gateway."""

from __future__ import annotations

import ast
import re

from architecture.sources import PRODUCT, Check, Faults, dotted, imported

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
    "wechaty": "bot/gateway/", "wechaty_puppet": "bot/gateway/", "wechaty_puppet_service": "bot/gateway/",
    "chinese_calendar": "rules/core/",
}  # fmt: skip
RULE_PACKAGES = frozenset({"core", "reading", "procedure", "data"})


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
    """Chooses a gateway: bot/compose does, the demo directs the simulator, the rest knows the port."""
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


SQL_TAKERS = frozenset({"text", "literal_column", "exec_driver_sql", "DDL", "execute"})
BINDERS = frozenset(
    {"start_server", "create_server", "start_unix_server", "create_unix_server", "bind", "serve"}
)
HTML = re.compile(r"</(?:a|b|body|div|html|i|li|p|script|span|t[dr])>|text/html")
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def built_sql(source: str, name: str) -> Faults:
    """Puts a statement together from strings: values are bound by the mapper, and never stand in the SQL."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and node.args:
            called = node.func.attr if isinstance(node.func, ast.Attribute) else dotted(node.func)
            if called in SQL_TAKERS and _assembled(node.args[0]):
                yield node.lineno, ast.unparse(node)[:80]


def _assembled(node: ast.expr) -> bool:
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Attribute) and node.func.attr in {"format", "join", "replace"}
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.Add | ast.Mod)
    return isinstance(node, ast.JoinedStr)


def listens(source: str, name: str) -> Faults:
    """Listens for connections: whatever does is bound to this machine alone, by a literal address."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and node.value in {"0.0.0.0", "::"}:  # noqa: S104 - what is looked for
            yield node.lineno, f"{node.value} is every network"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in BINDERS:
            given = [*node.args, *(word.value for word in node.keywords if word.arg == "host")]
            if not any(isinstance(one, ast.Constant) and one.value in LOOPBACK for one in given):
                yield node.lineno, ast.unparse(node)[:80]


def reaches_out(source: str, name: str) -> Faults:
    """Touches files or starts programs on the path of a message: no name that somebody typed becomes a path."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and dotted(node.func) in {
            "open",
            "eval",
            "exec",
            "compile",
            "__import__",
        }:
            yield node.lineno, dotted(node.func)
    for line, module in imported(tree):
        if module.split(".")[0] in {
            "os",
            "io",
            "pathlib",
            "shutil",
            "tempfile",
            "subprocess",
            "glob",
            "pickle",
        }:
            yield line, module


def makes_html(source: str, name: str) -> Faults:
    """Makes HTML by hand, or says that a text is safe as it is: nothing here does either."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if HTML.search(node.value):
                yield node.lineno, node.value[:40]
        elif isinstance(node, ast.Call) and dotted(node.func).split(".")[-1] == "Markup":
            yield node.lineno, "Markup"


EFFECTS = (
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
        spared=("bot/compose/*", "bot/gateway/*"),
        caught=("from bot.gateway.wire import WireGateway\n", "from bot.gateway import simulator\n",
                "import bot.gateway.wire.stream\n"),
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
        built_sql,
        ("storage/*",),
        at="storage/planted.py",
        # Names of tables and sequences as the database itself lists them, and numbers of our own.
        spared=("storage/shapes.py", "storage/engine.py", "storage/invariants.py"),
        caught=("connection.execute(text(f'SELECT 1 FROM a WHERE b = {c}'))\n",
                "connection.exec_driver_sql('SELECT ' + name)\n", "text('x = %s' % value)\n",
                "text('x = {}'.format(value))\n"),
        lawful=("connection.execute(text('SELECT :a'), {'a': a})\n", "unit.execute(select(rows))\n"),
    ),
    Check(
        listens,
        ("bot/*",),
        # The simulator hands on its own constant, 127.0.0.1; the health endpoint an address that settings have checked.
        spared=("bot/gateway/simulator/*", "bot/health/server.py"),
        caught=("await asyncio.start_server(f, '0.0.0.0', 80)\n", "await loop.create_server(f, host, 80)\n",
                "sock.bind(('', 80))\n"),
        lawful=("await asyncio.start_server(f, '127.0.0.1', 80)\n",
                "await loop.create_server(f, host='::1', port=80)\n"),
    ),
    Check(
        reaches_out,
        ("bot/pipeline/*", "bot/commands/*", "bot/gateway/wire/*", "bot/opinion/*"),
        # The certificates that the operator names in a setting.
        spared=("bot/gateway/wire/connection.py",),
        caught=("def f(name):\n    return open(name)\n", "from pathlib import Path\n", "import subprocess\n"),
        lawful=("def f(unit):\n    return unit.demands.open()\n",),
    ),
    Check(
        makes_html,
        PRODUCT,
        caught=("x = f'<b>{name}</b>'\n", "x = Markup(name)\n", "headers = {'content-type': 'text/html'}\n"),
        lawful=("x = '1 < 2'\n",),
    ),
)  # fmt: skip
