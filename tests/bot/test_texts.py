"""The bot's words: every key that is used exists and is used; facts are never expanded again."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
import yaml
from jinja2 import Environment, UndefinedError, meta, nodes

from bot.texts import TextError, Texts

BOT = Path(__file__).resolve().parents[2] / "bot"
TEXTS = Texts.load()
FAMILIES = {key.partition(".")[0] for key in TEXTS.keys}
HOSTILE = [
    "{{7*7}}",
    "{{ self }}",
    "{% if %}",
    "{% raw %}",
    "{0}",
    "{number}",
    "%s",
    "{# x #}",
    "${x}",
    "\\n",
    "}}",
]


def sources() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(BOT.rglob("*.py")):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def asked_for(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Every key that stands literally in a call of ``render``; an f-string counts up to its first gap."""
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
            continue
        if node.func.attr == "render":
            for part in ast.walk(node.args[0]):
                if isinstance(part, ast.Constant) and isinstance(part.value, str) and "." in part.value:
                    yield part.value, node.lineno


def test_every_key_that_the_code_asks_for_exists() -> None:
    missing = [
        f"{path.relative_to(BOT)}:{line}: {key}"
        for path, tree in sources()
        for key, line in asked_for(tree)
        if key not in TEXTS.keys and not (key.endswith(".") and key[:-1] in FAMILIES)
    ]
    assert missing == []


def test_every_text_is_used() -> None:
    # Wherever a key stands: some are chosen before they are rendered, some put together from a family's name.
    asked = {literal for _, tree in sources() for literal in literals(tree)}
    looked_up = {
        literal
        for _, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "named"
        for literal in literals(node.args[0])
    }
    families = tuple(f"{family}." for family in FAMILIES if f"{family}." in asked or family in looked_up)
    unused = [key for key in TEXTS.keys if key not in asked and not key.startswith(families)]
    assert unused == []


def test_every_call_gives_the_facts_that_its_text_takes() -> None:
    short = [
        f"{path.relative_to(BOT)}:{call.lineno}: {key} lacks {', '.join(sorted(lacking))}"
        for path, tree in sources()
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "render"
        # What is given as ** is seen when it runs: a fact that is missing is an error.
        if all(keyword.arg for keyword in call.keywords)
        for key in literals(call.args[0]) & TEXTS.keys
        if (lacking := facts_of(key) - {keyword.arg for keyword in call.keywords})
    ]
    assert short == []


def literals(node: ast.AST) -> set[str]:
    """Every text that stands literally below a node."""
    found = (part.value for part in ast.walk(node) if isinstance(part, ast.Constant))
    return {value for value in found if isinstance(value, str)}


def test_the_scan_finds_keys() -> None:
    tree = ast.parse('t.render("a.b" if x else "a.c")\nt.render(f"d.{e}")\nt.render(key)\nother("x.y")')
    assert [key for key, _ in asked_for(tree)] == ["a.b", "a.c", "d."]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_fact_is_shown_as_it_is_and_never_expanded(hostile: str) -> None:
    for key in sorted(TEXTS.keys):
        shape = Shape.of(key)
        facts = {name: shape.filled(name, hostile) for name in facts_of(key)}
        # Once with every condition met, once with none: either may be the one that shows a fact.
        conditions = facts.keys() - shape.shown - shape.rows.keys() - shape.wholes.keys() - shape.counted
        both = [TEXTS.render(key, **facts), TEXTS.render(key, **facts | dict.fromkeys(conditions, ""))]
        assert not any("49" in said for said in both), key
        if shape.shown:
            assert any(hostile in said for said in both), key


@dataclass(frozen=True)
class Shape:
    """Which facts a text takes in which shape, read off its template.

    Attributes:
        rows: lists, with the parts of each row that the text takes.
        shown: plain facts that the text shows.
        counted: facts that are compared or counted with, and so are numbers.
        inner: lists inside rows and wholes, with the parts of each row that the text takes.
    """

    rows: Mapping[str, frozenset[str]]
    wholes: Mapping[str, frozenset[str]]
    shown: frozenset[str]
    counted: frozenset[str]
    inner: Mapping[str, frozenset[str]]

    @classmethod
    @cache
    def of(cls, key: str) -> Shape:
        tree = parsed(key)
        every = [loop for loop in tree.find_all(nodes.For) if isinstance(loop.target, nodes.Name)]
        loops = {loop.iter.name: parts_of(loop) for loop in every if isinstance(loop.iter, nodes.Name)}
        inner = {loop.iter.attr: parts_of(loop) for loop in every if isinstance(loop.iter, nodes.Getattr)}
        for joined in tree.find_all(nodes.Filter):
            if joined.name == "join" and isinstance(joined.node, nodes.Name):
                loops.setdefault(joined.node.name, frozenset())
        wholes: dict[str, set[str]] = {}
        for part in tree.find_all(nodes.Getattr):
            if isinstance(part.node, nodes.Name) and part.node.name in facts_of(key) - loops.keys():
                wholes.setdefault(part.node.name, set()).add(part.attr)
        counted = {
            name.name
            for node in (*tree.find_all(nodes.Compare), *tree.find_all(nodes.BinExpr))
            if not isinstance(node, (nodes.And, nodes.Or))
            for name in node.find_all(nodes.Name)
        }
        texts = {name for name, parts in wholes.items() if parts & {"rstrip", "strip"}}
        output = {
            name.name
            for block in tree.find_all(nodes.Output)
            for node in block.nodes
            for name in ([node] if isinstance(node, nodes.Name) else node.find_all(nodes.Name))
            if not isinstance(node, nodes.CondExpr)
        }
        plain = (facts_of(key) & output) - loops.keys() - (wholes.keys() - texts) - counted
        return cls(
            rows=loops,
            wholes={name: frozenset(parts) for name, parts in wholes.items() if name not in texts},
            shown=frozenset(plain),
            counted=frozenset(counted - texts),
            inner=inner,
        )

    def filled(self, name: str, hostile: str) -> object:
        """A fact in the shape in which the code gives it, with hostile text wherever it holds text."""
        if name in self.rows:
            parts = self.rows[name]
            return (
                [dict.fromkeys(parts, hostile) | self._inside(parts, hostile)] * 2 if parts else [hostile] * 2
            )
        if name in self.wholes:
            parts = self.wholes[name]
            return dict.fromkeys((*parts, "review"), 1) | self._inside(parts, hostile)
        return 2 if name in self.counted else hostile

    def _inside(self, parts: frozenset[str], hostile: str) -> dict[str, object]:
        return {part: [dict.fromkeys(self.inner[part], hostile)] * 2 for part in parts & self.inner.keys()}


