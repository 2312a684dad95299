"""Where the ledger's chains end, in a line that people keep: whoever holds an old one can prove a cut tail.

A head is written ``room:entries:hash``, with the first 16 digits of the hash: nobody can make another entry that
begins alike within any time that matters, and a person can still compare two of them by eye.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from storage.results import LedgerHead

DIGITS = 16
_HEAD = re.compile(rf"(?<![\w:.-])(\d{{1,18}}):(\d{{1,18}}):([0-9a-f]{{{DIGITS},64}})(?![\w:])")


def written(heads: Sequence[LedgerHead]) -> str:
    """Heads as they stand in a digest, divided by spaces; chains without entries are left out."""
    return " ".join(f"{head.room_key}:{head.seq}:{head.hash[:DIGITS]}" for head in heads if head.seq)


def heads_in(text: str) -> tuple[LedgerHead, ...]:
    """Every head that stands in a text, in order; their hashes are shortened, each stands here once."""
    found = (LedgerHead(int(room), int(seq), digits) for room, seq, digits in _HEAD.findall(text))
    return tuple(dict.fromkeys(head for head in found if head.seq))
