"""The connection to a puppet service: endpoint, TLS, token, deadlines, and its failures in our own words.

:class:`Caller` asks within deadlines and explains failures, over whatever channel it is given;
:class:`Connection` has a channel of its own. The token lives here and nowhere else. Servers repeat it in
their refusals, so no server text about authentication is ever passed on, and failures are raised without
the original as their cause.
"""

from __future__ import annotations

import asyncio
import logging
import re
import ssl
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from grpclib.client import Channel
from grpclib.const import Status
from grpclib.exceptions import GRPCError, StreamTerminatedError

from bot.errors import (
    Absent,
    ConfigError,
    GatewayError,
    GatewayFault,
    GatewayRefused,
    GatewayUnavailable,
    GatewayUncertain,
    TokenRejected,
)
from bot.gateway.wire.proto import Stub
from bot.gateway.wire.translate import clean, says_absent

T = TypeVar("T")

TLS_OFF = "off"
TLS_DEFAULT = "insecure-default"
DEFAULT_CA = Path(__file__).with_name("wechaty_ca.pem")
_LATER = frozenset(
    {
        Status.UNAVAILABLE,
        Status.DEADLINE_EXCEEDED,
        Status.ABORTED,
        Status.CANCELLED,
        Status.ALREADY_EXISTS,
    }
)
# Node servers answer with the first two whatever went wrong in the puppet behind them; the last says that this
# is too much, or too often, for a gateway that is there.
_UNEXPLAINED = frozenset({Status.INTERNAL, Status.UNKNOWN, Status.DATA_LOSS, Status.RESOURCE_EXHAUSTED})

_TAKEN = (
    "another program reads this gateway's events; if that is a second bot on this account, stop one of them"
)

# At DEBUG this library writes every header into the log, the token's included.
logging.getLogger("hpack").setLevel(logging.INFO)


@dataclass(frozen=True, slots=True)
class Timing:
    """How long anything may take, in seconds.

    Attributes:
        call: deadline of one call.
        connect: deadline for opening the event stream.
        keepalive: pause between two probes of the gateway.
        keepalive_timeout: how long a gateway may say nothing at all after a probe before it counts as dead.
        dong: how long the answer to a ding may take to come back by the stream; many puppets let a second pass.
        login: how long after an attach the gateway may take to repeat the login.
        retry_first: the first pause before a reconnect; each further one is twice as long.
        retry_longest: the longest pause.
        verify: pause between two readings when a change is verified.
    """

    call: float = 10.0
    connect: float = 5.0
    keepalive: float = 10.0
    keepalive_timeout: float = 5.0
    dong: float = 5.0
    login: float = 3.0
    retry_first: float = 0.5
    retry_longest: float = 10.0
    verify: float = 0.5


class Caller(ABC):
    """Calls of one gateway, each within its deadline, with failures in our own words.

    Attributes:
        when_rejected: what the reader can do about a token that is not accepted.
    """

    when_rejected = "set QUNGUI_GATEWAY_TOKEN to the token with which the gateway was started"

    def __init__(self, token: str, timing: Timing) -> None:
        """
        Args:
            token: goes with every call; masked in whatever the gateway says.

        Raises:
            ConfigError: it can't stand in a header.
        """
        self._token = usable_token(token)
        self._timing = timing

    @abstractmethod
    def stub(self) -> Stub:
        """For one call, on the present channel."""

    def _header(self) -> dict[str, str]:
        return {"authorization": f"Wechaty {self._token}"} if self._token else {}

    async def answers(self) -> bool:
        """Whether the gateway shows any sign of life, be it a refusal, after a probe.

        A call, not an HTTP/2 ping: when a ping is lost grpclib closes the connection politely, and over TLS
        that waits half a minute for the peer's goodbye before anybody is told.
        """
        probe = asyncio.ensure_future(self.stub().version())
        probe.add_done_callback(_collect)
        try:
            await asyncio.wait({probe}, timeout=self._timing.keepalive_timeout)
        finally:
            probe.cancel()
        return bool(probe.done())

    async def call(self, what: str, ask: Callable[[Stub], Awaitable[T]], *, deed: bool = False) -> T:
        """Ask within the deadline.

        Args:
            what: names the call in errors.
            ask: makes exactly one call.
            deed: whether the call has effects, so that it matters if it was carried out.

        Raises:
            GatewayUnavailable: not now; :class:`GatewayFault` for a failure that the gateway did not explain.
            GatewayUncertain: the request for a deed went out, and no answer came.
            GatewayRefused: never; :class:`Absent` if the thing does not exist.
            TokenRejected: the gateway does not accept the token.
        """
        # A task of its own, and not awaited directly: when a connection dies, grpclib cancels whatever task
        # waits on it and turns that into an error, and a cancellation of ours would be lost with it.
        stub = self.stub()
        asking = asyncio.ensure_future(ask(stub))
        asking.add_done_callback(_collect)
        try:
            await asyncio.wait({asking}, timeout=self._timing.call)
        finally:
            asking.cancel()
        error = asking.exception() if asking.done() else TimeoutError()
        if error is None:
            return asking.result()
        if not isinstance(error, Exception):
            raise error
        # Raised from here, and without its cause: servers repeat the token in what they say.
        failure = self.explain(what, error)
        if deed and stub.sent and _unanswered(error):
            raise uncertain(str(failure))
        raise failure

    def explain(self, what: str, error: Exception) -> GatewayError:
        """``error`` in our own words."""
        if isinstance(error, GatewayError):
            return error
        if isinstance(error, GRPCError):
            return self._explain_status(what, error.status, str(error.message or ""))
        if isinstance(error, ssl.SSLError):
            return GatewayUnavailable(
                f"TLS with the gateway failed: {error.reason or type(error).__name__}",
                "set QUNGUI_GATEWAY_TLS to off, insecure-default, or the CA file of the gateway",
            )
        if isinstance(error, TimeoutError):
            return GatewayUnavailable(f"{what}: no answer within the deadline")
        if isinstance(error, (OSError, StreamTerminatedError)):
            return GatewayUnavailable(f"no connection to the gateway ({type(error).__name__})")
        return GatewayFault(f"{what}: the gateway's answer can't be used ({type(error).__name__})")

    def _explain_status(self, what: str, status: Status, details: str) -> GatewayError:
        if status is Status.UNAUTHENTICATED:
            return TokenRejected(
                "the gateway does not accept our token",
                self.when_rejected,
            )
        told = clean(details.replace(self._token, "***") if self._token else details)[:200]
        message = f"{what}: {status.name}{f' ({told})' if told else ''}"
        if status is Status.NOT_FOUND or (status in _UNEXPLAINED and says_absent(details)):
            return Absent(message)
        if status in _UNEXPLAINED:
            return GatewayFault(message)
        if status is Status.ALREADY_EXISTS:
            return GatewayUnavailable(f"{message}: {_TAKEN}")
        return GatewayUnavailable(message) if status in _LATER else GatewayRefused(message)


