"""One-time codes: how they are made, written and found in a text."""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Iterator

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
LENGTH = 12
GROUP = 4
_GROUP = r"([2-9A-HJ-NP-Z]{4})"
_CODE = re.compile(rf"(?=({_GROUP}[-\s]?{_GROUP}[-\s]?{_GROUP}))")
LONGEST_TEXT = 5_000
MOST = 32


def new_code() -> str:
    """A code with 60 bits of chance, grouped for reading aloud: ``ABCD-EFGH-JKLM``."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return "-".join(letters[start : start + GROUP] for start in range(0, LENGTH, GROUP))


def possible_codes(text: str) -> Iterator[str]:
    """Everything in a text that could be a code, wherever it stands; small and full-width letters are read too.

    Bounded: what looks like codes by the hundred is no code.
    """
    plain = unicodedata.normalize("NFKC", text[:LONGEST_TEXT]).upper()
    for number, match in enumerate(_CODE.finditer(plain)):
        if number == MOST:
            return
        yield "-".join(match.groups()[1:])
