"""The gateway port over the connection of a python-wechaty bot: its channel for calls, its emitter for events.

Only ids are taken from python-wechaty, straight from its puppet and in the order of the stream: its own handling
starts one task per message, without order and without deadlines. Calls go over the puppet's channel with our own
requests, which both generations of gateways understand. The channel is borrowed: nothing here closes it, logs
the account out or stops the gateway's puppet.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from functools import partial
from typing import Any

from structlog.typing import FilteringBoundLogger

from bot.clock import Clock
from bot.errors import GatewayFault, GatewayRefused, GatewayUnavailable
from bot.gateway.port import Event, EventKind
from bot.gateway.wire.connection import Caller, Timing
from bot.gateway.wire.deeds import Deeds
from bot.gateway.wire.proto import Stub
from bot.gateway.wire.translate import identity, name, people

BACKLOG = 100_000  # events that may wait for the pipeline; python-wechaty can't be made to wait
_KNOWN = 20_000  # message ids that may come a second time, by the plugin's own event
_SIGNS = ("heartbeat", "ready")  # of life, and of nothing else


class BorrowedChannel(Caller):
    """Calls over the channel that a bot's puppet has open at the moment.

    Attributes:
        puppet: the bot's, of ``wechaty-puppet-service``; ``None`` before its first login.
    """

    when_rejected = "start the python-wechaty bot with the token with which its gateway was started"

    def __init__(self, token: str, timing: Timing) -> None:
        super().__init__(token, timing)
        self.puppet: Any = None

    def stub(self) -> Stub:
        """
        Raises:
            GatewayUnavailable: the bot has no connection.
        """
        channel = getattr(self.puppet, "channel", None)
        if channel is None:
            raise GatewayUnavailable("the python-wechaty bot has no connection to its gateway")
        return Stub(channel, metadata=self._header())


class HostedGateway(Deeds):
    """:class:`bot.gateway.port.Gateway` inside a python-wechaty bot.

    :meth:`attach` is called at the bot's first login and after each of its restarts; :meth:`watch` notices when
    the bot no longer hears anything. :meth:`events` may be read again after it has ended, and goes on where it
    was: what came meanwhile has waited.
    """

    def __init__(self, token: str, clock: Clock, log: FilteringBoundLogger, timing: Timing) -> None:
        """
        Args:
            token: what the bot shows its gateway; never logged.

        Raises:
            ConfigError: the token can't stand in a header.
        """
        self._channel = BorrowedChannel(token, timing)
        super().__init__(self._channel, clock, log, timing.verify)
        self._timing = timing
        self._self_id = ""
        self._logged_out = False
        self._online = False
        self._waiting: deque[Event] = deque()
        self._news = asyncio.Event()
        self._known: OrderedDict[str, None] = OrderedDict()
        self._heard = 0
        self._heard_at = clock.now()
        self._echoes = 0
        self._lost = 0
        self._open = True

    @property
    def self_id(self) -> str:
        return self._self_id

    def attach(self, puppet: Any) -> None:
        """Listen to a puppet, which forgets its listeners whenever the bot restarts; the account is logged in."""
        self._channel.puppet = puppet
        told: dict[str, Callable[[Any], None]] = {
            "message": lambda payload: self.take_message(payload.message_id),
            "room-join": partial(self._people, EventKind.JOINED, "invited_ids", "inviter_id"),
            "room-leave": partial(self._people, EventKind.LEFT, "removed_ids", "remover_id"),
            "room-topic": self._topic_changed,
            "friendship": self._friendship,
            "login": lambda payload: self._log_in(_text(payload.contact_id)),
            "logout": self._log_out,
            "dong": self._echo,
            **dict.fromkeys(_SIGNS, lambda _: self._alive()),
        }
        for event, listener in told.items():
            puppet.on(event, listener)
        self._directory.forget_all()
        self._log_in(_text(getattr(puppet, "login_user_id", "")))

    def take_message(self, message_id: str) -> None:
        """Take a message by its id; one that was taken before is left alone."""
        self._alive()
        message_id = identity(_text(message_id))
        if not message_id or message_id in self._known:
            return
        self._known[message_id] = None
        if len(self._known) > _KNOWN:
            self._known.popitem(last=False)
        self._put(Event(EventKind.MESSAGE, self._clock.now(), id=message_id))

    async def events(self) -> AsyncIterator[Event]:
        self._open = True
        told = any(event.kind is EventKind.ONLINE for event in self._waiting)
        if self._online and not told:  # whoever reads anew has to hear of it
            self._waiting.appendleft(Event(EventKind.ONLINE, self._clock.now(), id=self._self_id))
        while self._open:
            if self._waiting:
                yield self._waiting.popleft()
                continue
            self._news.clear()
            await self._news.wait()

    async def close(self) -> None:
        self._open = False
        self._news.set()

    async def watch(self) -> None:
        """Notice, for as long as it runs, when the gateway or the bot's event stream is gone, and when it is back.

        python-wechaty may go deaf without a word. A gateway that has answered a ding before and does not now, and
        tells nothing else either, is taken for gone.
        """
        while True:
            heard = self._heard
            await self._clock.sleep(self._timing.keepalive)
            if heard == self._heard and self._self_id:
                await self._probe()

    async def _probe(self) -> None:
        heard = self._heard
        try:
            await self.ding("qungui")
        except (GatewayFault, GatewayRefused) as answer:
            self._log.debug("hosted.ding", answer=str(answer))  # a refusal is an answer all the same
        except GatewayUnavailable as failure:
            self._offline(str(failure), self._heard_at)
            return
        await self._clock.sleep(self._timing.keepalive_timeout)
        if heard != self._heard:
            return
        if self._echoes and self._online:
            self._log.error(
                "the python-wechaty bot no longer receives events from its gateway; restart it if this lasts"
            )
            self._offline("the python-wechaty bot receives no events", self._heard_at)
        elif not self._echoes:
            self._alive()  # this gateway never answers a ding; that it took the call has to do

    def _alive(self) -> None:
        self._heard += 1
        self._heard_at = self._clock.now()
        if self._self_id and not self._online and not self._logged_out:
            self._online = True
            self._directory.forget_all()
            self._put(Event(EventKind.ONLINE, self._clock.now(), id=self._self_id))

    def _log_in(self, contact_id: str) -> None:
        self._logged_out = False
        if contact_id and identity(contact_id) != self._self_id:
            self._self_id, self._online = identity(contact_id), False
        self._alive()

    def _log_out(self, _: Any) -> None:
        self._logged_out = True
        self._offline("the account was logged out")

    def _offline(self, reason: str, since: datetime | None = None) -> None:
        if self._online:
            self._online = False
            self._put(Event(EventKind.OFFLINE, since or self._clock.now(), text=name(reason)))

    def _echo(self, _: Any) -> None:
        self._echoes += 1
        self._alive()

    def _people(self, kind: EventKind, who: str, actor: str, payload: Any) -> None:
        ids = getattr(payload, who, None)
        contacts = people(item for item in ids if isinstance(item, str)) if isinstance(ids, list) else ()
        self._in_room(kind, payload, getattr(payload, actor, ""), contacts=contacts)

    def _topic_changed(self, payload: Any) -> None:
        self._in_room(EventKind.TOPIC, payload, payload.changer_id, text=name(_text(payload.new_topic)))

    def _in_room(
        self, kind: EventKind, payload: Any, actor: Any, contacts: tuple[str, ...] = (), text: str = ""
    ) -> None:
        self._alive()
        if room_id := identity(_text(payload.room_id)):
            actor_id = identity(_text(actor))
            self._put(Event(kind, self._clock.now(), "", room_id, contacts, actor_id, text))

    def _friendship(self, payload: Any) -> None:
        self._alive()
        if friendship_id := identity(_text(payload.friendship_id)):
            self._put(Event(EventKind.FRIENDSHIP, self._clock.now(), id=friendship_id))

    def _put(self, event: Event) -> None:
        if len(self._waiting) >= BACKLOG:
            self._lost += 1
            if self._lost & (self._lost - 1) == 0:  # at 1, 2, 4, 8 …
                self._log.error("events come faster than they are stored, and are lost", count=self._lost)
            return
        self.observe(event)
        self._waiting.append(event)
        self._news.set()


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
