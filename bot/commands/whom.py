"""Who and which room a command means. Nobody is ever guessed: what could be two is asked back.

A mention's id counts, never the text of the mention: anybody can type "@张三", or wear that nickname. Behind it come
the employee number, and then names, among people of the roster and of rooms that the bot knows. Somebody who only
ever wrote privately has no name that anybody else could mean.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.commands.table import Call, Counter, Refused
from bot.pipeline.notice import shown
from bot.pipeline.places import Place
from bot.pipeline.policy import EVERY_ROOM
from storage.names import folded, joined
from storage.records import Employment, Person, Room
from storage.results import Attendance
from storage.session import UnitOfWork

EVERYWHERE = Room(EVERY_ROOM, "", "全部群")
"""What :func:`which_room` answers for every room."""

ALL_WORDS = frozenset({"全部", "所有", "all", "*"})
ALL_ROOMS = ALL_WORDS | {"全部群", "所有群", "各群"}
HERE = frozenset({"本群", "此群", "这个群", "here"})
LISTED = 6
NUMBER_PREFIX = "工号"


@dataclass(frozen=True, slots=True)
class Meant:
    """Somebody that a word means.

    Attributes:
        contact_id: the very id that was mentioned or goes by the name; empty for an entry of the roster alone.
        label: what that id goes by.
        rooms: topics of the rooms in which it is known to be.
        note: what was typed reads like somebody else; to be said in the answer. Empty otherwise.
    """

    person: Person
    contact_id: str
    label: str
    rooms: tuple[str, ...] = ()
    note: str = ""


async def whom(desk: Counter, unit: UnitOfWork, call: Call, word: str, *, left: bool = False) -> Person:
    """The person whom a word means: a mention, an employee number, or a name.

    Args:
        left: somebody who has left the company may be meant, too.

    Raises:
        Refused: nobody, or several, could be meant.
    """
    return (await meant(desk, unit, call, word, left=left)).person


async def meant(desk: Counter, unit: UnitOfWork, call: Call, word: str, *, left: bool = False) -> Meant:
    """Like :func:`whom`, with what has to be said where text and mention disagree."""
    if not word:
        raise Refused(desk.texts.render("people.no_word"))
    if _is_mention(word) and call.mentions:
        found = await _mentioned(desk, unit, call, word)
    else:
        found = await _named(desk, unit, call, word)
    if found.person.status == Employment.LEFT and not left:
        raise Refused(desk.texts.render("people.left", who=called(found.person)))
    return found


async def which_contact(desk: Counter, unit: UnitOfWork, call: Call, word: str) -> Meant:
    """The one contact id that a mention or a nickname means, whoever it is believed to be.

    Raises:
        Refused: no id, or several, could be meant.
    """
    if not word:
        raise Refused(desk.texts.render("people.no_word"))
    if _is_mention(word) and call.mentions:
        return await _mentioned(desk, unit, call, word)
    wanted = folded(word)
    rows = [one for one in await unit.rooms.attendance() if wanted in (folded(one.alias), folded(one.name))]
    ids = list(dict.fromkeys(row.contact_id for row in rows))
    if not ids:
        raise Refused(desk.texts.render("people.nobody", word=shown(word)))
    found = [await _contact(unit, contact_id, rows) for contact_id in ids[: LISTED + 1]]
    if len(found) > 1:
        raise Refused(_several(desk, call, word, found), private=True)
    return found[0]


async def _contact(unit: UnitOfWork, contact_id: str, rows: Sequence[Attendance]) -> Meant:
    person = await unit.people.by_contact(contact_id)
    if person is None:
        raise LookupError("a contact in a room has no record")
    own = [row for row in rows if row.contact_id == contact_id]
    label = own[0].label if own else person.name
    return Meant(person, contact_id, label, tuple(dict.fromkeys(row.room.topic for row in own)))


async def _mentioned(desk: Counter, unit: UnitOfWork, call: Call, word: str) -> Meant:
    """The mention that a word stands for: by the name in it where several are mentioned, else in order."""
    typed = [one for one in call.words if _is_mention(one)]
    known: dict[str, tuple[Meant, bool]] = {}
    for contact_id in dict.fromkeys(call.mentions):
        person = await unit.people.by_contact(contact_id)
        if person is not None:
            rows = await unit.rooms.attendance(person_keys=(person.key,))
            found = await _contact(unit, contact_id, rows)
            known[contact_id] = found, joined(word) in _labels(person, rows)
    fitting = [contact_id for contact_id, (_, fits) in known.items() if fits]
    if len(fitting) == 1:
        chosen = fitting[0]
    elif len(typed) == len(call.mentions) and typed.count(word) == 1:
        chosen = call.mentions[typed.index(word)]
    else:
        raise Refused(desk.texts.render("people.which", word=shown(word)))
    if chosen not in known:
        raise Refused(desk.texts.render("people.unmet", word=shown(word)))
    found, fits = known[chosen]
    if fits:
        return found
    note = desk.texts.render("people.differs", word=shown(word), who=called(found.person, found.label))
    return replace(found, note=note)


def _labels(person: Person, rows: Sequence[Attendance]) -> frozenset[str]:
    """Everything under which somebody may be addressed."""
    names = {person.name, person.department + person.name}
    names |= {label for row in rows for label in (row.alias, row.name)}
    return frozenset(filter(None, map(joined, names)))


async def _named(desk: Counter, unit: UnitOfWork, call: Call, word: str) -> Meant:
    plain = unicodedata.normalize("NFKC", word).strip().removeprefix(NUMBER_PREFIX).lstrip(": ")
    for number in dict.fromkeys((plain, plain.upper(), plain.lower())):
        person = await unit.people.by_employee_no(number) if number else None
        if person is not None:
            return Meant(person, person.contact_id, person.name)
    people = [person for person in await unit.people.find(word) if person.kind != "bot"]
    keys = [person.key for person in people]
    rows = await unit.rooms.attendance(person_keys=keys) if keys else []
    known = {row.person_key for row in rows}
    found = [
        Meant(
            person,
            person.contact_id,
            next((row.label for row in rows if row.person_key == person.key), person.name),
            tuple(dict.fromkeys(row.room.topic for row in rows if row.person_key == person.key)),
        )
        for person in people
        if person.key in known or person.employee_no
    ]
    if not found:
        raise Refused(desk.texts.render("people.nobody", word=shown(word)))
    if len(found) > 1:
        raise Refused(_several(desk, call, word, found), private=True)
    return found[0]


def _several(desk: Counter, call: Call, word: str, found: Sequence[Meant]) -> str:
    """What tells them apart. In a work group the names of other groups stay unsaid."""
    rows = [
        {
            "who": called(one.person, one.label),
            "rooms": "" if call.place is Place.GUARDED else "、".join(map(shown, one.rooms[:2])),
            "left": one.person.status == Employment.LEFT,
        }
        for one in found[:LISTED]
    ]
    return desk.texts.render("people.several", word=shown(word), people=rows, more=len(found) > LISTED)


def _is_mention(word: str) -> bool:
    return word[:1] in ("@", "＠")


def called(person: Person, label: str = "") -> str:
    """How somebody is named in an answer: department and name with a masked number, else what they go by."""
    if person.employee_no:
        return f"{shown(person.department)}{shown(person.name)}（工号 {masked_number(person.employee_no)}）"
    return f"“{shown(label or person.name) or '未知昵称'}”"


def masked_number(employee_no: str) -> str:
    """An employee number of which only both ends show: enough to tell two people apart."""
    if len(employee_no) <= 3:
        return employee_no[:1] + "*" * (len(employee_no) - 1)
    return employee_no[0] + "*" * (len(employee_no) - 3) + employee_no[-2:]


async def which_room(
    desk: Counter, unit: UnitOfWork, call: Call, word: str = "", *, every: bool = False
) -> Room:
    """The room that a word means, by topic or id; without a word the guarded room in which the command was typed.

    Args:
        every: 全部 is allowed and gives :data:`EVERYWHERE`.

    Raises:
        Refused: no room, or several, could be meant; or none was named outside of a guarded room.
    """
    plain = folded(word)
    if every and plain in ALL_ROOMS:
        return EVERYWHERE
    if not plain or plain in HERE:
        here = await unit.rooms.by_gateway(call.room_id) if call.place is Place.GUARDED else None
        if here is None:
            raise Refused(desk.texts.render("people.room_needed", every=every))
        return here
    found = [
        room
        for room in await unit.rooms.all()
        if room.gateway_id != desk.supervision() and (room.gateway_id == word or folded(room.topic) == plain)
    ]
    if len(found) != 1:
        text = "people.room_several" if found else "people.room_unknown"
        raise Refused(desk.texts.render(text, word=shown(word)))
    return found[0]


async def names_of_rooms(unit: UnitOfWork) -> dict[int, str]:
    """What rooms are called, by our key; the key of every room among them."""
    names = {room.key: shown(room.topic) or shown(room.gateway_id) for room in await unit.rooms.all()}
    return {**names, EVERYWHERE.key: EVERYWHERE.topic}


async def is_oneself(unit: UnitOfWork, call: Call, person: Person) -> bool:
    """Whether somebody is, or under another id or record was, the one who types."""
    ever = await unit.people.ever(call.sender.key)
    return person.key in ever.person_keys or bool(person.contact_id and person.contact_id in ever.contact_ids)
