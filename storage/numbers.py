"""The numbers by which people refer to things: a letter, a dash and five characters."""

from __future__ import annotations

import secrets
import unicodedata

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without 0, O, 1 and I, which are taken for each other."""

LENGTH = 5
CASE, ANNOUNCEMENT, REQUEST, ENQUIRY, ARCHIVED, MERGER = "VGRQAM"
"""The letters: of cases (and what belongs to them), announcements, membership requests, enquiries, archive, mergers."""

_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−ー", "-"))


def normal(written: str, letter: str) -> str:
    """A number as it is stored: upper case, half-width, with its letter, however it was typed."""
    plain = unicodedata.normalize("NFKC", written).translate(_DASHES).strip().upper().replace(" ", "")
    if plain.startswith(f"{letter}-"):
        return plain
    # The five characters may themselves begin with the letter.
    return f"{letter}-{plain[1:] if len(plain) > LENGTH and plain.startswith(letter) else plain}"


def fresh(letter: str) -> str:
    """A number nobody can guess; whether it is taken is for storage to see."""
    return f"{letter}-" + "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
