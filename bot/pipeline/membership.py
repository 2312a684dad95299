"""Requests to come into a group or to leave one (policy 2.1): where they stand, and who hears of each step.

``rules.procedure.membership`` decides who may take which step. Whoever decides next is told, privately or in the
supervision room, and whoever asked hears how it ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.pipeline.notice import shown
from bot.pipeline.policy import EVERY_ROOM
from bot.pipeline.telling import to_supervisors
from bot.texts import Texts
from rules.procedure.actor import BOT, Actor
from rules.procedure.membership import FINAL, Kind, Move, Refusal, Standing, State, consider
from storage.errors import Conflict
from storage.names import folded, joined
from storage.records import (
    Binding,
    Employment,
    MemberRequest,
    Outgoing,
    Person,
    Role,
    Step,
)
from storage.session import UnitOfWork

UNDER_WAY = (State.WAITING_HEAD, State.WAITING_LEADER, State.WAITING_HR, State.APPROVED, State.BY_HAND)
AGREED = (State.APPROVED, State.BY_HAND)
MOST = 200
"""So many requests under way are looked at; more are never open at once."""

NOTE_LENGTH = 120


@dataclass(frozen=True, slots=True)
class Taken:
    """A step that was taken: the request as it is now, and what has to be said."""

    request: MemberRequest
    rows: tuple[Outgoing, ...]


class Membership:
    """Takes steps of requests and words what is said of them.

    Args:
        supervision: gateway id of the supervision room; empty while there is none.
    """

    def __init__(self, texts: Texts, supervision: str) -> None:
        self._texts = texts
        self._supervision = supervision

    async def ask(
        self, unit: UnitOfWork, request: MemberRequest, actor: Actor, now: datetime
    ) -> Taken | Refusal:
        """Keep a new request, if the actor may ask for that."""
        target = consider(await standing(unit, request), Move.ASK, actor)
        if isinstance(target, Refusal):
            return target
        step = Step(target, actor.key, now, request.remark)
        kept = await unit.requests.add(replace(request, state=target, steps=(step,)))
        return Taken(kept, await self._told(unit, kept, now))

    async def move(
        self,
        unit: UnitOfWork,
        request: MemberRequest,
        move: Move,
        actor: Actor,
        now: datetime,
        remark: str = "",
        *,
        contact_id: str | None = None,
        person_key: str | None = None,
    ) -> Taken | Refusal:
        """Take a step, if the actor may; of two people in one moment the second is told that it is done.

        Args:
            contact_id, person_key: who it turned out to be.
        """
        target = consider(await standing(unit, request), move, actor)
        if isinstance(target, Refusal):
            return target
        try:
            kept = await unit.requests.move(
                request.number,
                (request.state,),
                target,
                actor.key,
                now,
                remark,
                done=target in FINAL,
                contact_id=contact_id,
                person_key=person_key,
            )
        except Conflict:
            return Refusal.ALREADY
        return Taken(kept, await self._told(unit, kept, now, remark))

    async def by_the_bot(
        self,
        unit: UnitOfWork,
        request: MemberRequest,
        move: Move,
        now: datetime,
        remark: str = "",
        *,
        contact_id: str | None = None,
        person_key: str | None = None,
    ) -> tuple[Outgoing, ...]:
        """A step of the bot's own; nothing if somebody has taken another one meanwhile."""
        taken = await self.move(
            unit, request, move, BOT, now, remark, contact_id=contact_id, person_key=person_key
        )
        return taken.rows if isinstance(taken, Taken) else ()

    async def _told(
        self, unit: UnitOfWork, request: MemberRequest, now: datetime, remark: str = ""
    ) -> tuple[Outgoing, ...]:
        """What is said of a request's new state, and to whom."""
        facts = await facts_of(unit, request)
        unique = f"{request.number} {request.state} {len(request.steps)}"
        if request.state in (State.WAITING_HEAD, State.WAITING_LEADER, State.WAITING_HR):
            text = self._texts.render("members.decide", **facts)
            if request.state == State.WAITING_HR:
                return await self._to_hr(unit, request, text, now, unique)
            deciders = await self._deciders(unit, request)
            if deciders:
                return tuple(_word(one, text, now, f"{unique} {one.key}") for one in deciders)
            return await self._to_hr(
                unit, request, self._texts.render("members.nobody", **facts), now, unique
            )
        rows: tuple[Outgoing, ...] = ()
        asker = await unit.people.get(request.asked_by)
        if (
            asker is not None
            and asker.contact_id
            and (not request.steps or request.steps[-1].by != asker.key)
        ):
            text = self._texts.render("members.outcome", **facts, remark=shown(remark, NOTE_LENGTH))
            rows += (_word(asker, text, now, f"{unique} asker"),)
        if request.state in (State.BY_HAND, State.DONE):
            by_hand = request.state == State.BY_HAND
            text = self._texts.render(
                "members.by_hand" if by_hand else "members.done", **facts, reason=shown(remark, NOTE_LENGTH)
            )
            rows += await self._to_hr(unit, request, text, now, unique)
        return rows

    async def _deciders(self, unit: UnitOfWork, request: MemberRequest) -> list[Person]:
        """Whom the next step is for, apart from the supervision room; nobody who has a part in it."""
        if request.state == State.WAITING_HEAD:
            found = await heads_of(unit, request.department)
        else:
            found = await unit.people.with_role(Role.LEADER)
            if request.kind == Kind.JOIN:
                found = [*found, *await unit.people.with_role(Role.HR_LEAD)]
        parts = {request.asked_by, request.person_key, request.sponsor}
        unique = {one.key: one for one in found if one.key not in parts and one.contact_id}
        return list(unique.values())

    async def _to_hr(
        self, unit: UnitOfWork, request: MemberRequest, text: str, now: datetime, unique: str
    ) -> tuple[Outgoing, ...]:
        beyond = (
            {request.asked_by, request.person_key} if request.state not in (State.BY_HAND, State.DONE) else ()
        )
        return await to_supervisors(unit, self._supervision, text, now, unique, beyond=beyond)


