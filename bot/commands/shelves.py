"""What keeping and finding in the archive share: which rooms somebody may look into, tags, pages and rows.

Whoever asks sees what was kept in the groups that this very contact id is in, and nothing else: neither a role nor a
likeness opens another group's archive. In a group it is that group's alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

from bot.commands.table import SUPERVISION, Call, Counter, Refused
from bot.commands.times import stamp
from bot.masking import personal_data_hidden
from bot.pipeline.notice import shown
from bot.pipeline.places import Place
from storage.records import Archived, Room
from storage.session import UnitOfWork

PAGE = 5
READ = 200
MOST_TAGS = 8
LONGEST_TAG = 16
EXCERPT_LENGTH = 60
_TAG = re.compile(r"[\w\-·.]+")
_PAGE = re.compile(r"第?([1-9][0-9]{0,2})页|p([1-9][0-9]{0,2})")
_NUMBER = re.compile(r"[Aa]?[-‐‑‒–—―−ー－]?\w{1,8}")


async def rooms_seen(desk: Counter, unit: UnitOfWork, call: Call) -> Mapping[int, Room]:
    """The rooms whose archive may be shown here, by our key."""
    if call.place is Place.GUARDED:
        here = await unit.rooms.by_gateway(call.room_id)
        return {} if here is None else {here.key: here}
    rows = await unit.rooms.attendance(person_keys=(call.sender.key,))
    return {
        row.room.key: row.room for row in rows if row.contact_id == call.contact_id and desk.guards(row.room)
    }


async def named(
    desk: Counter, unit: UnitOfWork, call: Call, rooms: Mapping[int, Room], *, to_remove: bool = False
) -> Archived:
    """The kept message that the first word names.

    Args:
        to_remove: supervisors may name any, and whoever put it in that one; nothing of it is shown then.

    Raises:
        Refused: there is none, or it is not for this reader: both get the same answer.
    """
    number = call.words[0] if call.words else ""
    if not number:
        raise Refused(desk.texts.render("archive.no_number"))
    kept = await unit.archive.get(number)
    if kept is not None and kept.room_key not in rooms:
        own = kept.archived_by in (await unit.people.ever(call.sender.key)).person_keys
        if not (to_remove and (own or SUPERVISION & call.sender.roles)):
            kept = None
    if kept is None:
        plain = unicodedata.normalize("NFKC", number)
        repeated = plain.upper() if _NUMBER.fullmatch(plain) and plain.isascii() else ""
        raise Refused(desk.texts.render("archive.unknown", number=repeated))
    return kept


def tags_of(desk: Counter, words: Sequence[str]) -> tuple[str, ...]:
    """Tags as they are kept: without their sign, each once.

    Raises:
        Refused: too many, too long, or something else than letters and digits.
    """
    found: dict[str, str] = {}
    for word in words:
        tag = unicodedata.normalize("NFKC", word).lstrip("#").strip()
        if not tag:
            continue
        if len(tag) > LONGEST_TAG or not _TAG.fullmatch(tag) or not tag_key(desk, tag):
            raise Refused(desk.texts.render("archive.bad_tag", longest=LONGEST_TAG))
        found.setdefault(tag_key(desk, tag), tag)
    if len(found) > MOST_TAGS:
        raise Refused(desk.texts.render("archive.too_many_tags", most=MOST_TAGS))
    return tuple(found.values())


def tag_key(desk: Counter, tag: str) -> str:
    """A tag as tags are compared: simplified, half-width, lower case; letters and digits alone."""
    return desk.book().reader.key(tag)


def paged(desk: Counter, words: Sequence[str]) -> tuple[str, int, list[str]]:
    """The tag that is asked for, as tags are compared (empty for none), the page, and the words that are left."""
    tag, page, rest = "", 1, []
    for word in words:
        plain = unicodedata.normalize("NFKC", word)
        if plain.startswith("#") and tag_key(desk, plain):
            tag = tag_key(desk, plain)
        elif match := _PAGE.fullmatch(plain.casefold()):
            page = int(match[1] or match[2])
        else:
            rest.append(word)
    return tag, page, rest


def row_of(
    desk: Counter, call: Call, kept: Archived, rooms: Mapping[int, Room], excerpt: str = ""
) -> Mapping[str, object]:
    """A kept message as a line of a list; its room is named where there could be others."""
    room = rooms.get(kept.room_key)
    return {
        "number": kept.number,
        "at": stamp(kept.sent_at, call.now, desk.book().calendar.zone),
        "room": shown(room.topic) if room is not None and call.place is not Place.GUARDED else "",
        "sender": shown(kept.sender_name) or "（不再记名）",
        "tags": " ".join(f"#{tag}" for tag in kept.tags),
        "excerpt": excerpt or shown(personal_data_hidden(kept.text), EXCERPT_LENGTH),
    }
