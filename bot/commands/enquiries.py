"""`/跟踪`: follow a message up by hand, see what is open, press those who are missing, close it (policy 3.2c, 4.1)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bot.commands.table import EVERYONE, SUPERVISION, Action, Answer, Call, Command, Counter, Refused
from bot.commands.whom import is_oneself
from bot.pipeline.enquiries import A_DAY, asked_people, begin, last_reminded
from bot.pipeline.leave import on_leave
from bot.pipeline.notice import addressed, local, shown
from bot.pipeline.places import Place
from bot.reports.answers import Line, excerpt, facts
from rules.core.model import Kind
from rules.procedure import reply
from rules.procedure.reply import Refusal, Standing, State
from rules.reading import asks
from rules.reading.asks import Ask
from rules.reading.deadlines import deadline
from storage.errors import Conflict
from storage.records import AuditEntry, Enquiry, Outgoing, Person, Role, Room
from storage.session import UnitOfWork

ENTITLED = SUPERVISION | {Role.LEADER}
"""Who may close and press what others have asked."""

LISTED = 15
LONGEST = 600


async def follow(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """Open a request to those who are mentioned, or to everybody; about the quoted message, or the text itself."""
    room = await _room(desk, unit, call)
    if call.sender.kind == Kind.EXTERNAL:
        raise Refused(desk.texts.render("answers.outsider"))
    today = await unit.enquiries.asked_by(call.sender.key, call.now - timedelta(days=1))
    if len(today) >= A_DAY and not call.sender.roles:
        raise Refused(desk.texts.render("answers.too_many", most=A_DAY))
    book = desk.policy.of(room)
    typed = asks.typed_part(call.rest)
    names = asks.names_in(typed)
    everybody = bool({"所有人", "全体", "all"} & set(call.words)) or asks.calls_everybody(
        typed, call.mentions
    )
    if not (everybody or call.mentions or names):
        raise Refused(desk.texts.render("answers.usage"))
    told = asks.without_calls(typed).strip()
    said, message_id = told, call.message_id
    if call.quoted is not None:
        kept = await unit.messages.quoted(room.key, call.quoted.author, call.quoted.beginning)
        said = kept[0].text if kept else call.quoted.beginning
        message_id = kept[0].message_id if len(kept) == 1 else call.message_id
    if not said:
        raise Refused(desk.texts.render("answers.usage"))
    due = deadline(told, call.now, book.calendar) or deadline(said, call.now, book.calendar)
    urgent = asks.is_urgent(told, book.reader.key) or asks.is_urgent(said, book.reader.key)
    ids = tuple(one for one in call.mentions if one not in asks.EVERYBODY_IDS)
    ask = Ask(everybody, ids, names, urgent, due)
    people = await asked_people(unit, room, ask, call.sender.key, call.now)
    if not people:
        raise Refused(desk.texts.render("answers.nobody"))
    patience = desk.settings().answers.patience
    try:
        enquiry = await begin(
            unit,
            room,
            call.sender,
            people,
            message_id=message_id,
            text=said[:LONGEST],
            asked_at=call.now,
            due_at=reply.deadline(call.now, due, book.calendar, patience, urgent=urgent),
            urgent=urgent,
        )
    except Conflict as conflict:
        raise Refused(desk.texts.render("answers.already", number=conflict.present)) from None
    return Answer(
        desk.texts.render(
            "answers.opened",
            number=enquiry.number,
            count=len(people),
            urgent=urgent,
            due=local(enquiry.due_at, book.calendar.zone),
        )
    )


async def listed(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """What is open: in a group that group's own, else what the asker has open, supervisors all of it."""
    here = await unit.rooms.by_gateway(call.room_id) if call.place is Place.GUARDED else None
    rows = []
    found = await unit.enquiries.active(here.key if here else None)
    if not call.sender.roles & ENTITLED:
        found = [one for one in found if await _asked_by(unit, call, one)]
    zone = desk.book().calendar.zone
    for enquiry in found[:LISTED]:
        people = await unit.enquiries.addressees(enquiry.number)
        missing = sum(one.state == State.MISSING for one in people)
        rows.append(
            {
                "number": enquiry.number,
                "text": excerpt(enquiry),
                "due": local(enquiry.due_at, zone),
                "over": call.now >= enquiry.due_at,
                "all": len(people),
                "missing": missing,
            }
        )
    text = desk.texts.render("answers.list", rows=rows, more=max(0, len(found) - LISTED))
    return Answer(text, private=True)


