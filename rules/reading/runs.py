"""Messages in a row: which of them repeat each other, say nothing, count up, or answer others in between."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from rules.core.model import MessageType, Past
from rules.reading.repetition import NODS, TICKS, called, gist, restates, thin, ticks

_STEM = 4  # from so many characters on what differs in a number at its end only is the same, counted up
_ANSWERS = 2  # so many messages between others' are a conversation, more are a run
_ACKNOWLEDGED = 3  # and so many, where they only acknowledge
_CUT = 3  # so many different characters that tick nothing off are a sentence cut up, whatever else is in it
_OFTEN = 3  # so many different figures are read out
_OTHERS = 2  # beside so many other characters one is called out in turns
_RUDE = frozenset("滚死操草屁贱蠢傻")
_COPIES = 4  # a bad line makes no more copies than this
_RESENT = 2.0  # seconds within which a client sends the same again when the line is bad
_COUNTED = re.compile(r"\d{1,3}$", re.ASCII)


def equal_to(own: Sequence[Past], mine: Past, needed: int, *, nearly: bool = False) -> list[Past]:
    """The messages that say what this one says; ``nearly``: whatever sounds or repetition they say it with.

    What a client sent again in a moment, as it does on a bad line, is one message, but not without end.
    """
    said = gist(mine.key) if nearly else mine.key
    every = [past for past in own if (gist(past.key) if nearly else past.key) == said]
    if len(every) >= needed + _COPIES:
        return every
    found: list[Past] = []
    for past in every:
        moment = (past.sent_at - found[-1].sent_at).total_seconds() if found else _RESENT
        if moment >= _RESENT or past.key != found[-1].key:
            found.append(past)
    return found


def tallied(near: Sequence[Past], mine: Past) -> bool:
    """Whether the last of these counts or measures, as the others do: characters called out in turns (votes), figures,
    what passes where something else does not."""
    keys = [past.key for past in near]
    if called(mine.key):
        others = sum(called(key) and key != mine.key for key in keys)
        return others >= _OTHERS and mine.key not in _RUDE
    if mine.key.isdecimal() and len(mine.key) > 1:
        return len({key for key in keys if key.isdecimal() and len(key) > 1}) >= _OFTEN
    return mine.key in TICKS and any(key[:1] == "不" and key[1:].startswith(mine.key) for key in keys)


def calls_out(near: Sequence[Past]) -> list[Past]:
    """Of these messages those of one character that is called out."""
    return [past for past in near if called(past.key)]


def hollow(near: Sequence[Past], *, cut: bool = False) -> list[Past]:
    """Of these messages those without substance: sounds, stickers, what was said already.

    Args:
        cut: a sentence cut into characters counts, too.
    """
    pieces = _pieces(near) if cut else frozenset[str]()
    last: dict[str, datetime] = {}
    found = []
    for past in near:
        before = last.get(past.key)
        if before is not None and past.key and (past.sent_at - before).total_seconds() < _RESENT:
            continue
        new = before is None and not (worded(past) and any(restates(past.key, other) for other in last))
        last[past.key] = past.sent_at
        if ticks(past.key) or called(past.key):
            if past.key in pieces:
                found.append(past)
        elif not worded(past) or not new or thin(past.key):
            found.append(past)
    return found


def _pieces(near: Sequence[Past]) -> frozenset[str]:
    """The characters of a sentence that was cut up, one a message; those that tick things off only beside others.

    Where half of them or more come again, votes are counted.
    """
    single = [past.key for past in near if len(past.key) == 1 and not past.key.isascii()]
    different = frozenset(single)
    words = frozenset(key for key in different if called(key) and key not in TICKS)
    if 2 * len(different) <= len(single):
        return frozenset()
    return different if len(words) >= _CUT else words


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
