"""The simulator's event stream, and what can be made to go wrong with it and with every call."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from grpclib.const import Status
from grpclib.exceptions import GRPCError
from grpclib.server import Stream
from wechaty_grpc.wechaty import puppet as pb


@dataclass(frozen=True, slots=True)
class Failure:
    """An RPC is answered with ``status``; if ``after`` is set, only once it has had its effect.

    Without a status there is no answer at all: its stream is reset.
    """

    status: Status | None
    after: bool = False


@dataclass(slots=True)
class Faults:
    """What goes wrong on demand.

    Attributes:
        failures: per RPC, how its next calls fail.
        withheld: message ids whose payload waits until the event is set.
        delays: message ids whose payload, and RPCs whose answer, takes that many seconds of real time.
        flowing: cleared while the gateway is frozen.
        deaf: calls are answered, but no event comes.
        dongs: whether a ding brings a dong.
    """

    failures: dict[str, deque[Failure]] = field(default_factory=dict)
    withheld: dict[str, asyncio.Event] = field(default_factory=dict)
    delays: dict[str, float] = field(default_factory=dict)
    flowing: asyncio.Event = field(default_factory=asyncio.Event)
    deaf: bool = False
    dongs: bool = True

    def __post_init__(self) -> None:
        self.flowing.set()

    def next_failure(self, rpc: str) -> Failure | None:
        """How this call fails, if it does."""
        queue = self.failures.get(rpc)
        return queue.popleft() if queue else None


class EventStream:
    """What waits to go out to the one client that may listen.

    A Node gateway loses what happens while nobody listens; with ``replay`` it is kept for the next client.

    Attributes:
        attaches: how many clients have listened so far, one after another.
        watchers: are told of each event that went out, with the number of the attach that it went out to.
    """

    def __init__(self, *, replay: bool) -> None:
        self.replay = replay
        self.attached: Stream[Any, Any] | None = None
        self.attaches = 0
        self.watchers: list[Callable[[int, pb.EventResponse], None]] = []
        self._waiting: deque[pb.EventResponse] = deque()
        self._wake = asyncio.Event()
        self._ended = False

    def put(self, *items: pb.EventResponse) -> None:
        """Queue events, if anybody listens or they are kept."""
        if self.attached is not None or self.replay:
            self._waiting.extend(items)
            self._wake.set()

    def end(self) -> None:
        """End the client's stream cleanly once everything queued has gone out."""
        self._ended = True
        self._wake.set()

    async def serve(self, stream: Stream[Any, Any], greeting: list[pb.EventResponse], faults: Faults) -> None:
        """Greet a client, then send it events in order until its stream ends."""
        if self.attached is not None:
            raise GRPCError(Status.ALREADY_EXISTS, "event() can not be called twice")
        self.attached, self._ended = stream, False
        self.attaches += 1
        if not self.replay:
            self._waiting.clear()
        self._waiting.extendleft(reversed(greeting))
        try:
            await stream.send_initial_metadata()
            while True:
                while self._waiting:
                    await faults.flowing.wait()
                    if not faults.deaf:
                        await self._send(stream, self._waiting[0])
                    self._waiting.popleft()
                if self._ended:
                    return
                self._wake.clear()
                await self._wake.wait()
        finally:
            self.attached = None

    async def _send(self, stream: Stream[Any, Any], item: pb.EventResponse) -> None:
        await stream.send_message(item)
        for watcher in self.watchers:
            watcher(self.attaches, item)