class _Channel(Channel):
    """A channel that stays closed once it is.

    grpclib's own would be opened again by a call that was connecting just then, and nobody would close it any more.
    """

    _dropped = False

    def close(self) -> None:
        self._dropped = True
        super().close()

    async def __connect__(self) -> Any:
        protocol = None if self._dropped else await super().__connect__()
        if self._dropped:
            super().close()
            raise ConnectionAbortedError("the channel was dropped meanwhile")
        return protocol


class Connection(Caller):
    """One gRPC channel to the gateway at a time, opened when it is first needed."""

    def __init__(self, endpoint: str, token: str, tls: str, timing: Timing, stub: type[Stub] = Stub) -> None:
        """
        Args:
            stub: what can be asked over it.

        Raises:
            ConfigError: the endpoint, the token or the CA file can't be used.
        """
        self._host, self._port = parse_endpoint(endpoint)
        super().__init__(token, timing)
        self._stub = stub
        self._ssl = tls_context(tls)
        self._channel: _Channel | None = None

    def stub(self) -> Stub:
        if self._channel is None:
            self._channel = _Channel(self._host, self._port, ssl=self._ssl)
            if self._ssl is None and re.fullmatch(r"[\w.~:-]+", self._token, re.ASCII):
                # Gateways that know no authorization header take the token from here.
                self._channel._authority = self._token
        return self._stub(self._channel, metadata=self._header())

    def close(self) -> None:
        """Drop the channel; what is under way on it fails at once, and the next call opens a new one."""
        channel, self._channel = self._channel, None
        if channel is not None:
            channel.close()


def uncertain(why: str) -> GatewayUncertain:
    """The failure of a deed of which nobody knows whether it was done."""
    return GatewayUncertain(f"{why}; it may have been done all the same", "look in WeChat whether it was")


def _unanswered(error: Exception) -> bool:
    """Whether an error leaves open what became of a request that had gone out."""
    if not isinstance(error, GRPCError):
        return True  # the deadline, a lost connection, a stream that was reset, an answer nobody can read
    if error.status in (Status.CANCELLED, Status.DEADLINE_EXCEEDED):
        return True
    # A proxy in between gave up waiting; grpclib shows its HTTP status like this.
    return error.status is Status.UNAVAILABLE and error.message == "Received :status = '504'"


def _collect(done: asyncio.Future[T]) -> None:
    """Take the error of a call that nobody waits for any more, lest asyncio log it, server text and all."""
    if not done.cancelled():
        done.exception()


def parse_endpoint(endpoint: str) -> tuple[str, int]:
    """Host and port of ``host:port`` or ``[v6]:port``.

    Raises:
        ConfigError: it is neither.
    """
    match = re.fullmatch(r"(?:\[([0-9A-Fa-f:.]+)\]|([^\s:/\[\]]+)):(\d{1,5})", endpoint)
    if match is None or not 0 < int(match[3]) < 65536:
        raise ConfigError(
            f"gateway endpoint {endpoint!r} is not host:port",
            "set QUNGUI_GATEWAY_ENDPOINT, for example 127.0.0.1:8788",
        )
    return match[1] or match[2], int(match[3])


def usable_token(token: str) -> str:
    """The token itself; empty for gateways that ask for none.

    Raises:
        ConfigError: it can't stand in a header.
    """
    if not re.fullmatch(r"[!-~]*", token):
        raise ConfigError(
            "the gateway token holds blanks or characters outside ASCII",
            "set QUNGUI_GATEWAY_TOKEN to the token with which the gateway was started",
        )
    return token


def tls_context(tls: str) -> ssl.SSLContext | None:
    """What to demand of the gateway's certificate; ``None`` for no TLS.

    Raises:
        ConfigError: the CA file can't be read.
    """
    if tls == TLS_OFF:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["h2"])
    # Python 3.13 turned this on; Wechaty's own certificate and many a company's lack what it asks for.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    if tls == TLS_DEFAULT:
        context.check_hostname = False  # every gateway shares this certificate, whatever its name
    try:
        context.load_verify_locations(cafile=DEFAULT_CA if tls == TLS_DEFAULT else tls)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(
            f"the CA file {tls!r} can't be read: {type(error).__name__}",
            "set QUNGUI_GATEWAY_TLS to off, insecure-default, or the path of a PEM file",
        ) from error
    return context
