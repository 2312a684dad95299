"""The one gate: format, lint, types, arrows, generated files, tests. All of it runs, whatever fails.

Run it through ``scripts/test``, which sets up what it needs, or with ``.venv/bin/python`` directly.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent  # not resolved: the environment's own directory

LIMIT = 900  # seconds for all tests: they take less than a quarter of an hour, or something hangs
STUCK = 120  # seconds for one test, after which it shows where it stands
ROOM = 4 << 30  # bytes that a file system in memory has to have free to hold the tests' databases

HELP = """\
steps, in order:
{steps}

examples:
  scripts/test                          everything, as CI does
  scripts/test --only tests             the tests alone
  scripts/test --only tests -- -k flooding -x
                                        what follows -- goes to pytest as it is
  scripts/test --skip tests             the quick half, before a commit
  scripts/test --fix                    format and mend what can be mended, regenerate files, then check

With CI set in the environment, or --no-skips, a test that was skipped is a failure:
a gate that leaves something out should say so.
"""


@dataclass(frozen=True)
class Options:
    """What the command line asked for."""

    no_skips: bool
    pytest: tuple[str, ...]


@dataclass(frozen=True)
class Result:
    """How a step ended; ``output`` is what there is to read if it failed."""

    passed: bool
    output: str = ""


@dataclass(frozen=True)
class Step:
    """One part of the gate. ``mend`` are the commands by which --fix puts right what can be put right."""

    name: str
    summary: str
    run: Callable[[Options], Result]
    mend: tuple[tuple[str, ...], ...] = field(default=())


def tool(name: str, *arguments: str) -> tuple[str, ...]:
    """The command line of a program of this environment."""
    return (str(BIN / name), *arguments)


def script(name: str, *arguments: str) -> tuple[str, ...]:
    """The command line of one of the project's own scripts."""
    return (sys.executable, str(ROOT / "scripts" / name), *arguments)


def commands(*lines: tuple[str, ...]) -> Callable[[Options], Result]:
    """A step that passes when every command does; all of them run, and a failure shows what they said."""

    def run(_: Options) -> Result:
        said = []
        for line in lines:
            done = subprocess.run(
                line, cwd=ROOT, check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
            )
            if done.returncode:
                said.append(done.stdout)
        return Result(not said, "\n".join(said))

    return run


def tests(options: Options) -> Result:
    """Run pytest in the open: it is the long step, and its summary line stays readable as it is."""
    with tempfile.TemporaryDirectory(prefix="qungui-", dir=in_memory()) as scratch:
        report = Path(scratch) / "report.xml"
        arguments = ["-m", "pytest", f"--junitxml={report}", "-o", f"faulthandler_timeout={STUCK}"]
        arguments += options.pytest
        if not any(given == "-n" or given.startswith(("-n", "--numprocesses")) for given in options.pytest):
            # Files are handed out as tests/conftest.py says: what takes longest first, and what waits for other
            # processes to one worker more than there are cores.
            arguments += ["-n", str(1 + max(2, os.cpu_count() or 2)), "--dist", "loadfile"]
            arguments += ["--no-loadscope-reorder"]
        status = within(LIMIT, (sys.executable, *arguments), surroundings(scratch))
        if status is None:
            return Result(False, f"the tests were not done after {LIMIT} s, and were ended; see where above")
        if status:
            return Result(False, f"pytest left with status {status}; what it said stands above")
        skipped = left_out(report)
    if skipped and options.no_skips:
        return Result(False, "skipped, though nothing may be skipped here:\n" + "\n".join(skipped))
    return Result(True)


def in_memory() -> Path | None:
    """A file system in memory with room to spare; ``None`` without one, for the usual folder.

    Thousands of tests commit to databases of their own, and a disk is waited for at each commit.
    """
    shared = Path("/dev/shm")  # noqa: S108 - the folder made in it is for its owner only
    roomy = os.access(shared, os.W_OK) and shutil.disk_usage(shared).free >= ROOM
    return shared if roomy else None


def surroundings(scratch: str) -> dict[str, str]:
    """The environment of the tests: what they write goes into ``scratch``.

    Where Python is told to write no bytecode, every process that a test starts would compile the whole product
    anew; there it is written into ``scratch``, too, and the tree stays clean all the same.
    """
    changed = {**os.environ, "TMPDIR": scratch}
    if changed.pop("PYTHONDONTWRITEBYTECODE", ""):
        changed["PYTHONPYCACHEPREFIX"] = str(Path(scratch) / "bytecode")
    return changed


