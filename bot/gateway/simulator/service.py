"""``wechaty.Puppet`` over gRPC, from the simulated world: what a gateway answers, and how it fails.

``dialect`` says which generation of servers it behaves like: "1.x" checks the token, greets with a heartbeat
and reads new texts from field 3; "0.25" lets everybody in and reads them from field 2.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from grpclib.const import Cardinality, Handler, Status
from grpclib.exceptions import GRPCError
from grpclib.server import Stream
from wechaty_grpc.wechaty import puppet as pb

from bot.clock import SystemClock
from bot.errors import GatewayRefused
from bot.gateway.simulator import encoding as encoding
from bot.gateway.simulator.account import Account
from bot.gateway.simulator.encoding import TextRequest, TextResponse, Timestamps
from bot.gateway.simulator.nouns import Card
from bot.gateway.simulator.stream import EventStream, Failure, Faults

Dialect = Literal["1.x", "0.25"]
PREFIX = "/wechaty.Puppet/"
VERSION = "0.1.0"


@dataclass(frozen=True, slots=True)
class Rpc:
    """One unary call: what answers it (``None`` for an empty response), and its messages on the wire."""

    name: str
    handler: Callable[[Any], Any]
    request: type[Any]
    response: type[Any]

    @classmethod
    def named(cls, name: str, handler: Callable[[Any], Any]) -> Rpc:
        """A call whose messages bear its name."""
        return cls(name, handler, getattr(pb, f"{name}Request"), getattr(pb, f"{name}Response"))


class PuppetService:
    """The handlers of ``wechaty.Puppet``; calls that the bot has no use for are answered UNIMPLEMENTED.

    Attributes:
        started: whether the puppet runs; Start and Stop switch it. Without it there are no events.
        calls: how often each RPC was called.
    """

    def __init__(
        self,
        account: Account,
        *,
        dialect: Dialect,
        token: str,
        timestamps: Timestamps,
        tell_mentions: bool,
        replay: bool,
    ) -> None:
        self.account = account
        self.dialect: Dialect = dialect
        self.token = token
        self.timestamps: Timestamps = timestamps
        self.tell_mentions = tell_mentions
        self.started = False
        self.events = EventStream(replay=replay)
        self.faults = Faults()
        self.calls: Counter[str] = Counter()
        # Neither generation tells *why* by its status: 1.x says UNKNOWN and 0.25 INTERNAL to every refusal.
        self._refusal = Status.UNKNOWN if dialect == "1.x" else Status.INTERNAL

    def __mapping__(self) -> Mapping[str, Handler]:
        """The RPCs by path, as grpclib asks for them."""
        unary = Cardinality.UNARY_UNARY
        handlers = {
            name: Handler(_unimplemented, unary, pb.StartRequest, pb.StartResponse) for name in _every_rpc()
        }
        for rpc in self._rpcs():
            handlers[rpc.name] = Handler(self._answering(rpc), unary, rpc.request, rpc.response)
        handlers["Event"] = Handler(self._event, Cardinality.UNARY_STREAM, pb.EventRequest, pb.EventResponse)
        return {f"{PREFIX}{name}": handler for name, handler in handlers.items()}

    def _rpcs(self) -> list[Rpc]:
        account = self.account
        return [
            Rpc.named("Start", self._start),
            Rpc.named("Stop", self._stop),
            Rpc.named("Logout", lambda _: account.logout()),
            Rpc.named("Version", lambda _: pb.VersionResponse(version=VERSION)),
            Rpc.named("Ding", self._ding),
            Rpc.named("DirtyPayload", lambda q: self.dirty(int(q.type), q.id)),
            Rpc.named("MessagePayload", self._message_payload),
            Rpc.named("MessageSendText", self._send_text),
            Rpc.named("MessageRecall", lambda q: pb.MessageRecallResponse(success=account.bot_recalls(q.id))),
            Rpc.named("MessageUrl", self._link),
            Rpc.named("MessageMiniProgram", self._mini_program),
            Rpc.named("MessageContact", lambda q: pb.MessageContactResponse(id=account.posted(q.id).text)),
            Rpc.named("MessageFile", self._file),
            Rpc.named("ContactPayload", lambda q: encoding.contact_payload(account.person(q.id))),
            Rpc.named("ContactList", lambda _: pb.ContactListResponse(ids=list(account.people))),
            Rpc.named("RoomList", lambda _: pb.RoomListResponse(ids=account.own_rooms())),
            Rpc.named("RoomPayload", lambda q: encoding.room_payload(account.place(q.id))),
            Rpc.named("RoomMemberList", self._member_list),
            Rpc.named("RoomMemberPayload", self._member_payload),
            Rpc.named("RoomAdd", lambda q: account.bot_adds(q.id, q.contact_id)),
            Rpc.named("RoomDel", lambda q: account.bot_removes(q.id, q.contact_id)),
            Rpc.named("RoomQuit", lambda q: account.bot_quits(q.id)),
            Rpc.named("FriendshipPayload", lambda q: encoding.friendship_payload(account.friendship(q.id))),
            Rpc.named("FriendshipAccept", lambda q: account.bot_accepts(q.id)),
            self._text("RoomTopic", account.bot_renames, lambda room: account.place(room).topic),
            self._text("RoomAnnounce", account.bot_announces, lambda room: account.place(room).announcement),
            self._text("ContactAlias", account.bot_remarks, lambda contact: account.person(contact).remark),
        ]

    def _text(self, name: str, write: Callable[[str, str], None], read: Callable[[str], str]) -> Rpc:
        def handle(request: TextRequest) -> TextResponse:
            text = request.new_text(self.dialect)
            if text is None:
                return TextResponse.of(read(request.id), self.dialect)
            write(request.id, text)
            return TextResponse()

        return Rpc(name, handle, TextRequest, TextResponse)

    # ---- every call

    def _answering(self, rpc: Rpc) -> Callable[[Stream[Any, Any]], Awaitable[None]]:
        async def answer(stream: Stream[Any, Any]) -> None:
            request = await self._admit(rpc.name, stream)
            await self.faults.flowing.wait()
            failure = self.faults.next_failure(rpc.name)
            if failure and not failure.after:
                await _fail(stream, failure, f"{rpc.name} fails on demand")
                return
            try:
                response = rpc.handler(request)
                if isinstance(response, Awaitable):
                    response = await response
            except (GatewayRefused, LookupError) as error:
                raise GRPCError(self._refusal, str(error)) from error
            await SystemClock().sleep(self.faults.delays.get(rpc.name, 0.0))
            if failure:
                await _fail(stream, failure, f"{rpc.name} fails on demand, after it took effect")
                return
            await stream.send_message(rpc.response() if response is None else response)

        return answer

    async def _admit(self, name: str, stream: Stream[Any, Any]) -> Any:
        self.calls[name] += 1
        request = await stream.recv_message()
        if self.dialect == "1.x":
            kind, _, token = _authorization(stream).partition(" ")
            if kind != "Wechaty":
                raise GRPCError(Status.UNAUTHENTICATED, f'Invalid authorization type: "{kind}"')
            if token != self.token:
                # Real servers put the token into the status; a client that logs it gives it away.
                raise GRPCError(Status.UNAUTHENTICATED, f'Invalid Wechaty TOKEN "{token}"')
        return request

    # ---- the stream

    async def _event(self, stream: Stream[Any, Any]) -> None:
        await self._admit("Event", stream)
        if failure := self.faults.next_failure("Event"):
            await _fail(stream, failure, "Event fails on demand")
            return
        types = pb.EventType
        greeting = []
        if self.dialect == "1.x":
            greeting.append(encoding.event(types.EVENT_TYPE_HEARTBEAT, data="stream connected"))
        if self.running:
            greeting.append(encoding.event(types.EVENT_TYPE_LOGIN, contactId=self.account.self_id))
            if self.dialect == "1.x":
                greeting.append(encoding.event(types.EVENT_TYPE_READY, data="ready"))
        await self.events.serve(stream, greeting, self.faults)

    @property
    def running(self) -> bool:
        """Whether the puppet is started and the account logged in."""
        return self.started and self.account.online

    def emit(self, type_: int, **payload: Any) -> None:
        """Put an event of any kind on the stream."""
        self.events.put(encoding.event(type_, **payload))

    def dirty(self, payload_type: int, payload_id: str) -> None:
        """Say that a payload is out of date (1 message, 2 contact, 3 room, 4 room member, 5 friendship)."""
        self.emit(pb.EventType.EVENT_TYPE_DIRTY, payloadType=payload_type, payloadId=payload_id)

    # ---- single RPCs

    def _ding(self, request: pb.DingRequest) -> None:
        if self.faults.dongs:
            self.emit(pb.EventType.EVENT_TYPE_DONG, data=request.data)

    def _start(self, _: Any) -> None:
        if not self.started:
            self.started = True
            if self.account.online:
                self.emit(pb.EventType.EVENT_TYPE_LOGIN, contactId=self.account.self_id)

    def _stop(self, _: Any) -> None:
        self.started = False
        self.events.end()

    async def _message_payload(self, request: pb.MessagePayloadRequest) -> pb.MessagePayloadResponse:
        message = self.account.posted(request.id)
        if (held := self.faults.withheld.get(request.id)) is not None:
            await held.wait()
        await SystemClock().sleep(self.faults.delays.get(request.id, 0.0))
        return encoding.message_payload(message, self.timestamps, tell_mentions=self.tell_mentions)

    def _send_text(self, request: pb.MessageSendTextRequest) -> pb.MessageSendTextResponse:
        message_id = self.account.bot_says(request.conversation_id, request.text, request.mentonal_ids)
        return pb.MessageSendTextResponse(id=message_id)

    def _card(self, message_id: str) -> Card:
        card = self.account.posted(message_id).card
        if card is None:
            raise GatewayRefused(f"message {message_id!r} shows no card")
        return card

    def _link(self, request: pb.MessageUrlRequest) -> pb.MessageUrlResponse:
        return pb.MessageUrlResponse(url_link=encoding.link_json(self._card(request.id)))

    def _mini_program(self, request: pb.MessageMiniProgramRequest) -> pb.MessageMiniProgramResponse:
        return pb.MessageMiniProgramResponse(mini_program=encoding.mini_program_json(self._card(request.id)))

    def _file(self, request: pb.MessageFileRequest) -> pb.MessageFileResponse:
        return pb.MessageFileResponse(filebox=encoding.file_json(self.account.posted(request.id).text))

    def _member_list(self, request: pb.RoomMemberListRequest) -> pb.RoomMemberListResponse:
        return pb.RoomMemberListResponse(member_ids=list(self.account.place(request.id).member_ids))

    def _member_payload(self, request: pb.RoomMemberPayloadRequest) -> pb.RoomMemberPayloadResponse:
        person = self.account.member(request.id, request.member_id)
        return pb.RoomMemberPayloadResponse(
            id=person.id, name=person.name, room_alias=self.account.alias_of(request.id, person.id)
        )


def _every_rpc() -> list[str]:
    """The name of every call there is, by its request's; the library writes one abbreviation its own way."""
    requests = [name for name in vars(pb) if name.endswith("Request")]
    return [name.removesuffix("Request").replace("QrCode", "QRCode") for name in requests]


async def _fail(stream: Stream[Any, Any], failure: Failure, why: str) -> None:
    if failure.status is not None:
        raise GRPCError(failure.status, why)
    await stream.cancel()


async def _unimplemented(_: Stream[Any, Any]) -> None:
    # grpclib's own answer to unknown calls lacks a header that its own client insists on.
    raise GRPCError(Status.UNIMPLEMENTED, "the simulator does not serve this call")


def _authorization(stream: Stream[Any, Any]) -> str:
    value = stream.metadata.get("authorization") if stream.metadata else None
    return value if isinstance(value, str) else ""
