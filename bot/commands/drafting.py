"""Reads what `/发布` was told: rooms, a time, 需回复 and 确认 in any order, then the text, which may take many lines.

The text may also be quoted: in a group the stored message counts, since a client may cut a quote short.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.commands.parse import SURE, behind
from bot.commands.table import Call, Counter, Refused
from bot.commands.times import WORDS_OF_A_MOMENT, Mistimed, Why, complaint
from bot.commands.whom import ALL_ROOMS, HERE
from bot.pipeline.notice import shown
from bot.pipeline.places import Place
from rules.core.worktime import WorkCalendar
from rules.reading import asks
from rules.reading.moments import plain, read
from rules.reading.quote import BEGINNING
from storage.names import folded
from storage.records import Room
from storage.session import UnitOfWork

LONGEST_TEXT = 1500
"""Code points of an announcement: the group's field and a message take somewhat more."""

FURTHEST = timedelta(days=366)
AT_ONCE = frozenset({"立即", "马上", "馬上", "现在", "現在", "now"})
TRACKED = frozenset({"需回复", "需回覆", "要回复", "请回复", "跟踪", "tracked"})
_UNSEEN = re.compile("[\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_BLANK_LINES = re.compile(r"\n{3,}")


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be posted.

    Attributes:
        planned: not before this; ``None`` for as soon as it is approved.
        tracked: answers are asked for, in so many words or by 需回复.
        sure: 确认 was said: a time when nobody works is meant.
    """

    rooms: tuple[Room, ...]
    planned: datetime | None
    tracked: bool
    sure: bool
    text: str


async def read_order(desk: Counter, unit: UnitOfWork, call: Call) -> Order:
    """What the command asks for.

    Raises:
        Refused: no room or no text is named, or a time that can't be meant.
    """
    guarded = [room for room in await unit.rooms.all() if desk.guards(room)]
    calendar = desk.book().calendar
    rooms: list[Room] = []
    planned: datetime | None = None
    tracked = timed = sure = False
    place = 0
    while place < len(call.words):
        word = folded(call.words[place])
        named = await _rooms(desk, unit, call, word, guarded)
        if named:
            rooms.extend(named)
        elif word in TRACKED:
            tracked = True
        elif word in SURE:
            sure = True
        elif word in AT_ONCE and not timed:
            timed = True
        elif not timed and (found := _time(desk, call.words[place:], call.now, calendar)) is not None:
            planned, used = found
            timed = True
            place += used - 1
        else:
            break
        place += 1
    text = await _text(desk, unit, call, behind(call.rest, place))
    if not rooms:
        rooms.extend(await _rooms(desk, unit, call, "本群", guarded))
    if not rooms:
        raise Refused(desk.texts.render("announcement.no_room"))
    if planned is not None and planned > call.now + FURTHEST:
        raise Refused(desk.texts.render("announcement.too_far"))
    if desk.settings().answers.enabled:
        tracked = tracked or asks.asks(text, call.now, calendar, desk.book().reader.key)
    return Order(tuple({room.key: room for room in rooms}.values()), planned, tracked, sure, text)


async def _rooms(
    desk: Counter, unit: UnitOfWork, call: Call, word: str, guarded: Sequence[Room]
) -> Sequence[Room]:
    """The guarded rooms that a word means; none if it means no room."""
    if word in ALL_ROOMS:
        return guarded
    if word in HERE:
        here = await unit.rooms.by_gateway(call.room_id) if call.place is Place.GUARDED else None
        return [] if here is None else [here]
    found = [room for room in guarded if word and word in (folded(room.topic), folded(room.gateway_id))]
    if len(found) > 1:
        raise Refused(desk.texts.render("people.room_several", word=shown(word)))
    return found


def _time(
    desk: Counter, words: Sequence[str], now: datetime, calendar: WorkCalendar
) -> tuple[datetime, int] | None:
    """The time that the first words name, and how many words that takes; ``None`` if they name none."""
    fault: Mistimed | None = None
    for count in range(min(WORDS_OF_A_MOMENT, len(words)), 0, -1):
        try:
            return planned_time(" ".join(words[:count]), now, calendar), count
        except Mistimed as mistimed:
            if mistimed.why is not Why.UNREADABLE:
                fault = mistimed
    if fault is not None:
        raise Refused(complaint(desk.texts, fault))
    return None


def planned_time(text: str, now: datetime, calendar: WorkCalendar) -> datetime:
    """When something is to be posted: at a moment, or in a day or a part of it as soon as people work then.

    Raises:
        Mistimed: it can't be read, there is no such day, or it is over.
    """
    local = calendar.local(now)
    found = read(plain(text), local)
    if found is None:
        raise Mistimed(Why.UNREADABLE)
    if found.end < now or (found.start == found.end and found.start <= now):
        raise Mistimed(Why.PAST)
    start = max(found.start, local)
    opening = calendar.next_opening(start)
    return opening if opening < found.end else start


async def _text(desk: Counter, unit: UnitOfWork, call: Call, typed: str) -> str:
    """The text itself.

    Raises:
        Refused: there is none, it is too long, or it is not known how it ends.
    """
    if call.cut:
        raise Refused(desk.texts.render("announcement.line_too_long"))
    text = cleaned("\n".join(filter(None, (typed, call.body))))
    if not text and call.quoted is not None:
        text = cleaned(await _quoted(desk, unit, call))
    if not text:
        raise Refused(desk.texts.render("announcement.no_text"))
    if len(text) > LONGEST_TEXT:
        raise Refused(desk.texts.render("announcement.too_long", length=len(text), most=LONGEST_TEXT))
    return text


async def _quoted(desk: Counter, unit: UnitOfWork, call: Call) -> str:
    quoted = call.quoted
    if quoted is None:
        return ""
    room = await unit.rooms.by_gateway(call.room_id) if call.place is Place.GUARDED else None
    said = await unit.messages.quoted(room.key, quoted.author, quoted.beginning) if room else []
    texts = {stored.text for stored in said}
    if len(texts) == 1:
        return texts.pop()
    if quoted.beginning in texts or (not texts and len(quoted.beginning) < BEGINNING):
        return quoted.beginning
    raise Refused(desk.texts.render("announcement.quote_unclear"))


def cleaned(text: str) -> str:
    """A text as it can be posted: its own lines, without what can't be seen or turns the writing round."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    kept = "".join(
        sign if sign == "\n" else " " if sign.isspace() else sign
        for sign in _UNSEEN.sub("", lines)
        if sign.isspace() or unicodedata.category(sign) not in ("Cc", "Cs", "Co", "Cn")
    )
    return _BLANK_LINES.sub("\n\n", "\n".join(line.rstrip() for line in kept.split("\n"))).strip()
