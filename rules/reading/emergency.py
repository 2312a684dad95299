"""Whether a text speaks of an emergency, and whether a marker of urgency stands on something that is none.

What happened (a fire, an outage, somebody hurt) makes an emergency, with or without a marker; so does a danger
beside a call for help. A marker alone claims one, which people have to look at; on a weekly report or a dinner it is
misused. Danger or a call alone may be one, and so may short news of anything that is not ordinary work or spare time:
nobody can list all that goes wrong at night. Words that look back, plan, practise or joke, and papers about an event,
take the certainty away. Pure, and linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum, auto
from functools import lru_cache

from rules.reading.emergency_words import (
    ABOUT,
    DANGER,
    DESK,
    EVENT,
    HAPPENS,
    LOUD_CALL,
    ORDINARY,
    PAPER,
    ROUTINE,
    SOFT_CALL,
    SYMPTOM,
)

LONGEST = 160
"""Folded code points above which a text is an article, and no cry for help."""

SHORT = 80
"""Folded code points up to which faint signs of danger count: who is in danger writes little."""

FEW, NEWS = 4, 40
"""From how many folded code points to how many a text may be news of something that is on no list."""

_MENTION = re.compile(r"@[^@\u2005\n]{1,40}\u2005|@[^\s@]{1,40}(?:\s|$)")
_FLAT = {ord(wide): ord("[") for wide in "【〔［（〖《〈「('<"} | {
    ord(wide): ord("]") for wide in "】〕］）〗》〉」)'>"
}
_FLAT |= {point: point - 0xFEE0 for point in range(0xFF01, 0xFF5F) if point not in _FLAT}
_SPELLED: dict[int, int | None] = {
    **_FLAT,
    ord("緊"): ord("紧"),
    ord("發"): ord("发"),
    **dict.fromkeys(map(ord, " \t\u3000\xa0\u2005\u200b\ufeff"), None),
}


class Urgency(Enum):
    """What a text makes of itself."""

    NONE = auto()
    PLAUSIBLE = auto()  # signs of trouble, without certainty
    CLAIMED = auto()  # a marker, and neither signs of an emergency nor of the contrary
    REAL = auto()
    MISUSED = auto()  # a marker on what evidently can wait


@lru_cache(maxsize=16)
def urgency(typed: str, plain: str, markers: tuple[str, ...]) -> Urgency:
    """How urgent a text is.

    Args:
        typed: as it was typed.
        plain: folded for matching.
        markers: how urgency is marked. One that begins with a sign (【紧急】) counts anywhere, any other (突发) at the
            beginning of a line; brackets of all shapes are alike.
    """
    marked = is_marked(typed, plain, markers)
    waits = ROUTINE.search(plain) is not None
    doubtful = len(plain) > LONGEST or waits or any(sign.search(plain) for sign in (ABOUT, PAPER))
    event = EVENT.search(plain) is not None
    faint = not doubtful and len(plain) <= SHORT
    danger = faint and DANGER.search(plain) is not None
    loud = faint and LOUD_CALL.search(plain) is not None
    if marked:
        if event or danger or loud or SYMPTOM.search(plain):
            return Urgency.CLAIMED if doubtful else Urgency.REAL
        return Urgency.MISUSED if waits else Urgency.CLAIMED
    if (event and not doubtful) or (danger and loud):
        return Urgency.REAL
    if event or danger or loud or SYMPTOM.search(plain):
        return Urgency.PLAUSIBLE
    called = len(plain) <= LONGEST and not waits and SOFT_CALL.search(plain) is not None
    return Urgency.PLAUSIBLE if called else Urgency.NONE


def can_wait(plain: str) -> bool:
    """Whether something in a folded text says that it can wait.

    Where nothing does, a text too long for news can, and one too short says nothing of itself.
    """
    if not FEW <= len(plain) <= NEWS:
        return True
    return any(sign.search(plain) for sign in (ORDINARY, DESK, ROUTINE, PAPER, ABOUT))


def bad_news(plain: str) -> bool:
    """Whether a folded text may tell what has just happened, and nothing says that it can wait."""
    return HAPPENS.search(plain) is not None and not can_wait(plain)


def unrelated(plain: str) -> bool:
    """Whether a folded text, said while an emergency goes on, is evidently about something else."""
    return ROUTINE.search(plain) is not None or DESK.search(plain) is not None


def is_marked(typed: str, plain: str, markers: Sequence[str]) -> bool:
    """Whether a text bears one of the markers."""
    spelled = _spelled(tuple(markers))
    if not any(letters in plain for _, letters in spelled):
        return False
    flat = without_mentions(typed).translate(_SPELLED).lower().lstrip()
    for marker, letters in spelled:
        anywhere = not marker.startswith(letters[:1])
        if (anywhere and marker in flat) or flat.startswith(marker) or f"\n{marker}" in flat:
            return True
    return False


def without_mentions(text: str) -> str:
    """The text without those whom it calls by name."""
    return _MENTION.sub(" ", text) if "@" in text else text


def mentions(text: str) -> list[tuple[int, int]]:
    """Where a text calls somebody by name: spans in it."""
    return [found.span() for found in _MENTION.finditer(text)] if "@" in text else []


@lru_cache(maxsize=64)
def _spelled(markers: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Each marker in its one spelling, and the letters in it; those without letters can't be told from punctuation."""
    flat = (marker.translate(_SPELLED).lower().strip() for marker in markers)
    pairs = ((marker, "".join(filter(str.isalnum, marker))) for marker in flat)
    return tuple((marker, letters) for marker, letters in pairs if letters)
