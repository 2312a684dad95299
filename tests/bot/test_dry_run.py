"""In a dry run what speaks is absent: not in what the bot is handed, not in anything it can reach, not on the wire."""

from __future__ import annotations

import gc
import inspect
import types
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import structlog
from fakes.databases import set_up
from fakes.outgoing import due_rows
from fakes.recording import RecordingGateway
from fakes.scene import ROOM, TUESDAY
from fakes.shipped import shipped

from bot import compose
from bot.clock import ManualClock, SystemClock
from bot.errors import ConfigError, GatewayRefused
from bot.gateway.port import DEEDS, Gateway, Listener
from bot.gateway.simulator import Simulator
from bot.gateway.wire import WireGateway, WireListener
from bot.gateway.wire.connection import Timing
from bot.gateway.wire.deeds import Deeds
from bot.gateway.wire.proto import QUESTIONS
from bot.reports.health import Facts, Remembered, Trouble
from bot.reports.operation import traffic
from bot.settings import Settings
from storage.records import Outgoing
from storage.results import InboxCounts, OutboxCounts
from storage.session import Storage

LOG = structlog.get_logger()
ENDPOINT = ("127.0.0.1:1", "token", "off", SystemClock())


def ears() -> WireListener:
    return WireListener(*ENDPOINT)


def reachable(root: object) -> list[object]:
    """Every object of ours that can be got at from here: attributes, containers, closures, bound methods."""
    seen: dict[int, object] = {}
    waiting = [root]
    while waiting:
        one = waiting.pop()
        if id(one) in seen or isinstance(one, type | types.ModuleType | str | bytes | int | float):
            continue
        seen[id(one)] = one
        if isinstance(one, types.FunctionType):
            waiting += [
                cell.cell_contents for cell in one.__closure__ or () if cell.cell_contents is not None
            ]
        elif isinstance(one, types.MethodType):
            waiting += [one.__self__, one.__func__]
        elif type(one).__module__.split(".")[0] in ("bot", "storage") or isinstance(
            one, dict | list | tuple | set | frozenset
        ):
            waiting += gc.get_referents(one)
    return list(seen.values())


def able(root: object) -> set[str]:
    """What of the speaking port anything that can be reached has as a method."""
    return {name for one in reachable(root) for name in DEEDS if inspect.ismethod(getattr(one, name, None))}


async def opened(folder: Path, *, withholding: bool = True) -> Storage:
    return await Storage.open(await set_up(folder / "trial.db"), withholding=withholding)


def test_every_acting_call_of_the_port_is_among_the_deeds() -> None:
    public = {name for name, _ in inspect.getmembers(Gateway, inspect.isfunction) if not name.startswith("_")}
    listening = {
        name for name, _ in inspect.getmembers(Listener, inspect.isfunction) if not name.startswith("_")
    }
    assert public - listening == DEEDS
    assert {"say", "announce", "add_member", "remove_member", "accept_friend"} == DEEDS


def test_what_listens_on_the_wire_has_none_of_them() -> None:
    assert [name for name in DEEDS if hasattr(WireListener, name)] == []
    assert all(hasattr(WireGateway, name) for name in DEEDS)
    listener: Listener = ears()
    assert not isinstance(listener, Deeds)


async def test_nothing_in_a_dry_run_can_reach_what_speaks(tmp_path: Path) -> None:
    storage = await opened(tmp_path)
    try:
        dry = compose.build_dry(Settings(), shipped(), storage, ears(), ManualClock(TUESDAY), LOG)
        assert able(dry) == set()
    finally:
        await storage.close()
    live = await opened(tmp_path, withholding=False)
    try:
        bot = compose.build(Settings(), shipped(), live, WireGateway(*ENDPOINT), ManualClock(TUESDAY), LOG)
        assert able(bot) == DEEDS  # the search finds what is there
    finally:
        await live.close()


