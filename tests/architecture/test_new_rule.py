"""A new rule's file is refused until it is thought out, and is a rule from then on."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
import yaml

from rules.core.declare import HalfDeclared, Rule


def load(path: Path) -> ModuleType:
    """Import a file, as if it lay in a package."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def scaffold(root: Path) -> Iterator[ModuleType]:
    """scripts/new_rule.py."""
    yield load(root / "scripts/new_rule.py")
    for name in ("new_rule", "late_replies"):
        sys.modules.pop(name, None)


def test_it_is_refused_until_thought_out_and_a_rule_then(scaffold: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    assert scaffold.main(["late_replies", "--clause", "4.1a", "--points", "1"], tmp_path) == 0
    path = tmp_path / "rules/late_replies.py"
    assert (
        yaml.safe_load((tmp_path / "tests/rules/cases/late_replies.yaml").read_text(encoding="utf-8")) == []
    )
    with pytest.raises(HalfDeclared, match=r"title.*why the rule exists.*bad examples.*good examples"):
        load(path)
    text = path.read_text(encoding="utf-8")
    text = text.replace(
        "Why does this rule exist?", "Work waits while nobody answers: policy 4.1a asks for a word."
    )
    text = (
        text.replace('title=""', 'title="迟复"')
        .replace('reason=""', 'reason="没有及时回复"')
        .replace("        # bad(", '        bad("一"), bad("二"), good("三"), good("四"),\n        # bad(')
    )
    path.write_text(text, encoding="utf-8")
    rule = load(path).late_replies
    assert isinstance(rule, Rule)
    assert (rule.id, rule.categories["late_replies"].clause) == ("late_replies", "4.1a")


@pytest.mark.parametrize("name", ["Late", "late-replies", "class", "../bot/cli", "core", "flooding", ""])
def test_an_id_that_cannot_be_one_writes_nothing(scaffold: ModuleType, root: Path, name: str) -> None:
    before = sorted(path.name for path in (root / "rules").iterdir())
    assert scaffold.main([name]) == 2
    assert sorted(path.name for path in (root / "rules").iterdir()) == before
