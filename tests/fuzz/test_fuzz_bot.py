"""A whole bot: members, supervisors and a failing gateway make moves in any order, and what must hold holds."""

from __future__ import annotations

import asyncio
import logging
import tempfile
from collections import Counter
from collections.abc import Awaitable, Coroutine
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, TypeVar

import structlog
from fakes.fuzzing import PATIENT, fuzz, hostile
from fakes.recording import RecordingGateway
from fakes.scene import AD, OFFICE, ORDINARY, ROOM, Scene, opened
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from bot.commands.claims import issue
from bot.reports.soundness import examine
from storage.records import Role

T = TypeVar("T")
MEMBERS = st.sampled_from(("liu", "zhou", "li"))
PLACES = st.sampled_from((ROOM, OFFICE, ""))
SAID = hostile | st.sampled_from((AD, ORDINARY, "在吗", "收到", "/我的", "/帮助", "/状态", "你这个蠢货，滚"))
COMMANDS = st.sampled_from((
    "/违规 确认 {}", "/违规 驳回 {}", "/违规 撤销 {}", "/违规 查看 {}", "/违规", "/申诉 {} 我认为这是误判",
    "/申诉", "/静默 2小时", "/加分 @市场部刘洋\u2005 1 主动分享", "/为什么 {}", "/授权", "/积分 @市场部周杰\u2005",
))  # fmt: skip


