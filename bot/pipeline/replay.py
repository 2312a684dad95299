"""A case judged once more, as its message would be judged now: the stored messages around it play again."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from bot.pipeline import record
from bot.pipeline.policy import Policy
from rules.core.book import Rulebook
from rules.core.context import HORIZON, Windows, lookback
from rules.core.explain import Explanation, explain
from rules.core.judge import judge
from rules.core.model import Message
from storage.records import Case, Person, Room
from storage.session import UnitOfWork

IN_ROOM = 1_000
ELSEWHERE = 1_000
MOMENT = timedelta(microseconds=1)


class Basis(StrEnum):
    """What a case could be judged on once more."""

    WHOLE = "whole"  # its message, and what was said around it
    EVIDENCE = "evidence"  # the evidence alone: the message is erased, or the case is about a nickname
    NOTHING = "nothing"  # all of it is erased


@dataclass(frozen=True, slots=True)
class Replay:
    """A case explained; there is no explanation where nothing is left to explain."""

    basis: Basis
    explanation: Explanation | None = None


async def replay(unit: UnitOfWork, policy: Policy, case: Case) -> Replay:
    """Explain a case by the rules that are in force now, on what was said before it; nothing is written.

    Exemptions are left aside: what is asked for is what the rules make of it.
    """
    room, person = await unit.rooms.get(case.room_key), await unit.people.get(case.person_key)
    book = policy.of(room)
    if (stored := await unit.messages.get(case.message_id)) is None:
        if not case.evidence:
            return Replay(Basis.NOTHING)
        alone = _of_evidence(case, room, person, book)
        return Replay(Basis.EVIDENCE, await asyncio.to_thread(_play, [], (book, alone)))
    until = stored.sent_at + MOMENT
    said = await unit.messages.around(case.room_key, until - lookback(book), until, IN_ROOM)
    others = await unit.messages.texts(until - HORIZON, until, ELSEWHERE)
    rooms = {one.key: one for one in await unit.rooms.all()}
    before = sorted(
        [one for one in said if one.message_id != case.message_id]
        + [one for one in others if one.room_key != case.room_key],
        key=lambda one: one.sent_at,
    )
    played = [
        (policy.of(rooms.get(one.room_key)), record.remembered(one, rooms.get(one.room_key)))
        for one in before
    ]
    message = known(record.remembered(stored, room), person, stored.sender_name)
    return Replay(Basis.WHOLE, await asyncio.to_thread(_play, played, (book, message)))


def _play(before: Sequence[tuple[Rulebook, Message]], last: tuple[Rulebook, Message]) -> Explanation:
    windows = Windows()
    for book, message in before:
        context = windows.look(message, book)
        windows.advance(message, context, judge(book, message, context))
    book, message = last
    return explain(book, message, windows.look(message, book))


def _of_evidence(case: Case, room: Room | None, person: Person | None, book: Rulebook) -> Message:
    """What is left of a case as a message; the evidence of a nickname's case is the nickname."""
    standing = case.rule in book.standing
    message = Message(
        text="" if standing else case.evidence,
        room_id=case.room_id,
        room=room.topic if room else "",
        sent_at=case.sent_at,
    )
    return known(message, person, case.evidence if standing else case.sender_name)


def known(message: Message, person: Person | None, shown: str) -> Message:
    """A message with what is known of its sender now; ``shown`` is the name it was sent under."""
    if person is None:
        return message
    return replace(message, sender=record.member(person, person.name, shown or None))
