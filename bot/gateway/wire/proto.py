"""The puppet service on the wire: ``wechaty_grpc``'s stub, and where servers 0.x and 1.x differ from it.

A 1.x server reads a new announcement from a plain field 3 where 0.x reads a wrapped field 2, and
takes a request with only the other one for a question. Requests here carry both, answers come from either.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Optional

import betterproto
from grpclib.client import Channel
from grpclib.const import Cardinality
from grpclib.exceptions import ProtocolError
from wechaty_grpc.wechaty import PuppetStub
from wechaty_grpc.wechaty import puppet as pb

from bot.errors import GatewayRefused

LARGEST = 16 * 1024 * 1024
"""No answer or event is larger, in bytes: a list of every contact of an account is a small part of that."""

CONTACT_RECEIVE = 2  # FriendshipType: somebody asks to become a contact

QUESTIONS = frozenset(
    f"/wechaty.Puppet/{name}"
    for name in (
        "Start",
        "Version",
        "Ding",
        "DirtyPayload",
        "MessagePayload",
        "MessageUrl",
        "MessageMiniProgram",
        "MessageContact",
        "ContactPayload",
        "RoomList",
        "RoomPayload",
        "RoomMemberList",
        "RoomMemberPayload",
        "FriendshipPayload",
    )
)
"""The calls without an effect in WeChat. For an announcement asking and changing is one call: that is none."""


@dataclass(eq=False, repr=False)
class RawEvent(betterproto.Message):
    """One event as bytes: a payload that is not even text must not break the stream."""

    type: int = betterproto.int32_field(1)
    payload: bytes = betterproto.bytes_field(2)


@dataclass(eq=False, repr=False)
class TextRequest(betterproto.Message):
    """A room's new announcement, in the fields of 0.x and of 1.x at once."""

    id: str = betterproto.string_field(1)
    wrapped: Optional[str] = betterproto.message_field(2, wraps=betterproto.TYPE_STRING)  # noqa: UP045 - betterproto fails on str | None
    plain: str = betterproto.string_field(3)


@dataclass(eq=False, repr=False)
class TextResponse(betterproto.Message):
    """A room's announcement, or the id of what was sent: wrapped in 0.x, plain in 1.x."""

    wrapped: Optional[str] = betterproto.message_field(1, wraps=betterproto.TYPE_STRING)  # noqa: UP045 - betterproto fails on str | None
    plain: str = betterproto.string_field(2)

    @property
    def value(self) -> str:
        """The text, wherever the server put it; empty for none."""
        return self.plain or self.wrapped or ""


@dataclass(eq=False, repr=False)
class UrlFields(betterproto.Message):
    """A link card, as 1.x sends it."""

    description: str = betterproto.string_field(1)
    title: str = betterproto.string_field(3)
    url: str = betterproto.string_field(4)


@dataclass(eq=False, repr=False)
class UrlResponse(betterproto.Message):
    """A link card: JSON in 0.x, fields (and JSON, for now) in 1.x."""

    json: str = betterproto.string_field(1)
    fields: UrlFields = betterproto.message_field(2)  # noqa: RUF009 - how betterproto declares a field


@dataclass(eq=False, repr=False)
class MiniProgramFields(betterproto.Message):
    """A mini-program card, as 1.x sends it."""

    description: str = betterproto.string_field(2)
    title: str = betterproto.string_field(7)


@dataclass(eq=False, repr=False)
class MiniProgramResponse(betterproto.Message):
    """A mini-program card: JSON in 0.x, fields (and JSON, for now) in 1.x."""

    json: str = betterproto.string_field(1)
    fields: MiniProgramFields = betterproto.message_field(2)  # noqa: RUF009 - see UrlResponse


def limited(stream: Any) -> None:
    """Have a stream whose request has left refuse a message beyond :data:`LARGEST` before any of it is kept.

    grpclib collects as much as a server announces, up to 4 GiB, in memory.
    """
    inner = stream._stream
    receive = inner.recv_data

    async def receive_limited(size: int) -> bytes:
        if size > LARGEST:
            raise ProtocolError("a message that is far too large")
        data: bytes = await receive(size)
        return data

    inner.recv_data = receive_limited


class Stub(PuppetStub):  # type: ignore[misc]  # the generated stub comes without types
    """``PuppetStub`` with the calls that have to fit both generations of servers; one call each.

    Attributes:
        sent: whether a request has begun to leave: from then on the server may act on it.
    """

    def __init__(self, channel: Channel, *, metadata: Mapping[str, str]) -> None:
        super().__init__(channel, metadata=metadata)
        self.sent = False

    async def _unary_unary(self, route: str, request: Any, response_type: Any, **_: Any) -> Any:
        bytes(request)  # what can't be put into bytes fails here, and has not been sent
        cardinality = Cardinality.UNARY_UNARY
        async with self.channel.request(
            route, cardinality, type(request), response_type, metadata=self.metadata
        ) as stream:
            await stream.send_request()
            self.sent = True
            limited(stream)
            await stream.send_message(request, end=True)
            response = await stream.recv_message()
            if response is None:
                raise ProtocolError("an answer without a message")
            return response

    def open_events(self) -> Any:
        """The event stream, not yet opened: use it with ``async with``, send it an ``EventRequest``, and limit it."""
        return self.channel.request(
            "/wechaty.Puppet/Event",
            Cardinality.UNARY_STREAM,
            pb.EventRequest,
            RawEvent,
            metadata=self.metadata,
        )

    async def send_text(self, conversation_id: str, text: str, mentions: list[str]) -> str:
        """Send text; returns the new message's id, empty if the server tells none."""
        request = pb.MessageSendTextRequest(conversation_id=conversation_id, text=text, mentonal_ids=mentions)
        response = await self._unary_unary("/wechaty.Puppet/MessageSendText", request, TextResponse)
        return str(response.value)

    async def announcement(self, room_id: str) -> str:
        """A room's announcement."""
        request = pb.RoomAnnounceRequest(id=room_id)
        return str((await self._unary_unary("/wechaty.Puppet/RoomAnnounce", request, TextResponse)).value)

    async def set_announcement(self, room_id: str, text: str) -> None:
        """Replace a room's announcement."""
        request = TextRequest(id=room_id, wrapped=text, plain=text)
        await self._unary_unary("/wechaty.Puppet/RoomAnnounce", request, TextResponse)

    async def link_card(self, message_id: str) -> UrlResponse:
        """What a link card says."""
        request = pb.MessageUrlRequest(id=message_id)
        response: UrlResponse = await self._unary_unary("/wechaty.Puppet/MessageUrl", request, UrlResponse)
        return response

    async def mini_program_card(self, message_id: str) -> MiniProgramResponse:
        """What a mini-program card says."""
        request = pb.MessageMiniProgramRequest(id=message_id)
        response: MiniProgramResponse = await self._unary_unary(
            "/wechaty.Puppet/MessageMiniProgram", request, MiniProgramResponse
        )
        return response


class ListeningStub(Stub):
    """Carries questions only: whatever else is called has no route, and nothing of it leaves."""

    async def _unary_unary(self, route: str, request: Any, response_type: Any, **_: Any) -> Any:
        if route not in QUESTIONS:
            raise GatewayRefused(
                f"{route.rpartition('/')[2]} is no question, and this connection only listens"
            )
        return await super()._unary_unary(route, request, response_type)
