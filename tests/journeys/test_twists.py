"""Turns of events that once went wrong, each by the name of what happened."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from fakes.scene import AD, OFFICE, ORDINARY, ROOM, TUESDAY, opened

from bot.errors import GatewayRefused, GatewayUnavailable
from bot.pipeline import fetch
from bot.pipeline.inbox import _Store
from bot.settings import Settings
from storage.errors import Unavailable
from storage.records import Arrival, CaseState

DOUBTFUL = Settings.model_validate(
    {"rooms": {"supervision": "群规监督组"}, "rules": {"advertising": {"violation": 1.0}}}
)


async def test_a_commit_whose_answer_was_lost_leaves_no_message_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(tmp_path) as scene:
        original, lost = _Store.__call__, []

        async def answer_lost(self: _Store) -> list[Arrival]:
            stored = await original(self)
            if stored and not lost:
                lost.extend(stored)
                raise Unavailable("the server went away during COMMIT")
            return stored

        monkeypatch.setattr(_Store, "__call__", answer_lost)
        scene.gateway.world.say(ROOM, "liu", AD)
        for _ in range(20):
            await asyncio.sleep(0.02)
            scene.clock.advance(1)
        await scene.quiet()
        assert len(lost) == 1
        assert len(await scene.cases()) == 1


async def test_a_late_message_does_not_upset_a_burst_that_is_being_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "HOLD_SECONDS", 0.1)
    async with opened(tmp_path) as scene:
        stuck = scene.gateway.world.say(ROOM, "li", ORDINARY)
        scene.gateway.withhold(stuck)
        await scene.quiet()
        scene.gateway.release(stuck)
        scene.clock.advance(90)
        late = asyncio.create_task(scene.bot.tick(scene.clock.now()))
        for _ in range(10):
            scene.gateway.world.say(ROOM, "liu", "在吗在吗在吗")
            scene.clock.advance(3)
            await asyncio.sleep(0.005)
        await late
        await scene.quiet()
        assert [case.rule for case in await scene.cases()] == ["flooding"]


async def test_a_gateway_that_breaks_in_an_unforeseen_way_costs_one_attempt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(tmp_path) as scene:
        scene.gateway.fail("say", ValueError("nobody foresaw this"))
        said = await scene.says("liu", AD)
        said += await scene.later(minutes=1)
        assert len(said) == 1


async def test_points_that_come_back_are_told(tmp_path: Path) -> None:
    async with opened(tmp_path, start=TUESDAY.replace(hour=21)) as scene:
        await scene.appoint("wang")
        await scene.says("liu", AD)
        number = (await scene.the_case()).number
        await scene.says("wang", f"/违规 驳回 {number}", where=OFFICE)
        await scene.says("wang", f"/违规 撤销 {number}", where=OFFICE)
        assert (await scene.the_case()).state is CaseState.PROVISIONAL
        said = await scene.later(hours=12, minutes=5)
        assert any(number in text and "拟扣 2 分" in text for text in said)


async def test_the_group_hears_no_withdrawal_of_what_it_never_heard(tmp_path: Path) -> None:
    async with opened(tmp_path, settings=DOUBTFUL) as scene:
        await scene.appoint("wang")
        await scene.says("liu", AD)
        number = (await scene.the_case()).number
        for verb in ("确认", "撤销", "驳回"):
            await scene.says("wang", f"/违规 {verb} {number}", where=OFFICE)
        assert scene.heard(ROOM) == []
        assert "不予认定" in scene.heard("liu")[-1]


async def test_who_never_heard_of_a_case_hears_nothing_of_its_turns(tmp_path: Path) -> None:
    async with opened(tmp_path, settings=DOUBTFUL) as scene:
        await scene.appoint("wang")
        await scene.says("liu", AD)
        number = (await scene.the_case()).number
        for verb in ("驳回", "撤销", "驳回"):
            await scene.says("wang", f"/违规 {verb} {number}", where=OFFICE)
        assert scene.heard("liu") == []


async def test_a_recall_that_overtakes_its_message_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "HOLD_SECONDS", 0.1)
    async with opened(tmp_path) as scene:
        slow = scene.gateway.world.say(ROOM, "liu", AD)
        scene.gateway.withhold(slow)
        await scene.quiet()
        scene.gateway.world.recall(slow)
        await scene.quiet()
        scene.gateway.release(slow)
        assert await scene.later(minutes=2) == []
        assert await scene.cases() == []


async def test_one_contact_that_cannot_be_read_holds_up_nobody_elses_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(tmp_path, settings=DOUBTFUL) as scene:
        await scene.appoint("wang")
        await scene.says("zhou", AD)
        number = (await scene.the_case()).number
        await scene.says("wang", f"/违规 确认 {number}", where=OFFICE)
        async with scene.storage.unit() as unit:
            (row,) = await unit.outbox.waiting_private("zhou")
            await unit.outbox.add([replace(row, id=0, target="gone", unique="earlier")])
        original = scene.gateway.member

        async def some_unreadable(room_id: str, contact_id: str) -> object:
            if contact_id == "gone":
                raise GatewayRefused("no such contact")
            return await original(room_id, contact_id)

        monkeypatch.setattr(scene.gateway, "member", some_unreadable)
        scene.gateway.world.contact("zhou", "周杰", friend=True)
        await scene.later(minutes=2)
        await scene.later(minutes=2)
        assert any(number in text for text in scene.heard("zhou"))


async def test_the_supervisors_words_wait_while_their_room_is_gone(tmp_path: Path) -> None:
    async with opened(tmp_path, settings=DOUBTFUL) as scene:
        world = scene.gateway.world
        world.rooms.pop(OFFICE)
        world.contact("eve", "路人")
        world.room("evil@chatroom", "群规监督组", ["eve"])
        scene.gateway.disconnect("restart")
        await scene.quiet()
        scene.gateway.reconnect()
        await scene.quiet()
        await scene.says("liu", AD)
        await scene.later(minutes=40)
        assert scene.heard("evil@chatroom") == []
        async with scene.storage.view() as unit:
            counts = await unit.outbox.counts()
        assert (counts.dead, counts.pending) == (0, 1)


async def test_rooms_that_cannot_be_listed_for_a_while_split_nobody(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await scene.says("liu", AD)
        before = await scene.the_case()
        scene.gateway.disconnect("logged out")
        await scene.quiet()
        scene.gateway.world.relogin({"liu": "liu-2", ROOM: "room-2@chatroom", "bot": "bot-2"})
        scene.gateway.fail("rooms", GatewayUnavailable("not yet"), times=6)
        scene.gateway.reconnect()
        scene.gateway.world.say("room-2@chatroom", "liu-2", "你这个蠢货，滚出去")
        for _ in range(80):
            await asyncio.sleep(0.01)
            scene.clock.advance(2)
        await scene.quiet()
        _, after = await scene.cases()
        assert (after.room_key, after.person_key) == (before.room_key, before.person_key)
        assert after.created_at - before.created_at < timedelta(minutes=5)
