"""A connection that is given up while it opens: it does not stay open behind everybody's back."""

from __future__ import annotations

import asyncio
import gc
from typing import Any

import pytest
from fakes.process import until

from bot.errors import GatewayUnavailable
from bot.gateway.wire.connection import Connection, Timing


async def test_a_connection_that_was_dropped_while_it_opened_stayed_open_for_nobody() -> None:
    ended: list[asyncio.Task[bytes]] = []
    complaints: list[dict[str, Any]] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: complaints.append(context))

    def came(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        ended.append(loop.create_task(reader.read()))  # until the other side closes

    async with await asyncio.start_server(came, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        connection = Connection(f"127.0.0.1:{port}", "token", "off", Timing(call=5))
        asking = asyncio.create_task(connection.call("version", lambda stub: stub.version()))
        for _ in range(3):
            await asyncio.sleep(0)  # it is connecting now
        connection.close()
        with pytest.raises(GatewayUnavailable):
            await asking
        await until(
            lambda: bool(ended) and all(task.done() for task in ended), 5, "the end of the connection"
        )
        assert len(ended) == 1
    gc.collect()
    assert complaints == []
