"""What is said about requests for answers: reminders, the summary for the asker, and cases for the supervisors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.pipeline.notice import SUPERVISION, addressed, local, masked, shown
from bot.pipeline.policy import Policy
from bot.reports.answers import Line, excerpt, facts
from bot.settings.answers import AnswerSettings
from bot.texts import Texts
from rules.core.conduct import ORDINARY, URGENT
from rules.procedure import reply
from rules.procedure.reply import Due
from storage.errors import Conflict
from storage.records import Addressee, Case, CaseState, Enquiry, Outgoing, Person, Room
from storage.session import UnitOfWork


@dataclass(frozen=True, slots=True)
class Matter:
    """One open request for which something is due.

    Attributes:
        people: the persons behind those who are missing, by key.
    """

    enquiry: Enquiry
    room: Room
    addressees: tuple[Addressee, ...]
    people: dict[str, Person]
    due: Due


@dataclass(frozen=True, slots=True)
class Wording:
    """Words and addresses what is due, inside the caller's unit of work; nothing is sent here.

    Attributes:
        courteous: the earliest moment at which somebody may be spoken to, seen from a moment.
    """

    policy: Policy
    options: Callable[[], AnswerSettings]
    courteous: Callable[[datetime], datetime]
    texts: Texts

    async def reminder(
        self, unit: UnitOfWork, room: Room, matters: Sequence[Matter], now: datetime
    ) -> Outgoing:
        """Who is missing is mentioned; where that would be too many, only their number is told."""
        zone = self.policy.of(room).calendar.zone
        keys = list(dict.fromkeys(key for one in matters for key in one.due.remind))
        named = keys if len(keys) <= self.options().named_at_most else []
        labels = {
            person.key: (person, alias or own) for person, own, alias in await unit.people.members(room.key)
        }
        for one in matters:
            for addressee in one.addressees:
                # Whoever has never spoken in this room is no member that storage knows of.
                person = await unit.people.get(addressee.person_key)
                if person is not None and addressee.person_key not in labels:
                    labels[addressee.person_key] = (person, person.name)
        contacts, names = [], ""
        for key, (person, label) in labels.items():
            if key in named:
                contacts.append(person.contact_id)
                names += f"@{shown(label)}\u2005"
        text = self.texts.render(
            "answers.remind",
            many=0 if named else len(keys),
            matters=[
                {
                    "number": one.enquiry.number,
                    "text": excerpt(one.enquiry),
                    "due": local(one.enquiry.due_at, zone),
                    "over": now >= one.enquiry.due_at,
                    "urgent": one.enquiry.urgent,
                }
                for one in matters
            ],
        )
        return Outgoing(
            target=room.gateway_id,
            text=names + text,
            due_at=now,
            created_at=now,
            kind="urgent" if any(one.enquiry.urgent for one in matters) else "notice",
            mentions=tuple(contacts),
            unique=f"answers {room.key} {now:%Y-%m-%dT%H:%M}",
        )

    async def overdue(
        self, unit: UnitOfWork, matter: Matter, person: Person, now: datetime
    ) -> tuple[Outgoing, ...]:
        """Open the case, in review, and ask the supervisors; nothing is said in the group."""
        enquiry, room = matter.enquiry, matter.room
        book = self.policy.of(room)
        calendar, conduct = book.calendar, book.conducts[reply.RULE]
        kind = URGENT if enquiry.urgent else ORDINARY
        one = next(one for one in matter.addressees if one.person_key == person.key)
        label = next(
            (
                alias or own
                for who, own, alias in await unit.people.members(room.key)
                if who.key == person.key
            ),
            person.name,
        )
        signs = self.texts.render(
            "answers.signs",
            asked=local(enquiry.asked_at, calendar.zone),
            due=local(enquiry.due_at, calendar.zone),
            reminders=one.reminders,
            urgent=enquiry.urgent,
        )
        try:
            case = await unit.cases.open(
                Case(
                    number="",
                    room_id=room.gateway_id,
                    sender_id=one.contact_id or person.contact_id,
                    message_id=f"answer {enquiry.number} {person.key}",
                    rule=reply.RULE,
                    category=reply.RULE,
                    clause=conduct.clauses[kind],
                    points=self.options().points,
                    state=CaseState.REVIEW,
                    tier="review",
                    confidence=0.5,
                    reason=conduct.reasons[kind],
                    signs=signs,
                    room_key=room.key,
                    person_key=person.key,
                    sender_name=label,
                    sent_at=enquiry.due_at,
                    created_at=now,
                    evidence=enquiry.text,
                )
            )
        except Conflict as conflict:
            await unit.enquiries.overdue(enquiry.number, person.key, str(conflict.present))
            return ()
        await unit.enquiries.overdue(enquiry.number, person.key, case.number)
        text = self.texts.render(
            "answers.review",
            number=case.number,
            enquiry=enquiry.number,
            room=shown(room.topic),
            who=shown(label),
            points=case.points,
            clause=case.clause,
            signs=signs,
            text=masked(enquiry.text, 90),
        )
        unique = f"review {case.number}"
        return (Outgoing(SUPERVISION, text, now, now, kind="alert", case=case.number, unique=unique),)

    async def summary(
        self, unit: UnitOfWork, enquiry: Enquiry, room: Room, now: datetime, friends: set[str]
    ) -> Outgoing:
        """To the asker alone where that is possible; in the group only who is missing is named."""
        asker = await unit.people.get(enquiry.asker)
        members = await unit.people.members(room.key)
        labels = {person.key: shown(alias or own) for person, own, alias in members}
        lines: tuple[Line, ...] = tuple(
            Line(one, labels.get(one.person_key, ""))
            for one in await unit.enquiries.addressees(enquiry.number)
        )
        calendar = self.policy.of(room).calendar
        private = asker is not None and asker.key in friends
        text = self.texts.render(
            "answers.summary" if private else "answers.summary_public", **facts(enquiry, lines, calendar.zone)
        )
        contact_id = asker.contact_id if asker is not None else ""
        return Outgoing(
            target=contact_id if private else room.gateway_id,
            text=text if private else addressed(labels.get(enquiry.asker, ""), text),
            due_at=self.courteous(now),
            created_at=now,
            kind="notice",
            private=private,
            mentions=() if private or not contact_id else (contact_id,),
            unique=f"summary {enquiry.number}",
        )
