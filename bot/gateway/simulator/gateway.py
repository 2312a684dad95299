"""A gateway to play with: a puppet service in Python, on loopback, with a small world behind it.

``async with Simulator() as sim:`` serves ``wechaty.Puppet`` at ``sim.endpoint`` to any client. People, rooms
and messages are driven by the methods of :class:`~bot.gateway.simulator.world.World`; what the bot does is on
record in :class:`~bot.gateway.simulator.account.Account`; everything here is about the server and its faults.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import Counter, deque
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from grpclib.const import Status
from wechaty_grpc.wechaty import puppet as pb

from bot.clock import Clock
from bot.gateway.port import Event
from bot.gateway.simulator import encoding as encoding
from bot.gateway.simulator.account import Account
from bot.gateway.simulator.encoding import Timestamps
from bot.gateway.simulator.server import PuppetServer
from bot.gateway.simulator.service import Dialect, PuppetService
from bot.gateway.simulator.stream import Failure

HOST = "127.0.0.1"


class Simulator(Account):
    """One account in a world of its own, behind a puppet service on a free port of loopback.

    Args:
        clock: stamps messages and events; the protocol itself runs in real time.
        self_id, name: the account.
        dialect: "1.x" (token checked) or "0.25" (no token at all).
        token: what a 1.x client has to present.
        timestamps: unit of message times, milliseconds or seconds.
        tell_mentions: whether payloads name who is mentioned; some puppets never do.
        replay: keep what happens while no client listens, and replay it; Node gateways lose it.
        tls: serve with TLS; plain text if not given.
        port: listen there instead of on a free port.
    """

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        self_id: str = "bot",
        name: str = "群管家",
        dialect: Dialect = "1.x",
        token: str = "simulator",  # noqa: S107 - guards nothing: made-up people, on loopback
        timestamps: Timestamps = "ms",
        tell_mentions: bool = True,
        replay: bool = False,
        tls: ssl.SSLContext | None = None,
        port: int = 0,
    ) -> None:
        super().__init__(clock=clock, self_id=self_id, name=name)
        self.token = token
        self._service = PuppetService(
            self,
            dialect=dialect,
            token=token,
            timestamps=timestamps,
            tell_mentions=tell_mentions,
            replay=replay,
        )
        self._tls = tls
        self._port = port
        self._server: PuppetServer | None = None
        self.listen(self._pass_on)

    async def __aenter__(self) -> Self:
        await self.serve()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop_serving()

    @property
    def world(self) -> Account:
        """The world to drive, under the name it has in every fake gateway."""
        return self

    @property
    def endpoint(self) -> str:
        """Where the service is: ``host:port``. It stays the same when serving stops and goes on."""
        return f"{HOST}:{self._port}"

    @property
    def attached(self) -> bool:
        """Whether a client listens to the event stream."""
        return self._service.events.attached is not None

    @property
    def started(self) -> bool:
        """Whether a client has started the puppet."""
        return self._service.started

    @property
    def calls(self) -> Counter[str]:
        """How often each RPC was called, by its name in the service (``MessagePayload``)."""
        return self._service.calls

    @property
    def attaches(self) -> int:
        """How many clients have listened to the event stream so far, one after another."""
        return self._service.events.attaches

    def watch_stream(self, watcher: Callable[[int, pb.EventResponse], None]) -> None:
        """Have ``watcher`` told of each event that went out, with the number of the attach that it went out to."""
        self._service.events.watchers.append(watcher)

    # ---- serving

    async def serve(self) -> None:
        """Listen (again), on the same port as before."""
        if self._server is not None:
            raise RuntimeError("the simulator serves already")
        self._server = PuppetServer(self._service)
        self._port = await self._server.open(HOST, self._port, self._tls)

    async def stop_serving(self) -> None:
        """Cut every connection and stop listening, as a gateway that is killed: its puppet stops with it."""
        self._service.started = False
        self.thaw()
        if self._server is not None:
            server, self._server = self._server, None
            await server.shut()

    # ---- events that no person causes

    def heartbeat(self, data: str = "heartbeat@simulator") -> None:
        """Send a sign of life."""
        self._service.emit(pb.EventType.EVENT_TYPE_HEARTBEAT, data=data)

    def dirty(self, payload_type: int, payload_id: str) -> None:
        """Say that a payload is out of date: 1 message, 2 contact, 3 room, 4 room member, 5 friendship."""
        self._service.dirty(payload_type, payload_id)

    def emit(self, type_: int, **payload: Any) -> None:
        """Send any event at all: unknown types, errors, missing fields."""
        self._service.emit(type_, **payload)

    def emit_raw(self, type_: int, payload: str) -> None:
        """Send an event whose payload is exactly this text, JSON or not."""
        self._service.events.put(pb.EventResponse(type=type_, payload=payload))

    # ---- faults

    def end_stream(self) -> None:
        """End the client's event stream cleanly, as Stop does."""
        self._service.events.end()

    async def drop_stream(self) -> None:
        """Break the client's event stream (reset), and keep its connection."""
        stream = self._service.events.attached
        if stream is not None:
            await stream.cancel()
            self._service.events.end()

    def drop_connections(self) -> None:
        """Cut every client's connection, and go on listening."""
        if self._server is not None:
            self._server.cut()

    def freeze(self) -> None:
        """Answer nothing any more, not even HTTP/2 pings, while connections stay open."""
        self._service.faults.flowing.clear()
        if self._server is not None:
            self._server.freeze()

    def thaw(self) -> None:
        """Go on after :meth:`freeze`."""
        self._service.faults.flowing.set()
        if self._server is not None:
            self._server.thaw()

    def deafen(self, deaf: bool = True) -> None:
        """Answer every call, but lose every event (or, with ``False``, no longer), while the stream stays open."""
        self._service.faults.deaf = deaf

    def mute(self, mute: bool = True) -> None:
        """Take dings without ever answering them with a dong, as some puppets do."""
        self._service.faults.dongs = not mute

    def withhold(self, message_id: str) -> None:
        """Never answer for the payload of this message, until :meth:`release`."""
        self._service.faults.withheld[message_id] = asyncio.Event()

    def release(self, message_id: str) -> None:
        """Answer for a withheld payload after all, to those who still wait too."""
        self._service.faults.withheld.pop(message_id).set()

    def delay(self, what: str, seconds: float) -> None:
        """Let a message's payload (by its id) or an RPC's answers (by its name) take so many real seconds.

        An RPC has had its effect by then.
        """
        self._service.faults.delays[what] = seconds

    def fail(self, rpc: str, status: Status | None = None, *, times: int = 1, after: bool = False) -> None:
        """Let the next calls of an RPC (``MessageSendText``, ``Event`` …) fail.

        Args:
            rpc: its name in the service.
            status: the gRPC status; by default ``UNAVAILABLE``, or with ``after`` none: the call's stream is
                reset without an answer.
            times: how many calls fail.
            after: fail only once the call has had its effect: the answer is lost, the deed is done.
        """
        if status is None and not after:
            status = Status.UNAVAILABLE
        queue = self._service.faults.failures.setdefault(rpc, deque())
        queue.extend([Failure(status, after)] * times)

    # ---- inside

    def _pass_on(self, happened: Event) -> None:
        if self._service.running or self._service.events.replay:
            room = self.rooms.get(happened.room_id)
            self._service.events.put(encoding.encode(happened, room))
