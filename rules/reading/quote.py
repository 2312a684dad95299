"""WeChat's quotes, which arrive as plain text.

A reply to a message comes as ``「name：quoted text」``, a line of dashes, and the answer. The quoted block is
somebody else's and was judged when it was sent. Since anybody can type such brackets, whatever does not have
exactly that shape counts as typed, so that nothing hides in a half-made block.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rules.reading.span import Span

BEGINNING = 200
"""Code points of the quoted text that are kept: enough to find the message again."""

_LONGEST_NAME = 64
_BRACKETS = re.compile("[「」]")
_DASHES = re.compile(r"[ \t]*\r?\n(?:[-–—─] ?){6,}[ \t]*\r?\n")
_AUTHOR = re.compile(rf"「([^：:\n「」]{{1,{_LONGEST_NAME}}})[：:]")


@dataclass(frozen=True, slots=True)
class Quote:
    """A quoted block and what was typed below it.

    Attributes:
        author: the name of the quoted sender as it was shown.
        beginning: how the quoted text begins (at most :data:`BEGINNING` code points).
        typed: the span of the answer in the whole text.
    """

    author: str
    beginning: str
    typed: Span


def parse(text: str) -> Quote | None:
    """The quote with which this text begins; ``None`` if there is none or nothing was typed below it.

    Linear in the length of the text. A quote inside the quoted text belongs to it when its brackets pair up;
    where they do not, the block ends at the first line of dashes, so that less is taken for quoted.
    """
    if not text.startswith("「"):
        return None
    author = _AUTHOR.match(text)
    if author is None:
        return None
    depth = 0
    first: tuple[int, int] | None = None
    for bracket in _BRACKETS.finditer(text):
        if bracket[0] == "「":
            depth += 1
            continue
        depth -= 1
        dashes = _DASHES.match(text, bracket.end())
        if dashes is not None:
            first = first or (bracket.start(), dashes.end())
        if depth == 0:
            end = (bracket.start(), dashes.end()) if dashes is not None else None
            return _quote(text, author, end)
    return _quote(text, author, first)


def _quote(text: str, author: re.Match[str], end: tuple[int, int] | None) -> Quote | None:
    if end is None or not text[end[1] :].strip():
        return None
    closing, answer = end
    quoted = text[author.end() : min(closing, author.end() + BEGINNING)]
    return Quote(author[1].strip(), quoted, (answer, len(text)))
