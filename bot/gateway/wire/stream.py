"""The event stream, kept alive: attach, read, notice the end, wait, and again for as long as the bot runs."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime

from structlog.typing import FilteringBoundLogger
from wechaty_grpc.wechaty import puppet as pb

from bot.clock import Clock
from bot.errors import GatewayError, GatewayFault, GatewayRefused, GatewayUnavailable, TokenRejected
from bot.gateway.port import Event, EventKind
from bot.gateway.wire.connection import Connection, Timing
from bot.gateway.wire.proto import RawEvent, limited
from bot.gateway.wire.translate import Dirty, Dong, Fault, Login, Logout, Scan, Signal, Unreadable, signal

FROZEN = "the gateway stopped answering"
DEAF = "the gateway answers, but passes no events on any more"
ENDED = "the gateway ended the event stream"
_REASONS = 5


class Backoff:
    """Pauses that double, with jitter, so that many clients do not come back in step."""

    def __init__(self, first: float, longest: float, chance: Callable[[], float] = random.random) -> None:
        self._first = first
        self._longest = longest
        self._chance = chance
        self._next = first

    def reset(self) -> None:
        """Begin again with the first pause."""
        self._next = self._first

    def pause(self) -> float:
        """Seconds to wait now: between three quarters of the present pause and all of it."""
        pause, self._next = self._next, min(self._longest, self._next * 2)
        return pause * (0.75 + 0.25 * self._chance())


@dataclass(frozen=True, slots=True)
class _End:
    """Nothing more will come; ``failure`` says why, ``None`` after an ordinary close."""

    failure: Exception | None = None


class EventStream:
    """One gateway's events, in order of receipt, across reconnects.

    Attributes:
        self_id: the account's contact id, as far as it is known.
        counts: how often each tolerated oddity was met.
    """

    def __init__(
        self,
        connection: Connection,
        clock: Clock,
        log: FilteringBoundLogger,
        timing: Timing,
        observe: Callable[[Signal], None],
        attached: Callable[[], None],
        backlog: int,
    ) -> None:
        """
        Args:
            observe: is shown every signal when it is received, before anybody takes it.
            attached: is called on each new attach: whatever is cached may have gone stale unseen.
            backlog: how many events may wait to be taken before the stream is no longer read.
        """
        self.self_id = ""
        self.counts: Counter[str] = Counter()
        self._connection = connection
        self._clock = clock
        self._log = log
        self._timing = timing
        self._observe = observe
        self._attached = attached
        self._queue: asyncio.Queue[Event | _End] = asyncio.Queue()
        self._room = asyncio.Semaphore(backlog)
        self._backoff = Backoff(timing.retry_first, timing.retry_longest)
        self._online: bool | None = None
        self._scanning = False
        self._told: set[str] = set()  # reasons of the present outage that stand in the log
        self._supervisor: asyncio.Task[None] | None = None
        self._stopping = False
        self._dead = ""  # what a probe found
        self._heard = 0  # events of the present attach
        self._dongs = 0  # among them
        self._answers_dings = False
        self._well_at = clock.now()
        self._sign = asyncio.Event()

    async def events(self) -> AsyncIterator[Event]:
        """Events until :meth:`close`; see :meth:`bot.gateway.port.Gateway.events`."""
        if self._supervisor is not None:
            raise RuntimeError("a gateway has one stream of events, and it is being read")
        self._stopping = False
        self._supervisor = asyncio.create_task(self._supervise(), name="gateway events")
        try:
            while True:
                item = await self._queue.get()
                if isinstance(item, _End):
                    if item.failure is not None:
                        raise item.failure
                    return
                self._room.release()
                yield item
        finally:
            await self._stop()

    async def close(self) -> None:
        """Receive nothing new; :meth:`events` ends after what has been received."""
        await self._stop()
        self._queue.put_nowait(_End())

    async def _stop(self) -> None:
        self._stopping = True
        task, self._supervisor = self._supervisor, None
        if task is not None:
            task.cancel()
            await asyncio.wait({task})

    async def _supervise(self) -> None:
        try:
            while True:
                reason = await self._attach()
                if self._stopping:  # grpclib may have taken our cancellation for the end of the stream
                    return
                await self._went_offline(reason, self._well_at if self._dead else self._clock.now())
                self._connection.close()
                await self._clock.sleep(self._backoff.pause())
        except Exception as error:  # noqa: BLE001 - handed to whoever reads the events
            self._queue.put_nowait(_End(error))

    async def _attach(self) -> str:
        """One life of the stream; returns why it ended."""
        self._dead, self._heard, self._dongs, self._well_at = "", 0, 0, self._clock.now()
        try:
            async with self._connection.stub().open_events() as stream:
                async with asyncio.timeout(self._timing.connect):
                    await stream.send_request()
                    limited(stream)
                    await stream.send_message(pb.EventRequest(), end=True)
                # Started only once somebody listens: a gateway replays nothing.
                await self._start()
                self._scanning = False
                self._attached()
                watch = [asyncio.create_task(self._assume_login()), asyncio.create_task(self._probe())]
                try:
                    async for raw in stream:
                        self._heard += 1
                        self._well_at = self._clock.now()
                        self._sign.set()
                        self._backoff.reset()
                        await self._receive(raw)
                finally:
                    for task in watch:
                        task.cancel()
        except TokenRejected:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the stream is over and the reason is reported
            failure = self._connection.explain("events", error)
        else:
            return self._dead or ENDED  # grpclib may take our own closing for the end of the stream
        if isinstance(failure, TokenRejected):
            raise failure
        return self._dead or str(failure)

    async def _start(self) -> None:
        try:
            await self._connection.call("start", lambda stub: stub.start())
        except TokenRejected:
            raise
        except GatewayError as error:
            # Many a gateway that runs already says so with an error; if it is worse, the stream shows it.
            self.counts["start refused"] += 1
            self._log.debug("gateway.start", answer=str(error))

    async def _receive(self, raw: RawEvent) -> None:
        told = signal(raw.type, raw.payload, self._clock.now())
        self._observe(told)
        match told:
            case Login(contact_id):
                await self._went_online(contact_id)
            case Logout(reason):
                self._scanning = True
                await self._went_offline(f"the account was logged out{f': {reason}' if reason else ''}")
            case Scan():
                self._scanning = True
                self._log.warning(
                    "gateway.scan", remedy="scan the gateway's QR code with the account's phone"
                )
            case Fault():
                self._tolerate("error event")
            case Unreadable(why):
                self._tolerate(why)
            case Event():
                if self.self_id and not self._online:
                    await self._went_online(self.self_id)
                await self._put(told)
            case Dirty():
                self.counts["dirty"] += 1
            case Dong():
                self._dongs += 1
                self._answers_dings = True

    def _tolerate(self, why: str) -> None:
        self.counts[why] += 1
        if self.counts[why] == 1:
            self._log.warning("gateway.tolerated", what=why)

    async def _probe(self) -> None:
        """Notice a gateway from which nothing comes any more, although its connection stays open.

        It is frozen if it answers no call. It is deaf if it takes calls, and what they cause does not come back by
        the stream: a ding does, where the gateway has answered one before. Some puppets never do.
        """
        while True:
            await asyncio.sleep(self._timing.keepalive)
            heard = self._heard
            answers = await self._connection.answers()
            if heard == self._heard and not answers:
                self._give_up(FROZEN)
                return
            if self._scanning or not self.self_id:
                continue
            if await self._comes_round():
                self._well_at = self._clock.now()
                await self._take_for_online()
                continue
            if self._heard and not self._dongs:
                self._answers_dings = (
                    False  # perhaps another gateway than before: it is believed after a new attach
                )
            self._give_up(DEAF)
            return

    async def _comes_round(self) -> bool:
        """Whether a ding brings something back by the stream, as far as that can be expected of this gateway."""
        self._sign.clear()
        try:
            await self._connection.call("ding", lambda stub: stub.ding(data="qungui"))
        except (GatewayFault, GatewayRefused) as answer:
            self.counts["ding refused"] += 1
            self._log.debug("gateway.ding", answer=str(answer))
            return True
        except GatewayUnavailable as failure:
            self._log.debug("gateway.ding", failure=str(failure))
        if not self._answers_dings:
            return True
        try:
            async with asyncio.timeout(self._timing.dong):
                await self._sign.wait()
        except TimeoutError:
            # Where the bot takes events more slowly than they come, the dong still stands in the line.
            return self._room.locked()
        return True

    def _give_up(self, why: str) -> None:
        self._dead = why
        self._connection.close()

    async def _assume_login(self) -> None:
        """Some gateways do not repeat the login on a reconnect: silence then means that it still holds.

        Not so where a ding should come back and does not: nothing is known to come by this stream.
        """
        await asyncio.sleep(self._timing.login)
        if self._online or self._scanning or not self.self_id:
            return
        if self._heard or await self._comes_round():
            await self._take_for_online()

    async def _take_for_online(self) -> None:
        if self.self_id and not self._online and not self._scanning:
            await self._went_online(self.self_id)

    async def _went_online(self, self_id: str) -> None:
        self._scanning = False
        if self._online and self_id == self.self_id:
            return
        self._online = True
        self._well_at = self._clock.now()
        self.self_id = self_id
        self._log.info("gateway.online", account=self_id)
        await self._put(Event(EventKind.ONLINE, self._clock.now(), id=self_id))

    async def _went_offline(self, reason: str, since: datetime | None = None) -> None:
        if self._online is False:
            if reason not in self._told and len(self._told) < _REASONS:
                self._told.add(reason)
                self._log.warning("gateway.still_offline", reason=reason)
            return
        self._online = False
        self._told = {reason}
        self._log.warning("gateway.offline", reason=reason)
        await self._put(Event(EventKind.OFFLINE, since or self._clock.now(), text=reason))

    async def _put(self, event: Event) -> None:
        await self._room.acquire()
        self._queue.put_nowait(event)
