"""An account whose messages are refused one after the other: silence that grows, one trial, and nothing lost."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from fakes.crowd import ad, crowd
from fakes.process import until
from fakes.recording import RecordingGateway
from fakes.scene import OFFICE, ROOM, Scene, opened

from bot.errors import GatewayError, GatewayFault, GatewayUnavailable
from bot.pipeline.breaker import PAUSED, Pause
from bot.settings import Settings
from storage.records import Outgoing

SETTINGS = Settings.model_validate(
    {
        "rooms": {"guard": "all", "supervision": "群规监督组"},
        "notices": {"per_room_hour": 100},
        "outbox": {"account_per_minute": 600, "room_per_minute": 600, "merge_seconds": 0},
    }
)
THROTTLED = GatewayFault("say: INTERNAL (too often)")


def throttle(gateway: RecordingGateway, times: int = 1_000, failure: GatewayError = THROTTLED) -> None:
    gateway.fail("say", failure, times=times)


def relieve(gateway: RecordingGateway) -> None:
    gateway._failures.clear()


async def decide(scene: Scene, many: int, *, room: str = ROOM, first: int = 0) -> list[str]:
    """So many notices, decided one after the other; returns their texts."""
    now = scene.clock.now()
    texts = [f"第{number}条" for number in range(first, first + many)]
    async with scene.storage.unit() as unit:
        await unit.outbox.add([Outgoing(room, text, now, now, kind="urgent") for text in texts])
    scene.bot.outbox.wake()
    return texts


async def pause_of(scene: Scene) -> Pause | None:
    async with scene.storage.view() as unit:
        return Pause.read(await unit.meta.get(PAUSED))


async def test_it_pauses_tries_once_and_goes_on_in_order_with_nothing_lost(tmp_path: Path) -> None:
    async with opened(tmp_path, settings=SETTINGS, gateway=crowd()) as scene:
        await scene.appoint("wang")
        throttle(scene.gateway)
        texts = await decide(scene, 12)
        calls = scene.gateway.calls["say"]
        await scene.quiet(within=10)
        assert scene.bot.outbox.paused
        assert scene.gateway.calls["say"] == calls + 5
        pause = await pause_of(scene)
        assert pause is not None
        assert pause.number == 1

        await scene.quiet(within=3 * 3_600)
        tried = scene.gateway.calls["say"] - calls - 5
        assert 8 <= tried <= 12  # 30 s, doubling to half an hour: one trial at the end of each
        async with scene.storage.view() as unit:
            counts = await unit.outbox.counts()
        assert (counts.pending, counts.dead) == (12, 0)

        relieve(scene.gateway)
        await scene.quiet(within=1_800)
        assert not scene.bot.outbox.paused
        assert await pause_of(scene) is None
        assert scene.heard(ROOM) == texts
        (told,) = [text for text in scene.heard(OFFICE) if "恢复" in text]
        assert "10-13 10:00 起消息连续发送失败" in told
        await scene.quiet(within=600)
        assert len([text for text in scene.heard(OFFICE) if "恢复" in text]) == 1


async def test_status_and_digest_know_of_a_pause(tmp_path: Path) -> None:
    async with opened(tmp_path, settings=SETTINGS, gateway=crowd()) as scene:
        await scene.appoint("wang")
        throttle(scene.gateway, times=6)
        await decide(scene, 8)
        await scene.quiet(within=5)
        scene.gateway.world.say(OFFICE, "wang", "/状态")
        await scene.quiet(within=300)
        (status,) = [text for text in scene.heard(OFFICE) if "待发" in text]  # said once the pause was over
        assert "发送暂停：10-13 10:00 起连续发送失败，以免账号受限暂停发送，10-13 10:00 再试。" in status
        (digest,) = [text for text in await scene.later(hours=8) if "【日报】" in text]
        assert "发送暂停：10-13 10:00 至 10-13 10:01" in digest


async def test_one_message_that_nobody_takes_pauses_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path, settings=SETTINGS, gateway=crowd()) as scene:
        throttle(scene.gateway)
        await decide(scene, 1)
        await scene.quiet(within=7_200)
        assert not scene.bot.outbox.paused
        async with scene.storage.view() as unit:
            assert (await unit.outbox.counts()).dead == 1


async def test_a_gateway_that_is_away_pauses_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path, settings=SETTINGS, gateway=crowd()) as scene:
        throttle(scene.gateway, times=20, failure=GatewayUnavailable("no connection"))
        texts = await decide(scene, 8)
        await scene.quiet(within=60)
        assert not scene.bot.outbox.paused
        assert sorted(scene.heard(ROOM)) == sorted(texts)


async def test_a_room_that_refuses_everything_holds_up_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(tmp_path, settings=SETTINGS, gateway=crowd()) as scene:
        original = scene.gateway.say

        async def refusing(conversation_id: str, text: str, mentions: tuple[str, ...] = ()) -> str:
            if conversation_id == ROOM:
                raise THROTTLED
            return await original(conversation_id, text, mentions)

        monkeypatch.setattr(scene.gateway, "say", refusing)
        await decide(scene, 6)
        await scene.quiet(within=5)
        assert scene.bot.outbox.paused
        texts = await decide(scene, 3, room="m1", first=50)
        await scene.quiet(within=60)
        assert scene.heard("m1") == texts  # the trial goes where nothing has failed, and so does what follows


async def test_a_pause_outlasts_a_restart(tmp_path: Path) -> None:
    gateway = crowd()
    async with opened(tmp_path, settings=SETTINGS, gateway=gateway) as scene:
        throttle(gateway)
        texts = await decide(scene, 6)
        await scene.quiet(within=80)
        pause = await pause_of(scene)
        assert pause is not None
        assert pause.number == 2
        now = scene.clock.now()
    relieve(gateway)
    gateway.reopen()
    calls = gateway.calls["say"]
    async with opened(
        tmp_path, settings=SETTINGS, gateway=gateway, start=now + timedelta(seconds=5)
    ) as again:
        assert gateway.calls["say"] == calls or again.clock.now() >= pause.until
        await again.quiet(within=60)
        assert again.clock.now() >= pause.until
        assert again.heard(ROOM) == texts


async def test_the_end_of_a_run_keeps_a_pause(tmp_path: Path) -> None:
    gateway = crowd()
    async with opened(tmp_path, settings=SETTINGS, gateway=gateway) as scene:
        throttle(gateway)
        await decide(scene, 6)
        await scene.quiet(within=5)
        await until(lambda: scene.bot.outbox.resting, what="the pause")
        calls = gateway.calls["say"]
        assert await scene.bot.outbox.drain() == 1
        assert gateway.calls["say"] == calls


async def test_a_notice_of_a_case_is_noticed_only_once_it_left(tmp_path: Path) -> None:
    async with opened(tmp_path, settings=SETTINGS, gateway=crowd()) as scene:
        throttle(scene.gateway)
        for number in range(6):
            await scene.says(f"m{number}", ad(number))
        assert all(case.noticed_at is None for case in await scene.cases())
        recalled = scene.gateway.world.say(ROOM, "m7", ad(7))
        await scene.quiet(within=1)
        scene.gateway.world.recall(recalled)
        await scene.quiet(within=1)
        relieve(scene.gateway)
        await scene.quiet(within=900)
        cases = await scene.cases()
        assert [case.noticed_at is not None for case in cases] == [True] * 6 + [False]
        said = "\n".join(scene.heard(ROOM))
        assert [said.count(case.number) > 0 for case in cases] == [True] * 6 + [False]
