"""Entries that people put down and take back: their numbers, pages of them, and the line that makes one final."""

from __future__ import annotations

import re

from bot.commands.table import Call, Counter
from bot.pipeline.notice import SUPERVISION, shown
from bot.pipeline.places import Place
from storage.records import Outgoing


def asked(desk: Counter, command: str, call: Call) -> str:
    """The line to type in order to have done what was just shown."""
    if call.mentions:
        # Typed again without the mention, the name in it could mean somebody else.
        return desk.texts.render("people.confirm_mention")
    return desk.texts.render("people.confirm", line=f"/{command} {shown(call.rest, 200)}")


def told_supervisors(desk: Counter, call: Call, text: str) -> tuple[Outgoing, ...]:
    """Word for the supervisors of what changes the rules, unless it was ordered before their eyes."""
    if call.place is Place.SUPERVISION:
        return ()
    told = desk.texts.render("rulings.told", by=shown(call.shown_name), text=text)
    return (
        Outgoing(SUPERVISION, told, call.now, call.now, kind="alert", unique=f"switched {call.message_id}"),
    )


def page_of(call: Call) -> int:
    """The page that a list is asked for, from 1."""
    return max(int(call.words[0]), 1) if call.words and re.fullmatch(r"[0-9]{1,4}", call.words[0]) else 1


def entry_number(word: str) -> int:
    """The number of an entry as it was typed; 0 if it is none."""
    match = re.fullmatch(r"[#＃№]?([0-9]{1,9})号?", word)
    return int(match[1]) if match else 0
