"""Reads config.yaml into plain text values, each with the line it stands on.

Every scalar stays the text that was written; the settings models decide what it means. So ``off`` is never
taken for ``false`` where a word was meant, 18:00 never for 1080, clause 3.10 never for 3.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import yaml

from rules.core.load_file import NoPlainFile, read_bytes
from rules.core.options import Mistake
from rules.core.options import Path as Keys

MAX_BYTES = 256 * 1024
MAX_DEPTH = 20
MOST_NODES = 50_000
"""Keys, values and lists. More of them, in a file of that size, would take long to read, and say nothing."""
DIGESTED_BYTES = 16 * 1024 * 1024 + 1  # a rota may be larger than a configuration
_TAGS = frozenset(
    f"tag:yaml.org,2002:{name}" for name in ("null", "bool", "int", "float", "str", "timestamp", "map", "seq")
)
_NULL = "tag:yaml.org,2002:null"


@dataclass(frozen=True)
class Located:
    """A mistake and the line it is on (from 1; ``None`` where no single line is to blame)."""

    mistake: Mistake
    line: int | None = None


@dataclass
class Document:
    """A configuration file as it was written.

    Attributes:
        values: sections, keys and values; text, ``None``, lists and mappings only.
        lines: for every path of keys the line it stands on, from 1.
        mistakes: what is wrong with the file as a file.
    """

    values: dict[str, object] = field(default_factory=dict)
    lines: dict[Keys, int] = field(default_factory=dict)
    mistakes: list[Located] = field(default_factory=list)

    def line(self, path: Keys) -> int | None:
        """The line of a path, or of the nearest key above it that is written down."""
        for length in range(len(path), 0, -1):
            if (line := self.lines.get(path[:length])) is not None:
                return line
        return None


def read_document(path: Path) -> Document:
    """Read a configuration file; whatever is wrong with it is in ``mistakes``, nothing is raised."""
    try:
        raw = read_bytes(path, MAX_BYTES + 1)
    except FileNotFoundError:
        return _broken(
            "there is no such file", "create it, or leave the name out to use the built-in defaults"
        )
    except IsADirectoryError:
        return _broken("is a folder, not a file", "name the file inside it")
    except NoPlainFile:
        return _broken("is a pipe or a device, not a file", "put a plain file there")
    except OSError as failure:
        return _broken(
            f"can't be read: {failure.strerror or type(failure).__name__}", "check its permissions"
        )
    if len(raw) > MAX_BYTES:
        return _broken(f"is larger than {MAX_BYTES // 1024} KiB", "is it really a configuration file?")
    return parse_document(raw)


def digest_of(path: Path) -> str:
    """A digest of the file's bytes, as far as any file is read; empty if there is no file that can be read."""
    try:
        return sha256(read_bytes(path, DIGESTED_BYTES)).hexdigest()
    except NoPlainFile as failure:
        return sha256(str(failure).encode()).hexdigest()  # it has changed: reading it says what is wrong
    except (OSError, ValueError):
        return ""