async def standing(unit: UnitOfWork, request: MemberRequest) -> Standing:
    """A request as the procedure sees it."""
    department = request.department
    asker = await unit.people.get(request.asked_by)
    return Standing(
        state=State(request.state),
        kind=Kind(request.kind),
        asker=request.asked_by,
        subject=request.person_key,
        heads=frozenset(head.key for head in await heads_of(unit, department)),
        asker_is_hr=asker is not None and Role.HR_LEAD in asker.roles,
    )


async def actor(unit: UnitOfWork, person: Person, request: MemberRequest | None = None) -> Actor:
    """Somebody at a step; whoever ever was the one who asked, or whom it is about, is that one."""
    key = person.key
    if request is not None:
        ever = await unit.people.ever(person.key)
        parts = (request.asked_by, request.person_key, request.sponsor)
        key = next((part for part in parts if part and part in ever.person_keys), key)
        if key == request.sponsor:
            key = request.asked_by  # standing sponsor is having a part in it, as asking is
    return Actor(key, frozenset(map(str, person.roles)), employee=person.kind == "employee")


async def heads_of(unit: UnitOfWork, department: str) -> list[Person]:
    """Who surely heads a department: by the roster, under a confirmed id."""
    wanted = folded(department)
    found = []
    for row in await unit.people.roster() if wanted else ():
        if row.is_head and row.active and folded(row.department) == wanted:
            person = await unit.people.by_employee_no(row.employee_no)
            if person is not None and person.binding is Binding.CONFIRMED:
                found.append(person)
    return found


async def facts_of(unit: UnitOfWork, request: MemberRequest) -> dict[str, str]:
    """What texts say of a request."""
    room = await unit.rooms.get(request.room_key) if request.room_key != EVERY_ROOM else None
    asker, sponsor = [
        await unit.people.get(key) if key else None for key in (request.asked_by, request.sponsor)
    ]
    subject = await unit.people.get(request.person_key) if request.person_key else None
    return {
        "number": request.number,
        "kind": request.kind,
        "state": request.state,
        "who": shown(request.company or request.department) + shown(request.name),
        "room": shown(room.topic) if room is not None else "",
        "asker": named(asker),
        "sponsor": named(sponsor) if request.sponsor != request.asked_by else "",
        "standing": employment(subject, request),
    }


def named(person: Person | None) -> str:
    """Somebody by department and name; empty for the bot itself."""
    return shown(person.department) + shown(person.name) if person is not None else ""


def employment(subject: Person | None, request: MemberRequest) -> str:
    """What the roster says of whom a request is about: ``listed``, ``left``, ``unlisted`` or, of outsiders, nothing."""
    if request.kind == Kind.JOIN_EXTERNAL or (subject is not None and subject.kind == "external"):
        return ""
    if subject is None or not subject.employee_no:
        return "unlisted"
    return "left" if subject.status == Employment.LEFT else "listed"


def meant_by(request: MemberRequest, person: Person, contact_id: str, labels: Sequence[str]) -> bool:
    """Whether a request is about somebody: by id or record, or else by what they go by in the room."""
    if request.contact_id or request.person_key:
        return contact_id == request.contact_id or (bool(person.key) and person.key == request.person_key)
    wanted = {joined(prefix + request.name) for prefix in (request.department, request.company) if prefix}
    return any(joined(label) in wanted for label in labels)


def _word(person: Person, text: str, now: datetime, unique: str) -> Outgoing:
    return Outgoing(person.contact_id, text, now, now, kind="notice", private=True, unique=unique)