class BotMachine(RuleBasedStateMachine):
    """Nothing here is checked against a model of the bot: only what must hold whatever happens."""

    def __init__(self) -> None:
        super().__init__()
        # Faults are told in the log, with tracebacks that take longer to draw than all the rest.
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
        self.folder = tempfile.TemporaryDirectory()
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.scene: Scene
        self.codes: list[str] = []
        self.posted: list[str] = []
        self.seen: Counter[str] = Counter()

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    async def _open(self, gateway: RecordingGateway | None = None) -> None:
        self.stack = AsyncExitStack()
        scene = opened(Path(self.folder.name), gateway=gateway, **self._since())
        self.scene = await self.stack.enter_async_context(scene)

    async def _rest(self) -> None:
        """Let everything happen; what waits for its next try is given the time."""
        waited = calm = 0
        while calm < 10:
            await asyncio.sleep(0.002)
            busy = self.scene.bot.line.busy or not self.scene.bot.outbox.online.is_set()
            calm, waited = (0, waited + 1) if busy else (calm + 1, waited)
            if busy and waited % 20 == 0:
                self.scene.clock.advance(1.0)
            assert waited < 4_000, "the bot does not come to rest"
        await self.scene.quiet(within=5)

    def _since(self) -> dict[str, Any]:
        return {"start": self.scene.clock.now()} if hasattr(self, "scene") else {}

    def _count(self) -> None:
        self.seen.update(one.message.id for one in self.scene.handled if one.message is not None)
        self.scene.handled.clear()

    @initialize()
    def begin(self) -> None:
        async def work() -> None:
            await self._open()
            await self.scene.appoint("wang")

        self.do(work())
        self._say("liu", AD, ROOM)  # one case at least

    @rule(who=MEMBERS)
    def somebody_offends(self, who: str) -> None:
        self._say(who, AD, ROOM)

    def _say(self, who: str, text: str, where: str) -> None:
        if who == "zhou" and not where:
            where = ROOM  # is no friend of the account

        async def work() -> None:
            self.posted.append(self.scene.gateway.world.say(where or who, who, text))
            await self._rest()

        self.do(work())

    @rule(who=MEMBERS, text=SAID, where=PLACES)
    def somebody_says(self, who: str, text: str, where: str) -> None:
        self._say(who, text, ROOM if where == OFFICE and who != "li" else where)

    @rule(who=MEMBERS | st.just("wang"), command=COMMANDS, where=PLACES, which=st.integers(0, 9))
    def somebody_commands(self, who: str, command: str, where: str, which: int) -> None:
        cases = self.do(self.scene.cases())
        number = cases[which % len(cases)].number if cases else "V-2345A"
        inside = who in ("li", "wang") or where != OFFICE
        self._say(who, command.format(number), where if inside else ROOM)

    @rule(which=st.integers(0, 9))
    def somebody_recalls(self, which: int) -> None:
        if self.posted:

            async def work() -> None:
                self.scene.gateway.world.recall(self.posted[which % len(self.posted)])
                await self._rest()

            self.do(work())

    @rule(who=MEMBERS, alias=hostile)
    def somebody_takes_a_nickname(self, who: str, alias: str) -> None:
        self.scene.gateway.world.alias(ROOM, who, alias)

    @rule(who=MEMBERS)
    def a_code_is_shown_to_a_group(self, who: str) -> None:
        async def work() -> str:
            async with self.scene.storage.unit() as unit:
                return await issue(unit, Role.HR_LEAD, "", "operator", self.scene.clock.now())

        code = self.do(work())
        self.codes.append(code)
        self._say("wang", f"我的码是 {code}", ROOM)
        self._say(who, f"/认领 {code}", "")  # who is no friend says it aloud

    @rule(call=st.sampled_from(("say", "message", "member")), times=st.integers(1, 3), after=st.booleans())
    def the_gateway_fails(self, call: str, times: int, after: bool) -> None:
        self.scene.gateway.fail(call, times=times, after=after and call == "say")

    @rule()
    def the_connection_breaks_and_comes_back(self) -> None:
        async def work() -> None:
            self.scene.gateway.disconnect()
            await asyncio.sleep(0.01)
            self.scene.gateway.reconnect()
            await self._rest()

        self.do(work())

    @rule(minutes=st.sampled_from((1, 30, 60 * 9, 60 * 24)))
    def time_passes(self, minutes: int) -> None:
        async def work() -> None:
            await self._rest()
            await self.scene.later(minutes=minutes)

        self.do(work())

    @rule()
    def the_bot_is_started_again(self) -> None:
        async def work() -> None:
            gateway = self.scene.gateway
            await self.stack.aclose()
            gateway.reopen()
            await self._open(gateway)

        self._count()
        self.do(work())

    async def _hold(self) -> None:
        scene = self.scene
        await self._rest()
        await scene.later(minutes=30)
        await scene.later(minutes=30)
        async with scene.storage.view() as unit:
            sound = await examine(unit, supervised=True)
            assert sound.holds, sound.lines()
            for who in ("liu", "zhou", "li"):
                person = await unit.people.by_contact(who)
                assert person is None or not person.roles, "somebody came to a role"
            numbers = [case.number for case in await scene.cases()]
            for number in numbers:
                kinds = Counter((one.kind, one.points) for one in await unit.ledger.entries(number))
                assert sum(kinds.values()) < 40
        assert max(self.seen.values(), default=0) <= 1, "a message was judged twice"
        said = "\n".join(scene.heard(ROOM))
        assert not any(code in said for code in self.codes)
        assert "abc12345" not in said, "an offence was repeated before everybody"
        assert "\x1b" not in said
        assert "\u202e" not in said

    def teardown(self) -> None:
        try:
            if hasattr(self, "scene"):
                self._count()
                self.do(self._hold())
        finally:
            self._close(self.stack.aclose())

    def _close(self, closing: Awaitable[Any]) -> None:
        async def work() -> None:
            await closing

        self.do(work())
        self.runner.close()
        structlog.reset_defaults()
        self.folder.cleanup()


TestBotMachine = BotMachine.TestCase
TestBotMachine.settings = settings(
    fuzz(3),
    stateful_step_count=10,
    # A shorter way to a fault is searched for only when there is time: each try is a bot of its own.
    phases=tuple(Phase) if PATIENT else (Phase.explicit, Phase.reuse, Phase.generate),
)
