"""`/归档`: whoever is in a group may keep what matters of it (policy 2.3d), for the time that the settings say.

What is kept of a group is for those who are in it, whatever role they hold, and personal data in it is never shown.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.commands.drafting import cleaned
from bot.commands.parse import quoted_first
from bot.commands.shelves import PAGE, READ, named, paged, rooms_seen, row_of, tag_key, tags_of
from bot.commands.table import EVERYONE, SUPERVISION, Action, Answer, Call, Command, Counter, Refused
from bot.masking import personal_data_hidden
from bot.pipeline.notice import local, shown
from bot.pipeline.places import Place
from rules.reading.segment import index_terms
from storage.errors import Conflict
from storage.records import Archived, AuditEntry, Room, StoredMessage
from storage.session import UnitOfWork

LONGEST_TEXT = 2000
CANDIDATES = 5
EXCERPT_LENGTH = 40
WHOLE_LENGTH = 1500
_CHOICE = re.compile(r"第?([1-9])[条條个個]")


@dataclass(frozen=True, slots=True)
class _Said:
    """What is to be kept, and of whom it is."""

    message_id: str
    sender_key: str
    sender_name: str
    text: str
    sent_at: datetime


async def keep(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """Keep the quoted message, or a text that was typed, under tags."""
    room = await unit.rooms.by_gateway(call.room_id) if call.place is Place.GUARDED else None
    if room is None:
        raise Refused(desk.texts.render("archive.only_in_groups"))
    said, words = await _said(desk, unit, call, room)
    if not said.text:
        raise Refused(desk.texts.render("archive.usage"))
    if len(said.text) > LONGEST_TEXT:
        raise Refused(desk.texts.render("archive.too_long", most=LONGEST_TEXT))
    tags = tags_of(desk, words)
    reader = desk.book().reader
    terms = (
        *index_terms(said.text, reader.table, reader.lexicon.words_of),
        *(tag_key(desk, tag) for tag in tags),
    )
    try:
        kept = await unit.archive.add(
            Archived(
                number="",
                room_key=room.key,
                message_id=said.message_id,
                sender_name=said.sender_name,
                text=said.text,
                tags=tags,
                archived_by=call.sender.key,
                at=call.now,
                sent_at=said.sent_at,
                sender_key=said.sender_key,
            ),
            terms,
        )
    except Conflict as held:
        raise Refused(desk.texts.render("archive.already", number=held.present)) from None
    await unit.audit.add(AuditEntry(call.now, call.sender.key, "archived", kept.number))
    text = desk.texts.render(
        "archive.done",
        number=kept.number,
        sender=shown(kept.sender_name),
        beginning=shown(personal_data_hidden(kept.text), EXCERPT_LENGTH),
        tags=list(kept.tags),
        months=desk.settings().retention.archive_months,
    )
    return Answer(text)


async def _said(desk: Counter, unit: UnitOfWork, call: Call, room: Room) -> tuple[_Said, Sequence[str]]:
    """What is meant, and the words that are left for tags."""
    if call.quoted is not None:
        chosen = next((match for word in call.words if (match := _CHOICE.fullmatch(_plain(word)))), None)
        words = [word for word in call.words if not _CHOICE.fullmatch(_plain(word))]
        stored = await _quoted(desk, unit, call, room, int(chosen[1]) if chosen else 0)
        said = _Said(
            stored.message_id, stored.person_key, stored.sender_name, cleaned(stored.text), stored.sent_at
        )
        return said, words
    typed, words = call.body, list(call.words)
    if not typed and words and quoted_first(call.rest):
        typed, words = words[0], words[1:]
    return _Said(call.message_id, call.sender.key, call.shown_name, cleaned(typed), call.now), words


async def _quoted(desk: Counter, unit: UnitOfWork, call: Call, room: Room, choice: int) -> StoredMessage:
    """The stored message that is quoted: the newest that reads like that; asked back where texts go on differently.

    Raises:
        Refused: no such message is known, or several could be meant.
    """
    quoted = call.quoted
    said = await unit.messages.quoted(room.key, quoted.author, quoted.beginning) if quoted else []
    if quoted is None or not said:
        raise Refused(desk.texts.render("archive.unknown_quote"))
    exact = [stored for stored in said if stored.text.strip() == quoted.beginning.strip()]
    newest: dict[str, StoredMessage] = {}
    for stored in exact or said:  # newest first
        newest.setdefault(stored.text, stored)
    candidates = list(newest.values())[:CANDIDATES]
    if 0 < choice <= len(candidates):
        return candidates[choice - 1]
    if len(candidates) == 1:
        return candidates[0]
    zone = desk.book().calendar.zone
    rows = [
        {
            "at": local(stored.sent_at, zone),
            "goes_on": shown(personal_data_hidden(stored.text)[len(quoted.beginning) :], EXCERPT_LENGTH),
        }
        for stored in candidates
    ]
    raise Refused(desk.texts.render("archive.which", rows=rows))


def _plain(word: str) -> str:
    return unicodedata.normalize("NFKC", word)


async def listed(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """What was kept, newest first, of one tag or of all."""
    wanted, page, rest = paged(desk, call.words)
    if rest:
        raise Refused(desk.texts.render("archive.list_usage"))
    rooms = await rooms_seen(desk, unit, call)
    found = [
        one
        for key in rooms
        for one in await unit.archive.search((wanted,) if wanted else (), key, limit=READ)
        if not wanted or wanted in {tag_key(desk, tag) for tag in one.tags}
    ]
    found.sort(key=lambda one: (one.sent_at, one.number), reverse=True)
    rows = [row_of(desk, call, one, rooms) for one in found[(page - 1) * PAGE : page * PAGE]]
    text = desk.texts.render("archive.list", rows=rows, page=page, more=len(found) > page * PAGE)
    return Answer(text, secret=call.place is not Place.GUARDED)


async def shown_one(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """One kept message as a whole, personal data hidden."""
    rooms = await rooms_seen(desk, unit, call)
    kept = await named(desk, unit, call, rooms)
    row = row_of(desk, call, kept, rooms)
    text = desk.texts.render("archive.show", row=row, text=personal_data_hidden(kept.text)[:WHOLE_LENGTH])
    return Answer(text, secret=call.place is not Place.GUARDED)


async def remove(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """Take a message out for good: whoever put it in may, and whoever supervises."""
    rooms = await rooms_seen(desk, unit, call)
    kept = await named(desk, unit, call, rooms, to_remove=True)
    if not SUPERVISION & call.sender.roles and kept.archived_by not in await _ever(unit, call):
        raise Refused(desk.texts.render("archive.not_yours", number=kept.number))
    if not call.sure:
        at = local(kept.sent_at, desk.book().calendar.zone)
        line = f"/归档 删除 {kept.number} 确认"
        text = desk.texts.render("archive.ask_remove", number=kept.number, at=at, line=line)
        return Answer(text)
    await unit.archive.remove(kept.number)
    await unit.audit.add(AuditEntry(call.now, call.sender.key, "archive removed", kept.number))
    return Answer(desk.texts.render("archive.removed", number=kept.number))


async def _ever(unit: UnitOfWork, call: Call) -> frozenset[str]:
    return (await unit.people.ever(call.sender.key)).person_keys


COMMANDS = (
    Command(
        name="归档",
        english="archive",
        aliases=("歸檔",),
        summary="把群里的重要信息整理留存，供本群成员查阅",
        actions=(
            Action(
                name="",
                english="",
                roles=EVERYONE,
                arguments="[标签…]",
                summary="引用一条消息归档；也可写“文字”，或把文字写在第二行起",
                examples=(
                    ("/归档 制度 放假", "归档所引用的消息，加两个标签"),
                    ("/归档 “例会改为每周二上午” 例会", "归档一段文字"),
                ),
                run=keep,
                free_text=True,
            ),
            Action(
                name="列表",
                english="list",
                roles=EVERYONE,
                arguments="[#标签] [第N页]",
                summary="已归档的信息，最新的在前",
                examples=(("/归档 列表 #制度", "带该标签的信息"),),
                run=listed,
            ),
            Action(
                name="查看",
                english="show",
                roles=EVERYONE,
                arguments="编号",
                summary="查看一条归档的全文（已脱敏）",
                examples=(("/归档 查看 A-7K2QM", "查看全文"),),
                run=shown_one,
            ),
            Action(
                name="删除",
                english="remove",
                aliases=("刪除",),
                roles=EVERYONE,
                arguments="编号",
                summary="删除本人归档的信息；监督员可删除任何一条",
                examples=(("/归档 删除 A-7K2QM 确认", "删除这一条"),),
                run=remove,
                asks=True,
            ),
        ),
    ),
)
