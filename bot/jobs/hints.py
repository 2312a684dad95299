"""A quiet hint for a problem report that does not say what, when or who (policy 3.1c): never points, once a day.

Reports are heard as they come and answered with the next tick, so that somebody who adds what was missing in a second
message is not told to.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.gateway.port import IncomingMessage
from bot.pipeline.handled import Handled
from bot.pipeline.notice import addressed
from bot.pipeline.places import Place
from bot.pipeline.policy import Policy
from bot.settings import MemberSettings
from bot.texts import Texts
from rules.core.model import MessageType
from rules.reading import quote
from rules.reading.feedback import Part, is_report, lacking
from storage.records import Outgoing
from storage.session import Storage, UnitOfWork

TITLES = {Part.PHENOMENON: "问题现象", Part.TIME: "发生时间", Part.PEOPLE: "涉及的人员"}
MOST = 200
PATIENCE = timedelta(minutes=1)
"""So long somebody may go on writing before anything is missed."""


class Hints:
    """Hears problem reports.

    Args:
        settings: gives the settings that are in force now.
    """

    def __init__(
        self, storage: Storage, policy: Policy, settings: Callable[[], MemberSettings], texts: Texts
    ) -> None:
        self._storage = storage
        self._policy = policy
        self._settings = settings
        self._texts = texts
        self._open: deque[tuple[IncomingMessage, list[str]]] = deque(maxlen=MOST)

    def hear(self, handled: Handled) -> None:
        """Take a handled message: a new report, or what its sender adds to one."""
        message = handled.message
        if message is None or handled.place is not Place.GUARDED or message.type is not MessageType.TEXT:
            return
        for report, said in self._open:
            if (report.room_id, report.sender_id) == (message.room_id, message.sender_id):
                said.append(message.text)
                return
        quoted = quote.parse(message.text)
        typed = message.text[slice(*quoted.typed)] if quoted else message.text
        if handled.decision is None and self._settings().feedback_hints and is_report(typed):
            self._open.append((message, [typed]))

    async def __call__(self, now: datetime) -> None:
        """Answer the reports whose senders have had time to finish."""
        due = [one for one in self._open if now - one[0].sent_at >= PATIENCE]
        for one in due:
            self._open.remove(one)
        if due:
            await self._storage.run(lambda unit: self._answer(unit, due, now))

    async def _answer(
        self, unit: UnitOfWork, due: list[tuple[IncomingMessage, list[str]]], now: datetime
    ) -> None:
        for message, said in due:
            parts = lacking("\n".join(said))
            room = await unit.rooms.by_gateway(message.room_id)
            sender = await unit.people.by_contact(message.sender_id)
            stale = now - message.sent_at > self._policy.stale_after
            if not parts or stale or room is None or sender is None or self._policy.muted(room.key, now):
                continue
            text = self._texts.render("feedback.hint", parts=[TITLES[part] for part in parts])
            day = self._policy.book.calendar.local(now).date()
            private = message.is_friend
            name = message.sender_alias or message.sender_name
            row = Outgoing(
                target=message.sender_id if private else message.room_id,
                text=text if private else addressed(name, text),
                due_at=now,
                created_at=now,
                kind="notice",
                private=private,
                mentions=() if private else (message.sender_id,),
                unique=f"feedback {sender.key} {day}",
            )
            await unit.outbox.add([row])