async def test_a_dry_run_is_not_put_together_with_what_could_speak(tmp_path: Path) -> None:
    storage = await opened(tmp_path)
    try:
        with pytest.raises(ValueError, match="could accept_friend, add_member, announce"):
            compose.build_dry(Settings(), shipped(), storage, RecordingGateway(), ManualClock(TUESDAY), LOG)
    finally:
        await storage.close()
    live = await opened(tmp_path, withholding=False)
    try:
        with pytest.raises(ValueError, match="withholds"):
            compose.build_dry(Settings(), shipped(), live, ears(), ManualClock(TUESDAY), LOG)
    finally:
        await live.close()


class Sneaky(WireListener, Deeds):
    """Somebody adds the deeds to what listens."""


CALLS: dict[str, Callable[[Sneaky], Awaitable[Any]]] = {
    "say": lambda gateway: gateway.say(ROOM, "x"),
    "announce": lambda gateway: gateway.announce(ROOM, "x"),
    "add_member": lambda gateway: gateway.add_member(ROOM, "li"),
    "remove_member": lambda gateway: gateway.remove_member(ROOM, "li"),
    "accept_friend": lambda gateway: gateway.accept_friend("f1"),
}


@pytest.mark.parametrize("deed", sorted(CALLS))
async def test_a_connection_that_listens_carries_no_deed(deed: str) -> None:
    assert CALLS.keys() == DEEDS
    async with Simulator() as sim:
        sim.contact("li", "李强")
        sim.room(ROOM, "项目工作群", ["li"])
        sneaky = Sneaky(sim.endpoint, sim.token, "off", SystemClock(), timing=Timing(verify=0.01))
        try:
            with pytest.raises(GatewayRefused, match="only listens"):
                await CALLS[deed](sneaky)
            assert [room.topic for room in await sneaky.rooms()] == ["项目工作群"]
        finally:
            await sneaky.close()
        assert {f"/wechaty.Puppet/{name}" for name in sim.calls} <= QUESTIONS


async def test_what_a_dry_run_puts_into_the_outbox_never_becomes_due(tmp_path: Path) -> None:
    now = TUESDAY
    row = Outgoing("r@1", "t", now, now, kind="notice", case="V-22222", unique="notice V-22222")
    storage = await opened(tmp_path)
    async with storage.unit() as unit:
        (kept,) = await unit.outbox.add([row])
        assert await unit.outbox.add([row]) == []
        await unit.outbox.retry(kept.id, now, "x")
        await unit.outbox.hold(kept.id)
        assert await unit.outbox.release("r@1", now) == 0
        assert await unit.outbox.revive("notice V-22222", now) is False
        assert await unit.outbox.drop("V-22222", "x") == 0
        assert await unit.outbox.heads(now, 5) == await due_rows(unit, now, 5) == []
        assert (await unit.outbox.counts()).withheld == 1
    await storage.close()
    live = await opened(tmp_path, withholding=False)
    async with live.unit() as unit:
        assert await unit.outbox.heads(now, 5) == []
        assert len(await unit.outbox.add([row])) == 1  # the same word of a live bot is not in its way
    await live.close()


def test_doctor_tells_of_it() -> None:
    outbox, inbox = OutboxCounts(0, 0, 0, None, withheld=7), InboxCounts(0, 0, 5, None)
    remembered = Remembered({}, (), None, {}, 0, None, outbox, inbox, (), TUESDAY, dry_run=TUESDAY)
    (told,) = [
        one for one in traffic(Facts(TUESDAY, Trouble("x"), remembered=remembered)) if one.check == "dry run"
    ]
    assert told.said == "dry run since 2026-10-13: 7 messages were withheld, and never leave"


async def test_a_dry_run_wants_a_database_of_its_own(tmp_path: Path) -> None:
    storage = await opened(tmp_path)
    await compose.require_own_database(storage, TUESDAY)
    await compose.require_own_database(storage, TUESDAY)
    async with storage.unit() as unit:
        await unit.meta.set("first_start", TUESDAY.isoformat())
    await compose.require_own_database(storage, TUESDAY)
    await compose.end_trials(storage)
    with pytest.raises(ConfigError, match="database of its own"):
        await compose.require_own_database(storage, TUESDAY)
    await storage.close()
