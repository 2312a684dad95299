"""Messages in a row: which of them repeat each other, say nothing, count up, or answer others in between."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from rules.core.model import MessageType, Past
from rules.reading.repetition import NODS, TICKS, called, gist, made_of, restates, thin, ticks

_STEM = 4  # from so many characters on what differs in a number at its end only is the same, counted up
_ANSWERS = 2  # so many messages between others' are a conversation, more are a run
_ACKNOWLEDGED = 3  # and so many, where they only acknowledge
_CUT, _CUT_WORDLESS = (
    5,
    3,
)  # so many different characters, one a message, are a sentence cut up; of them no ticks
_OFTEN = 3  # so often a character is called out again and again; and so many figures are read out
_COPIES = 4  # a bad line makes no more copies than this
_RESENT = 2.0  # seconds within which a client sends the same again when the line is bad
_COUNTED = re.compile(r"\d{1,3}$", re.ASCII)


def equal_to(own: Sequence[Past], mine: Past, needed: int) -> list[Past]:
    """The messages that say what this one says.

    What a client sent again in a moment, as it does on a bad line, is one message, but not without end.
    """
    every = [past for past in own if gist(past.key) == gist(mine.key)]
    if len(every) >= needed + _COPIES:
        return every
    found: list[Past] = []
    for past in every:
        moment = (past.sent_at - found[-1].sent_at).total_seconds() if found else _RESENT
        if moment >= _RESENT or past.key != found[-1].key:
            found.append(past)
    return found


def tallied(near: Sequence[Past]) -> bool:
    """Whether these count or measure: characters called out in turns (votes), different figures, what passes and what
    does not."""
    keys = [past.key for past in near]
    calls = Counter(key for key in keys if called(key))
    figures = {key for key in keys if key.isdecimal() and len(key) > 1}
    failed = any(
        key[1:] in TICKS or key[1:].startswith(("合格", "通过", "正常")) for key in keys if key[:1] == "不"
    )
    return failed or len(figures) >= _OFTEN or sum(times >= _OFTEN for times in calls.values()) > 1


def hollow(near: Sequence[Past]) -> list[Past]:
    """Of these messages those without substance: syllables, stickers, what was said already, a sentence cut up."""
    cut = {past.key for past in near if len(past.key) == 1 and not past.key.isdecimal()}
    if len(cut) < _CUT or sum(map(called, cut - TICKS)) < _CUT_WORDLESS:
        cut = set()
    last: dict[str, datetime] = {}
    said: set[str] = set()
    found = []
    for past in near:
        before = last.get(past.key)
        if before is not None and past.key and (past.sent_at - before).total_seconds() < _RESENT:
            continue
        again = before is not None or (
            worded(past) and (made_of(past.key, said) or any(restates(past.key, other) for other in last))
        )
        last[past.key] = past.sent_at
        said.update(past.key)
        if ticks(past.key) or called(past.key):
            if past.key in cut:
                found.append(past)
        elif not worded(past) or again or thin(past.key):
            found.append(past)
    return found


def counts_up(near: Sequence[Past]) -> int:
    """How many of these are the newest one's words with another number at their end."""
    stem = _COUNTED.sub("", near[-1].key)
    if len(stem) < _STEM or stem == near[-1].key or not stem[-1:].isalpha():
        return 0
    return sum(1 for past in near if past.key != stem and _COUNTED.sub("", past.key) == stem)


def in_runs(room: Sequence[Past], mine: Past) -> frozenset[int]:
    """Identities of the sender's messages that stand in a run: more than answers between others' words."""
    found: set[int] = set()
    run: list[Past] = []
    for past in (*room, mine):
        if past.sender_id == mine.sender_id:
            run.append(past)
            continue
        if _is_run(run):
            found.update(map(id, run))
        run = []
    if _is_run(run):
        found.update(map(id, run))
    return frozenset(found)


def _is_run(run: Sequence[Past]) -> bool:
    if len(run) == _ACKNOWLEDGED:
        return not all(past.key in TICKS or past.key in NODS for past in run)
    return len(run) > _ANSWERS


def within(own: Sequence[Past], seconds: float) -> list[Past]:
    """Those of these messages that were sent less than so many seconds before the last of them."""
    now = own[-1].sent_at
    return [past for past in own if (now - past.sent_at).total_seconds() < seconds]


def worded(past: Past) -> bool:
    """Whether words are in it: neither a sticker nor nothing but emoji."""
    return past.type is not MessageType.EMOTICON and past.key != ""
