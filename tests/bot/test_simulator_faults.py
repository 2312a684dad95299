"""What the simulator breaks on demand, seen from a client: streams, connections, payloads, single calls."""

from __future__ import annotations

import asyncio
import json
import ssl
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from grpclib.client import Channel
from grpclib.config import Configuration
from grpclib.const import Status
from grpclib.exceptions import GRPCError, StreamTerminatedError
from wechaty_grpc.wechaty import PuppetStub
from wechaty_grpc.wechaty import puppet as pb

from bot.gateway.simulator import Simulator

ROOM = "r1@chatroom"
SOON = 5.0
PINGS = Configuration(
    _keepalive_time=0.1,
    _keepalive_timeout=0.1,
    _http2_max_pings_without_data=0,
    _http2_min_sent_ping_interval_without_data=0.01,
)


class Listener:
    """A client whose stream is open: what comes over it, and how it ends."""

    def __init__(self, sim: Simulator, tls: ssl.SSLContext | None = None) -> None:
        host, port = sim.endpoint.split(":")
        self.channel = Channel(host, int(port), config=PINGS, ssl=tls)
        self.stub = PuppetStub(self.channel, metadata={"authorization": f"Wechaty {sim.token}"})
        self.messages: asyncio.Queue[str] = asyncio.Queue()
        self.ready = asyncio.Event()
        self.task: asyncio.Task[None] | None = None

    async def listen(self) -> None:
        await self.stub.start()
        self.task = asyncio.create_task(self._listen())
        await asyncio.wait_for(self.ready.wait(), SOON)

    async def _listen(self) -> None:
        async for event in self.stub.event():
            if event.type == pb.EventType.EVENT_TYPE_LOGIN:
                self.ready.set()
            if event.type == pb.EventType.EVENT_TYPE_MESSAGE:
                self.messages.put_nowait(json.loads(event.payload)["messageId"])

    async def next_message(self) -> str:
        return await asyncio.wait_for(self.messages.get(), SOON)

    async def end(self) -> BaseException | None:
        """How the stream ended: an error, or ``None`` for a clean end."""
        assert self.task is not None
        await asyncio.wait({self.task}, timeout=SOON)
        return self.task.exception()

    async def close(self) -> None:
        if self.task is not None:
            self.task.cancel()
            await asyncio.wait({self.task})
        self.channel.close()


@asynccontextmanager
async def listening(sim: Simulator, tls: ssl.SSLContext | None = None) -> AsyncIterator[Listener]:
    listener = Listener(sim, tls)
    try:
        await listener.listen()
        yield listener
    finally:
        await listener.close()