async def show(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """Who has answered what."""
    enquiry, room = await _mine(desk, unit, call)
    lines = await _lines(unit, enquiry, room)
    known = facts(enquiry, lines, desk.policy.of(room).calendar.zone)
    return Answer(desk.texts.render("answers.summary", **known), private=True)


async def close(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """End a request by hand: nobody is reminded any more, and nothing becomes overdue."""
    enquiry, room = await _mine(desk, unit, call)
    outcome = reply.close(Standing(enquiry.state), entitled=True)
    if outcome is Refusal.OVER:
        raise Refused(desk.texts.render("answers.over", number=enquiry.number))
    await unit.enquiries.close(enquiry.number, call.now)
    if await _asked_by(unit, call, enquiry) and enquiry.summary_at is None:
        await unit.enquiries.summarised(enquiry.number, call.now)  # the answer below is the summary
    await unit.audit.add(AuditEntry(call.now, call.sender.key, "enquiry closed", enquiry.number))
    lines = await _lines(unit, enquiry, room)
    missing = sum(line.addressee.state == State.MISSING for line in lines)
    return Answer(desk.texts.render("answers.closed", number=enquiry.number, all=len(lines), missing=missing))


async def press(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """Remind those who are missing now; never twice in half a day, nobody on leave, and only in working time."""
    enquiry, room = await _mine(desk, unit, call)
    book = desk.policy.of(room)
    if enquiry.state != Standing.OPEN:
        raise Refused(desk.texts.render("answers.over", number=enquiry.number))
    if not book.calendar.is_working(call.now):
        raise Refused(desk.texts.render("answers.off_hours"))
    lines = [line for line in await _lines(unit, enquiry, room) if line.addressee.state == State.MISSING]
    due: list[Line] = []
    for line in lines:
        key = line.addressee.person_key
        told = await last_reminded(unit, key, call.now)
        away = await on_leave(unit, key, book, call.now)
        if reply.fresh(told, call.now, book.calendar) and not away:
            due.append(line)
    if not due:
        raise Refused(desk.texts.render("answers.nothing_to_press", missing=len(lines)))
    await unit.enquiries.remind(enquiry.number, [line.addressee.person_key for line in due], call.now)
    named = due if len(due) <= desk.settings().answers.named_at_most else []
    known = [line for line in named if line.label]
    text = desk.texts.render(
        "answers.remind",
        many=0 if named else len(due),
        matters=[
            {
                "number": enquiry.number,
                "text": excerpt(enquiry),
                "due": local(enquiry.due_at, book.calendar.zone),
                "over": call.now >= enquiry.due_at,
                "urgent": enquiry.urgent,
            }
        ],
    )
    row = Outgoing(
        target=room.gateway_id,
        text="".join(addressed(line.label, "") for line in known) + text,
        due_at=call.now,
        created_at=call.now,
        kind="notice",
        mentions=tuple(line.addressee.contact_id for line in known),
        unique=f"pressed {call.message_id}",
    )
    answer = desk.texts.render("answers.pressed", number=enquiry.number, count=len(due), missing=len(lines))
    return Answer(answer, private=True, also=(row,))


async def _room(desk: Counter, unit: UnitOfWork, call: Call) -> Room:
    room = await unit.rooms.by_gateway(call.room_id) if call.place is Place.GUARDED else None
    if room is None:
        raise Refused(desk.texts.render("answers.in_group"))
    return room


async def _mine(desk: Counter, unit: UnitOfWork, call: Call) -> tuple[Enquiry, Room]:
    """The request that a number names, for its asker and for supervisors; to others it does not exist.

    Raises:
        Refused: there is no such request, or none was named and it is not clear which is meant.
    """
    enquiry: Enquiry | None = None
    if call.words:
        enquiry = await unit.enquiries.get(call.words[0])
    else:
        own = [one for one in await unit.enquiries.active() if await _asked_by(unit, call, one)]
        enquiry = own[0] if len(own) == 1 else None
        if enquiry is None:
            raise Refused(desk.texts.render("answers.number_needed"))
    entitled = bool(call.sender.roles & ENTITLED)
    room = await unit.rooms.get(enquiry.room_key) if enquiry is not None else None
    if enquiry is None or room is None or not (entitled or await _asked_by(unit, call, enquiry)):
        raise Refused(desk.texts.render("answers.unknown"))
    return enquiry, room


async def _asked_by(unit: UnitOfWork, call: Call, enquiry: Enquiry) -> bool:
    if enquiry.asker == call.sender.key:
        return True
    asker: Person | None = await unit.people.get(enquiry.asker)
    return asker is not None and await is_oneself(unit, call, asker)


async def _lines(unit: UnitOfWork, enquiry: Enquiry, room: Room) -> Sequence[Line]:
    labels = {person.key: shown(alias or own) for person, own, alias in await unit.people.members(room.key)}
    return [
        Line(one, labels.get(one.person_key, "")) for one in await unit.enquiries.addressees(enquiry.number)
    ]


COMMANDS = (
    Command(
        name="跟踪",
        english="track",
        aliases=("跟蹤", "追踪"),
        summary="跟进一条需要回复的消息：登记、查看、催办、关闭",
        actions=(
            Action(
                name="",
                english="",
                roles=EVERYONE,
                arguments="@成员… [期限] [内容]",
                summary="请被@的人（或 @所有人）回复；引用一条消息时即跟踪该消息",
                examples=(("/跟踪 所有人 今天下班前 请确认值班安排", "请全群今天下班前回复"),),
                run=follow,
            ),
            Action(
                name="列表",
                english="list",
                roles=EVERYONE,
                arguments="",
                summary="尚未结束的跟踪；本人发起的，监督员可看全部",
                examples=(("/跟踪 列表", "尚未结束的跟踪"),),
                run=listed,
            ),
            Action(
                name="查看",
                english="show",
                roles=EVERYONE,
                arguments="[编号]",
                summary="谁已回复、谁还没有；只有一条时不必写编号",
                examples=(("/跟踪 查看 Q-7K2QM", "该条的回复情况"),),
                run=show,
            ),
            Action(
                name="催办",
                english="press",
                aliases=("催", "催辦"),
                roles=EVERYONE,
                arguments="[编号]",
                summary="提醒尚未回复的人；同一人半天内至多一次，下班和请假时不打扰",
                examples=(("/跟踪 催办 Q-7K2QM", "提醒该条尚未回复的人"),),
                run=press,
            ),
            Action(
                name="关闭",
                english="close",
                aliases=("关", "關閉", "结束"),
                roles=EVERYONE,
                arguments="[编号]",
                summary="结束跟踪，不再提醒；发起人或监督员",
                examples=(("/跟踪 关闭 Q-7K2QM", "不再跟踪该条"),),
                run=close,
            ),
        ),
    ),
)
