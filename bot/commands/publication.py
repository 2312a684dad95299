"""What drafting and approving announcements share: who may see one, its preview, and how refusals read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.commands.docket import name_of
from bot.commands.table import Call, Counter, Refused
from bot.commands.times import stamp
from bot.commands.whom import called, is_oneself, names_of_rooms
from bot.masking import personal_data_hidden
from bot.pipeline.notice import SUPERVISION, shown
from rules.core.judge import judge
from rules.core.model import Context, Message
from rules.procedure.actor import Actor
from rules.procedure.announcement import APPROVERS, Refusal, Standing, State, post_at
from rules.procedure.penalty import notice_due
from storage.records import Announcement, Outgoing, Person, Role
from storage.session import UnitOfWork

STATE_TITLES = {
    State.DRAFT: "草稿",
    State.SUBMITTED: "待批准",
    State.APPROVED: "已批准，待发布",
    State.RETURNED: "已退回",
    State.POSTED: "已发布",
    State.FAILED: "未能发布",
    State.WITHDRAWN: "已撤回",
}
NUMBER = re.compile(r"[Gg]?[-‐‑‒–—―−ー－]?\w{1,8}")
EXCERPT_LENGTH = 30
ROOMS_NAMED = 8


def actor(person: Person) -> Actor:
    """Somebody as the procedures see them."""
    return Actor(person.key, frozenset(role.value for role in person.roles))


def may_approve(person: Person) -> bool:
    """Whether somebody may decide about announcements, their own aside."""
    return bool(actor(person).roles & APPROVERS)


def readable(number: str) -> str:
    """A number as it can be repeated: anything else that was typed is nobody's business to repeat."""
    plain = unicodedata.normalize("NFKC", number)
    return plain.upper() if NUMBER.fullmatch(plain) and plain.isascii() else ""


async def announcement_named(desk: Counter, unit: UnitOfWork, call: Call) -> Announcement:
    """The announcement that the first word names.

    Raises:
        Refused: there is none, or it is not for this reader: both get the same answer.
    """
    number = call.words[0] if call.words else ""
    if not number:
        raise Refused(desk.texts.render("announcement.no_number"))
    kept = await unit.announcements.get(number)
    if kept is None or not (may_approve(call.sender) or await is_own(unit, call, kept)):
        raise Refused(desk.texts.render("announcement.unknown", number=readable(number)))
    return kept


async def is_own(unit: UnitOfWork, call: Call, kept: Announcement) -> bool:
    """Whether the one who types wrote it, under this record or another that was ever theirs."""
    author = await unit.people.get(kept.author)
    return author is not None and await is_oneself(unit, call, author)


async def standing_of(unit: UnitOfWork, call: Call, kept: Announcement) -> Standing:
    """An announcement as the procedure sees it; under whichever record they wrote it, authors are authors."""
    author = call.sender.key if await is_own(unit, call, kept) else kept.author
    return Standing(State(kept.state), author, post_at(kept.planned_at, kept.decided_at or kept.created_at))


async def refused(desk: Counter, unit: UnitOfWork, kept: Announcement, refusal: Refusal) -> Refused:
    """Why a move is refused, with how the announcement stands now."""
    now = await unit.announcements.get(kept.number) or kept
    text = desk.texts.render(
        f"announcement.{refusal.value}",
        number=now.number,
        state=STATE_TITLES[State(now.state)],
        by=await name_of(unit, now.decided_by),
    )
    return Refused(text)


def when(desk: Counter, moment: datetime | None, now: datetime) -> str:
    """A time as it is shown, with a word where nobody works then; empty for none."""
    if moment is None:
        return ""
    calendar = desk.book().calendar
    said = stamp(moment, now, calendar.zone)
    return said if calendar.is_working(moment) else f"{said}（非工作时间）"


def excerpt(text: str) -> str:
    """How a text begins, masked."""
    return shown(personal_data_hidden(text), EXCERPT_LENGTH)


async def rooms_of(unit: UnitOfWork, kept: Announcement) -> str:
    """The rooms it goes to, by name."""
    names = await names_of_rooms(unit)
    rooms = "、".join(names.get(key, "") for key in kept.rooms[:ROOMS_NAMED])
    return rooms if len(kept.rooms) <= ROOMS_NAMED else f"{rooms}等 {len(kept.rooms)} 个群"


async def preview(
    desk: Counter, unit: UnitOfWork, call: Call, kept: Announcement
) -> tuple[tuple[Outgoing, ...], int]:
    """The whole draft for everybody who may approve it, and how many these are; for the supervisors if nobody may."""
    text = desk.texts.render(
        "announcement.preview",
        number=kept.number,
        author=called(call.sender, call.shown_name),
        rooms=await rooms_of(unit, kept),
        at=when(desk, kept.planned_at, call.now),
        tracked=kept.tracked,
        hints=hints(desk, kept.text),
        text=kept.text,
    )
    approvers = await _approvers(unit, call)
    due = notice_due(call.now, desk.book().calendar, quiet_hours=desk.settings().notices.quiet_hours)
    if kept.planned_at is not None and kept.planned_at <= due + timedelta(hours=1):
        due = call.now
    if not approvers:
        return (_to(SUPERVISION, text, due, call, kept),), 0
    return tuple(_to(person.contact_id, text, due, call, kept) for person in approvers), len(approvers)


def _to(target: str, text: str, due: datetime, call: Call, kept: Announcement) -> Outgoing:
    return Outgoing(
        target,
        text,
        due,
        call.now,
        kind="alert",
        private=target != SUPERVISION,
        case=kept.number,
        unique=f"preview {kept.number} {call.message_id} {target}",
    )


async def _approvers(unit: UnitOfWork, call: Call) -> Sequence[Person]:
    """Everybody who may approve what this author wrote."""
    found = {
        person.key: person
        for role in (Role.LEADER, Role.HR_LEAD)
        for person in await unit.people.with_role(role)
        if person.contact_id
    }
    return [person for person in found.values() if not await is_oneself(unit, call, person)]


def hints(desk: Counter, text: str) -> Sequence[str]:
    """The titles of the rules that a text would break, said by a member: for its approver to think about."""
    book = desk.book()
    found = judge(book, Message(text), Context(book.reader.read(text), book.calendar))
    return list(dict.fromkeys(book.entry(ruling.rule).rule.title for ruling in found.live))
