"""An operator's own patterns, in the syntax of RE2: whatever is written, it takes time linear in the text."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import Any, Final

import re2

from rules.reading.span import Span

LONGEST_PATTERN: Final = 200
"""Code points of one pattern."""

MOST_PATTERNS: Final = 50
_MEMORY: Final = 1 << 20  # bytes that one pattern may take, compiled
_MOST_HITS: Final = 20
_ORDINARY: Final = (
    "收到",
    "好的",
    "谢谢",
    "OK",
    "今天下午三点开会，请大家准时参加",
    "明天上午10:00-11:30评审，辛苦各位",
)
"""What everybody writes every day: a pattern that finds any of it would charge everybody."""


def compiled(pattern: str) -> Any:
    """The pattern, compiled once.

    Raises:
        ValueError: it can't be used; the message says why and what to do instead.
    """
    if not pattern.strip():
        raise ValueError("the pattern is empty; remove the entry or write what it looks for")
    if len(pattern) > LONGEST_PATTERN:
        raise ValueError(f"longer than {LONGEST_PATTERN} characters; split it into several entries")
    try:
        found = _compiled(pattern)
    except re2.error as error:
        # RE2 says what is wrong and repeats the pattern; only the first half may be shown.
        reason = (
            error.args[0].decode("utf-8", "replace") if isinstance(error.args[0], bytes) else "not understood"
        )
        raise ValueError(
            f"RE2 refuses it ({reason.partition(':')[0]}); look-around (?=, ?!, ?<) and back-references (\\1) don't "
            "exist there, brackets must pair up, and repetitions stay below 1000"
        ) from None
    if found.search("") is not None:
        raise ValueError(
            "it matches nothing at all, so every message would be flagged; ask for at least one character"
        )
    if any(found.search(text) for text in _ORDINARY):
        raise ValueError("it matches everyday messages such as 收到 or 好的; make it narrower")
    return found


@lru_cache(maxsize=4 * MOST_PATTERNS)
def _compiled(pattern: str) -> Any:
    options = re2.Options()
    options.max_mem = _MEMORY
    options.log_errors = False
    return re2.compile(pattern, options=options)


def spans(pattern: str, text: str) -> Iterator[Span]:
    """Where a pattern that has been vetted stands in a text; the first twenty places."""
    for found in islice(_compiled(pattern).finditer(text), _MOST_HITS):
        if found.end() > found.start():
            yield found.start(), found.end()
