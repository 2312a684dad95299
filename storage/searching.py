"""How words are written down for a database's full-text search, and asked for again. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

from storage.types import storable

# Of a longer word the beginning is compared: PostgreSQL takes 2046 bytes of one.
_LONGEST = 60
# Of a longer text the first words are found: PostgreSQL takes one megabyte of them.
_MOST = 3_000


def stems(words: Iterable[str]) -> list[str]:
    """Each word once, folded, and spelled in letters and digits that no search takes apart or reads as syntax.

    The spelling keeps beginnings: what a word begins with, its stem begins with.
    """
    folded = (
        "".join(unicodedata.normalize("NFKC", storable(word)).casefold().split())[:_LONGEST] for word in words
    )
    return [f"w{word.encode().hex()}" for word in dict.fromkeys(filter(None, folded))][:_MOST]


def matching(asked: Sequence[str], *, sqlite: bool) -> str:
    """The query for texts that hold a word beginning with each of these stems."""
    return " AND ".join(f"{stem}*" for stem in asked) if sqlite else " & ".join(f"{stem}:*" for stem in asked)
