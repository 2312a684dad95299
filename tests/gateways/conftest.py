"""Real Node gateways for the tests of this folder.

``node`` is a gateway of a test's own, which it may kill; ``shared`` is one per module, for tests that leave
no trace. Both come in every flavour of ``FLAVOURS``. ``connect`` makes a client and an ear, and closes both.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import pytest
from fakes.node_gateway import QUICK, Ear, NodeGateway, require

from bot.clock import SystemClock
from bot.gateway.port import EventKind
from bot.gateway.wire import WireGateway
from bot.gateway.wire.connection import Timing

FLAVOURS = {"0.25": ("v0", False), "1.x-tls": ("v1", True), "1.x-plain": ("v1", False)}

Connect = Callable[..., Awaitable[tuple[WireGateway, Ear]]]


def flavours(*names: str) -> pytest.MarkDecorator:
    """Run a test against these flavours only: ``@flavours("1.x-tls")``."""
    return pytest.mark.parametrize("flavour", names or tuple(FLAVOURS), scope="module")


@pytest.fixture(params=tuple(FLAVOURS), scope="module")
def flavour(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def _started(flavour: str) -> Iterator[NodeGateway]:
    version, tls = FLAVOURS[flavour]
    require(version)
    gateway = NodeGateway(version, tls=tls)
    gateway.start()
    yield gateway
    gateway.kill()


@pytest.fixture(scope="module")
def shared(flavour: str) -> Iterator[NodeGateway]:
    yield from _started(flavour)


@pytest.fixture
def node(flavour: str) -> Iterator[NodeGateway]:
    yield from _started(flavour)


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    opened: list[tuple[WireGateway, Ear]] = []

    async def connect(
        gateway: NodeGateway, *, timing: Timing = QUICK, online: bool = True, **changed: Any
    ) -> tuple[WireGateway, Ear]:
        usual = {"endpoint": gateway.endpoint, "token": gateway.token, "tls": gateway.tls}
        client = WireGateway(**{**usual, "clock": SystemClock(), "timing": timing, **changed})
        ear = Ear(client)
        opened.append((client, ear))
        if online:
            await ear.until(EventKind.ONLINE)
        return client, ear

    yield connect
    for client, ear in opened:
        await client.close()
        await ear.close()
