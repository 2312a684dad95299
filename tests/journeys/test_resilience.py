"""What goes wrong between gateway, database and bot, and what becomes of the messages."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fakes.recording import RecordingGateway
from fakes.scene import AD, OFFICE, ORDINARY, ROOM, opened

from bot.errors import GatewayRefused
from bot.gateway.port import Event, Gateway
from bot.pipeline import fetch
from bot.pipeline.fetch import Fetched
from bot.pipeline.handle import Handled
from rules.core.model import Verdict
from storage.session import UnitOfWork


async def test_a_notice_that_fails_is_sent_later_once(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        scene.gateway.fail("say", times=3)
        said = await scene.says("liu", AD)
        said += await scene.later(minutes=2)
        assert len(said) == 1


async def test_a_dead_letter_is_visible_to_supervisors(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await scene.appoint("wang")
        scene.gateway.fail("say", GatewayRefused("no", "no"), times=8)
        await scene.says("liu", AD)
        for _ in range(10):
            await scene.later(minutes=35)
        (status,) = await scene.says("wang", "/状态", where=OFFICE)
        assert "无法送达 1" in status


async def test_a_payload_that_never_comes_holds_up_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "HOLD_SECONDS", 0.2)
    async with opened(tmp_path) as scene:
        stuck = scene.gateway.world.say(ROOM, "liu", AD)
        scene.gateway.withhold(stuck)
        assert await scene.says("li", ORDINARY) == []
        assert [judgement.message.text for judgement in scene.judgements()] == [ORDINARY]
        scene.gateway.release(stuck)
        said = await scene.later(minutes=2)
        assert len(said) == 1
        async with scene.storage.view() as unit:
            assert (await unit.inbox.outcomes(stuck) or "").startswith("late ")


async def test_a_message_that_is_announced_twice_is_judged_once(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        announced: list[Event] = []
        scene.gateway.world.listen(announced.append)
        scene.gateway.world.say(ROOM, "liu", AD)
        await scene.quiet()
        scene.gateway._receive(announced[0])
        await scene.quiet()
        assert len(await scene.cases()) == 1
        assert len(scene.gateway.world.sent) == 1


async def test_the_bots_own_words_are_not_judged(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await scene.says("bot", AD)
        assert await scene.cases() == []


async def test_an_outage_is_recorded_as_blind(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await scene.appoint("wang")
        scene.gateway.disconnect("the gateway died")
        await scene.quiet()
        scene.clock.advance(600)
        scene.gateway.reconnect()
        await scene.quiet()
        async with scene.storage.view() as unit:
            (gap,) = await unit.blind.recent(5)
        assert gap.until is not None
        assert (gap.until - gap.since).total_seconds() == 600
        (status,) = await scene.says("wang", "/状态", where=OFFICE)
        assert "失联：10-13 10:00 至 10-13 10:10" in status


async def test_nothing_is_sent_while_the_gateway_is_away(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        scene.gateway.world.say(ROOM, "liu", AD)
        for _ in range(3):
            await scene.quiet(within=0)
        scene.gateway.disconnect("gone")
        await scene.quiet()
        sent = len(scene.gateway.world.sent)
        scene.gateway.reconnect()
        await scene.quiet()
        assert len(scene.gateway.world.sent) >= sent
        assert (
            len([one for one in scene.gateway.world.sent if (await scene.the_case()).number in one.text]) == 1
        )


async def test_a_stop_between_starts_is_blind_too_but_a_fresh_database_missed_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        async with scene.storage.view() as unit:
            assert await unit.blind.recent(5) == []
        await scene.later(minutes=5)
        now = scene.clock.now()
    async with opened(tmp_path, start=now + timedelta(hours=2)) as again:
        async with again.storage.view() as unit:
            (gap,) = await unit.blind.recent(5)
        assert gap.since == now
        assert gap.until == now + timedelta(hours=2)


async def test_a_rule_that_crashes_is_told_and_the_others_go_on(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        policy = scene.bot.handler.policy

        def broken(*_: object) -> object:
            raise ZeroDivisionError(AD)
            yield

        broken_book = replace(
            policy.book,
            entries=tuple(
                replace(entry, rule=replace(entry.rule, check=broken))
                if entry.rule.id == "flooding"
                else entry
                for entry in policy.book.entries
            ),
        )
        await policy.adopt(policy.options, broken_book, policy.stale_after)
        said = await scene.says("liu", AD)
        (warning,) = [text for text in said if "群规提醒" in text]
        (report,) = [text for text in said if "运行异常" in text]
        assert "flooding" in report
        assert "abc12345" not in report
        assert (await scene.the_case()).number in warning
        verdicts = {outcome.rule: outcome.verdict for outcome in scene.judgements()[-1].outcomes}
        assert verdicts["flooding"] is Verdict.CRASHED
        assert len([text for text in await scene.says("liu", ORDINARY) if "运行异常" in text]) == 0


async def test_a_message_whose_record_fails_harms_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(tmp_path) as scene:
        bad = scene.gateway.world.say(ROOM, "li", ORDINARY)
        original = scene.bot.handler._one

        async def failing(unit: UnitOfWork, item: Fetched, memory: Any) -> Handled:
            if item.message is not None and item.message.id == bad:
                raise RuntimeError("planted")
            return await original(unit, item, memory)

        monkeypatch.setattr(scene.bot.handler, "_one", failing)
        scene.gateway.world.say(ROOM, "liu", AD)
        assert len(await scene.quiet()) == 1
        async with scene.storage.view() as unit:
            assert (await unit.inbox.counts()).unread == 1
        monkeypatch.undo()
        await scene.later(minutes=11)
        async with scene.storage.view() as unit:
            assert (await unit.inbox.counts()).unread == 0


def test_the_recording_gateway_is_a_gateway() -> None:
    gateway: Gateway = RecordingGateway()
    assert gateway.self_id == "bot"


async def test_a_send_that_is_in_flight_at_the_end_is_not_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(tmp_path) as scene:
        original = scene.gateway.say
        in_flight = asyncio.Event()

        async def slowly(conversation_id: str, text: str, mentions: Sequence[str] = ()) -> str:
            in_flight.set()
            await asyncio.sleep(0.3)
            return await original(conversation_id, text, mentions)

        monkeypatch.setattr(scene.gateway, "say", slowly)
        scene.gateway.world.say(ROOM, "liu", AD)
        while not in_flight.is_set():
            scene.clock.advance(1)
            await asyncio.sleep(0.01)
    assert len(scene.gateway.world.sent) == 1


async def test_a_notice_that_is_recalled_in_flight_is_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(tmp_path) as scene:
        original = scene.gateway.say
        recalled = asyncio.Event()
        scene.bot.handler.listeners.append(lambda one: recalled.set() if one.outcomes == "recalled" else None)
        message = ""

        async def recalled_meanwhile(conversation_id: str, text: str, mentions: Sequence[str] = ()) -> str:
            monkeypatch.undo()
            scene.gateway.world.recall(message)
            await recalled.wait()
            return await original(conversation_id, text, mentions)

        monkeypatch.setattr(scene.gateway, "say", recalled_meanwhile)
        message = scene.gateway.world.say(ROOM, "liu", AD)
        said = await scene.quiet()
        assert (await scene.the_case()).state == "recalled"
        assert "已撤回" in said[-1]
        assert len(said) == 2


async def test_a_payload_is_asked_for_with_the_time_of_its_receipt(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        came = scene.clock.now()
        message = scene.gateway.world.say(ROOM, "liu", ORDINARY)
        scene.gateway.withhold(message)
        await asyncio.sleep(0.05)
        scene.clock.advance_to(came + timedelta(seconds=5))
        scene.gateway.release(message)
        await scene.quiet()
        assert scene.gateway.received[message] == came
