"""Whom a message calls by name: a nickname behind an @ is nobody's words, though it may be a whole advertisement.

Outsiders are in work groups as 全屋定制厂家直销李姐 13900001111, and whoever answers them would be accused of their
name. Only a name that somebody really bears is covered, and only one that reads like an offence: how colleagues are
called says that it is about work, and stays. Pure; linear in the text and in the names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from typing import Final

from rules.reading.span import Span

AT: Final = "@"
LONGEST: Final = 32
"""Code points of a nickname: WeChat takes no longer ones."""

_BY_CLIENT: Final = re.compile(rf"@([^@\u2005\n]{{1,{LONGEST}}})\u2005")
"""What a client puts in for somebody who is called."""


def by_client(text: str) -> frozenset[str]:
    """The names behind an @ that a client seems to have put in; whoever knows how can type the like."""
    return frozenset(_BY_CLIENT.findall(text)) if AT in text else frozenset()


def called_in(text: str, names: Collection[str]) -> Iterator[tuple[str, Span]]:
    """Which of these names stand behind an @, and where: of two that begin alike the longer one."""
    known = {name for name in names if 0 < len(name) <= LONGEST}
    lengths = sorted({len(name) for name in known}, reverse=True)
    at = text.find(AT) if known else -1
    while at >= 0:
        start = at + 1
        for length in lengths:
            if text[start : start + length] in known:
                yield text[start : start + length], (start, start + length)
                break
        at = text.find(AT, start)


def without_names(text: str, names: Collection[str], suspicious: Callable[[str], bool]) -> str:
    """The text, as long as before, with blanks in place of the names that would be held against whoever calls them.

    Args:
        names: nicknames that members really bear.
        suspicious: whether a name by itself reads like an offence.
    """
    covered = text
    for name, (start, end) in called_in(text, names):
        if suspicious(name):
            covered = covered[:start] + " " * len(name) + covered[end:]
    return covered
