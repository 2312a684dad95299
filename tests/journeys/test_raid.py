"""Many offenders in one room within an hour: a few notices, and one summary of the rest when the hour allows."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

from fakes.crowd import MOST, RAID, SETTINGS, ad, crowd
from fakes.scene import OFFICE, ROOM, TUESDAY, Scene, opened

from storage.records import CaseState


async def raid(scene: Scene, first: int, beyond: int, seconds: int = 20) -> None:
    """One offender after the other."""
    for number in range(first, beyond):
        scene.gateway.world.say(ROOM, f"m{number}", ad(number))
        await scene.quiet(within=seconds)


def notices(texts: list[str]) -> int:
    """How many single notices stand in what was said."""
    return sum(text.count("【群规提醒】您") for text in texts)


def summaries(texts: list[str]) -> list[str]:
    return [text for text in texts if "合并说明如下" in text]


async def test_a_raid_of_fifty_is_six_notices_and_a_summary_in_two_pages(tmp_path: Path) -> None:
    async with opened(tmp_path, settings=SETTINGS, gateway=crowd()) as scene:
        await raid(scene, 0, RAID)
        assert scene.clock.now() - TUESDAY < timedelta(hours=1)
        assert notices(scene.heard(ROOM)) == MOST
        assert summaries(scene.heard(ROOM)) == []

        said = await scene.later(hours=1)
        assert notices(said) == 0
        assert len(summaries(said)) == len(said) == 2
        assert max(len(text) for text in said) <= 1_800
        cases = await scene.cases()
        assert len(cases) == RAID
        whole = "\n".join(scene.heard(ROOM))
        for case in cases:
            assert whole.count(case.number) >= 1
            assert case.noticed_at is not None
            assert case.state is CaseState.PROVISIONAL
        held = cases[MOST:]
        for case in held:
            (line,) = re.findall(f"@{case.sender_name}\u2005.*{case.number}", "\n".join(said))
            assert f"第 {case.clause} 条" in line
            assert f"拟扣 {case.points} 分" in line
        assert all("/申诉 编号 理由" in text for text in said)
        assert "abc0" not in whole  # never the offending words
        mentions = [mention for sent in scene.gateway.world.sent for mention in sent.mentions]
        assert sorted(mentions) == sorted(f"m{number}" for number in range(RAID))
        assert await scene.later(hours=3) == []


async def test_after_the_summary_notices_go_out_one_by_one_again(tmp_path: Path) -> None:
    async with opened(tmp_path, settings=SETTINGS, gateway=crowd()) as scene:
        await raid(scene, 0, 10)
        await scene.later(hours=1, minutes=5)
        said = await scene.says("m20", ad(20))
        assert notices(said) == 1


async def test_no_hour_of_a_long_raid_hears_more_than_its_notices(tmp_path: Path) -> None:
    async with opened(tmp_path, settings=SETTINGS, gateway=crowd()) as scene:
        world = scene.gateway.world
        world.clock = scene.clock
        for number in range(RAID):
            world.say(ROOM, f"m{number}", ad(number))
            await scene.quiet(within=240)
            await scene.later(minutes=4)
        await scene.later(hours=2)
        heard = [
            (sent.at, max(1, notices([sent.text]))) for sent in world.sent if sent.conversation_id == ROOM
        ]
        for at, _ in heard:
            assert sum(many for other, many in heard if at - timedelta(hours=1) < other <= at) <= MOST
        assert len(summaries(scene.heard(ROOM))) >= 2
        assert heard[-1][0] - TUESDAY > timedelta(hours=3)
        whole = "\n".join(scene.heard(ROOM))
        assert all(case.number in whole for case in await scene.cases())


async def test_who_recalls_or_is_cleared_meanwhile_is_not_in_the_summary(tmp_path: Path) -> None:
    async with opened(tmp_path, settings=SETTINGS, gateway=crowd()) as scene:
        await scene.appoint("wang")
        await raid(scene, 0, 8)
        recalled = scene.gateway.world.say(ROOM, "m8", ad(8))
        await scene.quiet(within=5)
        scene.gateway.world.recall(recalled)
        await scene.quiet(within=5)
        cases = await scene.cases()
        await scene.says("wang", f"/违规 驳回 {cases[7].number} 误判", where=OFFICE)
        await raid(scene, 9, 11)
        (summary,) = [text for text in await scene.later(hours=1) if "合并说明如下" in text]
        cases = await scene.cases()
        assert [case.number in summary for case in cases[6:]] == [True, False, False, True, True]
        assert cases[8].state is CaseState.RECALLED
        assert cases[7].state is CaseState.DISMISSED


async def test_one_that_is_held_alone_keeps_its_own_words(tmp_path: Path) -> None:
    async with opened(tmp_path, settings=SETTINGS, gateway=crowd()) as scene:
        await raid(scene, 0, MOST + 1)
        (said,) = await scene.later(hours=1)
        assert "合并说明" not in said
        assert notices([said]) == 1


async def test_a_restart_forgets_neither_what_was_heard_nor_what_is_held(tmp_path: Path) -> None:
    gateway = crowd()
    async with opened(tmp_path, settings=SETTINGS, gateway=gateway) as scene:
        await raid(scene, 0, 8)
        now = scene.clock.now()
    gateway.reopen()
    async with opened(
        tmp_path, settings=SETTINGS, gateway=gateway, start=now + timedelta(minutes=1)
    ) as again:
        gateway.world.clock = again.clock
        await raid(again, 8, 12)
        assert notices(again.heard(ROOM)) == MOST
        assert summaries(again.heard(ROOM)) == []
        (summary,) = await again.later(hours=1)
        assert all(case.number in summary for case in (await again.cases())[MOST:])


async def test_an_answer_in_the_room_does_not_wait_for_the_summary(tmp_path: Path) -> None:
    async with opened(tmp_path, settings=SETTINGS, gateway=crowd()) as scene:
        await raid(scene, 0, 9)
        (answer,) = await scene.says("m30", "/状态")
        assert "在岗" in answer


async def test_a_summary_that_fails_goes_out_as_one_all_the_same(tmp_path: Path) -> None:
    async with opened(tmp_path, settings=SETTINGS, gateway=crowd()) as scene:
        await raid(scene, 0, 10)
        scene.gateway.fail("say", after=True)
        said = await scene.later(hours=1)
        said += await scene.later(minutes=1)
        assert len(summaries(said)) == len(said) == 2  # nobody knew whether the first arrived: repeated once


async def test_outsiders_are_asked_in_a_summary_too(tmp_path: Path) -> None:
    async with opened(tmp_path, settings=SETTINGS, gateway=crowd()) as scene:
        await raid(scene, 0, 8)
        async with scene.storage.unit() as unit:
            person = await unit.people.by_contact("m7")
            assert person is not None
            await unit.people.set_kind(person.key, "external", "operator", scene.clock.now())
        (summary,) = await scene.later(hours=1)
        case = (await scene.cases())[7]
        (line,) = [line for line in summary.splitlines() if case.number in line]
        assert "拟扣" not in line
        assert "对接人" in line


async def test_what_is_held_waits_out_the_night_as_one(tmp_path: Path) -> None:
    evening = TUESDAY.replace(hour=17, minute=30)
    async with opened(tmp_path, settings=SETTINGS, gateway=crowd(), start=evening) as scene:
        scene.gateway.world.clock = scene.clock
        await raid(scene, 0, 10)
        assert notices(scene.heard(ROOM)) == MOST
        assert [text for text in await scene.later(hours=1, minutes=5) if "群规提醒" in text] == []
        said = await scene.later(hours=14, minutes=30)
        assert len(summaries(said)) == len([text for text in said if "群规提醒" in text]) == 1


async def test_a_room_that_is_silenced_meanwhile_hears_no_summary(tmp_path: Path) -> None:
    async with opened(tmp_path, settings=SETTINGS, gateway=crowd()) as scene:
        await raid(scene, 0, 9)
        before = len(scene.heard(ROOM))
        now = scene.clock.now()
        async with scene.storage.unit() as unit:
            room = await unit.rooms.by_gateway(ROOM)
            assert room is not None
            await unit.silences.mute(room.key, now + timedelta(hours=5), "p", now)
        await scene.bot.tick(now)
        await scene.later(hours=1)
        assert len(scene.heard(ROOM)) == before
        told = [text for number in (6, 7, 8) for text in scene.heard(f"m{number}")]
        assert [case.number in text for case, text in zip((await scene.cases())[6:], told, strict=True)] == [
            True
        ] * 3


async def test_without_pacing_nothing_is_held(tmp_path: Path) -> None:
    settings = SETTINGS.model_copy(update={"outbox": SETTINGS.outbox.model_copy(update={"pacing": False})})
    async with opened(tmp_path, settings=settings, gateway=crowd()) as scene:
        await raid(scene, 0, 12, seconds=1)
        assert notices(scene.heard(ROOM)) == 12


async def test_a_raid_at_once_on_postgresql(tmp_path: Path, postgres_url: str) -> None:
    async with opened(tmp_path, settings=SETTINGS, gateway=crowd(), url=postgres_url) as scene:
        for number in range(20):
            scene.gateway.world.say(ROOM, f"m{number}", ad(number))
        await scene.quiet()
        assert notices(scene.heard(ROOM)) == MOST
        (summary,) = await scene.later(hours=1, minutes=1)
        assert sum(case.number in summary for case in await scene.cases()) == 20 - MOST
