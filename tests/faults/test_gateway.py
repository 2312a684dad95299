"""A gateway that dies, freezes, lies, dawdles or says nonsense, and a whole bot behind it in a process of its own.

What the bot has heard is judged once and answered once, in order; it hears again once the gateway is well.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from fakes.databases import set_up
from fakes.guards import MANY, Guard, on_guard
from fakes.lives import Lives
from fakes.process import until
from grpclib.const import Status

READINGS = ("MessagePayload", "ContactPayload", "RoomPayload", "RoomMemberPayload", "RoomList")
NONSENSE = (
    "",
    "{",
    "null",
    "[]",
    '{"messageId": 5}',
    '{"messageId": null}',
    '{"messageId": {"a": [1]}}',
    '"x"',
)


async def killed(guard: Guard) -> None:
    await guard.sim.stop_serving()
    guard.offend()
    await guard.says("blind")
    await guard.sim.serve()


async def frozen(guard: Guard) -> None:
    guard.sim.freeze()
    guard.offend()
    await guard.says("blind")
    guard.sim.thaw()


async def ending_cleanly(guard: Guard) -> None:
    for times in range(2, 5):
        guard.sim.end_stream()
        await guard.says("on guard", times)


async def resetting(guard: Guard) -> None:
    for times in range(2, 5):
        await guard.sim.drop_stream()
        await guard.says("on guard", times)


async def refusing_the_stream(guard: Guard) -> None:
    guard.sim.fail("Event", Status.INTERNAL, times=2)
    guard.sim.fail("Event", Status.UNIMPLEMENTED, times=2)
    guard.sim.drop_connections()
    await guard.says("on guard", 2)


async def deaf(guard: Guard) -> None:
    """Only a gateway that has answered a ding before can be known to be deaf."""
    await until(lambda: guard.sim.calls["Ding"] > 2, what="a ding after one that was answered")
    guard.sim.deafen()
    guard.offend()
    await guard.says("blind")
    guard.sim.deafen(False)


async def half_open(guard: Guard) -> None:
    """What goes over the line is swallowed, both ways, and nobody closes anything."""
    guard.line.forget()
    guard.offend()
    await guard.says("blind")
    await guard.says("ALREADY_EXISTS")  # for the gateway the old line still stands
    guard.line.cut_forgotten()


async def slow(guard: Guard) -> None:
    for rpc in READINGS:
        guard.sim.delay(rpc, 0.15)
    guard.sim.delay("MessageSendText", 0.4)
    await guard.judged(guard.offend())
    for rpc in (*READINGS, "MessageSendText"):
        guard.sim.delay(rpc, 0)


async def answering_with_errors(guard: Guard) -> None:
    for status in (Status.INTERNAL, Status.UNKNOWN, Status.UNAVAILABLE, Status.RESOURCE_EXHAUSTED):
        for rpc in (*READINGS, "MessageSendText", "Ding"):
            guard.sim.fail(rpc, status)
    await guard.judged(guard.offend())


async def telling_nonsense(guard: Guard) -> None:
    for kind in (1, 2, 3, 18, 19, 20, 21, 22, 23, 27, 99):
        for payload in NONSENSE:
            guard.sim.emit_raw(kind, payload)
    guard.sim.emit_raw(2, '{"messageId": "there-is-no-such-message"}')
    guard.sim.emit_raw(19, '{"roomId": [], "inviteeIdList": "m1", "inviterId": 7, "timestamp": "soon"}')
    await guard.judged(guard.offend())


async def losing_answers(guard: Guard) -> None:
    guard.sim.fail("MessageSendText", after=True, times=2)
    await guard.judged(guard.offend())


async def withholding_payloads(guard: Guard) -> None:
    held = guard.offend()
    for message in held:
        guard.sim.withhold(message)
    await guard.judged(guard.offend())
    await guard.says("payload did not come")
    for message in held:
        guard.sim.release(message)
    await guard.judged(held)


FAULTS: dict[str, tuple[Callable[[Guard], Awaitable[None]], int]] = {
    "killed": (killed, 1),
    "frozen": (frozen, 1),
    "ending cleanly": (ending_cleanly, 0),
    "resetting": (resetting, 0),
    "refusing the stream": (refusing_the_stream, 0),
    "deaf": (deaf, 0),
    "half open": (half_open, 1),
    "slow": (slow, 0),
    "answering with errors": (answering_with_errors, 0),
    "telling nonsense": (telling_nonsense, 0),
    "losing answers": (losing_answers, 2),
    "withholding payloads": (withholding_payloads, 0),
}
"""Each with the number of sends that nobody can vouch for, and that are made a second time."""


@pytest.mark.parametrize("name", FAULTS)
async def test_a_gateway_that_is(name: str, lives: Lives, tmp_path: Path) -> None:
    fault, strays = FAULTS[name]
    async with on_guard(lives, tmp_path, await set_up(tmp_path / "qungui.db"), quick=True) as guard:
        await fault(guard)
        await until(lambda: guard.sim.attached, what="the next attach")
        await asyncio.sleep(0.5)
        await guard.judged(guard.offend())
        found = await guard.aftermath(strays)
        assert len(found.cases) >= 2 * MANY