def within(seconds: float, line: Sequence[str], environment: Mapping[str, str] | None = None) -> int | None:
    """The status of a command, run in the open; ``None`` if it took too long and was ended."""
    with subprocess.Popen(line, cwd=ROOT, start_new_session=True, env=environment) as started:
        try:
            return started.wait(seconds)
        except BaseException as stop:  # also when somebody presses Ctrl-C: nothing stays behind
            os.killpg(started.pid, signal.SIGKILL)
            if isinstance(stop, subprocess.TimeoutExpired):
                return None
            raise


def left_out(report: Path) -> list[str]:
    """What pytest skipped, each with its reason, from its JUnit report."""
    rows = []
    for case in ET.parse(report).getroot().iter("testcase"):  # noqa: S314 - pytest wrote it a moment ago
        for skip in case.iter("skipped"):
            rows.append(f"  {case.get('classname')}::{case.get('name')}: {skip.get('message')}")
    return rows


def typed_scripts() -> tuple[str, ...]:
    """The project's Python scripts, which are typed like the rest."""
    folder = ROOT / "scripts"
    return tuple(str(path) for path in (*sorted(folder.glob("*.py")), *sorted(folder.glob("measuring/*.py"))))


STEPS = (
    Step(
        "format",
        "ruff format",
        commands(tool("ruff", "format", "--check", ".")),
        (tool("ruff", "format", "."),),
    ),
    Step("lint", "ruff check", commands(tool("ruff", "check", ".")), (tool("ruff", "check", "--fix", "."),)),
    Step(
        "types",
        "mypy, strict, over bot, rules, storage and the scripts",
        commands(tool("mypy"), tool("mypy", "--follow-imports=silent", *typed_scripts())),
    ),
    Step("arrows", "import-linter: who may import whom", commands(tool("lint-imports", "--no-cache"))),
    Step(
        "generated",
        "docs and schema as scripts/generate.py makes them",
        commands(script("generate.py", "--check")),
        (script("generate.py"),),
    ),
    Step("tests", "pytest", tests),
)


def parse(arguments: Sequence[str]) -> tuple[list[Step], Options, bool]:
    """The steps to run, what they need to know, and whether to mend first; an unclear line ends with 2."""
    names = [step.name for step in STEPS]
    parser = argparse.ArgumentParser(
        prog="scripts/test",
        description=(__doc__ or "").split("\n\n", maxsplit=1)[0],
        epilog=HELP.format(steps="\n".join(f"  {step.name:<10} {step.summary}" for step in STEPS)),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--only", metavar="STEP", action="append", choices=names, help="run this step (repeatable)"
    )
    parser.add_argument(
        "--skip", metavar="STEP", action="append", choices=names, default=[], help="leave it out"
    )
    parser.add_argument("--fix", action="store_true", help="mend what can be mended first")
    parser.add_argument(
        "--no-skips", action="store_true", help="a skipped test is a failure (as with CI set)"
    )
    parser.add_argument("pytest", nargs="*", metavar="-- …", help="arguments for pytest")
    known = parser.parse_args(arguments)
    steps = [
        step for step in STEPS if (not known.only or step.name in known.only) and step.name not in known.skip
    ]
    if not steps:
        parser.error("no step is left to run")
    if known.pytest and "tests" not in [step.name for step in steps]:
        parser.error("there are arguments for pytest, but the step 'tests' is not to run")
    no_skips = known.no_skips or os.environ.get("CI", "").lower() in {"1", "true", "yes"}
    return steps, Options(no_skips, tuple(known.pytest)), known.fix


def main(arguments: Sequence[str]) -> int:
    """Run the gate; 0 when every step passed, 1 otherwise."""
    steps, options, fix = parse(arguments)
    for line in [line for step in steps if fix for line in step.mend]:
        subprocess.run(line, cwd=ROOT, check=False)
    failed = []
    began = time.perf_counter()
    for step in steps:
        started = time.perf_counter()
        if step.name == "tests":
            print("… tests", flush=True)
        result = step.run(options)
        mark = "ok  " if result.passed else "FAIL"
        print(f"{mark} {step.name:<10} {time.perf_counter() - started:6.1f} s", flush=True)
        if not result.passed:
            failed.append(step.name)
            print(result.output.rstrip(), flush=True)
    spent = f"{time.perf_counter() - began:.0f} s"
    if failed:
        print(f"\nThe gate is closed: {', '.join(failed)} failed ({spent}).")
        return 1
    print(f"\nThe gate is open: {len(steps)} of {len(STEPS)} steps, all passed ({spent}).")
    return 0


if __name__ == "__main__":
    if shutil.which("ruff", path=str(BIN)) is None:
        print(
            "The gate's tools are not installed here; run scripts/test, which sets them up.", file=sys.stderr
        )
        sys.exit(2)
    sys.exit(main(sys.argv[1:]))
