"""What needs no set: made-up secrets, and the whole chat logs that the tests of flooding hold."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import secrets_made
import yaml
from labelled import Row

from measuring.expected import FLOODING, SECRETS, fine, found
from measuring.figures import RECALL, WHOLE, Line
from measuring.intervals import Figure
from measuring.judging import Judged, judged
from rules.core.book import Rulebook
from rules.core.model import Tier
from rules.core.rehearse import example_of, failures, rehearse

TESTS = Path(__file__).resolve().parent.parent.parent / "tests" / "rules"
VALID, NEAR = 2_000, 10_000
"""So many sentences with a secret, and with what looks like one."""


def secrets(book: Rulebook) -> list[Judged]:
    """Made-up secrets and near misses, judged.

    Raises:
        Crashed: a rule failed.
    """
    rows = []
    for made in (*secrets_made.secrets(VALID), *secrets_made.near_misses(NEAR)):
        meaning = found("confidential") if made.secret else fine()
        rows.append(judged(book, Row(made.text, made.kind, SECRETS), meaning))
    return rows


def flooding(book: Rulebook) -> list[Line]:
    """How many of the logs and cases are judged rightly: one finding a burst, on the right message, and none else.

    Raises:
        FileNotFoundError: the tests are not there.
    """
    right = {"logs": [*_logs(book)], "cases": [*_cases(book)]}
    right = {WHOLE: [*right["logs"], *right["cases"]], **right}
    figures = {group: Figure(sum(seen), len(seen)) for group, seen in right.items()}
    return [Line(FLOODING, RECALL, group, FLOODING, figure, figure) for group, figure in figures.items()]


def _logs(book: Rulebook) -> Iterator[bool]:
    tests = _module(TESTS / "test_flooding_logs.py")
    for log in tests.FLOODS.values():
        yield tests.flagged(log, book) == [(number, Tier.VIOLATION) for number in tests.marked(log)]
    for log in tests.PEACEFUL.values():
        yield not tests.flagged(log, book)


def _cases(book: Rulebook) -> Iterator[bool]:
    for case in yaml.safe_load((TESTS / "cases" / "flooding.yaml").read_text(encoding="utf-8")):
        row = {key: value for key, value in case.items() if key != "why"}
        example = example_of(row)
        yield not any(failures(FLOODING, example, rehearse(book, example)))


def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None or not path.exists():
        raise FileNotFoundError(f"{path} is not there: flooding is measured by its logs")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
