"""Where somebody's names stand in what the bot wrote, told from plain words that only look like a name.

What the roster calls somebody is a name wherever it stands. What people call themselves may be any word of the log
(案件, Open, 2026): only the word itself is taken out, and only where it can't be part of another.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, or_

from storage.selves import Selves

REMOVED = "〔已删除〕"
"""What stands in a text in the place of a name that was taken out."""

# Two Latin letters are in every other word; a Chinese name is told from the words around it by four characters.
_SHORTEST, _SHORTEST_LATIN, _NO_PLAIN_WORD = 2, 4, 4


@dataclass(frozen=True, slots=True)
class Traces:
    """One person's names, as they are looked for in texts.

    Attributes:
        marks: whatever may stand in a text that holds one, for a first look by the database.
    """

    marks: tuple[str, ...]
    _sure: re.Pattern[str] | None
    _chosen: re.Pattern[str] | None

    @classmethod
    def of(cls, who: Selves) -> Traces:
        """How a person is looked for."""
        sure = [_anywhere(name) for name in who.names if _telling(name)]
        chosen = [_chosen(name) for name in who.nicknames if _telling(name)]
        marks = [name for name in (*who.names, *who.nicknames) if _telling(name)]
        return cls(tuple(marks), _either(sure), _either(chosen))

    def left_of(self, text: str) -> str:
        """What may stay of a text: nothing if the roster's name is in it, else all but what they call themselves."""
        if self._sure is not None and self._sure.search(text):
            return ""
        return text if self._chosen is None else self._chosen.sub(REMOVED, text)


def holds(column: Any, marks: Iterable[str]) -> ColumnElement[bool]:
    """Whether one of the marks stands in a column, as it is written: SQLite's LIKE knows no upper and lower case."""
    return or_(*(func.replace(column, mark, "") != column for mark in marks), column.in_(()))


def _telling(name: str) -> bool:
    if not any(map(str.isalpha, name)):
        return False
    return len(name) >= (_SHORTEST_LATIN if name.isascii() else _SHORTEST)


def _anywhere(name: str) -> str:
    return rf"(?<![0-9A-Za-z]){re.escape(name)}(?![0-9A-Za-z])" if name.isascii() else re.escape(name)


def _chosen(name: str) -> str:
    if name.isascii() or len(name) >= _NO_PLAIN_WORD:
        return _anywhere(name)
    return rf"(?<!\w){re.escape(name)}(?!\w)"


def _either(patterns: list[str]) -> re.Pattern[str] | None:
    return re.compile("|".join(sorted(patterns, key=len, reverse=True))) if patterns else None
