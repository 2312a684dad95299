"""What the tree as a whole promises: its shape, its names, and what never stands in a file."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest

Tree = dict[str, Path]
Plant = Callable[[dict[str, str]], Tree]

TOP = """
    bot rules storage config.yaml scripts tests pyproject.toml README.md README.zh-CN.md docs .ci LICENSE
    CHANGELOG.md requirements.lock requirements-dev.lock .gitignore .gitattributes .editorconfig .npmrc
"""
SCRIPTS = """
    demo test setup check.py new_rule.py generate.py policy_coverage.py bench.py evaluate.py train.py gateway
    labelled.py corpus evasions.py secrets_made.py sequences.py first_letters.py regression.py measuring
    model_card.md soak.py soaking
"""
VAGUE = re.compile(r"^(?:test_)?_?(utils?|helpers?|common|managers?|misc|stuff)$")
LINES = 330
# The empty comments keep this file from holding what it looks for.
HOSTS = re.compile(
    r"py(?#)pi\.org|python(?#)hosted\.org|registry\.(?:npm|yarn)|npm(?#)mirror\.com|deb\.(?#)debian\.org"
    r"|tuna\.(?#)tsinghua|mirrors\.(?#)aliyun|proxy\.(?#)golang\.org"
)
PLACES = re.compile(r"(?<![\w.~-])/(?:work|root|home|Users|opt/wheels)/[\w.]|\.\./(?#)shared")


def names(tree: Tree) -> list[str]:
    """Files outside the agreed shape."""
    wrong = [
        f"{name}: not agreed at the top" for name in tree if PurePosixPath(name).parts[0] not in TOP.split()
    ]
    for name in tree:
        path = PurePosixPath(name)
        parts = path.parts
        if any(VAGUE.match(part) for part in (*parts[:-1], path.stem)):
            wrong.append(f"{name}: a name that says nothing")
        if parts[0] == "scripts" and parts[1] not in SCRIPTS.split():
            wrong.append(f"{name}: no agreed script")
        if parts[0] == "tests" and path.name == "__init__.py":
            wrong.append(f"{name}: tests are no packages")
    stems = Counter(PurePosixPath(name).name for name in tree if re.search(r"(^|/)test_[^/]*\.py$", name))
    return wrong + [f"{name}: {count} test files of this name" for name, count in stems.items() if count > 1]


def long(tree: Tree) -> list[str]:
    """Python files that have grown past one screenful of ideas."""
    counted = {name: len(lines(path)) for name, path in tree.items() if name.endswith(".py")}
    return [f"{name}: {count} lines, more than {LINES}" for name, count in counted.items() if count > LINES]


def places(tree: Tree) -> list[str]:
    """Package registries and paths of somebody's machine, in any file that is text."""
    return [
        f"{name}:{number}: {hit[0]}"
        for name, path in tree.items()
        for number, line in enumerate(lines(path), 1)
        for hit in (*HOSTS.finditer(line), *PLACES.finditer(line))
    ]


def lines(path: Path) -> list[str]:
    """The lines of a text file; none for anything that is not UTF-8."""
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        return []


PLANTED = [
    (names, "bot/utils.py"),
    (names, "bot/common/thing.py"),
    (names, "tests/bot/test_helpers.py"),
    (names, "notes.txt"),
    (names, "scripts/deploy.py"),
    (names, "tests/bot/__init__.py"),
    (long, "bot/pipeline/endless.py"),
    (places, "docs/install.md"),
    (places, "scripts/paths.sh"),
]
CONTENT = {
    "bot/pipeline/endless.py": "x = 1\n" * (LINES + 1),
    "docs/install.md": "pip install -i https://" + "py" + "pi.org/simple qungui\n",
    "scripts/paths.sh": "cd /ho" + "me/someone/qungui\n",
}


@pytest.mark.parametrize("check", [names, long, places])
def test_the_project_keeps_to_it(check: Callable[[Tree], list[str]], tree: Tree) -> None:
    assert not (found := check(tree)), f"{check.__doc__}\n" + "\n".join(found)


@pytest.mark.parametrize(("check", "name"), PLANTED)
def test_a_planted_fault_is_caught(check: Callable[[Tree], list[str]], name: str, plant: Plant) -> None:
    assert check(plant({name: CONTENT.get(name, "")}))


def test_two_test_files_of_one_name_are_caught(plant: Plant) -> None:
    assert names(plant({"tests/bot/test_x.py": "", "tests/rules/test_x.py": ""}))


def test_a_lawful_tree_is_left_alone(plant: Plant) -> None:
    tree = plant(
        {"bot/clock.py": "x = 1\n", "tests/bot/test_clock.py": "", "docs/a.md": "see /var/lib/qungui\n"}
    )
    assert not [*names(tree), *long(tree), *places(tree)]


@pytest.mark.parametrize("name", ["scripts/demo", "scripts/test", ".ci/run"])
def test_what_people_start_can_be_started(root: Path, name: str) -> None:
    assert os.access(root / name, os.X_OK)
    assert (root / name).read_text(encoding="utf-8").startswith("#!")


def pins(path: Path) -> dict[str, str]:
    """Name and version of everything a lock file lists."""
    return dict(re.findall(r"^([\w.-]+)==([^\s;\\]+)", path.read_text(encoding="utf-8"), re.MULTILINE))


def test_the_two_locks_agree(root: Path) -> None:
    run, dev = pins(root / "requirements.lock"), pins(root / "requirements-dev.lock")
    assert len(run) > 20
    assert run.items() <= dev.items()


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_everything_locked_has_a_hash(root: Path, name: str) -> None:
    blocks = re.split(r"(?m)^(?=[\w.-]+==)", (root / name).read_text(encoding="utf-8"))
    assert not [block.split()[0] for block in blocks if "==" in block and "--hash=sha256:" not in block]