def parts_of(loop: nodes.For) -> frozenset[str]:
    """The parts of each row that a loop takes."""
    return frozenset(
        part.attr
        for part in loop.find_all(nodes.Getattr)
        if isinstance(part.node, nodes.Name)
        and isinstance(loop.target, nodes.Name)
        and part.node.name == loop.target.name
    )


@cache
def written() -> object:
    return yaml.safe_load((BOT / "texts" / "zh.yaml").read_text(encoding="utf-8"))


@cache
def parsed(key: str) -> nodes.Template:
    return Environment(autoescape=True).parse(template_of(key))  # nothing is rendered with it


def template_of(key: str) -> str:
    text = written()
    for part in key.split("."):
        assert isinstance(text, dict)
        text = text[part]
    return str(text)


def facts_of(key: str) -> set[str]:
    """The names of the facts that a text takes."""
    return meta.find_undeclared_variables(parsed(key))


def test_whoever_is_told_of_an_appeal_is_told_to_make_it_in_private() -> None:
    asked = {key for key in TEXTS.keys if "/申诉 {{ number }} 理由" in template_of(key)}
    assert {"notice.case", "notice.reminder", "notice.confirmed", "notice.nickname", "notice.urgent"} <= asked
    assert [key for key in sorted(asked) if "私聊我" not in template_of(key)] == []


def test_public_texts_have_no_room_for_the_offending_words() -> None:
    for key in TEXTS.keys:
        if key.startswith("notice."):
            assert not facts_of(key) & {"evidence", "text", "message", "quote"}


def test_texts_have_no_stray_white_space() -> None:
    rows = [{"usage": "/帮助", "summary": "列出命令"}, {"usage": "/状态", "summary": "查看状态"}]
    assert TEXTS.render("help.list", commands=rows) == (
        "您可以使用：\n/帮助　列出命令\n/状态　查看状态\n输入“/帮助 命令名”查看用法。"
    )


def test_a_fact_that_is_missing_is_an_error_and_no_gap() -> None:
    with pytest.raises(TextError, match=r"text notice\.withdrawn: 'number' is undefined"):
        TEXTS.render("notice.withdrawn")


def test_a_text_that_is_missing_is_an_error() -> None:
    with pytest.raises(TextError, match=r"there is no text 'no\.such'"):
        TEXTS.render("no.such")
    with pytest.raises(TextError, match="there are no texts in 'xx'"):
        Texts.load("xx")
    with pytest.raises(TextError, match=r"there are no texts in"):
        Texts.load("../texts/zh")


def test_a_broken_template_is_told_with_its_line() -> None:
    with pytest.raises(TextError, match=r"text a\.b, line 2"):
        Texts({"a.b": "one\n{% if %}"}).render("a.b")


def test_every_text_can_be_read() -> None:
    broken = []
    for key in sorted(TEXTS.keys):
        try:
            TEXTS.render(key)
        except TextError as failure:
            if not isinstance(failure.__cause__, UndefinedError):  # it only lacks its facts
                broken.append(str(failure))
    assert broken == []


@pytest.mark.parametrize("reach", ["''.__class__", "x.__class__.__mro__", "cycler", "x.append(1)"])
def test_templates_reach_nothing_but_their_facts(reach: str) -> None:
    with pytest.raises(TextError):
        Texts({"a": "{{ " + reach + ".y }}"}).render("a", x=[1])


def test_chinese_words_have_chinese_punctuation() -> None:
    text = (BOT / "texts" / "zh.yaml").read_text(encoding="utf-8")
    assert not re.search(r"[\u4e00-\u9fff][,;!?][\u4e00-\u9fff]", text), (
        "half-width punctuation between Chinese"
    )
