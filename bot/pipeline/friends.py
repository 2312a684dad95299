"""Friend requests: accepted for people on the roster or the operator's list, slowly, and written down.

WeChat carries private chat only between contacts, so whoever should get private answers has to become one.
An acceptance is a row of the outbox: paced like everything else the account does, retried, and not lost in
a crash.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from structlog.typing import FilteringBoundLogger

from bot.clock import Clock
from bot.errors import GatewayError, GatewayUnavailable
from bot.gateway.port import Event, Listener
from bot.pipeline.patience import patiently
from bot.settings import FriendSettings
from storage.records import SYSTEM, AuditEntry, Binding, Outgoing
from storage.session import Storage, UnitOfWork

LEAST_WAIT = timedelta(seconds=20)
NAME_REST = timedelta(days=1)
TRIES = 5
UNREAD = 200
"""So many events are kept that the gateway could not tell about; requests come one by one."""


@dataclass(frozen=True, slots=True)
class Welcome:
    """Who is accepted.

    Attributes:
        known: people on the roster or the list are accepted; otherwise nobody is.
        listed: WeChat names that are accepted though no roster has them.
        per_hour: at most so many acceptances an hour.
    """

    known: bool
    listed: frozenset[str]
    per_hour: int

    @classmethod
    def of(cls, friends: FriendSettings) -> Welcome:
        """What these settings ask for."""
        return cls(friends.accept == "known", frozenset(friends.listed), friends.per_hour)


class Friends:
    """Decides on friend requests."""

    def __init__(
        self, gateway: Listener, storage: Storage, welcome: Welcome, clock: Clock, log: FilteringBoundLogger
    ) -> None:
        self._gateway = gateway
        self._storage = storage
        self._clock = clock
        self._log = log
        self._welcome = welcome
        self._last_due: datetime | None = None
        self._names: dict[
            str, datetime
        ] = {}  # accepted by name alone, so no more than are on roster and list
        self._unread: deque[tuple[Event, int]] = deque(maxlen=UNREAD)

    def adopt(self, welcome: Welcome) -> None:
        """Accept these from now on."""
        self._welcome = welcome

    async def react(self, event: Event) -> None:
        """Take one friendship event: a request is decided on, a confirmation releases the answers that waited.

        What the gateway can't tell about now is kept for :meth:`retry`.
        """
        await self._take(event, 1)

    async def retry(self) -> None:
        """Take what could not be read before, a limited number of times."""
        unread, self._unread = list(self._unread), deque(maxlen=UNREAD)
        for event, tries in unread:
            await self._take(event, tries + 1)

    async def _take(self, event: Event, tries: int) -> None:
        try:
            request = await self._gateway.friend_request(event.id)
            contact = await self._gateway.member("", request.contact_id) if request is not None else None
        except GatewayError as failure:
            self._log.warning("friend request could not be read", failure=str(failure), tries=tries)
            if tries < TRIES:
                self._unread.append((event, tries))
            return
        if request is None:
            await self.release_waiting()
        else:
            await self._decide(event.id, request.contact_id, contact.name if contact else "")

    async def _decide(self, friendship_id: str, contact_id: str, name: str) -> None:
        now = self._clock.now()

        async def decide() -> tuple[Outgoing | None, bool]:
            async with self._storage.unit() as unit:
                action = "friend request left alone"
                added: list[Outgoing] = []
                known = self._welcome.known and await self._known(unit, contact_id)
                by_name = self._welcome.known and not known and await self._named(unit, name, now)
                if known or by_name:
                    action = "friend request accepted"
                    added = await unit.outbox.add([self._acceptance(friendship_id, contact_id, now)])
                await unit.audit.add(AuditEntry(now, SYSTEM, action, contact_id))
                return (added[0] if added else None), by_name

        row, by_name = await patiently(decide, self._clock, self._log)
        if row is not None:
            self._last_due = row.due_at
            if by_name:
                self._names[name] = now

    async def release_waiting(self) -> None:
        """Send the private answers whose readers have become friends since."""
        for target in await patiently(self._waiting, self._clock, self._log):
            try:
                contact = await self._gateway.member("", target)
            except GatewayError as failure:
                if (
                    type(failure) is GatewayUnavailable
                ):  # none of its kinds: the gateway is away, for all of them
                    return
                continue  # asked again with the next tick
            if contact is not None and contact.is_friend:
                await patiently(partial(self._release, target), self._clock, self._log)

    async def _waiting(self) -> list[str]:
        async with self._storage.view() as unit:
            return await unit.outbox.waiting_targets()

    async def _release(self, target: str) -> None:
        async with self._storage.unit() as unit:
            await unit.outbox.release(target, self._clock.now())

    def _acceptance(self, friendship_id: str, contact_id: str, now: datetime) -> Outgoing:
        due = now + LEAST_WAIT
        if self._last_due is not None:
            due = max(due, self._last_due + timedelta(hours=1) / self._welcome.per_hour)
        return Outgoing(
            target=friendship_id,
            text="",
            due_at=due,
            created_at=now,
            kind="friend",
            unique=f"friend {contact_id} {now:%Y-%m-%d}",
        )

    async def _known(self, unit: UnitOfWork, contact_id: str) -> bool:
        """Somebody a private answer waits for (the bot itself asked for it), or an employee for certain."""
        if contact_id in await unit.outbox.waiting_targets():
            return True
        person = await unit.people.by_contact(contact_id)
        return person is not None and person.binding is Binding.CONFIRMED and bool(person.employee_no)

    async def _named(self, unit: UnitOfWork, name: str, now: datetime) -> bool:
        """Somebody with a name on the roster or the list. A name is easily worn: by it alone one a day is accepted."""
        taken = self._names.get(name)
        if not name or (taken is not None and now - taken < NAME_REST):
            return False
        return name in self._welcome.listed or await unit.people.on_roster(name)
