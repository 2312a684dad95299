"""`/查`: full-text search over what was kept of the groups that one is in (policy 2.3d).

Words are compared as they read: simplified, half-width, lower case. Where no text holds the words, texts that hold
their characters are shown and said to be that. Nothing that is typed is a query language.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter as Tally
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bot.commands.shelves import EXCERPT_LENGTH, PAGE, READ, paged, rooms_seen, row_of, tag_key
from bot.commands.table import EVERYONE, Action, Answer, Call, Command, Counter, Refused
from bot.masking import personal_data_hidden
from bot.pipeline.notice import shown
from bot.pipeline.places import Place
from rules.core.worktime import WorkCalendar
from rules.reading.moments import Mistimed, duration, plain, read
from rules.reading.segment import index_terms, loose_terms, search_terms
from storage.names import folded
from storage.records import Archived, Room
from storage.session import UnitOfWork

MOST_TERMS = 20
COUNTED = 4
BEFORE = 15
_LATELY = re.compile(r"(?:最近|近|过去|過去)(.+?)(?:内|以内|內)?|(.+?)(?:内|以内|內)")
_MONTH = re.compile(r"(?:(\d{4})年)?(1[0-2]|0?[1-9])月(?:份)?")

Times = tuple[datetime, datetime]


async def search(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """What was kept and holds the words, the best first."""
    rooms = await rooms_seen(desk, unit, call)
    tag, page, words = paged(desk, call.words)
    rooms, times, words = _narrowed(desk, call, rooms, words)
    reader, typed = desk.book().reader, " ".join(words)
    terms = search_terms(typed, reader.table, reader.lexicon.words_of)[:MOST_TERMS]
    if not terms and not tag:
        raise Refused(desk.texts.render("search.usage"))
    found = await _held(desk, unit, rooms, terms, tag, times)
    loose = bool(terms) and not found
    if loose:
        terms = loose_terms(typed, reader.table)[:MOST_TERMS]
        found = await _held(desk, unit, rooms, terms, tag, times)
    ranked = sorted(found, key=lambda one: (_weight(desk, one, terms), one.sent_at, one.number), reverse=True)
    text = desk.texts.render(
        "search.found",
        rows=[
            row_of(desk, call, one, rooms, _excerpt(desk, one.text, terms))
            for one in ranked[(page - 1) * PAGE : page * PAGE]
        ],
        many=len(ranked),
        page=page,
        more=len(ranked) > page * PAGE,
        loose=loose,
    )
    return Answer(text, secret=call.place is not Place.GUARDED)


async def _held(
    desk: Counter,
    unit: UnitOfWork,
    rooms: Mapping[int, Room],
    terms: Sequence[str],
    tag: str,
    times: Times | None,
) -> list[Archived]:
    """What was kept of these rooms and holds every term, and the tag; of very many only the newest of each room."""
    since, until = times or (None, None)
    return [
        one
        for key in rooms
        for one in await unit.archive.search((*terms, *filter(None, (tag,))), key, since, READ)
        if (until is None or one.sent_at < until)
        and (not tag or tag in {tag_key(desk, each) for each in one.tags})
    ]


def _narrowed(
    desk: Counter, call: Call, rooms: Mapping[int, Room], words: Sequence[str]
) -> tuple[Mapping[int, Room], Times | None, list[str]]:
    """Which of the rooms and which times are asked for, and the words that are left.

    A room that one is not in is a word like any other.
    """
    times: Times | None = None
    rest: list[str] = []
    for word in words:
        named = {key: room for key, room in rooms.items() if folded(word) == folded(room.topic)}
        if named and call.place is not Place.GUARDED:
            rooms = named
        elif times is None and (stretch := times_meant(word, call.now, desk.book().calendar)) is not None:
            times = stretch
        else:
            rest.append(word)
    return rooms, times, rest


def times_meant(word: str, now: datetime, calendar: WorkCalendar) -> Times | None:
    """The past that a word asks for: 近3天, 30天内, 今天, 10月, 10-08; ``None`` if it is a word to search for."""
    local, text = calendar.local(now), plain(word)
    soon = now + timedelta(minutes=5)  # clocks of phones may go before ours
    if match := _LATELY.fullmatch(text):
        length = duration(match[1] or match[2])
        return None if length is None else (now - length, soon)
    if match := _MONTH.fullmatch(unicodedata.normalize("NFKC", word)):
        year, month = int(match[1] or local.year), int(match[2])
        if match[1] is None and month > local.month:
            year -= 1
        start = local.replace(year=year, month=month, day=1, hour=0, minute=0, second=0, microsecond=0)
        return start, (start + timedelta(days=32)).replace(day=1)
    try:
        found = read(text, local)
    except Mistimed:
        return None
    if found is None or not found.dated or found.start == found.end or found.start > now:
        return None
    return found.start, max(found.end, soon) if found.end > now else found.end


def _weight(desk: Counter, kept: Archived, terms: Sequence[str]) -> float:
    """How much a text is about the terms: how often it says them for its length; a tag counts like a headline."""
    reader = desk.book().reader
    held = Tally(index_terms(kept.text, reader.table, reader.lexicon.words_of))
    said = sum(min(held[term], COUNTED) for term in terms)
    headed = sum(1 for tag in kept.tags if tag_key(desk, tag) in terms)
    return round((said + 3 * headed) / math.sqrt(20 + sum(held.values())), 6)


def _excerpt(desk: Counter, text: str, terms: Sequence[str]) -> str:
    """What stands around the first term; masked as a whole first, since half a number looks like none."""
    table = desk.book().reader.table
    folded_text, origin = table.fold(text), table.origin(text)
    places = [place for term in terms if (place := folded_text.find(term)) >= 0]
    start = max(0, origin[min(places)] - BEFORE) if places else 0
    part = shown(personal_data_hidden(text)[start:], EXCERPT_LENGTH)
    return ("…" if start else "") + part


COMMANDS = (
    Command(
        name="查",
        english="find",
        aliases=("查找", "搜索", "search"),
        summary="在已归档的信息里查找；只查您所在的群",
        actions=(
            Action(
                name="",
                english="",
                roles=EVERYONE,
                arguments="词… [#标签] [群] [时间] [第N页]",
                summary="全文查找，最相关的在前；在群里只查本群，私聊可查您所在的各群",
                examples=(
                    ("/查 放假 安排", "同时含有两个词的信息"),
                    ("/查 预算 #财务 近30天", "最近 30 天、带该标签的信息"),
                ),
                run=search,
            ),
        ),
    ),
)
