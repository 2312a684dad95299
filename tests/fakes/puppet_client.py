"""A bare client of a puppet service, for tests of the simulator: the raw stub, and the events one by one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from grpclib.client import Channel
from grpclib.exceptions import GRPCError
from wechaty_grpc.wechaty import PuppetStub
from wechaty_grpc.wechaty import puppet as pb

from bot.gateway.simulator import Simulator

ROOM = "r1@chatroom"
TOKEN = "open-sesame"
SOON = 5.0


def people(sim: Simulator) -> Simulator:
    """A room of two and the bot, and somebody outside who is no friend."""
    sim.contact("zhang", "张三")
    sim.contact("li", "李四", friend=False)
    sim.contact("wang", "王五", friend=False)
    sim.room(ROOM, "工作群", ["zhang", "li"], "zhang")
    sim.alias(ROOM, "zhang", "人力资源部张三")
    return sim


@dataclass
class Client:
    """A stub with its channel, and the events it has received."""

    stub: PuppetStub
    channel: Channel
    stream: AsyncGenerator[pb.EventResponse, None] | None = None

    async def attach(self) -> Client:
        """Start the puppet and open the event stream."""
        await self.stub.start()
        self.stream = self.stub.event()
        return self

    async def event(self, kind: pb.EventType | None = None) -> dict[str, Any]:
        """The payload of the next event (of that kind)."""
        assert self.stream is not None
        async with asyncio.timeout(SOON):
            async for event in self.stream:
                if kind is None or event.type == kind:
                    payload: dict[str, Any] = json.loads(event.payload)
                    return {"type": int(event.type)} | payload
        raise EOFError("the stream ended")


@asynccontextmanager
async def connect(sim: Simulator, *, token: str = TOKEN, header: bool = True) -> AsyncIterator[Client]:
    host, port = sim.endpoint.split(":")
    channel = Channel(host, int(port))
    metadata = {"authorization": f"Wechaty {token}"} if header else None
    client = Client(PuppetStub(channel, metadata=metadata), channel)
    try:
        yield client
    finally:
        if client.stream is not None:
            await client.stream.aclose()
        channel.close()


@asynccontextmanager
async def attached(**options: Any) -> AsyncIterator[tuple[Simulator, Client]]:
    async with Simulator(token=TOKEN, **options) as sim:
        people(sim)
        async with connect(sim) as client:
            await client.attach()
            await client.event(pb.EventType.EVENT_TYPE_LOGIN)
            yield sim, client


async def refused(call: Awaitable[Any]) -> GRPCError:
    with pytest.raises(GRPCError) as caught:
        await asyncio.wait_for(call, SOON)
    return caught.value
