"""What the gateway does wrong."""

from __future__ import annotations

import asyncio

from grpclib.const import Status

from soaking.faults.kind import Kind
from soaking.heard import MESSAGE
from soaking.stage import Stage

STATUSES = (
    Status.UNAVAILABLE,
    Status.INTERNAL,
    Status.UNKNOWN,
    Status.RESOURCE_EXHAUSTED,
    Status.PERMISSION_DENIED,
)
ASKED = (
    "MessagePayload",
    "ContactPayload",
    "RoomPayload",
    "RoomMemberPayload",
    "RoomList",
    "MessageSendText",
)
SENDING = "MessageSendText"
NOTICED_SECONDS = 2.0
FROZEN_SECONDS = 1.6  # longer than the bot takes to notice, in a hurry too


async def stream_ends(stage: Stage) -> None:
    """The stream of events comes to a clean end.

    Only the bot can tell that it did: the gateway may have ended one of which the connection was broken already.
    """
    number, before = stage.sim.attaches, stage.keeper.clean_ends
    if stage.sim.attached:
        stage.sim.end_stream()
        if await stage.until(lambda: stage.keeper.clean_ends > before, NOTICED_SECONDS):
            stage.heard.ended_well(number)
        await stage.until_online()


async def cut(stage: Stage) -> None:
    """Every connection is cut without a word."""
    stage.sim.drop_connections()
    await stage.until_online()


async def refused(stage: Stage) -> None:
    """Nobody listens where the gateway was."""
    await stage.sim.stop_serving()
    try:
        await stage.pause(0.5, 2.0)
    finally:
        await stage.sim.serve()
    await stage.until_online()


async def frozen(stage: Stage) -> None:
    """Connections stay open, and nothing is answered."""
    stage.sim.freeze()
    try:
        await asyncio.sleep(FROZEN_SECONDS)
        await stage.pause(0.0, 2.0)
    finally:
        stage.sim.thaw()
    await stage.until_online()


async def deaf(stage: Stage) -> None:
    """Calls are answered, and events no longer come."""
    stage.sim.deafen()
    try:
        await asyncio.sleep(FROZEN_SECONDS)
        await stage.pause(0.0, 2.0)
    finally:
        stage.sim.deafen(False)
    await stage.until_online()


async def slow(stage: Stage) -> None:
    """Answers take their time."""
    slowed = stage.chance.sample(ASKED, 3)
    for rpc in slowed:
        stage.sim.delay(rpc, stage.chance.uniform(0.1, 0.5))
    try:
        await stage.pause(1.0, 2.0)
    finally:
        for rpc in slowed:
            stage.sim.delay(rpc, 0.0)


async def errors(stage: Stage) -> None:
    """Calls are answered with errors of many kinds."""
    for rpc in stage.chance.sample(ASKED, 3):
        stage.sim.fail(rpc, stage.chance.choice(STATUSES), times=stage.chance.randint(1, 4))
    await stage.pause(0.5, 1.5)


async def no_payload(stage: Stage) -> None:
    """The payloads of some messages don't come for a while; that of one not before the day is over."""
    held = stage.traffic.hold_back(3)
    await stage.pause(0.5, 3.0)
    stage.traffic.hold_back(0)
    for message in held[1:]:
        stage.sim.release(message)
    stage.kept_back.extend(held[:1])


async def duplicates(stage: Stage) -> None:
    """Events that were passed on come again, some of them twice."""
    said = stage.traffic.said[-200:]
    for message in stage.chance.choices(said, k=min(10, len(said))):
        for _ in range(stage.chance.randint(1, 2)):
            stage.sim.emit(MESSAGE, messageId=message)


async def lost_answers(stage: Stage) -> None:
    """What the bot says arrives, and the answer that says so does not."""
    times = stage.chance.randint(1, 2)
    stage.sim.fail(SENDING, times=times, after=True)
    for _ in range(times):
        await stage.next_send(1.5)


async def logged_out(stage: Stage) -> None:
    """The account is logged out for a while."""
    stage.sim.logout()
    try:
        await stage.pause(0.3, 1.5)
    finally:
        stage.sim.login()
    await stage.until_online()


KINDS = (
    Kind("stream-ends", "the stream of events ends cleanly", stream_ends),
    Kind("cut", "every connection is cut", cut),
    Kind("refused", "the gateway refuses connections for a while", refused),
    Kind("frozen", "the gateway answers nothing for a while", frozen),
    Kind("deaf", "calls are answered, events don't come", deaf),
    Kind("slow", "answers are slow", slow),
    Kind("errors", "calls are answered with errors", errors),
    Kind("no-payload", "payloads that don't come for a while, or not at all", no_payload),
    Kind("duplicates", "events come several times", duplicates),
    Kind("lost-answers", "a send arrives, and its answer is lost", lost_answers),
    Kind("logged-out", "the account is logged out for a while", logged_out),
)