@asynccontextmanager
async def simulated(**options: Any) -> AsyncIterator[Simulator]:
    async with Simulator(**options) as sim:
        sim.contact("zhang", "张三")
        sim.room(ROOM, "工作群", ["zhang"])
        yield sim


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what the server notices in its own time."""
    async with asyncio.timeout(SOON):
        while not condition():  # noqa: ASYNC110 - the simulator has no event for everything
            await asyncio.sleep(0.002)


async def test_a_clean_end() -> None:
    async with simulated() as sim, listening(sim) as client:
        first = sim.say(ROOM, "zhang", "早")
        sim.end_stream()
        assert await client.end() is None
        assert client.messages.get_nowait() == first
        assert sim.started


async def test_a_broken_stream_leaves_the_connection() -> None:
    async with simulated() as sim, listening(sim) as client:
        await sim.drop_stream()
        assert isinstance(await client.end(), StreamTerminatedError)
        assert (await client.stub.version()).version
        await until(lambda: not sim.attached)
        async with listening(sim) as again:
            sent = sim.say(ROOM, "zhang", "又来了")
            assert await again.next_message() == sent


async def test_cut_connections_can_come_back() -> None:
    async with simulated() as sim, listening(sim) as client:
        sim.drop_connections()
        assert await client.end() is not None
        await until(lambda: not sim.attached)
        async with listening(sim) as again:
            sent = sim.say(ROOM, "zhang", "又来了")
            assert await again.next_message() == sent


async def test_a_killed_gateway_comes_back_on_the_same_port_with_its_puppet_stopped() -> None:
    async with simulated() as sim:
        endpoint = sim.endpoint
        async with listening(sim) as client:
            await sim.stop_serving()
            assert await client.end() is not None
            with pytest.raises(OSError):
                await client.stub.version()
            assert not sim.started
        await sim.serve()
        assert sim.endpoint == endpoint
        async with listening(sim) as again:
            sent = sim.say(ROOM, "zhang", "又来了")
            assert await again.next_message() == sent


@pytest.mark.parametrize("replay", [False, True])
async def test_what_happens_while_nobody_listens_is_lost_or_replayed(replay: bool) -> None:
    async with simulated(replay=replay) as sim:
        early = sim.say(ROOM, "zhang", "第一条")
        async with listening(sim) as client:
            heard = [await client.next_message()] if replay else []
            await sim.stop_serving()
            assert await client.end() is not None
        missed = sim.say(ROOM, "zhang", "第二条")
        await sim.serve()
        async with listening(sim) as client:
            last = sim.say(ROOM, "zhang", "第三条")
            while not heard or heard[-1] != last:
                heard.append(await client.next_message())
        assert heard == ([early, missed, last] if replay else [last])


async def test_a_frozen_gateway_answers_no_ping_and_goes_on_when_thawed() -> None:
    async with simulated() as sim, listening(sim) as client:
        sim.freeze()
        assert isinstance(await client.end(), StreamTerminatedError)
        sim.thaw()
        await until(lambda: not sim.attached)
        async with listening(sim) as again:
            sent = sim.say(ROOM, "zhang", "又来了")
            assert await again.next_message() == sent


async def test_a_withheld_payload_never_comes_until_it_is_released() -> None:
    async with simulated() as sim, listening(sim) as client:
        message = sim.say(ROOM, "zhang", "慢")
        other = sim.say(ROOM, "zhang", "快")
        sim.withhold(message)
        waiting = asyncio.create_task(client.stub.message_payload(id=message))
        assert (await client.stub.message_payload(id=other)).text == "快"
        assert not waiting.done()
        sim.release(message)
        assert (await asyncio.wait_for(waiting, SOON)).text == "慢"
        assert (await client.stub.message_payload(id=message)).text == "慢"


async def test_a_withheld_payload_does_not_hold_up_the_end() -> None:
    async with simulated() as sim, listening(sim) as client:
        message = sim.say(ROOM, "zhang", "慢")
        sim.withhold(message)
        waiting = asyncio.create_task(client.stub.message_payload(id=message))
        await until(lambda: sim.calls["MessagePayload"] == 1)
        await asyncio.wait_for(sim.stop_serving(), SOON)
        with pytest.raises(StreamTerminatedError):
            await waiting


async def test_a_delayed_payload_comes_later_than_one_asked_for_after_it() -> None:
    async with simulated() as sim, listening(sim) as client:
        slow, fast = sim.say(ROOM, "zhang", "慢"), sim.say(ROOM, "zhang", "快")
        sim.delay(slow, 0.05)
        order: list[str] = []

        async def fetch(message: str) -> None:
            order.append((await client.stub.message_payload(id=message)).text)

        await asyncio.gather(fetch(slow), fetch(fast))
        assert order == ["快", "慢"]


async def test_a_call_fails_as_often_as_asked_for_and_then_works() -> None:
    async with simulated() as sim, listening(sim) as client:
        sim.fail("MessageSendText", Status.RESOURCE_EXHAUSTED, times=2)
        for _ in range(2):
            with pytest.raises(GRPCError) as caught:
                await client.stub.message_send_text(conversation_id=ROOM, text="提醒")
            assert caught.value.status is Status.RESOURCE_EXHAUSTED
        assert sim.sent == []
        assert (await client.stub.message_send_text(conversation_id=ROOM, text="提醒")).id
        assert sim.calls["MessageSendText"] == 3


async def test_a_lost_answer_leaves_the_deed_done() -> None:
    async with simulated() as sim, listening(sim) as client:
        sim.fail("MessageSendText", after=True)
        with pytest.raises(StreamTerminatedError):
            await client.stub.message_send_text(conversation_id=ROOM, text="提醒")
        assert [sent.text for sent in sim.sent] == ["提醒"]


async def test_an_event_stream_can_be_refused() -> None:
    async with simulated() as sim, listening(sim) as client:
        sim.end_stream()
        await client.end()
        sim.fail("Event", Status.INTERNAL)
        with pytest.raises(GRPCError) as caught:
            await client.stub.event().__anext__()
        assert caught.value.status is Status.INTERNAL


async def test_events_that_nobody_caused() -> None:
    async with simulated(dialect="0.25") as sim, listening(sim) as client:
        await client.close()
        await until(lambda: not sim.attached)
        second = Listener(sim)
        stream = second.stub.event()
        assert (await stream.__anext__()).type == pb.EventType.EVENT_TYPE_LOGIN
        sim.heartbeat()
        sim.dirty(4, "zhang")
        sim.emit(99, strange=True)
        sim.emit_raw(2, "no JSON {")
        await second.stub.dirty_payload(type=pb.PayloadType.PAYLOAD_TYPE_ROOM, id=ROOM)
        events = [await stream.__anext__() for _ in range(5)]
        assert [int(event.type) for event in events] == [1, 27, 99, 2, 27]
        assert json.loads(events[1].payload) == {"payloadType": 4, "payloadId": "zhang"}
        assert events[3].payload == "no JSON {"
        assert json.loads(events[4].payload) == {"payloadType": 3, "payloadId": ROOM}
        await stream.aclose()
        await second.close()


@pytest.fixture
def certified(tmp_path: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's and a client's side of TLS under a certificate of the day."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    line = f"openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=sim -keyout {key} -out {certificate}"
    subprocess.run(line.split(), check=True, capture_output=True)  # noqa: S603 - our own words
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    server.load_cert_chain(certificate, key)
    client.load_verify_locations(certificate)
    client.check_hostname = False
    for context in (server, client):
        context.set_alpn_protocols(["h2"])
    return server, client


async def test_tls(certified: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    server, client = certified
    async with simulated(tls=server) as sim, listening(sim, client) as listener:
        sent = sim.say(ROOM, "zhang", "早")
        assert await listener.next_message() == sent
