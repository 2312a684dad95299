"""Whom a message calls by name: a nickname behind an @ is nobody's words, though it may be a whole advertisement.

Outsiders are in work groups as 全屋定制厂家直销李姐 13900001111, and whoever answers them would be accused of their
name. What a client writes ends in U+2005; a log names those who were called. A name of Chinese characters alone is
left as it is: that is how colleagues are called, and what rules look for beside them. Pure, and linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from rules.reading.spelling import is_han

LONGEST: Final = 32
"""Code points of a nickname: WeChat takes no longer ones."""

PLAIN: Final = 12
"""Up to so many Chinese characters a nickname is department and name."""

STANDS_FOR: Final = "某"

_BY_CLIENT: Final = re.compile(rf"@([^@\u2005\n]{{1,{LONGEST}}})\u2005")


def without_names(text: str, called: Sequence[str]) -> str:
    """The text, as long as before, with 某 and blanks in place of nicknames that hold more than a name.

    Where nothing but the name is left, and nobody vouches for it, the text stays: else an @ and a sign that nobody sees
    would hide anything.

    Args:
        called: who was called: their nicknames, or ids that stand in no text and only tell how many.
    """
    if "@" not in text:
        return text
    covered = text
    for name in called:
        if 1 < len(name) <= LONGEST and not _is_plain(name):
            covered = covered.replace(f"@{name}", f"@{_cover(name)}")
    by_client = _BY_CLIENT.sub(
        lambda found: found[0] if _is_plain(found[1]) else f"@{_cover(found[1])}\u2005", covered
    )
    vouched = len(_BY_CLIENT.findall(text)) <= len(called)
    says_more = any(sign.isalnum() for sign in _BY_CLIENT.sub(" ", text))
    return by_client if vouched or says_more else covered


def _is_plain(name: str) -> bool:
    return len(name) <= PLAIN and all(map(is_han, name))


def _cover(name: str) -> str:
    return STANDS_FOR + " " * (len(name) - 1)
