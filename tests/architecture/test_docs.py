"""What README and docs name exists: files, commands, options, variables, dependencies."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from bot.cli import app

PAGES = ("README.md", "README.zh-CN.md", "CHANGELOG.md")
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]*)(#[^)\s]*)?\)")
CODE = re.compile(r"`([^`\n]+)`")
OURS = re.compile(r"^(?:bot|rules|storage|scripts|tests|docs|\.ci)/[\w./-]*$")
FENCED = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def missing_files(page: Path, root: Path) -> list[str]:
    """Links and paths in backticks that lead nowhere, and headings that are not there."""
    text = page.read_text(encoding="utf-8")
    wrong = []
    for target, anchor in LINK.findall(text):
        if "://" in target:
            continue
        path = page.parent / target if target else page
        if not path.exists():
            wrong.append(f"{page.name}: {target} does not exist")
        elif anchor and anchor[1:] not in headings(path):
            wrong.append(f"{page.name}: {target}{anchor}: no such heading")
    prose = FENCED.sub("", text)
    wrong += [
        f"{page.name}: {name} does not exist"
        for name in CODE.findall(prose)
        if OURS.match(name) and not (root / name).exists()
    ]
    return wrong


def headings(page: Path) -> set[str]:
    """The anchors that a page's headings make."""
    titles = re.findall(r"^#+\s+(.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


def shell_lines(page: Path) -> list[str]:
    """Every line that a page tells its reader to type."""
    blocks = [body for kind, body in FENCED.findall(page.read_text(encoding="utf-8")) if kind == "sh"]
    return [line for block in blocks for line in block.splitlines() if line and not line.startswith("#")]


@pytest.mark.parametrize("name", PAGES)
def test_links_and_paths_lead_somewhere(root: Path, name: str) -> None:
    assert not (wrong := missing_files(root / name, root)), "\n".join(wrong)


def test_so_they_do_in_docs(root: Path) -> None:
    wrong = [line for page in sorted((root / "docs").rglob("*.md")) for line in missing_files(page, root)]
    assert not wrong, "\n".join(wrong)


def test_a_link_that_leads_nowhere_is_caught(root: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# One\n[a](gone.md) [b](#two) [c](#one) `bot/nothing.py` `bot/clock.py`\n", encoding="utf-8"
    )
    assert missing_files(page, root) == [
        "page.md: gone.md does not exist",
        "page.md: #two: no such heading",
        "page.md: bot/nothing.py does not exist",
    ]


def unknown_words(line: str, root: Path) -> list[str]:
    """What a line names that cannot be typed: scripts, commands of ``qungui`` and their options."""
    words = line.split("#")[0].split()
    wrong = [word for word in words if word.startswith("scripts/") and not (root / word).exists()]
    if ".venv/bin/qungui" not in words:
        return wrong
    command = get_command(app)
    for word in words[words.index(".venv/bin/qungui") + 1 :]:
        if isinstance(command, TyperGroup):
            found = command.commands.get(word)
            if found is None:
                return [*wrong, word]
            command = found
        elif word.startswith("--") and word not in {name for one in command.params for name in one.opts}:
            wrong.append(word)
    return wrong


@pytest.mark.parametrize("name", PAGES[:2])
def test_what_is_typed_can_be_typed(root: Path, name: str) -> None:
    lines = shell_lines(root / name)
    assert len(lines) > 3
    assert not [(line, wrong) for line in lines if (wrong := unknown_words(line, root))]


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("scripts/nothing --fast", ["scripts/nothing"]),
        (".venv/bin/qungui dance", ["dance"]),
        (".venv/bin/qungui claim --job x", ["--job"]),
        (".venv/bin/qungui config check  # --nothing", []),
    ],
)
def test_what_cannot_be_typed_is_caught(root: Path, line: str, wrong: list[str]) -> None:
    assert unknown_words(line, root) == wrong


def test_the_readmes_tell_the_same(root: Path) -> None:
    english, chinese = (shell_lines(root / name) for name in PAGES[:2])
    strip = re.compile(r"\s*#.*$")
    assert [strip.sub("", line) for line in english] == [strip.sub("", line) for line in chinese]


def test_every_dependency_has_its_reason(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    extras = project["project"]["optional-dependencies"]
    groups = [project["project"]["dependencies"], *extras.values(), *project["dependency-groups"].values()]
    wanted = {re.split(r"[^\w-]", line)[0] for group in groups for line in group}
    page = (root / "docs/decisions/0003-libraries.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^\| ([a-z][\w-]+) \| .+ \| .+ \|$", page, re.MULTILINE)) - {"package"}
    assert told == wanted


def test_decisions_are_numbered_without_gaps(root: Path) -> None:
    pages = sorted((root / "docs/decisions").glob("*.md"))
    assert [page.name[:4] for page in pages] == [f"{number:04}" for number in range(1, len(pages) + 1)]
    for page in pages:
        assert page.read_text(encoding="utf-8").startswith(f"# {page.name[:4]} ")


def test_every_clause_a_rule_names_is_in_the_policy(root: Path) -> None:
    from rules.core.load import load_rules

    told = set(
        re.findall(r"^\| (\d[\d.]*[a-z]?) \|", (root / "docs/policy.md").read_text("utf-8"), re.MULTILINE)
    )
    used = {penalty.clause for rule in load_rules() for penalty in rule.categories.values()}
    assert used
    assert used <= told, used - told