def parse_document(raw: bytes) -> Document:
    """Read the bytes of a configuration file; see :func:`read_document`."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as failure:
        return _broken(
            "is not UTF-8 text", f"save it as UTF-8{_guess(raw)}", raw[: failure.start].count(b"\n") + 1
        )
    try:
        node = _Composer(text).get_single_node()
    except yaml.reader.ReaderError as failure:
        line = text[: failure.position].count("\n") + 1
        return _broken("a control character that YAML does not allow", "delete it", line)
    except yaml.MarkedYAMLError as failure:
        return _syntax(failure)
    except _TooMuchError as failure:
        return _broken(failure.problem, failure.remedy, failure.line)
    document = Document()
    if node is None or node.tag == _NULL:
        return document
    if not isinstance(node, yaml.MappingNode):
        return _broken("must hold sections, not a list or a plain value", "begin with `rooms:`", _line(node))
    _Walk(document).mapping(node, (), document.values)
    return document


class _TooMuchError(Exception):
    """A file that nobody wrote to configure anything."""

    def __init__(self, problem: str, remedy: str, line: int) -> None:
        super().__init__(problem)
        self.problem, self.remedy, self.line = problem, remedy, line


class _Composer(yaml.SafeLoader):
    """Composes nodes, and stops where there are too many of them, or too deep in each other."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = self._count = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """As the base class; see there.

        Raises:
            _TooMuchError: no configuration looks like that.
        """
        line = self.line + 1
        self._count += 1
        if self._count > MOST_NODES:
            raise _TooMuchError(
                f"holds more than {MOST_NODES} keys and values", "leave out what is over", line
            )
        if self._depth > MAX_DEPTH:
            raise _TooMuchError("is nested too deeply", "a configuration is three or four levels deep", line)
        self._depth += 1
        node: yaml.Node | None = super().compose_node(parent, index)
        self._depth -= 1
        return node


class _Walk:
    """Turns YAML nodes into text values, noting lines and mistakes as it goes."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._seen: set[int] = set()

    def mapping(self, node: yaml.MappingNode, path: Keys, into: dict[str, object]) -> None:
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._mistake(path, "a key must be plain text", "", key_node)
                continue
            key = str(key_node.value)
            here = (*path, key)
            if key in into:
                first = self._document.lines[here]
                self._mistake(
                    here, f"stands here twice (first on line {first})", "keep one of them", key_node
                )
                continue
            self._document.lines[here] = _line(key_node)
            into[key] = self.value(value_node, here)

    def value(self, node: yaml.Node, path: Keys) -> object:
        if node.tag not in _TAGS:
            self._mistake(path, "a YAML tag (a word after !) is not taken here", "remove it", node)
            return None
        if not isinstance(node, yaml.ScalarNode):
            if id(node) in self._seen:
                self._mistake(path, "YAML aliases (*) are not taken here", "write the value out", node)
                return None
            self._seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            found: dict[str, object] = {}
            self.mapping(node, path, found)
            return found
        if isinstance(node, yaml.SequenceNode):
            items = []
            for index, item in enumerate(node.value):
                self._document.lines[*path, index] = _line(item)
                items.append(self.value(item, (*path, index)))
            return items
        return None if node.tag == _NULL else str(node.value)

    def _mistake(self, path: Keys, problem: str, remedy: str, node: yaml.Node) -> None:
        self._document.mistakes.append(Located(Mistake(path, problem, remedy), _line(node)))


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _broken(problem: str, remedy: str, line: int | None = None) -> Document:
    return Document(mistakes=[Located(Mistake((), problem, remedy), line)])


def _guess(raw: bytes) -> str:
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return " (it looks like UTF-16)"
    try:
        raw.decode("gb18030")
    except UnicodeDecodeError:
        return ""
    return " (it looks like GB18030, also called GBK or ANSI)"


# What the parser calls it -> what it means to the person who wrote the file. The parser's own words are never
# shown: they quote the file, and a secret may stand in it.
_SYNTAX: Mapping[str, tuple[str, str]] = {
    "character '\\t'": ("a tab", "indent with spaces"),
    "mapping values are not allowed here": (
        "a colon where none can stand",
        "check the indentation, and put text that holds a colon in quotes",
    ),
    "could not find expected ':'": ("a key without a colon", "write `key: value`"),
    "expected <block end>": ("the indentation does not fit the lines above", "align keys of one level"),
    "another document": ("more than one document (---)", "keep one"),
    "undefined alias": ("an unquoted value that starts with *", "put the value in quotes"),
    "expected alphabetic or numeric character": ("an unquoted value with * or &", "put the value in quotes"),
    "unexpected end of stream": ("a quote that is never closed", "close it"),
    "cannot start any token": ("an unquoted value with a special first character", "put the value in quotes"),
    "expected ',' or": ("a list or mapping in brackets that is never closed", "close it, or mind the commas"),
    "unknown escape character": ("a backslash in double quotes", "use single quotes"),
}


def _syntax(failure: yaml.MarkedYAMLError) -> Document:
    said = failure.problem or ""
    mark = failure.problem_mark or failure.context_mark
    problem, remedy = next(
        (meaning for sign, meaning in _SYNTAX.items() if sign in said),
        ("can't be read as YAML", "check the indentation and the quotes here and in the line above"),
    )
    if "never closed" in problem and failure.context_mark is not None:
        mark = failure.context_mark
    return _broken(problem, remedy, mark.line + 1 if mark is not None else None)
