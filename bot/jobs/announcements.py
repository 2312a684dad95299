"""Posts approved announcements at their time, to each group exactly once, and tells their author how it went.

All that acts is a row of the outbox for each group, under a name of its own: whoever comes second, after a restart or
in another process, finds it there. An announcement counts as posted once the outbox has settled every row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from bot.pipeline.enquiries import asked_people, begin
from bot.pipeline.notice import shown
from bot.pipeline.policy import Policy
from bot.pipeline.publishing import departure, posted_text, prefix
from bot.pipeline.speaking import ANNOUNCEMENT
from bot.settings.answers import AnswerSettings
from bot.texts import Texts
from rules.procedure import reply
from rules.procedure.actor import BOT
from rules.procedure.announcement import Move, Refusal, Standing, State, consider
from rules.reading import asks
from rules.reading.asks import Ask
from rules.reading.deadlines import deadline
from storage.errors import Conflict
from storage.records import SYSTEM, Announcement, AuditEntry, Outgoing, Room
from storage.results import Fate
from storage.session import Storage, UnitOfWork

SETTLED = frozenset({"sent", "dead", "dropped"})


class Announcements:
    """The duty of every tick.

    Args:
        answers: gives the settings of answers in force.
        asked: is told in which room people are asked something.
        guards: tells whether the bot is in a room, and on guard there.
        quiet_hours: whether what has no time of its own waits for working time.
    """

    def __init__(
        self,
        storage: Storage,
        policy: Policy,
        guards: Callable[[Room], bool],
        quiet_hours: Callable[[], bool],
        answers: Callable[[], AnswerSettings],
        asked: Callable[[int], None],
        texts: Texts,
    ) -> None:
        self._storage = storage
        self._policy = policy
        self._guards = guards
        self._quiet_hours = quiet_hours
        self._answers = answers
        self._asked = asked
        self._texts = texts

    async def __call__(self, now: datetime) -> int:
        """Post what is due; returns how many announcements are on their way or done."""
        async with self._storage.view() as unit:
            due = [one for one in await unit.announcements.due(now) if self._leaves(one) <= now]
        for one in due:
            await self._storage.run(partial(self._post, number=one.number, now=now))
        return len(due)

    def _leaves(self, kept: Announcement) -> datetime:
        return departure(kept, self._policy.book.calendar, quiet_hours=self._quiet_hours())

    async def _post(self, unit: UnitOfWork, number: str, now: datetime) -> None:
        kept = await unit.announcements.get(number)
        if kept is None or kept.state != State.APPROVED:
            return  # somebody took it back, or it is done
        known = {room.key: room for room in await unit.rooms.all() if room.key in kept.rooms}
        rows = {key: f"{prefix(kept)}{key}" for key in kept.rooms}
        fates = {fate.message.unique: fate for fate in await unit.outbox.fates(prefix(kept))}
        if not fates:
            text = posted_text(self._texts, kept)
            reachable = [room for room in known.values() if self._guards(room)]
            await unit.outbox.add([self._row(kept, room, text, now) for room in reachable])
            if reachable:
                return
        if all(fate.state in SETTLED for fate in fates.values()):
            await self._finish(unit, kept, {key: fates.get(unique) for key, unique in rows.items()}, now)

    def _row(self, kept: Announcement, room: Room, text: str, now: datetime) -> Outgoing:
        return Outgoing(
            room.gateway_id,
            text,
            now,
            now,
            kind=ANNOUNCEMENT,
            case=kept.number,
            unique=f"{prefix(kept)}{room.key}",
        )

    async def _finish(
        self, unit: UnitOfWork, kept: Announcement, fates: dict[int, Fate | None], now: datetime
    ) -> None:
        """Note how it went, and tell the author."""
        sent = {key: fate for key, fate in fates.items() if fate is not None and fate.state == "sent"}
        move = Move.POST if sent else Move.FAIL
        standing = Standing(State(kept.state), kept.author, self._leaves(kept))
        target = consider(standing, move, BOT, now)
        if isinstance(target, Refusal):
            raise RuntimeError(f"announcement {kept.number} can't be {move.value}ed: {target.value}")
        try:
            await unit.announcements.move(kept.number, (State.APPROVED,), target, SYSTEM, now)
        except Conflict:
            return
        await unit.audit.add(
            AuditEntry(now, SYSTEM, f"announcement {move.value}", kept.number, str(len(sent)))
        )
        rooms = {room.key: room for room in await unit.rooms.all()}
        names = {room.key: shown(room.topic) or shown(room.gateway_id) for room in rooms.values()}
        if kept.tracked:
            for key, fate in sent.items():
                await self._follow_up(unit, kept, rooms[key], fate, now)

        def named(keys: Sequence[int]) -> list[str]:
            return [names.get(key, "") for key in keys]

        text = self._texts.render(
            "announcement.outcome",
            number=kept.number,
            done=named([key for key, fate in sent.items() if fate.message.kind == ANNOUNCEMENT]),
            plain=named([key for key, fate in sent.items() if fate.message.kind != ANNOUNCEMENT]),
            failed=named([key for key in kept.rooms if key not in sent]),
        )
        await unit.outbox.add(await self._to_author(unit, kept, text, now))

    async def _follow_up(
        self, unit: UnitOfWork, kept: Announcement, room: Room, fate: Fate, now: datetime
    ) -> None:
        """Ask everybody in a group for an answer (policy 3.2c): what they say there is read from now on."""
        author = await unit.people.get(kept.author)
        if author is None:
            return
        book, asked_at = self._policy.of(room), fate.sent_at or now
        due, urgent = deadline(kept.text, asked_at, book.calendar), asks.is_urgent(kept.text, book.reader.key)
        people = await asked_people(unit, room, Ask(True, (), (), urgent, due), author.key, now)
        if not people:
            return
        await begin(
            unit,
            room,
            author,
            people,
            message_id=fate.message_id or f"{kept.number} {room.key}",
            text=fate.message.text,
            asked_at=asked_at,
            due_at=reply.deadline(asked_at, due, book.calendar, self._answers().patience, urgent=urgent),
            urgent=urgent,
        )
        self._asked(room.key)

    async def _to_author(
        self, unit: UnitOfWork, kept: Announcement, text: str, now: datetime
    ) -> Sequence[Outgoing]:
        author = await unit.people.get(kept.author)
        if author is None or not author.contact_id:
            return ()
        unique = f"outcome {kept.number}"
        return (Outgoing(author.contact_id, text, now, now, kind="notice", private=True, unique=unique),)
