"""Commands that came too late, that hid what was said beside them, or that took effect after it was needed."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from fakes.offices import audit, says, staffed
from fakes.scene import AD, ROOM, Scene

from bot.commands.claims import issue
from bot.pipeline import fetch
from storage.records import Mode, Role

OFF, ON = "/规则 关闭 advertising 项目工作群", "/规则 开启 advertising 项目工作群"


async def slow(scene: Scene, who: str, text: str, where: str) -> None:
    """Somebody types a line whose payload does not come; two hours later it does."""
    held = scene.gateway.world.say(where, who, text)
    scene.gateway.withhold(held)
    await scene.quiet()
    scene.gateway.release(held)


async def modes(scene: Scene) -> list[Mode]:
    async with scene.storage.view() as unit:
        return [switch.mode for switch in await unit.switches.all()]


async def test_an_order_whose_payload_was_slow_is_not_executed_over_newer_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "HOLD_SECONDS", 0.05)
    async with staffed(tmp_path) as scene:
        await slow(scene, "wang", OFF, "wang")
        await says(scene, "wang", OFF, where="")
        await says(scene, "wang", ON, where="")
        heard = len(scene.heard("wang"))
        await scene.later(hours=3)
        (said,) = scene.heard("wang")[heard:]
        assert "收到得太晚，没有执行" in said
        assert "10-13 10:00" in said
        assert await modes(scene) == [Mode.ON]
        assert "command too late" in await audit(scene)
        await scene.later(hours=1)
        assert len(scene.heard("wang")) == heard + 1


async def test_an_order_that_was_typed_while_the_bot_was_away_is_to_be_typed_again(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        typed = scene.clock.now() - timedelta(minutes=11)
        scene.gateway.world.say("wang", "wang", OFF, sent_at=typed)
        assert "重新输入" in "".join(await scene.quiet())
        assert await modes(scene) == []


async def test_a_group_is_not_told_late_what_a_member_typed_and_the_code_in_it_is_burnt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "HOLD_SECONDS", 0.05)
    async with staffed(tmp_path) as scene:
        async with scene.storage.unit() as unit:
            code = await issue(unit, Role.SUPERVISOR, "", "operator", scene.clock.now())
        await slow(scene, "someone", f"/认领 {code}", ROOM)
        heard = len(scene.heard(ROOM))
        await scene.later(hours=3)
        assert len(scene.heard(ROOM)) == heard
        assert "收到得太晚" in scene.heard("someone")[-1]
        assert "claim burnt" in await audit(scene)


@pytest.mark.parametrize("who", ["li", "chen", "someone"])
@pytest.mark.parametrize("line", ["/状态\n" + AD, "/状态 " + AD, "/为什 " + AD])
async def test_no_command_hides_an_advertisement_whoever_types_it(
    tmp_path: Path, who: str, line: str
) -> None:
    async with staffed(tmp_path) as scene:
        await says(scene, who, line)
        case = await scene.the_case()
        assert case.rule == "advertising"
        assert case.evidence[slice(*case.spans[0])] in AD


async def test_words_that_a_command_works_with_are_no_message_to_the_group(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        await says(scene, "wang", f"/发布 项目工作群\n提醒：{AD} 是诈骗信息，请勿相信")
        await says(scene, "wang", f"/词库 添加 {AD[:12]} 公司自定 诈骗 确认")
        await says(scene, "chen", f"/发布 项目工作群\n提醒：{AD} 是诈骗信息，请勿相信")
        assert await scene.cases() == []


async def test_a_mute_holds_for_what_is_said_right_behind_it(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        world = scene.gateway.world
        heard = len(scene.heard(ROOM))
        world.say("wang", "wang", "/静默 项目工作群 1小时")
        world.say(ROOM, "someone", AD)
        await scene.quiet()
        assert len(scene.heard(ROOM)) == heard
        assert (await scene.the_case()).rule == "advertising"
